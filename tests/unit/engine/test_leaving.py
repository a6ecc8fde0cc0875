"""Somebody leaves: what they have in hand in a case becomes a successor's, whole or not at all."""

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case import signer_events as se
from engine.case.evolve import replay
from engine.case.leaving import has_work
from engine.case.state import Place
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from engine.ports import Answer
from tests.factories import Desk
from tests.unit.engine.test_signers import act, approval, awaits, gate, ok, ready, refused


def leave(desk: Desk, person: str, to: str, by: str = "zhu") -> Answer:
    command = sc.HandOverWork(
        case_id=CaseId("c1"), person=PersonId(person), to=PersonId(to), reason="本月底离职"
    )
    return desk.do(command, by=by)


def test_the_successor_is_asked_instead_and_told() -> None:
    desk = gate(mode="all")
    assert leave(desk, "hua", "xia").refusal is None
    assert awaits(desk) == ("xia", "bo")
    ask = approval(desk).asks[0]
    assert (ask.person, ask.taken_from, ask.role) == ("xia", "hua", "head")
    kinds = {(m.kind, m.to) for m in desk.store.owed if isinstance(m, OwedMessage)}
    assert {(MessageKind.WORK_HANDED_OVER, "xia"), (MessageKind.APPROVAL_REQUESTED, "xia")} <= kinds
    assert not has_work(desk.case(), PersonId("hua"))
    assert replay(desk.store.events["c1"]) == desk.case()


def test_a_turn_that_has_not_come_moves_too() -> None:
    desk = gate(mode="sequence")
    assert leave(desk, "bo", "xia").refusal is None
    assert [ask.person for ask in approval(desk).asks] == ["hua", "xia"]
    assert awaits(desk, "sequence") == ("hua",)


def test_request_case_and_roles_become_the_successors() -> None:
    desk = gate(mode="all")
    desk.do(cmd.AssignRoles(case_id=CaseId("c1"), roles={"planner": (PersonId("pei"), PersonId("zhu"))}))
    assert leave(desk, "pei", "xia").refusal is None
    case = desk.case()
    assert (case.opened_by, case.roles["planner"]) == ("xia", ("xia", "zhu"))
    assert [r.by for r in case.requests.values()] == ["xia"]
    request = next(iter(case.requests.values())).id
    withdrawn = cmd.WithdrawRequest(case_id=case.id, request=request)
    assert desk.do(withdrawn, by="xia").refusal is None


def test_what_was_delegated_to_the_leaver_goes_to_the_successor() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("yan"), reason="先看")
    assert leave(desk, "yan", "xia").refusal is None
    assert awaits(desk) == ("xia", "bo")
    ok(desk, "xia", sc.HandBack, text="可以")


def test_what_the_leaver_lent_goes_on_for_the_successor() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("yan"), reason="先看")
    assert leave(desk, "hua", "xia").refusal is None
    ok(desk, "yan", sc.HandBack, text="可以")
    assert awaits(desk) == ("xia", "bo")


def test_where_the_successor_is_asked_already_the_leaver_is_only_taken_out() -> None:
    desk = gate(mode="all")
    assert leave(desk, "hua", "bo").refusal is None
    assert awaits(desk) == ("bo",)
    assert desk.last(se.WorkHandedOver).left == (approval(desk).id,)


def test_the_last_missing_yes_may_be_the_leavers_and_the_gate_opens() -> None:
    desk = gate(mode="all")
    desk.sign("bo")
    assert leave(desk, "hua", "bo").refusal is None
    assert ready(desk)


def test_somebody_added_by_hand_is_taken_out_alone() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.AddSigners, persons=(PersonId("yan"),), place=Place.BESIDE, reason="一起")
    assert leave(desk, "yan", "bo").refusal is None
    assert awaits(desk) == ("hua", "bo")


def test_nothing_is_half_handed_over() -> None:
    desk = gate(mode="all")
    before = desk.case()
    assert refused(leave(desk, "hua", "pei")) == "successor_may_not"
    assert refused(leave(desk, "pei", "bo")) == "successor_signs"
    assert desk.case() == before


def test_votes_that_could_no_longer_pass_keep_the_leaver() -> None:
    desk = gate(mode="votes", threshold=2)
    assert refused(leave(desk, "hua", "bo")) == "too_few_left"


def test_what_was_decided_stays_the_leavers() -> None:
    desk = gate(mode="all")
    desk.sign("hua")
    assert leave(desk, "hua", "xia").events == ()
    assert [ask.person for ask in approval(desk).asks] == ["hua", "bo"]


def test_open_questions_and_copies_follow() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.AskForMaterial, text="报价单？")
    ok(desk, "pei", sc.CopyApproval, persons=(PersonId("hua"),))
    assert leave(desk, "hua", "xia").refusal is None
    material = approval(desk).material
    assert material is not None
    assert (material.by, approval(desk).copies) == ("xia", ("xia",))
    ok(desk, "pei", sc.GiveMaterial)
    assert desk.last(se.MaterialGiven).notify == ("xia",)


def test_a_case_on_hold_can_be_handed_over() -> None:
    desk = gate(mode="all")
    desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="等"))
    assert leave(desk, "hua", "xia").refusal is None


def test_an_added_signer_of_the_leaver_stays() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.AddSigners, persons=(PersonId("yan"),), place=Place.AFTER, reason="最后")
    assert leave(desk, "hua", "xia").refusal is None
    desk.sign("xia")
    desk.sign("bo")
    assert awaits(desk) == ("yan",)
    assert act(desk, "yan", sc.CommentApproval, text="好").refusal is None
