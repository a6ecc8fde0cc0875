"""Carries the scheduled runs of our deployments, warm, in this process; and does without Prefect what falls
silent.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextvars import copy_context
from datetime import timedelta
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun
from prefect.exceptions import ObjectNotFound

from engine.clock import Clock
from flows.breaker import Breaker
from flows.carrier import BEGIN_WITHIN_SECONDS, Announcement, Carrier, state_of
from flows.deployments import Deployment, register
from flows.desk import Claimed, claim_due, crash_left_behind, read_pauses
from flows.errand import Errand, Outcome
from flows.events import send_waiting, watch_sweep
from flows.lane import Lane
from flows.work import Heartbeats

log = logging.getLogger("guanka.runner")

ASK_WITHIN_SECONDS = 5.0  # several requests, each with its own limit of two
PAUSES_EVERY_SECONDS = 10.0
LEFT_BEHIND_EVERY_SECONDS = 300.0
SILENT_AGAIN_SECONDS = 60.0  # before what fell silent, and failed, is tried again


class Schedule:
    """What one thread does at each tick; each deployment is then carried by a thread of its own, one run at a
    time.
    """

    def __init__(
        self,
        deployments: Iterable[Deployment],
        acts: Mapping[str, Callable[[], Outcome]],
        *,
        heartbeats: Heartbeats,
        breaker: Breaker,
        clock: Clock,
        begin_within: float = BEGIN_WITHIN_SECONDS,
        on_reached: Callable[[], None] = lambda: None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """`acts`: the work of each deployment, by its name. `on_reached` is called when Prefect is found."""
        self._on_reached = on_reached
        self._deployments = tuple(deployments)
        self._acts = acts
        self._heartbeats = heartbeats
        self._breaker = breaker
        self._clock = clock
        self._monotonic = monotonic
        self._lane = Lane("schedule")
        self._known: dict[UUID, Deployment] = {}
        self._carriers = {
            each.name: Carrier(each.name, breaker, begin_within=begin_within) for each in self._deployments
        }
        self._busy: dict[str, threading.Thread] = {}
        self._finishing = False
        self._last: dict[str, float] = {}

    def tick(self, carriers: Iterable[Carrier] = ()) -> None:
        """Ask Prefect what is due, if it is there, then look for what fell silent. Tells it what `carriers`
        could not.

        Prefect's failures end here; those of the heartbeats come through.
        """
        if self._breaker.probe_due():
            self._probe()
        if self._breaker.closed:
            self._look((*self._carriers.values(), *carriers))
        for deployment in self._deployments:
            if self._is_silent(deployment):
                self._start(deployment, None)

    def finish(self, seconds: float) -> None:
        """Wait for what is being carried, so long at most; nothing is continued any more."""
        self._finishing = True
        end = self._monotonic() + seconds
        for thread in list(self._busy.values()):
            thread.join(max(0.0, end - self._monotonic()))

    def _probe(self) -> None:
        try:
            self._known = self._lane.ask(self._introduce, within=ASK_WITHIN_SECONDS)
        except Exception as fault:  # noqa: BLE001 - not there, or not well yet: the next tick asks again
            log.debug("Prefect is not there yet: %s", type(fault).__name__)
            return
        self._breaker.close()
        self._on_reached()
        log.info("Prefect is there; flows run through it")

    def _introduce(self, client: SyncPrefectClient) -> dict[UUID, Deployment]:
        known = register(client, self._deployments)
        watch_sweep(client)
        return known

    def _look(self, carriers: Iterable[Carrier]) -> None:
        try:
            claimed, pauses = self._lane.ask(
                lambda client: self._ask(client, carriers), within=ASK_WITHIN_SECONDS
            )
        except httpx.HTTPStatusError:
            self._breaker.failed()
            return
        except Exception as fault:  # noqa: BLE001 - whatever it is, the runner does without Prefect
            self._breaker.trip()
            log.warning("Working without Prefect for now: %s", type(fault).__name__)
            return
        for name, paused in pauses.items():
            self._heartbeats.paused(name, paused)
        for each in claimed:
            self._start(each.deployment, each.run)

    def _ask(
        self, client: SyncPrefectClient, carriers: Iterable[Carrier]
    ) -> tuple[list[Claimed], dict[str, bool]]:
        now = self._clock.now()
        pauses: dict[str, bool] = {}
        if self._every("pauses", PAUSES_EVERY_SECONDS):
            pauses = read_pauses(client, self._known)
            if len(pauses) < len(self._deployments):  # the server lost its database
                self._known = self._introduce(client)
        if self._every("left behind", LEFT_BEHIND_EVERY_SECONDS):
            crash_left_behind(client, now=now)
        for carrier in carriers:
            _tell(client, carrier)
        send_waiting(client)
        busy = [name for name, thread in self._busy.items() if thread.is_alive()]
        return claim_due(client, self._known, now=now, busy=busy), pauses

    def _is_silent(self, deployment: Deployment) -> bool:
        patience = self._patience(deployment)
        if patience is None or self._is_busy(deployment):
            return False
        age = self._heartbeats.age(deployment.name)
        if age is not None and age <= patience:
            return False
        return not self._heartbeats.is_paused(deployment.name) and self._every(
            f"silent {deployment.name}", SILENT_AGAIN_SECONDS
        )

    def _patience(self, deployment: Deployment) -> timedelta | None:
        """Prefect is given time to bring a late tick, but not where it is away, nor before the first run.
        None: nothing is done without a tick.
        """
        waits = self._breaker.closed and deployment.name in self._busy
        if waits or deployment.silence is None or deployment.alone is None:
            return deployment.silence
        return deployment.alone

    def _is_busy(self, deployment: Deployment) -> bool:
        thread = self._busy.get(deployment.name)
        return thread is not None and thread.is_alive()

    def _start(self, deployment: Deployment, run: FlowRun | None) -> None:
        """Carry it in a thread of its own: a night's verification holds up no sweep."""
        thread = threading.Thread(
            target=copy_context().run,
            args=(self._carry, deployment, run),
            name=f"carry-{deployment.name}",
            daemon=True,
        )
        self._busy[deployment.name] = thread
        thread.start()

    def _carry(self, deployment: Deployment, run: FlowRun | None) -> None:
        """Without a scheduled run it is done as a run of its own where Prefect is there, and without one
        where not. What is left over is done at once, run after run: other deployments have their own threads.
        """
        announced: FlowRun | Announcement = run or Announcement(name=f"{deployment.name} (no tick came)")
        while self._carried(deployment, announced).again and self._goes_on(deployment):
            announced = Announcement(name=f"{deployment.name} (continued)")

    def _goes_on(self, deployment: Deployment) -> bool:
        return not self._finishing and not self._heartbeats.is_paused(deployment.name)

    def _carried(self, deployment: Deployment, run: FlowRun | Announcement) -> Outcome:
        errand = Errand(lambda _flow_run: self._acts[deployment.name]())
        outcome = self._carriers[deployment.name].carry(errand, deployment.flow, run)
        log.info("%s: %s", deployment.name, outcome.summary)
        return outcome

    def _every(self, what: str, seconds: float) -> bool:
        """True at most once in `seconds`."""
        now = self._monotonic()
        if what in self._last and now - self._last[what] < seconds:
            return False
        self._last[what] = now
        return True


def _tell(client: SyncPrefectClient, carrier: Carrier) -> None:
    """What became of runs whose end Prefect did not hear."""
    while carrier.untold:
        flow_run, outcome = carrier.untold[0]
        try:
            client.set_flow_run_state(flow_run, state_of(outcome), force=True)
        except ObjectNotFound:
            log.debug("Prefect has forgotten run %s", flow_run)
        carrier.untold.popleft()
