"""Every deployment with its schedule, and how the server learns of them.

Nobody but our runner carries them: there is no work pool, and a run started by hand in Prefect's pages is
picked up like a scheduled one. Pausing one there is respected, also when it is registered anew.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.actions import DeploymentScheduleCreate
from prefect.client.schemas.objects import State
from prefect.client.schemas.responses import DeploymentResponse
from prefect.client.schemas.schedules import CronSchedule
from prefect.exceptions import ObjectNotFound
from prefect.flows import Flow

from flows.daily import digest, housekeeping, verify
from flows.sweep import sweep

ZONE = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A flow with its schedule. `silence`: after so long without a heartbeat the runner does it without
    Prefect's tick; after `alone`, if that is given, where Prefect is away or the runner has just begun.
    """

    flow: Flow[[], State[Any]]
    cron: str
    description: str
    zone: str = ZONE
    silence: timedelta | None = None
    alone: timedelta | None = None

    @property
    def name(self) -> str:
        return self.flow.name

    @property
    def version(self) -> str:
        """Changes when this declaration does, and with nothing else."""
        said = json.dumps([self.name, self.cron, self.zone, self.description], ensure_ascii=False)
        return hashlib.sha256(said.encode()).hexdigest()[:12]


DEPLOYMENTS = (
    Deployment(
        flow=sweep,
        cron="* * * * *",
        description="每分钟:逾期、上报、提醒 · Every minute: overdue, escalation, reminders",
        silence=timedelta(minutes=2),
        alone=timedelta(minutes=1),
    ),
    Deployment(
        flow=digest,
        # Daily, since no cron line knows the made-up working Saturdays; the body leaves out days off.
        cron="30 8 * * *",
        description="工作日 08:30 · On working mornings",
    ),
    Deployment(
        flow=verify,
        cron="10 3 * * *",
        description="每夜核对台账 · Every night: the record against its history",
        silence=timedelta(hours=26),
    ),
    Deployment(
        flow=housekeeping,
        cron="40 3 * * *",
        description="每夜清理 · Every night: what is past its time",
        silence=timedelta(hours=26),
    ),
)


def register(client: SyncPrefectClient, deployments: Iterable[Deployment]) -> dict[UUID, Deployment]:
    """Make the server know `deployments`, changing only those it knows otherwise; by the ids it gave them."""
    return {_register_one(client, deployment): deployment for deployment in deployments}


def is_paused(known: DeploymentResponse) -> bool:
    """Paused as a whole, or all its schedules switched off."""
    return known.paused or not any(schedule.active for schedule in known.schedules)


def _register_one(client: SyncPrefectClient, wanted: Deployment) -> UUID:
    try:
        known = client.read_deployment_by_name(f"{wanted.name}/{wanted.name}")
    except ObjectNotFound:
        return _create(client, wanted, paused=False)
    if known.version == wanted.version:
        return known.id
    return _create(client, wanted, paused=is_paused(known))


def _create(client: SyncPrefectClient, wanted: Deployment, *, paused: bool) -> UUID:
    return client.create_deployment(
        client.create_flow(wanted.flow),
        wanted.name,
        version=wanted.version,
        description=wanted.description,
        tags=["guanka"],
        entrypoint=f"{wanted.flow.fn.__module__.replace('.', '/')}.py:{wanted.flow.fn.__name__}",
        parameter_openapi_schema={"type": "object", "properties": {}},
        paused=paused,
        schedules=[
            DeploymentScheduleCreate(
                schedule=CronSchedule(cron=wanted.cron, timezone=wanted.zone),
                slug="guanka",
                active=not paused,
            )
        ],
    )
