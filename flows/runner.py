"""The runner: a warm process in which all flows run. It owes its cases everything, and Prefect nothing.

Three threads: transitions as soon as they are ready, deliveries apart from them, so that a slow mail server
stops no transition, and the schedules. What they share is the breaker. Prefect's settings must be in the
environment before this module is imported.
"""

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from engine.clock import Clock, SystemClock
from flows.breaker import Breaker
from flows.carrier import BEGIN_WITHIN_SECONDS, Carrier
from flows.daily import do_daily
from flows.deployments import DEPLOYMENTS, Deployment
from flows.errand import Errand, Outcome
from flows.events import emit_sweep_finished
from flows.quiet import quieten
from flows.schedule import Schedule
from flows.sweep import do_sweep
from flows.transition import Batch, file_table, transition
from flows.work import Ready, Work

log = logging.getLogger("guanka.runner")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """How often and how long, in seconds."""

    poll: float = 1.0  # a net below the wake-ups
    deliver: float = 1.0
    tick: float = 2.0
    begin_within: float = BEGIN_WITHIN_SECONDS
    hold: float = 30.0
    after_failure: float = 1.0
    beat: float = 10.0
    drain: float = 9.0
    batch: int = 500  # transitions in one run


class Runner:
    """Runs until it is told to stop; then it ends what it has begun and gives back what it has not."""

    def __init__(
        self,
        work: Work,
        *,
        rhythm: Rhythm | None = None,
        deployments: Iterable[Deployment] = DEPLOYMENTS,
        clock: Clock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._rhythm = rhythm or Rhythm()
        self._monotonic = monotonic
        self._breaker = Breaker(hold=self._rhythm.hold, monotonic=monotonic)
        self._transitions = Carrier("transition", self._breaker, begin_within=self._rhythm.begin_within)
        self._schedule = Schedule(
            deployments,
            self._acts(),
            heartbeats=work.heartbeats,
            breaker=self._breaker,
            clock=clock or SystemClock(),
            begin_within=self._rhythm.begin_within,
            on_reached=lambda: self._transitions.prepare(transition),
            monotonic=monotonic,
        )
        self._stopping = threading.Event()
        self._owed = threading.Event()
        self._beaten: float | None = None

    @property
    def prefect_is_there(self) -> bool:
        return self._breaker.closed

    def run(self) -> None:
        """Work until `stop`. Leaves no thread of ours behind but such as hang in Prefect, or in a long
        nightly run.
        """
        quieten()
        loops = [_thread("deliver", self._deliver_on), _thread("schedule", self._tick_on)]
        for loop in loops:
            loop.start()
        self._fire_on()
        end = self._monotonic() + self._rhythm.drain
        for loop in loops:
            loop.join(max(0.0, end - self._monotonic()))
        self._schedule.finish(max(0.0, end - self._monotonic()))

    def stop(self) -> None:
        """May be called from any thread and from a signal handler, and more than once."""
        self._stopping.set()
        self._owed.set()

    def _fire_on(self) -> None:
        while not self._stopping.is_set():
            ready = self._attempt("take what is ready", self._take)
            if ready:
                self._attempt("fire", partial(self._fire, ready))
            elif ready is not None:
                self._attempt("wait", lambda: self._work.wakeups.wait(self._rhythm.poll))
            self._owed.set()

    def _take(self) -> tuple[Ready, ...]:
        return tuple(self._work.transitions.take_ready(limit=self._rhythm.batch))

    def _fire(self, ready: tuple[Ready, ...]) -> None:
        batch = Batch(self._work.transitions, ready, self._stopping, monotonic=self._monotonic)
        errand = Errand(batch.act)
        self._transitions.carry(errand, transition, batch.announcement())
        flow_run = errand.flow_run
        if flow_run is not None and batch.several:
            self._transitions.afterwards(lambda client: file_table(client, batch, flow_run))

    def _deliver_on(self) -> None:
        while not self._stopping.is_set():
            self._owed.clear()
            if not self._attempt("deliver", self._work.delivery.deliver_due):
                self._owed.wait(self._rhythm.deliver)

    def _tick_on(self) -> None:
        while not self._stopping.is_set():
            self._attempt("keep the schedules", self._tick)
            self._stopping.wait(self._rhythm.tick)

    def _tick(self) -> None:
        self._schedule.tick([self._transitions])
        now = self._monotonic()
        if self._beaten is None or now - self._beaten >= self._rhythm.beat:
            self._beaten = now
            self._work.heartbeats.beat("runner")
            if self._breaker.closed:
                self._work.heartbeats.beat("prefect")

    def _attempt(self, what: str, act: Callable[[], Answer]) -> Answer | None:
        """One failure, of our store as well, ends no loop; None after one, and a moment's rest."""
        try:
            return act()
        except Exception as fault:  # noqa: BLE001
            log.error("Could not %s: %s: %s", what, type(fault).__name__, fault)  # noqa: TRY400
            self._stopping.wait(self._rhythm.after_failure)
            return None

    def _acts(self) -> Mapping[str, Callable[[], Outcome]]:
        nightly, beats = self._work.nightly, self._work.heartbeats
        return {
            "sweep": self._sweep,
            "digest": lambda: do_daily("digest", nightly.digest, beats),
            "verify": lambda: do_daily("verify", nightly.verify, beats),
            "housekeeping": lambda: do_daily("housekeeping", nightly.housekeeping, beats),
        }

    def _sweep(self) -> Outcome:
        outcome = do_sweep(self._work.sweep)
        emit_sweep_finished(outcome.summary)
        self._owed.set()
        return outcome


def run_until_signal(runner: Runner) -> None:
    """Run in the main thread; SIGTERM and SIGINT end it within ten seconds."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: runner.stop())
    runner.run()


def _thread(name: str, loop: Callable[[], None]) -> threading.Thread:
    return threading.Thread(target=copy_context().run, args=(loop,), name=name, daemon=True)
