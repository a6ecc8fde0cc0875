"""代理 in a running case: whoever stands in for a person asked comes and goes with the period."""

from engine.case import signer_events as ev
from engine.case.absence import standing_in
from engine.case.approvals import may_sign, signed_elsewhere
from engine.case.awaiting import awaited, waited_for
from engine.case.draft import Draft
from engine.case.gate import Gate, gate
from engine.case.state import Approval, ApprovalState, Ask
from engine.ids import PersonId

_RUNNING = (ApprovalState.OPEN, ApprovalState.RETURNED)


def settle(draft: Draft) -> None:
    """Every running approval is open to those who stand in now, and to nobody who did."""
    for approval in tuple(draft.case.approvals.values()):
        if approval.state in _RUNNING and (draft.facts.stand_ins or any(a.stand_ins for a in approval.asks)):
            _settle(draft, gate(draft, approval.id))


def _settle(draft: Draft, at: Gate) -> None:
    mode, approval = at.spec.mode, at.approval
    wanted = {ask.person: (_stand_ins(draft, at, ask), ask.stand_ins) for ask in approval.asks}
    changed = {person: new for person, (new, old) in wanted.items() if new != old}
    if not changed:
        return
    before = waited_for(mode, approval)
    turn = [ask.person for ask in awaited(mode, approval) if ask.looks is None]
    new = [p for person in turn for p in changed.get(person, ()) if p not in before]
    told = tuple(dict.fromkeys(new))
    draft.add_by_rule(ev.StandInsSet(approval=approval.id, stand_ins=changed, notify=told))


def _stand_ins(draft: Draft, at: Gate, ask: Ask) -> tuple[PersonId, ...]:
    """Not who could not be asked either: the requester, somebody outside, who is in the approval already."""
    if ask.decision is not None:
        return ask.stand_ins
    facts = draft.facts
    found = standing_in(facts.stand_ins, ask.person, sop=draft.case.sop, now=facts.now)
    if not found:
        return ()
    barred = {*_inside(at.approval), *signed_elsewhere(draft.definition, draft.case, at.spec)}
    if not at.spec.own_request:
        barred.add(at.request.by)
    known = facts.known
    return tuple(
        p
        for p in found
        if p not in facts.external and (known is None or p in known) and may_sign(barred, facts, p)
    )


def _inside(approval: Approval) -> set[PersonId]:
    """Nobody answers twice: neither for two others, nor for another beside themselves."""
    answered = {ask.decision.by for ask in approval.asks if ask.decision}
    return answered | {p for ask in approval.asks for p in (ask.person, ask.looks) if p is not None}
