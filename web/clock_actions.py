"""What the case page can do with one clock: a stage waits for somebody outside, and goes on."""

from fastapi import APIRouter
from fastapi.responses import Response

from engine.case.time_commands import GoOn, WaitOutside
from engine.ids import CaseId
from web.actions import AtDesk

router = APIRouter(include_in_schema=False)


@router.post("/cases/{case_id}/stages/{stage}/wait")
def wait(case_id: CaseId, stage: str, desk: AtDesk) -> Response:
    text = desk.form.text
    command = WaitOutside(case_id=case_id, stage=stage, waits_for=text("waits_for"), reason=text("reason"))
    return desk.send(command, "waits", "deadlines")


@router.post("/cases/{case_id}/stages/{stage}/go-on")
def go_on(case_id: CaseId, stage: str, desk: AtDesk) -> Response:
    return desk.send(GoOn(case_id=case_id, stage=stage), "goes_on", "deadlines")
