"""A calendar has newer data: open deadlines are counted again, once, and those concerned are told."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.calendar import add
from engine.case.facts import Facts, Whereabouts
from engine.case.reckoning import TODAY, closing_of
from engine.case.refusal import Why
from engine.case.state import RULE
from engine.case.workdays import Day, DayKind, Source, WorkCalendar
from engine.ids import PersonId
from engine.service import Service
from tests.factories import MONDAY, Desk, a_calendar, a_desk, a_sop

WEDNESDAY = date(2026, 11, 25)


def newer(**kinds: DayKind) -> WorkCalendar:
    layer = {date.fromisoformat(day.strip("d").replace("_", "-")): kind for day, kind in kinds.items()}
    said = {day: Day(kind, Source.OFFICIAL) for day, kind in layer.items()}
    return replace(a_calendar(), layers=(said,), version="newer")


OFF_WEDNESDAY = newer(d2026_11_25=DayKind.OFF)


def in_review(sop: dict[str, Any] | None = None, **settings: Any) -> Desk:
    desk = a_desk(sop, **settings)
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def recount(desk: Desk, calendar: WorkCalendar) -> tuple[ev.Event, ...]:
    service = Service(desk.store, desk.clock, lambda _: calendar)
    answer = service.handle(cmd.RecountDeadlines(case_id=desk.case().id), actor=RULE)
    assert answer.refusal is None
    return tuple(recorded.event for recorded in answer.events)


def the_change(events: tuple[ev.Event, ...]) -> ev.DeadlineChange:
    (event,) = events
    assert isinstance(event, ev.DeadlinesRecounted)
    (change,) = event.changes
    return change


def test_a_day_off_on_the_way_moves_the_deadline_and_tells_whose_it_is() -> None:
    desk = in_review(review_time="2 wd")
    change = the_change(recount(desk, OFF_WEDNESDAY))
    assert change.was == datetime(2026, 11, 25, 10, tzinfo=UTC)
    assert change.deadline.due_at == datetime(2026, 11, 26, 10, tzinfo=UTC)
    assert (change.was_calendar, change.deadline.calendar) == ("test", "newer")
    assert desk.case().deadlines["stage:2"] == change.deadline
    assert [owed.key.split("/", 2)[2] for owed in desk.store.owed][-1] == "deadline_moved/pei"


def test_reminders_and_rungs_follow_by_working_time_not_by_hours() -> None:
    """One working day before Thursday is Tuesday now that Wednesday is off."""
    desk = in_review(review_time="2 wd")
    before = desk.case().deadlines["stage:2"]
    after = the_change(recount(desk, OFF_WEDNESDAY)).deadline
    assert before.reminders == (datetime(2026, 11, 24, 10, tzinfo=UTC),) == after.reminders
    assert [rung.at - after.due_at for rung in after.rungs] == [timedelta(days=1)]


def test_counting_twice_moves_nothing_the_second_time() -> None:
    desk = in_review(review_time="2 wd")
    assert recount(desk, OFF_WEDNESDAY)
    assert recount(desk, OFF_WEDNESDAY) == ()
    assert recount(desk, replace(OFF_WEDNESDAY, version="the same days again")) == ()


def test_data_that_change_nothing_make_no_event() -> None:
    assert recount(in_review(review_time="2 wd"), newer(d2026_12_25=DayKind.OFF)) == ()


def test_what_was_flagged_overdue_or_is_due_already_stays() -> None:
    desk = in_review(review_time="2 wd")
    desk.clock.advance(timedelta(days=2, hours=9))
    assert recount(desk, OFF_WEDNESDAY) == ()
    desk.sweep()
    assert recount(desk, OFF_WEDNESDAY) == ()


def test_no_deadline_moves_into_the_past() -> None:
    """The Saturday was worked after all; on Sunday that has passed, and the next closing is that day's."""
    desk = in_review(review_time="5 wd")
    desk.clock.advance(timedelta(days=6))
    worked = newer(d2026_11_28=DayKind.WORKING, d2026_11_29=DayKind.WORKING)
    change = the_change(recount(desk, worked))
    assert change.was == datetime(2026, 11, 30, 10, tzinfo=UTC)
    assert change.deadline.due_at == datetime(2026, 11, 29, 10, tzinfo=UTC)
    desk.clock.advance(timedelta(hours=6))
    assert recount(desk, worked) == ()


