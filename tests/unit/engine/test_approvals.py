"""Approvals: who is asked, how answers count, what a no does, and signing what one sees."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.refusal import Why
from engine.case.state import RequestState, Verdict
from engine.definition.approval_model import Assurance
from engine.ids import PersonId
from tests.factories import Desk, a_desk, a_sop, an_approval, person

THREE = [{"role": "head"}, {"role": "boss"}, {"role": "customer"}]


def _asked(approval: dict[str, Any], **settings: Any) -> Desk:
    sop = a_sop()
    sop["transitions"][1]["approvals"] = [approval]
    desk = a_desk(sop, **settings)
    desk.start(brief="新品", budget="10 CNY")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert desk.advance("go_live").refusal is None
    return desk


def _ready(desk: Desk) -> bool:
    return any(r.state is RequestState.READY for r in desk.case().requests.values())


def test_under_any_the_first_yes_opens_the_gate() -> None:
    desk = _asked(an_approval(by=THREE))
    desk.sign("bo")
    assert _ready(desk)


def test_under_all_everybody_must_agree() -> None:
    desk = _asked(an_approval(by=THREE, mode="all"))
    desk.sign("hua")
    desk.sign("bo")
    assert not _ready(desk)
    desk.sign("ke")
    assert _ready(desk)


def test_under_sequence_each_waits_for_the_one_before() -> None:
    desk = _asked(an_approval(by=THREE, mode="sequence"))
    refusal = desk.sign("bo").refusal
    assert refusal is not None
    assert [(b.code, b.waits_for) for b in refusal.blockers] == [("not_your_turn", ("hua",))]
    desk.sign("hua")
    assert desk.store.owed[-1].key.endswith("approval_requested/bo")
    desk.sign("bo")
    desk.sign("ke")
    assert _ready(desk)


def test_under_votes_the_weight_decides() -> None:
    by = [{"role": "head", "weight": 2}, {"role": "boss"}, {"role": "customer"}]
    desk = _asked(an_approval(by=by, mode="votes", threshold=3, on_reject="wait_all"))
    desk.sign("ke", "reject", comment="太贵")
    desk.sign("hua")
    assert not _ready(desk)
    desk.sign("bo")
    assert _ready(desk)


def test_votes_that_can_no_longer_reach_the_threshold_end_it() -> None:
    by = [{"role": "head", "weight": 2}, {"role": "boss"}]
    desk = _asked(an_approval(by=by, mode="votes", threshold=2, on_reject="wait_all"))
    desk.sign("hua", "reject", comment="不")
    assert not desk.case().requests


def test_stop_drops_the_request_at_the_first_no_and_tells_the_requester_why() -> None:
    desk = _asked(an_approval(by=THREE, mode="all"))
    desk.sign("bo", "reject", comment="预算不足")
    dropped = desk.last(ev.TransitionDropped)
    assert (dropped.why, dropped.comment, dropped.notify) == ("rejected", "预算不足", ("pei",))
    assert desk.case().at("review") is not None


def test_wait_all_hears_everybody_before_it_ends() -> None:
    desk = _asked(an_approval(by=THREE, mode="all", on_reject="wait_all"))
    desk.sign("hua", "reject", comment="不")
    assert desk.case().requests
    desk.sign("bo")
    desk.sign("ke")
    assert not desk.case().requests


def test_return_sends_the_case_back_along_the_named_loop() -> None:
    desk = _asked(an_approval(on_reject="return", returns="rework"))
    desk.sign("hua", "reject", comment="请重做")
    assert desk.run().at("brief_stage") is not None


def test_a_no_needs_a_comment_unless_the_sop_says_never() -> None:
    desk = _asked(an_approval())
    refusal = desk.sign("hua", "reject").refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "comment_missing"


def test_nobody_signs_their_own_request_and_a_gate_only_they_could_sign_fails_closed() -> None:
    desk = _asked(an_approval(by=[{"role": "planner"}]))
    approval = next(iter(desk.case().approvals.values()))
    assert (approval.asks, approval.unfilled) == ((), ("planner",))
    assert desk.store.owed[-1].key.endswith("approval_unfilled/ou")
    refusal = desk.advance("go_live").refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "approval_unfilled"


def test_filling_the_empty_role_asks_again() -> None:
    desk = _asked(an_approval(by=[{"role": "planner"}]))
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"planner": ("xia",)}))  # pyright: ignore[reportArgumentType]
    desk.sign("xia")
    assert _ready(desk)


def test_own_request_is_allowed_only_where_the_sop_says_so() -> None:
    desk = _asked(an_approval(by=[{"role": "planner"}], own_request=True))
    desk.sign("pei")
    assert _ready(desk)


@pytest.mark.parametrize(("given", "ok"), [("link", False), ("code", True), ("login", True)])
def test_a_decision_needs_the_assurance_the_sop_names(given: str, ok: bool) -> None:
    desk = _asked(an_approval(assurance="code"))
    approval = next(iter(desk.case().approvals.values()))
    decision = cmd.RecordDecision(
        case_id=desk.case().id, approval=approval.id, verdict=Verdict.APPROVE, assurance=Assurance(given)
    )
    assert (desk.do(decision, by="hua").refusal is None) is ok


def test_a_change_of_what_was_shown_asks_again_and_says_what_changed() -> None:
    desk = _asked(an_approval(by=THREE, mode="all"))
    desk.sign("hua")
    desk.set(budget="20 CNY")
    approval = next(iter(desk.case().approvals.values()))
    opened = desk.last(ev.ApprovalOpened)
    assert (approval.round, [a.decision for a in approval.asks]) == (2, [None, None, None])
    assert [(c.what, c.new) for c in opened.changes] == [("budget", {"amount": "20.00", "currency": "CNY"})]


def test_a_change_of_something_not_shown_leaves_the_approval_alone() -> None:
    desk = _asked(an_approval())
    desk.set(go_live_on="2026-12-01")
    assert next(iter(desk.case().approvals.values())).round == 1


def test_a_change_after_everybody_agreed_takes_the_readiness_back() -> None:
    desk = _asked(an_approval())
    desk.sign("hua")
    assert _ready(desk)
    desk.set(budget="20 CNY")
    assert not _ready(desk)


def test_a_decision_on_what_was_seen_before_is_refused() -> None:
    desk = _asked(an_approval())
    old = next(iter(desk.case().approvals.values()))
    desk.set(budget="20 CNY")
    decision = cmd.RecordDecision(
        case_id=desk.case().id, approval=old.id, verdict=Verdict.APPROVE, round=old.round, content=old.content
    )
    refusal = desk.do(decision, by="hua").refusal
    assert refusal is not None
    assert (refusal.why, refusal.blockers[0].code) == (Why.CONFLICT, "content_changed")


def test_a_role_given_on_the_case_to_somebody_who_left_fails_closed() -> None:
    desk = a_desk()
    desk.start(brief="新品", budget="10 CNY")
    desk.do(cmd.AssignRoles(case_id=desk.case().id, roles={"head": (PersonId("lu"),)}))
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    desk.store.left = frozenset({"lu"})
    desk.advance("go_live")
    opened = desk.last(ev.ApprovalOpened)
    assert (opened.approval.asks, opened.approval.unfilled, opened.alert) == ((), ("head",), ("ou",))


def test_a_decision_through_a_link_that_was_replaced_meanwhile_is_refused() -> None:
    desk = _asked(an_approval())
    old = next(iter(desk.case().approvals.values()))
    desk.do(cmd.ReissueLink(case_id=desk.case().id, approval=old.id, person=PersonId("hua")), by="hua")
    answers = [
        desk.do(
            cmd.RecordDecision(case_id=desk.case().id, approval=old.id, verdict=Verdict.APPROVE, issue=issue),
            by="hua",
        )
        for issue in (1, 2)
    ]
    assert answers[0].refusal is not None
    assert (answers[0].refusal.why, answers[0].refusal.blockers[0].code) == (Why.CONFLICT, "link_replaced")
    assert answers[1].refusal is None


def test_a_condition_that_comes_true_later_asks_the_gate_it_skipped() -> None:
    extra = an_approval(id="boss_agrees", by=[{"role": "boss"}], when="budget > '100 CNY'", shows=["brief"])
    sop = a_sop()
    sop["transitions"][1]["approvals"] = [an_approval(shows=["brief"]), extra]
    desk = a_desk(sop)
    desk.start(brief="新品", budget="10 CNY")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    desk.advance("go_live")
    assert [a.spec for a in desk.case().approvals.values()] == ["head_agrees"]
    desk.set(budget="500 CNY")
    assert [a.spec for a in desk.case().approvals.values()] == ["head_agrees", "boss_agrees"]


def test_decision_after_the_outcome_is_refused_and_moves_nothing() -> None:
    desk = _asked(an_approval(by=THREE))
    approval = next(iter(desk.case().approvals.values()))
    desk.sign("hua")
    late = cmd.RecordDecision(case_id=desk.case().id, approval=approval.id, verdict=Verdict.APPROVE)
    refusal = desk.do(late, by="bo").refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "approval_closed"


def test_somebody_not_asked_decides_nothing() -> None:
    desk = _asked(an_approval())
    approval = next(iter(desk.case().approvals.values()))
    decision = cmd.RecordDecision(case_id=desk.case().id, approval=approval.id, verdict=Verdict.APPROVE)
    refusal = desk.service.handle(decision, actor=person("xia")).refusal
    assert refusal is not None
    assert refusal.why is Why.FORBIDDEN


@pytest.mark.parametrize(
    ("then", "event", "ready", "open_requests"),
    [
        ({"approve": True}, "approve", True, 1),
        ({"reject": True}, "reject", False, 0),
        ({"remind": True}, "remind", False, 1),
        ({"escalate": "boss"}, "escalate", False, 1),
        ({"transfer": "boss"}, "transfer", False, 1),
    ],
)
def test_when_nobody_decides_in_time_the_rule_does_what_the_sop_wrote(
    then: dict[str, Any],
    event: str,
    ready: bool,
    open_requests: int,
) -> None:
    desk = _asked(an_approval(within="1 wd", on_timeout=then))
    desk.clock.set(next(d.due_at for d in desk.case().deadlines.values() if d.kind == "approval"))
    desk.sweep()
    timed_out = next(e for e in desk.store.events["c1"] if isinstance(e.event, ev.ApprovalTimedOut))
    assert (desk.last(ev.ApprovalTimedOut).action, timed_out.actor.person) == (event, "rule")
    assert (_ready(desk), len(desk.case().requests)) == (ready, open_requests)
    if event in ("escalate", "transfer"):
        desk.sign("bo")
        assert _ready(desk)


def test_a_burnt_link_is_replaced_by_a_new_message() -> None:
    desk = _asked(an_approval())
    approval = next(iter(desk.case().approvals.values()))
    desk.do(
        cmd.ReissueLink(case_id=desk.case().id, approval=approval.id, person=approval.asks[0].person),
        by="hua",
    )
    assert next(iter(desk.case().approvals.values())).asks[0].issue == 2
    assert desk.store.owed[-1].key.endswith("approval_requested/hua")
