"""Calendar files, public holidays, and where the two packages agree."""

import subprocess
import sys
from datetime import date, timedelta
from importlib.metadata import version
from pathlib import Path

import chinese_calendar
import holidays
import pytest

from engine.case.workdays import DayKind, Source, day_of, hours_on, is_working_day
from runtime.calendar_file import CalendarFault, Wrong, one_date
from runtime.calendars import Calendars, UnknownCalendar, load_calendar
from runtime.notices import as_yaml, read_notice
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


# The notice for 2006 made Saturday 31 December 2005 a working day; chinesecalendar leaves that out.
WHERE_THEY_DIFFER = [date(2005, 12, 31)]


def test_two_independent_packages_agree_on_every_day_from_2007_on() -> None:
    """All 7,305 days of 2007–2026, and the one day before them on which they do not."""
    other = holidays.country_holidays("CN", years=range(2004, 2027))
    days = [day for year in range(2004, 2027) for day in days_of(year)]
    differ = [day for day in days if chinese_calendar.is_workday(day) != other.is_working_day(day)]
    assert differ == WHERE_THEY_DIFFER
    assert sum(day.year >= 2007 for day in days) == 7305


def test_make_up_saturdays_and_sundays_of_2026_are_worked() -> None:
    cn = load_calendar("cn")
    worked = [day.isoformat() for day in days_of(2026) if day.weekday() > 4 and is_working_day(cn, day)]
    assert worked == ["2026-01-04", "2026-02-14", "2026-02-28", "2026-05-09", "2026-09-20", "2026-10-10"]


def test_an_unpublished_year_is_monday_to_friday_less_the_statutory_days() -> None:
    cn = load_calendar("cn")
    year = cn.official_until.year + 1
    expected = StatutoryDays("CN", besides=range(2004, year))
    off_on_weekdays = [day for day in days_of(year) if day.weekday() < 5 and not is_working_day(cn, day)]
    assert off_on_weekdays == [day for day in days_of(year) if day.weekday() < 5 and day in expected]
    assert len(off_on_weekdays) >= 8


def test_a_year_before_the_first_notice_has_the_holidays_of_then() -> None:
    cn = load_calendar("cn")
    year = cn.official_from.year - 1
    off = {f"{day:%m-%d}" for day in days_of(year) if day.weekday() < 5 and not is_working_day(cn, day)}
    assert {"01-01", "02-03", "05-01", "05-02", "10-01", "10-02", "10-03"} <= off


def test_statutory_days_are_known_to_2100_and_to_nobody_after() -> None:
    days = StatutoryDays("CN", besides=range(1950, 2099))
    assert sorted({day.year for day in days}) == [2099, 2100]
    assert len(days) == len(list(days)) > 20
    assert days[date(2100, 1, 1)].kind is DayKind.OFF
    assert (days.get(date(2100, 1, 4)), days.get(date(2101, 1, 1))) == (None, None)


def test_the_range_of_official_data_is_read_from_the_package() -> None:
    known = chinese_notices()
    years = {day.year for day in chinese_calendar.constants.holidays}
    assert (known.first, known.last) == (date(min(years), 1, 1), date(max(years), 12, 31))


def test_the_version_names_the_file_and_both_packages(tmp_path: Path) -> None:
    own, *packages = load_calendar("cn").version.split("+")
    assert own.startswith("cn-")
    *packages, zone = packages
    assert packages == [f"{name}-{version(name)}" for name in ("chinesecalendar", "holidays")]
    assert zone.startswith("tz-")
    other = tmp_path / "other"
    other.mkdir()
    one = load_calendar("own", written(tmp_path, GOOD))
    two = load_calendar("own", written(other, GOOD + "days: {2026-03-02: off}\n"))
    assert one.version != two.version


def test_a_calendar_is_read_once() -> None:
    assert load_calendar("cn") is load_calendar("cn")


