"""Milestones: planned, forecast and reached; fixed ones from stages, listed ones from a record field."""

from collections.abc import Iterator
from datetime import date
from typing import cast

from engine.case import deadlines
from engine.case import events as ev
from engine.case.draft import Draft
from engine.case.reckoning import closing_of
from engine.case.state import DeadlineKind, Milestone
from engine.definition.fields import typed
from engine.definition.model import EachRecord, MilestoneSpec


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
            value = _date(draft, spec.planned)
            plan(draft, spec, Milestone(id=spec.id, planned=value))
        if spec.each is not None and spec.each.field in changed:
            listed = tuple(_listed(draft, spec, spec.each))
            for milestone in listed:
                plan(draft, spec, milestone)
            _forget_others(draft, spec, frozenset(m.id for m in listed))


def _date(draft: Draft, name: str | None) -> date | None:
    stored = draft.case.values.get(name or "")
    return None if stored is None else cast("date", typed(draft.definition.sop.fields[name or ""], stored))


def plan(draft: Draft, spec: MilestoneSpec, wanted: Milestone) -> None:
    """Takes over the planned, forecast and reached dates, and keeps the deadline in step with the planned
    one.
    """
    known = draft.case.milestones.get(wanted.id, Milestone(id=wanted.id))
    if (known.planned, known.forecast, known.name) != (wanted.planned, wanted.forecast, wanted.name):
        draft.add(
            ev.MilestonePlanned(
                milestone=wanted.id, name=wanted.name, planned=wanted.planned, forecast=wanted.forecast
            )
        )
        if known.reached_on is None:
            _put_deadline(draft, spec, wanted)
    if wanted.reached_on is not None and known.reached_on is None:
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


def _listed(draft: Draft, spec: MilestoneSpec, each: EachRecord) -> Iterator[Milestone]:
    stored = typed(draft.definition.sop.fields[each.field], draft.case.values.get(each.field))
    records = cast("list[dict[str, object]] | None", stored)
    for number, record in enumerate(records or [], start=1):
        yield Milestone(
            id=f"{spec.id}/{number}",
            name=str(record.get(each.name) or ""),
            planned=cast("date | None", record.get(each.due)),
            reached_on=cast("date | None", record.get(each.done)),
        )


def _forget_others(draft: Draft, spec: MilestoneSpec, listed: frozenset[str]) -> None:
    for known in tuple(draft.case.milestones.values()):
        if known.id.startswith(f"{spec.id}/") and known.id not in listed and known.planned is not None:
            draft.add(ev.MilestonePlanned(milestone=known.id, name=known.name))
            deadlines.close(draft, f"{DeadlineKind.MILESTONE}:{known.id}")
