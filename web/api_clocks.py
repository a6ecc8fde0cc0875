"""The HTTP API for one clock: a stage waits for somebody outside and goes on, a deadline gets more time."""

from typing import Annotated

from fastapi import APIRouter, Depends
from fastapi.responses import Response
from pydantic import Field

from engine.case.time_commands import AskMoreTime, GoOn, WaitOutside
from engine.ids import CaseId
from web import api_models as m
from web.api_bodies import In, Title, Words
from web.api_calls import PROBLEMS, Call

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["acts"])
AnyCall = Annotated[Call, Depends()]


class WaitIn(In):
    """`waits_for`: whom outside the company; a name, not a person's id."""

    waits_for: Title
    reason: Words


class MoreTimeIn(In):
    """`until`: as the SOP's date field takes it. `transition`: needed only where several extend."""

    until: Title
    reason: Annotated[str, Field(max_length=10_000)] = ""
    transition: Annotated[str, Field(max_length=200)] = ""


@router.post("/cases/{case_id}/stages/{stage}/wait", response_model=m.AnswerOut)
def wait(call: AnyCall, case_id: CaseId, stage: str, body: WaitIn) -> Response:
    """Stops the stage's clock, where the SOP lets the stage wait."""
    command = WaitOutside(case_id=case_id, stage=stage, waits_for=body.waits_for, reason=body.reason)
    return call.send(command)


@router.post("/cases/{case_id}/stages/{stage}/go-on", response_model=m.AnswerOut)
def go_on(call: AnyCall, case_id: CaseId, stage: str) -> Response:
    """The wait is over: the clock runs on with what was left."""
    return call.send(GoOn(case_id=case_id, stage=stage))


@router.post("/cases/{case_id}/more-time", response_model=m.AnswerOut)
def more_time(call: AnyCall, case_id: CaseId, body: MoreTimeIn) -> Response:
    """延期: fills in the new date and asks for the transition that extends, both or neither."""
    command = AskMoreTime(case_id=case_id, until=body.until, reason=body.reason, transition=body.transition)
    return call.send(command)
