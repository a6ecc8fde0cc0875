"""Hold and resume: what stops, what goes on, what is left of a deadline."""

from datetime import timedelta

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.refusal import Why
from tests.factories import Desk, a_desk, a_sop, an_approval


def _hold(desk: Desk) -> None:
    assert desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户")).refusal is None


def _resume(desk: Desk) -> None:
    assert desk.do(cmd.ResumeCase(case_id=desk.case().id)).refusal is None


def _giving_up_needs_a_yes() -> dict:
    sop = a_sop()
    sop["transitions"][4]["approvals"] = [an_approval(within="2 wd", on_timeout={"remind": True})]
    return sop


def test_a_deadline_that_began_during_the_hold_is_not_moved_by_its_end() -> None:
    desk = a_desk(_giving_up_needs_a_yes())
    desk.start()
    _hold(desk)
    desk.clock.advance(timedelta(days=1))
    desk.advance("cancel", reason="不等了")
    due = next(d for d in desk.case().deadlines.values() if d.kind == "approval").due_at
    _resume(desk)
    assert next(d for d in desk.case().deadlines.values() if d.kind == "approval").due_at == due


def test_giving_up_that_was_agreed_before_the_hold_still_happens() -> None:
    desk = a_desk(_giving_up_needs_a_yes())
    desk.start()
    desk.advance("cancel", reason="不做了")
    desk.sign("hua")
    _hold(desk)
    assert desk.run().outcome == "cancelled"


def test_giving_up_can_be_agreed_to_and_its_link_replaced_during_the_hold() -> None:
    desk = a_desk(_giving_up_needs_a_yes())
    desk.start()
    desk.advance("cancel", reason="不做了")
    _hold(desk)
    approval = next(iter(desk.case().approvals.values()))
    reissue = cmd.ReissueLink(case_id=desk.case().id, approval=approval.id, person=approval.asks[0].person)
    assert desk.do(reissue).refusal is None
    assert desk.sign("hua").refusal is None
    assert desk.run().outcome == "cancelled"


def test_giving_up_can_be_taken_back_during_the_hold() -> None:
    desk = a_desk(_giving_up_needs_a_yes())
    desk.start()
    desk.advance("cancel", reason="不做了")
    _hold(desk)
    request = next(iter(desk.case().requests.values())).id
    assert desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=request)).refusal is None


def test_another_decision_waits_for_the_end_of_the_hold() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [an_approval()]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    _hold(desk)
    refusal = desk.sign("hua").refusal
    assert refusal is not None
    assert [(b.code, b.waits_for) for b in refusal.blockers] == [("case_held", ("pei",))]


def test_a_hold_tells_the_owners_of_the_stages_but_not_who_asked_for_it() -> None:
    desk = a_desk()
    desk.start()
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"), by="bo")
    _resume(desk)
    told = [o.key for o in desk.store.owed if "/case_" in o.key]
    assert told == ["c1/3/case_held/pei"]


def test_a_case_that_is_not_held_cannot_be_resumed() -> None:
    desk = a_desk()
    desk.start()
    refusal = desk.do(cmd.ResumeCase(case_id=desk.case().id)).refusal
    assert refusal is not None
    assert (refusal.why, refusal.blockers[0].code) == (Why.CONFLICT, "not_held")


def test_a_case_is_held_only_in_the_stages_the_sop_names() -> None:
    desk = a_desk(a_sop(hold={"stages": ["live"]}))
    desk.start()
    refusal = desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等")).refusal
    assert refusal is not None
    assert (refusal.why, refusal.blockers[0].code) == (Why.BLOCKED, "no_hold_here")


def test_a_day_to_resume_must_lie_ahead() -> None:
    desk = a_desk()
    desk.start()
    today = desk.clock.now().date()
    refusal = desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等", resume_on=today)).refusal
    assert refusal is not None
    assert (refusal.why, refusal.blockers[0].code) == (Why.BAD_INPUT, "resume_in_past")


def test_the_end_of_a_child_is_taken_note_of_during_the_hold() -> None:
    child = a_sop(sop="side")
    sop = a_sop(children={"side": {"sop": "side", "on_child": {"done": {"fire": "cancel"}}}})
    desk = a_desk(sop, child)
    desk.start()
    desk.do(cmd.OpenChild(case_id=desk.case().id, child="side", title="x"))
    _hold(desk)
    key = next(iter(desk.case().children))
    closed = cmd.RecordChildClosed(case_id=desk.case().id, child=desk.case().children[key].id, outcome="done")
    assert desk.do(closed, by="rule").refusal is None
    assert desk.case().children[key].outcome == "done"


def test_a_hold_that_ends_at_once_moves_no_deadline() -> None:
    desk = a_desk(a_sop(stages=[{"id": "only", "deadline": {"within": "2 d"}}], transitions=[]))
    desk.start()
    before = desk.case().deadlines
    _hold(desk)
    _resume(desk)
    assert desk.case().deadlines == before


def test_what_is_ready_when_giving_up_is_held_over_is_not_made_ready_twice() -> None:
    sop = a_sop()
    sop["transitions"].append({"id": "stop", "from": "brief_stage", "exit": "cancelled"})
    desk = a_desk(sop)
    desk.start()
    _hold(desk)
    desk.advance("stop")
    _resume(desk)
    assert desk.kinds().count("transition_ready") == 1


def test_giving_up_ends_the_other_wishes_to_give_up() -> None:
    sop = _giving_up_needs_a_yes()
    sop["transitions"].append({"id": "stop", "zh": "停", "from": "brief_stage", "exit": "cancelled"})
    desk = a_desk(sop)
    desk.start()
    desk.advance("cancel", reason="x")
    desk.advance("stop")
    case = desk.run()
    assert (case.outcome, case.requests, case.approvals) == ("cancelled", {}, {})
    dropped = desk.last(ev.TransitionDropped)
    assert (dropped.transition, dropped.why) == ("cancel", "closed")


def test_a_track_that_moves_leaves_the_requests_of_other_tracks_alone() -> None:
    sop = a_sop(tracks={"work": {"start": "brief_stage"}, "watch": {"start": "plan_watch"}})
    sop["stages"][0]["tasks"] = []
    for stage in sop["stages"]:
        stage["track"] = "work"
    sop["stages"] += [{"id": "plan_watch", "track": "watch"}, {"id": "watching", "track": "watch"}]
    sop["transitions"][0]["approvals"] = [an_approval()]
    sop["transitions"].append({"id": "watch", "from": "plan_watch", "to": "watching"})
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    desk.advance("watch")
    assert [r.transition for r in desk.run().requests.values()] == ["submit"]
