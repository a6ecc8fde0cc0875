"""What a person is offered is not refused; what is not offered is."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.decide import decide
from engine.case.open_acts import OpenAct, OpenActs, open_acts, open_on_request
from engine.case.refusal import Refusal
from engine.case.state import Case, Place, Verdict
from engine.ids import ApprovalId, PersonId, RequestId
from tests.factories import Desk, person
from tests.property.test_approval_laws import EVERYBODY, _played, asking, policies

ON_REQUESTS = {OpenAct.WITHDRAW, OpenAct.RESUBMIT}


@given(gates=policies(), data=st.data())
def test_what_is_offered_goes_and_what_is_not_is_refused(
    gates: list[dict[str, Any]], data: st.DataObject
) -> None:
    desk = asking(gates)
    for _ in _played(data, desk):
        pass
    case = desk.case()
    who = data.draw(st.sampled_from(EVERYBODY))
    for approval in case.approvals:
        found = open_acts(_definition(desk), case, ApprovalId(approval), _facts(desk, who))
        for act in set(OpenAct) - ON_REQUESTS:
            _agrees(desk, who, _tries(case, approval, act, found), offered=act in found.acts, act=act)
    for request in case.requests:
        acts = open_on_request(_definition(desk), case, RequestId(request), _facts(desk, who))
        on: dict[str, Any] = {"case_id": case.id, "request": RequestId(request)}
        _agrees(
            desk, who, [cmd.WithdrawRequest(**on)], offered=OpenAct.WITHDRAW in acts, act=OpenAct.WITHDRAW
        )
        _agrees(desk, who, [sc.ResubmitRequest(**on)], offered=OpenAct.RESUBMIT in acts, act=OpenAct.RESUBMIT)


def _definition(desk: Desk) -> Any:
    return desk.store.definitions[desk.case().definition]


def _facts(desk: Desk, who: str) -> Any:
    company = desk.store.company("launch")
    return desk.service.facts(_definition(desk), company, person(who))


def _agrees(desk: Desk, who: str, tries: list[cmd.Command], *, offered: bool, act: OpenAct) -> None:
    """Offered: every one of the tries goes. Not offered: none does."""
    answers = [decide(_definition(desk), desk.case(), command, _facts(desk, who)) for command in tries]
    refused = [isinstance(answer, Refusal) for answer in answers]
    assert all(gone is not offered for gone in refused), (act, who, offered, answers)
    assert tries or not offered, (act, who)


def _tries(case: Case, approval: Any, act: OpenAct, found: OpenActs) -> list[cmd.Command]:
    """Offered: with everybody and everywhere it is offered for. Not offered: with everybody there is."""
    on: dict[str, Any] = {"case_id": case.id, "approval": approval}
    anybody = tuple(PersonId(p) for p in EVERYBODY)
    offered = act in found.acts
    to, out = (found.to, found.out) if offered else (anybody, anybody)
    ways = found.ways if offered else ("", "brief_stage", "review", "live")
    places = (Place.BEFORE, Place.BESIDE, Place.AFTER)
    why: dict[str, Any] = {"reason": "因为"}
    tries: dict[OpenAct, list[cmd.Command]] = {
        OpenAct.DECIDE: [cmd.RecordDecision(**on, verdict=Verdict.APPROVE)],
        OpenAct.RETURN: [sc.ReturnRequest(**on, to=way, comment="补") for way in ways],
        OpenAct.TRANSFER: [sc.TransferAsk(**on, to=p, **why) for p in to],
        OpenAct.DELEGATE: [sc.DelegateAsk(**on, to=p, **why) for p in to],
        OpenAct.ADD: [sc.AddSigners(**on, persons=(p,), place=at, **why) for p in to for at in places],
        OpenAct.REMOVE: [sc.RemoveSigner(**on, person=p, **why) for p in out],
        OpenAct.ASK: [sc.AskForMaterial(**on, text="?")],
        OpenAct.GIVE: [sc.GiveMaterial(**on)],
        OpenAct.HAND_BACK: [sc.HandBack(**on, text="可以")],
        OpenAct.CALL_BACK: [sc.CallBack(**on)],
        OpenAct.TAKE_BACK: [sc.TakeBackDecision(**on)],
        OpenAct.NUDGE: [sc.NudgeApproval(**on)],
        OpenAct.COPY: [sc.CopyApproval(**on, persons=anybody[:1])],
        OpenAct.COMMENT: [sc.CommentApproval(**on, text="好")],
    }
    return tries[act]
