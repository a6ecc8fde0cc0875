"""Stand-ins for the work a runner sees to; every one remembers what was asked of it."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from flows.work import Fired, Ready, SweepReport, Work


def a_ready(number: int) -> Ready:
    return Ready(
        case_id=f"case{number:04}", request_id=f"request{number}", transition="submit", sop="launch", token=1
    )


class FakeTransitions:
    """Offers what `add` was given, each once; `bad` cases raise; `before_fire` may stop and look around."""

    def __init__(self, before_fire: Callable[[Ready], None] | None = None) -> None:
        self.bad: set[str] = set()
        self.fired: list[tuple[str, str | None]] = []
        self.released: list[str] = []
        self.renewed: list[tuple[str, ...]] = []
        self._before_fire = before_fire or (lambda _ready: None)
        self._waiting: list[Ready] = []
        self._lock = threading.Lock()

    def add(self, ready: Sequence[Ready]) -> None:
        with self._lock:
            self._waiting.extend(ready)

    def take_ready(self, *, limit: int) -> Sequence[Ready]:
        with self._lock:
            taken, self._waiting = self._waiting[:limit], self._waiting[limit:]
        return [replace(ready, token=ready.token + 1) for ready in taken]

    def fire(self, ready: Ready, *, flow_run: str | None) -> Fired:
        self._before_fire(ready)
        if ready.case_id in self.bad:
            raise RuntimeError("this case is bad")
        self.fired.append((ready.case_id, flow_run))
        return "fired"

    def renew(self, held: Sequence[Ready]) -> None:
        self.renewed.append(tuple(ready.case_id for ready in held))

    def release(self, held: Sequence[Ready]) -> None:
        self.released += [ready.case_id for ready in held]

    @property
    def cases_fired(self) -> list[str]:
        return [case_id for case_id, _ in self.fired]


class FakeHeartbeats:
    """Ages are set by hand; a beat makes an age nought."""

    def __init__(self) -> None:
        self.ages: dict[str, timedelta] = {}
        self.pauses: dict[str, bool] = {}

    def age(self, name: str) -> timedelta | None:
        return self.ages.get(name)

    def beat(self, name: str) -> None:
        self.ages[name] = timedelta(0)

    def paused(self, name: str, paused: bool) -> None:
        self.pauses[name] = paused

    def is_paused(self, name: str) -> bool:
        return self.pauses.get(name, False)


class FakeSweep:
    def __init__(self, heartbeats: FakeHeartbeats) -> None:
        self.count = 0
        self.enough = 1  # sweeps until nothing is left
        self._heartbeats = heartbeats

    def sweep(self) -> SweepReport:
        self.count += 1
        self._heartbeats.beat("sweep")
        return SweepReport(due=2, acted=1, more=self.count < self.enough)


class FakeDelivery:
    def __init__(self) -> None:
        self.calls = 0
        self.raises = False

    def deliver_due(self) -> int:
        self.calls += 1
        if self.raises:
            raise RuntimeError("the mail server is away")
        return 0


class FakeNightly:
    def __init__(self) -> None:
        self.done: list[str] = []

    def verify(self) -> int:
        self.done.append("verify")
        return 1

    def housekeeping(self) -> int:
        self.done.append("housekeeping")
        return 1

    def digest(self) -> int:
        self.done.append("digest")
        return 1


class FakeWakeups:
    def __init__(self) -> None:
        self._event = threading.Event()

    def wake(self) -> None:
        self._event.set()

    def wait(self, timeout: float) -> None:
        self._event.wait(timeout)
        self._event.clear()


class FakeWork:
    """All of it together; `work` is what the runner gets."""

    def __init__(self, before_fire: Callable[[Ready], None] | None = None) -> None:
        self.transitions = FakeTransitions(before_fire)
        self.heartbeats = FakeHeartbeats()
        self.sweep = FakeSweep(self.heartbeats)
        self.delivery = FakeDelivery()
        self.nightly = FakeNightly()
        self.wakeups = FakeWakeups()
        self.work = Work(
            transitions=self.transitions,
            sweep=self.sweep,
            delivery=self.delivery,
            nightly=self.nightly,
            heartbeats=self.heartbeats,
            wakeups=self.wakeups,
        )

    def add_and_wake(self, ready: Sequence[Ready]) -> None:
        self.transitions.add(ready)
        self.wakeups.wake()

    def keep_all_alive(self) -> None:
        """As after a good night: nothing has fallen silent."""
        for name in ("sweep", "verify", "housekeeping"):
            self.heartbeats.beat(name)
