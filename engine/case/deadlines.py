"""Due instants: of stages, approvals, milestones, recurring tasks and rounds; pausing and going on.

An unset duration means no deadline; faces show it as "not set".
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from engine.case import events as ev
from engine.case.anchors import standing
from engine.case.calendar import Due, resume
from engine.case.draft import Draft
from engine.case.facts import Facts
from engine.case.ladders import ladder_of, length, reminders, rungs
from engine.case.reckoning import (
    Counted,
    closing_of,
    counted_back,
    counted_from,
    dated,
    given,
    ladder_moved,
    paused,
    rungs_stood_still,
)
from engine.case.state import Approval, Deadline, DeadlineKind, Visit
from engine.case.view import CaseView
from engine.case.workdays import WorkCalendar, start_of_day
from engine.definition.approval_model import ApprovalSpec
from engine.definition.durations import Unit
from engine.definition.guards import moments
from engine.definition.model import DeadlineSpec, Ladder, MilestoneSpec, TaskSpec
from engine.ids import RequestId


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What a deadline hangs on."""

    kind: DeadlineKind
    subject: str
    owner: str | None = None
    track: str | None = None

    @property
    def id(self) -> str:
        return f"{self.kind}:{self.subject}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Since:
    """What a deadline without an origin of its own is counted from, and the calendar that counts there."""

    at: date | datetime | None
    calendar: WorkCalendar


def deadline(draft: Draft, anchor: Anchor, counted: Counted, *, ladder: Ladder) -> Deadline:
    """A due instant with its ladder."""
    calendar, due = counted.calendar, counted.due
    ahead = reminders(draft.facts, calendar, due.at, ladder)
    return Deadline(
        id=anchor.id,
        kind=anchor.kind,
        subject=anchor.subject,
        due_at=due.at,
        unit=counted.unit,
        provisional=due.provisional,
        calendar=due.version,
        owner=anchor.owner,
        track=anchor.track,
        reminders=tuple(at for at, _ in ahead),
        remind=tuple(span for _, span in ahead),
        rungs=rungs(draft.facts, calendar, due.at, ladder),
        reckoned=counted.how,
    )


def of_stage(draft: Draft, visit: Visit) -> Deadline | None:
    """The deadline of a visit, or None where the SOP declares none, its setting is unset or its field not
    given.
    """
    stage = draft.definition.stages[visit.stage]
    anchor = Anchor(kind=DeadlineKind.STAGE, subject=str(visit.number), owner=stage.owner, track=visit.track)
    start = Since(at=visit.entered_at, calendar=draft.calendar_in(visit.stage))
    return _declared(draft, anchor, stage.deadline, start)


def of_milestone(draft: Draft, spec: MilestoneSpec) -> Deadline | None:
    """Where the SOP declares a deadline for it, beside or in place of its planned date."""
    anchor = Anchor(kind=DeadlineKind.MILESTONE, subject=spec.id, owner=spec.owner)
    start = Since(at=draft.case.opened_at, calendar=draft.facts.calendar)
    return _declared(draft, anchor, spec.deadline, start, ladder=spec.ladder)


def _declared(
    draft: Draft, anchor: Anchor, spec: DeadlineSpec | None, since: Since, *, ladder: Ladder | None = None
) -> Deadline | None:
    found = None if spec is None else _due(draft, spec, since)
    if spec is None or found is None:
        return None
    return deadline(draft, anchor, found, ladder=ladder or spec)


def _due(draft: Draft, spec: DeadlineSpec, since: Since) -> Counted | None:
    """When it is due; None while its setting is unset or what it is counted from has no date."""
    calendar, start = since.calendar, since.at
    if spec.origin is not None:
        start = standing(draft.definition, draft.case, spec.origin)
    if start is None:
        return None
    if spec.on is not None:
        return due_on(calendar, start)
    span = length(draft.facts, spec.within or spec.ahead or "")
    if span is None:
        return None
    at = start if isinstance(start, datetime) else start_of_day(calendar, start)
    return (counted_from if spec.ahead is None else counted_back)(calendar, at, span)


def due_on(calendar: WorkCalendar, value: date | datetime) -> Counted:
    """An instant is due at itself, a date when that day closes."""
    return given(calendar, value) if isinstance(value, datetime) else closing_of(calendar, value)


def of_task(draft: Draft, visit: Visit, task: TaskSpec) -> Deadline | None:
    """When it must be done or, of a recurring one, when its next occurrence begins."""
    owner = task.role or draft.definition.stages[visit.stage].owner
    calendar = draft.calendar_in(visit.stage)
    if task.every is None:
        anchor = Anchor(kind=DeadlineKind.TASK, subject=task.id, owner=owner, track=visit.track)
        return _declared(draft, anchor, task.deadline, Since(at=visit.entered_at, calendar=calendar))
    anchor = Anchor(kind=DeadlineKind.TASK, subject=task.id, owner=task.role, track=visit.track)
    return _recurring(draft, task.every, anchor, calendar)


def of_cycle(draft: Draft, visit: Visit) -> Deadline | None:
    """When a repeating track's next round is due, counted from entering its first stage."""
    cycle = draft.definition.tracks[visit.track].cycle
    if cycle is None or visit.stage != cycle.stages[0]:
        return None
    owner = draft.definition.stages[visit.stage].owner
    anchor = Anchor(kind=DeadlineKind.CYCLE, subject=visit.track, owner=owner, track=visit.track)
    return _recurring(draft, cycle.every, anchor, draft.calendar_in(visit.stage))


