"""More time: asked for, signed, judged again when carried, and recorded with the old and the new instant."""

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from tests.factories import Desk, a_sop, an_approval
from tests.unit.engine.waiting_desk import C1, in_review, waits

CLOSING_25TH = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def with_extension(*approvals: dict[str, Any], **extends: Any) -> dict[str, Any]:
    sop = a_sop()
    sop["fields"]["new_date"] = {"type": "date", "zh": "新日期", "en": "New date"}
    more = {
        "id": "more_time",
        "zh": "申请延期",
        "en": "Ask for more time",
        "from": "review",
        "stay": True,
        "reason": "required",
        "clears": ["new_date"],
        "extends": {"until": "new_date", **extends},
        "approvals": list(approvals),
    }
    sop["transitions"].append(more)
    return sop


def asks(desk: Desk, until: str) -> tuple[str, ...]:
    """The codes of what stands in the way; empty when it is asked for."""
    desk.set(new_date=until)
    refusal = desk.advance("more_time", reason="客户改期").refusal
    return () if refusal is None else tuple(b.code for b in refusal.blockers)


def test_without_approval_it_holds_at_once_with_old_and_new_instant_who_and_why() -> None:
    desk = in_review(with_extension())
    assert asks(desk, "2026-11-27") == ()
    case = desk.run()
    extended = desk.last(ev.DeadlineExtended)
    assert (extended.deadline, extended.old, extended.new) == (
        "stage:2",
        CLOSING_25TH,
        CLOSING_25TH + timedelta(days=2),
    )
    assert (extended.by, extended.reason) == ("pei", "客户改期")
    assert case.deadlines["stage:2"].due_at == extended.new
    assert case.extended == {"stage:2": 1}


def test_with_approval_nothing_moves_until_it_is_signed_and_the_new_date_is_what_is_signed() -> None:
    desk = in_review(with_extension(an_approval(id="agreed", shows=[])))
    assert asks(desk, "2026-11-27") == ()
    assert desk.run().deadlines["stage:2"].due_at == CLOSING_25TH
    first = next(iter(desk.case().approvals.values()))
    desk.set(new_date="2026-11-30")
    again = next(iter(desk.case().approvals.values()))
    assert (again.round, again.content) != (first.round, first.content)
    desk.sign("hua")
    assert desk.run().deadlines["stage:2"].due_at == datetime(2026, 11, 30, 10, 0, tzinfo=UTC)


def test_a_no_leaves_the_deadline_where_it_is() -> None:
    desk = in_review(with_extension(an_approval(id="agreed")))
    asks(desk, "2026-11-27")
    desk.sign("hua", "reject", comment="不行")
    case = desk.run()
    assert (case.deadlines["stage:2"].due_at, case.extended, case.requests) == (CLOSING_25TH, {}, {})


def test_while_it_is_asked_for_the_stage_can_be_left_and_then_it_falls() -> None:
    desk = in_review(with_extension(an_approval(id="agreed")))
    asks(desk, "2026-11-27")
    assert desk.advance("rework", reason="改").refusal is None
    desk.run()
    desk.sign("hua")
    case = desk.run()
    dropped = desk.last(ev.TransitionDropped)
    assert (dropped.transition, dropped.why) == ("more_time", "blocked")
    assert [b.code for b in dropped.reasons] == ["not_in_stage"]
    assert (case.deadlines, case.extended) == ({}, {})


def test_what_was_overdue_is_so_no_more_and_its_ladder_is_laid_anew() -> None:
    desk = in_review(with_extension())
    desk.clock.advance(timedelta(days=4))
    desk.sweep()
    assert desk.case().deadlines["stage:2"].missed_at is not None
    assert asks(desk, "2026-12-01") == ()
    desk.run()
    found = desk.case().deadlines["stage:2"]
    assert (found.missed_at, found.reminded, found.escalated) == (None, 0, 0)
    assert [rung.role for rung in found.rungs] == ["boss"]
    desk.clock.advance(timedelta(days=10))
    desk.sweep()
    told = [o.key.split("/", 2)[2] for o in desk.store.owed if "deadline_overdue" in o.key]
    assert told == ["deadline_overdue/pei"] * 2


def test_it_is_refused_too_early_too_late_too_often_and_where_nothing_is_due() -> None:
    desk = in_review(with_extension(most=1, longest="2 wd"))
    assert asks(desk, "2026-11-25") == ("extension_not_later",)
    assert asks(desk, "2026-11-30") == ("extension_too_long",)
    assert asks(desk, "2026-11-27") == ()
    desk.run()
    assert asks(desk, "2026-12-01") == ("extended_enough",)
    assert asks(in_review(with_extension(), review_time=None), "2026-12-01") == ("nothing_to_extend",)


def test_without_a_date_it_is_not_asked_for() -> None:
    desk = in_review(with_extension())
    refusal = desk.advance("more_time", reason="x").refusal
    assert refusal is not None
    assert [(b.code, b.subject) for b in refusal.blockers] == [("field_missing", "new_date")]


def test_tasks_and_milestones_get_more_time_too() -> None:
    for name in ("task:check", "milestone:up"):
        sop = with_extension(deadline=name)
        sop["stages"][1]["tasks"] = [{"id": "check", "zh": "核对", "deadline": {"within": "1 wd"}}]
        sop["milestones"] = [{"id": "up", "entered": "live", "deadline": {"within": "2 wd"}}]
        desk = in_review(sop)
        assert asks(desk, "2026-11-27") == ()
        assert desk.run().deadlines[name].due_at == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)


def test_a_clock_that_stands_still_stays_so_at_the_new_date() -> None:
    sop = with_extension()
    sop["stages"][1]["pausable"] = {}
    desk = in_review(sop)
    waits(desk)
    asks(desk, "2026-11-27")
    assert desk.run().deadlines["stage:2"].next_at is None


def test_a_hold_refuses_it() -> None:
    desk = in_review(with_extension())
    desk.set(new_date="2026-11-27")
    desk.do(cmd.HoldCase(case_id=C1, reason="放假"))
    assert desk.advance("more_time", reason="x").refusal is not None
