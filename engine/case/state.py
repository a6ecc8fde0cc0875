"""One running case: a frozen snapshot, stored as one JSON text, changed only by `evolve`.

Instants are aware UTC. `values` holds canonical JSON values (see engine.definition.fields).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from pydantic import JsonValue

from engine.case.listed import Milestone
from engine.case.reckoned import Reckoning, Rung
from engine.case.standing_still import Hold, Wait
from engine.definition.approval_model import Assurance
from engine.definition.durations import Unit
from engine.ids import ApprovalId, CaseId, PersonId, RequestId


class CaseStatus(StrEnum):
    OPEN = "open"
    HELD = "held"
    CLOSED = "closed"


class TaskState(StrEnum):
    OPEN = "open"
    DONE = "done"
    WAIVED = "waived"


class Via(StrEnum):
    """The face a command came through; RULE when nobody asked but the SOP."""

    WEB = "web"
    LINK = "link"
    API = "api"
    CLI = "cli"
    RUNNER = "runner"
    RULE = "rule"


RULE_PERSON = PersonId("rule")


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asks. `os_user` is kept for the command line, where a person is only claimed."""

    person: PersonId
    via: Via
    os_user: str | None = None


RULE = Actor(person=RULE_PERSON, via=Via.RULE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    number: int
    track: str
    stage: str
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """`occurrence` counts up for a recurring task; completing one occurrence leaves the next to come."""

    id: str
    visit: int
    state: TaskState = TaskState.OPEN
    by: PersonId | None = None
    at: datetime | None = None
    occurrence: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """One version of a deliverable; `hash` names the blob (sha256 hex)."""

    deliverable: str
    version: int
    name: str
    hash: str
    size: int
    media_type: str
    by: PersonId
    at: datetime


class Verdict(StrEnum):
    """One person's answer."""

    APPROVE = "approve"
    REJECT = "reject"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`by` is who gave it: the person asked, or somebody standing in. `carried_from`: to which approval."""

    verdict: Verdict
    by: PersonId
    at: datetime
    comment: str = ""
    via: Via = Via.WEB
    carried_from: ApprovalId | None = None


class Place(StrEnum):
    """Where a person stands in a part of an approval: its ANCHOR, whom the SOP asks, or added around it."""

    ANCHOR = "anchor"
    BEFORE = "before"
    BESIDE = "beside"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegation:
    """Somebody else looks at it for the person asked. `opinion` is None until it is handed back."""

    to: PersonId
    reason: str
    opinion: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One person asked. `issue` counts links given out, so that a burnt one can be replaced.

    `part` names the part of the approval the ask belongs to; empty, it is the person's own. `added_by` added
    this person to it, `taken_from` handed the ask over for good. `stand_ins` may answer in the person's
    stead: those who could when the case was last touched; of an ask that was answered, when it was.
    """

    person: PersonId
    role: str
    weight: int = 1
    issue: int = 1
    decision: Decision | None = None
    part: str = ""
    place: Place = Place.ANCHOR
    added_by: PersonId | None = None
    taken_from: PersonId | None = None
    delegation: Delegation | None = None
    stand_ins: tuple[PersonId, ...] = ()

    @property
    def of_part(self) -> str:
        return self.part or self.person

    @property
    def looks(self) -> PersonId | None:
        """Who looks at it for the person asked now; the person waits meanwhile."""
        if self.delegation is None or self.delegation.opinion is not None or self.decision is not None:
            return None
        return self.delegation.to


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What an approver needs to know before deciding; the approval's clock stands still until it is given."""

    by: PersonId
    text: str


class ApprovalState(StrEnum):
    OPEN = "open"
    GRANTED = "granted"
    REJECTED = "rejected"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Approval:
    """A running approval. `asks` is fixed when it opens; under sequence the first undecided one has the
    turn.

    `unfilled` names roles nobody (or only the requester) holds: the approval fails closed until they are
    filled. `content` is the hash of what is shown; a decision on another content is refused. `round` grows
    when it is asked again. `threshold` is the weight a vote needs, as it was when this
    opened. `removed` names the parts taken out by hand, `copies` who is only told. `reissued` counts the
    links given out to stand-ins, where there was more than one. `gone` are persons asked who have left and
    without whom it cannot pass; `alerted`: the owner was told of such in this round.
    """

    id: ApprovalId
    spec: str
    request: RequestId
    round: int = 1
    opened_at: datetime
    content: str
    asks: tuple[Ask, ...]
    unfilled: tuple[str, ...] = ()
    state: ApprovalState = ApprovalState.OPEN
    assurance: Assurance = Assurance.CODE
    threshold: int | None = None
    removed: tuple[str, ...] = ()
    copies: tuple[PersonId, ...] = ()
    material: Question | None = None
    nudged_at: datetime | None = None
    reissued: Mapping[PersonId, int] = field(default_factory=dict[PersonId, int])
    gone: tuple[PersonId, ...] = ()
    alerted: bool = False


class RequestState(StrEnum):
    PENDING = "pending"
    READY = "ready"


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """The request lies with the requester. `straight_back`: then only whoever returned it is asked again."""

    by: PersonId
    approval: ApprovalId
    straight_back: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Straight:
    """What is remembered when a return ends a request: the approval that returned it, and those that had
    agreed.
    """

    back_to: str
    granted: tuple[Approval, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """An open request to take a transition; at most one per track.

    `last` is the answer nobody has acted after: its approval and person; None when the last act was another.
    `back_to`: the approval (as the SOP names it) that returned it, asked last of all.
    """

    id: RequestId
    transition: str
    tracks: tuple[str, ...]
    by: PersonId
    at: datetime
    reason: str = ""
    state: RequestState = RequestState.PENDING
    skipped: tuple[str, ...] = ()
    last: tuple[ApprovalId, PersonId] | None = None
    returned: Returned | None = None
    back_to: str | None = None


class DeadlineKind(StrEnum):
    """What a due instant hangs on. WAKE is no deadline: the instant at which a date guard must be judged
    again.
    """

    STAGE = "stage"
    APPROVAL = "approval"
    MILESTONE = "milestone"
    TASK = "task"
    CYCLE = "cycle"
    WAKE = "wake"
    RESUME = "resume"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """A due instant and its ladder. `id` is "<kind>:<subject>", unique in the case.

    `calendar` is the version it was last counted with; `reckoned` is None for an instant somebody gave.
    `remind` are the spans of the `reminders`, one each.

    `reminded` and `escalated` count the reminders and rungs already used; `missed_at` is set once, when
    flagged overdue. `paused`: the case is on hold. `stopped_at`: this clock alone stands still since then.
    """

    id: str
    kind: DeadlineKind
    subject: str
    due_at: datetime
    unit: Unit = Unit.WORKING_DAYS
    provisional: bool = False
    calendar: str = ""
    owner: str | None = None
    track: str | None = None
    reminders: tuple[datetime, ...] = ()
    rungs: tuple[Rung, ...] = ()
    reminded: int = 0
    escalated: int = 0
    missed_at: datetime | None = None
    paused: bool = False
    stopped_at: datetime | None = None
    remind: tuple[str, ...] = ()
    reckoned: Reckoning | None = None

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which the sweep has something to do here; None when nothing is left, or while
        paused.
        """
        if self.paused or self.stopped_at is not None:
            return None
        instants = [*self.reminders[self.reminded :], *(r.at for r in self.rungs[self.escalated :])]
        if self.missed_at is None:
            instants.append(self.due_at)
        return min(instants, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child:
    id: CaseId
    spec: str
    sop: str
    opened_at: datetime
    outcome: str | None = None
    visit: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParentRef:
    id: CaseId
    spec: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """`version` is the sequence of the last event; `visits` counts the stages entered so far.

    positions: the visit each open track is in, by track.
    left: the stages left at least once, in the order they first were.
    kept: the tasks done or waived when their stage was last left, by task id.
    requests, approvals: only open ones; a request ends with its move or when it is dropped.
    dropped: by transition, how many visits there had been when people last said no to it. An automatic
        transition does not ask again in one of those visits.
    signed: who said yes to what has been carried out, by approval as the SOP names it.
    straight: by transition, what a return that ended its request left to come straight back to.
    locked: the fields that bind, each with the stages whose entering frees it again.
    waits: for somebody outside, by the number of the visit; also those that are over.
    extended: how often each running deadline was given more time.
    answered: when an approval that a deadline is counted from was last decided, by its name in the SOP.
    dropped_milestones: those whose record left its list; their ids are given to no other.
    """

    id: CaseId
    sop: str
    definition: str
    title: str
    status: CaseStatus = CaseStatus.OPEN
    outcome: str | None = None
    version: int = 0
    opened_by: PersonId
    opened_at: datetime
    closed_at: datetime | None = None
    parent: ParentRef | None = None
    positions: Mapping[str, Visit] = field(default_factory=dict[str, Visit])
    visits: int = 0
    left: tuple[str, ...] = ()
    tasks: Mapping[str, Task] = field(default_factory=dict[str, Task])
    kept: Mapping[str, Task] = field(default_factory=dict[str, Task])
    values: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    counters: Mapping[str, int] = field(default_factory=dict[str, int])
    attachments: Mapping[str, tuple[Attachment, ...]] = field(
        default_factory=dict[str, tuple[Attachment, ...]]
    )
    requests: Mapping[str, Request] = field(default_factory=dict[str, Request])
    approvals: Mapping[str, Approval] = field(default_factory=dict[str, Approval])
    deadlines: Mapping[str, Deadline] = field(default_factory=dict[str, Deadline])
    milestones: Mapping[str, Milestone] = field(default_factory=dict[str, Milestone])
    children: Mapping[str, Child] = field(default_factory=dict[str, Child])
    roles: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    dropped: Mapping[str, int] = field(default_factory=dict[str, int])
    signed: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    straight: Mapping[str, Straight] = field(default_factory=dict[str, Straight])
    locked: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    hold: Hold | None = None
    waits: Mapping[str, Wait] = field(default_factory=dict[str, Wait])
    extended: Mapping[str, int] = field(default_factory=dict[str, int])
    answered: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    dropped_milestones: Mapping[str, Milestone] = field(default_factory=dict[str, Milestone])

    def at(self, stage: str) -> Visit | None:
        """The current visit of a stage, or None when no track stands there."""
        return next((v for v in self.positions.values() if v.stage == stage), None)

    def approvals_of(self, request: RequestId) -> tuple[Approval, ...]:
        return tuple(a for a in self.approvals.values() if a.request == request)
