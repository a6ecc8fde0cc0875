"""Words people read, in Simplified Chinese and English."""

from dataclasses import dataclass
from typing import Literal, assert_never

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """One wording in both languages; either may be empty, and the other then stands in for it."""

    zh: str
    en: str = ""

    def in_(self, language: Language) -> str:
        """The wording for `language`; the other language's when that one was left empty."""
        match language:
            case "zh":
                return self.zh or self.en
            case "en":
                return self.en or self.zh
            case _:
                assert_never(language)
