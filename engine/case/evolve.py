"""evolve(case, recorded) -> case: what each event does to the snapshot. No rule lives here, only
consequence.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import reduce
from typing import Any, TypeVar

from engine.case import events as ev
from engine.case import evolve_approvals, evolve_time
from engine.case.listed import Milestone
from engine.case.standing_still import Hold, Wait
from engine.case.state import (
    Attachment,
    Case,
    CaseStatus,
    Child,
    Deadline,
    Request,
    RequestState,
    Task,
    TaskState,
)
from engine.case.waking import HOLD, ended_at, wake_of

V = TypeVar("V")


def evolve(case: Case | None, recorded: ev.Recorded) -> Case:
    """The case after the event. Only `case_started` makes a case out of none."""
    if isinstance(recorded.event, ev.CaseStarted):
        return replace(_started(recorded, recorded.event), version=recorded.sequence)
    if case is None:
        raise ValueError(f"{recorded.case_id}: the first event is {recorded.event.kind}, not case_started")
    change: Callable[[Case, ev.Recorded, Any], Case] = _CHANGES[type(recorded.event)]
    return replace(change(case, recorded, recorded.event), version=recorded.sequence)


def replay(events: Iterable[ev.Recorded], case: Case | None = None) -> Case | None:
    """The case the events make, from nothing or from a snapshot."""
    return reduce(evolve, events, case)


def _with(mapping: Mapping[str, V], key: str, value: V) -> dict[str, V]:
    return {**mapping, key: value}


def _without(mapping: Mapping[str, V], key: str) -> dict[str, V]:
    return {k: v for k, v in mapping.items() if k != key}


def _started(recorded: ev.Recorded, event: ev.CaseStarted) -> Case:
    return Case(
        id=recorded.case_id,
        sop=event.sop,
        definition=event.definition,
        title=event.title,
        opened_by=recorded.actor.person,
        opened_at=recorded.at,
        parent=event.parent,
        values={k: v for k, v in event.values.items() if v is not None},
        roles=dict(event.roles),
    )


def _stage_entered(case: Case, _: ev.Recorded, event: ev.StageEntered) -> Case:
    tasks = {**case.tasks, **{task.id: task for task in event.tasks}}
    positions = _with(case.positions, event.visit.track, event.visit)
    return replace(case, positions=positions, visits=event.visit.number, tasks=tasks)


def _stage_left(case: Case, _: ev.Recorded, event: ev.StageLeft) -> Case:
    gone = {k: t for k, t in case.tasks.items() if t.visit == event.visit}
    done = {k: t for k, t in gone.items() if t.state is not TaskState.OPEN}
    kept = {k: t for k, t in case.kept.items() if k not in gone}
    return replace(
        case,
        waits=_without(case.waits, str(event.visit)),
        positions=_without(case.positions, event.track),
        left=case.left if event.stage in case.left else (*case.left, event.stage),
        tasks={k: t for k, t in case.tasks.items() if k not in gone},
        kept={**kept, **done},
    )


def _fields_set(case: Case, _: ev.Recorded, event: ev.FieldsSet) -> Case:
    values = {**case.values, **event.values}
    return replace(case, values={k: v for k, v in values.items() if v is not None})


def _fields_locked(case: Case, _: ev.Recorded, event: ev.FieldsLocked) -> Case:
    locked = {name: stages for name, stages in case.locked.items() if name not in event.fields}
    return replace(case, locked=locked | (dict.fromkeys(event.fields, event.until) if event.until else {}))


def _task(case: Case, task: str, **changes: Any) -> Case:
    return replace(case, tasks=_with(case.tasks, task, replace(case.tasks[task], **changes)))


def _task_completed(case: Case, recorded: ev.Recorded, event: ev.TaskCompleted) -> Case:
    return _task(case, event.task, state=TaskState.DONE, by=recorded.actor.person, at=recorded.at)


def _task_reopened(case: Case, _: ev.Recorded, event: ev.TaskReopened) -> Case:
    return _task(case, event.task, state=TaskState.OPEN, by=None, at=None)


def _task_waived(case: Case, recorded: ev.Recorded, event: ev.TaskWaived) -> Case:
    return _task(case, event.task, state=TaskState.WAIVED, by=recorded.actor.person, at=recorded.at)


def _task_recurred(case: Case, _: ev.Recorded, event: ev.TaskRecurred) -> Case:
    fresh = Task(id=event.task, visit=event.visit, occurrence=event.occurrence)
    return replace(case, tasks=_with(case.tasks, event.task, fresh))


def _attached(case: Case, recorded: ev.Recorded, event: ev.DeliverableAttached) -> Case:
    attachment = Attachment(
        deliverable=event.deliverable,
        version=event.version,
        name=event.name,
        hash=event.hash,
        size=event.size,
        media_type=event.media_type,
        by=recorded.actor.person,
        at=recorded.at,
    )
    versions = (*case.attachments.get(event.deliverable, ()), attachment)
    return replace(case, attachments=_with(case.attachments, event.deliverable, versions))


def _requested(case: Case, recorded: ev.Recorded, event: ev.TransitionRequested) -> Case:
    request = Request(
        id=event.request,
        transition=event.transition,
        tracks=event.tracks,
        by=recorded.actor.person,
        at=recorded.at,
        reason=event.reason,
        skipped=event.skipped,
        back_to=event.back_to,
    )
    straight = _without(case.straight, event.transition)
    return replace(case, requests=_with(case.requests, event.request, request), straight=straight)


def _ready(case: Case, _: ev.Recorded, event: ev.TransitionReady) -> Case:
    return evolve_approvals.request_state(case, event.request, RequestState.READY)


def _request_ends(case: Case, request: str) -> Case:
    approvals = {k: a for k, a in case.approvals.items() if a.request != request}
    return replace(case, requests=_without(case.requests, request), approvals=approvals)


def _dropped(case: Case, _: ev.Recorded, event: ev.TransitionDropped) -> Case:
    case = evolve_approvals.kept_for_next(case, event)
    case = _request_ends(case, event.request)
    if event.why == "blocked":
        return case
    return replace(case, dropped=_with(case.dropped, event.transition, case.visits))


def _fired(case: Case, _: ev.Recorded, event: ev.TransitionFired) -> Case:
    signed = evolve_approvals.signers_of(case, event.request)
    case = replace(case, signed={**case.signed, **signed})
    return _request_ends(case, event.request)


def _bumped(case: Case, _: ev.Recorded, event: ev.CounterBumped) -> Case:
    return replace(case, counters=_with(case.counters, event.counter, event.value))


def _deadline_set(case: Case, _: ev.Recorded, event: ev.DeadlineSet) -> Case:
    return _with_deadlines(case, {event.deadline.id: event.deadline})


def _with_deadlines(case: Case, changed: Mapping[str, Deadline]) -> Case:
    """A wait says itself when it runs on."""
    waits = {
        number: replace(wait, until=changed[wake].due_at)
        for number, wait in case.waits.items()
        if (wake := wake_of(number)) in changed
    }
    return replace(case, deadlines={**case.deadlines, **changed}, waits={**case.waits, **waits})


def _deadline(case: Case, deadline: str, **changes: Any) -> Case:
    return replace(
        case, deadlines=_with(case.deadlines, deadline, replace(case.deadlines[deadline], **changes))
    )


def _reminded(case: Case, _: ev.Recorded, event: ev.DeadlineReminded) -> Case:
    return _deadline(case, event.deadline, reminded=event.count)


def _missed(case: Case, recorded: ev.Recorded, event: ev.DeadlineMissed) -> Case:
    return _deadline(case, event.deadline, missed_at=recorded.at)


def _escalated(case: Case, _: ev.Recorded, event: ev.DeadlineEscalated) -> Case:
    return _deadline(case, event.deadline, escalated=event.level)


def _recounted(case: Case, _: ev.Recorded, event: ev.DeadlinesRecounted) -> Case:
    return _with_deadlines(case, {change.deadline.id: change.deadline for change in event.changes})


def _deadline_closed(case: Case, _: ev.Recorded, event: ev.DeadlineClosed) -> Case:
    extended = _without(case.extended, event.deadline)
    return replace(case, deadlines=_without(case.deadlines, event.deadline), extended=extended)


def _planned(case: Case, _: ev.Recorded, event: ev.MilestonePlanned) -> Case:
    old = case.milestones.get(event.milestone, Milestone(id=event.milestone))
    new = replace(old, name=event.name, planned=event.planned, forecast=event.forecast)
    return _known(case, new)


def _known(case: Case, milestone: Milestone) -> Case:
    dropped = _without(case.dropped_milestones, milestone.id)
    return replace(
        case, milestones=_with(case.milestones, milestone.id, milestone), dropped_milestones=dropped
    )


def _reached(case: Case, _: ev.Recorded, event: ev.MilestoneReached) -> Case:
    old = case.milestones.get(event.milestone, Milestone(id=event.milestone))
    return _known(case, replace(old, reached_on=event.on))


def _not_reached(case: Case, _: ev.Recorded, event: ev.MilestoneNotReached) -> Case:
    return _known(case, replace(case.milestones[event.milestone], reached_on=None))


def _milestone_dropped(case: Case, _: ev.Recorded, event: ev.MilestoneDropped) -> Case:
    old = case.milestones[event.milestone]
    dropped = _with(case.dropped_milestones, old.id, old)
    return replace(case, milestones=_without(case.milestones, old.id), dropped_milestones=dropped)


def _child_opened(case: Case, recorded: ev.Recorded, event: ev.ChildOpened) -> Case:
    child = Child(id=event.child, spec=event.spec, sop=event.sop, opened_at=recorded.at)
    return replace(case, children=_with(case.children, event.child, child))


def _child_closed(case: Case, _: ev.Recorded, event: ev.ChildClosed) -> Case:
    child = replace(case.children[event.child], outcome=event.outcome)
    return replace(case, children=_with(case.children, event.child, child))


def _held(case: Case, recorded: ev.Recorded, event: ev.CaseHeld) -> Case:
    hold = Hold(since=recorded.at, by=recorded.actor.person, reason=event.reason, resume_on=event.resume_on)
    paused = {k: replace(d, paused=True) for k, d in case.deadlines.items()}
    waiting = {k: replace(r, state=RequestState.PENDING) for k, r in case.requests.items()}
    return replace(case, status=CaseStatus.HELD, hold=hold, deadlines=paused, requests=waiting)


def _resumed(case: Case, recorded: ev.Recorded, _: ev.CaseResumed) -> Case:
    running: dict[str, Deadline] = {k: replace(d, paused=False) for k, d in case.deadlines.items()}
    ended = ended_at(case, HOLD, recorded.at)
    waits = {k: _held_meanwhile(wait, case.hold, ended) for k, wait in case.waits.items()}
    return replace(case, status=CaseStatus.OPEN, hold=None, deadlines=running, waits=waits)


def _held_meanwhile(wait: Wait, hold: Hold | None, until: datetime) -> Wait:
    if hold is None or wait.since is None:
        return wait
    return replace(wait, held=(*wait.held, (max(wait.since, hold.since), until)))


def _closed(case: Case, recorded: ev.Recorded, event: ev.CaseClosed) -> Case:
    return replace(
        case,
        status=CaseStatus.CLOSED,
        outcome=event.outcome,
        closed_at=recorded.at,
        positions={},
        tasks={},
        requests={},
        approvals={},
        deadlines={},
        waits={},
        extended={},
        hold=None,
    )


def _commented(case: Case, _: ev.Recorded, _event: ev.Commented) -> Case:
    return case


def _assigned(case: Case, _: ev.Recorded, event: ev.RolesAssigned) -> Case:
    roles = {**case.roles, **event.roles}
    return replace(case, roles={role: persons for role, persons in roles.items() if persons})


_CHANGES: dict[type, Callable[..., Case]] = {
    ev.StageEntered: _stage_entered,
    ev.StageLeft: _stage_left,
    ev.FieldsSet: _fields_set,
    ev.FieldsLocked: _fields_locked,
    ev.TaskCompleted: _task_completed,
    ev.TaskReopened: _task_reopened,
    ev.TaskWaived: _task_waived,
    ev.TaskRecurred: _task_recurred,
    ev.DeliverableAttached: _attached,
    ev.TransitionRequested: _requested,
    ev.TransitionReady: _ready,
    ev.TransitionDropped: _dropped,
    ev.TransitionFired: _fired,
    ev.CounterBumped: _bumped,
    ev.DeadlineSet: _deadline_set,
    ev.DeadlineReminded: _reminded,
    ev.DeadlineMissed: _missed,
    ev.DeadlineEscalated: _escalated,
    ev.DeadlinesRecounted: _recounted,
    ev.DeadlineClosed: _deadline_closed,
    ev.MilestonePlanned: _planned,
    ev.MilestoneReached: _reached,
    ev.MilestoneNotReached: _not_reached,
    ev.MilestoneDropped: _milestone_dropped,
    ev.ChildOpened: _child_opened,
    ev.ChildClosed: _child_closed,
    ev.CaseHeld: _held,
    ev.CaseResumed: _resumed,
    ev.CaseClosed: _closed,
    ev.Commented: _commented,
    ev.RolesAssigned: _assigned,
    **evolve_approvals.CHANGES,
    **evolve_time.CHANGES,
}
