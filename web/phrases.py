"""The words of the pages. English stands in the templates; the catalogue in locale/zh gives the Chinese."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from engine.text import Language, filled_zh

LOCALE = Path(__file__).parent / "locale"
LANGUAGES: tuple[Language, ...] = ("zh", "en")


@cache
def _catalogue(language: Language) -> Mapping[str, str]:
    path = LOCALE / language / "web.po"
    if not path.exists():  # English is the source: what is not translated there is already right
        return {}
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return {str(m.id): str(m.string) for m in catalogue if m.id and m.string}


def mark(text: str) -> str:
    """A text to be said later, through a variable: marked, so that the test of the catalogue finds it."""
    return text


@dataclass(frozen=True, slots=True)
class Phrases:
    """Says things in one language. Placeholders are written {name}."""

    language: Language

    def __call__(self, text: str, /, **parts: object) -> str:
        found = _catalogue(self.language).get(text, text)
        return self._filled(found, parts) if parts else found

    def count(self, one: str, many: str, number: int, /, **parts: object) -> str:
        """`one` or `many` by the number, which both may write as {count}."""
        found = _catalogue(self.language).get(one, one if number == 1 else many)
        return self._filled(found, {**parts, "count": number})

    def _filled(self, text: str, parts: Mapping[str, object]) -> str:
        if self.language == "zh":
            return filled_zh(text, {name: str(part) for name, part in parts.items()})
        return text.format_map(parts)


def preferred(header: str) -> Language | None:
    """The first of our languages in an Accept-Language header, by weight; None when it names neither."""
    heaviest: tuple[float, Language | None] = (0.0, None)
    for part in header.split(",")[:20]:
        name, _, parameter = part.strip().partition(";")
        for language in LANGUAGES:
            if name.lower().split("-")[0] == language and _weight(parameter) > heaviest[0]:
                heaviest = (_weight(parameter), language)
    return heaviest[1]


def _weight(parameter: str) -> float:
    _, _, number = parameter.partition("=")
    try:
        return float(number) if number else 1.0
    except ValueError:
        return 0.0
