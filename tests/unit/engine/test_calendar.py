"""The conventions of docs/time.md, and what a calendar refuses."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from engine.case import calendar as working
from engine.case.calendar import DayKind, Due, OutsideTime, WorkCalendar, add, before, resume
from engine.case.workdays import Day, Source, day_of, days_off, working_days_between
from engine.definition.durations import Duration, Unit, parse_duration
from runtime.calendars import load_calendar

PAGE = Path(__file__).parents[3] / "docs" / "time.md"
CN = load_calendar("cn")
BEIJING = ZoneInfo("Asia/Shanghai")
PLAIN = WorkCalendar(
    id="plain",
    zone="Asia/Shanghai",
    hours=((time(9), time(12)), (time(13), time(18))),
    week=frozenset(range(5)),
    version="1",
)


OWN_DAYS = {
    date(2026, 12, 31): Day(DayKind.WORKING, Source.COMPANY, hours=((time(9), time(12)),)),
    date(2027, 1, 2): Day(
        DayKind.WORKING, Source.COMPANY, hours=((time(10), time(11)), (time(14), time(15)))
    ),
}
OWN = replace(CN, layers=(*CN.layers, OWN_DAYS))


def beijing(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING).astimezone(UTC)


def examples(which: str) -> list[tuple[str, ...]]:
    """The cells of the table below the marker `<!-- examples: which -->`, without its two head rows."""
    table = PAGE.read_text(encoding="utf-8").split(f"<!-- examples: {which} -->\n")[1].split("\n\n")[0]
    return [tuple(cell.strip() for cell in row.strip("|").split("|")) for row in table.splitlines()[2:]]


def due(at: str, *, provisional: bool = False, calendar: WorkCalendar = CN) -> Due:
    return Due(at=beijing(at), provisional=provisional, calendar=calendar.id, version=calendar.version)


@pytest.mark.parametrize(("start", "duration", "at", "provisional", "rule"), examples("after"))
def test_the_page_tells_when_time_is_up(
    start: str, duration: str, at: str, provisional: str, rule: str
) -> None:
    expected = due(at, provisional=provisional == "yes")
    assert add(CN, beijing(start), parse_duration(duration)) == expected, f"rule {rule}"


@pytest.mark.parametrize(("anchor", "duration", "at", "provisional", "rule"), examples("before"))
def test_the_page_tells_when_to_be_ready(
    anchor: str, duration: str, at: str, provisional: str, rule: str
) -> None:
    expected = due(at, provisional=provisional == "yes")
    assert before(CN, beijing(anchor), parse_duration(duration)) == expected, f"rule {rule}"


@pytest.mark.parametrize(("start", "duration", "at", "provisional", "rule"), examples("own"))
def test_the_page_tells_of_days_with_hours_of_their_own(
    start: str, duration: str, at: str, provisional: str, rule: str
) -> None:
    found = add(OWN, beijing(start), parse_duration(duration))
    assert (found.at, found.provisional) == (beijing(at), provisional == "yes"), f"rule {rule}"


def test_every_convention_about_counting_has_an_example() -> None:
    shown = {row[-1] for which in ("after", "before", "origin", "ladder", "pause") for row in examples(which)}
    numbered = set(re.findall(r"^(\d+)\. ", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE))
    # Clock changes, dates given by people, overdue, waits, more time, recounting, rungs that wait for people,
    # listed milestones and forecasts have tests of their own.
    assert numbered - shown == {"5", "7", "8", "12", "13", "15", "16", "17", "18"}


@pytest.mark.parametrize(
    ("zone", "start", "at"),
    [
        pytest.param("Europe/Berlin", "2026-03-28T02:30", "2026-03-29T03:00+02:00", id="skipped hour"),
        pytest.param("Europe/Berlin", "2026-10-24T02:30", "2026-10-25T02:30+02:00", id="hour shown twice"),
        pytest.param(
            "Australia/Lord_Howe", "2026-10-03T02:15", "2026-10-04T02:30+11:00", id="skipped half hour"
        ),
        pytest.param("Pacific/Apia", "2011-12-29T10:00", "2011-12-31T00:00+14:00", id="day left out"),
    ],
)
def test_a_day_later_keeps_the_wall_time_where_clocks_change(zone: str, start: str, at: str) -> None:
    calendar = replace(PLAIN, zone=zone)
    entered = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(zone))
    assert add(calendar, entered, Duration(1, Unit.DAYS)).at == datetime.fromisoformat(at).astimezone(UTC)


def test_a_day_after_the_second_showing_of_an_hour_is_no_second_showing() -> None:
    calendar = replace(PLAIN, zone="Europe/Berlin")
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert add(calendar, second, Duration(1, Unit.DAYS)).at == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)
    assert before(calendar, second + timedelta(days=1), Duration(1, Unit.DAYS)).at == second - timedelta(
        hours=1
    )


def test_no_days_later_is_the_same_instant_even_in_an_hour_shown_twice() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    assert add(replace(PLAIN, zone="Europe/Berlin"), second, Duration(0, Unit.DAYS)).at == second


def test_working_hours_over_a_clock_change_are_hours_that_passed() -> None:
    night = replace(PLAIN, zone="Europe/Berlin", hours=((time(0), time(6)),), week=frozenset({6}))
    sunday = date(2026, 3, 29)
    opening, closing = working.start_of_day(night, sunday), working.end_of_working_day(night, sunday)
    assert working.working_time_between(night, opening, closing) == timedelta(hours=5)


@pytest.mark.parametrize(("at", "unit", "stopped", "goes_on", "now_due", "rule"), examples("pause"))
def test_the_page_tells_what_a_pause_moves(
    at: str, unit: str, stopped: str, goes_on: str, now_due: str, rule: str
) -> None:
    moved = resume(CN, due(at), beijing(stopped), beijing(goes_on), unit=Unit(unit))
    assert moved == due(now_due), f"rule {rule}"


@pytest.mark.parametrize(
    ("unit", "paused", "resumed", "at"),
    [
        pytest.param(Unit.WORKING_DAYS, "2026-03-03 10:00", "2026-03-05 10:00", "2026-03-06 18:00", id="wd"),
        pytest.param(Unit.WORKING_HOURS, "2026-03-04 16:00", "2026-03-06 17:00", "2026-03-09 10:00", id="wh"),
        pytest.param(
            Unit.WORKING_DAYS, "2026-03-03 20:00", "2026-03-07 10:00", "2026-03-09 18:00", id="off duty"
        ),
        pytest.param(Unit.HOURS, "2026-03-04 16:00", "2026-03-06 17:00", "2026-03-06 19:00", id="h"),
        pytest.param(Unit.DAYS, "2026-03-03 18:00", "2026-03-07 10:00", "2026-03-08 10:00", id="d"),
        pytest.param(
            Unit.WORKING_DAYS, "2026-03-05 10:00", "2026-03-06 10:00", "2026-03-04 18:00", id="overdue"
        ),
        pytest.param(
            Unit.WORKING_DAYS, "2026-03-03 10:00", "2026-03-03 09:00", "2026-03-04 18:00", id="clock back"
        ),
        pytest.param(
            Unit.WORKING_DAYS, "2026-03-03 10:00", "2026-03-03 10:00", "2026-03-04 18:00", id="no pause"
        ),
    ],
)
def test_a_pause_keeps_what_was_left(unit: Unit, paused: str, resumed: str, at: str) -> None:
    assert resume(CN, due("2026-03-04 18:00"), beijing(paused), beijing(resumed), unit=unit) == due(at)


def test_a_pause_into_unpublished_days_makes_the_due_instant_provisional() -> None:
    paused, resumed = beijing("2026-12-01 10:00"), beijing("2027-03-01 10:00")
    moved = resume(CN, due("2026-12-01 18:00"), paused, resumed, unit=Unit.WORKING_DAYS)
    assert moved == due("2027-03-01 18:00", provisional=True)


def test_a_pause_at_the_end_of_time_leaves_the_due_instant_alone() -> None:
    last = Due(at=datetime(9999, 12, 31, 23, tzinfo=UTC), provisional=False, calendar="plain", version="1")
    paused = last.at - timedelta(hours=2)
    assert resume(PLAIN, last, paused, paused + timedelta(minutes=90), unit=Unit.HOURS) == last


@pytest.mark.parametrize(
    ("a", "b", "hours"),
    [
        ("2026-03-02 09:00", "2026-03-02 18:00", 8),
        ("2026-03-02 12:00", "2026-03-02 13:00", 0),
        ("2026-03-06 17:00", "2026-03-09 10:00", 2),
        ("2026-02-14 17:00", "2026-02-24 10:00", 2),
        ("2026-03-09 10:00", "2026-03-06 17:00", -2),
    ],
)
def test_only_time_at_work_counts_between_two_instants(a: str, b: str, hours: int) -> None:
    assert working.working_time_between(CN, beijing(a), beijing(b)) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-03-02 10:00", "2026-03-02 10:00"),
        ("2026-03-02 08:00", "2026-03-02 09:00"),
        ("2026-03-02 12:00", "2026-03-02 13:00"),
        ("2026-03-06 18:00", "2026-03-09 09:00"),
        ("2026-02-14 22:00", "2026-02-24 09:00"),
    ],
)
def test_a_quiet_hour_ends_at_the_next_opening(instant: str, expected: str) -> None:
    assert working.next_working_instant(CN, beijing(instant)) == beijing(expected)


def test_a_day_begins_and_closes_where_the_calendar_applies() -> None:
    off = date(2026, 10, 3)
    assert working.start_of_day(CN, off) == datetime(2026, 10, 2, 16, tzinfo=UTC)
    assert working.end_of_working_day(CN, off) == datetime(2026, 10, 3, 10, tzinfo=UTC)
    assert working.local_date(CN, datetime(2026, 10, 2, 16, tzinfo=UTC)) == off


def test_company_days_win_over_estimates_and_estimates_over_the_week() -> None:
    monday, tuesday, saturday = date(2026, 3, 2), date(2026, 3, 3), date(2026, 3, 7)
    kinds_by_rule = {monday: DayKind.OFF, tuesday: DayKind.OFF, saturday: DayKind.WORKING}
    estimated = {day: Day(kind, Source.ESTIMATE) for day, kind in kinds_by_rule.items()}
    calendar = replace(PLAIN, layers=(estimated, {monday: Day(DayKind.WORKING, Source.COMPANY)}))
    kinds = [working.is_working_day(calendar, day) for day in (monday, tuesday, saturday)]
    assert kinds == [True, False, True]


def test_a_time_without_a_zone_names_no_instant() -> None:
    with pytest.raises(ValueError, match="2026-03-02T10:00:00 has no time zone"):
        add(CN, datetime(2026, 3, 2, 10), Duration(1, Unit.HOURS))  # noqa: DTZ001 - the point of the test


@pytest.mark.parametrize("unit", list(Unit))
def test_beyond_the_last_year_is_refused_in_a_sentence(unit: Unit) -> None:
    with pytest.raises(
        OutsideTime, match=rf"^10000 {unit.value} from 9999-12-30 leaves the years 1 to 9999; check"
    ):
        add(PLAIN, datetime(9999, 12, 30, tzinfo=UTC), Duration(10_000, unit))


@pytest.mark.parametrize("hours", [(), ((time(12), time(9)),), ((time(9), time(13)), (time(12), time(18)))])
def test_hours_out_of_order_are_refused(hours: tuple[tuple[time, time], ...]) -> None:
    with pytest.raises(ValueError, match="calendar 'plain': hours must be spans in order"):
        replace(PLAIN, hours=hours)


@pytest.mark.parametrize("week", [frozenset[int](), frozenset({7})])
def test_a_week_without_working_days_is_refused(week: frozenset[int]) -> None:
    with pytest.raises(ValueError, match="calendar 'plain': week must name at least one weekday"):
        replace(PLAIN, week=week)


def test_calendars_with_equal_content_are_equal_and_hash_alike() -> None:
    assert {PLAIN, replace(PLAIN)} == {PLAIN}


HALF = replace(
    PLAIN,
    layers=(
        {
            date(2026, 12, 31): Day(DayKind.WORKING, Source.COMPANY, hours=((time(9), time(12)),)),
            date(2027, 1, 2): Day(
                DayKind.WORKING, Source.COMPANY, hours=((time(10), time(11)), (time(14), time(15)))
            ),
        },
    ),
)


@pytest.mark.parametrize(
    ("start", "duration", "at"),
    [
        pytest.param("2026-12-30 10:00", "1 wd", "2026-12-31 12:00", id="closes at noon"),
        pytest.param("2026-12-31 11:00", "0 wd", "2026-12-31 12:00", id="the same day"),
        pytest.param("2026-12-31 12:01", "0 wd", "2027-01-01 18:00", id="over at noon"),
        pytest.param("2026-12-31 11:00", "2 wh", "2027-01-01 10:00", id="hours go over"),
        pytest.param("2026-12-31 09:00", "3 wh", "2026-12-31 12:00", id="used up at closing"),
        pytest.param("2027-01-01 17:00", "2 wh", "2027-01-02 11:00", id="a Saturday with its own hours"),
        pytest.param("2027-01-02 10:30", "1 wh", "2027-01-02 14:30", id="two parts of a day"),
    ],
)
def test_a_day_with_its_own_hours_counts_as_a_day_and_only_its_hours(
    start: str, duration: str, at: str
) -> None:
    assert add(HALF, beijing(start), parse_duration(duration)).at == beijing(at)


def test_one_working_day_is_not_eight_working_hours() -> None:
    """From ten in the morning a day ends at the next closing, eight hours at ten of the day after."""
    start = beijing("2026-03-02 10:00")
    assert add(PLAIN, start, Duration(1, Unit.WORKING_DAYS)).at == beijing("2026-03-03 18:00")
    assert add(PLAIN, start, Duration(8, Unit.WORKING_HOURS)).at == beijing("2026-03-03 10:00")
    parts = replace(PLAIN, hours=((time(9), time(12)), (time(13, 30), time(18))))
    assert add(parts, start, Duration(8, Unit.WORKING_HOURS)).at == beijing("2026-03-03 10:30")


def test_days_off_are_told_with_the_reason() -> None:
    found = {
        day.isoformat(): said.note.zh for day, said in days_off(CN, date(2026, 2, 13), date(2026, 2, 25))
    }
    assert found == {f"2026-02-{day}": "春节" for day in range(15, 24)}
    assert day_of(CN, date(2026, 2, 14)).note.zh == "春节调休上班"
    assert day_of(CN, date(2026, 3, 7)).note.zh == "周六"


def test_working_days_between_count_the_last_day_and_not_the_first() -> None:
    friday, monday = date(2026, 3, 6), date(2026, 3, 9)
    assert [
        working_days_between(PLAIN, a, b) for a, b in ((friday, monday), (monday, friday), (friday, friday))
    ] == [
        1,
        -1,
        0,
    ]
