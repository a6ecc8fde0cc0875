"""Approvals nobody can sign: a role was empty when they opened, or those asked have left since.

The SOP's owner is told once in each round; whoever comes into the role later is asked without further ado.
"""

from collections.abc import Callable

from engine.case import signer_events as se
from engine.case.approvals import open_approval, opened, threshold
from engine.case.awaiting import answering, awaited, parts, said, weight
from engine.case.draft import Draft
from engine.case.facts import Facts
from engine.case.state import Approval, ApprovalState, Ask, Request
from engine.definition.approval_model import ApprovalSpec, Mode
from engine.ids import PersonId


def fill_roles(draft: Draft) -> None:
    """Asks again, where more people can answer now than those who were found when it opened."""
    for approval in tuple(draft.case.approvals.values()):
        request = draft.case.requests[approval.request]
        spec = draft.definition.approval(request.transition, approval.spec)
        if approval.state is not ApprovalState.RETURNED and _can_be_filled(draft, request, spec, approval):
            open_approval(draft, request, spec, before=approval)


def settle(draft: Draft) -> None:
    """Every running approval names those without whom it cannot pass and who have left, and nobody else."""
    for approval in tuple(draft.case.approvals.values()):
        if approval.state is ApprovalState.OPEN:
            _settle(draft, approval)


def missing(spec: ApprovalSpec, approval: Approval, facts: Facts) -> tuple[PersonId, ...]:
    """Whose answer it waits for though they have left, where it cannot pass without; else nobody.

    Those whose turn is still to come are taken to be there: they may be, by then.
    """
    known = facts.known
    if known is None or approval.unfilled:
        return ()
    waiting = awaited(spec.mode, approval)
    gone = {ask.person for ask in waiting if known.isdisjoint(answering(ask))}
    if not gone or can_pass(spec, approval, lambda ask: ask.person not in gone):
        return ()
    return tuple(ask.person for ask in waiting if ask.person in gone)


def can_pass(spec: ApprovalSpec, approval: Approval, able: Callable[[Ask], bool]) -> bool:
    """Whether a yes can still come of it: what was said stands, the silent must be able to answer."""
    open_parts = [part for part in parts(approval) if said(part) is not False]
    hopeful = [part for part in open_parts if all(ask.decision or able(ask) for ask in part)]
    if spec.mode is Mode.ANY:
        return bool(hopeful)
    if spec.mode is Mode.VOTES:
        needs = approval.threshold or threshold(spec, approval.asks) or 0
        return sum(weight(part) for part in hopeful) >= needs
    return len(hopeful) == len(open_parts)


def _can_be_filled(draft: Draft, request: Request, spec: ApprovalSpec, approval: Approval) -> bool:
    gone = missing(spec, approval, draft.facts) if approval.state is ApprovalState.OPEN else ()
    if not approval.unfilled and not gone:
        return False
    now = opened(draft, request, spec, approval)
    if gone:
        fills = not now.unfilled and not missing(spec, now, draft.facts)
        return fills and _somebody_new(draft, approval, now, gone)
    return len(now.unfilled) < len(approval.unfilled) or _weight(now) > _weight(approval)


def _somebody_new(draft: Draft, approval: Approval, now: Approval, gone: tuple[PersonId, ...]) -> bool:
    """In the role of everybody who left. Those who remain do not make up for them: that is for the owner."""
    new = {ask.person for ask in now.asks} - {ask.person for ask in approval.asks}
    roles = {ask.role for ask in approval.asks if ask.person in gone}
    return all(not new.isdisjoint(draft.holders(role)) for role in roles)


def _weight(approval: Approval) -> int:
    return sum(ask.weight for ask in approval.asks)


def _settle(draft: Draft, approval: Approval) -> None:
    request = draft.case.requests[approval.request]
    spec = draft.definition.approval(request.transition, approval.spec)
    gone = missing(spec, approval, draft.facts)
    alert = draft.holders(draft.definition.sop.owner) if gone and not approval.alerted else ()
    if gone != approval.gone or alert:
        draft.add_by_rule(se.SignersGone(approval=approval.id, persons=gone, alert=alert))
