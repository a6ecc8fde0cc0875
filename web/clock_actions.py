"""What the case page can do with one clock: a stage waits for somebody outside and goes on, a deadline gets
more time.
"""

from fastapi import APIRouter
from fastapi.responses import Response

from engine.case.time_commands import AskMoreTime, GoOn, WaitOutside
from engine.ids import CaseId
from web.actions import AtDesk
from web.seeing import seen

router = APIRouter(include_in_schema=False)


@router.post("/cases/{case_id}/stages/{stage}/wait")
def wait(case_id: CaseId, stage: str, desk: AtDesk) -> Response:
    text = desk.form.text
    command = WaitOutside(case_id=case_id, stage=stage, waits_for=text("waits_for"), reason=text("reason"))
    return desk.send(command, "waits", "deadlines")


@router.post("/cases/{case_id}/stages/{stage}/go-on")
def go_on(case_id: CaseId, stage: str, desk: AtDesk) -> Response:
    return desk.send(GoOn(case_id=case_id, stage=stage), "goes_on", "deadlines")


@router.post("/cases/{case_id}/more-time/{transition}")
def more_time(case_id: CaseId, transition: str, desk: AtDesk) -> Response:
    at = seen(desk.wiring, case_id)
    spec = at.definition.transitions.get(transition)
    until = ""
    if spec is not None and spec.extends is not None:
        name = spec.extends.until
        typed = desk.read(at, {name: at.definition.sop.fields[name]})
        if typed.faults:
            return desk.faulty(at, typed)
        until = str(typed.values[name] or "")
    asks = AskMoreTime(case_id=case_id, until=until, reason=desk.form.text("reason"), transition=transition)
    return desk.send(asks, "more_time", "deadlines")
