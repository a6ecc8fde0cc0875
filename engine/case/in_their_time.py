"""The ladder spends no rung while people sleep: rungs wait for the working time of those they tell.

A rung is due by the calendar of its deadline, but the people it tells may work by another calendar or in
another zone. Whoever has no calendar of their own works by the deadline's, where they live.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from engine.case.calendar import after_working_time, next_working_instant, working_time_between
from engine.case.facts import Facts
from engine.case.ladders import reached
from engine.case.reckoned import Rung
from engine.case.state import Deadline
from engine.case.workdays import WorkCalendar
from engine.ids import PersonId

People = Sequence[PersonId]


def awaited(facts: Facts, due: Deadline, holders: Callable[[str], People]) -> Deadline:
    """Each rung that has come while none of its people worked is moved to when the first of them does, and
    those after it as far as they would then come too soon.
    """
    for _ in range(len(due.rungs)):
        come = [r for r in enumerate(due.rungs) if r[0] >= due.escalated and r[1].at <= facts.now]
        asleep = ((place, _opens(facts, due, rung, holders(rung.role))) for place, rung in come)
        found = next(((place, at) for place, at in asleep if at is not None), None)
        if found is None:
            break
        place, opens = found
        moved = replace(due.rungs[place], at=opens)
        due = _laid(facts, due, (*due.rungs[:place], moved), holders(moved.role))
    return due


def after_telling(facts: Facts, due: Deadline, level: int, people: People) -> Deadline:
    """Once the rung of this level (0: that it was missed) has told these people, the next comes no sooner
    than one of them had as much working time as the ladder leaves in between.
    """
    own = facts.calendar_for(due)
    if any((cal.version, cal.zone) == (own.version, own.zone) for cal in _calendars(facts, due, people)):
        return due  # the ladder was laid by just that working time
    return _laid(facts, due, due.rungs[:level], people)


def _opens(facts: Facts, due: Deadline, rung: Rung, people: People) -> datetime | None:
    """When the first of these people works; None where one does at the rung's instant, or there is nobody."""
    calendars = [] if rung.urgent else _calendars(facts, due, people)
    if not calendars or any(reached(calendar, rung.at) == rung.at for calendar in calendars):
        return None
    return min(next_working_instant(calendar, rung.at) for calendar in calendars)


def _laid(facts: Facts, due: Deadline, settled: tuple[Rung, ...], people: People) -> Deadline:
    """With the rungs `settled` as they are given, and the working time between the others kept."""
    own, level = facts.calendar_for(due), len(settled)
    was, last = (due.rungs[level - 1].at, settled[-1].at) if settled else (due.due_at, due.due_at)
    calendars, found = _calendars(facts, due, people) or [own], list[Rung]()
    for old in due.rungs[level:]:
        left = working_time_between(own, was, old.at)
        soonest = min(after_working_time(calendar, last, left).at for calendar in calendars)
        found.append(old if old.urgent else replace(old, at=max(old.at, soonest)))
        was, last, calendars = old.at, max(last, found[-1].at), [own]
    to_come = sorted((*settled[due.escalated :], *found), key=lambda rung: rung.at)
    return replace(due, rungs=(*due.rungs[: due.escalated], *to_come))


def _calendars(facts: Facts, due: Deadline, people: People) -> list[WorkCalendar]:
    own = facts.calendar_for(due)
    return [facts.calendar_of(person, own) for person in people]
