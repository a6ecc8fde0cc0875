"""Counted again, a deadline with its ladder is what it would have been with the newer data from the start."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.case.calendar import after_working_time
from engine.case.ladders import reminders_of, rung_again
from engine.case.reckoned import Rung
from engine.case.reckoning import Counted, beginning_of, closing_of, recounted, worked_from
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


SPANS = st.lists(st.sampled_from(["1 wd", "2 wd", "3 d", "5 wh"]), min_size=1, max_size=3, unique=True)


def laid(calendar: WorkCalendar, day: date, spans: list[str]) -> Deadline:
    counted = closing_of(calendar, day)
    reminders = reminders_of(calendar, counted.due.at, spans, urgent=False, now=MONDAY)
    rungs = [
        rung_again(calendar, counted.due.at, Rung(at=MONDAY, role="boss", after=span), urgent=False)
        for span in spans
    ]
    return Deadline(
        id="milestone:go",
        kind=DeadlineKind.MILESTONE,
        subject="go",
        due_at=counted.due.at,
        provisional=counted.due.provisional,
        calendar=counted.due.version,
        unit=counted.unit,
        reckoned=counted.how,
        reminders=tuple(at for at, _ in reminders),
        remind=tuple(span for _, span in reminders),
        rungs=tuple(sorted(rungs, key=lambda rung: rung.at)),
    )


@given(calendar("old"), calendar("new"), st.sampled_from(DAYS[10:]), SPANS)
def test_reminders_and_rungs_follow_also_where_the_due_instant_stays(
    old: WorkCalendar, new: WorkCalendar, day: date, spans: list[str]
) -> None:
    before, wanted = laid(old, day, spans), laid(new, day, spans)
    after = recounted(new, before, MONDAY, urgent=False) or before
    assert after.due_at == wanted.due_at
    assert {(rung.at, rung.after) for rung in after.rungs} == {(rung.at, rung.after) for rung in wanted.rungs}
    told = dict(zip(wanted.remind, wanted.reminders, strict=True))
    assert [told[span] for span in after.remind if span in told] == [
        at for span, at in zip(after.remind, after.reminders, strict=True) if span in told
    ]
