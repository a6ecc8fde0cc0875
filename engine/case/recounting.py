"""Deadlines counted again because a calendar has newer data."""

from collections.abc import Iterator

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.climbing import concerned
from engine.case.draft import Draft
from engine.case.facts import Facts
from engine.case.ladders import ladder_of
from engine.case.reckoning import recounted
from engine.case.state import Case
from engine.definition.compiled import Definition


def recount(draft: Draft, _: cmd.RecountDeadlines) -> None:
    """One event for all that came out otherwise, and none where nothing did."""
    changes = tuple(_changes(draft))
    if changes:
        draft.add(ev.DeadlinesRecounted(changes=changes))


def foreseen(definition: Definition, case: Case, facts: Facts) -> tuple[ev.DeadlineChange, ...]:
    """What counting again would change in the case, without doing it."""
    return tuple(_changes(Draft(definition=definition, facts=facts, case_id=case.id, before=case)))


def _changes(draft: Draft) -> Iterator[ev.DeadlineChange]:
    for old in draft.case.deadlines.values():
        urgent = ladder_of(draft.definition, draft.case, old).urgent
        new = recounted(draft.facts.calendar_for(old), old, draft.facts.now, urgent=urgent)
        if new is not None:
            yield ev.DeadlineChange(
                deadline=new,
                was=old.due_at,
                was_provisional=old.provisional,
                was_calendar=old.calendar,
                notify=concerned(draft, old) if new.due_at != old.due_at else (),
            )
