"""Whom to tell around a due instant, and when: in working time, each rung a bounded number of times.

A reminder or rung that would come while nobody works is due at the next opening, unless the ladder is urgent.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Final

from engine.case.calendar import WorkCalendar, add, before, last_working_instant, next_working_instant
from engine.case.facts import Facts
from engine.case.state import Case, Deadline, DeadlineKind, Rung
from engine.definition.compiled import Definition
from engine.definition.durations import Duration, parse_duration
from engine.definition.model import Escalation, Ladder

MOST: Final = 50  # reminders, and rungs, of one deadline, whatever the SOP says


def length(facts: Facts, written: str) -> Duration | None:
    """A duration as written ("3 wd") or as the company has set it ("$name"); None while it is unset."""
    if not written.startswith("$"):
        return parse_duration(written)
    stored = facts.settings.get(written[1:])
    return None if stored is None else parse_duration(str(stored))


def reminders(facts: Facts, due: datetime, ladder: Ladder) -> tuple[datetime, ...]:
    """In order; those that would lie in the past are left out."""
    spans = (length(facts, written) for written in ladder.remind)
    found = (before(facts.calendar, due, span).at for span in spans if span is not None)
    return ahead_of(facts.calendar, due, found, urgent=ladder.urgent, now=facts.now)


def ahead_of(
    calendar: WorkCalendar, due: datetime, found: Iterator[datetime], *, urgent: bool, now: datetime
) -> tuple[datetime, ...]:
    """The instants as people can be reached then, each once; where the next opening would come too late, the
    closing before.
    """
    reached = {at if urgent else _reached_before(calendar, at, due) for at in found}
    return tuple(islice((at for at in sorted(reached) if now < at < due), MOST))


def rungs(facts: Facts, due: datetime, ladder: Ladder) -> tuple[Rung, ...]:
    found = (rung for one in ladder.escalate for rung in _of_one(facts, due, one))
    return tuple(islice(sorted((awake(facts.calendar, r, ladder) for r in found), key=_at), MOST))


def awake(calendar: WorkCalendar, rung: Rung, ladder: Ladder) -> Rung:
    return rung if ladder.urgent else Rung(at=reached(calendar, rung.at), role=rung.role)


def reached(calendar: WorkCalendar, at: datetime) -> datetime:
    """`at` itself while people work, the moment of closing included; else the next opening."""
    return at if last_working_instant(calendar, at) == at else next_working_instant(calendar, at)


def ladder_of(definition: Definition, case: Case, deadline: Deadline) -> Ladder:
    """What the SOP says about whom to tell around this deadline."""
    match deadline.kind:
        case DeadlineKind.STAGE:
            stages = (v.stage for v in case.positions.values() if str(v.number) == deadline.subject)
            return next((definition.stages[stage].deadline or Ladder() for stage in stages), Ladder())
        case DeadlineKind.MILESTONE:
            spec = definition.milestones.get(deadline.subject.partition("/")[0])
            return Ladder() if spec is None else spec.ladder
        case DeadlineKind.TASK:
            tasks = (task for stage in definition.sop.stages for task in stage.tasks)
            return next((t.deadline for t in tasks if t.id == deadline.subject and t.deadline), Ladder())
        case _:
            return Ladder()


def _reached_before(calendar: WorkCalendar, at: datetime, due: datetime) -> datetime:
    opening = reached(calendar, at)
    return opening if opening < due else last_working_instant(calendar, at)


def _of_one(facts: Facts, due: datetime, one: Escalation) -> Iterator[Rung]:
    after = length(facts, one.after)
    every = None if one.every is None else length(facts, one.every)
    if after is None:
        return
    at = add(facts.calendar, due, after).at
    yield Rung(at=at, role=one.to)
    for _ in range((one.most or 1) - 1 if every is not None and every.amount else 0):
        at = add(facts.calendar, at, every).at if every is not None else at
        yield Rung(at=at, role=one.to)


def _at(rung: Rung) -> datetime:
    return rung.at
