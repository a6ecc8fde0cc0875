"""What a verification found."""

from dataclasses import dataclass

from engine.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A row that is not what it should be. `key` is its primary key, parts joined by "/"."""

    table: str
    key: str
    what: Text
