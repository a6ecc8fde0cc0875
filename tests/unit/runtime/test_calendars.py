"""Calendar files, public holidays, and where the two packages agree."""

import subprocess
import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from engine.case.calendar import DayKind, is_working_day
from runtime.calendars import CalendarFault, UnknownCalendar, known_calendars, load_calendar
from runtime.public_holidays import StatutoryDays, chinese_notices

GOOD = "zone: Asia/Shanghai\nhours: ['09:00-12:00', '13:00-18:00']\nweek: [mon, tue]\n"


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


def written(folder: Path, text: str) -> Path:
    (folder / "own.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_mainland_calendar_says_what_the_state_council_published() -> None:
    cn = load_calendar("cn")
    first, last = cn.official_from.year, cn.official_until.year
    published = [day for year in range(first, last + 1) for day in days_of(year)]
    assert [is_working_day(cn, day) for day in published] == [
        chinese_calendar.is_workday(day) for day in published
    ]


def test_two_independent_packages_agree_on_every_day_of_2026() -> None:
    other = holidays.country_holidays("CN", years=2026)
    days = days_of(2026)
    assert [chinese_calendar.is_workday(day) for day in days] == [other.is_working_day(day) for day in days]


def test_make_up_saturdays_and_sundays_of_2026_are_worked() -> None:
    cn = load_calendar("cn")
    worked = [day.isoformat() for day in days_of(2026) if day.weekday() > 4 and is_working_day(cn, day)]
    assert worked == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_an_unpublished_year_is_monday_to_friday_less_the_statutory_days() -> None:
    cn = load_calendar("cn")
    year = cn.official_until.year + 1
    expected = StatutoryDays("CN", first_year=year)
    off_on_weekdays = [day for day in days_of(year) if day.weekday() < 5 and not is_working_day(cn, day)]
    assert off_on_weekdays == [day for day in days_of(year) if day.weekday() < 5 and day in expected]
    assert len(off_on_weekdays) >= 8


def test_statutory_days_are_known_to_2100_and_to_nobody_after() -> None:
    days = StatutoryDays("CN", first_year=2099)
    assert sorted({day.year for day in days}) == [2099, 2100]
    assert len(days) == len(list(days)) > 20
    assert (days[date(2100, 1, 1)], days.get(date(2100, 1, 4)), days.get(date(2101, 1, 1))) == (
        DayKind.OFF,
        None,
        None,
    )


def test_the_range_of_official_data_is_read_from_the_package() -> None:
    known = chinese_notices()
    years = {day.year for day in chinese_calendar.constants.holidays}
    assert (known.first, known.last) == (date(min(years), 1, 1), date(max(years), 12, 31))


def test_the_version_names_the_file_and_both_packages(tmp_path: Path) -> None:
    own, *packages = load_calendar("cn").version.split("+")
    assert own.startswith("cn-")
    assert packages == [f"{name}-{version(name)}" for name in ("chinesecalendar", "holidays")]
    other = tmp_path / "other"
    other.mkdir()
    one = load_calendar("own", written(tmp_path, GOOD))
    two = load_calendar("own", written(other, GOOD + "days: {2026-03-02: off}\n"))
    assert one.version != two.version


def test_a_calendar_is_read_once() -> None:
    assert load_calendar("cn") is load_calendar("cn")


@pytest.mark.parametrize("calendar_id", ["mars", "", "../calendars/cn", "CN"])
def test_an_unknown_calendar_is_named_beside_the_known_ones(calendar_id: str) -> None:
    with pytest.raises(UnknownCalendar, match=r"^there is no calendar '.*'; known: cn$") as caught:
        load_calendar(calendar_id)
    assert (caught.value.calendar_id, caught.value.known) == (calendar_id, known_calendars())


def test_company_days_win_over_the_notice(tmp_path: Path) -> None:
    text = GOOD + "official: chinesecalendar\ndays: {2026-02-14: off, 2026-02-16: working}\n"
    calendar = load_calendar("own", written(tmp_path, text))
    assert not is_working_day(calendar, date(2026, 2, 14))
    assert is_working_day(calendar, date(2026, 2, 16))


def test_a_notice_in_the_file_makes_the_next_year_official(tmp_path: Path) -> None:
    year = chinese_notices().last.year + 1
    saturday = next(day for day in days_of(year) if day.weekday() == 5)
    notice = f"notices: {{{year}: {{off: [{year}-03-01], working: [{saturday}]}}}}\n"
    text = GOOD + "official: chinesecalendar\nestimate: CN\n" + notice
    calendar = load_calendar("own", written(tmp_path, text))
    assert calendar.official_until == date(year, 12, 31)
    assert (is_working_day(calendar, date(year, 3, 1)), is_working_day(calendar, saturday)) == (False, True)
    assert calendar.estimated.get(date(year, 1, 1)) is None
    assert calendar.estimated.get(date(year + 1, 1, 1)) is DayKind.OFF


def test_a_notice_in_the_file_replaces_the_one_of_the_package(tmp_path: Path) -> None:
    text = GOOD + "official: chinesecalendar\nnotices: {2026: {off: [2026-01-05]}}\n"
    calendar = load_calendar("own", written(tmp_path, text))
    assert [day for day in calendar.days if day.year == 2026] == [date(2026, 1, 5)]
    assert calendar.official_until == chinese_notices().last


def test_without_official_days_nothing_is_provisional(tmp_path: Path) -> None:
    calendar = load_calendar("own", written(tmp_path, GOOD))
    assert (calendar.days, calendar.estimated, calendar.official_until) == ({}, {}, date.max)


NEXT = chinese_notices().last.year + 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "own.yaml: file: is not YAML"),
        ("[]", "own.yaml: file: must hold keys such as zone, hours and week"),
        (GOOD + "day: {}", "own.yaml: day: unknown key; known: days, estimate"),
        (GOOD.replace("Asia/Shanghai", "Asia/Nowhere"), "own.yaml: zone: 'Asia/Nowhere' is not a time zone"),
        (GOOD.replace("zone: Asia/Shanghai\n", ""), "own.yaml: zone: '' is not a time zone"),
        (GOOD.replace("09:00-12:00", "9-12"), "own.yaml: hours: '9-12' is not a span such as 09:00-12:00"),
        (GOOD.replace("09:00-12:00", "09:00-25:00"), "own.yaml: hours: '09:00-25:00' is not a span"),
        (GOOD.replace("09:00-12:00", "09:00-14:00"), "own.yaml: hours: must be in order, such as"),
        (GOOD.replace("[mon, tue]", "[]"), "own.yaml: week: must be a list with at least one entry"),
        (
            GOOD.replace("[mon, tue]", "[monday]"),
            "own.yaml: week: 'monday' is not a weekday; known: mon, tue",
        ),
        (
            GOOD + "official: rumour",
            "own.yaml: official: 'rumour' is not known; write chinesecalendar or nothing",
        ),
        (GOOD + "estimate: Atlantis", "own.yaml: estimate: 'Atlantis' is not a country"),
        (GOOD + "days: [2026-01-01]", "own.yaml: days: must hold keys with values"),
        (GOOD + "days: {2026-13-01: off}", "own.yaml: days: '2026-13-01' is not a date; write one such as"),
        (
            GOOD + "days: {2026-01-01: half}",
            "own.yaml: days: 2026-01-01: 'half' is not known; write working or off",
        ),
        (
            GOOD + "notices: {2026: {off: x}}",
            "own.yaml: notices.2026: write off: [dates] and working: [dates]",
        ),
        (
            GOOD + "notices: {2026: {off: [2025-01-01]}}",
            "own.yaml: notices.2026: 2025-01-01 is not in 2026; move",
        ),
        (GOOD + "notices: {soon: {}}", "own.yaml: notices: 'soon' is not a year such as 2027"),
        (
            GOOD + f"official: chinesecalendar\nnotices: {{{NEXT + 1}: {{}}}}",
            f"own.yaml: notices.{NEXT + 1}: the notice for {NEXT} is missing; add it first",
        ),
    ],
)
def test_a_faulty_file_is_told_where_and_how_to_mend(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(CalendarFault) as caught:
        load_calendar("own", written(tmp_path, text))
    assert str(caught.value).startswith(fault)


def test_importing_the_module_does_not_import_the_holiday_packages() -> None:
    slow = ["chinese_calendar", "holidays", "pydantic", "yaml"]
    code = f"import sys, runtime.calendars; print([m for m in {slow} if m in sys.modules])"
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
