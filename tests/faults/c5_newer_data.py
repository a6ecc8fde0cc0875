"""Calendars change under open deadlines, days and clocks alike: each comes out as if it had been counted with
the new data from the start, once, and history says what it was.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.calendar import add
from engine.case.state import RULE
from engine.case.wall_clock import local_time
from engine.case.workdays import Day, DayKind, Source, WorkCalendar
from engine.definition.durations import parse_duration
from engine.service import Service
from tests.factories import MONDAY, Desk, a_calendar, a_desk, a_sop

NAME = "C5"
SUBJECT = "Newer data of a calendar: every open deadline is counted again and shown, and none twice."
GOAL = 10_000
QUICK = 20

ZONES = ("Asia/Shanghai", "Asia/Shanghai", "Europe/Berlin", "America/New_York")
UNITS = ("wd", "wh", "d", "h")


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    while True:
        yield _round(rng)


def _round(rng: random.Random) -> Mapping[str, int]:
    old, new = _some(rng, "old"), _some(rng, "new")
    within = f"{rng.randint(0, 12)} {rng.choice(UNITS)}"
    desk = _desk(old, within)
    before = desk.case().deadlines["stage:1"]
    desk.clock.advance(timedelta(minutes=rng.randrange(24 * 60)))
    expected, now = add(new, MONDAY, parse_duration(within)).at, desk.clock.now()
    events = _recount(desk, new)
    after = desk.case().deadlines["stage:1"]
    if before.due_at <= now:
        assert not events, f"{within}: due already, and still moved"
        return {"deadlines": 1, "due_already": 1}
    wanted = (
        expected if expected > now or expected == before.due_at else add(new, now, parse_duration("0 wd")).at
    )
    assert after.due_at == wanted, f"{within}: {after.due_at}, not {wanted}"
    assert bool(events) is (wanted != before.due_at), f"{within}: {len(events)} events"
    assert _recount(desk, new) == (), f"{within}: counted again, it moved again"
    for event in events:
        assert isinstance(event, ev.DeadlinesRecounted)
        (change,) = event.changes
        how = change.deadline.reckoned
        assert (change.was, change.was_calendar, change.deadline.calendar) == (before.due_at, "old", "new")
        assert how is not None
        wall = local_time(new.zone, wanted).replace(tzinfo=None).isoformat(timespec="minutes")
        assert (how.zone, how.wall) == (new.zone, wall)
    return {"deadlines": 1, "moved": len(events)}


def _some(rng: random.Random, version: str) -> WorkCalendar:
    days = {date(2026, 11, 20) + timedelta(days=rng.randrange(40)): _day(rng) for _ in range(8)}
    return replace(a_calendar(), layers=(days,), zone=rng.choice(ZONES), version=version)


def _day(rng: random.Random) -> Day:
    return Day(rng.choice(list(DayKind)), Source.OFFICIAL)


def _desk(calendar: WorkCalendar, within: str) -> Desk:
    sop: dict[str, Any] = a_sop()
    sop["stages"][0]["deadline"] = {"within": within}
    made = a_desk(sop)
    desk = Desk(made.store, made.clock, Service(made.store, made.clock, lambda _: calendar))
    desk.start(brief="新品")
    return desk


def _recount(desk: Desk, calendar: WorkCalendar) -> tuple[ev.Event, ...]:
    service = Service(desk.store, desk.clock, lambda _: calendar)
    answer = service.handle(cmd.RecountDeadlines(case_id=desk.case().id), actor=RULE)
    assert answer.refusal is None, answer.refusal
    return tuple(recorded.event for recorded in answer.events)