@pytest.mark.parametrize("calendar_id", ["mars", "", "../calendars/cn", "CN"])
def test_an_unknown_calendar_is_named_beside_the_known_ones(calendar_id: str) -> None:
    with pytest.raises(
        UnknownCalendar, match=r"^there is no calendar '.*'(; did you mean 'cn'\?)?; known: cn$"
    ) as caught:
        load_calendar(calendar_id)
    assert (caught.value.calendar_id, caught.value.known) == (calendar_id, Calendars().known())


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
    assert day_of(calendar, date(year, 1, 1)).source is Source.WEEK
    assert day_of(calendar, date(year + 1, 1, 1)).source is Source.ESTIMATE


def test_a_notice_in_the_file_replaces_the_one_of_the_package(tmp_path: Path) -> None:
    text = GOOD + "official: chinesecalendar\nnotices: {2026: {off: [2026-01-05]}}\n"
    calendar = load_calendar("own", written(tmp_path, text))
    said = [day for day in days_of(2026) if day_of(calendar, day).source is Source.OFFICIAL]
    assert said == [date(2026, 1, 5)]
    assert calendar.official_until == chinese_notices().last


def test_without_official_days_nothing_is_provisional(tmp_path: Path) -> None:
    calendar = load_calendar("own", written(tmp_path, GOOD))
    assert (calendar.layers, calendar.official_until) == ((), date.max)


