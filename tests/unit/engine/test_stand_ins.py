"""Somebody stands in: what reaches them, what they may do, and what is written down of it."""

from datetime import timedelta
from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case import signer_events as se
from engine.case.awaiting import issue_of
from engine.case.evolve import replay
from engine.case.state import RULE, Verdict
from engine.ids import PersonId
from engine.outbox import MessageKind, OwedMessage
from engine.ports import Answer
from tests.factories import Desk
from tests.unit.engine.test_signers import act, approval, awaits, gate, ok, ready, refused

DAY = timedelta(days=1)


def decide(desk: Desk, by: str, verdict: str = "approve", **parts: Any) -> Answer:
    return act(desk, by, cmd.RecordDecision, verdict=Verdict(verdict), **parts)


def told(desk: Desk, kind: MessageKind) -> list[str]:
    return [m.to for m in desk.store.owed if isinstance(m, OwedMessage) and m.kind is kind]


def test_whoever_stands_in_gets_what_already_lies_there_and_is_told() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    assert awaits(desk) == ("hua", "bo")
    desk.sweep()
    assert awaits(desk) == ("hua", "xia", "bo")
    assert desk.last(se.StandInsSet).notify == ("xia",)
    assert told(desk, MessageKind.APPROVAL_REQUESTED) == ["hua", "bo", "xia"]


def test_what_is_asked_in_the_period_reaches_the_stand_in_at_once() -> None:
    desk = gate(mode="all")
    desk.away("bo", "xia")
    desk.do(_withdrawn(desk))
    assert desk.advance("submit").refusal is None
    assert awaits(desk) == ("hua", "bo", "xia")


def _withdrawn(desk: Desk) -> cmd.WithdrawRequest:
    return cmd.WithdrawRequest(case_id=desk.case().id, request=next(iter(desk.case().requests.values())).id)


def test_the_answer_is_the_principals_given_by_the_stand_in() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    assert decide(desk, "xia").refusal is None
    actors = [r.actor.person for r in desk.store.events["c1"] if r.event.kind == "decision_recorded"]
    assert (desk.last(ev.DecisionRecorded).person, actors) == ("hua", ["xia"])
    decision = approval(desk).asks[0].decision
    assert decision is not None
    assert decision.by == "xia"
    assert replay(desk.store.events["c1"]) == desk.case()


def test_the_first_of_principal_and_stand_in_counts() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    assert decide(desk, "hua").refusal is None
    assert refused(decide(desk, "xia")) == "decided_by_another"
    other = gate(mode="all")
    other.away("hua", "xia")
    assert decide(other, "xia").refusal is None
    assert refused(decide(other, "hua")) == "decided_by_another"


def test_the_period_ends_and_with_it_the_right() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia", days=1)
    desk.sweep()
    desk.clock.advance(DAY)
    assert refused(decide(desk, "xia")) == "not_asked"
    desk.sweep()
    assert awaits(desk) == ("hua", "bo")
    assert desk.store.events["c1"][-1].actor == RULE


def test_an_answer_given_in_time_stays_when_the_period_has_ended() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia", days=1)
    assert decide(desk, "xia").refusal is None
    desk.clock.advance(2 * DAY)
    assert decide(desk, "bo").refusal is None
    assert ready(desk)
    assert desk.sweep().events == ()


def test_a_stand_in_of_a_stand_in_may_answer() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    desk.away("xia", "yan")
    desk.sweep()
    assert awaits(desk) == ("hua", "xia", "yan", "bo")
    assert decide(desk, "yan").refusal is None


def test_nobody_stands_in_for_the_approval_of_their_own_request() -> None:
    desk = gate(mode="all")
    desk.away("hua", "pei")
    desk.sweep()
    assert awaits(desk) == ("hua", "bo")
    desk.store.same_as = {"xia": "pei"}
    desk.away("bo", "xia")
    desk.sweep()
    assert awaits(desk) == ("hua", "bo")


def test_who_is_asked_already_does_not_answer_for_another_too() -> None:
    desk = gate(mode="all")
    desk.away("hua", "bo")
    desk.sweep()
    assert approval(desk).asks[0].stand_ins == ()


def test_one_who_stands_in_for_two_answers_once() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    desk.away("bo", "xia")
    assert decide(desk, "xia").refusal is None
    assert refused(decide(desk, "xia")) == "already_decided"
    assert awaits(desk) == ("bo",)


def test_separate_duties_bar_principal_and_stand_in() -> None:
    desk = gate(mode="all", id="first")
    desk.away("hua", "xia")
    assert decide(desk, "xia").refusal is None
    assert decide(desk, "bo").refusal is None
    desk.run()
    assert set(desk.case().signed["first"]) == {"hua", "xia", "bo"}


def test_under_sequence_the_stand_in_is_asked_when_the_turn_comes() -> None:
    desk = gate(mode="sequence")
    desk.away("bo", "xia")
    desk.sweep()
    assert awaits(desk, "sequence") == ("hua",)
    assert refused(decide(desk, "xia")) == "not_your_turn"
    assert decide(desk, "hua").refusal is None
    assert awaits(desk, "sequence") == ("bo", "xia")
    assert desk.last(ev.ApprovalAsked).notify == ("bo", "xia")


def test_a_stand_in_does_what_the_principal_could_do() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    ok(desk, "xia", sc.AskForMaterial, text="报价单？")
    ok(desk, "pei", sc.GiveMaterial, text="附上")
    assert desk.last(se.MaterialGiven).notify == ("xia",)
    ok(desk, "xia", sc.TransferAsk, to=PersonId("yan"), reason="归财务")
    assert awaits(desk) == ("yan", "bo")


def test_only_who_gave_the_answer_takes_it_back() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    assert decide(desk, "xia").refusal is None
    assert refused(act(desk, "hua", sc.TakeBackDecision)) == "nothing_to_take_back"
    ok(desk, "xia", sc.TakeBackDecision)
    assert awaits(desk) == ("hua", "xia", "bo")


def test_while_delegated_the_stand_in_waits_too_and_may_call_it_back() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("yan"), reason="先看")
    desk.away("hua", "xia")
    desk.sweep()
    assert awaits(desk) == ("yan", "bo")
    assert refused(decide(desk, "xia")) == "delegated_away"
    ok(desk, "xia", sc.CallBack)
    assert awaits(desk) == ("hua", "xia", "bo")


def test_a_scope_keeps_other_sops_out() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia", sops=frozenset({"another"}))
    desk.sweep()
    assert awaits(desk) == ("hua", "bo")


def test_somebody_who_has_left_or_is_outside_stands_in_for_nobody() -> None:
    desk = gate(mode="all")
    desk.away("hua", "stranger")
    desk.away("bo", "ke")
    desk.sweep()
    assert awaits(desk) == ("hua", "bo")


def test_changed_content_is_asked_of_the_stand_in_again() -> None:
    desk = gate(mode="all", shows=["brief"])
    desk.away("hua", "xia")
    assert decide(desk, "xia").refusal is None
    assert desk.set(brief="改").refusal is None
    assert awaits(desk) == ("hua", "xia", "bo")


def test_a_new_link_for_the_stand_in_leaves_the_principals_alone() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia")
    ok(desk, "xia", cmd.ReissueLink, person=PersonId("xia"))
    issues = [issue_of(approval(desk), PersonId(p)) for p in ("xia", "hua")]
    assert issues == [2, 1]
