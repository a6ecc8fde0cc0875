"""Which days are worked, within which hours, and who says so; pure values, read elsewhere from files.

A calendar is a weekly rule with layers of single days on top: estimated, official, company, team. What a
later layer says of a day wins over the earlier ones.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from typing import Final

from engine.case.wall_clock import instant_at, local_time
from engine.text import Text

DAY: Final = timedelta(days=1)
WEEKDAYS: Final = Text("一二三四五六日", "Mon Tue Wed Thu Fri Sat Sun")
Hours = tuple[tuple[time, time], ...]
_NO_NOTE: Final = Text("", "")


class DayKind(Enum):
    """Whether a day departs from the weekly rule by being worked, or by being free."""

    WORKING = "working"
    OFF = "off"


class Source(Enum):
    """Who says so, weakest first: the weekly rule, the statute by rule, a notice, the company."""

    WEEK = "week"
    ESTIMATE = "estimate"
    OFFICIAL = "official"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Day:
    """What a layer says of one day. `hours` are the day's own; empty, it has those of the calendar."""

    kind: DayKind
    source: Source
    note: Text = _NO_NOTE
    hours: Hours = ()


Layer = Mapping[date, Day]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkCalendar:
    """When people work.

    `hours` are wall times of `zone`, in order, within one day. `week` holds weekdays, Monday is 0. Of the
    `layers` the last that knows a day wins. Official data reach from `official_from` to `official_until`,
    both included.
    """

    id: str
    zone: str
    hours: Hours
    week: frozenset[int]
    layers: tuple[Layer, ...] = ()
    official_from: date = date.min
    official_until: date = date.max
    version: str

    def __post_init__(self) -> None:
        if not in_order(self.hours):
            raise ValueError(f"calendar {self.id!r}: hours must be spans in order, such as 09:00-12:00")
        if not self.week or not self.week <= frozenset(range(7)):
            raise ValueError(f"calendar {self.id!r}: week must name at least one weekday, 0 (Monday) to 6")

    def __hash__(self) -> int:
        return hash((self.id, self.version))

    def said_of(self, day: date) -> Day | None:
        """What the strongest layer says of `day`; None where the weekly rule alone holds."""
        for layer in reversed(self.layers):
            found = layer.get(day)
            if found is not None:
                return found
        return None


def in_order(hours: Hours) -> bool:
    """Whether these are spans of one day, one after the other, at least one."""
    edges = [edge for opening_to_closing in hours for edge in opening_to_closing]
    return bool(edges) and all(one < two for one, two in pairwise(edges))


def day_of(calendar: WorkCalendar, day: date) -> Day:
    """What holds on `day` and why: the strongest layer that names it, else the weekly rule."""
    said = calendar.said_of(day)
    if said is not None:
        return said
    kind = DayKind.WORKING if day.weekday() in calendar.week else DayKind.OFF
    return Day(kind, Source.WEEK, weekday_name(day))


def weekday_name(day: date) -> Text:
    return Text(f"周{WEEKDAYS.zh[day.weekday()]}", WEEKDAYS.en.split()[day.weekday()])


def is_working_day(calendar: WorkCalendar, day: date) -> bool:
    """Whether people work on `day`, be it for an hour."""
    said = calendar.said_of(day)
    return day.weekday() in calendar.week if said is None else said.kind is DayKind.WORKING


def hours_on(calendar: WorkCalendar, day: date) -> Hours:
    """When people work on `day`: its own hours, or the calendar's; nothing on a day off."""
    said = calendar.said_of(day)
    if said is None:
        return calendar.hours if day.weekday() in calendar.week else ()
    return (said.hours or calendar.hours) if said.kind is DayKind.WORKING else ()


def days_off(calendar: WorkCalendar, first: date, last: date) -> Iterator[tuple[date, Day]]:
    """The days nobody works from `first` to `last`, both included, each with the reason."""
    day = first
    while day <= last:
        found = day_of(calendar, day)
        if found.kind is DayKind.OFF:
            yield day, found
        if day == date.max:
            return
        day += DAY


def working_days_between(calendar: WorkCalendar, first: date, last: date) -> int:
    """How many working days follow `first` up to and with `last`; negative when `last` comes first."""
    if last < first:
        return -working_days_between(calendar, last, first)
    return sum(is_working_day(calendar, first + n * DAY) for n in range(1, (last - first).days + 1))


def local_date(calendar: WorkCalendar, instant: datetime) -> date:
    """The day it is at `instant` where the calendar applies."""
    return local_time(calendar.zone, instant).date()


def start_of_day(calendar: WorkCalendar, day: date) -> datetime:
    """Midnight at the beginning of `day`, in UTC."""
    return instant_at(calendar.zone, day, time.min)


def end_of_working_day(calendar: WorkCalendar, day: date) -> datetime:
    """The closing hour on `day`, in UTC. A day off named by people keeps its date and gets the usual hour."""
    hours = hours_on(calendar, day) or calendar.hours
    return instant_at(calendar.zone, day, hours[-1][1])
