"""Working days, working hours and due instants; pure arithmetic on a calendar that was read elsewhere.

The conventions, with examples in both languages, are in docs/time.md; its tables are tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import takewhile
from typing import Final, Literal, assert_never

from engine.case.wall_clock import instant_at, local_time
from engine.case.workdays import (
    DAY,
    DayKind,
    WorkCalendar,
    end_of_working_day,
    hours_on,
    is_working_day,
    local_date,
    start_of_day,
    working_days_between,
)
from engine.clock import as_utc
from engine.definition.durations import Duration, Unit
from engine.errors import GuankaError
from engine.text import Text

Sign = Literal[1, -1]
# A notice for the coming year has moved days as early as 29 December before it; a week leaves room.
UNSETTLED: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """An instant in UTC, and what it was computed from.

    `provisional`: the computation met a day outside the official data, or in its last week, which the next
    year's notice may still move. To be computed again when `calendar` has a newer `version`.
    """

    at: datetime
    provisional: bool
    calendar: str
    version: str


class OutsideTime(GuankaError):
    """A computation ran past the years 1 to 9999."""

    def __init__(self, start: datetime, duration: Duration) -> None:
        super().__init__(
            Text(
                f"从 {start.date()} 起算 {duration} 超出了公元 1 至 9999 年；请检查这个日期",
                f"{duration} from {start.date()} leaves the years 1 to 9999; check that date",
            )
        )
        self.start = start
        self.duration = duration


def add(calendar: WorkCalendar, start: datetime, duration: Duration) -> Due:
    """When `duration`, counted from `start`, is over.

    `n wd` is the closing of the n-th working day after the day of `start`; that day itself never counts,
    working or not. `0 wd` is the closing of that day, or of the next working day when that is over or off.
    `wh` used up exactly at a closing end there, not at the next opening. `d` keeps the wall time; `h` and
    `min` are elapsed time. Raises OutsideTime beyond the year 9999.
    """
    return _count(calendar, as_utc(start), duration, 1)


def before(calendar: WorkCalendar, end: datetime, duration: Duration) -> Due:
    """The mirror image of `add`: when to be ready, `duration` ahead of `end`.

    `n wd` is the closing of the n-th working day before the day of `end`. `0 wd` is the closing of that day,
    or of the last working day before it. `wh` reaching back exactly to an opening end there.
    """
    return _count(calendar, as_utc(end), duration, -1)


def resume(calendar: WorkCalendar, due: Due, paused_at: datetime, resumed_at: datetime, *, unit: Unit) -> Due:
    """The due instant after a pause: what was left at `paused_at` is left at `resumed_at`.

    `wd` and `wh` keep the working time that was left, the others the elapsed time; never earlier than before.
    What was already overdue stays as it was, and so does a pause of no length, or of less when a machine's
    clock stepped back.
    """
    paused_at, resumed_at = as_utc(paused_at), as_utc(resumed_at)
    if paused_at >= due.at or resumed_at <= paused_at:
        return due
    try:
        new = _resumed(calendar, due, (paused_at, resumed_at), unit)
    except OverflowError:  # a date such as 9999-12-31, written for "no end", stays where it is
        return due
    # On a day off no working time passes: an instant that lies on one would come forward by that alone.
    return new if new.at > due.at else due


def working_time_between(calendar: WorkCalendar, a: datetime, b: datetime) -> timedelta:
    """Working time from `a` to `b`; negative when `b` comes first."""
    if b < a:
        return -working_time_between(calendar, b, a)
    spans = takewhile(lambda span: span[0] < b, _spans(calendar, local_date(calendar, a)))
    overlaps = (min(closing, b) - max(opening, a) for opening, closing in spans)
    return sum((max(overlap, timedelta(0)) for overlap in overlaps), timedelta(0))


def after_working_time(calendar: WorkCalendar, start: datetime, left: timedelta) -> Due:
    """When so much working time, counted from `start`, is used up."""
    at = _forward(calendar, as_utc(start), left)
    provisional = not _is_settled(calendar, as_utc(start), at)
    return Due(at=at, provisional=provisional, calendar=calendar.id, version=calendar.version)


def working_day_length(calendar: WorkCalendar) -> timedelta:
    """How much people work on a working day, as the hours say."""
    spans = ((o.hour * 60 + o.minute, c.hour * 60 + c.minute) for o, c in calendar.hours)
    return timedelta(minutes=sum(closing - opening for opening, closing in spans))


def working_days_passed(calendar: WorkCalendar, since: datetime, now: datetime) -> int:
    """The working days that have closed after the day of `since`: so many whole ones something is late."""
    first, last = local_date(calendar, as_utc(since)), local_date(calendar, as_utc(now))
    over = end_of_working_day(calendar, last) <= now
    return max(0, working_days_between(calendar, first, last if over else max(first, last - DAY)))


def next_working_instant(calendar: WorkCalendar, instant: datetime) -> datetime:
    """`instant` itself when people are at work then, else the next opening. At a closing they have gone."""
    instant = as_utc(instant)
    spans = _spans(calendar, local_date(calendar, instant))
    return next(max(opening, instant) for opening, closing in spans if instant < closing)


def last_working_instant(calendar: WorkCalendar, instant: datetime) -> datetime:
    """`instant` itself when people are at work then or just close, else the closing before."""
    return _backward(calendar, as_utc(instant), timedelta(0))


def _count(calendar: WorkCalendar, origin: datetime, duration: Duration, sign: Sign) -> Due:
    try:
        at = _counted(calendar, origin, duration, sign)
    except OverflowError as fault:
        raise OutsideTime(origin, duration) from fault
    of_calendar = duration.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
    provisional = of_calendar and not _is_settled(calendar, origin, at)
    return Due(at=at, provisional=provisional, calendar=calendar.id, version=calendar.version)


def _resumed(calendar: WorkCalendar, due: Due, pause: tuple[datetime, datetime], unit: Unit) -> Due:
    paused_at, resumed_at = pause
    match unit:
        case Unit.WORKING_DAYS | Unit.WORKING_HOURS:
            left = working_time_between(calendar, paused_at, due.at)
            at = _forward(calendar, resumed_at, left)
            provisional = due.provisional or not _is_settled(calendar, resumed_at, at)
        case Unit.DAYS | Unit.HOURS | Unit.MINUTES:
            at, provisional = resumed_at + (due.at - paused_at), False
        case _:
            assert_never(unit)
    return Due(at=at, provisional=provisional, calendar=calendar.id, version=calendar.version)


def _counted(calendar: WorkCalendar, origin: datetime, duration: Duration, sign: Sign) -> datetime:
    amount = duration.amount
    match duration.unit:
        case Unit.WORKING_DAYS:
            return end_of_working_day(calendar, _working_day(calendar, origin, amount, sign))
        case Unit.WORKING_HOURS:
            walk = _forward if sign == 1 else _backward
            return walk(calendar, origin, timedelta(hours=amount))
        case Unit.DAYS:
            local = local_time(calendar.zone, origin)
            day = local.date() + sign * amount * DAY
            return origin if amount == 0 else instant_at(calendar.zone, day, local.time())
        case Unit.HOURS:
            return origin + sign * timedelta(hours=amount)
        case Unit.MINUTES:
            return origin + sign * timedelta(minutes=amount)
        case _:
            assert_never(duration.unit)


def _working_day(calendar: WorkCalendar, origin: datetime, amount: int, sign: Sign) -> date:
    day = local_date(calendar, origin)
    over = sign == 1 and origin > end_of_working_day(calendar, day)
    if amount == 0 and is_working_day(calendar, day) and not over:
        return day
    for _ in range(max(amount, 1)):
        day += sign * DAY
        while not is_working_day(calendar, day):
            day += sign * DAY
    return day


def _forward(calendar: WorkCalendar, start: datetime, left: timedelta) -> datetime:
    for opening, closing in _spans(calendar, local_date(calendar, start)):
        begin = max(opening, start)
        if begin + left <= closing:
            return begin + left
        left -= max(closing - begin, timedelta(0))
    raise AssertionError("days do not end")  # pragma: no cover


def _backward(calendar: WorkCalendar, end: datetime, left: timedelta) -> datetime:
    for opening, closing in _spans(calendar, local_date(calendar, end), -1):
        until = min(closing, end)
        if until - left >= opening:
            return until - left
        left -= max(until - opening, timedelta(0))
    raise AssertionError("days do not end")  # pragma: no cover


def _spans(calendar: WorkCalendar, day: date, sign: Sign = 1) -> Iterator[tuple[datetime, datetime]]:
    """Openings with their closings in UTC, from `day` on or back; ends only by OverflowError."""
    while True:
        for opening, closing in hours_on(calendar, day)[::sign]:
            yield instant_at(calendar.zone, day, opening), instant_at(calendar.zone, day, closing)
        day += sign * DAY


def _is_settled(calendar: WorkCalendar, a: datetime, b: datetime) -> bool:
    return are_settled(calendar, *sorted((local_date(calendar, a), local_date(calendar, b))))


def are_settled(calendar: WorkCalendar, first: date, last: date) -> bool:
    """Whether no notice to come moves a day from `first` to `last`: none is beyond the official data, nor in
    their last week.
    """
    end = calendar.official_until
    settled_until = end if end == date.max else end - UNSETTLED
    return calendar.official_from <= first and last <= settled_until


__all__ = [
    "DayKind",
    "Due",
    "OutsideTime",
    "WorkCalendar",
    "add",
    "after_working_time",
    "are_settled",
    "before",
    "end_of_working_day",
    "is_working_day",
    "last_working_instant",
    "local_date",
    "next_working_instant",
    "resume",
    "start_of_day",
    "working_day_length",
    "working_days_passed",
    "working_time_between",
]
