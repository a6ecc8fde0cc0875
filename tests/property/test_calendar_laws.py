"""Laws of working time, on the mainland calendar and on one where the clocks change."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import calendar as working
from engine.case.calendar import WorkCalendar, add, before
from engine.definition.durations import Duration, Unit
from runtime.calendars import load_calendar

CN = load_calendar("cn")
NEW_YORK = replace(CN, id="ny", zone="America/New_York")
calendars = st.sampled_from([CN, NEW_YORK])
# Hypothesis wants the bounds without a zone and adds it itself.
FIRST, LAST = datetime(2004, 1, 10), datetime(2100, 12, 31)  # noqa: DTZ001
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))
units = st.sampled_from(Unit)
amounts = st.integers(0, 60)
durations = st.builds(Duration, amounts, units)
additive_units = st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_HOURS, Unit.HOURS, Unit.MINUTES])
working_units = st.sampled_from([Unit.WORKING_DAYS, Unit.WORKING_HOURS])


def slow_working_day_after(calendar: WorkCalendar, day: date, amount: int) -> date:
    """The plainest reference: list the days that follow and pick."""
    following = (day + timedelta(days=n) for n in range(1, 12 * amount + 40))
    return [one for one in following if working.is_working_day(calendar, one)][amount - 1]


@given(calendars, instants, instants, durations)
def test_who_starts_later_is_not_due_earlier(
    calendar: WorkCalendar, a: datetime, b: datetime, duration: Duration
) -> None:
    first, second = sorted((a, b))
    assert add(calendar, first, duration).at <= add(calendar, second, duration).at
    assert before(calendar, first, duration).at <= before(calendar, second, duration).at


@given(calendars, instants, units, amounts, amounts)
def test_more_time_is_not_due_earlier(
    calendar: WorkCalendar, start: datetime, unit: Unit, a: int, b: int
) -> None:
    less, more = sorted((a, b))
    assert add(calendar, start, Duration(less, unit)).at <= add(calendar, start, Duration(more, unit)).at
    assert (
        before(calendar, start, Duration(more, unit)).at <= before(calendar, start, Duration(less, unit)).at
    )


@given(calendars, instants, durations)
def test_nothing_is_due_before_it_begins(calendar: WorkCalendar, start: datetime, duration: Duration) -> None:
    assert add(calendar, start, duration).at >= start


@given(calendars, instants, working_units, amounts)
def test_working_time_ends_on_a_working_day(
    calendar: WorkCalendar, start: datetime, unit: Unit, amount: int
) -> None:
    for at in (
        add(calendar, start, Duration(amount, unit)).at,
        before(calendar, start, Duration(amount, unit)).at,
    ):
        assert working.is_working_day(calendar, working.local_date(calendar, at))


@given(calendars, instants, st.integers(1, 60))
def test_working_days_agree_with_a_list_of_days(calendar: WorkCalendar, start: datetime, amount: int) -> None:
    day = slow_working_day_after(calendar, working.local_date(calendar, start), amount)
    expected = working.end_of_working_day(calendar, day)
    assert add(calendar, start, Duration(amount, Unit.WORKING_DAYS)).at == expected


@given(calendars, instants, st.integers(1, 60))
def test_days_back_from_the_due_day_lead_to_the_day_of_entry(
    calendar: WorkCalendar, start: datetime, n: int
) -> None:
    duration = Duration(n, Unit.WORKING_DAYS)
    entered = working.local_date(calendar, start)
    back = before(calendar, add(calendar, start, duration).at, duration).at
    if working.is_working_day(calendar, entered):
        assert back == working.end_of_working_day(calendar, entered)
    else:
        assert back == before(calendar, start, Duration(1, Unit.WORKING_DAYS)).at


@given(calendars, instants, amounts)
def test_exactly_the_working_hours_asked_for_lie_between(
    calendar: WorkCalendar, instant: datetime, amount: int
) -> None:
    duration = Duration(amount, Unit.WORKING_HOURS)
    after, ahead = add(calendar, instant, duration).at, before(calendar, instant, duration).at
    assert working.working_time_between(calendar, instant, after) == timedelta(hours=amount)
    assert working.working_time_between(calendar, ahead, instant) == timedelta(hours=amount)


@given(calendars, instants, additive_units, st.tuples(st.integers(1, 40), st.integers(0, 40)))
def test_two_steps_lead_as_far_as_one(
    calendar: WorkCalendar, start: datetime, unit: Unit, steps: tuple[int, int]
) -> None:
    a, b = steps
    halfway = add(calendar, start, Duration(a, unit)).at
    assert add(calendar, halfway, Duration(b, unit)).at == add(calendar, start, Duration(a + b, unit)).at


@given(instants, durations)
def test_what_meets_an_unpublished_day_is_provisional(start: datetime, duration: Duration) -> None:
    due = add(CN, start, duration)
    settled = CN.official_until - timedelta(days=7)
    of_calendar = duration.unit in {Unit.WORKING_DAYS, Unit.WORKING_HOURS}
    assert due.provisional is (of_calendar and working.local_date(CN, due.at) > settled)


@given(calendars, instants)
def test_the_next_working_instant_is_at_work_and_nothing_lies_between(
    calendar: WorkCalendar, instant: datetime
) -> None:
    found = working.next_working_instant(calendar, instant)
    soon = found + timedelta(seconds=1)
    assert working.working_time_between(calendar, instant, soon) == timedelta(seconds=1)


@given(calendars, instants)
def test_a_day_later_shows_the_same_wall_time_unless_skipped(calendar: WorkCalendar, start: datetime) -> None:
    zone = ZoneInfo(calendar.zone)
    local = start.astimezone(zone)
    later = add(calendar, start, Duration(1, Unit.DAYS)).at.astimezone(zone)
    assert later.date() == local.date() + timedelta(days=1)
    assert later.time() == local.time() or later.utcoffset() != local.utcoffset()


def changes_of(zone: ZoneInfo, year: int) -> list[datetime]:
    """Instants in `year`, to the hour below, around which the zone's offset changes."""
    first = datetime(year, 1, 1, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range(367)]
    offsets = [day.astimezone(zone).utcoffset() for day in days]
    return [day for day, one, two in zip(days, offsets, offsets[1:], strict=False) if one != two]


