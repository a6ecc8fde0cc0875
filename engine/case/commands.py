"""What may be asked of a case. Who asks is the `Actor`, handed in beside the command; nothing here says when.

The acts on one approval besides deciding stand in engine.case.signer_commands.

`kind` names the command in JSON, in idempotency records and in the outbox.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, ClassVar, Final, Literal

from pydantic import Field, JsonValue

from engine.case.evidence import NOTHING_KNOWN, Evidence
from engine.case.signer_commands import HandOverWork, ResubmitRequest, SignerCommand
from engine.case.state import ParentRef, Verdict
from engine.case.time_commands import TimeCommand
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class StartCase:
    """Opens a case. `values` are canonical; `roles` puts persons into roles for this case only."""

    case_id: CaseId
    sop: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    roles: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    parent: ParentRef | None = None
    kind: Literal["start_case"] = "start_case"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetFields:
    """Gives fields a canonical value; None takes the value away."""

    case_id: CaseId
    values: Mapping[str, JsonValue]
    kind: Literal["set_fields"] = "set_fields"


@dataclass(frozen=True, slots=True, kw_only=True)
class CompleteTask:
    case_id: CaseId
    task: str
    kind: Literal["complete_task"] = "complete_task"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenTask:
    case_id: CaseId
    task: str
    kind: Literal["reopen_task"] = "reopen_task"


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveTask:
    case_id: CaseId
    task: str
    reason: str
    kind: Literal["waive_task"] = "waive_task"


@dataclass(frozen=True, slots=True, kw_only=True)
class AttachDeliverable:
    """A new version of a deliverable; the blob is already stored under `hash`."""

    case_id: CaseId
    deliverable: str
    name: str
    hash: str
    size: int
    media_type: str
    kind: Literal["attach_deliverable"] = "attach_deliverable"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTransition:
    case_id: CaseId
    transition: str
    reason: str = ""
    kind: Literal["request_transition"] = "request_transition"


@dataclass(frozen=True, slots=True, kw_only=True)
class WithdrawRequest:
    """The requester takes an open request back, before its outcome."""

    case_id: CaseId
    request: RequestId
    reason: str = ""
    kind: Literal["withdraw_request"] = "withdraw_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordDecision:
    """One person's answer. `round` and `content` are those the person saw, `issue` is that of the link it
    came through; None means "as it stands now" (CLI). `together`: one of several decided at once, which the
    SOP has to allow, and each was seen.

    `evidence` is no part of what is asked: the same answer from another place is the same command.
    """

    case_id: CaseId
    approval: ApprovalId
    verdict: Verdict
    comment: str = ""
    round: int | None = None
    content: str | None = None
    issue: int | None = None
    assurance: Assurance = Assurance.LOGIN
    evidence: Annotated[Evidence, Field(exclude=True)] = NOTHING_KNOWN
    together: bool = False
    kind: Literal["record_decision"] = "record_decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReissueLink:
    """Kills the person's link and owes a new message (after five wrong codes, or on the person's wish)."""

    case_id: CaseId
    approval: ApprovalId
    person: PersonId
    kind: Literal["reissue_link"] = "reissue_link"


@dataclass(frozen=True, slots=True, kw_only=True)
class FireTransition:
    """Sent by the runner for a ready request; judged again. `flow_run` is None when Prefect did not carry
    it.
    """

    case_id: CaseId
    request: RequestId
    flow_run: str | None = None
    kind: Literal["fire_transition"] = "fire_transition"


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldCase:
    case_id: CaseId
    reason: str
    resume_on: date | None = None
    kind: Literal["hold_case"] = "hold_case"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResumeCase:
    case_id: CaseId
    kind: Literal["resume_case"] = "resume_case"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddComment:
    case_id: CaseId
    text: str
    kind: Literal["add_comment"] = "add_comment"


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignRoles:
    """Puts persons into roles for this case only; an empty tuple gives the role back to the SOP and the
    company. `joining`: beside those the case names already, in place of them otherwise.
    """

    case_id: CaseId
    roles: Mapping[str, tuple[PersonId, ...]]
    joining: bool = False
    kind: Literal["assign_roles"] = "assign_roles"


MilestoneDay = Literal["planned", "forecast"]
MILESTONE_DAYS: Final[tuple[MilestoneDay, ...]] = ("planned", "forecast")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanMilestone:
    """Sets the planned date of a milestone that has no field for it, or the forecast of any; a date of None
    stays as it is, but for those `clears` names.
    """

    case_id: CaseId
    milestone: str
    planned: date | None = None
    forecast: date | None = None
    clears: tuple[MilestoneDay, ...] = ()
    kind: Literal["plan_milestone"] = "plan_milestone"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenChild:
    """Opens a child case; `values` are canonical values of the child's fields, over those the SOP passes."""

    case_id: CaseId
    child: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    roles: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    kind: Literal["open_child"] = "open_child"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordChildClosed:
    """Owed by a closing child to its parent, through the outbox."""

    case_id: CaseId
    child: CaseId
    outcome: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    kind: Literal["record_child_closed"] = "record_child_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseByParent:
    """Owed by a closing parent to a child that may not outlive it."""

    case_id: CaseId
    outcome: str
    kind: Literal["close_by_parent"] = "close_by_parent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """Does everything that is due on the case at `facts.now`: reminders, overdue, escalation, timeouts,
    recurrence.
    """

    case_id: CaseId
    kind: Literal["sweep"] = "sweep"
    quiet: ClassVar[bool] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RecountDeadlines:
    """Counts the open deadlines again with the calendars of today."""

    case_id: CaseId
    kind: Literal["recount_deadlines"] = "recount_deadlines"
    quiet: ClassVar[bool] = True


Command = Annotated[
    StartCase
    | SetFields
    | CompleteTask
    | ReopenTask
    | WaiveTask
    | AttachDeliverable
    | RequestTransition
    | WithdrawRequest
    | RecordDecision
    | ReissueLink
    | FireTransition
    | HoldCase
    | ResumeCase
    | AddComment
    | AssignRoles
    | PlanMilestone
    | OpenChild
    | RecordChildClosed
    | CloseByParent
    | SignerCommand
    | ResubmitRequest
    | HandOverWork
    | TimeCommand
    | Sweep
    | RecountDeadlines,
    Field(discriminator="kind"),
]
