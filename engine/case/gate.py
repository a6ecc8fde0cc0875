"""One running approval as a command finds it, and what every act on it first asks."""

from collections.abc import Container
from dataclasses import dataclass
from typing import Final

from engine.case import events as ev
from engine.case.awaiting import waited_for
from engine.case.draft import Draft, Refused
from engine.case.refusal import Blocker, Why
from engine.case.state import RULE_PERSON, Approval, ApprovalState, Request
from engine.definition.approval_model import Act, ApprovalSpec
from engine.ids import PersonId
from engine.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A running approval, the request it belongs to, and what the SOP says about it."""

    approval: Approval
    request: Request
    spec: ApprovalSpec
    title: Text


def gate(draft: Draft, name: str) -> Gate:
    """The approval of this id, or a refusal that says it is over."""
    approval = draft.case.approvals.get(name)
    if approval is None:
        raise Refused(Why.CONFLICT, Blocker(code="approval_over", subject=name))
    request = draft.case.requests[approval.request]
    spec = draft.definition.approval(request.transition, approval.spec)
    return Gate(approval=approval, request=request, spec=spec, title=draft.definition.title_of(approval.spec))


def still_open(at: Gate) -> None:
    if at.approval.state is ApprovalState.RETURNED:
        raise Refused(Why.CONFLICT, Blocker(code="request_returned", subject=at.approval.id, title=at.title))
    if at.approval.state is not ApprovalState.OPEN:
        raise Refused(Why.CONFLICT, Blocker(code="approval_closed", subject=at.approval.id))


ACTS: Final[dict[Act, Text]] = {
    Act.TRANSFER: Text("转交", "hand it to another person"),
    Act.DELEGATE: Text("委派", "delegate it"),
    Act.ADD: Text("加签", "add signers"),
    Act.MATERIAL: Text("要求补充材料", "ask for material"),
    Act.RETURN: Text("退回", "send it back"),
}


def allowed(at: Gate, act: Act) -> None:
    """The SOP names what may be done here besides deciding."""
    if act not in at.spec.allows:
        detail = {"zh": ACTS[act].zh, "en": ACTS[act].en}
        blocker = Blocker(code="act_not_allowed", subject=at.approval.id, title=at.title, detail=detail)
        raise Refused(Why.FORBIDDEN, blocker)


def known(draft: Draft, person: PersonId) -> None:
    """A person, whom the rules are not."""
    everybody = draft.facts.known
    if person == RULE_PERSON or (everybody is not None and person not in everybody):
        raise Refused(Why.NOT_FOUND, Blocker(code="no_such_person", subject=person))


def tell_new(draft: Draft, name: str, before: Container[PersonId]) -> None:
    """Asks those who are awaited now and were not before."""
    approval = draft.case.approvals.get(name)
    if approval is None:
        return
    now = waited_for(gate(draft, name).spec.mode, approval)
    new = tuple(person for person in now if person not in before)
    if new:
        draft.add(ev.ApprovalAsked(approval=approval.id, notify=new))
