"""What has changed of what a person signs since that person last answered it or, if never, was last asked.

Two rounds may lie between, or a whole request that was sent back: the record knows what the person knew.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.approvals import content, content_hash
from engine.case.evolve import replay
from engine.case.state import Approval, Case
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, PersonId


@dataclass(slots=True)
class _Past:
    """The same approval as the SOP names it, in all its rounds and requests so far."""

    transition: str
    spec: str
    of_request: dict[str, str] = field(default_factory=dict[str, str])
    rounds: dict[ApprovalId, Approval] = field(default_factory=dict[ApprovalId, Approval])

    def take(self, event: ev.Event) -> None:
        match event:
            case ev.TransitionRequested():
                self.of_request[event.request] = event.transition
            case ev.ApprovalOpened() if self._same(event.approval):
                self.rounds[event.approval.id] = event.approval
            case _:
                pass

    def _same(self, approval: Approval) -> bool:
        return (self.of_request.get(approval.request), approval.spec) == (self.transition, self.spec)


@dataclass(frozen=True, slots=True)
class _Known:
    """The person knew the content of this round as of this event. `answered`: and acted on it."""

    sequence: int
    round: Approval
    answered: bool


def changed_since(
    definition: Definition, case: Case, approval: Approval, *, events: Sequence[ev.Recorded], person: PersonId
) -> tuple[ev.Change, ...]:
    """Empty where the person sees it for the first time, or nothing differs."""
    request = case.requests[approval.request]
    past = _Past(request.transition, approval.spec)
    known: list[_Known] = []
    changes: tuple[ev.Change, ...] = ()
    for recorded in events:
        event = recorded.event
        if isinstance(event, ev.ApprovalOpened) and event.approval.id == approval.id:
            changes = event.changes
            if event.approval.round == approval.round:
                break  # within a round nothing of it changes
        past.take(event)
        known += _knew(recorded, past, person)
    last = next((one for one in reversed(known) if one.answered), known[-1] if known else None)
    if last is None:
        return ()
    then = replay(recorded for recorded in events if recorded.sequence <= last.sequence)
    transition = definition.transitions[request.transition]
    spec = definition.approval(transition.id, approval.spec)
    if then is None or content_hash(definition, then, transition, spec) != last.round.content:
        return changes  # part of the record was erased: what was noted with the round is what is left
    old, new = content(definition, then, transition, spec), content(definition, case, transition, spec)
    return tuple(ev.Change(what=name, old=old[name], new=new[name]) for name in new if old[name] != new[name])


def asked_at(events: Sequence[ev.Recorded], approval: Approval, person: PersonId) -> datetime | None:
    """When this person was last asked in this approval, to decide or to look."""
    for recorded in reversed(events):
        event = recorded.event
        named = (
            event.approval.id if isinstance(event, ev.ApprovalOpened) else getattr(event, "approval", None)
        )
        handed_back = isinstance(event, se.AskHandedBack) and event.person == person
        if named == approval.id and (handed_back or person in _asked(event)):
            return recorded.at
    return None


def asked_before(case: Case, approval: Approval) -> bool:
    """Whether there can be anything to compare with: an earlier round, request or visit."""
    transition = case.requests[approval.request].transition
    return approval.round > 1 or transition in case.dropped or approval.spec in case.signed


def _knew(recorded: ev.Recorded, past: _Past, person: PersonId) -> Iterator[_Known]:
    event = recorded.event
    named = event.approval.id if isinstance(event, ev.ApprovalOpened) else getattr(event, "approval", None)
    now = past.rounds.get(named) if named is not None else None
    if now is None:
        return
    if _answered(recorded, person):
        yield _Known(recorded.sequence, now, answered=True)
    elif person in _asked(event):
        yield _Known(recorded.sequence, now, answered=False)


def _answered(recorded: ev.Recorded, person: PersonId) -> bool:
    match recorded.event:
        case ev.DecisionRecorded() if recorded.event.carried_from is not None:
            return recorded.event.person == person
        case ev.DecisionRecorded() | se.RequestReturned():
            return recorded.actor.person == person
        case se.MaterialAsked() | se.AskHandedBack():
            return recorded.actor.person == person
        case _:
            return False


def _asked(event: ev.Event) -> tuple[PersonId, ...]:
    match event:
        case ev.ApprovalOpened() | ev.ApprovalAsked() | ev.ApprovalTimedOut():
            return event.notify
        case se.AskTransferred() | se.StandInsSet():
            return event.notify
        case se.AskDelegated():
            return (event.to,)
        case _:
            return ()
