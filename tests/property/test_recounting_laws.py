"""Counted again, the end of a wait is what it would have been with the newer data from the start."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.case.calendar import after_working_time
from engine.case.reckoning import Counted, beginning_of, recounted, worked_from
from engine.case.state import Deadline, DeadlineKind
from engine.case.workdays import Day, DayKind, Source, WorkCalendar, start_of_day
from tests.factories import MONDAY, a_calendar

ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York")
DAYS = [date(2026, 11, 20) + timedelta(days=n) for n in range(30)]
KINDS = st.dictionaries(st.sampled_from(DAYS), st.sampled_from(DayKind), max_size=10)


def calendar(version: str) -> st.SearchStrategy[WorkCalendar]:
    def made(kinds: dict[date, DayKind], zone: str) -> WorkCalendar:
        layer = {day: Day(kind, Source.COMPANY) for day, kind in kinds.items()}
        return replace(a_calendar(), layers=(layer,), zone=zone, version=version)

    return st.builds(made, KINDS, st.sampled_from(ZONES))


def wake(counted: Counted, subject: str) -> Deadline:
    return Deadline(
        id=f"resume:{subject}",
        kind=DeadlineKind.RESUME,
        subject=subject,
        due_at=counted.due.at,
        provisional=counted.due.provisional,
        calendar=counted.due.version,
        unit=counted.unit,
        reckoned=counted.how,
    )


@given(calendar("old"), calendar("new"), st.integers(1, 60 * 80), st.integers(0, 60 * 24 * 14))
def test_a_wait_ends_as_if_counted_so_from_the_start_and_never_in_the_past(
    old: WorkCalendar, new: WorkCalendar, minutes: int, later: int
) -> None:
    now, left = MONDAY + timedelta(minutes=later), timedelta(minutes=minutes)
    before = wake(worked_from(old, MONDAY, left), "wait/1")
    after = recounted(new, before, now, urgent=False) or before
    wanted = after_working_time(new, MONDAY, left).at
    if before.due_at <= now:
        assert after == before
    else:
        assert after.due_at == (wanted if wanted == before.due_at else max(wanted, now))
        assert recounted(new, after, now, urgent=False) is None


@given(calendar("old"), calendar("new"), st.sampled_from(DAYS[10:]))
def test_a_hold_ends_at_midnight_of_its_day_by_the_calendar_there_is(
    old: WorkCalendar, new: WorkCalendar, day: date
) -> None:
    before = wake(beginning_of(old, day), "hold")
    after = recounted(new, before, MONDAY, urgent=False) or before
    assert after.due_at == start_of_day(new, day)
