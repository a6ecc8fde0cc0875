"""Whom to tell around a due instant, and when: in working time, each rung a bounded number of times.

A reminder or rung that would come while nobody works is due at the next opening, unless the ladder is urgent.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Final

from engine.case.calendar import add, before, last_working_instant, next_working_instant
from engine.case.facts import Facts
from engine.case.reckoned import Rung
from engine.case.state import Case, Deadline, DeadlineKind
from engine.case.workdays import WorkCalendar
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


def reminders(
    facts: Facts, calendar: WorkCalendar, due: datetime, ladder: Ladder
) -> tuple[tuple[datetime, str], ...]:
    """In order, each with its span; those that would lie in the past are left out."""
    spans = (length(facts, written) for written in ladder.remind)
    written = [str(span) for span in spans if span is not None]
    return reminders_of(calendar, due, written, urgent=ladder.urgent, now=facts.now)


def reminders_of(
    calendar: WorkCalendar, due: datetime, spans: Iterable[str], *, urgent: bool, now: datetime
) -> tuple[tuple[datetime, str], ...]:
    """The instants as people can be reached then, each once; where the next opening would come too late, the
    closing before.
    """
    ahead = ((before(calendar, due, parse_duration(span)).at, span) for span in spans)
    found = {at if urgent else _reached_before(calendar, at, due): span for at, span in ahead}
    return tuple(islice(((at, span) for at, span in sorted(found.items()) if now < at < due), MOST))


def rungs(facts: Facts, calendar: WorkCalendar, due: datetime, ladder: Ladder) -> tuple[Rung, ...]:
    written = (rung for one in ladder.escalate for rung in _of_one(facts, due, one))
    found = (rung_again(calendar, due, rung, urgent=ladder.urgent) for rung in written)
    return tuple(islice(sorted(found, key=_at), MOST))


def rung_again(calendar: WorkCalendar, due: datetime, rung: Rung, *, urgent: bool) -> Rung:
    """The rung with its instant counted from `due`, by the spans it keeps."""
    at = add(calendar, due, parse_duration(rung.after)).at
    for _ in range(rung.times):
        at = add(calendar, at, parse_duration(rung.every)).at
    return replace(rung, at=at if urgent or rung.urgent else reached(calendar, at))


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
    """Its rungs by their spans; their instants are counted afterwards."""
    after = length(facts, one.after)
    every = None if one.every is None else length(facts, one.every)
    if after is None:
        return
    first = Rung(at=due, role=one.to, after=str(after), urgent=one.urgent)
    yield first
    for times in range(1, one.most or 1) if every is not None and every.amount else ():
        yield replace(first, every=str(every), times=times)


def _at(rung: Rung) -> datetime:
    return rung.at
