"""The HTTP API under /api/v1: every act one command, refusals as problem+json, versions as ETag and If-Match."""

import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Header, Query, Request, UploadFile
from fastapi.responses import JSONResponse, Response

from engine.case import commands as cmd
from engine.case.blockers import blockers
from engine.case.refusal import Refusal
from engine.case.state import CaseStatus, Via
from engine.definition.model import Assurance
from engine.ids import ALPHABET, ApprovalId, CaseId, PersonId, RequestId
from engine.ports import Answer
from engine.store.board import RUNNING, BoardFilter
from engine.store.inbox import Due
from engine.text import Text
from web import api_models as m
from web.case_page import STATUS
from web.case_view import CaseView
from web.field_inputs import stored
from web.history import Teller
from web.pages import file_answer
from web.phrases import Phrases
from web.ports import Wiring
from web.problems import PROBLEM, problem
from web.seeing import NoSuchPage, current, facts_for, seen
from web.visitor import PERSON_COOKIE, Visitor, Wired, times_for

PROBLEMS: dict[int | str, dict[str, Any]] = {
    status: {"description": said, "content": {PROBLEM: {}}}
    for status, said in {
        403: "not allowed to this person",
        404: "no such thing",
        409: "refused: `blockers` name what holds it back, who is waited for and how to mend it",
        412: "the case has moved on since the version of If-Match",
        422: "what was sent does not fit",
        503: "nothing was saved; try again after Retry-After seconds",
    }.items()
}
router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
_ETAG = re.compile(r'(?:W/)?"(\d{1,9})"')


class Unnamed(Exception):  # noqa: N818 - an answer, not a failure
    """No person, or one nobody knows."""


class BadMatch(Exception):  # noqa: N818 - an answer, not a failure
    """If-Match holds something that is no version of ours."""


def caller(
    request: Request,
    wiring: Wired,
    x_guanka_person: Annotated[
        str | None, Header(description="Who asks: a person's id. Needed to change anything.", max_length=600)
    ] = None,
) -> Visitor:
    """A browser that was lured here sends the cookie along, but never the header: without it, it may only look."""
    person_id = PersonId(unquote(x_guanka_person or request.cookies.get(PERSON_COOKIE, "")))
    own_page = request.headers.get("sec-fetch-site") == "same-origin"
    if request.method not in {"GET", "HEAD"} and x_guanka_person is None and not own_page:
        raise Unnamed
    people = {person.id: person for person in wiring.store.people.all(active=True)}
    if person_id not in people:
        raise Unnamed
    t = Phrases("en")
    person = people[person_id]
    return Visitor(
        person=person, people=people, t=t, times=times_for(wiring, person, t), seat="", form_token=""
    )


Caller = Annotated[Visitor, Depends(caller)]


@dataclass(frozen=True, slots=True)
class Call:
    """One act through the API: who, under which key, against which version."""

    wiring: Wired
    visitor: Caller
    idempotency_key: Annotated[
        str | None,
        Header(description="The same key and body again give the first answer again.", max_length=200),
    ] = None
    if_match: Annotated[
        str | None, Header(description="The ETag last seen; 412 when the case has moved on.", max_length=100)
    ] = None

    def send(self, command: cmd.Command, *, created: bool = False) -> Response:
        answer = self.wiring.service.handle(
            command,
            actor=self.visitor.actor(Via.API),
            key=self.idempotency_key,
            if_version=_version(self.if_match),
        )
        return refused(answer) if answer.refusal else _answered(answer, created=created)


def _version(if_match: str | None) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = _ETAG.fullmatch(if_match.strip())
    if found is None:
        raise BadMatch
    return int(found[1])


def _answered(answer: Answer, *, created: bool) -> Response:
    headers = {"ETag": f'"{answer.version}"'}
    if created:
        headers["Location"] = f"/api/v1/cases/{answer.case_id}"
    status = 201 if created and not answer.repeated else 200
    return JSONResponse(m.AnswerOut.of(answer).model_dump(mode="json"), status, headers)