@pytest.mark.parametrize("year", [2024, 2030, 2036])
def test_every_wall_time_in_every_zone_is_one_instant_by_the_stated_policy(year: int) -> None:
    """Gap: the first instant after it. Fold: the first of the two. Checked against the offsets themselves."""
    wrong: list[str] = []
    for name in sorted(available_timezones()):
        zone = ZoneInfo(name)
        calendar = WorkCalendar(
            id="any", zone=name, hours=((time(9), time(18)),), week=frozenset(range(5)), version="1"
        )
        for change in changes_of(zone, year):
            for minutes in range(0, 24 * 60, 30):
                start = change - timedelta(days=1) + timedelta(minutes=minutes)
                at = add(calendar, start, Duration(1, Unit.DAYS)).at
                wall = start.astimezone(zone).replace(tzinfo=None) + timedelta(days=1)
                if not obeys(zone, wall, at):
                    wrong.append(f"{name} {wall} -> {at}")
    assert wrong == []


def obeys(zone: ZoneInfo, wall: datetime, at: datetime) -> bool:
    shown = at.astimezone(zone).replace(tzinfo=None)
    moment_before = (at - timedelta(microseconds=1)).astimezone(zone).replace(tzinfo=None)
    if shown == wall:
        return at.astimezone(zone).fold == 0
    return moment_before < wall < shown


spans = st.integers(1, 60 * 24 * 30).map(lambda minutes: timedelta(minutes=minutes))


@given(calendars, instants, spans, spans, units)
def test_a_pause_brings_nothing_forward(
    calendar: WorkCalendar, due: datetime, ahead: timedelta, pause: timedelta, unit: Unit
) -> None:
    """Whatever the due instant: dates given by people fall on days off, too."""
    at = working.Due(at=due, provisional=False, calendar=calendar.id, version=calendar.version)
    stopped = due - ahead
    assert working.resume(calendar, at, stopped, stopped + pause, unit=unit).at >= due
