"""The providers' own codes: whether trying again can help, and how to mend it. The rows stand in
codes.yaml.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

import yaml

from engine.text import Text
from notifications.services.receipt import Verdict

_FILE: Final = Path(__file__).with_name("codes.yaml")
# A plain webhook may be a company's own way to one of these, and hands on what it answers.
_ROWS_OF: Final[Mapping[str, tuple[str, ...]]] = {"lark": ("feishu",), "webhook": ("dingtalk", "wecom")}
_DISTINCT: Final = 5  # digits; a shorter code means something else to whoever is neither


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """`said`: a word of the answer that picks this row where one code means several things."""

    code: str
    verdict: Verdict
    remedy: Text
    said: str = ""
    ban_seconds: float | None = None


def meaning(kind: str, code: str, said: str = "") -> Meaning | None:
    """The first row of this code whose word is in the answer; None for a code that is not known."""
    return next((row for row in known(kind) if row.code == code and row.said in said.lower()), None)


@cache
def known(kind: str) -> tuple[Meaning, ...]:
    """Every row of one kind of channel, in the order they are asked."""
    rows = (row for each in _ROWS_OF.get(kind, (kind,)) for row in _rows().get(each, ()))
    return tuple(_meaning(row) for row in rows if kind != "webhook" or len(row["code"]) >= _DISTINCT)


def kinds() -> tuple[str, ...]:
    return tuple(_rows())


@cache
def _rows() -> Mapping[str, list[dict[str, Any]]]:
    return cast("Mapping[str, list[dict[str, Any]]]", yaml.safe_load(_FILE.read_text(encoding="utf-8")))


def _meaning(row: Mapping[str, Any]) -> Meaning:
    return Meaning(
        code=row["code"],
        verdict=Verdict(row["verdict"]),
        remedy=Text(row["zh"], row["en"]),
        said=row.get("said", ""),
        ban_seconds=row.get("ban_seconds"),
    )
