"""The case's clocks: hold and resume, milestones' dates, and the sweep that does everything due, once."""

from dataclasses import replace
from typing import assert_never

from engine.case import commands as cmd
from engine.case import deadlines, milestones, moves, signing, waiting, work
from engine.case import events as ev
from engine.case.approvals import may_sign, signed_elsewhere
from engine.case.awaiting import parts, said, waited_for
from engine.case.climbing import climb, climb_before_it_stops, found_late, owners
from engine.case.draft import Draft, Refused
from engine.case.filling import fill_roles
from engine.case.listed import Milestone, spec_of
from engine.case.reckoning import beginning_of
from engine.case.refusal import Blocker, Why, unknown
from engine.case.state import Approval, CaseStatus, Deadline, DeadlineKind, TaskState, Visit
from engine.case.waking import HOLD, ended_at
from engine.definition.approval_model import ApprovalSpec, Mode, OnTimeout
from engine.definition.model import Ladder, MilestoneSpec, TaskSpec


def hold(draft: Draft, command: cmd.HoldCase) -> None:
    """Stops the case and its clocks until somebody, or the written date, resumes it."""
    reason = work.readable(command.reason, "reason", work.LONGEST_TEXT)
    allowed = draft.definition.sop.hold.stages
    if allowed is not None and not any(v.stage in allowed for v in draft.case.positions.values()):
        raise Refused(Why.BLOCKED, Blocker(code="no_hold_here", subject=draft.case.id))
    if command.resume_on is not None and command.resume_on <= draft.today:
        raise Refused(Why.BAD_INPUT, Blocker(code="resume_in_past", subject=str(command.resume_on)))
    climb_before_it_stops(draft, draft.case.deadlines)
    draft.add(ev.CaseHeld(reason=reason, resume_on=command.resume_on, notify=owners(draft)))
    if command.resume_on is not None:
        anchor = deadlines.Anchor(kind=DeadlineKind.RESUME, subject="hold")
        wakes = beginning_of(draft.facts.calendar, command.resume_on)
        draft.add(ev.DeadlineSet(deadline=deadlines.deadline(draft, anchor, wakes, ladder=Ladder())))
    _keep_exits_open(draft)


def _keep_exits_open(draft: Draft) -> None:
    """Nothing is ready while the case is held, but giving up that everybody agreed to before."""
    for request in tuple(draft.case.requests.values()):
        if draft.definition.transitions[request.transition].exit is not None:
            moves.ready_if_granted(draft, request.id)


def resume(draft: Draft, _: cmd.ResumeCase | cmd.Sweep) -> None:
    """Goes on where it stopped: what was left of each deadline is left again."""
    held = draft.case.hold
    if held is None:
        raise Refused(Why.CONFLICT, Blocker(code="not_held", subject=draft.case.id))
    moved = tuple(deadlines.moved_by_pause(draft, held.since, ended_at(draft.case, HOLD, draft.facts.now)))
    draft.add(ev.CaseResumed(notify=owners(draft)))
    deadlines.close(draft, HOLD)
    for one in moved:
        draft.add(ev.DeadlineSet(deadline=one))
    for request in tuple(draft.case.requests.values()):
        moves.ready_if_granted(draft, request.id)


def plan_milestone(draft: Draft, command: cmd.PlanMilestone) -> None:
    """A forecast of any milestone; the planned date of one that has no field and no record for it."""
    spec = draft.definition.milestones.get(spec_of(command.milestone))
    plans = command.planned is not None or "planned" in command.clears
    if spec is not None and plans and (spec.each or spec.planned):
        raise Refused(Why.BAD_INPUT, _by_field(draft, spec, command.milestone))
    known = {m.id: Milestone(id=m.id) for m in draft.definition.sop.milestones if m.each is None}
    known |= draft.case.milestones
    if spec is None or command.milestone not in known:
        raise Refused(Why.NOT_FOUND, unknown(command.milestone, known, code="no_such_milestone"))
    old = known[command.milestone]
    planned = None if "planned" in command.clears else old.planned
    forecast = None if "forecast" in command.clears else old.forecast
    wanted = replace(old, planned=command.planned or planned, forecast=command.forecast or forecast)
    milestones.plan(draft, spec, wanted)


def _by_field(draft: Draft, spec: MilestoneSpec, milestone: str) -> Blocker:
    name = spec.each.field if spec.each else spec.planned
    code = "milestone_by_record" if spec.each else "milestone_by_field"
    return Blocker(code=code, subject=milestone, title=draft.definition.title_of(name or ""))


