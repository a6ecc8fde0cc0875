"""Every zone at every change of its clocks from 2024 to 2036: a wall time in the gap is the first instant
after it, one shown twice its first showing, and a deadline there is flagged exactly once.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from engine.case import events as ev
from engine.case.wall_clock import instant_at
from engine.clock import FixedClock
from engine.service import Service
from tests.factories import Desk, a_calendar, a_desk, a_sop

NAME = "C1"
SUBJECT = "Clocks put forward and back in all zones, 2024 to 2036: the stated policy, and each deadline once."
GOAL = 3_000
QUICK = 2

FIRST, LAST = datetime(2024, 1, 1, tzinfo=UTC), datetime(2037, 1, 1, tzinfo=UTC)
MINUTE, DAY, WEEK = timedelta(minutes=1), timedelta(days=1), timedelta(days=7)
AROUND = timedelta(hours=3)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    zones = sorted(available_timezones())
    while True:
        for zone in rng.sample(zones, len(zones)):
            changes = changes_of(zone)
            for change in changes:
                _policy_holds(zone, change)
                _flagged_once(zone, change)
            if changes:
                yield {"changes": len(changes), "zones": 1}


@cache
def changes_of(zone: str) -> tuple[datetime, ...]:
    """The instants, to the minute, from which the zone's clocks show something else."""
    weeks = [FIRST + n * WEEK for n in range((LAST - FIRST) // WEEK + 1)]
    return tuple(
        _turn(zone, one, two) for one, two in pairwise(weeks) if _offset(zone, one) != _offset(zone, two)
    )


def _turn(zone: str, before: datetime, after: datetime) -> datetime:
    while after - before > MINUTE:
        middle = before + timedelta(minutes=(after - before) // MINUTE // 2)
        before, after = (
            (middle, after) if _offset(zone, middle) == _offset(zone, before) else (before, middle)
        )
    return after


def _offset(zone: str, instant: datetime) -> timedelta | None:
    return instant.astimezone(ZoneInfo(zone)).utcoffset()


def _policy_holds(zone: str, change: datetime) -> None:
    """Against the plainest reference: every minute around the change, with what the clocks show then."""
    minutes = int(2 * AROUND / MINUTE)
    shown = [_shown(zone, change - AROUND + n * MINUTE) for n in range(minutes)]
    walls = {wall for wall in shown if wall.minute % 15 == 0}
    gap = _shown(zone, change - MINUTE) + MINUTE
    while gap < _shown(zone, change):
        walls.add(gap)
        gap += 15 * MINUTE
    for wall in walls:
        if not shown[0] <= wall <= shown[-1] or wall < max(shown[: minutes // 4]):
            continue
        first = next((n for n, one in enumerate(shown) if one == wall), None)
        if first is None:
            first = next(n for n, one in enumerate(shown) if n >= minutes // 2 and one > wall)
        expected, found = change - AROUND + first * MINUTE, instant_at(zone, wall.date(), wall.time())
        assert found == expected, f"{zone}: {wall} is {found.isoformat()}, not {expected.isoformat()}"


def _shown(zone: str, instant: datetime) -> datetime:
    return instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def _flagged_once(zone: str, change: datetime) -> None:
    """A deadline one day later at a wall time of the changed hours, swept often on both sides of it."""
    desk = _desk(zone, change - DAY - 10 * MINUTE)
    due = next(iter(desk.case().deadlines.values())).due_at
    for minutes in (-90, -31, -1, 0, 1, 29, 59, 61, 90, 24 * 60):
        desk.clock.set(max(desk.clock.now(), due + minutes * MINUTE))
        desk.sweep()
        desk.sweep()
    missed = [one for one in desk.store.events[desk.case().id] if isinstance(one.event, ev.DeadlineMissed)]
    assert [one.at for one in missed] == [due], (
        f"{zone} {change}: flagged at {[str(one.at) for one in missed]}"
    )


def _desk(zone: str, start: datetime) -> Desk:
    sop = a_sop()
    sop["stages"][0]["deadline"] = {"within": "1 d"}
    made = a_desk(sop)
    clock, calendar = FixedClock(start), replace(a_calendar(), zone=zone)
    desk = Desk(made.store, clock, Service(made.store, clock, lambda _: calendar))
    desk.start(brief="新品")
    return desk
