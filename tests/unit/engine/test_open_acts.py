"""What each person is offered on a running approval: a few plain cases; the law stands in tests/property."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.open_acts import OpenAct, OpenActs, open_acts, open_on_request
from engine.case.state import Verdict
from engine.definition.approval_model import Assurance
from engine.ids import PersonId, RequestId
from tests.factories import Desk, person
from tests.unit.engine.test_signers import act, approval, gate, ok

BESIDE = {OpenAct.NUDGE, OpenAct.COPY, OpenAct.COMMENT}
SIGNER = {OpenAct.DECIDE, OpenAct.RETURN, OpenAct.TRANSFER, OpenAct.DELEGATE, OpenAct.ADD, OpenAct.ASK}


def offered(desk: Desk, who: str, **parts: Any) -> OpenActs:
    case = desk.case()
    definition = desk.store.definitions[case.definition]
    facts = desk.service.facts(definition, desk.store.company("launch"), person(who))
    return open_acts(definition, case, approval(desk).id, facts, **parts)


@pytest.mark.parametrize(
    ("who", "acts"),
    [
        ("pei", BESIDE),
        ("hua", SIGNER | BESIDE),
        ("xia", BESIDE),
        ("ou", BESIDE | {OpenAct.REMOVE}),
        ("ke", set()),
    ],
)
def test_each_person_is_offered_what_is_theirs(who: str, acts: set[OpenAct]) -> None:
    assert offered(gate(mode="all"), who).acts == acts


def test_nothing_the_sop_does_not_allow_is_offered() -> None:
    assert offered(gate(mode="all", allows=["add"]), "hua").acts == BESIDE | {OpenAct.DECIDE, OpenAct.ADD}


def test_an_ask_can_go_to_anybody_who_may_sign() -> None:
    assert offered(gate(), "hua").to == ("ke", "lu", "ou", "xia", "yan", "zhu")


def test_who_comes_by_a_weaker_way_may_not_decide_but_ask() -> None:
    acts = offered(gate(mode="all"), "hua", assurance=Assurance.LINK).acts
    assert acts == (SIGNER | BESIDE) - {OpenAct.DECIDE, OpenAct.RETURN}


def test_people_outside_are_offered_what_they_may() -> None:
    by = [{"role": "customer"}, {"role": "boss"}]
    acts = offered(gate(by=by, mode="all"), "ke").acts
    assert acts == {OpenAct.DECIDE, OpenAct.RETURN, OpenAct.ASK, OpenAct.COMMENT}


def test_while_it_is_delegated_one_hands_back_and_the_other_calls_back() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("xia"), reason="先看")
    assert offered(desk, "xia").acts == BESIDE | {OpenAct.HAND_BACK}
    assert offered(desk, "hua").acts == BESIDE | {OpenAct.CALL_BACK}


def test_the_last_answer_can_be_taken_back() -> None:
    desk = gate(mode="all")
    desk.sign("hua")
    assert OpenAct.TAKE_BACK in offered(desk, "hua").acts
    desk.sign("bo")
    assert OpenAct.TAKE_BACK not in offered(desk, "hua").acts
    assert OpenAct.TAKE_BACK in offered(desk, "bo").acts


def test_a_request_is_withdrawn_or_put_forward_again_by_who_made_it() -> None:
    desk = gate()
    assert (on_request(desk, "pei"), on_request(desk, "hua")) == ({OpenAct.WITHDRAW}, set())
    ok(desk, "hua", sc.ReturnRequest, comment="补")
    assert on_request(desk, "pei") == {OpenAct.WITHDRAW, OpenAct.RESUBMIT}
    assert offered(desk, "hua").ways == ()


def on_request(desk: Desk, who: str) -> set[OpenAct]:
    case = desk.case()
    definition = desk.store.definitions[case.definition]
    facts = desk.service.facts(definition, desk.store.company("launch"), person(who))
    return set(open_on_request(definition, case, RequestId(next(iter(case.requests))), facts))


def test_together_is_for_approvals_that_say_so_and_for_what_was_seen() -> None:
    desk = gate(batch=True)
    now = approval(desk)
    parts: dict[str, Any] = {"verdict": Verdict.APPROVE, "together": True}
    unseen = act(desk, "hua", cmd.RecordDecision, **parts)
    assert unseen.refusal is not None
    assert unseen.refusal.blockers[0].code == "not_seen"
    ok(desk, "hua", cmd.RecordDecision, **parts, round=now.round, content=now.content)
