"""Moving a case: entering and leaving stages, requesting, firing and dropping transitions."""

from dataclasses import replace

from engine.case import back, deadlines, extension, milestones
from engine.case import events as ev
from engine.case.approvals import needed, open_approval
from engine.case.blockers import Judged, held_tracks, judged, leaving
from engine.case.draft import Draft, Refused
from engine.case.passing import open_case, passed
from engine.case.refusal import Blocker, Why, unknown
from engine.case.state import (
    RULE,
    RULE_PERSON,
    Actor,
    ApprovalState,
    Case,
    CaseStatus,
    DeadlineKind,
    Request,
    RequestState,
    Task,
    TaskState,
    Visit,
)
from engine.case.waking import wake_of
from engine.definition.compiled import CYCLE_SUFFIX
from engine.definition.model import Successor, TransitionSpec
from engine.ids import CaseId, PersonId, RequestId


def transition_of(draft: Draft, name: str) -> TransitionSpec:
    found = draft.definition.transitions.get(name)
    if found is None:
        raise Refused(Why.NOT_FOUND, unknown(name, draft.definition.transitions, code="no_such_transition"))
    return found


def request(draft: Draft, name: str, reason: str, *, actor: Actor | None = None) -> Request:
    """Records the request and asks its approvals; ready at once when there is nothing to ask. Refused when
    blocked.
    """
    transition = transition_of(draft, name)
    stops = _stops(draft, transition, reason=reason)
    if stops:
        raise Refused(Why.BLOCKED, *stops)
    return _record(draft, transition, reason, actor or draft.facts.actor)


def _stops(
    draft: Draft, transition: TransitionSpec, *, reason: str | None = None, firing: Request | None = None
) -> tuple[Blocker, ...]:
    """What holds the transition back now, asked for with `reason` or about to be fired."""
    subject = Judged(
        definition=draft.definition,
        case=draft.case,
        transition=transition,
        facts=draft.facts,
        reason=reason,
        firing=firing,
    )
    return judged(subject)


def _record(draft: Draft, transition: TransitionSpec, reason: str, actor: Actor) -> Request:
    tracks = held_tracks(draft.definition, draft.case, transition)
    asks = [s for s in transition.approvals if needed(draft.definition, draft.case, s, draft.facts)]
    straight = draft.case.straight.get(transition.id)
    made = ev.TransitionRequested(
        request=RequestId(f"r{draft.sequence}"),
        transition=transition.id,
        tracks=tracks,
        reason=reason,
        skipped=tuple(s.id for s in transition.approvals if s not in asks),
        back_to=straight.back_to if straight else None,
    )
    draft.add(made, actor=actor)
    if straight is None:
        for spec in asks:
            open_approval(draft, draft.case.requests[made.request], spec)
    else:
        back.ask_straight(draft, made.request, asks, straight)
    ready_if_granted(draft, made.request)
    return draft.case.requests[made.request]


def ready_if_granted(draft: Draft, request_id: RequestId) -> None:
    """All gates open: the runner may carry it."""
    if draft.case.requests[request_id].state is RequestState.READY:
        return
    if all(a.state is ApprovalState.GRANTED for a in draft.case.approvals_of(request_id)):
        draft.add(ev.TransitionReady(request=request_id))


def told(person: PersonId) -> tuple[PersonId, ...]:
    """The requester, where a person asked and not the SOP."""
    return () if person == RULE_PERSON else (person,)


def drop(draft: Draft, open_request: Request, event: ev.TransitionDropped) -> None:
    for approval in draft.case.approvals_of(open_request.id):
        deadlines.close(draft, f"{DeadlineKind.APPROVAL}:{approval.id}")
    draft.add(event)


def fire(draft: Draft, request_id: RequestId, flow_run: str | None) -> None:
    """Takes a ready request's transition, judged again; drops it with the reasons when it no longer holds."""
    open_request = draft.case.requests.get(request_id)
    if open_request is None or open_request.state is not RequestState.READY:
        raise Refused(Why.CONFLICT, Blocker(code="request_not_ready", subject=request_id))
    transition = draft.definition.transitions[open_request.transition]
    stops = _stops(draft, transition, firing=open_request)
    if stops:
        dropped = ev.TransitionDropped(
            request=request_id,
            transition=transition.id,
            why="blocked",
            reasons=stops,
            notify=told(open_request.by),
        )
        drop(draft, open_request, dropped)
        return
    _move(draft, open_request, transition, flow_run)


