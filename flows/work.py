"""The work the runner sees to, as thin as the runner needs it; the engine gives the real thing, tests give
fakes.

Calls come from several threads: transitions from one at a time, but not always the same; sweep, deliveries
and nightly work each from a thread of their own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, Protocol

Fired = Literal["fired", "dropped", "gone"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A requested transition whose gates are all open, leased to this runner."""

    case_id: str
    request_id: str
    transition: str
    sop: str
    token: int  # fencing: a commit under an older token is refused


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """`more`: there is more to do than one sweep may take; the next begins at once."""

    due: int
    acted: int
    more: bool = False


class TransitionWork(Protocol):
    def take_ready(self, *, limit: int) -> Sequence[Ready]:
        """Lease up to `limit` ready transitions, oldest first; those leased to anyone are left out."""
        ...

    def fire(self, ready: Ready, *, flow_run: str | None) -> Fired:
        """Judge again and fire in a commit of its own. `flow_run` None: done without Prefect, and history
        says so.

        "dropped": it no longer holds. "gone": already done, or the lease passed to another runner.
        Should it raise, the lease is left to run out, which is the back-off of that one case.
        """
        ...

    def renew(self, held: Sequence[Ready]) -> None:
        """Extend the leases of what is still to be fired."""
        ...

    def release(self, held: Sequence[Ready]) -> None:
        """Give back what will not be fired, for another runner to take at once."""
        ...


class SweepWork(Protocol):
    def sweep(self) -> SweepReport:
        """Send one command for what is due, oldest first, and record the heartbeat `sweep`."""
        ...


class DeliveryWork(Protocol):
    def deliver_due(self) -> int:
        """Send what is owed now, messages and commands to other cases; returns how many were taken up."""
        ...


class NightlyWork(Protocol):
    """Work by the day; each returns how many things it saw to. `digest` does nothing on a day off."""

    def verify(self) -> int: ...

    def housekeeping(self) -> int: ...

    def digest(self) -> int: ...


class Heartbeats(Protocol):
    """Signs of life, in our own store, by name: `sweep`, `runner`, `prefect`, `verify`, `housekeeping`,
    `digest`.
    """

    def age(self, name: str) -> timedelta | None:
        """How long ago the last one was; None if there never was one."""
        ...

    def beat(self, name: str) -> None: ...

    def paused(self, name: str, paused: bool) -> None:  # noqa: FBT001 - the one thing it says
        """Somebody paused or resumed the deployment in Prefect."""
        ...

    def is_paused(self, name: str) -> bool:
        """As last said by `paused`; kept over a restart, when Prefect may not be there to ask."""
        ...


class Wakeups(Protocol):
    def wait(self, timeout: float) -> None:
        """Return when something may be ready, or after `timeout` seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """Everything a runner sees to."""

    transitions: TransitionWork
    sweep: SweepWork
    delivery: DeliveryWork
    nightly: NightlyWork
    heartbeats: Heartbeats
    wakeups: Wakeups