def refused(answer: Answer) -> Response:
    refusal = answer.refusal
    assert isinstance(refusal, Refusal)  # noqa: S101 - the caller has looked
    found = [m.BlockerOut.of(blocker) for blocker in refusal.blockers]
    first = found[0].sentence if found else m.Words2(zh="已拒绝", en="refused")
    body = {
        "type": f"urn:guanka:{refusal.why.value}",
        "title": first.en,
        "title_zh": first.zh,
        "status": STATUS[refusal.why],
        "code": found[0].code if found else refusal.why.value,
        "why": refusal.why.value,
        "sentences": {"zh": [b.sentence.zh for b in found], "en": [b.sentence.en for b in found]},
        "blockers": [b.model_dump() for b in found],
        "version": answer.version,
    }
    return JSONResponse(body, STATUS[refusal.why], media_type=PROBLEM)


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
    found = wiring.store.board.page(wanted, limit=limit, offset=offset)
    return m.BoardOut(cases=[m.CaseLineOut.of(line) for line in found.cases], total=found.total)


@router.post("/cases", status_code=201, response_model=m.AnswerOut, tags=["cases"])
def start_case(call: AnyCall, body: m.StartIn) -> Response:
    """Under an Idempotency-Key the id of the case follows from the key, so that trying again starts no second one."""
    command = cmd.StartCase(
        case_id=_new_id(call),
        sop=body.sop,
        title=body.title,
        values=body.values,
        roles={role: tuple(map(PersonId, people)) for role, people in body.roles.items()},
    )
    return call.send(command, created=True)


def _new_id(call: Call) -> CaseId:
    if call.idempotency_key is None:
        return call.wiring.ids.case_id()
    digest = hashlib.sha256(f"{call.visitor.person.id}\n{call.idempotency_key}".encode()).digest()
    return CaseId("".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:12]))


