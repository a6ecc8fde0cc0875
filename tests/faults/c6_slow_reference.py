"""Working days and hours against a reference that walks the calendar quarter by quarter: leap days, ends of
months and years, days with hours of their own, entry at any time.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from engine.case.calendar import add, before, working_time_between
from engine.case.workdays import Day, DayKind, Source, WorkCalendar, hours_on
from engine.definition.durations import Duration, Unit
from runtime.calendars import load_calendar

NAME = "C6"
SUBJECT = "Leap days, ends of months, last working days: the same as a slow reference, whatever is asked."
GOAL = 200_000
QUICK = 2

EACH = 200
QUARTER = timedelta(minutes=15)
DAY = timedelta(days=1)
BEIJING = timedelta(hours=8)  # without a change of clocks since 1991
EDGES = (date(2024, 2, 29), date(2028, 2, 28), date(2026, 2, 14), date(2026, 12, 31), date(2025, 9, 30))


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    while True:
        for _ in range(EACH):
            _same(_calendar(rng), _start(rng), rng)
        yield {"compared": EACH}


def _calendar(rng: random.Random) -> WorkCalendar:
    cn = load_calendar("cn")
    half = Day(DayKind.WORKING, Source.COMPANY, hours=((time(9), time(12)),))
    kinds = [half, Day(DayKind.OFF, Source.COMPANY), Day(DayKind.WORKING, Source.COMPANY)]
    own = {rng.choice(EDGES) + rng.randrange(-9, 9) * DAY: rng.choice(kinds) for _ in range(6)}
    parts = ((time(9), time(12)), (time(13, 30), time(18)))
    return replace(cn, layers=(*cn.layers, own), hours=rng.choice([cn.hours, parts]))


def _start(rng: random.Random) -> datetime:
    day = rng.choice(EDGES) + rng.randrange(-12, 12) * DAY if rng.random() < 0.7 else _any_day(rng)
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + rng.randrange(96) * QUARTER - BEIJING


def _any_day(rng: random.Random) -> date:
    return date(2005, 1, 1) + rng.randrange(365 * 90) * DAY


def _same(calendar: WorkCalendar, start: datetime, rng: random.Random) -> None:
    days, hours = rng.randint(0, 25), rng.randint(0, 60)
    told = f"{start.isoformat()}, {days} wd, {hours} wh"
    assert add(calendar, start, Duration(days, Unit.WORKING_DAYS)).at == _days_on(calendar, start, days), told
    if days:
        back = before(calendar, start, Duration(days, Unit.WORKING_DAYS)).at
        assert back == _days_back(calendar, start, days), f"{told}, backwards"
    due = add(calendar, start, Duration(hours, Unit.WORKING_HOURS)).at
    assert due == _hours_on(calendar, start, hours), told
    assert working_time_between(calendar, start, due) == timedelta(hours=hours), told
    closed = local(due)
    assert any(a <= closed.time() <= b for a, b in hours_on(calendar, closed.date())), f"{told}: on a day off"


def local(instant: datetime) -> datetime:
    return (instant + BEIJING).replace(tzinfo=None)


def instant(wall: datetime) -> datetime:
    return wall.replace(tzinfo=UTC) - BEIJING


def _closing(calendar: WorkCalendar, day: date) -> datetime:
    return instant(datetime.combine(day, hours_on(calendar, day)[-1][1]))


def _days_on(calendar: WorkCalendar, start: datetime, amount: int) -> datetime:
    first = local(start).date()
    worked = [first + n * DAY for n in range(400) if hours_on(calendar, first + n * DAY)]
    if amount == 0:
        return next(at for at in (_closing(calendar, day) for day in worked) if at >= start)
    return _closing(calendar, [day for day in worked if day > first][amount - 1])


def _days_back(calendar: WorkCalendar, end: datetime, amount: int) -> datetime:
    last = local(end).date()
    worked = [last - n * DAY for n in range(1, 400) if hours_on(calendar, last - n * DAY)]
    return _closing(calendar, worked[amount - 1])


def _hours_on(calendar: WorkCalendar, start: datetime, amount: int) -> datetime:
    """Quarter after quarter; no hours end at once while work goes on or closes, else at the next opening."""
    at, left = local(start), timedelta(hours=amount)
    while left == timedelta(0) and not (_at_work(calendar, at) or _at_work(calendar, at - QUARTER)):
        at += QUARTER
    while left > timedelta(0):
        left -= QUARTER if _at_work(calendar, at) else timedelta(0)
        at += QUARTER
    return instant(at)


def _at_work(calendar: WorkCalendar, at: datetime) -> bool:
    return any(opening <= at.time() < closing for opening, closing in hours_on(calendar, at.date()))
