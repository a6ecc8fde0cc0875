"""Who signs, changed by hand: handed on, added, taken out, lent, taken back; and what that does to links."""

from typing import Any

import pytest

from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case import signer_events as se
from engine.case.awaiting import asked, waited_for
from engine.case.state import Approval, ApprovalState, Place, RequestState
from engine.definition.approval_model import Mode
from engine.ids import PersonId
from engine.ports import Answer
from tests.factories import Desk, a_desk, a_sop, an_approval

THREE = [{"role": "head"}, {"role": "boss"}, {"role": "customer"}]


def gate(**parts: Any) -> Desk:
    """A request by pei for a move that head (hua) and boss (bo) are asked about, unless written otherwise."""
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    by = parts.pop("by", [{"role": "head"}, {"role": "boss"}])
    sop["transitions"][0]["approvals"] = [an_approval(by=by, **parts)]
    desk = a_desk(sop)
    desk.start(brief="新品", budget="10 CNY")
    assert desk.advance("submit", reason="请批").refusal is None
    return desk


def act(desk: Desk, by: str, kind: type[Any], **parts: Any) -> Answer:
    return desk.do(kind(case_id=desk.case().id, approval=next(iter(desk.case().approvals)), **parts), by=by)


def ok(desk: Desk, by: str, kind: type[Any], **parts: Any) -> None:
    assert act(desk, by, kind, **parts).refusal is None


def refused(answer: Answer) -> str:
    assert answer.refusal is not None
    return answer.refusal.blockers[0].code


def approval(desk: Desk) -> Approval:
    return next(iter(desk.case().approvals.values()))


def awaits(desk: Desk, mode: str = "all") -> tuple[str, ...]:
    return waited_for(Mode(mode), approval(desk))


def ready(desk: Desk) -> bool:
    return any(r.state is RequestState.READY for r in desk.case().requests.values())


def transfer(desk: Desk, by: str, to: str) -> Answer:
    return act(desk, by, sc.TransferAsk, to=PersonId(to), reason="休假")


def add(desk: Desk, by: str, place: str, *persons: str) -> Answer:
    wanted = tuple(PersonId(p) for p in persons)
    return act(desk, by, sc.AddSigners, persons=wanted, place=Place(place), reason="一起看")


def remove(desk: Desk, by: str, person: str) -> Answer:
    return act(desk, by, sc.RemoveSigner, person=PersonId(person), reason="不需要")


# 转交 ---------------------------------------------------------------------------------------------


def test_a_transferred_ask_is_the_other_persons_for_good() -> None:
    desk = gate(mode="all")
    assert transfer(desk, "hua", "xia").refusal is None
    assert awaits(desk) == ("xia", "bo")
    assert refused(desk_sign(desk, "hua")) == "not_asked"
    desk.sign("xia")
    desk.sign("bo")
    assert ready(desk)
    assert desk.store.owed[-1].key.endswith("approval_requested/xia")


def desk_sign(desk: Desk, by: str, verdict: str = "approve") -> Answer:
    from engine.case import commands as cmd
    from engine.case.state import Verdict

    return act(desk, by, cmd.RecordDecision, verdict=Verdict(verdict), comment="好")


def test_a_transfer_keeps_role_weight_place_and_due_time() -> None:
    by = [{"role": "head", "weight": 3}, {"role": "boss"}]
    desk = gate(by=by, mode="votes", threshold=3, within="2 wd", on_timeout={"remind": True})
    before, due = approval(desk).asks[0], dict(desk.case().deadlines)
    transfer(desk, "hua", "xia")
    after = approval(desk).asks[0]
    assert (after.person, after.taken_from) == ("xia", "hua")
    assert (after.role, after.weight, after.place) == (before.role, before.weight, before.place)
    assert desk.case().deadlines == due


@pytest.mark.parametrize(
    ("to", "code"),
    [("pei", "own_request"), ("bo", "already_in_approval"), ("stranger", "no_such_person")],
)
def test_nobody_is_handed_an_ask_who_may_not_sign_it(to: str, code: str) -> None:
    assert refused(transfer(gate(), "hua", to)) == code


