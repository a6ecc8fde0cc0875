"""What happened to a case: past facts, never edited. They carry results, so replay needs only the
definition and these.

Those of requests and approvals stand in engine.case.signing_events and engine.case.signer_events, those of
its clocks in engine.case.time_events.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field, JsonValue

from engine.case.signer_events import SignerEvent
from engine.case.signing_events import (
    ApprovalAsked,
    ApprovalClosed,
    ApprovalOpened,
    ApprovalTimedOut,
    Change,
    DecisionRecorded,
    Fact,
    LinkReissued,
    Persons,
    TransitionDropped,
    TransitionFired,
    TransitionReady,
    TransitionRequested,
)
from engine.case.state import Actor, ParentRef, Task, Visit
from engine.case.time_events import (
    AnswerNoted,
    DeadlineChange,
    DeadlineClosed,
    DeadlineEscalated,
    DeadlineExtended,
    DeadlineMissed,
    DeadlineReminded,
    DeadlineSet,
    DeadlinesRecounted,
    StageGoesOn,
    StageWaits,
    TimeEvent,
)
from engine.ids import CaseId

EVENT_SCHEMA = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseStarted(Fact):
    sop: str
    definition: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    roles: Mapping[str, Persons] = field(default_factory=dict[str, Persons])
    parent: ParentRef | None = None
    kind: Literal["case_started"] = "case_started"
    private: ClassVar[tuple[str, ...]] = ("title", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageEntered(Fact):
    """`notify` are the persons of the stage's owner role."""

    visit: Visit
    tasks: tuple[Task, ...] = ()
    notify: Persons = ()
    kind: Literal["stage_entered"] = "stage_entered"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageLeft(Fact):
    track: str
    stage: str
    visit: int
    kind: Literal["stage_left"] = "stage_left"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsSet(Fact):
    values: Mapping[str, JsonValue]
    kind: Literal["fields_set"] = "fields_set"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldsLocked(Fact):
    """What was agreed binds: these fields change no more, until the stage `until` is entered again (None:
    unlocked now).
    """

    fields: tuple[str, ...]
    until: tuple[str, ...] = ()
    kind: Literal["fields_locked"] = "fields_locked"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskCompleted(Fact):
    task: str
    visit: int
    occurrence: int = 1
    kind: Literal["task_completed"] = "task_completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReopened(Fact):
    task: str
    visit: int
    kind: Literal["task_reopened"] = "task_reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskWaived(Fact):
    task: str
    visit: int
    reason: str
    kind: Literal["task_waived"] = "task_waived"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecurred(Fact):
    """The next occurrence of a recurring task has begun; `missed` when the one before was never done."""

    task: str
    visit: int
    occurrence: int
    missed: bool
    notify: Persons = ()
    catch_up: bool = False
    kind: Literal["task_recurred"] = "task_recurred"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverableAttached(Fact):
    deliverable: str
    version: int
    name: str
    hash: str
    size: int
    media_type: str
    kind: Literal["deliverable_attached"] = "deliverable_attached"
    private: ClassVar[tuple[str, ...]] = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CounterBumped(Fact):
    counter: str
    value: int
    kind: Literal["counter_bumped"] = "counter_bumped"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestonePlanned(Fact):
    milestone: str
    name: str = ""
    planned: date | None = None
    forecast: date | None = None
    kind: Literal["milestone_planned"] = "milestone_planned"
    private: ClassVar[tuple[str, ...]] = ("name",)


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneReached(Fact):
    milestone: str
    on: date
    kind: Literal["milestone_reached"] = "milestone_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneNotReached(Fact):
    """Its record no longer says that it was reached."""

    milestone: str
    kind: Literal["milestone_not_reached"] = "milestone_not_reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneDropped(Fact):
    """Its record left the list."""

    milestone: str
    kind: Literal["milestone_dropped"] = "milestone_dropped"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOpened(Fact):
    """The child's StartCase is owed through the outbox. `spec` is "" for a successor (next cycle)."""

    child: CaseId
    spec: str
    sop: str
    title: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    roles: Mapping[str, Persons] = field(default_factory=dict[str, Persons])
    kind: Literal["child_opened"] = "child_opened"
    private: ClassVar[tuple[str, ...]] = ("title", "values")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildClosed(Fact):
    child: CaseId
    outcome: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    kind: Literal["child_closed"] = "child_closed"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseHeld(Fact):
    reason: str
    resume_on: date | None = None
    notify: Persons = ()
    kind: Literal["case_held"] = "case_held"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResumed(Fact):
    """The moved deadlines follow as DeadlineSet events."""

    notify: Persons = ()
    kind: Literal["case_resumed"] = "case_resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Fact):
    """`values` are what a parent may read; `cancels` are children that may not outlive the case."""

    outcome: str
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    parent: CaseId | None = None
    cancels: tuple[CaseId, ...] = ()
    notify: Persons = ()
    kind: Literal["case_closed"] = "case_closed"
    private: ClassVar[tuple[str, ...]] = ("values",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commented(Fact):
    text: str
    kind: Literal["commented"] = "commented"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RolesAssigned(Fact):
    roles: Mapping[str, Persons]
    kind: Literal["roles_assigned"] = "roles_assigned"


Event = Annotated[
    CaseStarted
    | StageEntered
    | StageLeft
    | FieldsSet
    | FieldsLocked
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
    | MilestonePlanned
    | MilestoneReached
    | MilestoneNotReached
    | MilestoneDropped
    | ChildOpened
    | ChildClosed
    | CaseHeld
    | CaseResumed
    | CaseClosed
    | Commented
    | RolesAssigned
    | SignerEvent
    | TimeEvent,
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


__all__ = [
    "EVENT_SCHEMA",
    "AnswerNoted",
    "ApprovalAsked",
    "ApprovalClosed",
    "ApprovalOpened",
    "ApprovalTimedOut",
    "CaseClosed",
    "CaseHeld",
    "CaseResumed",
    "CaseStarted",
    "Change",
    "ChildClosed",
    "ChildOpened",
    "Commented",
    "CounterBumped",
    "DeadlineChange",
    "DeadlineClosed",
    "DeadlineEscalated",
    "DeadlineExtended",
    "DeadlineMissed",
    "DeadlineReminded",
    "DeadlineSet",
    "DeadlinesRecounted",
    "DecisionRecorded",
    "DeliverableAttached",
    "Event",
    "Fact",
    "FieldsLocked",
    "FieldsSet",
    "LinkReissued",
    "MilestoneDropped",
    "MilestoneNotReached",
    "MilestonePlanned",
    "MilestoneReached",
    "Persons",
    "Recorded",
    "RolesAssigned",
    "StageEntered",
    "StageGoesOn",
    "StageLeft",
    "StageWaits",
    "TaskCompleted",
    "TaskRecurred",
    "TaskReopened",
    "TaskWaived",
    "TransitionDropped",
    "TransitionFired",
    "TransitionReady",
    "TransitionRequested",
]
