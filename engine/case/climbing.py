"""What is told around a due instant: reminders before it, overdue once, then rung after rung."""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from engine.case import events as ev
from engine.case import moves
from engine.case.draft import Draft
from engine.case.in_their_time import after_telling, awaited
from engine.case.ladders import ladder_of
from engine.case.overdue import answers_for
from engine.case.state import Deadline, DeadlineKind
from engine.case.waking import visit_of
from engine.ids import PersonId

CATCH_UP_AFTER: Final = timedelta(minutes=5)  # of sweeps that come every minute


def climb(draft: Draft, due: Deadline) -> None:
    """Reminders before, overdue once, then rung after rung. What a later one overtook is recorded and not
    sent: whoever slept through it gets one message, and that of the highest rung.
    """
    now, late = draft.facts.now, found_late(draft, due)
    urgent = ladder_of(draft.definition, draft.case, due).urgent
    if not urgent:
        due = _put(draft, due, awaited(draft.facts, due, draft.holders))
    missing = due.missed_at is None and due.due_at <= now
    reminders = sum(1 for at in due.reminders if at <= now)
    if reminders > due.reminded:
        told = () if missing or due.missed_at else concerned(draft, due)
        draft.add_by_rule(ev.DeadlineReminded(deadline=due.id, count=reminders, notify=told, catch_up=late))
    rungs = tuple(_rungs(draft, due, late=late))
    if missing:
        already = {person for rung in rungs for person in rung.notify}
        told = () if late and _reminds(draft, due) else concerned(draft, due)
        told = tuple(person for person in told if person not in already)
        draft.add_by_rule(ev.DeadlineMissed(deadline=due.id, due_at=due.due_at, notify=told, catch_up=late))
    for rung in rungs:
        draft.add_by_rule(rung)
    if (missing or rungs) and not urgent:
        level, people = (rungs[-1].level, rungs[-1].notify) if rungs else (0, concerned(draft, due))
        current = draft.case.deadlines[due.id]
        _put(draft, current, after_telling(draft.facts, current, level, people))


def _put(draft: Draft, old: Deadline, new: Deadline) -> Deadline:
    if new != old:
        draft.add_by_rule(ev.DeadlineSet(deadline=new))
    return new


def climb_before_it_stops(draft: Draft, ids: Iterable[str]) -> None:
    """What has come of these clocks is told before they stand still: no sweep would find it meanwhile. What
    time runs out of into an act of its own is left to the sweep.
    """
    for found in [draft.case.deadlines.get(one) for one in ids]:
        if found is not None and _has_come(draft, found) and _only_climbs(draft, found):
            climb(draft, found)


def _has_come(draft: Draft, due: Deadline) -> bool:
    return due.next_at is not None and due.next_at <= draft.facts.now


def _only_climbs(draft: Draft, due: Deadline) -> bool:
    tasks = (task for stage in draft.definition.sop.stages for task in stage.tasks if task.deadline)
    is_task = due.kind is DeadlineKind.TASK and any(task.id == due.subject for task in tasks)
    return is_task or due.kind in {DeadlineKind.STAGE, DeadlineKind.MILESTONE}


def _rungs(draft: Draft, due: Deadline, *, late: bool) -> Iterator[ev.DeadlineEscalated]:
    """Those whose instant has come since; only the last of them to come tells anybody."""
    come = [r for r in enumerate(due.rungs, 1) if r[0] > due.escalated and r[1].at <= draft.facts.now]
    for level, rung in come:
        passed = rung.at < come[-1][1].at
        told = () if passed else draft.holders(rung.role)
        yield ev.DeadlineEscalated(
            deadline=due.id, level=level, role=rung.role, notify=told, catch_up=late, passed=passed
        )


def found_late(draft: Draft, due: Deadline) -> bool:
    """Whether the sweep found it long after its instant: it stood still, or the instant lay in the past."""
    return due.next_at is not None and draft.facts.now - due.next_at > CATCH_UP_AFTER


def _reminds(draft: Draft, due: Deadline) -> bool:
    """Whether running out makes a reminder, with its link, for the same people."""
    if due.kind is not DeadlineKind.APPROVAL:
        return False
    approval = draft.case.approvals[due.subject]
    then = draft.definition.approval(
        draft.case.requests[approval.request].transition, approval.spec
    ).on_timeout
    return then is None or bool(then.remind)


def concerned(draft: Draft, due: Deadline) -> tuple[PersonId, ...]:
    """Whose deadline it is: the asked of an approval; the owners of a stage that waits, or of all where the
    case is on hold; else the owner role's holders, or who opened the case.
    """
    if due.kind is DeadlineKind.RESUME:
        return owners(draft, visit_of(due.subject)) or moves.told(draft.case.opened_by)
    found = answers_for(draft.definition, draft.case, draft.facts, due)
    return found if due.kind is DeadlineKind.APPROVAL else found or moves.told(draft.case.opened_by)


def owners(draft: Draft, number: str = "") -> tuple[PersonId, ...]:
    """Of the stages the case stands in, or of the visit of this number alone."""
    found: list[PersonId] = []
    for visit in (v for v in draft.case.positions.values() if number in {"", str(v.number)}):
        found += draft.holders(draft.definition.stages[visit.stage].owner)
    return tuple(p for p in dict.fromkeys(found) if p != draft.facts.actor.person)