def _recurring(draft: Draft, every: str | None, anchor: Anchor, calendar: WorkCalendar) -> Deadline | None:
    span = None if every is None else length(draft.facts, every)
    if span is None or span.amount == 0:
        return None
    return deadline(draft, anchor, counted_from(calendar, draft.facts.now, span), ladder=Ladder())


def of_approval(draft: Draft, approval: Approval, spec: ApprovalSpec) -> Deadline | None:
    within = None if spec.within is None else length(draft.facts, spec.within)
    if within is None:
        return None
    anchor = Anchor(kind=DeadlineKind.APPROVAL, subject=approval.id)
    counted = counted_from(_of_request(draft, approval.request), draft.facts.now, within)
    return deadline(draft, anchor, counted, ladder=Ladder(remind=spec.remind))


def _of_request(draft: Draft, request: RequestId) -> WorkCalendar:
    """The calendar of the stage the request leaves; the SOP's where it leaves several with different ones."""
    places = (draft.case.positions.get(track) for track in draft.case.requests[request].tracks)
    calendars = {draft.calendar_in(visit.stage).id for visit in places if visit is not None}
    return draft.facts.calendar_named(calendars.pop()) if len(calendars) == 1 else draft.facts.calendar


def put(draft: Draft, new: Deadline | None, old_id: str) -> None:
    """Sets a deadline, or closes the one that is no longer wanted."""
    if new is not None:
        draft.add(ev.DeadlineSet(deadline=new))
    elif old_id in draft.case.deadlines:
        draft.add(ev.DeadlineClosed(deadline=old_id))


def close(draft: Draft, *ids: str) -> None:
    for one in ids:
        if one in draft.case.deadlines:
            draft.add(ev.DeadlineClosed(deadline=one))


def stop(draft: Draft, name: str) -> None:
    """This clock stands still from now on, whatever the case does."""
    found = draft.case.deadlines.get(name)
    if found is not None and found.stopped_at is None:
        draft.add(ev.DeadlineSet(deadline=replace(found, stopped_at=draft.facts.now)))


def start(draft: Draft, name: str, at: datetime | None = None) -> None:
    """It runs on, or did so `at` that instant: what was left when it was stopped is left again.

    Ended during a hold, the stop counts until the hold began; the rest is the hold's own pause.
    """
    found = draft.case.deadlines.get(name)
    if found is None or found.stopped_at is None:
        return
    held, until = draft.case.hold, at or draft.facts.now
    until = until if held is None else min(held.since, until)
    moved = _moved(draft, found, found.stopped_at, until) or found
    draft.add(ev.DeadlineSet(deadline=replace(moved, stopped_at=None)))


def _moved(draft: Draft, old: Deadline, paused_at: datetime, until: datetime) -> Deadline | None:
    """The deadline after it stood still between these instants; None when that moves nothing."""
    calendar = draft.facts.calendar_for(old)
    urgent = ladder_of(draft.definition, draft.case, old).urgent
    due = Due(at=old.due_at, provisional=old.provisional, calendar=calendar.id, version=old.calendar)
    new = due if dated(old) else resume(calendar, due, paused_at, until, unit=old.unit)
    if new.at == old.due_at:
        moved = rungs_stood_still(calendar, old, (paused_at, until), urgent=urgent)
        return None if moved == old else moved
    return replace(
        ladder_moved(calendar, old, new.at, until, urgent=urgent),
        provisional=new.provisional or old.provisional,
        reckoned=paused(calendar, old.reckoned, new.at, (paused_at, until)),
    )


def moved_by_pause(draft: Draft, paused_at: datetime, until: datetime) -> Iterator[Deadline]:
    """The deadlines a hold paused as they stand when it ends at `until`: what was left is left again.

    One that began during the hold never stood still, and stays where it is.
    """
    for old in (d for d in draft.case.deadlines.values() if d.paused):
        stopped = old.stopped_at
        if stopped is not None and stopped <= paused_at:
            continue  # it stood still all the while, and still does
        new = _moved(draft, old, paused_at, until)
        if new is not None:
            yield replace(new, paused=False, stopped_at=None if stopped is None else until)


def put_wake(draft: Draft) -> None:
    """Keeps the instant at which an automatic transition's date comes, so that the sweep judges the case
    then.
    """
    wanted = min(_coming_dates(draft), default=None)
    wake = f"{DeadlineKind.WAKE}:dates"
    known = draft.case.deadlines.get(wake)
    if wanted is None:
        close(draft, wake)
    elif known is None or known.due_at != wanted:
        anchor = Deadline(id=wake, kind=DeadlineKind.WAKE, subject="dates", due_at=wanted, unit=Unit.DAYS)
        draft.add_by_rule(ev.DeadlineSet(deadline=anchor))


def _coming_dates(draft: Draft) -> Iterator[datetime]:
    view = CaseView(draft.definition, draft.case, draft.facts)
    for transition in draft.definition.transitions.values():
        if not transition.auto or transition.guard is None:
            continue
        sources = {s for names in draft.definition.sources(transition).values() for s in names}
        if not any(visit.stage in sources for visit in draft.case.positions.values()):
            continue
        for moment in moments(draft.definition.guard(transition.guard), view):
            yield from (at for at in _instants(draft.facts, moment) if at > draft.facts.now)


def _instants(facts: Facts, moment: date | datetime) -> tuple[datetime, ...]:
    """When a comparison with `today` or `now` can change: at a day's beginning and its end, at an instant."""
    if isinstance(moment, datetime):
        return (moment,)
    return start_of_day(facts.calendar, moment), start_of_day(facts.calendar, moment + timedelta(days=1))
