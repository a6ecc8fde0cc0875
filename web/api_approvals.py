"""The HTTP API for what people do with one running approval besides deciding it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from engine.case import signer_commands as sc
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from web import api_bodies as b
from web import api_models as m
from web.api_calls import PROBLEMS, Call

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
AnyCall = Annotated[Call, Depends()]
ON = "/cases/{case_id}/approvals/{approval}"


@router.post(f"{ON}/transfer", response_model=m.AnswerOut, tags=["approvals"])
def transfer_ask(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.HandOverIn) -> Response:
    """转交: the caller's ask is another person's for good."""
    to = PersonId(body.to)
    return call.send(sc.TransferAsk(case_id=case_id, approval=approval, to=to, reason=body.reason))


@router.post(f"{ON}/delegate", response_model=m.AnswerOut, tags=["approvals"])
def delegate_ask(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.HandOverIn) -> Response:
    """委派: another person looks at it and hands it back; the caller decides."""
    to = PersonId(body.to)
    return call.send(sc.DelegateAsk(case_id=case_id, approval=approval, to=to, reason=body.reason))


@router.post(f"{ON}/hand-back", response_model=m.AnswerOut, tags=["approvals"])
def hand_back(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.CommentIn) -> Response:
    """The opinion of whom it was delegated to."""
    return call.send(sc.HandBack(case_id=case_id, approval=approval, text=body.text))


@router.post(f"{ON}/call-back", response_model=m.AnswerOut, tags=["approvals"])
def call_back(call: AnyCall, case_id: CaseId, approval: ApprovalId) -> Response:
    """Ends the caller's delegation without an opinion."""
    return call.send(sc.CallBack(case_id=case_id, approval=approval))


@router.post(f"{ON}/signers", response_model=m.AnswerOut, tags=["approvals"])
def add_signers(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.SignersIn) -> Response:
    """加签: before, beside or after the caller."""
    command = sc.AddSigners(
        case_id=case_id,
        approval=approval,
        persons=tuple(PersonId(person) for person in body.persons),
        place=body.place,
        reason=body.reason,
    )
    return call.send(command)


@router.post(f"{ON}/signers/{{person}}/remove", response_model=m.AnswerOut, tags=["approvals"])
def remove_signer(
    call: AnyCall, case_id: CaseId, approval: ApprovalId, person: PersonId, body: b.ReasonIn
) -> Response:
    """减签: by who added the signer, or by the SOP's owner."""
    command = sc.RemoveSigner(case_id=case_id, approval=approval, person=person, reason=body.reason)
    return call.send(command)


@router.post(f"{ON}/take-back", response_model=m.AnswerOut, tags=["approvals"])
def take_back_decision(
    call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.ReasonIn | None = None
) -> Response:
    """拿回: the caller's own answer, while nobody has acted after it."""
    reason = body.reason if body else ""
    return call.send(sc.TakeBackDecision(case_id=case_id, approval=approval, reason=reason))


@router.post(f"{ON}/nudge", response_model=m.AnswerOut, tags=["approvals"])
def nudge_approval(call: AnyCall, case_id: CaseId, approval: ApprovalId) -> Response:
    """催办: reminds whoever is awaited, at most every half hour."""
    return call.send(sc.NudgeApproval(case_id=case_id, approval=approval))


@router.post(f"{ON}/material/ask", response_model=m.AnswerOut, tags=["approvals"])
def ask_for_material(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.CommentIn) -> Response:
    """补充材料: a question to the requester; the clock stands still until the answer."""
    return call.send(sc.AskForMaterial(case_id=case_id, approval=approval, text=body.text))


@router.post(f"{ON}/material/give", response_model=m.AnswerOut, tags=["approvals"])
def give_material(
    call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.MaterialIn | None = None
) -> Response:
    """The answer in words, or nothing when the fields and files hold it."""
    text = body.text if body else ""
    return call.send(sc.GiveMaterial(case_id=case_id, approval=approval, text=text))


@router.post(f"{ON}/copies", response_model=m.AnswerOut, tags=["approvals"])
def copy_approval(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.RoleIn) -> Response:
    """抄送: told of it and of its outcome."""
    persons = tuple(PersonId(person) for person in body.people)
    return call.send(sc.CopyApproval(case_id=case_id, approval=approval, persons=persons))


@router.post(f"{ON}/comments", response_model=m.AnswerOut, tags=["approvals"])
def comment_approval(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.CommentIn) -> Response:
    """Words beside the approval, which decide nothing."""
    return call.send(sc.CommentApproval(case_id=case_id, approval=approval, text=body.text))


@router.post(f"{ON}/return", response_model=m.AnswerOut, tags=["approvals"])
def return_request(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.ReturnIn) -> Response:
    """退回: to the requester, or with the case to the stage `to`."""
    command = sc.ReturnRequest(
        case_id=case_id,
        approval=approval,
        comment=body.comment,
        to=body.to,
        straight_back=body.straight_back,
        round=body.round,
        content=body.content,
        assurance=Assurance.LOGIN,
    )
    return call.send(command)


@router.post(
    "/cases/{case_id}/requests/{request_id}/resubmit", response_model=m.AnswerOut, tags=["approvals"]
)
def resubmit_request(
    call: AnyCall, case_id: CaseId, request_id: RequestId, body: b.ReasonIn | None = None
) -> Response:
    """The requester puts a returned request forward again."""
    reason = body.reason if body else ""
    return call.send(sc.ResubmitRequest(case_id=case_id, request=request_id, reason=reason))
