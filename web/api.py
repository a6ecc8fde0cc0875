"""The HTTP API under /api/v1: each act one command, refusals as problem+json, versions as ETag and
If-Match.
"""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, UploadFile
from fastapi.responses import Response

from engine.case import commands as cmd
from engine.case.blockers import blockers
from engine.case.evidence import Evidence
from engine.case.state import CaseStatus, Via
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store.board import RUNNING, BoardFilter
from runtime.standing import Standing
from web import api_bodies as b
from web import api_models as m
from web.api_calls import PROBLEMS, Call, caller, new_id
from web.case_view import CaseView
from web.evidence import client_of
from web.field_inputs import stored
from web.files import file_answer
from web.history import Teller
from web.late import Late, late_list
from web.phrases import Phrases
from web.ports import Wiring
from web.seeing import NoSuchPage, current, facts_for, seen
from web.visitor import Visitor, Wired, times_for

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
Caller = Annotated[Visitor, Depends(caller)]
AnyCall = Annotated[Call, Depends()]
Limit = Annotated[int, Query(ge=1, le=200)]
Offset = Annotated[int, Query(ge=0, le=1_000_000)]


@router.get("/cases", tags=["cases"])
def list_cases(
    wiring: Wired,
    visitor: Caller,
    sop: str | None = None,
    status: CaseStatus | None = None,
    overdue: bool | None = None,
    mine: bool = False,
    title: Annotated[str | None, Query(max_length=200)] = None,
    limit: Limit = 50,
    offset: Offset = 0,
) -> m.BoardOut:
    wanted = BoardFilter(
        sop=sop,
        statuses=(status,) if status else RUNNING,
        person=visitor.person.id if mine else None,
        overdue=overdue,
        title=title,
    )
    found = wiring.store.board.page(wanted, limit=limit, offset=offset, now=wiring.clock.now())
    return m.BoardOut(cases=[m.CaseLineOut.of(line) for line in found.cases], total=found.total)


@router.post("/cases", status_code=201, response_model=m.AnswerOut, tags=["cases"])
def start_case(call: AnyCall, body: b.StartIn) -> Response:
    """Under an Idempotency-Key the id of the case follows from the key, so that trying again
    starts no second one.
    """
    command = cmd.StartCase(
        case_id=new_id(call),
        sop=body.sop,
        title=body.title,
        values=body.values,
        roles={role: tuple(map(PersonId, people)) for role, people in body.roles.items()},
    )
    return call.send(command, created=True)


@router.get("/cases/{case_id}", tags=["cases"])
def get_case(wiring: Wired, visitor: Caller, case_id: CaseId, response: Response) -> m.CaseOut:
    at = seen(wiring, case_id)
    view = CaseView(seen=at, facts=facts_for(wiring, at, visitor.actor(Via.API)), visitor=visitor)
    stops = {
        move.id: [
            m.BlockerOut.of(stop)
            for stop in blockers(at.definition, at.case, at.definition.transitions[move.id], view.facts)
        ]
        for move in view.moves
    }
    response.headers["ETag"] = f'"{at.case.version}"'
    return m.CaseOut.of(view, stops)


@router.get("/cases/{case_id}/events", tags=["cases"])
def list_events(
    wiring: Wired, visitor: Caller, case_id: CaseId, after: Annotated[int, Query(ge=0)] = 0
) -> list[m.HappenedOut]:
    at = seen(wiring, case_id)
    events = wiring.store.history.read_events(case_id)
    in_chinese = Visitor(
        person=visitor.person,
        people=visitor.people,
        t=Phrases("zh"),
        times=times_for(wiring, visitor.person, Phrases("zh")),
        seat="",
        form_token="",
    )
    zh, en = Teller(at.definition, events, in_chinese), Teller(at.definition, events, visitor)
    return [
        m.HappenedOut(
            sequence=r.sequence,
            at=r.at,
            person=r.actor.person,
            via=r.actor.via.value,
            kind=r.event.kind,
            text=m.Words2(zh=zh.line(r).text, en=en.line(r).text),
            flow_run=en.line(r).flow_run,
        )
        for r in events
        if r.sequence > after
    ]


@router.patch("/cases/{case_id}/fields", response_model=m.AnswerOut, tags=["acts"])
def set_fields(call: AnyCall, case_id: CaseId, body: b.FieldsIn) -> Response:
    return call.send(cmd.SetFields(case_id=case_id, values=body.values))


