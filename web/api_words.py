"""What all answers of the API have in common."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from engine.text import Text


class Out(BaseModel):
    model_config = ConfigDict(frozen=True)


def example(**parts: Any) -> ConfigDict:
    """The configuration of an answer that shows an example of itself in the OpenAPI description."""
    return ConfigDict(frozen=True, json_schema_extra={"examples": [parts]})


class Words2(Out):
    zh: str
    en: str

    @classmethod
    def of(cls, text: Text) -> Self:
        return cls(zh=text.in_("zh"), en=text.in_("en"))
