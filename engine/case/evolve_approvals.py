"""What the events of approvals do to the snapshot. No rule lives here, only consequence."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.awaiting import parts, said, signers
from engine.case.changing import approval_with, ask_with, request_with
from engine.case.evolve_leaving import handed_over
from engine.case.state import (
    Approval,
    ApprovalState,
    Ask,
    Case,
    Decision,
    Delegation,
    Question,
    RequestState,
    Returned,
    Straight,
)
from engine.ids import ApprovalId, PersonId, RequestId


def request_state(case: Case, request: str, state: RequestState) -> Case:
    return request_with(case, request, state=state)


def _acted(case: Case, approval: ApprovalId) -> Case:
    """Somebody did more than look: the answer before it can be taken back no longer."""
    return request_with(case, case.approvals[approval].request, last=None)


def _opened(case: Case, _: ev.Recorded, event: ev.ApprovalOpened) -> Case:
    case = replace(case, approvals={**case.approvals, event.approval.id: event.approval})
    request = case.requests[event.approval.request]
    asked_last = request.back_to == event.approval.spec and event.approval.state is ApprovalState.OPEN
    back_to = None if asked_last else request.back_to
    return request_with(case, request.id, state=RequestState.PENDING, back_to=back_to)


def _asked(case: Case, _: ev.Recorded, _event: ev.ApprovalAsked) -> Case:
    return case


def _decided(case: Case, recorded: ev.Recorded, event: ev.DecisionRecorded) -> Case:
    decision = Decision(
        verdict=event.verdict,
        by=recorded.actor.person if event.carried_from is None else event.person,
        at=recorded.at,
        comment=event.comment,
        via=recorded.actor.via,
        carried_from=event.carried_from,
    )
    case = ask_with(case, event.approval, event.person, decision=decision)
    approval = case.approvals[event.approval]
    if approval.material is not None and approval.material.by in (event.person, recorded.actor.person):
        case = approval_with(case, event.approval, material=None)
    if event.carried_from is not None:
        return case  # taking back the answer it follows from takes this one along
    return request_with(case, approval.request, last=(event.approval, event.person))


def _closed(case: Case, _: ev.Recorded, event: ev.ApprovalClosed) -> Case:
    state = ApprovalState.GRANTED if event.granted else ApprovalState.REJECTED
    return approval_with(case, event.approval, state=state, material=None, gone=())


def _timed_out(case: Case, recorded: ev.Recorded, event: ev.ApprovalTimedOut) -> Case:
    """Each person it adds is a part of the approval, as if the SOP had named the role at the start."""
    if not event.to:
        return case
    approval = case.approvals[event.approval]
    added = tuple(
        Ask(person=person, role=event.role or "", part=f"{person}/{recorded.sequence}") for person in event.to
    )
    kept = approval.asks if event.action == "escalate" else _answered(approval)
    return approval_with(_acted(case, event.approval), event.approval, asks=(*kept, *added), unfilled=())


def _answered(approval: Approval) -> tuple[Ask, ...]:
    return tuple(ask for part in parts(approval) if said(part) is not None for ask in part)


def _reissued(case: Case, _: ev.Recorded, event: ev.LinkReissued) -> Case:
    asks = case.approvals[event.approval].asks
    whose = next((ask.person for ask in asks if ask.looks == event.person), event.person)
    if any(ask.person == whose for ask in asks):
        return ask_with(case, event.approval, whose, issue=event.issue)
    before = case.approvals[event.approval].reissued
    return approval_with(case, event.approval, reissued={**before, event.person: event.issue})


def _transferred(case: Case, _: ev.Recorded, event: se.AskTransferred) -> Case:
    asks = case.approvals[event.approval].asks
    part = next(ask.of_part for ask in asks if ask.person == event.person)
    handed: dict[str, Any] = {"person": event.to, "part": part, "taken_from": event.person, "issue": 1}
    handed["stand_ins"] = ()
    case = ask_with(case, event.approval, event.person, **handed, delegation=None)
    return _acted(case, event.approval)


def _added(case: Case, recorded: ev.Recorded, event: se.SignersAdded) -> Case:
    new = tuple(
        Ask(
            person=person,
            role=event.role,
            weight=0,
            part=event.part,
            place=event.place,
            added_by=recorded.actor.person,
        )
        for person in event.persons
    )
    asks = (*case.approvals[event.approval].asks, *new)
    return _acted(approval_with(case, event.approval, asks=asks), event.approval)


def _removed(case: Case, _: ev.Recorded, event: se.SignersRemoved) -> Case:
    approval = case.approvals[event.approval]
    asks = tuple(ask for ask in approval.asks if ask.person not in event.persons)
    removed = (*approval.removed, event.part) if event.part else approval.removed
    return _acted(approval_with(case, event.approval, asks=asks, removed=removed), event.approval)


def _taken_back(case: Case, _: ev.Recorded, event: se.DecisionTakenBack) -> Case:
    case = ask_with(case, event.approval, event.person, decision=None)
    case = approval_with(case, event.approval, state=ApprovalState.OPEN)
    return request_with(case, case.approvals[event.approval].request, state=RequestState.PENDING, last=None)


def _nudged(case: Case, recorded: ev.Recorded, event: se.ApprovalNudged) -> Case:
    return approval_with(case, event.approval, nudged_at=recorded.at)


def _material_asked(case: Case, recorded: ev.Recorded, event: se.MaterialAsked) -> Case:
    question = Question(by=recorded.actor.person, text=event.text)
    return _acted(approval_with(case, event.approval, material=question), event.approval)


def _material_given(case: Case, _: ev.Recorded, event: se.MaterialGiven) -> Case:
    return approval_with(case, event.approval, material=None)


def _copied(case: Case, _: ev.Recorded, event: se.ApprovalCopied) -> Case:
    copies = (*case.approvals[event.approval].copies, *event.persons)
    return approval_with(case, event.approval, copies=copies)


def _commented(case: Case, _: ev.Recorded, _event: se.ApprovalCommented) -> Case:
    return case


def _delegated(case: Case, _: ev.Recorded, event: se.AskDelegated) -> Case:
    lent = Delegation(to=event.to, reason=event.reason)
    return _acted(ask_with(case, event.approval, event.person, delegation=lent), event.approval)


def _handed_back(case: Case, _: ev.Recorded, event: se.AskHandedBack) -> Case:
    ask = next(a for a in case.approvals[event.approval].asks if a.person == event.person)
    given = None if ask.delegation is None else replace(ask.delegation, opinion=event.text)
    return _acted(ask_with(case, event.approval, event.person, delegation=given), event.approval)


def _called_back(case: Case, _: ev.Recorded, event: se.AskCalledBack) -> Case:
    return ask_with(case, event.approval, event.person, delegation=None)


def _stand_ins_set(case: Case, _: ev.Recorded, event: se.StandInsSet) -> Case:
    asks = case.approvals[event.approval].asks
    now = tuple(replace(ask, stand_ins=event.stand_ins.get(ask.person, ask.stand_ins)) for ask in asks)
    return approval_with(case, event.approval, asks=now)


def _signers_gone(case: Case, _: ev.Recorded, event: se.SignersGone) -> Case:
    alerted = case.approvals[event.approval].alerted or bool(event.alert)
    return approval_with(case, event.approval, gone=event.persons, alerted=alerted)


def _returned(case: Case, _: ev.Recorded, event: se.RequestReturned) -> Case:
    back = Returned(by=event.person, approval=event.approval, straight_back=event.straight_back)
    case = _stop(case, event.request)
    return request_with(case, event.request, returned=back, last=None, state=RequestState.PENDING)


def _stop(case: Case, request: RequestId) -> Case:
    stopped = {
        a.id: replace(a, state=ApprovalState.RETURNED, material=None, gone=())
        for a in case.approvals_of(request)
        if a.state is ApprovalState.OPEN
    }
    return replace(case, approvals={**case.approvals, **stopped})


def _resubmitted(case: Case, _: ev.Recorded, event: se.RequestResubmitted) -> Case:
    """Coming straight back, those who had not answered go on where they were, but for who returned it."""
    going_on = {
        a.id: replace(a, state=ApprovalState.OPEN)
        for a in case.approvals_of(event.request)
        if event.back_to not in (None, a.spec) and a.state is ApprovalState.RETURNED
    }
    case = replace(case, approvals={**case.approvals, **going_on})
    return request_with(case, event.request, returned=None, back_to=event.back_to)


def kept_for_next(case: Case, event: ev.TransitionDropped) -> Case:
    """What the next request for the transition need not ask again, when it is to come straight back."""
    if event.straight_back is None:
        return case
    approvals = case.approvals_of(event.request)
    straight = Straight(
        back_to=case.approvals[event.straight_back].spec,
        granted=tuple(a for a in approvals if a.state is ApprovalState.GRANTED),
    )
    return replace(case, straight={**case.straight, event.transition: straight})


def signers_of(case: Case, request: RequestId) -> dict[str, tuple[PersonId, ...]]:
    """Who said yes, by approval as the SOP names it."""
    return {approval.spec: signers(approval) for approval in case.approvals_of(request)}


CHANGES: dict[type, Callable[..., Case]] = {
    ev.ApprovalOpened: _opened,
    ev.ApprovalAsked: _asked,
    ev.DecisionRecorded: _decided,
    ev.ApprovalClosed: _closed,
    ev.ApprovalTimedOut: _timed_out,
    ev.LinkReissued: _reissued,
    se.AskTransferred: _transferred,
    se.SignersAdded: _added,
    se.SignersRemoved: _removed,
    se.DecisionTakenBack: _taken_back,
    se.ApprovalNudged: _nudged,
    se.MaterialAsked: _material_asked,
    se.MaterialGiven: _material_given,
    se.ApprovalCopied: _copied,
    se.ApprovalCommented: _commented,
    se.AskDelegated: _delegated,
    se.AskHandedBack: _handed_back,
    se.AskCalledBack: _called_back,
    se.StandInsSet: _stand_ins_set,
    se.SignersGone: _signers_gone,
    se.WorkHandedOver: handed_over,
    se.RequestReturned: _returned,
    se.RequestResubmitted: _resubmitted,
}
