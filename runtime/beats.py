"""Signs of life of the runner's loops, as the runner and the pages read them."""

from datetime import timedelta

from engine.clock import Clock
from engine.store.heartbeats import Heartbeat, Heartbeats
from runtime.pulse import AHEAD

RUNNER_SILENT = timedelta(seconds=30)  # it beats every ten


class Beats:
    """Last words by name. A pause said in Prefect is kept over a restart, when Prefect may not be there
    to ask.
    """

    def __init__(self, heartbeats: Heartbeats, clock: Clock) -> None:
        self._heartbeats, self._clock = heartbeats, clock

    def age(self, name: str) -> timedelta | None:
        """None also for a beat from a time that has not come: the clock has gone back since."""
        last = self._last(name)
        age = None if last is None else self._clock.now() - last.at
        return age if age is None or age > -AHEAD else None

    def beat(self, name: str) -> None:
        paused = self.is_paused(name)
        self._heartbeats.beat(name, now=self._clock.now(), paused=paused)

    def paused(self, name: str, paused: bool) -> None:  # noqa: FBT001 - the one thing it says
        """The instant stays that of the last beat: to pause is no sign of life."""
        last = self._last(name)
        if last is None or last.paused != paused:
            at = last.at if last else self._clock.now()
            self._heartbeats.beat(name, now=at, paused=paused)

    def is_paused(self, name: str) -> bool:
        last = self._last(name)
        return last is not None and last.paused

    def runner_is_alive(self) -> bool:
        age = self.age("runner")
        return age is not None and age < RUNNER_SILENT

    def _last(self, name: str) -> Heartbeat | None:
        return self._heartbeats.last(name)
