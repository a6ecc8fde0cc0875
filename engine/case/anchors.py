"""What a deadline is counted from, as the case stands: the date of a field or milestone, or an answer."""

from datetime import date, datetime
from typing import cast

from engine.case.listed import Milestone
from engine.case.state import Case
from engine.definition.compiled import Definition
from engine.definition.fields import typed
from engine.definition.origins import MilestoneDate, Origin, OriginKind, read_origin


def standing(definition: Definition, case: Case, written: str) -> date | datetime | None:
    """The date or instant `written` names; None while there is none yet."""
    origin = read_origin(written)
    match origin.kind:
        case OriginKind.FIELD:
            stored = case.values.get(origin.name)
            spec = definition.sop.fields[origin.name]
            return None if stored is None else cast("date | datetime", typed(spec, stored))
        case OriginKind.MILESTONE:
            return _of_milestone(case.milestones.get(origin.name), origin)
        case OriginKind.APPROVAL:
            return case.answered.get(origin.name)


def _of_milestone(known: Milestone | None, origin: Origin) -> date | None:
    if known is None:
        return None
    match origin.milestone_date:
        case MilestoneDate.PLANNED:
            return known.planned
        case MilestoneDate.FORECAST:
            return known.forecast or known.planned
        case MilestoneDate.REACHED:
            return known.reached_on
