"""What may be asked of one running approval besides deciding: who signs, what is needed, who is told."""

from dataclasses import dataclass
from typing import Literal

from engine.case.state import Place
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferAsk:
    """转交: the ask of whoever sends this is another person's for good."""

    case_id: CaseId
    approval: ApprovalId
    to: PersonId
    reason: str
    kind: Literal["transfer_ask"] = "transfer_ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddSigners:
    """加签: more people sign in the part of whoever sends this, before, beside or after him."""

    case_id: CaseId
    approval: ApprovalId
    persons: tuple[PersonId, ...]
    place: Place
    reason: str
    kind: Literal["add_signers"] = "add_signers"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoveSigner:
    """减签: somebody who has not answered is asked no more."""

    case_id: CaseId
    approval: ApprovalId
    person: PersonId
    reason: str
    kind: Literal["remove_signer"] = "remove_signer"


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeBackDecision:
    """拿回: the sender's own answer, while nobody has acted on the request after it."""

    case_id: CaseId
    approval: ApprovalId
    reason: str = ""
    kind: Literal["take_back_decision"] = "take_back_decision"


@dataclass(frozen=True, slots=True, kw_only=True)
class NudgeApproval:
    """催办: reminds whoever is awaited."""

    case_id: CaseId
    approval: ApprovalId
    kind: Literal["nudge_approval"] = "nudge_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskForMaterial:
    """补充材料: a question to the requester; the approval's clock stands still until it is answered."""

    case_id: CaseId
    approval: ApprovalId
    text: str
    kind: Literal["ask_for_material"] = "ask_for_material"


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveMaterial:
    """The answer to it: in words, or just that the fields and files are there now."""

    case_id: CaseId
    approval: ApprovalId
    text: str = ""
    kind: Literal["give_material"] = "give_material"


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyApproval:
    """抄送: these persons are told of it and of its outcome, and decide nothing."""

    case_id: CaseId
    approval: ApprovalId
    persons: tuple[PersonId, ...]
    kind: Literal["copy_approval"] = "copy_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class CommentApproval:
    """意见: words beside the approval that decide nothing."""

    case_id: CaseId
    approval: ApprovalId
    text: str
    kind: Literal["comment_approval"] = "comment_approval"


@dataclass(frozen=True, slots=True, kw_only=True)
class DelegateAsk:
    """委派: another person looks at it first, and hands it back with an opinion."""

    case_id: CaseId
    approval: ApprovalId
    to: PersonId
    reason: str
    kind: Literal["delegate_ask"] = "delegate_ask"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandBack:
    """The opinion of whom an ask was delegated to; whose ask it is decides."""

    case_id: CaseId
    approval: ApprovalId
    text: str
    kind: Literal["hand_back"] = "hand_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack:
    """Whose ask it is takes it back from whom it was delegated to, without waiting for the opinion."""

    case_id: CaseId
    approval: ApprovalId
    kind: Literal["call_back"] = "call_back"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRequest:
    """退回: back to the requester (`to` is empty), or with the case to a stage it has left.

    `round`, `content`, `issue` and `assurance` are those of a decision.
    """

    case_id: CaseId
    approval: ApprovalId
    comment: str
    to: str = ""
    straight_back: bool = False
    round: int | None = None
    content: str | None = None
    issue: int | None = None
    assurance: Assurance = Assurance.LOGIN
    kind: Literal["return_request"] = "return_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class ResubmitRequest:
    """The requester puts a returned request forward again."""

    case_id: CaseId
    request: RequestId
    reason: str = ""
    kind: Literal["resubmit_request"] = "resubmit_request"


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverWork:
    """离职转办: everything in the case that is `person`'s becomes `to`'s, whole or not at all."""

    case_id: CaseId
    person: PersonId
    to: PersonId
    reason: str
    kind: Literal["hand_over_work"] = "hand_over_work"


SignerCommand = (
    TransferAsk
    | AddSigners
    | RemoveSigner
    | TakeBackDecision
    | NudgeApproval
    | AskForMaterial
    | GiveMaterial
    | CopyApproval
    | CommentApproval
    | DelegateAsk
    | HandBack
    | CallBack
    | ReturnRequest
)