def _move(draft: Draft, open_request: Request, transition: TransitionSpec, flow_run: str | None) -> None:
    visits = leaving(draft.definition, draft.case, transition)
    asked = bool(draft.case.approvals_of(open_request.id))
    for approval in draft.case.approvals_of(open_request.id):
        deadlines.close(draft, f"{DeadlineKind.APPROVAL}:{approval.id}")
    fired = ev.TransitionFired(
        request=open_request.id,
        transition=transition.id,
        flow_run=flow_run,
        notify=told(open_request.by) if asked else (),
    )
    draft.add(fired)
    extension.carry(draft, transition, open_request)
    if transition.bump is not None:
        value = draft.case.counters.get(transition.bump, 0) + 1
        draft.add(ev.CounterBumped(counter=transition.bump, value=value))
    stale = [name for name in transition.clears if name in draft.case.values]
    if stale:
        draft.add_by_rule(ev.FieldsSet(values=dict.fromkeys(stale)))
    if transition.locks:
        until = tuple(s for stages in draft.definition.sources(transition).values() for s in stages)
        draft.add_by_rule(ev.FieldsLocked(fields=transition.locks, until=until))
    _leave_and_enter(draft, transition, visits, open_request.by)
    _end_rounds(draft)


def go_back(draft: Draft, visit: Visit, stage: str) -> None:
    """By rule, without a transition: the visit ends unfinished, and the stage is entered again."""
    leave(draft, visit, given_up=True)
    enter(draft, stage)
    _end_rounds(draft)


def _end_rounds(draft: Draft) -> None:
    """A repeating track that no longer goes round has no next round to be late for."""
    for name, track in draft.definition.tracks.items():
        visit = draft.case.positions.get(name)
        if track.cycle is not None and (visit is None or visit.stage not in track.cycle.stages):
            deadlines.close(draft, f"{DeadlineKind.CYCLE}:{name}")


def _leave_and_enter(
    draft: Draft, transition: TransitionSpec, visits: tuple[Visit, ...], by: PersonId
) -> None:
    if transition.opens is not None:
        _open_successor(draft, transition.opens)
    if transition.exit is not None:
        close_case(draft, transition.exit, by=by)
        return
    if transition.to is not None:
        for visit in visits:
            leave(draft, visit)
        enter(draft, transition.to)
    for track, stage in transition.moves.items():
        current = draft.case.positions.get(track)
        if current is not None:
            leave(draft, current)
        enter(draft, stage)
    for name, track in draft.definition.tracks.items():
        if track.opened_by == transition.id and name not in draft.case.positions:
            enter(draft, track.start)


def _open_successor(draft: Draft, opens: Successor) -> None:
    values = passed(draft, opens.values)
    open_case(draft, spec="", sop=opens.sop, title=draft.case.title, values=values)


def enter(draft: Draft, stage_id: str) -> None:
    """A new visit: fresh checklist (but for kept tasks), deadlines, milestones."""
    stage = draft.definition.stages[stage_id]
    visit = Visit(number=draft.case.visits + 1, track=stage.track, stage=stage_id, entered_at=draft.facts.now)
    tasks = tuple(_fresh(draft.case, visit, task.id, keep=task.keep) for task in stage.tasks)
    draft.add(ev.StageEntered(visit=visit, tasks=tasks, notify=draft.holders(stage.owner)))
    freed = tuple(name for name, stages in draft.case.locked.items() if stage_id in stages)
    if freed:
        draft.add_by_rule(ev.FieldsLocked(fields=freed))
    deadlines.put(draft, deadlines.of_stage(draft, visit), "")
    for task in stage.tasks:
        if task.every is not None or draft.case.tasks[task.id].state is TaskState.OPEN:
            deadlines.put(draft, deadlines.of_task(draft, visit, task), "")
    deadlines.put(draft, deadlines.of_cycle(draft, visit), "")
    milestones.reached(draft, entered=stage_id)


