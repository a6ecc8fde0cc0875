"""Beside the answers of a running approval: nudging, asking for material, telling others, comments."""

from datetime import timedelta
from typing import Final

from engine.case import deadlines, moves, work
from engine.case import signer_commands as cmd
from engine.case import signer_events as ev
from engine.case.approvals import own_ask
from engine.case.awaiting import waited_for
from engine.case.draft import Draft, Refused
from engine.case.gate import Gate, allowed, gate, known, still_open
from engine.case.refusal import Blocker, Why
from engine.case.state import DeadlineKind, Question
from engine.case.wall_clock import local_time
from engine.definition.approval_model import Act
from engine.ids import ApprovalId, PersonId

NUDGE_EVERY: Final = timedelta(minutes=30)


def nudge(draft: Draft, command: cmd.NudgeApproval) -> None:
    """Reminds whoever is awaited; not more often than `NUDGE_EVERY` on one approval, whoever sends it."""
    at, told = may_nudge(draft, command.approval)
    draft.add(ev.ApprovalNudged(approval=at.approval.id, notify=told))


def may_nudge(draft: Draft, name: ApprovalId) -> tuple[Gate, tuple[PersonId, ...]]:
    """And who would be reminded."""
    at = gate(draft, name)
    still_open(at)
    last = at.approval.nudged_at
    if last is not None and draft.facts.now < last + NUDGE_EVERY:
        again = local_time(draft.facts.calendar.zone, last + NUDGE_EVERY)
        detail = {"again": f"{again:%H:%M}"}
        raise Refused(Why.CONFLICT, Blocker(code="nudged_lately", subject=at.approval.id, detail=detail))
    told = waited_for(at.spec.mode, at.approval)
    if not told:
        raise Refused(Why.BLOCKED, Blocker(code="nobody_to_nudge", subject=at.approval.id, title=at.title))
    return at, told


def ask_for_material(draft: Draft, command: cmd.AskForMaterial) -> None:
    """The approval stays open; its clock stands still until the answer."""
    at = may_ask(draft, command.approval)
    text = work.readable(command.text, "question", work.LONGEST_TEXT)
    told = moves.told(at.request.by) or moves.told(draft.case.opened_by)
    draft.add(ev.MaterialAsked(approval=at.approval.id, text=text, notify=told))
    deadlines.stop(draft, f"{DeadlineKind.APPROVAL}:{at.approval.id}")


def may_ask(draft: Draft, name: ApprovalId) -> Gate:
    at = gate(draft, name)
    allowed(at, Act.MATERIAL)
    own_ask(at.spec, at.approval, draft.facts.actor.person)
    if at.approval.material is not None:
        waits = moves.told(at.request.by)
        raise Refused(Why.CONFLICT, Blocker(code="material_asked", subject=at.approval.id, waits_for=waits))
    return at


def give_material(draft: Draft, command: cmd.GiveMaterial) -> None:
    """The clock runs on with what was left of it; who asked is told."""
    at, question = may_give(draft, command.approval)
    text = work.words(command.text, "answer")
    draft.add(ev.MaterialGiven(approval=at.approval.id, text=text, notify=(question.by,)))
    deadlines.start(draft, f"{DeadlineKind.APPROVAL}:{at.approval.id}")


def may_give(draft: Draft, name: ApprovalId) -> tuple[Gate, Question]:
    """And what was asked."""
    at = gate(draft, name)
    question = at.approval.material
    if question is None:
        raise Refused(Why.CONFLICT, Blocker(code="no_material_asked", subject=at.approval.id))
    return at, question


def copy(draft: Draft, command: cmd.CopyApproval) -> None:
    at = gate(draft, command.approval)
    for person in command.persons:
        known(draft, person)
    new = tuple(p for p in dict.fromkeys(command.persons) if p not in at.approval.copies)
    if new:
        draft.add(ev.ApprovalCopied(approval=at.approval.id, persons=new))


def comment(draft: Draft, command: cmd.CommentApproval) -> None:
    at = may_comment(draft, command.approval)
    text = work.readable(command.text, "comment", work.LONGEST_TEXT)
    draft.add(ev.ApprovalCommented(approval=at.approval.id, text=text))


def may_comment(draft: Draft, name: ApprovalId) -> Gate:
    at = gate(draft, name)
    person = draft.facts.actor.person
    if person in draft.facts.external and person not in {ask.person for ask in at.approval.asks}:
        raise Refused(Why.FORBIDDEN, Blocker(code="not_asked", subject=at.approval.id))
    return at
