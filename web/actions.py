"""What the case page can do: each form becomes one command, and its answer a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import UploadFile

from engine.case import commands as cmd
from engine.case.contacts import Wanted
from engine.case.evidence import Evidence
from engine.case.state import RequestState, Verdict
from engine.definition.approval_model import Assurance
from engine.definition.fields import FieldSpec
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from runtime.contacts import Contacts
from web.acts_typed import Kept
from web.case_page import Slip, case_page, slip
from web.evidence import client_of
from web.field_inputs import Reader, Typed, stored
from web.ports import Seen
from web.posted import Form
from web.rendering import back_to
from web.seeing import seen
from web.visitor import Visits, Wired

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Desk:
    """Carries one form's command to the door and the answer back to the page."""

    request: Request
    wiring: Wired
    visitor: Visits
    form: Form

    def send(
        self,
        command: cmd.Command,
        said: str | Callable[[], str],
        section: str = "",
        *,
        typed: Typed | None = None,
        acts: Mapping[str, Kept] | None = None,
    ) -> Response:
        """`said` is the name of what the page says when it worked; a call where that is known only then."""
        answer = self.wiring.service.handle(command, actor=self.visitor.actor(), key=self.form.key)
        if answer.refusal is None:
            words = said if isinstance(said, str) else said()
            if words == "saved" and not (answer.events or answer.repeated):
                words = "unchanged"
            return back_to(f"/cases/{command.case_id}", words, section)
        came_back = slip(answer.refusal, self.visitor, typed, reason=self.form.text("reason"))
        return self.again(command.case_id, replace(came_back, acts=acts or {}))

    def again(self, case_id: str, came_back: Slip) -> Response:
        return case_page(self.request, self.wiring, self.visitor, case_id, came_back)

    def read(self, at: Seen, specs: Mapping[str, FieldSpec]) -> Typed:
        """What the form says of these fields."""
        reader = Reader(
            form=self.form.data,
            blobs=self.wiring.store.blobs,
            zone=self.visitor.times.zone,
            currency=at.definition.sop.currency,
            language=self.visitor.language,
        )
        return reader.read(specs)

    def faulty(self, at: Seen, typed: Typed) -> Response:
        title, t, language = at.definition.title_of, self.visitor.t, self.visitor.language
        notice = [t(": ").join((title(n).in_(language), fault)) for n, fault in typed.faults.items()]
        return self.again(at.case.id, Slip(status=422, notice=notice, typed=typed))


AtDesk = Annotated[Desk, Depends()]


@router.post("/cases/{case_id}/tasks/{task}/{what}")
def act_on_task(
    case_id: CaseId, task: str, what: Literal["complete", "waive", "reopen"], desk: AtDesk
) -> Response:
    match what:
        case "complete":
            command = cmd.CompleteTask(case_id=case_id, task=task)
        case "waive":
            command = cmd.WaiveTask(case_id=case_id, task=task, reason=desk.form.text("reason"))
        case "reopen":
            command = cmd.ReopenTask(case_id=case_id, task=task)
    return desk.send(command, "saved", "tasks")


@router.post("/cases/{case_id}/fields")
def set_fields(case_id: CaseId, desk: AtDesk) -> Response:
    """Only the fields the form showed are read, and only those that changed are sent."""
    at = seen(desk.wiring, case_id)
    specs = {n: at.definition.sop.fields[n] for n in desk.form.texts("name") if n in at.definition.sop.fields}
    typed = desk.read(at, specs)
    if typed.faults:
        return desk.faulty(at, typed)
    changed = {n: value for n, value in typed.values.items() if at.case.values.get(n) != value}
    return desk.send(cmd.SetFields(case_id=case_id, values=changed), "saved", "fields", typed=typed)


@router.post("/cases/{case_id}/files/{deliverable}")
def attach(case_id: CaseId, deliverable: str, desk: AtDesk) -> Response:
    sent = desk.form.data.get("file")
    if not isinstance(sent, UploadFile) or not sent.filename:
        return desk.again(case_id, Slip(status=422, notice=[desk.visitor.t("Choose a file first.")]))
    kept = stored(sent, desk.wiring.store.blobs)
    command = cmd.AttachDeliverable(
        case_id=case_id,
        deliverable=deliverable,
        name=str(kept["name"]),
        hash=str(kept["hash"]),
        size=sent.size or 0,
        media_type=str(kept["media_type"]),
    )
    return desk.send(command, "attached", f"deliverable-{deliverable}")


@router.post("/cases/{case_id}/moves/{transition}")
def request_transition(case_id: CaseId, transition: str, desk: AtDesk) -> Response:
    command = cmd.RequestTransition(case_id=case_id, transition=transition, reason=desk.form.text("reason"))
    return desk.send(command, _asked_or_going(desk, command), "now")


