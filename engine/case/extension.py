"""More time: a transition that stays where it is moves a deadline to the date in a field.

It is asked for, signed, withdrawn and carried like any other, so it is judged again when it is carried.
"""

from collections.abc import Iterator
from datetime import datetime

from engine.case import deadlines
from engine.case import events as ev
from engine.case.anchors import standing
from engine.case.calendar import add
from engine.case.draft import Draft
from engine.case.facts import Facts
from engine.case.ladders import ladder_of, length
from engine.case.reckoning import Counted
from engine.case.refusal import Blocker
from engine.case.state import Case, Deadline, DeadlineKind, Request
from engine.case.wall_clock import local_time
from engine.case.workdays import WorkCalendar
from engine.definition.compiled import Definition
from engine.definition.model import Extension, TransitionSpec


def stops(definition: Definition, case: Case, transition: TransitionSpec, facts: Facts) -> Iterator[Blocker]:
    """What keeps the deadline from being moved now; the field with the date is asked for elsewhere."""
    spec = transition.extends
    if spec is None:
        return
    old = _running(definition, case, transition, spec)
    title = definition.title_of(transition.id)
    if old is None:
        yield Blocker(code="nothing_to_extend", subject=transition.id, title=title)
        return
    if spec.most is not None and case.extended.get(old.id, 0) >= spec.most:
        detail = {"most": str(spec.most)}
        yield Blocker(code="extended_enough", subject=transition.id, title=title, detail=detail)
    new = _wanted(definition, case, spec, facts.calendar_for(old))
    if new is None:
        return
    at = new.due.at
    until = definition.title_of(spec.until)
    if at <= max(old.due_at, facts.now):
        detail = {"due": _said(facts, old, old.due_at)}
        yield Blocker(code="extension_not_later", subject=spec.until, title=until, detail=detail)
    last = _latest(spec, old, facts)
    if last is not None and at > last:
        detail = {"last": _said(facts, old, last)}
        yield Blocker(code="extension_too_long", subject=spec.until, title=until, detail=detail)


def carry(draft: Draft, transition: TransitionSpec, request: Request) -> None:
    """Moves the deadline and lays its ladder anew; what was overdue is so no more."""
    spec, old = transition.extends, extended_by(draft.definition, draft.case, transition)
    if spec is None or old is None:
        return
    counted = _wanted(draft.definition, draft.case, spec, draft.facts.calendar_for(old))
    if counted is None:
        return
    anchor = deadlines.Anchor(kind=old.kind, subject=old.subject, owner=old.owner, track=old.track)
    ladder = ladder_of(draft.definition, draft.case, old)
    new = deadlines.deadline(draft, anchor, counted, ladder=ladder)
    extended = ev.DeadlineExtended(
        deadline=old.id, old=old.due_at, new=new.due_at, by=request.by, reason=request.reason
    )
    draft.add(extended)
    draft.add(ev.DeadlineSet(deadline=new))
    if old.stopped_at is not None:
        deadlines.stop(draft, new.id)


def extended_by(definition: Definition, case: Case, transition: TransitionSpec) -> Deadline | None:
    """The deadline this transition would extend now; None where it extends none, or none runs."""
    return None if transition.extends is None else _running(definition, case, transition, transition.extends)


def _running(
    definition: Definition, case: Case, transition: TransitionSpec, spec: Extension
) -> Deadline | None:
    if spec.deadline != DeadlineKind.STAGE:
        return case.deadlines.get(spec.deadline)
    sources = {stage for stages in definition.sources(transition).values() for stage in stages}
    names = (f"{DeadlineKind.STAGE}:{v.number}" for v in case.positions.values() if v.stage in sources)
    return next((case.deadlines[name] for name in names if name in case.deadlines), None)


def _wanted(definition: Definition, case: Case, spec: Extension, calendar: WorkCalendar) -> Counted | None:
    until = standing(definition, case, spec.until)
    return None if until is None else deadlines.due_on(calendar, until)


def _latest(spec: Extension, old: Deadline, facts: Facts) -> datetime | None:
    longest = None if spec.longest is None else length(facts, spec.longest)
    return None if longest is None else add(facts.calendar_for(old), old.due_at, longest).at


def _said(facts: Facts, old: Deadline, at: datetime) -> str:
    return f"{local_time(facts.calendar_for(old).zone, at):%Y-%m-%d %H:%M}"
