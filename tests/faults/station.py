"""One process's place of work, wired as the product wires it, but with a clock that campaigns set."""

import logging
import threading
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, TypeVar

import structlog

from engine.case import commands as cmd
from engine.case.events import Recorded
from engine.case.evolve import replay
from engine.case.state import RULE, Actor, Approval, Case, Via
from engine.clock import FixedClock
from engine.ids import CaseId, PersonId
from engine.ports import Answer
from engine.service import Service
from engine.store.errors import StoreBusy
from engine.store.store import Store
from runtime.calendars import load_calendar
from runtime.wiring import Parts, opened
from tests.faults.company import ASKER, MONDAY
from tests.faults.places import Place

if TYPE_CHECKING:
    from starlette.types import ASGIApp

T = TypeVar("T")
THREADS: Final = 16
LIMIT_SECONDS: Final = 60.0  # for anything that is waited for: beyond it, something hangs


def at_once_alone() -> None:
    """Nobody else is waited for."""


def quiet() -> None:
    """In a process of our own nobody reads what the product logs."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    logging.disable(logging.WARNING)


def patient(act: Callable[[], T]) -> T:
    """What comes of it for somebody who is told that the database is busy, and tries again."""
    end = monotonic() + LIMIT_SECONDS
    while True:
        try:
            return act()
        except StoreBusy:
            assert monotonic() < end, f"the database was busy for {LIMIT_SECONDS:g} s"


def actor(by: str, via: Via = Via.WEB) -> Actor:
    return RULE if by == RULE.person else Actor(person=PersonId(by), via=via)


@dataclass(kw_only=True)
class Station:
    """`start` returns when every process of the race has come to it."""

    place: Place
    parts: Parts
    clock: FixedClock
    pool: ThreadPoolExecutor
    start: Callable[[], object] = at_once_alone
    kept: dict[str, Any] = field(default_factory=dict)  # what a campaign keeps from order to order
    _numbers: "count[int]" = field(default_factory=lambda: count(1))

    @property
    def store(self) -> Store:
        return self.parts.store

    @cached_property
    def app(self) -> "ASGIApp":
        from tests.faults.pages import app_of

        return app_of(self.parts)

    def do(
        self, command: cmd.Command, by: str = ASKER, *, via: Via = Via.WEB, key: str | None = None
    ) -> Answer:
        return patient(lambda: self.parts.service.handle(command, actor=actor(by, via), key=key))

    def service_at(self, now: datetime) -> Service:
        """The same door for somebody whose clock shows this."""
        return Service(self.store.uow, FixedClock(now), load_calendar)

    def done(self, command: cmd.Command, by: str = ASKER) -> Answer:
        """For what has to be possible."""
        answer = self.do(command, by)
        assert answer.refusal is None, f"{command} was refused: {answer.refusal}"
        return answer

    def case(self, case_id: CaseId) -> Case:
        case = self.store.board.case(case_id)
        assert case is not None, f"case {case_id} is gone"
        return case

    def started(self, sop: str, **values: Any) -> CaseId:
        case_id = CaseId(f"{sop}-{next(self._numbers)}")
        self.done(cmd.StartCase(case_id=case_id, sop=sop, title="华东新品上市", values=values))
        return case_id

    def asked(self, sop: str, transition: str, **values: Any) -> tuple[CaseId, Approval]:
        """A new case whose way on waits for its first approval."""
        case_id = self.started(sop, **values)
        self.done(cmd.RequestTransition(case_id=case_id, transition=transition))
        return case_id, self.approval(case_id)

    def approval(self, case_id: CaseId) -> Approval:
        return next(iter(self.case(case_id).approvals.values()))

    def at_once(self, acts: Sequence[Callable[[], T]]) -> list[T]:
        """All of them released together, also with those of the other processes of the race."""
        gate = threading.Barrier(len(acts), action=self._begin, timeout=LIMIT_SECONDS)

        def one(act: Callable[[], T]) -> T:
            gate.wait()
            return act()

        return list(self.pool.map(one, acts))

    def _begin(self) -> None:
        self.start()

    def history(self, case_id: CaseId) -> list[Recorded]:
        """The events, after it was seen that they are gapless and make the stored case."""
        events = self.store.history.read_events(case_id)
        numbers = [recorded.sequence for recorded in events]
        assert numbers == list(range(1, len(events) + 1)), f"{case_id}: the history has gaps: {numbers}"
        assert replay(events) == self.case(case_id), f"{case_id}: the events do not make the stored case"
        return events

    def examine(self) -> None:
        """The proof that the whole record is sound."""
        findings = self.store.verify().findings
        assert not findings, f"verify found {len(findings)} faults, the first: {findings[0]}"


@contextmanager
def station(place: Place, start: Callable[[], object] = at_once_alone) -> Generator[Station]:
    clock = FixedClock(MONDAY)
    with opened(place.settings, clock=clock) as parts, ThreadPoolExecutor(THREADS) as pool:
        yield Station(place=place, parts=parts, clock=clock, pool=pool, start=start)


@contextmanager
def examined(place: Place) -> Generator[Station]:
    """A station whose whole record is examined on leaving, however that comes about."""
    with station(place) as made:
        try:
            yield made
        finally:
            made.examine()
