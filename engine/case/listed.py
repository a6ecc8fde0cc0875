"""Milestones, and which of them each record of a list is: it stays itself when rows come, go or move.

People write no id into their list. So a record is known again by what is written in it, and by its row only
where nothing else is left to go by.
"""

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import count
from typing import cast

from pydantic import JsonValue

from engine.definition.compiled import Definition
from engine.definition.fields import typed
from engine.definition.model import MilestoneSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Milestone:
    """A point on the way. `id` is the spec's id, or "<spec>/<n>" for a record of a list; it keeps the number
    it was given first, whichever row it stands in.
    """

    id: str
    name: str = ""
    planned: date | None = None
    forecast: date | None = None
    reached_on: date | None = None


Rows = Mapping[int, Milestone]  # by row from 1; what stands in none has a number below 0
_Key = Callable[[int, Milestone], Hashable]
_AS_IT_WAS: tuple[_Key, ...] = (
    lambda _, m: (m.name, m.planned, m.reached_on),
    lambda _, m: (m.name, m.planned),
)
# A record may have a new date or a new name; one that has both is another. Where there was no name or date
# to know it by, its row is.
_CHANGED: tuple[_Key, ...] = (
    *_AS_IT_WAS,
    lambda row, m: m.name or row,
    lambda row, m: m.planned or row,
)


def spec_of(milestone: str) -> str:
    """The id by which the SOP knows a milestone."""
    return milestone.partition("/")[0]


def records(definition: Definition, spec: MilestoneSpec, values: Mapping[str, JsonValue]) -> list[Milestone]:
    """What the list says, row by row, of milestones yet without an id; a row that says nothing is none."""
    each = spec.each
    if each is None:
        return []
    stored = typed(definition.sop.fields[each.field], values.get(each.field))
    found = (
        Milestone(
            id="",
            name=str(record.get(each.name) or ""),
            planned=cast("date | None", record.get(each.due)),
            reached_on=cast("date | None", record.get(each.done)),
        )
        for record in cast("list[dict[str, object]] | None", stored) or ()
    )
    return [one for one in found if one != Milestone(id="")]


def rows(known: Iterable[Milestone], listed: Sequence[Milestone]) -> Rows:
    """The known ones by the row in which the list has them, exactly as they are; the others behind."""
    kept = {-number: one for number, one in enumerate(sorted(known, key=_number), start=1)}
    at = {one.id: row for row, one in _pairs(kept, dict(enumerate(listed, start=1)), _AS_IT_WAS).items()}
    found = {at.get(one.id, place): one for place, one in kept.items()}
    return dict(sorted(found.items(), key=lambda item: (item[0] < 0, abs(item[0]))))


def recognised(
    spec: str, known: Rows, gone: Iterable[Milestone], listed: Sequence[Milestone]
) -> list[Milestone]:
    """The listed ones with their ids and forecasts, row by row; who is not known gets the lowest number that
    nobody ever had.

    Among the gone, only one that was exactly so is known again.
    """
    gone = tuple(gone)
    new = dict(enumerate(listed, start=1))
    found = _pairs(known, new, _CHANGED)
    left = {row: one for row, one in new.items() if row not in found}
    found |= _pairs({-n: one for n, one in enumerate(gone, start=1)}, left, _AS_IT_WAS)
    used = {one.id for one in (*known.values(), *gone)}
    free = (name for number in count(1) if (name := f"{spec}/{number}") not in used)
    for row in new:
        if row not in found:
            found[row] = Milestone(id=next(free))
    return [replace(one, id=found[row].id, forecast=found[row].forecast) for row, one in new.items()]


def _pairs(known: Rows, new: Rows, keys: Iterable[_Key]) -> dict[int, Milestone]:
    """Who of the known each new row is, by one key after the other; of several alike, the first row first."""
    found: dict[int, Milestone] = {}
    taken: set[str] = set()
    for key in keys:
        waiting: defaultdict[Hashable, deque[Milestone]] = defaultdict(deque)
        for row, one in known.items():
            if one.id not in taken:
                waiting[key(row, one)].append(one)
        for row, one in new.items():
            if row not in found and (alike := waiting[key(row, one)]):
                found[row] = alike.popleft()
                taken.add(found[row].id)
    return found


def _number(milestone: Milestone) -> int:
    return int(milestone.id.partition("/")[2] or 0)