@router.post("/cases/{case_id}/tasks/{task}/complete", response_model=m.AnswerOut, tags=["acts"])
def complete_task(call: AnyCall, case_id: CaseId, task: str) -> Response:
    return call.send(cmd.CompleteTask(case_id=case_id, task=task))


@router.post("/cases/{case_id}/tasks/{task}/reopen", response_model=m.AnswerOut, tags=["acts"])
def reopen_task(call: AnyCall, case_id: CaseId, task: str) -> Response:
    return call.send(cmd.ReopenTask(case_id=case_id, task=task))


@router.post("/cases/{case_id}/tasks/{task}/waive", response_model=m.AnswerOut, tags=["acts"])
def waive_task(call: AnyCall, case_id: CaseId, task: str, body: b.ReasonIn) -> Response:
    return call.send(cmd.WaiveTask(case_id=case_id, task=task, reason=body.reason))


@router.post("/cases/{case_id}/transitions/{transition}", response_model=m.AnswerOut, tags=["acts"])
def request_transition(
    call: AnyCall, case_id: CaseId, transition: str, body: b.ReasonIn | None = None
) -> Response:
    reason = body.reason if body else ""
    return call.send(cmd.RequestTransition(case_id=case_id, transition=transition, reason=reason))


@router.post("/cases/{case_id}/requests/{request_id}/withdraw", response_model=m.AnswerOut, tags=["acts"])
def withdraw_request(
    call: AnyCall, case_id: CaseId, request_id: RequestId, body: b.ReasonIn | None = None
) -> Response:
    reason = body.reason if body else ""
    return call.send(cmd.WithdrawRequest(case_id=case_id, request=request_id, reason=reason))


@router.post("/cases/{case_id}/approvals/{approval}/decision", response_model=m.AnswerOut, tags=["acts"])
def record_decision(
    call: AnyCall, case_id: CaseId, approval: ApprovalId, body: b.DecisionIn, request: Request
) -> Response:
    """Whoever calls from this machine counts as signed in until accounts exist."""
    command = cmd.RecordDecision(
        case_id=case_id,
        approval=approval,
        verdict=body.verdict,
        comment=body.comment,
        round=body.round,
        content=body.content,
        assurance=Assurance.LOGIN,
        evidence=Evidence(client=client_of(request)),
    )
    return call.send(command)


@router.post("/cases/{case_id}/deliverables/{deliverable}", response_model=m.AnswerOut, tags=["acts"])
def attach_deliverable(call: AnyCall, case_id: CaseId, deliverable: str, file: UploadFile) -> Response:
    """A file as multipart/form-data, in the part `file`."""
    kept = stored(file, call.wiring.store.blobs)
    command = cmd.AttachDeliverable(
        case_id=case_id,
        deliverable=deliverable,
        name=str(kept["name"]),
        hash=str(kept["hash"]),
        size=file.size or 0,
        media_type=str(kept["media_type"]),
    )
    return call.send(command)


@router.get("/cases/{case_id}/files/{digest}", tags=["cases"], dependencies=[Depends(caller)])
def get_file(wiring: Wired, case_id: CaseId, digest: str) -> Response:
    for versions in seen(wiring, case_id).case.attachments.values():
        for one in versions:
            if one.hash == digest:
                return file_answer(wiring, one.hash, one.name)
    raise NoSuchPage


@router.post("/cases/{case_id}/hold", response_model=m.AnswerOut, tags=["acts"])
def hold_case(call: AnyCall, case_id: CaseId, body: b.HoldIn) -> Response:
    return call.send(cmd.HoldCase(case_id=case_id, reason=body.reason, resume_on=body.resume_on))


@router.post("/cases/{case_id}/resume", response_model=m.AnswerOut, tags=["acts"])
def resume_case(call: AnyCall, case_id: CaseId) -> Response:
    return call.send(cmd.ResumeCase(case_id=case_id))


@router.post("/cases/{case_id}/comments", response_model=m.AnswerOut, tags=["acts"])
def add_comment(call: AnyCall, case_id: CaseId, body: b.CommentIn) -> Response:
    return call.send(cmd.AddComment(case_id=case_id, text=body.text))


@router.put("/cases/{case_id}/roles/{role}", response_model=m.AnswerOut, tags=["acts"])
def assign_role(call: AnyCall, case_id: CaseId, role: str, body: b.RoleIn) -> Response:
    """An empty list gives the role back to the SOP and the company."""
    people = tuple(PersonId(person) for person in body.people)
    return call.send(cmd.AssignRoles(case_id=case_id, roles={role: people}))