def sweep(draft: Draft, command: cmd.Sweep) -> None:
    """Everything due at `facts.now`, oldest first; doing it again does nothing."""
    now = draft.facts.now
    if draft.case.status is CaseStatus.OPEN:
        fill_roles(draft)
    due = [d for d in draft.case.deadlines.values() if d.next_at is not None and d.next_at <= now]
    for old in sorted(due, key=lambda d: d.next_at or now):
        current = draft.case.deadlines.get(old.id)
        if current is not None:
            _due(draft, command, current)


def _due(draft: Draft, command: cmd.Sweep, due: Deadline) -> None:
    match due.kind:
        case DeadlineKind.RESUME if due.subject == "hold":
            resume(draft, command)
        case DeadlineKind.RESUME:
            waiting.cap_reached(draft, due)
        case DeadlineKind.WAKE:
            deadlines.close(draft, due.id)
        case DeadlineKind.TASK:
            _task_due(draft, due)
        case DeadlineKind.CYCLE if moves.goes_round(draft, due.subject):
            return
        case DeadlineKind.STAGE | DeadlineKind.MILESTONE | DeadlineKind.CYCLE:
            climb(draft, due)
        case DeadlineKind.APPROVAL:
            climb(draft, due)
            if due.missed_at is None and due.due_at <= draft.facts.now:
                _time_out(draft, due)
        case _:
            assert_never(due.kind)


def _task_due(draft: Draft, due: Deadline) -> None:
    task = draft.case.tasks[due.subject]
    visit = next(v for v in draft.case.positions.values() if v.number == task.visit)
    stage = draft.definition.stages[visit.stage]
    spec = next(t for t in stage.tasks if t.id == task.id)
    if spec.every is None:
        climb(draft, due)
    else:
        _recur(draft, due, visit, spec)


def _recur(draft: Draft, due: Deadline, visit: Visit, spec: TaskSpec) -> None:
    """The next occurrence begins; after downtime only one, with the cadence counted from now on."""
    task, stage = draft.case.tasks[spec.id], draft.definition.stages[visit.stage]
    recurred = ev.TaskRecurred(
        task=task.id,
        visit=task.visit,
        occurrence=task.occurrence + 1,
        missed=task.state is TaskState.OPEN,
        notify=draft.holders(spec.role or stage.owner) or moves.told(draft.case.opened_by),
        catch_up=found_late(draft, due),
    )
    draft.add(recurred)
    deadlines.put(draft, deadlines.of_task(draft, visit, spec), due.id)


def _time_out(draft: Draft, due: Deadline) -> None:
    """What the SOP wrote for an approval nobody decided in time; recorded as the rule's act, never a
    person's.
    """
    approval = draft.case.approvals[due.subject]
    request = draft.case.requests[approval.request]
    spec = draft.definition.approval(request.transition, approval.spec)
    then = spec.on_timeout
    if then is None or then.remind:
        told = waited_for(spec.mode, approval)
        late = found_late(draft, due)
        draft.add_by_rule(
            ev.ApprovalTimedOut(approval=approval.id, action="remind", notify=told, catch_up=late)
        )
    elif then.approve or then.reject:
        action = "approve" if then.approve else "reject"
        draft.add_by_rule(
            ev.ApprovalTimedOut(approval=approval.id, action=action, catch_up=found_late(draft, due))
        )
        signing.conclude(draft, approval.id, by_rule=bool(then.approve))
    else:
        handed_on = _handed_on(draft, spec, approval, then)
        draft.add_by_rule(replace(handed_on, catch_up=found_late(draft, due)))


def _handed_on(draft: Draft, spec: ApprovalSpec, approval: Approval, then: OnTimeout) -> ev.ApprovalTimedOut:
    """Transferred: the role answers for the silent. Escalated: it is told, and under `any` may answer too."""
    role = then.escalate or then.transfer
    requester = draft.case.requests[approval.request].by
    barred = (
        *signed_elsewhere(draft.definition, draft.case, spec),
        *(() if spec.own_request else (requester,)),
    )
    persons = tuple(p for p in draft.holders(role) if may_sign(barred, draft.facts, p))
    if then.escalate is None:
        answered = {a.person for part in parts(approval) if said(part) is not None for a in part}
        to = tuple(p for p in persons if p not in answered)
        return ev.ApprovalTimedOut(approval=approval.id, action="transfer", role=role, to=to, notify=to)
    already = {ask.person for ask in approval.asks}
    to = tuple(p for p in persons if p not in already) if spec.mode is Mode.ANY else ()
    return ev.ApprovalTimedOut(approval=approval.id, action="escalate", role=role, to=to, notify=persons)