@router.get("/cases/{case_id}", tags=["cases"])
def get_case(wiring: Wired, visitor: Caller, case_id: CaseId, response: Response) -> m.CaseOut:
    at = seen(wiring, case_id)
    view = CaseView(seen=at, facts=facts_for(wiring, at, visitor.actor(Via.API)), visitor=visitor)
    stops = {
        move.id: [
            m.BlockerOut.of(b)
            for b in blockers(at.definition, at.case, at.definition.transitions[move.id], view.facts)
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
def set_fields(call: AnyCall, case_id: CaseId, body: m.FieldsIn) -> Response:
    return call.send(cmd.SetFields(case_id=case_id, values=body.values))


@router.post("/cases/{case_id}/tasks/{task}/complete", response_model=m.AnswerOut, tags=["acts"])
def complete_task(call: AnyCall, case_id: CaseId, task: str) -> Response:
    return call.send(cmd.CompleteTask(case_id=case_id, task=task))


@router.post("/cases/{case_id}/tasks/{task}/reopen", response_model=m.AnswerOut, tags=["acts"])
def reopen_task(call: AnyCall, case_id: CaseId, task: str) -> Response:
    return call.send(cmd.ReopenTask(case_id=case_id, task=task))


@router.post("/cases/{case_id}/tasks/{task}/waive", response_model=m.AnswerOut, tags=["acts"])
def waive_task(call: AnyCall, case_id: CaseId, task: str, body: m.ReasonIn) -> Response:
    return call.send(cmd.WaiveTask(case_id=case_id, task=task, reason=body.reason))


@router.post("/cases/{case_id}/transitions/{transition}", response_model=m.AnswerOut, tags=["acts"])
def request_transition(
    call: AnyCall, case_id: CaseId, transition: str, body: m.ReasonIn | None = None
) -> Response:
    reason = body.reason if body else ""
    return call.send(cmd.RequestTransition(case_id=case_id, transition=transition, reason=reason))


@router.post("/cases/{case_id}/requests/{request_id}/withdraw", response_model=m.AnswerOut, tags=["acts"])
def withdraw_request(
    call: AnyCall, case_id: CaseId, request_id: RequestId, body: m.ReasonIn | None = None
) -> Response:
    reason = body.reason if body else ""
    return call.send(cmd.WithdrawRequest(case_id=case_id, request=request_id, reason=reason))


@router.post("/cases/{case_id}/approvals/{approval}/decision", response_model=m.AnswerOut, tags=["acts"])
def record_decision(call: AnyCall, case_id: CaseId, approval: ApprovalId, body: m.DecisionIn) -> Response:
    """Whoever calls from this machine counts as signed in until accounts exist."""
    command = cmd.RecordDecision(
        case_id=case_id,
        approval=approval,
        verdict=body.verdict,
        comment=body.comment,
        round=body.round,
        content=body.content,
        assurance=Assurance.LOGIN,
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


@router.get("/cases/{case_id}/files/{digest}", tags=["cases"])
def get_file(wiring: Wired, visitor: Caller, case_id: CaseId, digest: str) -> Response:
    for versions in seen(wiring, case_id).case.attachments.values():
        for one in versions:
            if one.hash == digest:
                return file_answer(wiring, one.hash, one.name)
    raise NoSuchPage


@router.post("/cases/{case_id}/hold", response_model=m.AnswerOut, tags=["acts"])
def hold_case(call: AnyCall, case_id: CaseId, body: m.HoldIn) -> Response:
    return call.send(cmd.HoldCase(case_id=case_id, reason=body.reason, resume_on=body.resume_on))


@router.post("/cases/{case_id}/resume", response_model=m.AnswerOut, tags=["acts"])
def resume_case(call: AnyCall, case_id: CaseId) -> Response:
    return call.send(cmd.ResumeCase(case_id=case_id))


@router.post("/cases/{case_id}/comments", response_model=m.AnswerOut, tags=["acts"])
def add_comment(call: AnyCall, case_id: CaseId, body: m.CommentIn) -> Response:
    return call.send(cmd.AddComment(case_id=case_id, text=body.text))


@router.put("/cases/{case_id}/roles/{role}", response_model=m.AnswerOut, tags=["acts"])
def assign_role(call: AnyCall, case_id: CaseId, role: str, body: m.RoleIn) -> Response:
    """An empty list gives the role back to the SOP and the company."""
    people = tuple(PersonId(person) for person in body.people)
    return call.send(cmd.AssignRoles(case_id=case_id, roles={role: people}))


@router.post("/cases/{case_id}/children/{child}", response_model=m.AnswerOut, tags=["acts"])
def open_child(call: AnyCall, case_id: CaseId, child: str, body: m.ChildIn) -> Response:
    return call.send(cmd.OpenChild(case_id=case_id, child=child, title=body.title, values=body.values))


@router.put("/cases/{case_id}/milestones/{milestone}", response_model=m.AnswerOut, tags=["acts"])
def plan_milestone(call: AnyCall, case_id: CaseId, milestone: str, body: m.MilestoneIn) -> Response:
    command = cmd.PlanMilestone(
        case_id=case_id, milestone=milestone, planned=body.planned, forecast=body.forecast
    )
    return call.send(command)


@router.get("/sops", tags=["sops"])
def list_sops(wiring: Wired, visitor: Caller) -> list[m.SopOut]:
    newest = {v.sop: v for v in reversed(wiring.store.definitions.versions())}
    return [_sop(wiring, name) for name in sorted(newest)]


@router.get("/sops/{sop}", tags=["sops"])
def get_sop(wiring: Wired, visitor: Caller, sop: str) -> dict[str, Any]:
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
def list_overdue(wiring: Wired, visitor: Caller, mine: bool = False) -> list[m.LateOut]:
    person = visitor.person.id if mine else None
    return [_late(due) for due in wiring.store.inbox.overdue(now=wiring.clock.now(), person=person)]


def _late(due: Due) -> m.LateOut:
    return m.LateOut(
        case_id=due.case_id,
        case_title=due.title,
        deadline=due.deadline,
        kind=due.kind.value,
        due_at=due.due_at,
        missed_at=due.missed_at,
    )


@router.get("/inbox", tags=["lists"])
def get_inbox(wiring: Wired, visitor: Caller) -> m.InboxOut:
    """What waits for the person who asks."""
    person = visitor.person.id
    asks = [
        m.AskedOut(
            case_id=a.case_id,
            case_title=a.title,
            approval=a.approval,
            spec=a.spec,
            round=a.round,
            due_at=a.due_at,
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
        )
        for t in wiring.store.inbox.tasks(person)
    ]
    late = wiring.store.inbox.overdue(now=wiring.clock.now(), person=person)
    return m.InboxOut(approvals=asks, tasks=tasks, overdue=[_late(due) for due in late])


def unnamed(request: Request, _: Exception) -> Response:
    said = Text(
        "请在 X-Guanka-Person 头中写明一位已登记人员的编号",
        "name a known person in the header X-Guanka-Person",
    )
    return problem(request, 403, "unnamed", said)


def bad_match(request: Request, _: Exception) -> Response:
    said = Text('If-Match 应为 ETag 的值，如 "7"', 'If-Match takes the value of an ETag, such as "7"')
    return problem(request, 422, "bad_if_match", said)
