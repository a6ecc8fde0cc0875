"""What everything in a definition file has in common: strict shapes, names, and words for people."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationInfo

from engine.text import Text

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,59}$")]


def told(info: ValidationInfo, order: int = 0) -> bool:
    """Whether the rule that is the `order`th of its model is passed over.

    The context counts the rules already told, so that a file is read on behind them.
    """
    return isinstance(info.context, int) and order < info.context


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Titled(Model):
    """A thing with a name for people. `source` is the catalogue's mark: S, S-xx, I, B:process or STD."""

    zh: str = ""
    en: str = ""
    source: str | None = None

    @property
    def title(self) -> Text:
        return Text(self.zh, self.en)