def test_a_pause_is_gone_through_again() -> None:
    desk = in_review(review_time="2 wd")
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"))
    desk.clock.advance(timedelta(days=1))
    desk.do(cmd.ResumeCase(case_id=desk.case().id))
    assert desk.case().deadlines["stage:2"].due_at == datetime(2026, 11, 26, 10, tzinfo=UTC)
    change = the_change(recount(desk, OFF_WEDNESDAY))
    assert change.deadline.due_at == datetime(2026, 11, 27, 10, tzinfo=UTC)


def test_a_held_case_is_counted_again_and_stays_held() -> None:
    desk = in_review(review_time="2 wd")
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"))
    change = the_change(recount(desk, OFF_WEDNESDAY))
    assert (change.deadline.paused, change.deadline.due_at.day) == (True, 26)


def test_no_longer_provisional_is_recorded_and_nobody_is_bothered() -> None:
    desk = a_desk(review_time="2 wd")
    early = replace(a_calendar(), official_until=date(2026, 11, 24))
    desk = Desk(desk.store, desk.clock, Service(desk.store, desk.clock, lambda _: early))
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert desk.case().deadlines["stage:2"].provisional
    owed = len(desk.store.owed)
    change = the_change(recount(desk, replace(a_calendar(), version="published")))
    assert (change.deadline.provisional, change.was_provisional, change.notify) == (False, True, ())
    assert len(desk.store.owed) == owed


def test_a_date_people_gave_keeps_its_day_and_takes_that_days_closing() -> None:
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"on": "go_live_on"}
    desk = in_review(sop)
    desk.set(go_live_on="2026-11-25")
    assert recount(desk, OFF_WEDNESDAY) == ()
    noon = {WEDNESDAY: Day(DayKind.WORKING, Source.COMPANY, hours=((time(9), time(12)),))}
    change = the_change(recount(desk, replace(a_calendar(), layers=(noon,), version="noon")))
    assert change.deadline.due_at == datetime(2026, 11, 25, 4, tzinfo=UTC)


def test_only_the_rule_counts_again() -> None:
    desk = in_review(review_time="2 wd")
    answer = desk.do(cmd.RecountDeadlines(case_id=desk.case().id), by="pei")
    assert answer.refusal is not None
    assert answer.refusal.why is Why.FORBIDDEN


def test_how_it_was_counted_is_stored_with_wall_time_zone_and_version() -> None:
    due = in_review(review_time="2 wd").case().deadlines["stage:2"]
    assert due.reckoned is not None
    assert (due.reckoned.wall, due.reckoned.zone, due.calendar) == (
        "2026-11-25T18:00",
        "Asia/Shanghai",
        "test",
    )
    assert (due.reckoned.start, due.reckoned.within) == (MONDAY, "2 wd")


def test_a_stage_may_count_by_a_calendar_of_its_own() -> None:
    sop = a_sop()
    sop["stages"][1]["calendar"] = "duty"
    desk = a_desk(sop, review_time="2 wd")
    calendars = {"cn": a_calendar(), "duty": replace(OFF_WEDNESDAY, id="duty")}
    desk = Desk(desk.store, desk.clock, Service(desk.store, desk.clock, calendars.__getitem__))
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert desk.case().deadlines["stage:2"].due_at == datetime(2026, 11, 26, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    ("known", "zone", "version"),
    [
        (None, "Asia/Shanghai", "test"),
        (Whereabouts("", "Europe/Berlin"), "Europe/Berlin", "test"),
        (Whereabouts("uk", "Asia/Shanghai"), "Europe/London", "uk-1"),
        (Whereabouts("gone", "Asia/Tokyo"), "Asia/Tokyo", "test"),
    ],
)
def test_a_person_works_by_their_own_calendar_or_the_sops_where_they_live(
    known: Whereabouts | None, zone: str, version: str
) -> None:
    pei = PersonId("pei")
    facts = Facts(
        now=MONDAY,
        actor=RULE,
        calendar=a_calendar(),
        calendars={"uk": replace(a_calendar(), id="uk", zone="Europe/London", version="uk-1")},
        whereabouts={} if known is None else {pei: known},
    )
    assert (facts.calendar_of(pei).zone, facts.calendar_of(pei).version) == (zone, version)


@pytest.mark.parametrize(("day", "provisional"), [(24, False), (25, True), (31, True)])
def test_a_date_in_the_last_published_week_may_move_like_what_is_counted_into_it(
    day: int, provisional: bool
) -> None:
    calendar, date_given = replace(a_calendar(), official_until=date(2026, 12, 31)), date(2026, 12, day)
    start = datetime.combine(date_given, time(2), UTC)
    assert closing_of(calendar, date_given).due.provisional is provisional
    assert add(calendar, start, TODAY).provisional is provisional