@router.post("/cases/{case_id}/children/{child}", response_model=m.AnswerOut, tags=["acts"])
def open_child(call: AnyCall, case_id: CaseId, child: str, body: b.ChildIn) -> Response:
    return call.send(cmd.OpenChild(case_id=case_id, child=child, title=body.title, values=body.values))


@router.put("/cases/{case_id}/milestones/{milestone:path}", response_model=m.AnswerOut, tags=["acts"])
def plan_milestone(call: AnyCall, case_id: CaseId, milestone: str, body: b.MilestoneIn) -> Response:
    """A day that is not written stays as it is; one that is null is cleared."""
    null = {name for name in body.model_fields_set if getattr(body, name) is None}
    command = cmd.PlanMilestone(
        case_id=case_id,
        milestone=milestone,
        planned=body.planned,
        forecast=body.forecast,
        clears=tuple(name for name in cmd.MILESTONE_DAYS if name in null),
    )
    return call.send(command)


@router.get("/sops", tags=["sops"], dependencies=[Depends(caller)])
def list_sops(wiring: Wired) -> list[m.SopOut]:
    newest = {v.sop: v for v in reversed(wiring.store.definitions.versions())}
    return [_sop(wiring, name) for name in sorted(newest)]


@router.get("/sops/{sop}", tags=["sops"], dependencies=[Depends(caller)])
def get_sop(wiring: Wired, sop: str) -> dict[str, Any]:
    """The definition in full, as the model that its file was read into."""
    return {
        **_sop(wiring, sop).model_dump(),
        "definition": current(wiring, sop).sop.model_dump(mode="json", by_alias=True, exclude_defaults=True),
    }


def _sop(wiring: Wiring, sop: str) -> m.SopOut:
    definition = current(wiring, sop)
    version = wiring.store.definitions.latest(sop)
    title = m.Words2.of(definition.sop.title)
    return m.SopOut(sop=sop, title=title, number=version.number if version else 0, digest=definition.digest)


@router.get("/overdue", tags=["lists"])
def list_overdue(
    wiring: Wired, visitor: Caller, mine: bool = False, sop: str | None = None, owner: str | None = None
) -> list[m.LateOut]:
    """Longest late first. `sop` and `owner` (a person's id) keep only what is of that SOP, or theirs."""
    found = late_list(wiring, visitor, person=visitor.person.id if mine else None)
    kept = [one for one in found if sop in (None, one.due.sop) and (owner is None or owner in one.owners)]
    return [_late(one) for one in kept]


def _late(one: Late) -> m.LateOut:
    due = one.due
    return m.LateOut(
        case_id=due.case_id,
        case_title=due.title,
        sop=due.sop,
        deadline=due.deadline,
        kind=due.kind.value,
        title=m.Words2.of(one.what),
        owner=due.owner,
        owners=list(one.owners),
        due_at=due.due_at,
        provisional=due.provisional,
        missed_at=due.missed_at,
        working_days=one.working_days,
        escalated=due.escalated,
    )


@router.get("/inbox", tags=["lists"])
def get_inbox(wiring: Wired, visitor: Caller) -> m.InboxOut:
    """What waits for the person who asks, and whom this person waits for."""
    person, standing = visitor.person.id, Standing(wiring.store.board.case)
    asks = [
        m.AskedOut(
            case_id=a.case_id,
            case_title=a.title,
            approval=a.approval,
            spec=a.spec,
            principal=a.principal,
            round=a.round,
            due_at=a.due_at,
            provisional=a.provisional,
        )
        for a in wiring.store.inbox.asks(person)
    ]
    tasks = [
        m.TaskLineOut(
            case_id=t.case_id,
            case_title=t.title,
            task=t.task,
            stage=t.stage,
            optional=t.optional,
            due_at=t.due_at,
            provisional=t.provisional,
            stopped=t.stopped,
            still=m.StillOut.of(standing.of(t)),
        )
        for t in wiring.store.inbox.tasks(person)
    ]
    late = late_list(wiring, visitor, person=person)
    title_of = wiring.store.definitions.by_digest
    concerns = [
        m.ConcernOut.of(one, title_of(one.digest).title_of(one.spec), standing.of(one))
        for one in wiring.store.inbox.concerns(person)
    ]
    return m.InboxOut(approvals=asks, tasks=tasks, concerns=concerns, overdue=[_late(one) for one in late])
