"""Asked once: who agreed to another approval of the request need not be asked here, where the SOP says so."""

from engine.case import events as ev
from engine.case.approvals import may_sign, shown, signed_elsewhere
from engine.case.awaiting import awaited
from engine.case.draft import Draft
from engine.case.gate import Gate, gate
from engine.case.signing import STRENGTH, conclude
from engine.case.state import Approval, ApprovalState, Ask, Decision, Verdict

_COUNTS = (ApprovalState.OPEN, ApprovalState.GRANTED)


def carry(draft: Draft) -> None:
    """Carries every yes over that counts elsewhere too, until nothing more follows."""
    while any(_carried(draft, name) for name in tuple(draft.case.approvals)):
        pass


def _carried(draft: Draft, name: str) -> bool:
    """Whether one yes was carried over to this approval."""
    if name not in draft.case.approvals:
        return False
    at = gate(draft, name)
    if not at.spec.once or at.approval.state is not ApprovalState.OPEN:
        return False
    for ask in awaited(at.spec.mode, at.approval):
        found = _yes(draft, at, ask) if ask.looks is None else None
        if found is not None:
            _carry(draft, at, ask, found)
            return True
    return False


def _yes(draft: Draft, at: Gate, ask: Ask) -> tuple[Approval, Decision] | None:
    """This person's own yes to all that is shown here, as sure as is needed, and with words where needed."""
    barred = signed_elsewhere(draft.definition, draft.case, at.spec)
    if not may_sign(barred, draft.facts, ask.person):
        return None
    for other in draft.case.approvals_of(at.request.id):
        decision = next((k.decision for k in other.asks if k.person == ask.person), None)
        if decision is None or other.id == at.approval.id or other.state not in _COUNTS:
            continue
        enough = decision.comment or at.spec.comment != "always"
        own = decision.by == ask.person and decision.verdict is Verdict.APPROVE
        sure = STRENGTH[other.assurance] >= STRENGTH[at.approval.assurance]
        if own and sure and enough and _shows_all(draft, at, gate(draft, other.id)):
            return other, decision
    return None


def _shows_all(draft: Draft, at: Gate, other: Gate) -> bool:
    transition = draft.definition.transitions[at.request.transition]
    seen = shown(draft.definition, transition, other.spec)
    return set(shown(draft.definition, transition, at.spec)) <= set(seen)


def _carry(draft: Draft, at: Gate, ask: Ask, found: tuple[Approval, Decision]) -> None:
    other, decision = found
    carried = ev.DecisionRecorded(
        approval=at.approval.id,
        round=at.approval.round,
        person=ask.person,
        verdict=Verdict.APPROVE,
        comment=decision.comment,
        assurance=other.assurance,
        content=at.approval.content,
        carried_from=other.id,
    )
    draft.add_by_rule(carried)
    conclude(draft, at.approval.id)
