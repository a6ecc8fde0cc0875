"""退回: to the requester or to a stage, then all over again or straight back to who returned it."""

from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case.state import ApprovalState, RequestState, Verdict
from engine.definition.approval_model import Assurance
from engine.ports import Answer
from tests.factories import Desk, a_desk, a_sop, an_approval

HEAD = an_approval(id="head_agrees", shows=["brief"])
BOSS = an_approval(id="boss_agrees", by=[{"role": "boss"}], shows=["budget"])
BOTH = (("head_agrees", "hua"), ("boss_agrees", "bo"))


def asked(*gates: dict[str, Any], **transition: Any) -> Desk:
    """The case stands in review and pei has asked to go live; head (hua) and boss (bo) are asked."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][1] |= {"approvals": list(gates or (HEAD, BOSS)), **transition}
    desk = a_desk(sop)
    desk.start(brief="新品", budget="10 CNY")
    desk.advance("submit")
    desk.run()
    assert desk.advance("go_live").refusal is None
    return desk


def gate(desk: Desk, spec: str) -> Any:
    return next(a for a in desk.case().approvals.values() if a.spec == spec)


def send_back(desk: Desk, by: str, spec: str, **parts: Any) -> Answer:
    wanted: dict[str, Any] = {"comment": "请补", **parts}
    return desk.do(sc.ReturnRequest(case_id=desk.case().id, approval=gate(desk, spec).id, **wanted), by=by)


def resubmit(desk: Desk, by: str = "pei") -> Answer:
    request = next(iter(desk.case().requests.values())).id
    return desk.do(sc.ResubmitRequest(case_id=desk.case().id, request=request, reason="已补"), by=by)


def states(desk: Desk) -> dict[str, str]:
    return {a.spec: a.state.value for a in desk.case().approvals.values()}


def ready(desk: Desk) -> bool:
    return any(r.state is RequestState.READY for r in desk.case().requests.values())


def all_sign(desk: Desk) -> bool:
    for spec, who in BOTH:
        if gate(desk, spec).state is ApprovalState.OPEN:
            desk.sign(who)
    return ready(desk)


def code(answer: Answer) -> str | None:
    return answer.refusal.blockers[0].code if answer.refusal else None


def test_while_it_lies_with_the_requester_nobody_is_asked_and_no_clock_runs() -> None:
    desk = asked(HEAD, {**BOSS, "within": "2 wd", "on_timeout": {"approve": True}})
    assert send_back(desk, "hua", "head_agrees").refusal is None
    assert states(desk) == {"head_agrees": "returned", "boss_agrees": "returned"}
    yes = cmd.RecordDecision(
        case_id=desk.case().id, approval=gate(desk, "boss_agrees").id, verdict=Verdict.APPROVE
    )
    assert code(desk.do(yes, by="bo")) == "request_returned"
    assert desk.store.owed[-1].key.endswith("approval_news/pei")
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    assert (ready(desk), [d.missed_at for d in desk.case().deadlines.values()]) == (False, [None])
    stops = desk.advance("go_live").refusal
    assert stops is not None
    assert [(b.code, b.waits_for) for b in stops.blockers] == [("request_returned", ("pei",))]


GRANTED_THEN_OPEN = {"head_agrees": "granted", "boss_agrees": "open"}
BOTH_OPEN = {"head_agrees": "open", "boss_agrees": "open"}
BOSS_LAST = {"head_agrees": "open", "boss_agrees": "returned"}


@pytest.mark.parametrize(
    ("straight_back", "changed", "then"),
    [
        (False, {}, BOTH_OPEN),
        (False, {"budget": "20 CNY"}, BOTH_OPEN),
        (True, {}, GRANTED_THEN_OPEN),
        (True, {"budget": "20 CNY"}, GRANTED_THEN_OPEN),
        (True, {"brief": "改"}, BOSS_LAST),
    ],
    ids=["rerun", "rerun-changed", "straight", "straight-own-changed", "straight-signed-changed"],
)
@pytest.mark.parametrize("to", ["", "brief_stage"], ids=["requester", "stage"])
def test_who_is_asked_when_it_comes_again(
    to: str, straight_back: bool, changed: dict[str, str], then: dict[str, str]
) -> None:
    desk = asked(HEAD, {**BOSS, "return_to": ["requester", "previous"]})
    desk.sign("hua")
    assert send_back(desk, "bo", "boss_agrees", to=to, straight_back=straight_back).refusal is None
    if changed:
        desk.set(**changed)
    if to:
        desk.advance("submit")
        desk.run()
    again = desk.advance("go_live") if to else resubmit(desk)
    assert again.refusal is None
    assert states(desk) == then
    if then is BOSS_LAST:
        desk.sign("hua")
        assert states(desk) == GRANTED_THEN_OPEN
    assert all_sign(desk)
    assert not desk.case().straight


def test_what_was_not_answered_yet_goes_on_where_it_was() -> None:
    desk = asked({**HEAD, "within": "2 d", "on_timeout": {"reject": True}}, BOSS)
    due = next(d for d in desk.case().deadlines.values() if d.kind == "approval").due_at
    send_back(desk, "bo", "boss_agrees", straight_back=True)
    desk.clock.advance(timedelta(days=5))
    resubmit(desk)
    assert (states(desk), gate(desk, "head_agrees").round) == (BOSS_LAST, 1)
    later = next(d for d in desk.case().deadlines.values() if d.kind == "approval").due_at
    assert later - due == timedelta(days=5)
    desk.sign("hua")
    assert states(desk) == GRANTED_THEN_OPEN


def test_the_answers_of_others_in_the_returning_approval_stand_when_it_comes_straight_back() -> None:
    desk = asked(an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all"))
    desk.sign("hua")
    send_back(desk, "bo", "head_agrees", straight_back=True)
    resubmit(desk)
    assert gate(desk, "head_agrees").round == 2
    assert desk.last(ev.ApprovalOpened).notify == ("bo",)
    desk.sign("bo")
    assert ready(desk)


@pytest.mark.parametrize(("by", "expected"), [("pei", None), ("hua", "not_your_request")])
def test_only_the_requester_puts_it_forward_again(by: str, expected: str | None) -> None:
    desk = asked()
    send_back(desk, "hua", "head_agrees")
    assert code(resubmit(desk, by)) == expected


def test_it_is_judged_again_when_it_is_put_forward() -> None:
    desk = asked(HEAD, requires=["budget"])
    send_back(desk, "hua", "head_agrees")
    desk.set(budget=None)
    assert code(resubmit(desk)) == "field_missing"


def test_a_returned_request_can_be_withdrawn() -> None:
    desk = asked()
    send_back(desk, "hua", "head_agrees")
    request = next(iter(desk.case().requests.values())).id
    assert desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=request)).refusal is None
    assert not desk.case().requests


@pytest.mark.parametrize(
    ("return_to", "to", "allowed"),
    [
        (["requester"], "", True),
        (["requester"], "brief_stage", False),
        (["previous"], "", False),
        (["previous"], "brief_stage", True),
        (["earlier"], "brief_stage", True),
        (["earlier"], "live", False),
        (["earlier"], "review", False),
        ([], "", False),
    ],
)
def test_a_return_goes_only_where_the_sop_lets_it(return_to: list[str], to: str, allowed: bool) -> None:
    desk = asked({**HEAD, "return_to": return_to})
    assert code(send_back(desk, "hua", "head_agrees", to=to)) == (None if allowed else "no_such_way_back")


def test_a_return_to_a_stage_ends_the_request_and_moves_the_case_by_rule() -> None:
    desk = asked({**HEAD, "return_to": ["previous"]}, BOSS)
    send_back(desk, "hua", "head_agrees", to="brief_stage")
    assert desk.case().at("brief_stage") is not None
    assert (desk.case().requests, desk.case().approvals) == ({}, {})
    assert desk.last(ev.TransitionDropped).why == "returned"


def test_a_yes_is_not_kept_for_a_request_of_who_gave_it() -> None:
    desk = asked(HEAD, {**BOSS, "return_to": ["previous"]})
    desk.sign("hua")
    send_back(desk, "bo", "boss_agrees", to="brief_stage", straight_back=True)
    desk.advance("submit")
    desk.run()
    desk.advance("go_live", by="hua")
    assert gate(desk, "head_agrees").unfilled == ("head",)


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({"comment": ""}, "comment_missing"),
        ({"round": 7}, "content_changed"),
        ({"issue": 7}, "link_replaced"),
        ({"assurance": Assurance.LINK}, "assurance_too_weak"),
    ],
)
def test_a_return_needs_what_a_decision_needs(parts: dict[str, Any], expected: str) -> None:
    assert code(send_back(asked(), "hua", "head_agrees", **parts)) == expected


def test_where_the_sop_does_not_allow_it_nothing_is_returned() -> None:
    desk = asked({**HEAD, "allows": ["transfer"]})
    assert code(send_back(desk, "hua", "head_agrees")) == "act_not_allowed"


def test_an_answer_before_a_return_can_not_be_taken_back() -> None:
    desk = asked()
    desk.sign("hua")
    send_back(desk, "bo", "boss_agrees")
    taken = sc.TakeBackDecision(case_id=desk.case().id, approval=gate(desk, "head_agrees").id)
    assert code(desk.do(taken, by="hua")) == "acted_on_since"
