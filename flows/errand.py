"""Work that is begun exactly once: by its flow, or by the runner, when Prefect keeps it waiting."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    DONE = "done"
    PARTLY = "partly"  # some of what it carried failed
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    verdict: Verdict
    summary: str  # one line for Prefect's list of runs
    again: bool = False  # there is more of the same, to be begun at once


class Errand:
    """One piece of work, handed to a flow run and to nobody else once it has begun."""

    def __init__(self, act: Callable[[str | None], Outcome]) -> None:
        """`act` gets the id of its flow run, or None without one. It should not raise; if it does, it has
        failed.
        """
        self._act = act
        self._begin = threading.Lock()
        self._news = threading.Event()
        self._done = threading.Event()
        self.outcome: Outcome | None = None
        self.flow_run: str | None = None

    @property
    def begun(self) -> bool:
        return self._begin.locked()

    def perform(self, flow_run: str | None) -> Outcome | None:
        """Do it, unless it was begun before; None says that it was."""
        if not self._begin.acquire(blocking=False):
            return None
        self.flow_run = flow_run
        self._news.set()
        try:
            self.outcome = self._act(flow_run)
        except Exception as fault:  # noqa: BLE001 - whatever went wrong, the runner goes on
            self.outcome = Outcome(verdict=Verdict.FAILED, summary=f"{type(fault).__name__}: {fault}"[:500])
        finally:
            self._done.set()
        return self.outcome

    def hand_back(self) -> None:
        """The flow has ended, begun or not: nobody need wait for it to begin."""
        self._news.set()

    def await_beginning(self, seconds: float) -> bool:
        """Wait until it has begun or was handed back; whether it has begun."""
        self._news.wait(seconds)
        return self.begun

    def await_end(self) -> None:
        """Wait for the end of what has begun, however long it takes: leases fence what takes too long."""
        self._done.wait()


_ON_DUTY: ContextVar[Errand | None] = ContextVar("errand", default=None)


@contextmanager
def on_duty(errand: Errand) -> Iterator[None]:
    """Within, a flow of ours that runs in this thread carries `errand`."""
    before = _ON_DUTY.set(errand)
    try:
        yield
    finally:
        _ON_DUTY.reset(before)


def errand_on_duty() -> Errand | None:
    return _ON_DUTY.get()
