"""The engine's work in the words of the runner."""

from collections.abc import Sequence

from engine.ids import CaseId, RequestId
from engine.ports import ReadyRequest
from flows.work import Fired, Ready, SweepReport, Wakeups, Work
from notifications.delivery import Deliverer
from runtime.beats import Beats
from runtime.carrying import Carrying, holder_name
from runtime.nightly import Nightly
from runtime.wiring import Parts


def deliverer(parts: Parts) -> Deliverer:
    return Deliverer(
        queues=parts.store.queues,
        deliveries=parts.store.deliveries,
        wishes=parts.store.preferences,
        service=parts.service,
        composer=parts.composer,
        channel=parts.channel,
        clock=parts.clock,
        holder=holder_name(),
    )


def runner_work(parts: Parts, wakeups: Wakeups) -> Work:
    carrying, beats = Carrying(parts), Beats(parts.store.heartbeats, parts.clock)
    return Work(
        transitions=Transitions(carrying),
        sweep=Sweeping(carrying, beats),
        delivery=deliverer(parts),
        nightly=Nightly(parts),
        heartbeats=beats,
        wakeups=wakeups,
    )


class Transitions:
    def __init__(self, carrying: Carrying) -> None:
        self._carrying = carrying

    def take_ready(self, *, limit: int) -> Sequence[Ready]:
        return [_ready(found) for found in self._carrying.take_ready(limit=limit)]

    def fire(self, ready: Ready, *, flow_run: str | None) -> Fired:
        return self._carrying.fire(_request(ready), flow_run=flow_run)

    def renew(self, held: Sequence[Ready]) -> None:
        self._carrying.renew([_request(each) for each in held])

    def release(self, held: Sequence[Ready]) -> None:
        self._carrying.release([_request(each) for each in held])


class Sweeping:
    def __init__(self, carrying: Carrying, beats: Beats) -> None:
        self._carrying, self._beats = carrying, beats

    def sweep(self) -> SweepReport:
        swept = self._carrying.sweep()
        self._beats.beat("sweep")
        return SweepReport(due=swept.due, acted=swept.acted, more=swept.more)


def _ready(found: ReadyRequest) -> Ready:
    return Ready(
        case_id=found.case_id,
        request_id=found.request,
        transition=found.transition,
        sop=found.sop,
        token=found.token,
    )


def _request(ready: Ready) -> ReadyRequest:
    return ReadyRequest(
        case_id=CaseId(ready.case_id),
        request=RequestId(ready.request_id),
        transition=ready.transition,
        sop=ready.sop,
        token=ready.token,
    )
