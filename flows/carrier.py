"""Takes an errand to Prefect, and does it without Prefect when Prefect does not begin it in time."""

import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, assert_never
from uuid import UUID

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import FlowRun, State
from prefect.context import FlowRunContext
from prefect.exceptions import Abort, Pause
from prefect.flow_engine import run_flow
from prefect.flows import Flow
from prefect.settings import PREFECT_HOME
from prefect.states import Cancelled, Completed, Failed

from flows.breaker import Breaker
from flows.errand import Errand, Outcome, Verdict, errand_on_duty, on_duty
from flows.lane import Lane

log = logging.getLogger("guanka.runner")

BEGIN_WITHIN_SECONDS = 1.0
END_WITHIN_SECONDS = 1.0
KEPT_VERDICTS = 1000
BUSY_PAUSES_SECONDS = (0.1, 0.2, 0.4)  # together less than a run may take to begin

# Results stay ours. A storage named here spares two questions to the server at every run; nothing is written
# to it.
FLOW_OPTIONS: dict[str, Any] = {
    "persist_result": False,
    "result_storage": PREFECT_HOME.value() / "storage",
    "log_prints": False,
    "retries": 0,
    "validate_parameters": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """How a run is shown in Prefect."""

    name: str
    tags: Sequence[str] = ()


class Carrier:
    """One lane for one kind of errand, one errand at a time."""

    def __init__(self, name: str, breaker: Breaker, *, begin_within: float = BEGIN_WITHIN_SECONDS) -> None:
        self._lane = Lane(name)
        self._breaker = breaker
        self._begin_within = begin_within
        self._flow_ids: dict[str, UUID] = {}
        # Verdicts Prefect could not be told: it went away between a run's beginning and its end.
        self.untold: deque[tuple[str, Outcome]] = deque(maxlen=KEPT_VERDICTS)

    def carry(self, errand: Errand, flow: Flow[[], State[Any]], run: Announcement | FlowRun) -> Outcome:
        """Returns when the errand is done, whether or not a flow carried it."""
        job: Future[None] | None = None
        if self._breaker.closed:
            job = self._lane.submit(lambda client: self._run(client, errand, flow, run))
            job.add_done_callback(lambda _: errand.hand_back())
            errand.await_beginning(self._begin_within)
        errand.perform(None)  # does nothing if the flow has begun it
        errand.await_end()
        if job is not None:
            self._judge(job, errand)
        return errand.outcome or Outcome(verdict=Verdict.FAILED, summary="interrupted")

    def afterwards(self, job: Callable[[SyncPrefectClient], None]) -> None:
        """Have `job` done when nothing else is, if Prefect is there; nobody waits for it."""
        if self._breaker.closed:
            self._lane.submit(job)

    def prepare(self, flow: Flow[[], State[Any]]) -> None:
        """Open the client and learn the flow's id beforehand: the first run is slower than all others."""
        self._lane.submit(lambda client: self._flow_id(client, flow))

    def _flow_id(self, client: SyncPrefectClient, flow: Flow[[], State[Any]]) -> UUID:
        if flow.name not in self._flow_ids:
            self._flow_ids[flow.name] = client.create_flow(flow)
        return self._flow_ids[flow.name]

    def _run(
        self,
        client: SyncPrefectClient,
        errand: Errand,
        flow: Flow[[], State[Any]],
        run: Announcement | FlowRun,
    ) -> None:
        flow_run = run if isinstance(run, FlowRun) else self._announce(client, flow, run)
        if errand.begun:
            client.set_flow_run_state(flow_run.id, _too_late())
            return
        with on_duty(errand):
            run_flow(flow, flow_run=flow_run, return_type="state")

    def _announce(self, client: SyncPrefectClient, flow: Flow[[], State[Any]], run: Announcement) -> FlowRun:
        """A new run. In one request: the client's own way asks for the flow's id every time."""
        try:
            body = {
                "name": run.name,
                "flow_id": str(self._flow_id(client, flow)),
                "tags": list(run.tags),
                "state": {"type": "PENDING"},
                "empirical_policy": {"retries": 0, "retry_delay": 0},
            }
            return FlowRun.model_validate(_post_run(client, body))
        except Exception:
            self._flow_ids.clear()  # a server that lost its database knows none of them
            raise

    def _judge(self, job: "Future[None]", errand: Errand) -> None:
        """Learn from how the run went, and wait a moment for its end: one run at a time is kind to SQLite."""
        try:
            job.result(END_WITHIN_SECONDS if errand.flow_run else 0)
        except TimeoutError:
            self._lane.abandon()
            self._away("it keeps us waiting")
        except httpx.TransportError as fault:
            self._away(type(fault).__name__)
        except (Abort, Pause):  # somebody cancelled the run over there
            self._breaker.succeeded()
        except BaseException as fault:  # noqa: BLE001 - whatever Prefect says, the work is done
            self._breaker.failed()
            log.warning("Prefect answered with an error (%s: %.200s)", type(fault).__name__, fault)
        else:
            self._breaker.succeeded()
            return
        if errand.flow_run is not None and errand.outcome is not None:
            self.untold.append((errand.flow_run, errand.outcome))

    def _away(self, why: str) -> None:
        self._breaker.trip()
        log.warning("Working without Prefect for now: %s", why)


def _post_run(client: SyncPrefectClient, body: dict[str, Any]) -> Any:
    """Again if need be: a SQLite-backed server says 503 at once when another write is under way."""
    for pause in BUSY_PAUSES_SECONDS:
        try:
            return client.request("POST", "/flow_runs/", json=body).json()
        except httpx.HTTPStatusError as refused:
            if refused.response.status_code != httpx.codes.SERVICE_UNAVAILABLE:
                raise
        time.sleep(pause)
    return client.request("POST", "/flow_runs/", json=body).json()


def carry_errand() -> State[Any]:
    """The body of every flow here: do the errand this run was made for, once."""
    context = FlowRunContext.get()
    errand = errand_on_duty()
    if errand is None or context is None or context.flow_run is None:
        return Cancelled(message="Only the runner of this installation carries this flow.")
    outcome = errand.perform(str(context.flow_run.id))
    return _too_late() if outcome is None else state_of(outcome)


def state_of(outcome: Outcome) -> State[Any]:
    match outcome.verdict:
        case Verdict.DONE:
            return Completed(message=outcome.summary)
        case Verdict.PARTLY:
            return Completed(name="Partly failed", message=outcome.summary)
        case Verdict.FAILED:
            return Failed(message=outcome.summary)
        case unreachable:
            assert_never(unreachable)


def _too_late() -> State[Any]:
    return Cancelled(message="Prefect was slow to begin; the runner did it without this run.")
