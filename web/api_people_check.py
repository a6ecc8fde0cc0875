"""The HTTP API for what today's people mean for an SOP: approvals nobody could sign, and why."""

from typing import Self

from fastapi import APIRouter, Depends

from runtime.people_check import HeldUp, PeopleCheck, Told, check_people
from web.api_calls import PROBLEMS, caller
from web.api_words import Out, Words2, example
from web.seeing import current
from web.visitor import Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
_FINDING = {
    "code": "role_empty",
    "gravity": "nobody",
    "path": "transitions.publish.approvals.sign.by",
    "transition": "publish",
    "approval": "sign",
    "role": "lead",
    "persons": [],
    "what": {
        "zh": "“主管审批”无人可签：没有人担任角色“主管”",
        "en": "nobody could sign 'Lead's approval': nobody holds role 'Lead'",
    },
    "mend": {
        "zh": "指定人员：guanka role lead 人员编号",
        "en": "assign somebody: guanka role lead PERSON",
    },
}


class FindingOut(Out):
    """`gravity` is nobody (it could not be signed), warning or note; `path` is the key in the SOP file."""

    model_config = example(**_FINDING)
    code: str
    gravity: str
    path: str
    transition: str
    approval: str
    role: str
    persons: list[str]
    what: Words2
    mend: Words2

    @classmethod
    def of(cls, told: Told) -> Self:
        found = told.found
        return cls(
            code=found.code.value,
            gravity=found.gravity.value,
            path=found.path,
            transition=found.transition,
            approval=found.approval,
            role=found.role,
            persons=list(found.persons),
            what=Words2.of(told.what),
            mend=Words2.of(told.mend),
        )


class HeldUpOut(Out):
    case_id: str
    case_title: str
    findings: list[FindingOut]

    @classmethod
    def of(cls, held: HeldUp) -> Self:
        return cls(
            case_id=held.case_id, case_title=held.title, findings=[FindingOut.of(one) for one in held.told]
        )


class PeopleCheckOut(Out):
    """`cases` are running cases held up by something of their own; `cases_held_up_too` counts those held up
    by a finding of the SOP.
    """

    model_config = example(sop="poster", ok=False, findings=[_FINDING], cases=[], cases_held_up_too=1)
    sop: str
    ok: bool
    findings: list[FindingOut]
    cases: list[HeldUpOut]
    cases_held_up_too: int

    @classmethod
    def of(cls, found: PeopleCheck) -> Self:
        return cls(
            sop=found.sop,
            ok=found.ok,
            findings=[FindingOut.of(one) for one in found.told],
            cases=[HeldUpOut.of(held) for held in found.cases],
            cases_held_up_too=found.too,
        )


@router.get("/sops/{sop}/people-check", tags=["sops"], dependencies=[Depends(caller)])
def people_check(wiring: Wired, sop: str) -> PeopleCheckOut:
    """Which approvals of the current version, and of running cases, nobody could sign today, and why."""
    return PeopleCheckOut.of(check_people(wiring, current(wiring, sop), cases=True))
