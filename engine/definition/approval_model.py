"""What an SOP may say about an approval: who is asked, in which mode, and what follows."""

import re
from enum import StrEnum
from typing import Literal, Self

from pydantic import Field, ValidationInfo, field_validator, model_validator

from engine.definition.titled import Model, Name, Titled, told

_SHARE = re.compile(r"(100|[1-9][0-9]?)%")


class Mode(StrEnum):
    """或签 any · 会签 all · 依次 sequence · 票签 votes."""

    ANY = "any"
    ALL = "all"
    SEQUENCE = "sequence"
    VOTES = "votes"


class OnReject(StrEnum):
    """`stop`: the first no drops the request. `wait_all`: judged when all have answered. `return`: back for
    rework.
    """

    STOP = "stop"
    WAIT_ALL = "wait_all"
    RETURN = "return"


class Assurance(StrEnum):
    """`link`: choose and press. `code`: also the four digits of the message. `login` waits for accounts."""

    LINK = "link"
    CODE = "code"
    LOGIN = "login"


class Act(StrEnum):
    """What an approver may do besides deciding."""

    TRANSFER = "transfer"
    DELEGATE = "delegate"
    ADD = "add"
    MATERIAL = "material"
    RETURN = "return"


class ReturnTo(StrEnum):
    """Where an approver may send a request back to: who asks, the stage before, or any stage left so far."""

    REQUESTER = "requester"
    PREVIOUS = "previous"
    EARLIER = "earlier"


class Approver(Model):
    role: Name
    weight: int = Field(default=1, ge=1, le=1000)


class OnTimeout(Model):
    """What the rule does when nobody has decided in time: exactly one of these."""

    escalate: Name | None = None
    transfer: Name | None = None
    approve: Literal[True] | None = None
    reject: Literal[True] | None = None
    remind: Literal[True] | None = None

    @model_validator(mode="after")
    def _exactly_one(self, info: ValidationInfo) -> Self:
        if told(info):
            return self
        given = [
            v for v in (self.escalate, self.transfer, self.approve, self.reject, self.remind) if v is not None
        ]
        if len(given) != 1:
            raise ValueError("write exactly one of escalate, transfer, approve, reject, remind")
        return self


class ApprovalSpec(Titled):
    """`shows` names what the approver sees and signs; without it, what the left stage asks for.

    `returns` names the transition taken when `on_reject: return` sends the case back; without it the case
    stays and the requester may ask again. Under votes, `threshold` is the weight a yes must reach.
    Written "60%", it is that part of the weight of all who are asked, rounded up when the approval opens.
    `not_same_person_as` names approvals, here or before, whose signers may not sign this one.
    `allows` are the acts open to who is asked; the holders of the `cc` roles are told, and decide nothing.
    `return_to` says where who is asked may send the request back to. `once`: who has agreed to another
    approval of the request, which showed all that is shown here, is not asked again; the yes counts here too.
    `batch`: several may be decided at once.
    """

    id: Name
    when: str | None = None
    by: tuple[Approver, ...] = Field(min_length=1)
    mode: Mode
    on_reject: OnReject
    returns: Name | None = None
    threshold: int | str | None = None
    within: str | None = None
    on_timeout: OnTimeout | None = None
    remind: tuple[str, ...] = ()
    shows: tuple[Name, ...] | None = None
    assurance: Assurance = Assurance.CODE
    comment: Literal["never", "on_reject", "always"] = "on_reject"
    own_request: bool = False
    allows: tuple[Act, ...] = tuple(Act)
    cc: tuple[Name, ...] = ()
    not_same_person_as: tuple[Name, ...] = ()
    return_to: tuple[ReturnTo, ...] = (ReturnTo.REQUESTER,)
    once: bool = False
    batch: bool = False

    @field_validator("threshold")
    @classmethod
    def _weight_or_share(cls, value: int | str | None) -> int | str | None:
        if (isinstance(value, int) and value < 1) or (isinstance(value, str) and not _SHARE.fullmatch(value)):
            raise ValueError("a threshold is a weight of 1 or more, or a share such as 60%")
        return value

    @model_validator(mode="after")
    def _complete(self, info: ValidationInfo) -> Self:
        if not told(info) and (self.within is None) != (self.on_timeout is None):
            raise ValueError("'within' and 'on_timeout' are written together")
        if not told(info, 1) and (self.mode is Mode.VOTES) != (self.threshold is not None):
            raise ValueError("'threshold' is written for mode votes, and only there")
        if not told(info, 2) and self.returns is not None and self.on_reject is not OnReject.RETURN:
            raise ValueError("'returns' goes with 'on_reject: return'")
        return self
