"""Worker processes that live over many rounds: they take orders over a pipe, can be killed, paused and
replaced.

They are forked from a server that has loaded the product once, so that a killed one is quickly replaced.
"""

import multiprocessing
import os
import signal
import traceback
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Concatenate, Final, ParamSpec, TypeVar, cast

from tests.faults.places import Place
from tests.faults.station import LIMIT_SECONDS, Station, at_once_alone, quiet, station
from tests.waiting import eventually

P = ParamSpec("P")
T = TypeVar("T")
Job = Callable[Concatenate[Station, P], T]
PRELOADED: Final = ["tests.faults.crew", "tests.faults.pages", "tests.faults.diary", "apprise"]


class Gone(Exception):
    """The worker died before it answered."""


class Hand:
    """One worker process at a station of its own."""

    def __init__(self, context: ForkServerContext, place: Place, start: Callable[[], object]) -> None:
        self._pipe, theirs = context.Pipe()
        self._process: BaseProcess = context.Process(target=_serve, args=(theirs, place, start), daemon=True)
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def order(self, job: Job[P, Any], *args: P.args, **named: P.kwargs) -> None:
        """Hands it over and does not wait. `job` is a function of a module, called with the station first."""
        self._pipe.send((job, args, named))

    def answer(self) -> Any:
        """What the oldest order came to. Raises Gone; a worker that failed is a violation."""
        try:
            if not self._pipe.poll(LIMIT_SECONDS):
                raise AssertionError(f"a worker did not answer within {LIMIT_SECONDS:g} s")
            answer, fault = self._pipe.recv()
        except (EOFError, ConnectionError) as gone:
            raise Gone from gone
        assert fault is None, f"a worker failed:\n{fault}"
        return answer

    def ask(self, job: Callable[Concatenate[Station, P], T], *args: P.args, **named: P.kwargs) -> T:
        self.order(job, *args, **named)
        return cast("T", self.answer())

    def kill(self) -> None:
        """As when the power goes: it may not finish its sentence. One that died by itself is dead enough."""
        with suppress(ProcessLookupError):
            if self._process.is_alive():
                os.kill(self.pid, signal.SIGKILL)
        self._process.join(LIMIT_SECONDS)
        self._pipe.close()

    def pause(self) -> None:
        """Returns when the process stands still."""
        os.kill(self.pid, signal.SIGSTOP)
        eventually(lambda: _state(self.pid) == "T", f"process {self.pid} to stand still", every=0.001)

    def go_on(self) -> None:
        os.kill(self.pid, signal.SIGCONT)


class Crew:
    """Hands at one place. `together` is for races: `Station.at_once` begins in all of them at once."""

    def __init__(self, place: Place, size: int) -> None:
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(PRELOADED)
        self._place = place
        self._start = self._context.Barrier(size, timeout=LIMIT_SECONDS).wait if size > 1 else at_once_alone
        self.hands = [self.another() for _ in range(size)]

    def another(self) -> Hand:
        return Hand(self._context, self._place, self._start)

    def together(self, job: Callable[..., T], *orders: Sequence[Any]) -> list[T]:
        """Each hand's answer to its order: the arguments of `job` after the station."""
        for hand, order in zip(self.hands, orders, strict=True):
            hand.order(job, *order)
        return [hand.answer() for hand in self.hands]


@contextmanager
def crew(place: Place, size: int) -> Generator[Crew]:
    made = Crew(place, size)
    try:
        yield made
    finally:
        for hand in made.hands:
            hand.kill()


def _serve(orders: Connection, place: Place, start: Callable[[], object]) -> None:
    quiet()
    with station(place, start) as here:
        while True:
            try:
                job, args, named = orders.recv()
            except EOFError:
                return
            try:
                answer = (job(here, *args, **named), None)
            except Exception:  # noqa: BLE001 - told to whoever gave the order
                answer = (None, traceback.format_exc())
            orders.send(answer)


def _state(pid: int) -> str:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0]
