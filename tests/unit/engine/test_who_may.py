"""Who may sign: votes by percent, approvals that must stay separate, one person with several identities."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import RequestState, Verdict
from engine.ids import PersonId
from tests.factories import Desk, a_desk, a_sop, an_approval


def asked(*gates: dict[str, Any], same_as: dict[str, str] | None = None) -> Desk:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = list(gates)
    desk = a_desk(sop)
    desk.store.same_as = same_as or {}
    desk.start(brief="新品", budget="10 CNY")
    assert desk.advance("submit").refusal is None
    return desk


def gate(desk: Desk, spec: str) -> Any:
    return next(a for a in desk.case().approvals.values() if a.spec == spec)


def ready(desk: Desk) -> bool:
    return any(r.state is RequestState.READY for r in desk.case().requests.values())


@pytest.mark.parametrize(
    ("percent", "weights", "needed"),
    [
        ("60%", (1, 1, 1), 2),
        ("66%", (1, 1, 1), 2),
        ("67%", (1, 1, 1), 3),
        ("50%", (3, 1, 1), 3),
        ("1%", (1, 1, 1), 1),
        ("100%", (2, 1, 1), 4),
    ],
)
def test_a_percentage_is_of_all_who_are_asked_rounded_up_and_written_down(
    percent: str, weights: tuple[int, ...], needed: int
) -> None:
    by = [{"role": r, "weight": w} for r, w in zip(("head", "boss", "customer"), weights, strict=True)]
    desk = asked(an_approval(by=by, mode="votes", threshold=percent))
    assert gate(desk, "head_agrees").threshold == needed
    heavy = 0
    for who, weight in zip(("hua", "bo", "ke"), weights, strict=True):
        if heavy < needed:
            assert not ready(desk)
            desk.sign(who)
            heavy += weight
    assert ready(desk)


def test_a_percentage_fails_closed_where_a_role_is_empty() -> None:
    by = [{"role": "head"}, {"role": "planner"}]
    assert gate(asked(an_approval(by=by, mode="votes", threshold="50%")), "head_agrees").unfilled == (
        "planner",
    )


FIRST = an_approval(id="first", by=[{"role": "head"}, {"role": "boss"}])


@pytest.mark.parametrize("declared_on", ["first", "second"])
@pytest.mark.parametrize("signs", ["first", "second"])
def test_approvals_kept_apart_are_not_signed_by_one_person(declared_on: str, signs: str) -> None:
    other = {"first": "second", "second": "first"}
    gates = [{**FIRST, "id": name} for name in ("first", "second")]
    gates[declared_on == "second"]["not_same_person_as"] = [other[declared_on]]
    desk = asked(*gates)

    def yes(spec: str, by: str) -> bool:
        decision = cmd.RecordDecision(
            case_id=desk.case().id, approval=gate(desk, spec).id, verdict=Verdict.APPROVE
        )
        return desk.do(decision, by=by).refusal is None

    assert yes(signs, "hua")
    assert not yes(other[signs], "hua")
    assert yes(other[signs], "bo")
    assert ready(desk)


def test_who_signed_an_earlier_move_is_not_asked_where_it_must_be_another() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["approvals"] = [an_approval(id="first")]
    second = an_approval(id="second", by=[{"role": "head"}, {"role": "boss"}], not_same_person_as=["first"])
    sop["transitions"][1]["approvals"] = [second]
    desk = a_desk(sop)
    desk.start()
    desk.advance("submit")
    desk.sign("hua")
    desk.run()
    desk.advance("go_live")
    assert [ask.person for ask in gate(desk, "second").asks] == ["bo"]


def test_identities_that_share_an_address_are_one_person() -> None:
    alone = asked(an_approval(), same_as={"hua": "pei"})
    assert gate(alone, "head_agrees").unfilled == ("head",)
    both = asked(an_approval(by=[{"role": "head"}, {"role": "boss"}], mode="all"), same_as={"hua": "bo"})
    assert [ask.person for ask in gate(both, "head_agrees").asks] == ["hua"]


def test_nobody_hands_an_ask_to_another_name_of_the_requester() -> None:
    desk = asked(an_approval(), same_as={"xia": "pei"})
    moved = sc.TransferAsk(
        case_id=desk.case().id, approval=gate(desk, "head_agrees").id, to=PersonId("xia"), reason="x"
    )
    refusal = desk.do(moved, by="hua").refusal
    assert refusal is not None
    assert refusal.blockers[0].code == "own_request"