def test_a_transfer_stands_when_the_content_changes_and_it_is_asked_again() -> None:
    desk = gate(mode="all")
    transfer(desk, "hua", "xia")
    desk.set(budget="20 CNY")
    assert (approval(desk).round, awaits(desk)) == (2, ("xia", "bo"))


# 加签 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("place", "first", "then", "last"),
    [
        ("before", ("xia", "bo"), ("hua", "bo"), ("bo",)),
        ("beside", ("hua", "xia", "bo"), ("hua", "bo"), ("bo",)),
    ],
)
def test_added_signers_answer_in_their_place(
    place: str, first: tuple[str, ...], then: tuple[str, ...], last: tuple[str, ...]
) -> None:
    desk = gate(mode="all")
    assert add(desk, "hua", place, "xia").refusal is None
    assert set(awaits(desk)) == set(first)
    desk.sign("xia")
    assert awaits(desk) == then
    desk.sign("hua")
    assert awaits(desk) == last


def test_adding_somebody_after_does_not_sign_for_who_adds() -> None:
    desk = gate(by=[{"role": "head"}], mode="all")
    add(desk, "hua", "after", "xia")
    assert awaits(desk) == ("hua",)
    assert refused(desk_sign(desk, "xia")) == "not_your_turn"
    desk.sign("hua")
    assert not ready(desk)
    assert desk.store.owed[-1].key.endswith("approval_requested/xia")
    desk.sign("xia")
    assert ready(desk)


def test_under_any_one_part_must_agree_whole() -> None:
    desk = gate(mode="any")
    add(desk, "hua", "before", "xia")
    desk.sign("xia")
    assert not ready(desk)
    desk.sign("hua")
    assert ready(desk)


def test_the_no_of_an_added_signer_is_the_no_of_the_part() -> None:
    desk = gate(mode="any", on_reject="wait_all")
    add(desk, "hua", "before", "xia")
    desk.sign("xia", "reject", comment="不")
    assert awaits(desk, "any") == ("bo",)
    desk.sign("bo")
    assert ready(desk)


def test_the_weight_of_a_part_is_that_of_whom_the_sop_asks() -> None:
    by = [{"role": "head", "weight": 2}, {"role": "boss"}]
    desk = gate(by=by, mode="votes", threshold=2)
    add(desk, "bo", "beside", "xia")
    desk.sign("xia")
    desk.sign("bo")
    assert not ready(desk)
    desk.sign("hua")
    assert ready(desk)


def test_in_sequence_added_signers_belong_to_the_turn_of_who_added_them() -> None:
    desk = gate(mode="sequence")
    add(desk, "bo", "before", "xia")
    assert awaits(desk, "sequence") == ("hua",)
    desk.sign("hua")
    assert awaits(desk, "sequence") == ("xia",)
    desk.sign("xia")
    assert awaits(desk, "sequence") == ("bo",)


def test_added_signers_are_asked_again_when_the_content_changes() -> None:
    desk = gate(by=[{"role": "head"}], mode="all")
    add(desk, "hua", "before", "xia")
    desk.sign("xia")
    desk.set(budget="20 CNY")
    assert awaits(desk) == ("xia",)


# 减签 ---------------------------------------------------------------------------------------------


def test_who_added_a_signer_takes_the_signer_out_again() -> None:
    desk = gate(mode="all")
    add(desk, "hua", "before", "xia")
    assert remove(desk, "hua", "xia").refusal is None
    assert awaits(desk) == ("hua", "bo")


def test_only_the_sops_owner_takes_out_whom_the_sop_asks() -> None:
    desk = gate(mode="all")
    assert refused(remove(desk, "bo", "hua")) == "not_yours_to_remove"
    assert remove(desk, "ou", "hua").refusal is None
    assert awaits(desk) == ("bo",)
    desk.set(budget="20 CNY")
    assert awaits(desk) == ("bo",)


@pytest.mark.parametrize(
    ("mode", "more", "left"),
    [("any", {}, 1), ("all", {}, 1), ("sequence", {}, 1), ("votes", {"threshold": 2}, 2)],
)
def test_removal_leaves_as_many_as_the_mode_needs(mode: str, more: dict[str, Any], left: int) -> None:
    desk = gate(by=THREE, mode=mode, **more)
    out = [remove(desk, "ou", who).refusal for who in ("hua", "bo", "ke")]
    assert [r is None for r in out] == [n < 3 - left for n in range(3)]
    assert len(approval(desk).asks) == left


