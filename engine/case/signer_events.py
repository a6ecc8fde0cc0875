"""What happened around one running approval besides its answers: who signs, what was asked and told."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

from engine.case.signing_events import Fact, Persons
from engine.case.state import Place
from engine.ids import ApprovalId, PersonId, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class AskTransferred(Fact):
    """The ask of `person` is `to`'s for good."""

    approval: ApprovalId
    person: PersonId
    to: PersonId
    reason: str
    notify: Persons = ()
    kind: Literal["ask_transferred"] = "ask_transferred"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignersAdded(Fact):
    """`part` is the part they sign in; those whose turn it is now are asked next."""

    approval: ApprovalId
    persons: Persons
    place: Place
    part: str
    role: str
    reason: str
    kind: Literal["signers_added"] = "signers_added"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignersRemoved(Fact):
    """`part` names the part when the whole of it goes, else it is empty."""

    approval: ApprovalId
    persons: Persons
    part: str
    reason: str
    notify: Persons = ()
    kind: Literal["signers_removed"] = "signers_removed"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionTakenBack(Fact):
    """The answer of `person` counts no more; an approval it had closed is open again."""

    approval: ApprovalId
    person: PersonId
    reason: str = ""
    notify: Persons = ()
    kind: Literal["decision_taken_back"] = "decision_taken_back"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalNudged(Fact):
    approval: ApprovalId
    notify: Persons = ()
    kind: Literal["approval_nudged"] = "approval_nudged"


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialAsked(Fact):
    approval: ApprovalId
    text: str
    notify: Persons = ()
    kind: Literal["material_asked"] = "material_asked"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class MaterialGiven(Fact):
    """`notify` is who asked."""

    approval: ApprovalId
    text: str
    notify: Persons = ()
    kind: Literal["material_given"] = "material_given"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalCopied(Fact):
    approval: ApprovalId
    persons: Persons
    kind: Literal["approval_copied"] = "approval_copied"


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalCommented(Fact):
    approval: ApprovalId
    text: str
    kind: Literal["approval_commented"] = "approval_commented"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskDelegated(Fact):
    """`to` looks at it for `person`, who waits meanwhile."""

    approval: ApprovalId
    person: PersonId
    to: PersonId
    reason: str
    kind: Literal["ask_delegated"] = "ask_delegated"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskHandedBack(Fact):
    """`person` decides again, knowing the opinion in `text`."""

    approval: ApprovalId
    person: PersonId
    text: str
    kind: Literal["ask_handed_back"] = "ask_handed_back"
    private: ClassVar[tuple[str, ...]] = ("text",)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskCalledBack(Fact):
    """`person` decides again without an opinion; `notify` need look no more."""

    approval: ApprovalId
    person: PersonId
    notify: Persons = ()
    kind: Literal["ask_called_back"] = "ask_called_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class StandInsSet(Fact):
    """Who stands in now, by the person asked; only what is new. `notify` could not answer before."""

    approval: ApprovalId
    stand_ins: Mapping[PersonId, Persons]
    notify: Persons = ()
    kind: Literal["stand_ins_set"] = "stand_ins_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignersGone(Fact):
    """`persons` were asked and have left, and without them it cannot pass; nobody: it can again. `alert` are
    told of it, at most once in a round.
    """

    approval: ApprovalId
    persons: Persons
    alert: Persons = ()
    kind: Literal["signers_gone"] = "signers_gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkHandedOver(Fact):
    """Everything in the case that was `person`'s is `to`'s for good.

    `asks` are the approvals whose ask moved, `left` those in which `to` is asked already, so that `person`
    is only taken out; `looks` those delegated to `person`. `requests` and `roles` moved too, and, where
    `opened`, the case itself. Copies and questions move with them.
    """

    person: PersonId
    to: PersonId
    reason: str
    asks: tuple[ApprovalId, ...] = ()
    left: tuple[ApprovalId, ...] = ()
    looks: tuple[ApprovalId, ...] = ()
    requests: tuple[RequestId, ...] = ()
    roles: tuple[str, ...] = ()
    opened: bool = False
    notify: Persons = ()
    kind: Literal["work_handed_over"] = "work_handed_over"
    private: ClassVar[tuple[str, ...]] = ("reason",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestReturned(Fact):
    """It lies with the requester; nobody is asked until it is put forward again."""

    request: RequestId
    approval: ApprovalId
    person: PersonId
    straight_back: bool
    comment: str
    notify: Persons = ()
    kind: Literal["request_returned"] = "request_returned"
    private: ClassVar[tuple[str, ...]] = ("comment",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestResubmitted(Fact):
    """`back_to` is the approval asked last when it comes straight back, as the SOP names it."""

    request: RequestId
    back_to: str | None = None
    reason: str = ""
    kind: Literal["request_resubmitted"] = "request_resubmitted"
    private: ClassVar[tuple[str, ...]] = ("reason",)


SignerEvent = (
    AskTransferred
    | SignersAdded
    | SignersRemoved
    | DecisionTakenBack
    | ApprovalNudged
    | MaterialAsked
    | MaterialGiven
    | ApprovalCopied
    | ApprovalCommented
    | AskDelegated
    | AskHandedBack
    | AskCalledBack
    | StandInsSet
    | SignersGone
    | WorkHandedOver
    | RequestReturned
    | RequestResubmitted
)
