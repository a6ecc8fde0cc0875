"""A stage waits for somebody outside: its clock stands still, and runs on with what was left."""

from datetime import UTC, date, datetime, timedelta

from engine.case import commands as cmd
from engine.case import events as ev
from tests.factories import MONDAY, Desk
from tests.unit.engine.waiting_desk import C1, a_pausable_sop, goes_on, in_review, waits

WEDNESDAY_CLOSING = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def _due(desk: Desk) -> datetime:
    return desk.case().deadlines["stage:2"].due_at


def test_what_was_left_when_the_wait_began_is_left_when_it_ends() -> None:
    desk = in_review()
    assert _due(desk) == WEDNESDAY_CLOSING
    assert waits(desk).refusal is None
    assert desk.case().deadlines["stage:2"].next_at is None
    desk.clock.advance(timedelta(days=2))
    goes_on(desk)
    assert _due(desk) == WEDNESDAY_CLOSING + timedelta(days=2)
    assert desk.case().deadlines["stage:2"].stopped_at is None


def test_while_it_waits_nothing_is_reminded_flagged_or_escalated() -> None:
    desk = in_review()
    waits(desk)
    before = len(desk.store.owed)
    for _ in range(20):
        desk.clock.advance(timedelta(days=1))
        assert desk.sweep().events == ()
    assert len(desk.store.owed) == before


def test_who_stopped_it_when_why_and_for_whom_is_in_the_case() -> None:
    desk = in_review()
    desk.clock.advance(timedelta(hours=1))
    waits(desk)
    wait = desk.case().waits["2"]
    assert (wait.stage, wait.since, wait.by) == ("review", MONDAY + timedelta(hours=1), "pei")
    assert (wait.waits_for, wait.reason, wait.until) == ("客户", "等样品", None)


def test_the_longest_wait_over_the_clock_runs_on_by_itself_and_the_owner_is_told() -> None:
    desk = in_review(a_pausable_sop(most="1 wd"))
    waits(desk)
    until = desk.case().waits["2"].until
    assert until == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)  # eight hours of work from nine o'clock
    desk.clock.set(datetime(2026, 11, 23, 10, 0, tzinfo=UTC))
    desk.sweep()
    assert desk.last(ev.StageGoesOn).capped
    assert desk.case().waits["2"].since is None
    assert "resume:wait/2" not in desk.case().deadlines
    assert desk.store.owed[-1].key.endswith("clock_goes_on/pei")
    assert _due(desk) == WEDNESDAY_CLOSING + timedelta(days=1)


def test_several_waits_in_one_visit_share_the_longest_and_then_it_is_used_up() -> None:
    desk = in_review(a_pausable_sop(most="8 wh"))
    waits(desk)
    desk.clock.advance(timedelta(hours=3))
    goes_on(desk)
    assert desk.case().waits["2"].used == 3 * 3600
    waits(desk)
    assert desk.case().waits["2"].until == datetime(2026, 11, 23, 10, 0, tzinfo=UTC)
    desk.clock.advance(timedelta(days=1))
    desk.sweep()
    refusal = waits(desk).refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "waited_enough"


def test_a_new_visit_may_wait_as_long_again() -> None:
    desk = in_review(a_pausable_sop(most="60 min"))
    waits(desk)
    desk.clock.advance(timedelta(hours=2))
    desk.sweep()
    desk.advance("rework", reason="改")
    desk.run()
    assert desk.case().waits == {}
    desk.do(cmd.CompleteTask(case_id=C1, task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert waits(desk).refusal is None


def test_leaving_the_stage_ends_the_wait_with_it() -> None:
    desk = in_review(a_pausable_sop(most="5 wd"))
    waits(desk)
    desk.advance("rework", reason="改")
    case = desk.run()
    assert (case.waits, case.deadlines) == ({}, {})


def test_a_hold_during_a_wait_stops_nothing_twice() -> None:
    desk = in_review()
    waits(desk)
    desk.clock.advance(timedelta(days=1))
    desk.do(cmd.HoldCase(case_id=C1, reason="放假"))
    desk.clock.advance(timedelta(days=1))
    desk.do(cmd.ResumeCase(case_id=C1))
    desk.clock.advance(timedelta(days=1))
    goes_on(desk)
    assert _due(desk) == datetime(2026, 11, 30, 10, 0, tzinfo=UTC)  # two working days from Thursday on


def test_the_deadlines_of_the_stages_tasks_wait_with_it_and_others_do_not() -> None:
    sop = a_pausable_sop()
    sop["stages"][1]["tasks"] = [{"id": "check", "zh": "核对", "deadline": {"within": "1 wd"}}]
    sop["milestones"] = [{"id": "up", "entered": "live", "deadline": {"within": "5 wd"}}]
    desk = in_review(sop)
    waits(desk)
    stopped = {name for name, one in desk.case().deadlines.items() if one.stopped_at is not None}
    assert stopped == {"stage:2", "task:check"}


def test_a_date_that_moves_during_the_wait_counts_once_it_is_over() -> None:
    sop = a_pausable_sop()
    sop["stages"][1]["deadline"] = {"on": "go_live_on"}
    desk = in_review(sop)
    desk.set(go_live_on="2026-11-25")
    waits(desk)
    desk.set(go_live_on="2026-11-27")
    assert desk.case().deadlines["stage:2"].stopped_at == MONDAY
    goes_on(desk)
    assert _due(desk) == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def test_a_stage_without_a_deadline_can_wait_too() -> None:
    desk = in_review(review_time=None)
    assert waits(desk).refusal is None
    assert desk.case().waits["2"].since is not None


def test_a_hold_takes_nothing_from_the_longest_wait() -> None:
    for most, used in (("3 h", 2 * 3600), ("3 wh", 2 * 3600)):
        desk = in_review(a_pausable_sop(most=most))
        waits(desk)
        desk.clock.advance(timedelta(hours=1))
        desk.do(cmd.HoldCase(case_id=C1, reason="放假"))
        desk.clock.advance(timedelta(days=1))
        assert desk.sweep().events == ()
        desk.do(cmd.ResumeCase(case_id=C1))
        until = desk.case().waits["2"].until
        assert until == desk.case().deadlines["resume:wait/2"].due_at == MONDAY + timedelta(days=1, hours=3)
        desk.clock.advance(timedelta(hours=1))
        goes_on(desk)
        assert desk.case().waits["2"].used == used


def test_found_late_a_wait_and_a_hold_ended_when_they_were_over() -> None:
    desk = in_review(a_pausable_sop(most="60 min"))
    waits(desk)
    desk.clock.advance(timedelta(days=1))
    desk.sweep()
    assert desk.case().waits["2"].used == 3600
    assert _due(desk) == WEDNESDAY_CLOSING + timedelta(hours=16)  # an hour of work, on the next morning

    desk = in_review()
    desk.do(cmd.HoldCase(case_id=C1, reason="放假", resume_on=date(2026, 11, 24)))
    desk.clock.set(datetime(2026, 11, 25, 3, 0, tzinfo=UTC))
    desk.sweep()
    assert _due(desk) == WEDNESDAY_CLOSING + timedelta(days=1)