def test_removing_the_last_silent_signer_can_grant_it() -> None:
    desk = gate(mode="all")
    desk.sign("bo")
    remove(desk, "ou", "hua")
    assert ready(desk)


def test_the_requester_takes_nobody_out_of_the_way() -> None:
    desk = gate(mode="all")
    desk.store.people["sop_owner"] = ("pei",)
    assert refused(remove(desk, "pei", "hua")) == "own_request"


# 拿回 ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["any", "all"])
def test_an_answer_is_taken_back_while_nobody_has_acted_after_it(mode: str) -> None:
    desk = gate(mode=mode)
    desk.sign("hua")
    ok(desk, "hua", sc.TakeBackDecision)
    assert (approval(desk).state, ready(desk)) == (ApprovalState.OPEN, False)
    assert awaits(desk, mode) == ("hua", "bo")
    assert refused(act(desk, "hua", sc.TakeBackDecision)) == "nothing_to_take_back"


def test_what_made_the_request_ready_is_taken_back_with_its_clock() -> None:
    desk = gate(mode="any", within="2 wd", on_timeout={"reject": True})
    desk.sign("hua")
    assert ready(desk)
    assert not desk.case().deadlines
    ok(desk, "hua", sc.TakeBackDecision, reason="看错了")
    assert not ready(desk)
    assert [d.kind for d in desk.case().deadlines.values()] == ["approval"]
    assert desk.run().at("brief_stage") is not None


@pytest.mark.parametrize(
    ("what", "free"),
    [("nothing", True), ("comment", True), ("nudge", True), ("decision", False), ("add", False)],
)
def test_only_an_act_ends_the_time_for_taking_back(what: str, free: bool) -> None:
    desk = gate(by=THREE, mode="all")
    desk.sign("hua")
    match what:
        case "comment":
            ok(desk, "bo", sc.CommentApproval, text="看过")
        case "nudge":
            ok(desk, "pei", sc.NudgeApproval)
        case "decision":
            desk.sign("bo")
        case "add":
            add(desk, "bo", "after", "xia")
    assert (act(desk, "hua", sc.TakeBackDecision).refusal is None) is free


# 委派 ---------------------------------------------------------------------------------------------


def test_while_it_is_delegated_the_owner_waits_and_then_decides_with_the_opinion() -> None:
    desk = gate(by=[{"role": "head"}], mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("xia"), reason="你更懂")
    assert (awaits(desk), asked(Mode.ALL, approval(desk))) == (("xia",), ())
    assert refused(desk_sign(desk, "hua")) == "delegated_away"
    assert refused(desk_sign(desk, "xia")) == "not_asked"
    ok(desk, "xia", sc.HandBack, text="可以")
    given = approval(desk).asks[0].delegation
    assert given is not None
    assert given.opinion == "可以"
    assert desk.store.owed[-1].key.endswith("approval_requested/hua")
    desk.sign("hua")
    assert ready(desk)


def test_the_owner_may_call_it_back_and_the_delegate_is_let_go() -> None:
    desk = gate(by=[{"role": "head"}], mode="all")
    ok(desk, "hua", sc.DelegateAsk, to=PersonId("xia"), reason="你更懂")
    ok(desk, "hua", sc.CallBack)
    assert awaits(desk) == ("hua",)
    assert refused(act(desk, "xia", sc.HandBack, text="可以")) == "nothing_delegated"


# 补充材料 · 催办 · 抄送 · 意见 -----------------------------------------------------------------------


def test_while_material_is_awaited_the_clock_stands_still_and_then_runs_on_with_the_rest() -> None:
    desk = gate(within="8 wh", on_timeout={"reject": True})
    due = next(iter(desk.case().deadlines.values())).due_at
    desk.clock.advance(hours(2))
    ok(desk, "hua", sc.AskForMaterial, text="明细？")
    desk.clock.advance(hours(72))
    desk.sweep()
    assert approval(desk).material is not None
    ok(desk, "pei", sc.GiveMaterial, text="见附件")
    after = next(iter(desk.case().deadlines.values()))
    assert (after.stopped_at, after.due_at - due) == (None, hours(72))
    assert desk.last(se.MaterialGiven).notify == ("hua",)