def _fresh(case: Case, visit: Visit, task: str, *, keep: bool) -> Task:
    before = case.kept.get(task)
    if keep and before is not None and before.state is not TaskState.OPEN:
        return replace(before, visit=visit.number)
    return Task(id=task, visit=visit.number)


def leave(draft: Draft, visit: Visit, *, given_up: bool = False) -> None:
    """Ends a visit with everything that belongs to it; a request still open on its track falls.

    Leaving because the case is given up reaches no milestone.
    """
    for open_request in tuple(draft.case.requests.values()):
        if visit.track in open_request.tracks:
            _fall(draft, open_request)
    stage = draft.definition.stages[visit.stage]
    wait = wake_of(visit.number)
    deadlines.close(draft, f"{DeadlineKind.STAGE}:{visit.number}", wait)
    deadlines.close(draft, *(f"{DeadlineKind.TASK}:{task.id}" for task in stage.tasks))
    draft.add(ev.StageLeft(track=visit.track, stage=visit.stage, visit=visit.number))
    if not given_up:
        milestones.reached(draft, left=visit.stage)


def _fall(draft: Draft, open_request: Request) -> None:
    dropped = ev.TransitionDropped(
        request=open_request.id,
        transition=open_request.transition,
        why="closed",
        notify=told(open_request.by),
    )
    drop(draft, open_request, dropped)


def close_case(draft: Draft, outcome: str, *, by: PersonId = RULE_PERSON) -> None:
    """Ends the case: tracks, requests, approvals and deadlines go; children that may not outlive it are
    told.
    """
    exits = draft.definition.sop.exits
    given_up = outcome not in exits or not exits[outcome].success
    for visit in tuple(draft.case.positions.values()):
        leave(draft, visit, given_up=given_up)
    for left_over in tuple(draft.case.requests.values()):
        _fall(draft, left_over)
    children = draft.definition.sop.children
    cancels = [
        CaseId(child.id)
        for child in draft.case.children.values()
        if child.outcome is None and child.spec in children and children[child.spec].on_parent_end == "cancel"
    ]
    parent = draft.case.parent
    draft.add(
        ev.CaseClosed(
            outcome=outcome,
            values=dict(draft.case.values) if parent else {},
            parent=parent.id if parent and parent.spec else None,
            cancels=tuple(cancels),
            notify=tuple(p for p in told(draft.case.opened_by) if p != by),
        )
    )


def settle(draft: Draft) -> None:
    """What follows by itself: transitions that fire when a date or guard comes true, and the wake for the
    next date.
    """
    if draft.case.status is not CaseStatus.OPEN:
        return
    for transition in draft.definition.transitions.values():
        if _fires_itself(draft, transition):
            _record(draft, transition, "", RULE)
    deadlines.put_wake(draft)


def _fires_itself(draft: Draft, transition: TransitionSpec) -> bool:
    case = draft.case
    visits = leaving(draft.definition, case, transition)
    if not visits or max(v.number for v in visits) <= case.dropped.get(transition.id, 0):
        return False
    if not (transition.auto or _round_is_due(draft, transition, visits[0])):
        return False
    subject = Judged(
        definition=draft.definition,
        case=case,
        transition=transition,
        facts=replace(draft.facts, actor=RULE),
        reason="by rule",
    )
    return not judged(subject)


def goes_round(draft: Draft, track: str) -> bool:
    """Its round is finished: the next one begins by itself, now or once the request for it is carried."""
    following = draft.definition.transitions[f"{track}{CYCLE_SUFFIX}"]
    asked = any(request.transition == following.id for request in draft.case.requests.values())
    return asked or _fires_itself(draft, following)


def _round_is_due(draft: Draft, transition: TransitionSpec, visit: Visit) -> bool:
    track = draft.definition.tracks.get(visit.track)
    if track is None or track.cycle is None or transition.id != f"{visit.track}{CYCLE_SUFFIX}":
        return False
    round_end = draft.case.deadlines.get(f"{DeadlineKind.CYCLE}:{visit.track}")
    return round_end is not None and draft.facts.now >= round_end.due_at
