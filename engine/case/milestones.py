"""Milestones: planned, forecast and reached; fixed ones from stages, listed ones from a record field."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import cast

from engine.case import deadlines
from engine.case import events as ev
from engine.case.draft import Draft
from engine.case.listed import Milestone, Rows, recognised, records, rows, spec_of
from engine.case.reckoning import closing_of
from engine.case.state import Case, DeadlineKind
from engine.definition.compiled import Definition
from engine.definition.fields import typed
from engine.definition.model import MilestoneSpec


def reached(draft: Draft, *, entered: str | None = None, left: str | None = None) -> None:
    """Records the fixed milestones this entering or leaving reaches, each once."""
    for spec in draft.definition.sop.milestones:
        hit = (entered is not None and spec.entered == entered) or (left is not None and spec.left == left)
        known = draft.case.milestones.get(spec.id)
        if hit and (known is None or known.reached_on is None):
            _reach(draft, spec.id, draft.today)


def _reach(draft: Draft, milestone: str, on: date) -> None:
    draft.add(ev.MilestoneReached(milestone=milestone, on=on))
    deadlines.close(draft, f"{DeadlineKind.MILESTONE}:{milestone}")


def follow_fields(draft: Draft, changed: frozenset[str]) -> None:
    """Plans, moves and reaches milestones after these fields changed."""
    for spec in draft.definition.sop.milestones:
        if spec.planned in changed:
            known = draft.case.milestones.get(spec.id, Milestone(id=spec.id))
            plan(draft, spec, replace(known, planned=_date(draft, spec.planned)))
        if spec.each is not None and spec.each.field in changed:
            _follow_list(draft, spec)


def _date(draft: Draft, name: str | None) -> date | None:
    stored = draft.case.values.get(name or "")
    return None if stored is None else cast("date", typed(draft.definition.sop.fields[name or ""], stored))


def _follow_list(draft: Draft, spec: MilestoneSpec) -> None:
    before = (draft.before or draft.case).values
    known = rows(_of(spec, draft.case.milestones), records(draft.definition, spec, before))
    gone = _of(spec, draft.case.dropped_milestones)
    listed = recognised(spec.id, known, gone, records(draft.definition, spec, draft.case.values))
    for milestone in listed:
        plan(draft, spec, milestone)
    kept = {milestone.id for milestone in listed}
    for one in known.values():
        if one.id not in kept:
            draft.add(ev.MilestoneDropped(milestone=one.id))
            deadlines.close(draft, f"{DeadlineKind.MILESTONE}:{one.id}")


def _rows_of(definition: Definition, spec: MilestoneSpec, case: Case) -> Rows:
    return rows(_of(spec, case.milestones), records(definition, spec, case.values))


def _of(spec: MilestoneSpec, milestones: Mapping[str, Milestone]) -> tuple[Milestone, ...]:
    return tuple(one for one in milestones.values() if one.id != spec.id and spec_of(one.id) == spec.id)


def in_order(definition: Definition, case: Case) -> list[Milestone]:
    """The fixed ones, then those of each list as its rows stand."""
    fixed = [one for one in case.milestones.values() if spec_of(one.id) == one.id]
    lists = (_rows_of(definition, spec, case).values() for spec in definition.sop.milestones if spec.each)
    return [*fixed, *(one for listed in lists for one in listed)]


def name_then(history: Iterable[ev.Recorded], milestone: str, sequence: int) -> str:
    """What a milestone was called when this event happened; "" where none before it says so.

    What was told keeps its words: it may have another name since, or have gone.
    """
    said = ""
    for recorded in history:
        event = recorded.event
        if recorded.sequence <= sequence and isinstance(event, ev.MilestonePlanned):
            said = event.name if event.milestone == milestone else said
    return said


def plan(draft: Draft, spec: MilestoneSpec, wanted: Milestone) -> None:
    """Takes over the planned, forecast and reached dates, and keeps the deadline in step with the planned
    one; another name or forecast leaves the clock alone.
    """
    known = draft.case.milestones.get(wanted.id, Milestone(id=wanted.id))
    if (known.planned, known.forecast, known.name) != (wanted.planned, wanted.forecast, wanted.name):
        draft.add(
            ev.MilestonePlanned(
                milestone=wanted.id, name=wanted.name, planned=wanted.planned, forecast=wanted.forecast
            )
        )
    if wanted.reached_on is None:
        if known.reached_on is not None:
            draft.add(ev.MilestoneNotReached(milestone=wanted.id))
        if (known.planned, known.reached_on) != (wanted.planned, None):
            _put_deadline(draft, spec, wanted)
    elif wanted.reached_on != known.reached_on:
        _reach(draft, wanted.id, wanted.reached_on)


def _put_deadline(draft: Draft, spec: MilestoneSpec, wanted: Milestone) -> None:
    if spec.deadline is not None:
        return
    anchor = deadlines.Anchor(kind=DeadlineKind.MILESTONE, subject=wanted.id, owner=spec.owner)
    new = None
    if wanted.planned is not None:
        counted = closing_of(draft.facts.calendar, wanted.planned)
        new = deadlines.deadline(draft, anchor, counted, ladder=spec)
    deadlines.put(draft, new, anchor.id)
