"""One approval as its case's history tells it, also long after the approval has left the snapshot. Pure."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.approvals import content_text, shown
from engine.case.events import Recorded
from engine.case.evolve import evolve
from engine.case.state import Approval, Attachment, Case
from engine.definition.approval_model import ApprovalSpec
from engine.definition.compiled import Definition
from engine.definition.model import TransitionSpec
from engine.ids import ApprovalId, RequestId

# What somebody outside the company sees of an approval; the talk among colleagues is not theirs.
FOR_OUTSIDE = (
    ev.CaseStarted,
    ev.TransitionRequested,
    ev.ApprovalOpened,
    ev.DecisionRecorded,
    se.DecisionTakenBack,
    ev.ApprovalClosed,
    ev.ApprovalTimedOut,
    ev.TransitionDropped,
    ev.DeliverableAttached,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """The approval as it was put to people once, with the case at that moment."""

    opened: Recorded
    approval: Approval
    case: Case
    definition: Definition
    transition: TransitionSpec
    spec: ApprovalSpec
    text: str | None
    names: tuple[str, ...]

    @property
    def papers(self) -> tuple[Attachment, ...]:
        kept = self.case.attachments
        return tuple(kept[name][-1] for name in self.names if kept.get(name))

    @classmethod
    def of(cls, definition: Definition, case: Case, opened: Recorded, approval: Approval) -> Self:
        """`text` is None where it can be made no more, because what was signed has been erased."""
        transition = definition.transitions[case.requests[approval.request].transition]
        spec = definition.approval(transition.id, approval.spec)
        text = content_text(definition, case, transition, spec)
        whole = hashlib.sha256(text.encode()).hexdigest() == approval.content
        return cls(
            opened=opened,
            approval=approval,
            case=case,
            definition=definition,
            transition=transition,
            spec=spec,
            text=text if whole else None,
            names=shown(definition, transition, spec),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """`events` are those of the approval and its request, and those the papers came with, in order."""

    approval: ApprovalId
    events: tuple[Recorded, ...]
    rounds: tuple[Round, ...]

    @property
    def request(self) -> Recorded:
        """The event that asked for it."""
        return next(r for r in self.events if isinstance(r.event, ev.TransitionRequested))

    @property
    def last(self) -> Round:
        return self.rounds[-1]

    def decisions(self, round_: int) -> Iterator[Recorded]:
        for recorded in self.events:
            if isinstance(recorded.event, ev.DecisionRecorded) and recorded.event.round == round_:
                yield recorded

    def of_round(self, round_: int) -> Self:
        """What somebody outside sees who answered in this round, and in no other."""
        mine = next(r for r in self.rounds if r.approval.round == round_)
        later = [r.opened.sequence for r in self.rounds if r.opened.sequence > mine.opened.sequence]
        until = min(later, default=self.events[-1].sequence + 1)
        before = (ev.CaseStarted, ev.TransitionRequested, ev.DeliverableAttached)
        papers = {paper.hash for paper in mine.papers}
        kept = [
            r
            for r in self.events
            if isinstance(r.event, FOR_OUTSIDE)
            and r.sequence < until
            and (r.sequence >= mine.opened.sequence or isinstance(r.event, before))
            and (not isinstance(r.event, ev.DeliverableAttached) or r.event.hash in papers)
        ]
        return replace(self, events=tuple(kept), rounds=(mine,))


def approvals_of(events: Sequence[Recorded]) -> dict[ApprovalId, str]:
    """Every approval the case ever opened, in order, with its name in the SOP."""
    opened = (r.event.approval for r in events if isinstance(r.event, ev.ApprovalOpened))
    return {approval.id: approval.spec for approval in opened}


def tell(
    by_digest: Callable[[str], Definition], events: Sequence[Recorded], approval: ApprovalId
) -> Story | None:
    """None where the case never opened such an approval. Each round is read by the SOP version it was asked
    under.
    """
    case: Case | None = None
    rounds: list[Round] = []
    for recorded in events:
        case = evolve(case, recorded)
        event = recorded.event
        if isinstance(event, ev.ApprovalOpened) and event.approval.id == approval:
            rounds.append(Round.of(by_digest(case.definition), case, recorded, event.approval))
    if not rounds:
        return None
    request = rounds[0].approval.request
    papers = {(p.deliverable, p.version) for one in rounds for p in one.papers}
    own = tuple(r for r in events if _belongs(r.event, approval, request, papers))
    return Story(approval=approval, events=own, rounds=tuple(rounds))


def _belongs(event: ev.Event, approval: ApprovalId, request: RequestId, papers: set[tuple[str, int]]) -> bool:
    match event:
        case ev.CaseStarted():
            return True
        case ev.ApprovalOpened():
            return event.approval.id == approval
        case ev.DeliverableAttached():
            return (event.deliverable, event.version) in papers
        case se.RequestReturned():
            return event.request == request
        case _:
            named = getattr(event, "approval", None)
            return named == approval if named is not None else getattr(event, "request", None) == request


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    state: str
    at: datetime | None = None
    by_rule: bool = False


def outcome(story: Story) -> Outcome:
    """How it stands at the end of the story: open, granted, refused, returned, or ended without an answer."""
    now = Outcome(state="open")
    for recorded in story.events:
        match recorded.event:
            case ev.ApprovalOpened() | se.DecisionTakenBack():
                now = Outcome(state="open")
            case ev.ApprovalClosed(granted=granted, by_rule=by_rule):
                now = Outcome(state="granted" if granted else "refused", at=recorded.at, by_rule=by_rule)
            case se.RequestReturned():
                now = Outcome(state="returned", at=recorded.at)
            case ev.TransitionDropped() if now.state in ("open", "returned"):
                now = Outcome(state="ended", at=recorded.at)
            case _:
                pass
    return now
