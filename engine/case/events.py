"""What happened to a case: past facts, never edited. They carry results, so replay needs only the definition and these.

`private` names the parts that may hold names or free text: the store keeps them outside the hashed body as salted
commitments, so that a person can be forgotten without breaking the chain.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from engine.case.refusal import Blocker
from engine.case.state import Actor, Approval, Deadline, ParentRef, Task, Verdict, Visit
from engine.definition.model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId

Persons = tuple[PersonId, ...]
EVENT_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted:
    sop: str
    definition: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    roles: Mapping[str, Persons] = field(default_factory=dict)
    parent: ParentRef | None = None
    kind: Literal["case_started"] = "case_started"
    private: ClassVar[tuple[str, ...]] = ("title", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered:
    """`notify` are the persons of the stage's owner role."""

    visit: Visit
    tasks: tuple[Task, ...] = ()
    notify: Persons = ()
    kind: Literal["stage_entered"] = "stage_entered"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLeft:
    track: str
    stage: str
    visit: int
    kind: Literal["stage_left"] = "stage_left"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsSet:
    values: Mapping[str, JsonValue]
    kind: Literal["fields_set"] = "fields_set"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted:
    task: str
    visit: int
    occurrence: int = 1
    kind: Literal["task_completed"] = "task_completed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReopened:
    task: str
    visit: int
    kind: Literal["task_reopened"] = "task_reopened"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWaived:
    task: str
    visit: int
    reason: str
    kind: Literal["task_waived"] = "task_waived"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecurred:
    """The next occurrence of a recurring task has begun; `missed` when the one before was never done."""

    task: str
    visit: int
    occurrence: int
    missed: bool
    notify: Persons = ()
    kind: Literal["task_recurred"] = "task_recurred"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableAttached:
    deliverable: str
    version: int
    name: str
    hash: str
    size: int
    media_type: str
    kind: Literal["deliverable_attached"] = "deliverable_attached"
    private: ClassVar[tuple[str, ...]] = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRequested:
    """`skipped` names the approvals whose `when` did not hold."""

    request: RequestId
    transition: str
    tracks: tuple[str, ...]
    reason: str = ""
    skipped: tuple[str, ...] = ()
    kind: Literal["transition_requested"] = "transition_requested"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One shown thing that changed: a field or deliverable, by id, with its canonical values."""

    what: str
    old: JsonValue
    new: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalOpened:
    """`changes` says what differs from the round before (when asked again); `alert` are told of unfilled roles."""

    approval: Approval
    notify: Persons
    changes: tuple[Change, ...] = ()
    alert: Persons = ()
    kind: Literal["approval_opened"] = "approval_opened"
    private: ClassVar[tuple[str, ...]] = ("changes",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked:
    """It is the turn of these (sequence), or they were added by a rule (timeout: escalate, transfer)."""

    approval: ApprovalId
    notify: Persons
    kind: Literal["approval_asked"] = "approval_asked"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecorded:
    approval: ApprovalId
    round: int
    person: PersonId
    verdict: Verdict
    comment: str
    assurance: Assurance
    content: str
    kind: Literal["decision_recorded"] = "decision_recorded"
    private: ClassVar[tuple[str, ...]] = ("comment",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalClosed:
    """`by_rule` when a timeout decided, never shown as a person's decision. `notify` is the requester."""

    approval: ApprovalId
    granted: bool
    by_rule: bool = False
    notify: Persons = ()
    kind: Literal["approval_closed"] = "approval_closed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalTimedOut:
    """`action` is what the SOP wrote: escalate, transfer, approve, reject, remind; `to` are the persons it adds or tells."""

    approval: ApprovalId
    action: str
    role: str | None = None
    to: Persons = ()
    notify: Persons = ()
    kind: Literal["approval_timed_out"] = "approval_timed_out"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReissued:
    approval: ApprovalId
    person: PersonId
    issue: int
    kind: Literal["link_reissued"] = "link_reissued"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionReady:
    request: RequestId
    kind: Literal["transition_ready"] = "transition_ready"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionDropped:
    """The request ends without the move: withdrawn, rejected, or no longer allowed when it was to fire."""

    request: RequestId
    transition: str
    why: Literal["withdrawn", "rejected", "returned", "blocked", "closed"]
    reasons: tuple[Blocker, ...] = ()
    comment: str = ""
    notify: Persons = ()
    kind: Literal["transition_dropped"] = "transition_dropped"
    private: ClassVar[tuple[str, ...]] = ("comment",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionFired:
    request: RequestId
    transition: str
    flow_run: str | None = None
    notify: Persons = ()
    kind: Literal["transition_fired"] = "transition_fired"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterBumped:
    counter: str
    value: int
    kind: Literal["counter_bumped"] = "counter_bumped"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSet:
    """A deadline begins, or its instant moved (same id)."""

    deadline: Deadline
    kind: Literal["deadline_set"] = "deadline_set"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineReminded:
    """`count` reminders are used up now; several that came due together are one message."""

    deadline: str
    count: int
    notify: Persons = ()
    kind: Literal["deadline_reminded"] = "deadline_reminded"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed:
    deadline: str
    due_at: datetime
    notify: Persons = ()
    kind: Literal["deadline_missed"] = "deadline_missed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineEscalated:
    """`level` counts from 1; exactly one event per level."""

    deadline: str
    level: int
    role: str
    notify: Persons = ()
    kind: Literal["deadline_escalated"] = "deadline_escalated"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineClosed:
    deadline: str
    kind: Literal["deadline_closed"] = "deadline_closed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePlanned:
    milestone: str
    name: str = ""
    planned: date | None = None
    forecast: date | None = None
    kind: Literal["milestone_planned"] = "milestone_planned"
    private: ClassVar[tuple[str, ...]] = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReached:
    milestone: str
    on: date
    kind: Literal["milestone_reached"] = "milestone_reached"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOpened:
    """The child's StartCase is owed through the outbox. `spec` is "" for a successor (next cycle)."""

    child: CaseId
    spec: str
    sop: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    roles: Mapping[str, Persons] = field(default_factory=dict)
    kind: Literal["child_opened"] = "child_opened"
    private: ClassVar[tuple[str, ...]] = ("title", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildClosed:
    child: CaseId
    outcome: str
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    kind: Literal["child_closed"] = "child_closed"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHeld:
    reason: str
    resume_on: date | None = None
    notify: Persons = ()
    kind: Literal["case_held"] = "case_held"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed:
    """The moved deadlines follow as DeadlineSet events."""

    notify: Persons = ()
    kind: Literal["case_resumed"] = "case_resumed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed:
    """`values` are what a parent may read; `cancels` are children that may not outlive the case."""

    outcome: str
    values: Mapping[str, JsonValue] = field(default_factory=dict)
    parent: CaseId | None = None
    cancels: tuple[CaseId, ...] = ()
    notify: Persons = ()
    kind: Literal["case_closed"] = "case_closed"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented:
    text: str
    kind: Literal["commented"] = "commented"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesAssigned:
    roles: Mapping[str, Persons]
    kind: Literal["roles_assigned"] = "roles_assigned"
    private: ClassVar[tuple[str, ...]] = ()


Event = Annotated[
    CaseStarted
    | StageEntered
    | StageLeft
    | FieldsSet
    | TaskCompleted
    | TaskReopened
    | TaskWaived
    | TaskRecurred
    | DeliverableAttached
    | TransitionRequested
    | ApprovalOpened
    | ApprovalAsked
    | DecisionRecorded
    | ApprovalClosed
    | ApprovalTimedOut
    | LinkReissued
    | TransitionReady
    | TransitionDropped
    | TransitionFired
    | CounterBumped
    | DeadlineSet
    | DeadlineReminded
    | DeadlineMissed
    | DeadlineEscalated
    | DeadlineClosed
    | MilestonePlanned
    | MilestoneReached
    | ChildOpened
    | ChildClosed
    | CaseHeld
    | CaseResumed
    | CaseClosed
    | Commented
    | RolesAssigned,
    Field(discriminator="kind"),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An event in its place on the case's chain. `sequence` counts from 1 without gaps."""

    case_id: CaseId
    sequence: int
    at: datetime
    actor: Actor
    event: Event
