"""What happened around a transition: asked for, put to people, decided, ready, fired or dropped."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import JsonValue

from engine.case.evidence import Client
from engine.case.refusal import Blocker
from engine.case.state import Approval, Verdict
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, PersonId, RequestId

Persons = tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """`private` names the parts that may hold names or free text: the store keeps them outside the hashed
    body as salted commitments, so that a person can be forgotten without breaking the chain.
    """

    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionRequested(Fact):
    """`skipped` names the approvals whose `when` did not hold; `back_to` the one asked last, for it sent an
    earlier request back.
    """

    request: RequestId
    transition: str
    tracks: tuple[str, ...]
    reason: str = ""
    skipped: tuple[str, ...] = ()
    back_to: str | None = None
    kind: Literal["transition_requested"] = "transition_requested"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One shown thing that changed: a field or deliverable, by id, with its canonical values."""

    what: str
    old: JsonValue
    new: JsonValue


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalOpened(Fact):
    """`changes` says what differs from the round before (when asked again); `alert` are told of unfilled
    roles.
    """

    approval: Approval
    notify: Persons
    changes: tuple[Change, ...] = ()
    alert: Persons = ()
    kind: Literal["approval_opened"] = "approval_opened"
    private: ClassVar[tuple[str, ...]] = ("changes",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalAsked(Fact):
    """It is the turn of these (sequence), or they were added by a rule (timeout: escalate, transfer)."""

    approval: ApprovalId
    notify: Persons
    kind: Literal["approval_asked"] = "approval_asked"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecorded(Fact):
    """`person` is who was asked; the actor gave the answer, as that person or standing in. `carried_from`:
    the person's yes to that other approval counts here too.

    What was shown follows from the history before it. What does not is kept here, as engine.case.evidence
    explains; older events have none of it.
    """

    approval: ApprovalId
    round: int
    person: PersonId
    verdict: Verdict
    comment: str
    assurance: Assurance
    content: str
    carried_from: ApprovalId | None = None
    shown_at: datetime | None = None
    language: str | None = None
    issue: int | None = None
    client: Client | None = None
    kind: Literal["decision_recorded"] = "decision_recorded"
    private: ClassVar[tuple[str, ...]] = ("comment", "client")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalClosed(Fact):
    """`by_rule` when a timeout decided, never shown as a person's decision. `notify` are those told of it."""

    approval: ApprovalId
    granted: bool
    by_rule: bool = False
    notify: Persons = ()
    kind: Literal["approval_closed"] = "approval_closed"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalTimedOut(Fact):
    """`action` is what the SOP wrote: escalate, transfer, approve, reject, remind; `to` are the persons it
    adds or tells. `catch_up`: found long after its instant.
    """

    approval: ApprovalId
    action: str
    role: str | None = None
    to: Persons = ()
    notify: Persons = ()
    catch_up: bool = False
    kind: Literal["approval_timed_out"] = "approval_timed_out"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkReissued(Fact):
    """`looks`: the person does not decide, but looks at it for somebody who does."""

    approval: ApprovalId
    person: PersonId
    issue: int
    looks: bool = False
    kind: Literal["link_reissued"] = "link_reissued"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionReady(Fact):
    request: RequestId
    kind: Literal["transition_ready"] = "transition_ready"
    private: ClassVar[tuple[str, ...]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionDropped(Fact):
    """The request ends without the move: withdrawn, rejected, or no longer allowed when it was to fire.

    `straight_back` is the approval to which the next request for it comes straight back.
    """

    request: RequestId
    transition: str
    why: Literal["withdrawn", "rejected", "returned", "blocked", "closed"]
    reasons: tuple[Blocker, ...] = ()
    comment: str = ""
    notify: Persons = ()
    straight_back: ApprovalId | None = None
    kind: Literal["transition_dropped"] = "transition_dropped"
    private: ClassVar[tuple[str, ...]] = ("comment",)


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionFired(Fact):
    request: RequestId
    transition: str
    flow_run: str | None = None
    notify: Persons = ()
    kind: Literal["transition_fired"] = "transition_fired"
    private: ClassVar[tuple[str, ...]] = ()
