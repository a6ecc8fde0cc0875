"""Waiting for somebody outside: the clock of a stage stands still, for as long in all as the SOP allows."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from engine.case import deadlines, work
from engine.case import events as ev
from engine.case.calendar import working_day_length, working_time_between
from engine.case.climbing import climb_before_it_stops
from engine.case.draft import Draft, Refused
from engine.case.ladders import length
from engine.case.reckoning import Counted, elapsed_from, worked_from
from engine.case.refusal import Blocker, Why, unknown
from engine.case.standing_still import Wait
from engine.case.state import Deadline, DeadlineKind, Visit
from engine.case.time_commands import GoOn, WaitOutside
from engine.case.waking import ended_at, visit_of, wake_of
from engine.case.workdays import WorkCalendar
from engine.definition.durations import Duration, Unit
from engine.definition.model import Ladder

_OF_WORK = frozenset({Unit.WORKING_DAYS, Unit.WORKING_HOURS})


def wait(draft: Draft, command: WaitOutside) -> None:
    visit = may_wait(draft, command.stage)
    for_whom = work.readable(command.waits_for, "waits_for", work.LONGEST_TITLE)
    reason = work.readable(command.reason, "reason", work.LONGEST_TEXT)
    end = _end(draft, visit)
    until = None if end is None else end.due.at
    waits = ev.StageWaits(
        stage=visit.stage, visit=visit.number, waits_for=for_whom, reason=reason, until=until
    )
    climb_before_it_stops(draft, _clocks(draft, visit))
    draft.add(waits)
    for name in _clocks(draft, visit):
        deadlines.stop(draft, name)
    if end is not None:
        anchor = deadlines.Anchor(kind=DeadlineKind.RESUME, subject=f"wait/{visit.number}")
        draft.add(ev.DeadlineSet(deadline=deadlines.deadline(draft, anchor, end, ladder=Ladder())))


def may_wait(draft: Draft, stage: str) -> Visit:
    """The visit whose clock may be stopped now; or a refusal that says why not."""
    visit = _visit(draft, stage)
    title = draft.definition.title_of(stage)
    if draft.definition.stages[stage].pausable is None:
        raise Refused(Why.BLOCKED, Blocker(code="no_waiting_here", subject=stage, title=title))
    known = draft.case.waits.get(str(visit.number))
    if known is not None and known.since is not None:
        detail = {"whom": known.waits_for}
        raise Refused(Why.CONFLICT, Blocker(code="waits_already", subject=stage, title=title, detail=detail))
    end = _end(draft, visit)
    if end is not None and end.due.at <= draft.facts.now:
        most = _most(draft, stage)
        detail = {} if most is None else {"zh": most.title("zh"), "en": most.title("en")}
        raise Refused(Why.BLOCKED, Blocker(code="waited_enough", subject=stage, title=title, detail=detail))
    return visit


def go_on(draft: Draft, command: GoOn) -> None:
    visit = _visit(draft, command.stage)
    _go_on(draft, visit, _waiting(draft, visit), capped=False)


def cap_reached(draft: Draft, due: Deadline) -> None:
    """By rule: the SOP allows no longer wait."""
    visit = next(v for v in draft.case.positions.values() if str(v.number) == visit_of(due.subject))
    _go_on(draft, visit, _waiting(draft, visit), capped=True)


def _go_on(draft: Draft, visit: Visit, waits: Wait, *, capped: bool) -> None:
    until = ended_at(draft.case, wake_of(visit.number), draft.facts.now)
    told = draft.holders(draft.definition.stages[visit.stage].owner) if capped else ()
    used = waits.used + _seconds(draft, waits, until)
    goes_on = ev.StageGoesOn(stage=visit.stage, visit=visit.number, used=used, capped=capped, notify=told)
    draft.add(goes_on)
    for name in _clocks(draft, visit):
        deadlines.start(draft, name, until)
    deadlines.close(draft, wake_of(visit.number))


def _visit(draft: Draft, stage: str) -> Visit:
    known = draft.definition.stages
    if stage not in known:
        raise Refused(Why.NOT_FOUND, unknown(stage, known, code="no_such_stage"))
    visit = draft.case.at(stage)
    if visit is None:
        title = draft.definition.title_of(stage)
        raise Refused(Why.BLOCKED, Blocker(code="stage_elsewhere", subject=stage, title=title))
    return visit


def _waiting(draft: Draft, visit: Visit) -> Wait:
    found = draft.case.waits.get(str(visit.number))
    if found is None or found.since is None:
        title = draft.definition.title_of(visit.stage)
        raise Refused(Why.CONFLICT, Blocker(code="not_waiting", subject=visit.stage, title=title))
    return found


def _clocks(draft: Draft, visit: Visit) -> Iterator[str]:
    """The stage's own, and those of its tasks; what merely recurs goes on."""
    yield f"{DeadlineKind.STAGE}:{visit.number}"
    for task in draft.definition.stages[visit.stage].tasks:
        if task.deadline is not None:
            yield f"{DeadlineKind.TASK}:{task.id}"


def _most(draft: Draft, stage: str) -> Duration | None:
    spec = draft.definition.stages[stage].pausable
    return None if spec is None or spec.most is None else length(draft.facts, spec.most)


def _end(draft: Draft, visit: Visit) -> Counted | None:
    """When the cap is reached if the wait begins now; None where there is none."""
    most = _most(draft, visit.stage)
    if most is None:
        return None
    known = draft.case.waits.get(str(visit.number))
    calendar, now = draft.calendar_in(visit.stage), draft.facts.now
    left = _in_all(calendar, most) - timedelta(seconds=known.used if known else 0)
    if left > timedelta(0) and most.unit in _OF_WORK:
        return worked_from(calendar, now, left)
    return elapsed_from(calendar, now, max(left, timedelta(0)))


def _in_all(calendar: WorkCalendar, most: Duration) -> timedelta:
    match most.unit:
        case Unit.WORKING_DAYS:
            return most.amount * working_day_length(calendar)
        case Unit.WORKING_HOURS | Unit.HOURS:
            return timedelta(hours=most.amount)
        case Unit.DAYS:
            return timedelta(days=most.amount)
        case Unit.MINUTES:
            return timedelta(minutes=most.amount)


def _seconds(draft: Draft, waits: Wait, until: datetime) -> int:
    """How long it waited, but for the holds that came meanwhile."""
    most, calendar = _most(draft, waits.stage), draft.calendar_in(waits.stage)
    of_work = most is not None and most.unit in _OF_WORK

    def spent(since: datetime, until: datetime) -> timedelta:
        return working_time_between(calendar, since, until) if of_work else until - since

    waited = spent(waits.since or until, until)
    return round((waited - sum((spent(*span) for span in waits.held), timedelta(0))).total_seconds())
