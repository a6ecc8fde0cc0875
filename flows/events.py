"""Business events for Prefect, so that operators can hang automations on them; best effort, and never in the
way.

Prefect's own emitter keeps a thread and a web socket, and holds the process at its end while the server is
away. Here an event is a line in a bounded list, sent in batches by the thread that looks after the schedules.
"""

import logging
from collections import deque
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from prefect.client.orchestration import SyncPrefectClient
from prefect.events.actions import DoNothing
from prefect.events.schemas.automations import AutomationCore, EventTrigger, Posture
from prefect.events.schemas.events import Event, ResourceSpecification

log = logging.getLogger("guanka.runner")

KEPT = 2000  # newer events push out older ones while Prefect is away
SENT_AT_ONCE = 200
SWEEP_FINISHED = "guanka.sweep.finished"
SWEEP_RESOURCE = "guanka.sweep"
WATCH_NAME = "关卡:扫描已停 · guanka: the sweep has stopped"
WATCH_WITHIN = timedelta(minutes=5)

_waiting: deque[dict[str, Any]] = deque(maxlen=KEPT)


def emit(kind: str, case_id: str, payload: Mapping[str, Any]) -> None:
    """Tell Prefect that `guanka.case.<kind>` happened to `guanka.case.<case_id>`, sometime soon, if it is
    there.

    Never raises and never waits. `payload` is plain JSON; anything else costs the event.
    """
    _note(f"guanka.case.{kind}", f"guanka.case.{case_id}", payload)


def emit_sweep_finished(summary: str) -> None:
    """The sign that the automation made by `watch_sweep` waits for."""
    _note(SWEEP_FINISHED, SWEEP_RESOURCE, {"summary": summary})


def send_waiting(client: SyncPrefectClient) -> int:
    """Send one batch of what waits, oldest first; how many. A batch the server refuses is lost, not tried
    forever.
    """
    batch: list[dict[str, Any]] = []
    while _waiting and len(batch) < SENT_AT_ONCE:
        batch.append(_waiting.popleft())
    if batch:
        client.request("POST", "/events", json=batch)
    return len(batch)


def watch_sweep(client: SyncPrefectClient) -> None:
    """Make the automation that notices when no sweep has finished for five minutes, unless there is one.

    It does nothing but trigger; operators add their own action, and what they change in it stays.
    """
    if client.read_automations_by_name(WATCH_NAME):
        return
    client.create_automation(
        AutomationCore(
            name=WATCH_NAME,
            description="在此添加通知动作 · Add an action here to be told by another way.",
            tags=["guanka"],
            trigger=EventTrigger(
                posture=Posture.Proactive,
                match=ResourceSpecification.model_validate({"prefect.resource.id": SWEEP_RESOURCE}),
                expect={SWEEP_FINISHED},
                threshold=1,
                within=WATCH_WITHIN,
            ),
            actions=[DoNothing()],
        )
    )


def _note(event: str, resource: str, payload: Mapping[str, Any]) -> None:
    try:
        told = Event.model_validate(
            {"event": event, "resource": {"prefect.resource.id": resource}, "payload": dict(payload)}
        )
        _waiting.append(told.model_dump(mode="json"))
    except Exception as fault:  # noqa: BLE001 - no event is worth the work it tells of
        log.warning("Event %s was not noted: %s", event, type(fault).__name__)
