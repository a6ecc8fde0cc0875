"""Those asked leave after an approval opened: the owner hears of it once, and somebody new is asked."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case import signer_events as se
from engine.case.evolve import replay
from engine.case.state import ApprovalState
from engine.ids import PersonId
from engine.outbox import MessageKind, OwedMessage
from tests.factories import Desk
from tests.unit.engine.test_signers import approval, awaits, gate, ok

Persons = tuple[str, ...]


def left(desk: Desk, *persons: str) -> Desk:
    """The people go, and the case is told."""
    desk.store.left |= set(persons)
    desk.sweep()
    return desk


def alerts(desk: Desk) -> list[str]:
    kind = MessageKind.APPROVAL_UNFILLED
    return [m.to for m in desk.store.owed if isinstance(m, OwedMessage) and m.kind is kind]


@pytest.mark.parametrize(
    ("mode", "gone", "missing"),
    [
        ("any", ("hua",), ()),
        ("any", ("hua", "bo"), ("hua", "bo")),
        ("all", ("hua",), ("hua",)),
        ("all", ("hua", "bo"), ("hua", "bo")),
        ("sequence", ("hua",), ("hua",)),
        ("sequence", ("bo",), ()),
        ("votes", ("bo",), ("bo",)),
    ],
)
def test_the_owner_is_told_where_it_cannot_pass_without_those_who_left(
    mode: str, gone: Persons, missing: Persons
) -> None:
    desk = left(gate(mode=mode, **({"threshold": 2} if mode == "votes" else {})), *gone)
    assert approval(desk).gone == missing
    assert alerts(desk) == (["ou"] if missing else [])


def test_only_once_however_often_it_is_swept_and_touched() -> None:
    desk = left(gate(mode="all"), "hua")
    version = desk.case().version
    desk.sweep()
    assert desk.case().version == version
    ok(desk, "bo", sc.CommentApproval, text="?")
    left(desk, "bo")
    desk.store.left -= {"hua", "bo"}
    desk.sweep()
    left(desk, "hua")
    assert alerts(desk) == ["ou"]


def test_in_a_new_round_the_owner_is_told_anew() -> None:
    desk = left(gate(mode="all"), "hua")
    desk.store.left -= {"hua"}
    desk.set(brief="改")
    left(desk, "hua")
    assert (approval(desk).round, alerts(desk)) == (2, ["ou", "ou"])


def test_an_owner_who_comes_later_is_told_then() -> None:
    desk = gate(mode="all")
    desk.store.people["sop_owner"] = ()
    left(desk, "hua")
    assert (alerts(desk), approval(desk).gone) == ([], ("hua",))
    desk.store.people["sop_owner"] = ("ou",)
    desk.sweep()
    assert alerts(desk) == ["ou"]


def test_the_turn_that_comes_to_somebody_who_left_tells_the_owner_with_that_very_answer() -> None:
    desk = left(gate(mode="sequence"), "bo")
    assert alerts(desk) == []
    desk.sign("hua")
    assert (approval(desk).gone, alerts(desk)) == (("bo",), ["ou"])


def test_while_somebody_stands_in_nobody_is_missing_and_afterwards_the_owner_is_told() -> None:
    desk = gate(mode="all")
    desk.away("hua", "xia", days=1)
    left(desk, "hua")
    assert (approval(desk).gone, alerts(desk)) == ((), [])
    left(desk, "xia")
    assert (approval(desk).gone, alerts(desk)) == (("hua",), ["ou"])


def test_whoever_looks_at_it_for_somebody_who_left_does_not_decide_it() -> None:
    desk = gate(mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("xia"), reason="先看")
    left(desk, "xia")
    assert approval(desk).gone == ()  # hua calls it back
    left(desk, "hua")
    assert approval(desk).gone == ("hua",)


def test_somebody_new_in_the_role_is_asked_in_a_new_round_and_nobody_has_to_say_so() -> None:
    desk = left(gate(mode="all"), "hua")
    desk.store.people["head"] = ("hua", "xia")
    desk.sweep()
    assert (awaits(desk), approval(desk).round, approval(desk).gone) == (("xia", "bo"), 2, ())


def test_those_who_remain_in_the_role_do_not_make_up_for_who_left() -> None:
    desk = gate(mode="all", by=[{"role": "head"}])
    desk.do(cmd.WithdrawRequest(case_id=desk.case().id, request=next(iter(desk.case().requests.values())).id))
    desk.store.people["head"] = ("hua", "bo")
    desk.advance("submit")
    left(desk, "hua")
    desk.sign("bo")
    desk.sweep()
    assert (approval(desk).state, approval(desk).round, alerts(desk)) == (ApprovalState.OPEN, 1, ["ou"])


def test_a_successor_in_the_role_before_anybody_leaves_is_asked_at_once_without_an_alert() -> None:
    desk = gate(mode="all")
    desk.store.people["head"] = ("xia",)
    left(desk, "hua")
    assert (awaits(desk), alerts(desk)) == (("xia", "bo"), [])


@pytest.mark.parametrize("mend", ["remove", "hand_over"])
def test_it_goes_on_where_the_owner_mends_it_and_what_was_said_stays(mend: str) -> None:
    desk = gate(mode="all")
    desk.sign("bo")
    left(desk, "hua")
    why: dict[str, Any] = {"person": PersonId("hua"), "reason": "离职"}
    if mend == "remove":
        ok(desk, "ou", sc.RemoveSigner, **why)
    else:
        over = sc.HandOverWork(case_id=desk.case().id, to=PersonId("xia"), **why)
        assert desk.do(over, by="ou").refusal is None
        assert (approval(desk).gone, awaits(desk)) == ((), ("xia",))
        desk.sign("xia")
    assert approval(desk).state is ApprovalState.GRANTED
    assert replay(desk.store.events["c1"]) == desk.case()


def test_a_request_that_lies_with_its_requester_misses_nobody() -> None:
    desk = gate(mode="all")
    ok(desk, "bo", sc.ReturnRequest, comment="补", straight_back=False)
    left(desk, "hua")
    assert (approval(desk).gone, alerts(desk)) == ((), [])
    desk.do(sc.ResubmitRequest(case_id=desk.case().id, request=next(iter(desk.case().requests.values())).id))
    # asked anew, the empty role itself is what is missing
    assert (approval(desk).unfilled, alerts(desk)) == (("head",), ["ou"])


def test_a_transition_held_up_says_who_is_missing() -> None:
    desk = left(gate(mode="all"), "hua")
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["approval_deserted"]


def test_the_history_says_by_rule_that_they_left_and_that_it_can_be_signed_again() -> None:
    desk = left(gate(mode="all"), "hua")
    desk.store.left -= {"hua"}
    desk.do(cmd.AddComment(case_id=desk.case().id, text="回来了"))
    found = [r for r in desk.store.events["c1"] if isinstance(r.event, se.SignersGone)]
    assert [r.event.persons for r in found] == [("hua",), ()]  # pyright: ignore[reportAttributeAccessIssue]
    assert {r.actor.person for r in found} == {"rule"}
