"""A calendar has newer data: when a hold or a wait for somebody outside ends is counted again as well."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.waking import title
from engine.case.workdays import DayKind
from engine.text import Text
from tests.factories import Desk, a_calendar, a_desk
from tests.unit.engine.test_recounting import OFF_WEDNESDAY, newer, recount
from tests.unit.engine.waiting_desk import C1, a_pausable_sop, goes_on, in_review, waits

WEDNESDAY_CLOSING = datetime(2026, 11, 25, 10, tzinfo=UTC)
A_DAY = timedelta(days=1)


def changes(events: tuple[ev.Event, ...]) -> dict[str, ev.DeadlineChange]:
    (event,) = events
    assert isinstance(event, ev.DeadlinesRecounted)
    return {change.deadline.id: change for change in event.changes}


def waiting(most: str) -> Desk:
    desk = in_review(a_pausable_sop(most=most), review_time=None)
    waits(desk)
    return desk


def on_hold(until: date) -> Desk:
    desk = a_desk()
    desk.start(brief="新品")
    assert desk.do(cmd.HoldCase(case_id=C1, reason="等客户", resume_on=until)).refusal is None
    return desk


def test_a_day_off_on_the_way_moves_the_end_of_a_wait_and_tells_the_stages_owner() -> None:
    desk = waiting("3 wd")
    assert desk.case().waits["2"].until == WEDNESDAY_CLOSING
    change = changes(recount(desk, OFF_WEDNESDAY))["resume:wait/2"]
    assert (change.was, change.deadline.due_at) == (WEDNESDAY_CLOSING, WEDNESDAY_CLOSING + A_DAY)
    assert (change.deadline.calendar, change.notify) == ("newer", ("pei",))
    assert desk.case().waits["2"].until == WEDNESDAY_CLOSING + A_DAY
    assert desk.store.owed[-1].key.endswith("deadline_moved/pei")


def test_it_is_told_in_the_same_event_and_message_as_the_deadlines() -> None:
    desk = in_review(a_pausable_sop(most="3 wd"))
    waits(desk)
    before = len(desk.store.owed)
    assert set(changes(recount(desk, OFF_WEDNESDAY))) == {"stage:2", "resume:wait/2"}
    assert len(desk.store.owed) == before + 1


def test_the_clock_runs_on_at_the_end_as_counted_again_and_not_before() -> None:
    desk = waiting("3 wd")
    recount(desk, OFF_WEDNESDAY)
    desk.clock.set(WEDNESDAY_CLOSING)
    assert desk.sweep().events == ()
    desk.clock.advance(A_DAY)
    desk.sweep()
    assert desk.last(ev.StageGoesOn).used == 3 * 8 * 3600 + 8 * 3600  # the test's calendar has no day off


def test_what_earlier_waits_used_up_is_not_given_back() -> None:
    desk = waiting("16 wh")
    desk.clock.advance(timedelta(hours=9))  # the rest of Monday: eight hours of work
    goes_on(desk)
    waits(desk)
    assert desk.case().waits["2"].until == datetime(2026, 11, 24, 10, tzinfo=UTC)
    change = changes(recount(desk, newer(d2026_11_24=DayKind.OFF)))["resume:wait/2"]
    assert change.deadline.due_at == WEDNESDAY_CLOSING


@pytest.mark.parametrize("most", ["3 d", "72 h", "90 min"])
def test_elapsed_time_knows_no_calendar_and_stays(most: str) -> None:
    assert recount(waiting(most), OFF_WEDNESDAY) == ()


def test_an_end_that_has_passed_by_the_new_data_comes_at_once() -> None:
    """The Saturday was worked after all: the eight hours were over then."""
    desk = waiting("6 wd")
    desk.clock.set(datetime(2026, 11, 29, 3, tzinfo=UTC))
    change = changes(recount(desk, newer(d2026_11_28=DayKind.WORKING)))["resume:wait/2"]
    assert change.deadline.due_at == desk.clock.now()
    desk.sweep()
    assert desk.last(ev.StageGoesOn).capped


def test_a_hold_wakes_at_the_midnight_of_the_zone_there_is_now() -> None:
    desk = on_hold(date(2026, 11, 30))
    assert desk.case().deadlines["resume:hold"].due_at == datetime(2026, 11, 29, 16, tzinfo=UTC)
    berlin = replace(a_calendar(), zone="Europe/Berlin", version="berlin")
    change = changes(recount(desk, berlin))["resume:hold"]
    assert change.deadline.due_at == datetime(2026, 11, 29, 23, tzinfo=UTC)
    assert change.notify == ("pei",)


def test_a_hold_keeps_its_day_when_that_becomes_a_day_off() -> None:
    assert recount(on_hold(date(2026, 11, 25)), OFF_WEDNESDAY) == ()


def test_counted_twice_it_moves_once() -> None:
    desk = waiting("3 wd")
    assert recount(desk, OFF_WEDNESDAY)
    assert recount(desk, OFF_WEDNESDAY) == ()


def test_an_end_beyond_the_published_days_is_provisional_until_they_are() -> None:
    desk = waiting("3 wd")
    early = replace(a_calendar(), official_until=date(2026, 11, 24), version="early")
    assert changes(recount(desk, early))["resume:wait/2"].deadline.provisional


def test_they_have_names_for_people() -> None:
    assert title("hold", Text("")) == Text("暂停结束", "end of the hold")
    said = title("wait/2", Text("评审", "Review"))
    assert said == Text("“评审”等外部的最长期限", "end of the longest wait in “Review”")
