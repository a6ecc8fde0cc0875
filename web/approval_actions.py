"""What the case page can do with a running approval or request besides deciding it."""

from fastapi import APIRouter
from fastapi.responses import Response

from engine.case import signer_commands as sc
from engine.case.open_acts import OpenAct
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, RequestId
from web.actions import AtDesk, Desk
from web.acts_offered import Names
from web.acts_typed import Incomplete, Kept, Sheet, command_of
from web.case_page import Slip

router = APIRouter(include_in_schema=False)
NOT_HERE = (OpenAct.DECIDE, OpenAct.WITHDRAW, OpenAct.RESUBMIT)  # forms of their own


@router.post("/cases/{case_id}/approvals/{approval}/acts")
def act_on_approval(case_id: CaseId, approval: ApprovalId, desk: AtDesk) -> Response:
    """The button says which act; the core says whether this person may."""
    act = next((one for one in OpenAct if one == desk.form.text("act") and one not in NOT_HERE), None)
    if act is None:
        return desk.again(case_id, Slip(status=422, notice=[desk.visitor.t("Choose what to do.")]))
    kept: dict[str, Kept] = {approval: Kept(desk.form.data, act)}
    try:
        command = command_of(act, _sheet(desk, case_id, approval))
    except Incomplete as missing:
        return desk.again(case_id, Slip(status=422, notice=[str(missing.args[0])], acts=kept))
    return desk.send(command, act.value, "requests", acts=kept)


def _sheet(desk: Desk, case_id: CaseId, approval: ApprovalId) -> Sheet:
    return Sheet(
        data=desk.form.data,
        names=Names(desk.visitor.people.values()),
        t=desk.visitor.t,
        case=case_id,
        approval=approval,
        round=desk.form.number("round"),
        content=desk.form.text("content"),
        assurance=Assurance.LOGIN,
    )


@router.post("/cases/{case_id}/requests/{request_id}/resubmit")
def resubmit(case_id: CaseId, request_id: RequestId, desk: AtDesk) -> Response:
    command = sc.ResubmitRequest(case_id=case_id, request=request_id, reason=desk.form.text("reason"))
    return desk.send(command, "resubmit", "requests")
