"""Open deadlines counted again when a calendar has newer data: what would move, what moved, who is told.

Level-triggered: the store keeps which data each calendar's deadlines were counted with, and every sweep
compares. Whoever dies half-way leaves the rest to the next sweep; counting twice moves nothing.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.facts import Facts
from engine.case.recounting import foreseen
from engine.case.state import RULE, Case
from engine.case.workdays import WorkCalendar, local_date, working_days_between
from engine.definition.compiled import Definition
from engine.errors import GuankaError
from engine.ids import CaseId, PersonId
from engine.service import Service
from engine.store.calendars_seen import Seen
from runtime.wiring import Parts

# A command that began before the data changed may still commit a deadline counted the old way: no command
# lives so long, so that a round begun after it finds what every one of them left.
SETTLING: Final = timedelta(minutes=2)

log = logging.getLogger("guanka.runner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """One deadline that comes out otherwise. `working_days` by the new data, negative when it is earlier."""

    case: Case
    change: ev.DeadlineChange
    working_days: int

    @property
    def moved(self) -> bool:
        """False: the instant is the same; reminders, rungs or the mark "provisional" have changed."""
        return self.change.deadline.due_at != self.change.was

    @property
    def by(self) -> timedelta:
        return self.change.deadline.due_at - self.change.was

    @property
    def told(self) -> tuple[PersonId, ...]:
        return self.change.notify


@dataclass(slots=True)
class Recounting:
    """Counts with `calendars`: those of the installation, or what they would be."""

    parts: Parts
    calendars: Callable[[str], WorkCalendar]

    def foresee(self) -> list[Move]:
        """What counting again would move, in the order of the cases; nothing is changed."""
        return [move for case in self.parts.store.board.all_running() for move in self._of_case(case)]

    def carry_out(self) -> tuple[list[Move], list[CaseId]]:
        """Counts every open deadline again; what moved, and the cases that could not be counted."""
        wanted = [case for case in self.parts.store.board.all_running() if self._of_case(case)]
        moved: list[Move] = []
        failed: list[CaseId] = []
        for case in wanted:
            try:
                moved += self._carried_out(case)
            except Exception as fault:  # noqa: BLE001 - one bad case fails alone
                log.error("Case %s could not be counted again: %s: %s", case.id, type(fault).__name__, fault)  # noqa: TRY400
                failed.append(case.id)
        return moved, failed

    def _carried_out(self, case: Case) -> Iterator[Move]:
        answer = self.parts.service.handle(cmd.RecountDeadlines(case_id=case.id), actor=RULE)
        for recorded in answer.events:
            if isinstance(recorded.event, ev.DeadlinesRecounted):
                yield from (self.move(case, change) for change in recorded.event.changes)

    def _of_case(self, case: Case) -> Sequence[Move]:
        if not any(deadline.reckoned for deadline in case.deadlines.values()):
            return ()
        definition = self.parts.store.definitions.by_digest(case.definition)
        return [self.move(case, change) for change in foreseen(definition, case, self._facts(definition))]

    def _facts(self, definition: Definition) -> Facts:
        company = self.parts.store.people.company(definition.sop.sop)
        service = Service(self.parts.store.uow, self.parts.clock, self.calendars)
        return service.facts(definition, company, RULE)

    def move(self, case: Case, change: ev.DeadlineChange) -> Move:
        how = change.deadline.reckoned
        calendar = self.calendars(how.calendar if how else "cn")
        was, now = local_date(calendar, change.was), local_date(calendar, change.deadline.due_at)
        return Move(case=case, change=change, working_days=working_days_between(calendar, was, now))


def moves_since(parts: Parts, first: datetime) -> list[Move]:
    """The deadlines calendar updates changed since `first`, the latest first."""
    recounting, found = Recounting(parts, parts.calendars), list[tuple[datetime, Move]]()
    for recorded in parts.store.history.of_kinds("deadlines_recounted"):
        case = parts.store.board.case(recorded.case_id) if recorded.at >= first else None
        if case is not None and isinstance(recorded.event, ev.DeadlinesRecounted):
            found += [(recorded.at, recounting.move(case, change)) for change in recorded.event.changes]
    return [move for _, move in sorted(found, key=lambda one: one[0], reverse=True)]


def catch_up(parts: Parts) -> int:
    """Counts again where a calendar has newer data than the deadlines; how many came out otherwise."""
    now, seen = parts.clock.now(), parts.store.calendars_seen.all()
    stale = list(_stale(parts, seen, now))
    if not stale:
        return 0
    for each in stale:
        parts.store.calendars_seen.put(each)
    moved, failed = Recounting(parts, parts.calendars).carry_out()
    for move in moved:
        due = move.change.deadline
        log.info("Case %s: %s moved from %s to %s", move.case.id, due.id, move.change.was, due.due_at)
    for each in stale if not failed else ():
        if now >= each.seen_at + SETTLING:
            settled = Seen(calendar=each.calendar, version=each.version, seen_at=each.seen_at, settled_at=now)
            parts.store.calendars_seen.put(settled)
    return len(moved)


def _stale(parts: Parts, seen: dict[str, Seen], now: datetime) -> Iterator[Seen]:
    for name in parts.calendars.known():
        try:
            version = parts.calendars(name).version
        except GuankaError as fault:  # the doctor says so too; deadlines stay as they are meanwhile
            log.error("Calendar %s cannot be used: %s", name, fault)  # noqa: TRY400
            continue
        known = seen.get(name)
        if known is None or known.version != version:
            yield Seen(calendar=name, version=version, seen_at=now)
        elif known.settled_at is None:
            yield known
