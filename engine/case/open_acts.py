"""Which acts on a running approval or request are open to a person just now: asked of the functions the
commands themselves ask, so that no face offers what would be refused, or hides what would not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from engine.case import beside, returning, signers, signing
from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.decide import admitted
from engine.case.draft import Draft, Refused
from engine.case.facts import Facts
from engine.case.gate import gate
from engine.case.state import Case, Place, Verdict
from engine.definition.approval_model import Assurance
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, PersonId, RequestId

_NOBODY: Final = PersonId("")


class OpenAct(StrEnum):
    """What a person may do; the value is its name on pages."""

    DECIDE = "decide"
    RETURN = "return"
    TRANSFER = "transfer"
    DELEGATE = "delegate"
    ADD = "add"
    ASK = "ask"
    GIVE = "give"
    HAND_BACK = "hand_back"
    CALL_BACK = "call_back"
    TAKE_BACK = "take_back"
    REMOVE = "remove"
    NUDGE = "nudge"
    COPY = "copy"
    COMMENT = "comment"
    WITHDRAW = "withdraw"
    RESUBMIT = "resubmit"


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenActs:
    """`to`: who may be handed the ask, be added, or look at it. `out`: who may be taken out. `ways`: where it
    may be sent back to, by stage; the requester is the empty one.
    """

    acts: frozenset[OpenAct] = frozenset()
    to: tuple[PersonId, ...] = ()
    out: tuple[PersonId, ...] = ()
    ways: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Way:
    """`command` makes one of its kind, to ask whether it is admitted at all; `may` is what it asks first."""

    command: Callable[[Mapping[str, Any]], cmd.Command]
    may: Callable[[Draft, ApprovalId], object]


_WAYS: Final[Mapping[OpenAct, _Way]] = {
    OpenAct.TRANSFER: _Way(lambda on: sc.TransferAsk(**on, to=_NOBODY, reason=""), signers.may_transfer),
    OpenAct.DELEGATE: _Way(lambda on: sc.DelegateAsk(**on, to=_NOBODY, reason=""), signers.may_delegate),
    OpenAct.ADD: _Way(
        lambda on: sc.AddSigners(**on, persons=(), place=Place.BESIDE, reason=""), signers.may_add
    ),
    OpenAct.ASK: _Way(lambda on: sc.AskForMaterial(**on, text=""), beside.may_ask),
    OpenAct.GIVE: _Way(lambda on: sc.GiveMaterial(**on), beside.may_give),
    OpenAct.HAND_BACK: _Way(lambda on: sc.HandBack(**on, text=""), signers.may_hand_back),
    OpenAct.CALL_BACK: _Way(lambda on: sc.CallBack(**on), signers.may_call_back),
    OpenAct.TAKE_BACK: _Way(lambda on: sc.TakeBackDecision(**on), signers.may_take_back),
    OpenAct.REMOVE: _Way(lambda on: sc.RemoveSigner(**on, person=_NOBODY, reason=""), gate),
    OpenAct.NUDGE: _Way(lambda on: sc.NudgeApproval(**on), beside.may_nudge),
    OpenAct.COPY: _Way(lambda on: sc.CopyApproval(**on, persons=()), gate),
    OpenAct.COMMENT: _Way(lambda on: sc.CommentApproval(**on, text=""), beside.may_comment),
}
_NEED_SOMEBODY: Final = frozenset({OpenAct.TRANSFER, OpenAct.DELEGATE, OpenAct.ADD})


def open_acts(
    definition: Definition,
    case: Case,
    approval: ApprovalId,
    facts: Facts,
    *,
    assurance: Assurance = Assurance.LOGIN,
) -> OpenActs:
    """What the person in `facts` may do with this approval, coming by a way that is so sure."""
    draft = Draft(definition=definition, facts=facts, case_id=case.id, before=case)
    on: Mapping[str, Any] = {"case_id": case.id, "approval": approval}
    acts = {
        act
        for act, way in _WAYS.items()
        if _goes(draft, way.command(on), lambda w=way: w.may(draft, approval))
    }
    sign: Mapping[str, Any] = {**on, "assurance": assurance}
    decision = cmd.RecordDecision(**sign, verdict=Verdict.APPROVE)
    back = sc.ReturnRequest(**sign, comment="")
    if _goes(draft, decision, lambda: signing.answering(draft, decision)):
        acts.add(OpenAct.DECIDE)
    ways: tuple[str, ...] = ()
    if _goes(draft, back, lambda: returning.may_return(draft, back)):
        ways = returning.ways_of(draft, gate(draft, approval))
    to = _askable(draft, approval) if acts & _NEED_SOMEBODY else ()
    out = _removable(draft, approval) if OpenAct.REMOVE in acts else ()
    return OpenActs(acts=_with_somebody(acts, to=to, out=out, ways=ways), to=to, out=out, ways=ways)


def _with_somebody(
    acts: set[OpenAct], *, to: tuple[PersonId, ...], out: tuple[PersonId, ...], ways: tuple[str, ...]
) -> frozenset[OpenAct]:
    """An act that could name nobody, or no place to go, is none."""
    none: frozenset[OpenAct] = frozenset() if to else _NEED_SOMEBODY
    found = acts - none
    found = found if out else found - {OpenAct.REMOVE}
    return frozenset(found | {OpenAct.RETURN} if ways else found)


def open_on_request(
    definition: Definition, case: Case, request: RequestId, facts: Facts
) -> frozenset[OpenAct]:
    """What the person in `facts` may do with this request itself."""
    draft = Draft(definition=definition, facts=facts, case_id=case.id, before=case)
    withdraw = cmd.WithdrawRequest(case_id=case.id, request=request)
    again = sc.ResubmitRequest(case_id=case.id, request=request)
    found: set[OpenAct] = set()
    if _goes(draft, withdraw, lambda: signing.may_withdraw(draft, request)):
        found.add(OpenAct.WITHDRAW)
    if _goes(draft, again, lambda: returning.may_resubmit(draft, request)):
        found.add(OpenAct.RESUBMIT)
    return frozenset(found)


def _goes(draft: Draft, command: cmd.Command, may: Callable[[], object]) -> bool:
    return _holds(lambda: admitted(draft, command)) and _holds(may)


def _holds(may: Callable[[], object]) -> bool:
    try:
        may()
    except Refused:
        return False
    return True


def _askable(draft: Draft, approval: ApprovalId) -> tuple[PersonId, ...]:
    everybody = sorted(draft.facts.known or ())
    return tuple(p for p in everybody if _holds(lambda p=p: signers.may_be_asked(draft, approval, p)))


def _removable(draft: Draft, approval: ApprovalId) -> tuple[PersonId, ...]:
    signing_here = [ask.person for ask in gate(draft, approval).approval.asks]
    return tuple(p for p in signing_here if _holds(lambda p=p: signers.may_remove(draft, approval, p)))
