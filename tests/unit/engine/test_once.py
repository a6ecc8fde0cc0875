"""One person, two approvals of a request: asked in each, or once where the SOP says so."""

from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case.evolve import replay
from engine.case.state import RULE, ApprovalState, RequestState, Verdict
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, PersonId
from engine.ports import Answer
from tests.factories import Desk, a_desk, a_sop, an_approval


def asked(**second: Any) -> Desk:
    """Two approvals by the head; the second need not ask again, unless written otherwise."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    first = an_approval(id="first", by=[{"role": "head"}], shows=["brief", "budget"])
    sop["transitions"][0]["approvals"] = [first, {**first, "id": "second", "once": True, **second}]
    desk = a_desk(sop)
    desk.start(brief="新品", budget="10 CNY")
    assert desk.advance("submit").refusal is None
    return desk


def named(desk: Desk, spec: str) -> ApprovalId:
    return next(a.id for a in desk.case().approvals.values() if a.spec == spec)


def sign(desk: Desk, spec: str = "first", by: str = "hua", **parts: Any) -> Answer:
    decision = cmd.RecordDecision(
        case_id=desk.case().id, approval=named(desk, spec), verdict=Verdict.APPROVE, **parts
    )
    return desk.do(decision, by=by)


def states(desk: Desk) -> list[ApprovalState]:
    return [approval.state for approval in desk.case().approvals.values()]


def test_the_yes_counts_in_both_and_the_rules_write_it_down() -> None:
    desk = asked()
    sign(desk, comment="可以")
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.GRANTED]
    last = [r for r in desk.store.events["c1"] if isinstance(r.event, ev.DecisionRecorded)][-1]
    assert last.actor == RULE
    carried = desk.last(ev.DecisionRecorded)
    assert (carried.person, carried.carried_from, carried.comment) == ("hua", named(desk, "first"), "可以")
    assert [r.state for r in desk.case().requests.values()] == [RequestState.READY]
    assert replay(desk.store.events["c1"]) == desk.case()


def test_what_the_first_did_not_show_is_asked() -> None:
    desk = asked(shows=["brief", "budget", "legal_ok"])
    sign(desk)
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.OPEN]


def test_a_weaker_way_of_answering_is_not_enough() -> None:
    desk = asked()
    sign(desk, assurance=Assurance.CODE)
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.GRANTED]
    sop_of_links = asked(assurance="link")
    sign(sop_of_links, "second", assurance=Assurance.LINK)
    assert states(sop_of_links) == [ApprovalState.OPEN, ApprovalState.GRANTED]


def test_words_that_are_always_wanted_are_wanted_here_too() -> None:
    desk = asked(comment="always")
    sign(desk)
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.OPEN]


def test_duties_kept_apart_are_not_joined_by_this() -> None:
    desk = asked(not_same_person_as=["first"])
    sign(desk)
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.OPEN]


def test_an_answer_given_for_somebody_away_is_not_ones_own() -> None:
    desk = asked()
    desk.away("hua", "xia")
    sign(desk, by="xia")
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.OPEN]


def test_taking_the_yes_back_takes_the_carried_one_along() -> None:
    desk = asked()
    sign(desk)
    back = sc.TakeBackDecision(case_id=desk.case().id, approval=named(desk, "first"))
    assert desk.do(back, by="hua").refusal is None
    assert states(desk) == [ApprovalState.OPEN, ApprovalState.OPEN]
    assert desk.case().approvals[named(desk, "second")].asks[0].person == PersonId("hua")


def test_asked_again_after_a_change_one_answer_is_enough_again() -> None:
    desk = asked()
    sign(desk)
    assert desk.set(brief="改").refusal is None
    assert states(desk) == [ApprovalState.OPEN, ApprovalState.OPEN]
    sign(desk)
    assert states(desk) == [ApprovalState.GRANTED, ApprovalState.GRANTED]
