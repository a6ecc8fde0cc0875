"""Coming straight back: what was agreed stays agreed, what changed is asked first, who returned it last."""

from collections.abc import Iterable
from dataclasses import replace

from engine.case import deadlines
from engine.case import events as ev
from engine.case.approvals import content_hash, open_approval, opened
from engine.case.awaiting import waited_for
from engine.case.draft import Draft
from engine.case.state import Approval, ApprovalState, DeadlineKind, Request, Straight
from engine.definition.approval_model import ApprovalSpec
from engine.ids import ApprovalId, RequestId


def ask_straight(
    draft: Draft, request_id: RequestId, asks: Iterable[ApprovalSpec], straight: Straight
) -> None:
    """A new request after a return that ended the one before: its yeses stand where the content is the
    same.
    """
    granted = {approval.spec: approval for approval in straight.granted}
    request = draft.case.requests[request_id]
    for spec in asks:
        kept = granted.get(spec.id)
        if spec.id == straight.back_to:
            waiting = replace(opened(draft, request, spec), state=ApprovalState.RETURNED)
            draft.add(ev.ApprovalOpened(approval=waiting, notify=()))
        elif kept is not None and _still_good(draft, request, spec, kept):
            again = replace(kept, id=ApprovalId(f"a{draft.sequence}"), request=request_id)
            draft.add(ev.ApprovalOpened(approval=replace(again, opened_at=draft.facts.now), notify=()))
        else:
            open_approval(draft, request, spec)
    ask_last(draft, request_id)


def _still_good(draft: Draft, request: Request, spec: ApprovalSpec, kept: Approval) -> bool:
    """On the same content, and not the yes of who asks now."""
    own = not spec.own_request and any(draft.facts.same(ask.person, request.by) for ask in kept.asks)
    return same_content(draft, request, spec, kept) and not own


def same_content(draft: Draft, request: Request, spec: ApprovalSpec, approval: Approval) -> bool:
    transition = draft.definition.transitions[request.transition]
    return content_hash(draft.definition, draft.case, transition, spec) == approval.content


def ask_last(draft: Draft, request_id: RequestId) -> None:
    """Asks who returned it, once everybody before has agreed; answers others gave in that approval stand."""
    request = draft.case.requests[request_id]
    mine = draft.case.approvals_of(request_id)
    last = next((a for a in mine if a.spec == request.back_to), None)
    if last is None or any(a.state is not ApprovalState.GRANTED for a in mine if a is not last):
        return
    spec = draft.definition.approval(request.transition, last.spec)
    if not same_content(draft, request, spec, last):
        open_approval(draft, request, spec, before=last)
        return
    fresh = opened(draft, request, spec, last)
    again = replace(fresh, asks=last.asks, unfilled=last.unfilled)
    draft.add(ev.ApprovalOpened(approval=again, notify=waited_for(spec.mode, again)))
    clock = f"{DeadlineKind.APPROVAL}:{last.id}"
    if clock in draft.case.deadlines:
        deadlines.start(draft, clock)
    else:
        deadlines.put(draft, deadlines.of_approval(draft, again, spec), "")
