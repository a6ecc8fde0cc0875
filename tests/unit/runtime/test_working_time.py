"""When a person's messages may leave: by a calendar of their own, else by the company's on their clock."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.case.workdays import WorkCalendar
from engine.ids import PersonId
from notifications.pacing import SPREAD_MINUTES, spread
from notifications.routing import Contact
from runtime.calendars import Calendars, UnknownCalendar, load_calendar
from runtime.working_time import PersonsHours

WANG = Contact(person=PersonId("wang"), name="王敏")
OFFICE = "zone: {zone}\nhours: ['09:00-12:00', '13:00-18:00']\nweek: [mon, tue, wed, thu, fri]\n"


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=UTC)


HOURS = PersonsHours(load_calendar)
MONDAY_NOON_SHANGHAI = at("2026-03-02 03:30")  # 11:30 there


def test_nobody_waits_while_they_work():
    assert HOURS.quiet_until(WANG, MONDAY_NOON_SHANGHAI) == MONDAY_NOON_SHANGHAI


def test_at_night_it_waits_for_the_morning_and_the_persons_own_place_in_it():
    night = at("2026-03-02 14:00")  # 22:00 in Shanghai
    opens = at("2026-03-03 01:00")
    assert HOURS.quiet_until(WANG, night) == opens + spread("wang")
    others = {HOURS.quiet_until(replace(WANG, person=f"p{n}"), night) for n in range(50)}
    assert len(others) > 20
    assert opens <= min(others)
    assert max(others) < opens + timedelta(minutes=SPREAD_MINUTES)


def test_it_goes_by_the_persons_own_clock():
    berlin = replace(WANG, zone="Europe/Berlin")  # 04:30 there
    assert HOURS.quiet_until(berlin, MONDAY_NOON_SHANGHAI) == at("2026-03-02 08:00") + spread("wang")


def test_public_holidays_and_worked_saturdays_are_the_companys_in_every_zone():
    new_year, worked_saturday = at("2026-02-17 03:30"), at("2026-02-28 03:30")
    assert HOURS.quiet_until(WANG, new_year) > at("2026-02-23 16:00")
    assert HOURS.quiet_until(WANG, worked_saturday) == worked_saturday


def test_a_calendar_of_ones_own_has_its_own_clock(tmp_path):
    (tmp_path / "paris.yaml").write_text(OFFICE.format(zone="Europe/Paris"), encoding="utf-8")
    hours = PersonsHours(Calendars(tmp_path))
    there = replace(WANG, calendar="paris", zone="America/New_York")
    assert hours.quiet_until(there, at("2026-03-02 09:00")) == at("2026-03-02 09:00")
    assert hours.calendar_of(there).zone == "Europe/Paris"


def test_who_has_no_calendar_works_by_the_companys_in_the_own_zone(tmp_path):
    (tmp_path / "office.yaml").write_text(OFFICE.format(zone="Europe/Paris"), encoding="utf-8")
    hours = PersonsHours(Calendars(tmp_path), "office")
    new_year = at("2026-02-17 03:30")  # a holiday in China, a Tuesday elsewhere
    assert hours.quiet_until(WANG, new_year) == new_year
    assert hours.calendar_of(WANG).zone == "Asia/Shanghai"
    assert PersonsHours(Calendars(tmp_path), "nosuch").calendar_of(WANG) == HOURS.calendar_of(WANG)


def test_a_calendar_that_is_gone_keeps_no_message_back():
    with pytest.raises(UnknownCalendar):
        load_calendar("nosuch")
    gone = replace(WANG, calendar="nosuch")
    assert HOURS.quiet_until(gone, MONDAY_NOON_SHANGHAI) == MONDAY_NOON_SHANGHAI


def test_a_zone_nobody_knows_is_shanghais():
    assert HOURS.calendar_of(replace(WANG, zone="Mars/Base")).zone == "Asia/Shanghai"


def test_what_is_left_counts_working_time_only_and_is_less_than_nothing_when_over():
    friday_late = at("2026-03-06 09:30")  # 17:30
    monday = at("2026-03-09 01:30")  # 09:30
    assert HOURS.left(WANG, friday_late, monday) == timedelta(hours=1)
    assert HOURS.left(WANG, monday, friday_late) < timedelta(0)


def test_only_the_calendars_that_are_needed_are_read():
    read: list[str] = []

    def calendars(name: str) -> WorkCalendar:
        read.append(name)
        return load_calendar(name)

    PersonsHours(calendars).quiet_until(WANG, MONDAY_NOON_SHANGHAI)
    assert read == ["cn"]
