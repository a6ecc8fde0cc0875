"""Firing what is ready and sweeping what is due: the store's queues and the one door, as the runner
needs them.
"""

import logging
import os
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import RULE_PERSON, Actor, Via
from engine.ids import CaseId
from engine.ports import Answer, ReadyRequest
from runtime.absences import turn_over
from runtime.desertions import Desertions
from runtime.wiring import Parts

# What a runner that was killed had in hand waits so long; a batch that takes longer is renewed on the way.
LEASE_SECONDS: Final = 10.0
SWEEP_BATCH: Final = 500
LONGEST_BACK_OFF: Final = timedelta(minutes=10)
RUNNER: Final = Actor(person=RULE_PERSON, via=Via.RUNNER)

log = logging.getLogger("guanka.runner")


def holder_name() -> str:
    """This process, in leases: a reader should find it."""
    return f"{socket.gethostname()}/{os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    due: int
    acted: int


class Carrying:
    """What a runner does, with Prefect or without. One case that fails keeps its failure to itself."""

    def __init__(self, parts: Parts, *, holder: str | None = None) -> None:
        self._parts = parts
        self._holder = holder or holder_name()
        self._desertions = Desertions(parts.store, parts.service)

    def take_ready(self, *, limit: int) -> Sequence[ReadyRequest]:
        return self._parts.store.queues.take_ready(
            limit=limit, holder=self._holder, lease_seconds=LEASE_SECONDS, now=self._parts.clock.now()
        )

    def fire(self, ready: ReadyRequest, *, flow_run: str | None) -> Literal["fired", "dropped", "gone"]:
        """Raises what the door raises; the request then rests, longer each time, and is tried again."""
        command = cmd.FireTransition(case_id=ready.case_id, request=ready.request, flow_run=flow_run)
        try:
            answer = self._parts.service.handle(command, actor=RUNNER)
        except Exception:
            self._rest(ready)
            raise
        return _came_to(answer)

    def renew(self, held: Sequence[ReadyRequest]) -> None:
        self._parts.store.queues.renew_ready(held, lease_seconds=LEASE_SECONDS, now=self._parts.clock.now())

    def release(self, held: Sequence[ReadyRequest]) -> None:
        for ready in held:
            self._parts.store.queues.release_ready(ready, retry_at=None)

    def sweep(self) -> Swept:
        """One command for each case with something due; a case that fails is left for the next round."""
        acted = turn_over(self._parts.store, self._parts.service, self._parts.clock)
        acted += self._desertions.tell()
        seen = set[CaseId]()
        while True:
            due = self._parts.store.queues.due_cases(
                now=self._parts.clock.now(), limit=SWEEP_BATCH + len(seen)
            )
            fresh = [case for case in due if case not in seen]
            if not fresh:
                return Swept(due=len(seen), acted=acted)
            seen.update(fresh)
            acted += sum(self._sweep_one(case) for case in fresh)

    def fire_ready(self, *, limit: int = 1000) -> int:
        """Fires what is ready here and now, without Prefect, until nothing is left; how many were fired
        or dropped.
        """
        done = 0
        while ready := self.take_ready(limit=limit):
            for each in ready:
                try:
                    done += self.fire(each, flow_run=None) != "gone"
                except Exception as fault:  # noqa: BLE001 - one bad case fails alone
                    log.error("Case %s could not take %s: %s", each.case_id, each.transition, fault)  # noqa: TRY400
        return done

    def _sweep_one(self, case_id: CaseId) -> bool:
        try:
            return bool(self._parts.service.handle(cmd.Sweep(case_id=case_id), actor=RUNNER).events)
        except Exception as fault:  # noqa: BLE001 - one bad case fails alone
            log.error("Case %s could not be swept: %s: %s", case_id, type(fault).__name__, fault)  # noqa: TRY400
            return False

    def _rest(self, ready: ReadyRequest) -> None:
        """`token` counts the leases, so that every runner knows how often this one was tried."""
        seconds = timedelta(seconds=2 ** min(ready.token, 16))
        retry_at = self._parts.clock.now() + min(seconds, LONGEST_BACK_OFF)
        self._parts.store.queues.release_ready(ready, retry_at=retry_at)


def _came_to(answer: Answer) -> Literal["fired", "dropped", "gone"]:
    """A refusal says that the request is over: another runner was quicker, or it was withdrawn."""
    if answer.refusal is not None:
        return "gone"
    fired = any(isinstance(recorded.event, ev.TransitionFired) for recorded in answer.events)
    return "fired" if fired else "dropped"