def _asked_or_going(desk: Desk, command: cmd.RequestTransition) -> Callable[[], str]:
    """Whether somebody is still asked, as the case stands afterwards; a second press is told the same."""

    def said() -> str:
        requests = seen(desk.wiring, command.case_id).case.requests.values()
        asked = any(
            r.transition == command.transition and r.state is not RequestState.READY for r in requests
        )
        return "asked" if asked else "going"

    return said


@router.post("/cases/{case_id}/requests/{request_id}/withdraw")
def withdraw(case_id: CaseId, request_id: RequestId, desk: AtDesk) -> Response:
    command = cmd.WithdrawRequest(case_id=case_id, request=request_id, reason=desk.form.text("reason"))
    return desk.send(command, "withdrawn", "now")


@router.post("/cases/{case_id}/approvals/{approval}")
def decide_approval(case_id: CaseId, approval: ApprovalId, desk: AtDesk) -> Response:
    """Signs what the page showed: its round and content travel with the form.

    Whoever sits at this machine counts as signed in until accounts exist.
    """
    written = desk.form.text("verdict")
    if written not in tuple(Verdict):
        return desk.again(case_id, Slip(status=422, notice=[desk.visitor.t("Choose approve or reject.")]))
    command = cmd.RecordDecision(
        case_id=case_id,
        approval=approval,
        verdict=Verdict(written),
        comment=desk.form.text("comment"),
        round=desk.form.number("round"),
        content=desk.form.text("content"),
        assurance=Assurance.LOGIN,
        evidence=Evidence(language=desk.visitor.language, client=client_of(desk.request)),
    )
    return desk.send(command, "decided", "requests")


@router.post("/cases/{case_id}/hold")
def hold(case_id: CaseId, desk: AtDesk) -> Response:
    written = desk.form.text("resume_on")
    command = cmd.HoldCase(
        case_id=case_id, reason=desk.form.text("reason"), resume_on=day(written) if written else None
    )
    return desk.send(command, "held", "now")


@router.post("/cases/{case_id}/resume")
def resume(case_id: CaseId, desk: AtDesk) -> Response:
    return desk.send(cmd.ResumeCase(case_id=case_id), "resumed", "now")


@router.post("/cases/{case_id}/comments")
def comment(case_id: CaseId, desk: AtDesk) -> Response:
    return desk.send(cmd.AddComment(case_id=case_id, text=desk.form.text("text")), "saved", "history")


@router.post("/cases/{case_id}/roles/{role}")
def assign(case_id: CaseId, role: str, desk: AtDesk) -> Response:
    people = tuple(PersonId(person) for person in desk.form.texts("person"))
    return desk.send(cmd.AssignRoles(case_id=case_id, roles={role: people}), "saved", "roles")


@router.post("/cases/{case_id}/contacts")
def add_contact(case_id: CaseId, desk: AtDesk) -> Response:
    at, text = seen(desk.wiring, case_id), desk.form.text
    wanted = Wanted(
        role=text("role"),
        name=text("name"),
        company=text("company"),
        email=text("email"),
        language="en" if text("language") == "en" else "zh",
        zone=desk.wiring.settings.zone,
    )
    contacts = Contacts(store=desk.wiring.store, door=desk.wiring.service)
    actor = desk.visitor.actor()
    refusal = contacts.add(at.case, at.definition, wanted, actor=actor, key=desk.form.key).answer.refusal
    if refusal is None:
        return back_to(f"/cases/{case_id}", "contact", "roles")
    typed = {f"contact_{name}": text(name) for name in ("role", "name", "company", "email", "language")}
    return desk.again(case_id, slip(refusal, desk.visitor, None, **typed))


@router.post("/cases/{case_id}/children/{child}")
def open_child(case_id: CaseId, child: str, desk: AtDesk) -> Response:
    command = cmd.OpenChild(case_id=case_id, child=child, title=desk.form.text("title"))
    return desk.send(command, "opened", "children")


@router.post("/cases/{case_id}/milestones/{milestone:path}")
def plan_milestone(case_id: CaseId, milestone: str, desk: AtDesk) -> Response:
    """A day that stands in the form and is empty is cleared."""
    planned, forecast = desk.form.text("planned"), desk.form.text("forecast")
    command = cmd.PlanMilestone(
        case_id=case_id,
        milestone=milestone,
        planned=day(planned) if planned else None,
        forecast=day(forecast) if forecast else None,
        clears=tuple(name for name in cmd.MILESTONE_DAYS if desk.form.data.get(name) == ""),
    )
    return desk.send(command, "saved", "milestones")


class BadDay(ValueError):
    """A day that was typed and is none."""


def day(written: str) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError as error:
        raise BadDay(written[:20]) from error