def hours(number: int) -> Any:
    from datetime import timedelta

    return timedelta(hours=number)


def test_who_asked_may_decide_without_waiting_and_the_clock_runs_on() -> None:
    desk = gate(mode="all", within="2 wd", on_timeout={"remind": True})
    ok(desk, "hua", sc.AskForMaterial, text="明细？")
    desk.sign("hua")
    assert approval(desk).material is None
    assert next(iter(desk.case().deadlines.values())).stopped_at is None


def test_a_stopped_clock_stays_right_through_a_hold() -> None:
    from engine.case import commands as cmd

    desk = gate(within="4 d", on_timeout={"reject": True})
    due = next(iter(desk.case().deadlines.values())).due_at
    ok(desk, "hua", sc.AskForMaterial, text="明细？")
    desk.clock.advance(hours(24))
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等"))
    desk.clock.advance(hours(24))
    desk.do(cmd.ResumeCase(case_id=desk.case().id))
    desk.clock.advance(hours(24))
    ok(desk, "pei", sc.GiveMaterial)
    assert next(iter(desk.case().deadlines.values())).due_at - due == hours(72)


def test_a_nudge_reminds_whoever_is_awaited_and_is_throttled() -> None:
    desk = gate(mode="sequence")
    ok(desk, "pei", sc.NudgeApproval)
    assert desk.last(se.ApprovalNudged).notify == ("hua",)
    refusal = act(desk, "xia", sc.NudgeApproval).refusal
    assert refusal is not None
    assert [(b.code, b.detail["again"]) for b in refusal.blockers] == [("nudged_lately", "09:30")]
    desk.clock.advance(hours(1))
    ok(desk, "pei", sc.NudgeApproval)


def test_copies_are_told_at_the_request_and_at_the_outcome_and_decide_nothing() -> None:
    desk = gate(cc=["boss"], by=[{"role": "head"}])
    ok(desk, "pei", sc.CopyApproval, persons=(PersonId("xia"), PersonId("bo")))
    assert refused(desk_sign(desk, "xia")) == "not_asked"
    desk.sign("hua")
    assert desk.last(ev.ApprovalClosed).notify == ("bo", "xia")
    news = [owed.key.rpartition("/")[2] for owed in desk.store.owed if "approval_news" in owed.key]
    assert news == ["bo", "xia", "bo", "xia"]


def test_a_comment_decides_nothing() -> None:
    desk = gate()
    before = approval(desk)
    ok(desk, "xia", sc.CommentApproval, text="注意档期")
    assert (approval(desk), desk.last(se.ApprovalCommented).text) == (before, "注意档期")


# 流程允许什么 ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "kind", "parts"),
    [
        ("transfer", sc.TransferAsk, {"to": "xia", "reason": "x"}),
        ("delegate", sc.DelegateAsk, {"to": "xia", "reason": "x"}),
        ("add", sc.AddSigners, {"persons": ("xia",), "place": Place.AFTER, "reason": "x"}),
        ("material", sc.AskForMaterial, {"text": "?"}),
    ],
)
@pytest.mark.parametrize("allows", [[], ["transfer"], ["delegate"], ["add"], ["material"]], ids=str)
def test_an_act_is_open_exactly_where_the_sop_allows_it(
    name: str, kind: type[Any], parts: dict[str, Any], allows: list[str]
) -> None:
    desk = gate(allows=allows)
    answer = act(desk, "hua", kind, **parts)
    assert (answer.refusal is None) is (name in allows)


def test_a_timeout_that_hands_on_drops_the_unfinished_parts_whole() -> None:
    desk = gate(by=[{"role": "head"}], mode="any", within="1 wd", on_timeout={"transfer": "boss"})
    add(desk, "hua", "before", "xia")
    desk.sign("xia")
    desk.clock.set(next(d.due_at for d in desk.case().deadlines.values()))
    desk.sweep()
    assert (ready(desk), awaits(desk, "any")) == (False, ("bo",))
