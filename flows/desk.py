"""What the runner says to Prefect apart from its flows: what there is to run, what is paused, what was left
behind.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.client.schemas.responses import SetStateStatus
from prefect.states import Cancelled, Crashed, Pending

from flows.deployments import Deployment, is_paused

RUNS_ASKED_FOR = 200
LEFT_BEHIND_AFTER = timedelta(minutes=10)
LEFT_BEHIND_AFTER_DAILY = timedelta(hours=12)  # comparing a large store with its history takes its time


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A scheduled run that is ours to carry."""

    deployment: Deployment
    run: FlowRun


def claim_due(
    client: SyncPrefectClient, known: Mapping[UUID, Deployment], *, now: datetime, busy: Iterable[str]
) -> list[Claimed]:
    """The newest due run of each deployment that is not `busy`; older ones are cancelled, for one tick does
    for all.

    A run that another runner was quicker to claim is left out.
    """
    by_deployment: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for found in client.get_scheduled_flow_runs_for_deployments(list(known), now, RUNS_ASKED_FOR):
        deployment = known.get(found.deployment_id) if found.deployment_id else None
        if found.deployment_id and deployment and deployment.name not in busy:
            by_deployment[found.deployment_id].append(found.id)
    claimed: list[Claimed] = []
    for deployment_id, runs in by_deployment.items():
        *late, newest = runs
        for run in late:
            client.set_flow_run_state(
                run, Cancelled(name="Skipped", message="A later run does the same work.")
            )
        if client.set_flow_run_state(newest, Pending()).status is SetStateStatus.ACCEPT:
            claimed.append(Claimed(deployment=known[deployment_id], run=client.read_flow_run(newest)))
    return claimed


def read_pauses(client: SyncPrefectClient, known: Mapping[UUID, Deployment]) -> dict[str, bool]:
    """Which deployments are paused, by name. One that the server does not know any more is missing."""
    those = DeploymentFilter(id=DeploymentFilterId(any_=list(known)))
    return {
        known[found.id].name: is_paused(found) for found in client.read_deployments(deployment_filter=those)
    }


def crash_left_behind(client: SyncPrefectClient, *, now: datetime) -> int:
    """End the runs of processes that died in the middle; Prefect would show them as running for ever."""
    quick = _crash(client, ("transition", "sweep", "digest"), before=now - LEFT_BEHIND_AFTER)
    return quick + _crash(client, ("verify", "housekeeping"), before=now - LEFT_BEHIND_AFTER_DAILY)


def _crash(client: SyncPrefectClient, flows: tuple[str, ...], *, before: datetime) -> int:
    runs = client.read_flow_runs(
        flow_filter=FlowFilter(name=FlowFilterName(any_=list(flows))),
        flow_run_filter=FlowRunFilter(
            state=FlowRunFilterState(
                type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.PENDING])
            ),
            expected_start_time=FlowRunFilterExpectedStartTime.model_validate({"before_": before}),
        ),
        limit=RUNS_ASKED_FOR,
    )
    for run in runs:
        client.set_flow_run_state(
            run.id,
            Crashed(message="Its process ended in the middle; the work was done by another."),
            force=True,
        )
    return len(runs)