NEXT = chinese_notices().last.year + 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: [", "own.yaml: file: is not YAML: line 1, column 5: a bracket is never closed; add its ] or }"),
        ("[]", "own.yaml: file: must hold keys such as zone, hours and week"),
        (GOOD + "day: {}", "own.yaml: day: unknown key; known: days, estimate"),
        (
            "extends: cn\nestimate: CN",
            "own.yaml: estimate: stands in the calendar that is extended; known here",
        ),
        ("extends: cnn", "own.yaml: extends: there is no calendar 'cnn'"),
        ("extends: own", "own.yaml: extends: calendars extend one another in a circle"),
        (
            "days: {2026-01-01..2025-01-01: off}\n" + GOOD,
            "own.yaml: days: '2026-01-01..2025-01-01' ends before",
        ),
        (
            GOOD + "days: {2026-01-01: 12:00-09:00}",
            "own.yaml: days: 2026-01-01: the spans of '12:00-09:00' must be",
        ),
        (
            GOOD + "days: {2026-01-01: {kind: off, hours: 09:00-12:00}}",
            "own.yaml: days: 2026-01-01: a day off has no",
        ),
        (
            GOOD + "days: {2026-01-01: {why: x}}",
            "own.yaml: days: 2026-01-01: write kind or hours, and perhaps",
        ),
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
            "own.yaml: days: 2026-01-01: 'half' is not known; write working or off, or hours such as",
        ),
        (
            GOOD + "notices: {2026: {off: x}}",
            "own.yaml: notices.2026: write off: [dates] and working: [dates]",
        ),
        (
            GOOD + "notices: {2026: {off: [2025-01-01]}}",
            "own.yaml: notices.2026: 2025-01-01 is not in 2026, nor in the last week",
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


def company(tmp_path: Path, **files: str) -> Calendars:
    """The company's folder with these calendars, over the shipped ones."""
    for name, text in files.items():
        (tmp_path / f"{name}.yaml").write_text(text, encoding="utf-8")
    return Calendars(tmp_path)


def test_a_company_keeps_its_own_days_over_the_shipped_calendar_of_the_same_name(tmp_path: Path) -> None:
    days = "2026-05-20: off, 2026-12-31: 09:00-12:00, 2026-11-02..2026-11-03: {kind: off, note: 司庆}"
    own = f"extends: cn\ndays: {{{days}}}\n"
    cn = company(tmp_path, cn=own)("cn")
    off = [
        day
        for day in days_of(2026)
        if is_working_day(load_calendar("cn"), day) and not is_working_day(cn, day)
    ]
    assert off == [date(2026, 5, 20), date(2026, 11, 2), date(2026, 11, 3)]
    assert hours_on(cn, date(2026, 12, 31)) == (HOURS[0],)
    assert day_of(cn, off[-1]).note.zh == "司庆"
    assert (cn.official_until, cn.hours) == (load_calendar("cn").official_until, HOURS)


def test_a_team_keeps_its_own_calendar_on_top_of_the_companys(tmp_path: Path) -> None:
    calendars = company(
        tmp_path,
        cn="extends: cn\ndays: {2026-05-20: off, 2026-05-21: off}\n",
        duty="title: 值班\nextends: cn\nhours: ['08:00-20:00']\nweek: [sat, sun]\n"
        "days: {2026-05-21: working}\n",
    )
    assert calendars.known() == ("cn", "duty")
    duty = calendars("duty")
    days = [date(2026, 5, day) for day in (20, 21, 23, 25)]
    assert [is_working_day(duty, day) for day in days] == [False, True, True, False]
    assert calendars.described("duty").title.zh == "值班"
    assert [path.name for path in calendars.described("duty").files] == ["cn.yaml", "cn.yaml", "duty.yaml"]


HOURS = load_calendar("cn").hours
NOTICE = f"""calendar: cn
year: {NEXT}
number: 国办发明电〔测试〕1号
date: {NEXT - 1}-11-05
off: {{{NEXT}-01-01..{NEXT}-01-03: 元旦, {NEXT}-03-01: {{zh: 三月, en: March}}}}
working: {{{NEXT}-01-09: 元旦}}
"""


def test_a_file_that_changes_is_read_anew_without_a_restart(tmp_path: Path) -> None:
    calendars = company(tmp_path)
    before = calendars("cn")
    assert calendars("cn") is before
    (tmp_path / "cn.yaml").write_text("extends: cn\ndays: {2026-05-20: off}\n", encoding="utf-8")
    after = calendars("cn")
    assert (after.version != before.version, is_working_day(after, date(2026, 5, 20))) == (True, False)
    (tmp_path / "notices" / "cn").mkdir(parents=True)
    (tmp_path / "notices" / "cn" / f"{NEXT}.yaml").write_text(NOTICE, encoding="utf-8")
    assert calendars("cn").official_until == date(NEXT, 12, 31)
    (tmp_path / "cn.yaml").unlink()
    assert is_working_day(calendars("cn"), date(2026, 5, 20))


def test_a_kept_notice_is_official_and_names_where_it_comes_from(tmp_path: Path) -> None:
    trial = company(tmp_path).with_notice(read_notice("notice.yaml", NOTICE.encode()))
    assert [path.name for path in tmp_path.iterdir()] == []
    (tmp_path / "notices" / "cn").mkdir(parents=True)
    (tmp_path / "notices" / "cn" / f"{NEXT}.yaml").write_text(NOTICE, encoding="utf-8")
    for calendars in (trial, company(tmp_path)):
        described = calendars.described("cn")
        assert described.notices[0].number == "国办发明电〔测试〕1号"
        assert described.notices[0].published == date(NEXT - 1, 11, 5)
        saturday = day_of(described.calendar, date(NEXT, 1, 9))
        assert (saturday.kind, saturday.note.zh, saturday.source) == (
            DayKind.WORKING,
            "元旦调休上班",
            Source.OFFICIAL,
        )


def test_a_notice_is_written_as_it_was_read() -> None:
    notice = read_notice("notice.yaml", NOTICE.encode())
    assert read_notice("again.yaml", as_yaml(notice).encode()) == notice


def test_a_fault_of_a_calendar_is_told_in_chinese_too(tmp_path: Path) -> None:
    with pytest.raises(CalendarFault) as caught:
        company(tmp_path, cn="extends: cn\nhours: [9-12]\n")("cn")
    assert (
        caught.value.message.zh
        == "cn.yaml：hours：'9-12' 不是时段，例如 09:00-12:00；一天写到 23:59，夜班分成两段"
    )


@pytest.mark.parametrize(
    "written", ["2027-01-16", "2027/1/16", "2027.1.16", "2027年1月16日", " 2027年1月16日 "]
)
def test_a_day_is_read_as_people_write_it(written):
    assert one_date(written) == date(2027, 1, 16)


@pytest.mark.parametrize("written", ["27-01-16", "2027年13月1日", "2027-1", "1月16日", ""])
def test_what_is_no_day_is_refused(written):
    with pytest.raises(Wrong):
        one_date(written)
