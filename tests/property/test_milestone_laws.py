"""Laws of milestones that people list: whatever they do to the rows, what is late is found, once."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.case.evolve import replay
from tests.factories import Desk, a_desk, a_sop_with_steps

Row = dict[str, str]
Change = Callable[[st.DataObject, list[Row]], list[Row]]
TODAY = date(2026, 11, 23)
NAMES = st.sampled_from(["甲", "乙", "丙"])
DAYS = st.sampled_from(["2026-11-17", "2026-11-19", "2026-11-20", "2026-11-27", "2026-12-04"])
RECORDS = st.fixed_dictionaries({}, optional={"name": NAMES, "due": DAYS, "done_on": DAYS})
TOLD = ("deadline_reminded", "deadline_missed", "deadline_escalated")


def _desk() -> Desk:
    ladder = {"remind": ["1 wd"], "escalate": [{"after": "1 h", "to": "boss"}]}
    desk = a_desk(a_sop_with_steps(owner="planner", **ladder))
    desk.start()
    return desk


def _inserted(data: st.DataObject, rows: list[Row]) -> list[Row]:
    place = data.draw(st.integers(0, len(rows)))
    return [*rows[:place], data.draw(RECORDS), *rows[place:]]


def _removed(data: st.DataObject, rows: list[Row]) -> list[Row]:
    gone = data.draw(st.sets(st.integers(0, 5)))
    return [row for place, row in enumerate(rows) if place not in gone]


def _moved(data: st.DataObject, rows: list[Row]) -> list[Row]:
    return data.draw(st.permutations(rows))


def _rewritten(column: str, values: st.SearchStrategy[str]) -> Change:
    def change(data: st.DataObject, rows: list[Row]) -> list[Row]:
        if not rows:
            return rows
        place = data.draw(st.integers(0, len(rows) - 1))
        kept = {name: value for name, value in rows[place].items() if name != column}
        written = data.draw(st.none() | values)
        row = kept if written is None else {**kept, column: written}
        return [*rows[:place], row, *rows[place + 1 :]]

    return change


CHANGES: Mapping[str, Change] = {
    "insert": _inserted,
    "remove": _removed,
    "move": _moved,
    "rename": _rewritten("name", NAMES),
    "replan": _rewritten("due", DAYS),
    "done": _rewritten("done_on", DAYS),
}


def _is_late(row: Mapping[str, Any]) -> bool:
    return bool(row.get("due")) and not row.get("done_on") and row["due"] < TODAY.isoformat()


def _late(rows: list[Row]) -> Counter[tuple[str, str]]:
    return Counter((row.get("name", ""), row["due"]) for row in rows if _is_late(row))


def _told(desk: Desk, since: int) -> Counter[str]:
    return Counter(kind for kind in desk.kinds()[since:] if kind in TOLD)


def _step(desk: Desk, rows: list[Row]) -> Counter[str]:
    """What is told when the list becomes this, sweep and all."""
    before = len(desk.kinds())
    assert desk.set(steps=rows).refusal is None
    desk.sweep()
    return _told(desk, before)


def _what_is_late_is_found_once(desk: Desk, rows: list[Row]) -> None:
    case = desk.case()
    late = [case.milestones[d.subject] for d in case.deadlines.values() if d.missed_at is not None]
    assert Counter((m.name, str(m.planned)) for m in late) == _late(rows)
    clocks = [case.milestones[d.subject] for d in case.deadlines.values()]
    assert all(m.reached_on is None and m.planned is not None for m in clocks)
    dates = Counter(
        (m.name, str(m.planned), str(m.reached_on)) for m in case.milestones.values() if m.planned
    )
    written = ((row.get("name", ""), row.get("due"), str(row.get("done_on"))) for row in rows)
    assert dates == Counter(row for row in written if row[1])


@given(data=st.data())
def test_every_listed_milestone_that_is_late_is_overdue_once_and_told_once(data: st.DataObject) -> None:
    desk = _desk()
    rows: list[Row] = data.draw(st.lists(RECORDS, max_size=4))
    _step(desk, rows)
    for _ in range(data.draw(st.integers(1, 8))):
        what = data.draw(st.sampled_from(sorted(CHANGES)))
        changed = CHANGES[what](data, rows)
        told = _step(desk, changed)
        news = sum((_late(changed) - _late(rows)).values())
        assert told["deadline_missed"] <= news
        if what in ("move", "rename", "remove"):
            assert not told
        rows = changed
        _what_is_late_is_found_once(desk, rows)
        assert replay(desk.store.events["c1"]) == desk.case()


@given(data=st.data(), rows=st.lists(RECORDS, min_size=1, max_size=5))
def test_whoever_moves_rows_and_sweeps_later_hears_each_once(data: st.DataObject, rows: list[Row]) -> None:
    desk = _desk()
    told = _step(desk, rows)
    for _ in range(3):
        desk.clock.advance(timedelta(days=7))
        told += _step(desk, data.draw(st.permutations(rows)))
    open_ones = sum(1 for row in rows if row.get("due") and not row.get("done_on"))
    assert told["deadline_missed"] == told["deadline_escalated"] == open_ones
