"""The HTTP API for deciding several approvals at once, where their SOP allows it."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import Field

from engine.case import commands as cmd
from engine.case.state import Verdict, Via
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId
from engine.ports import Answer
from web.api_bodies import In, Title, Words
from web.api_calls import PROBLEMS, Call
from web.api_models import BlockerOut, Out

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
MOST_TOGETHER = 50


class SeenIn(In):
    """One approval, with the round and content its signer was shown."""

    case: Title
    approval: Title
    round: int
    content: Annotated[str, Field(max_length=200)]


class TogetherIn(In):
    verdict: Verdict
    comment: Words = ""
    items: Annotated[list[SeenIn], Field(min_length=1, max_length=MOST_TOGETHER)]


class ItemOut(Out):
    """`decided` is false where `blockers` say why not; the others are decided all the same."""

    case: str
    approval: str
    decided: bool
    repeated: bool
    version: int
    blockers: list[BlockerOut]


class TogetherOut(Out):
    items: list[ItemOut]


@router.post("/approvals/decide-together", tags=["approvals"])
def decide_together(call: Annotated[Call, Depends()], body: TogetherIn) -> TogetherOut:
    """批量审批: each in a command of its own; what has changed meanwhile is left out and said so."""
    return TogetherOut(items=[_one(call, body, item) for item in body.items])


def _one(call: Call, body: TogetherIn, item: SeenIn) -> ItemOut:
    command = cmd.RecordDecision(
        case_id=CaseId(item.case),
        approval=ApprovalId(item.approval),
        verdict=body.verdict,
        comment=body.comment,
        round=item.round,
        content=item.content,
        assurance=Assurance.LOGIN,
        together=True,
    )
    given = call.idempotency_key
    key = f"{given[:100]}:{item.case}:{item.approval}"[:200] if given else None
    answer = call.wiring.service.handle(command, actor=call.visitor.actor(Via.API), key=key)
    return _said(item, answer)


def _said(item: SeenIn, answer: Answer) -> ItemOut:
    found = answer.refusal.blockers if answer.refusal else ()
    return ItemOut(
        case=item.case,
        approval=item.approval,
        decided=answer.refusal is None,
        repeated=answer.repeated,
        version=answer.version,
        blockers=[BlockerOut.of(blocker) for blocker in found],
    )
