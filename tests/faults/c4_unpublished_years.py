"""Every day from 2004 to 2100: whatever is counted from it is counted, and flagged as provisional exactly
where it meets days nobody has published.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from engine.case.calendar import add, before, local_date
from engine.definition.durations import parse_duration
from runtime.calendars import load_calendar

NAME = "C4"
SUBJECT = "No data for the year: every due instant 2004–2100 is counted, and all that rest on a rule say so."
GOAL = 200_000
QUICK = 2

DURATIONS = tuple(parse_duration(text) for text in ("0 wd", "1 wd", "5 wd", "40 wd", "1 wh", "80 wh"))
FREE = tuple(parse_duration(text) for text in ("30 d", "100 h"))
YEARS = range(2004, 2101)
CN = load_calendar("cn")


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    while True:
        for year in rng.sample(YEARS, len(YEARS)):
            yield {"counted": sum(_counted(day, rng) for day in _days(year)), "years": 1}


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _counted(day: date, rng: random.Random) -> int:
    start = datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(60), tzinfo=UTC)
    settled = CN.official_until - timedelta(days=7)
    for duration in DURATIONS:
        for due in (add(CN, start, duration), before(CN, start, duration)):
            first, last = sorted((local_date(CN, start), local_date(CN, due.at)))
            unknown = last > settled or first < CN.official_from
            assert due.provisional is unknown, f"{duration} at {start}: provisional is {due.provisional}"
    for duration in FREE:
        assert not add(CN, start, duration).provisional, f"{duration} at {start} is provisional"
    return 2 * len(DURATIONS) + len(FREE)
