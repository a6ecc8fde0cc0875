"""Faults of one file, collected until all are known, and the words they share."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Final, NoReturn

from engine.errors import BrokenDefinition, Fault
from engine.text import Text

STAND_IN: Final = "stands_for_what_is_missing"
"""The name given to what has none, so that the rest can be read; nobody is told of it."""
MOST_FAULTS: Final = 200
MOST_QUOTED: Final = 60
MOST_LISTED: Final = 12
_CLOSE: Final = 0.68
_MOST_LETTERS: Final = 100
_MOST_APART: Final = 4
_MOST_COMPARED: Final = 100


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Line and column in the file, both from 1; a column counts characters."""

    line: int
    column: int


@dataclass(slots=True)
class Findings:
    """The faults of `file` so far, each place and sentence once; beyond MOST_FAULTS nothing is added."""

    file: str
    faults: set[Fault] = field(default_factory=set[Fault])

    @property
    def full(self) -> bool:
        """Nothing more will be told, so nothing more need be looked for."""
        return len(self.faults) >= MOST_FAULTS

    def add(self, place: Place, message: Text) -> None:
        if not self.full:
            self.faults.add(Fault(self.file, place.line, place.column, message))

    def stop(self, place: Place, message: Text) -> NoReturn:
        """Nothing after this fault can be read: raise with all there are."""
        self.add(place, message)
        raise self.error()

    def error(self) -> BrokenDefinition:
        return BrokenDefinition(tuple(sorted(self.faults, key=_file_order)))

    def raise_any(self) -> None:
        if self.faults:
            raise self.error()


def _file_order(fault: Fault) -> tuple[int, int, str]:
    return fault.line, fault.column, fault.message.en


def quoted(text: str) -> str:
    """A piece of the file on one line, within quotes, cut when long; never able to break out of its line."""
    lean = " ".join(text.split())
    short = lean if len(lean) <= MOST_QUOTED else lean[: MOST_QUOTED - 1] + "…"
    return "'" + "".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in short) + "'"


def nearest(written: str, known: Iterable[str]) -> str | None:
    """The known name that was probably meant, if any is close."""
    near = get_close_matches(written[:_MOST_LETTERS], _alike(written, known), n=1, cutoff=_CLOSE)
    return near[0] if near else None


def _alike(written: str, known: Iterable[str]) -> list[str]:
    """A few names worth comparing letter by letter, which is slow: of like length, one end in common."""
    ends = {written[:1], written[-1:]}
    fitting = (n for n in known if abs(len(n) - len(written)) <= _MOST_APART and ends & {n[:1], n[-1:]})
    return list(islice(fitting, _MOST_COMPARED))


def hint(written: str, known: Iterable[str]) -> Text:
    """How to mend an unknown name: the one that was probably meant, else the ones there are."""
    names = [name for name in dict.fromkeys(known) if name not in {written, STAND_IN}]
    if near := nearest(written, names):
        return Text(f"；是否想写 {quoted(near)}？", f"; did you mean {quoted(near)}?")
    if not names:
        return Text("；文件里还没有声明任何一个", "; the file declares none yet")
    rest = len(names) - MOST_LISTED
    zh, en = "、".join(names[:MOST_LISTED]), ", ".join(names[:MOST_LISTED])
    if rest > 0:
        zh, en = f"{zh} 等 {len(names)} 个", f"{en} and {rest} more"
    return Text(f"；可用：{zh}", f"; known: {en}")


def joined(*parts: Text) -> Text:
    return Text("".join(part.zh for part in parts), "".join(part.en for part in parts))
