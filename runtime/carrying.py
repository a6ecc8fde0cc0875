"""Firing what is ready and sweeping what is due: the store's queues and the one door, as the runner
needs them.
"""

import logging
import os
import socket
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import RULE_PERSON, Actor, Via
from engine.ids import CaseId
from engine.ports import Answer, ReadyRequest
from engine.store.sweep_claims import ClaimedCase
from runtime.absences import turn_over
from runtime.desertions import Desertions
from runtime.recounting import catch_up
from runtime.wiring import Parts

# What a runner that was killed had in hand waits so long; a batch that takes longer is renewed on the way.
LEASE_SECONDS: Final = 10.0
SWEEP_BATCH: Final = 100
SWEEP_SECONDS: Final = 8.0  # then the sweep says that there is more, and lives to be stopped
SWEEP_LEASE_SECONDS: Final = 60.0  # longer than a batch can take
IN_VAIN_SECONDS: Final = 60.0  # before a case is swept again that nothing came of
MOST_TIMES: Final = 3  # in one sweep; what is still due then rests too
LONGEST_BACK_OFF: Final = timedelta(minutes=10)
RUNNER: Final = Actor(person=RULE_PERSON, via=Via.RUNNER)

log = logging.getLogger("guanka.runner")


def holder_name() -> str:
    """This process, in leases: a reader should find it."""
    return f"{socket.gethostname()}/{os.getpid()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """`more`: some is left that could not be done in the time of one sweep."""

    due: int
    acted: int
    more: bool = False


class Carrying:
    """What a runner does, with Prefect or without. One case that fails keeps its failure to itself."""

    def __init__(
        self, parts: Parts, *, holder: str | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._parts, self._monotonic = parts, monotonic
        self._holder = holder or holder_name()
        self._desertions = Desertions(parts.store, parts.service)

    def take_ready(self, *, limit: int) -> Sequence[ReadyRequest]:
        return self._parts.store.queues.take_ready(
            limit=limit, holder=self._holder, lease_seconds=LEASE_SECONDS
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
        self._parts.store.queues.renew_ready(held, lease_seconds=LEASE_SECONDS)

    def release(self, held: Sequence[ReadyRequest]) -> None:
        for ready in held:
            self._parts.store.queues.release_ready(ready, retry_at=None)

    def sweep(self) -> Swept:
        """One command for each case with something due, oldest first; after `SWEEP_SECONDS` the rest is left,
        for whoever sweeps next.
        """
        end = self._monotonic() + SWEEP_SECONDS
        self._parts.store.queues.recall()
        acted = turn_over(self._parts.store, self._parts.service, self._parts.clock)
        acted += self._desertions.tell() + self._catch_up()
        due, times = 0, Counter[CaseId]()
        while batch := self._claimed():
            due += len(batch)
            acted += self._swept(batch, times, end)
            if self._monotonic() >= end:
                return Swept(due=due, acted=acted, more=True)
        return Swept(due=due, acted=acted)

    def _claimed(self) -> Sequence[ClaimedCase]:
        return self._parts.store.sweeps.claim(
            limit=SWEEP_BATCH, holder=self._holder, lease_seconds=SWEEP_LEASE_SECONDS
        )

    def _swept(self, batch: Sequence[ClaimedCase], times: Counter[CaseId], end: float) -> int:
        """How many changed. Those that time does not suffice for are given back."""
        done: list[ClaimedCase] = []
        acted = 0
        for place, each in enumerate(batch):
            if place and self._monotonic() >= end:
                done += batch[place:]
                break
            times[each.case_id] += 1
            rest = self._sweep_one(each)
            if rest is None and times[each.case_id] < MOST_TIMES:
                done.append(each)
            else:
                self._parts.store.sweeps.rest(each, seconds=rest or IN_VAIN_SECONDS)
            acted += rest is None
        self._parts.store.sweeps.done(done)
        return acted

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

    def _catch_up(self) -> int:
        """Deadlines follow newer data of a calendar; should that fail, what is due is still swept."""
        try:
            return catch_up(self._parts)
        except Exception as fault:  # noqa: BLE001 - the next round tries again
            log.error("Deadlines could not be counted again: %s: %s", type(fault).__name__, fault)  # noqa: TRY400
            return 0

    def _sweep_one(self, claimed: ClaimedCase) -> float | None:
        """None when something came of it; else for how many seconds it is left alone."""
        try:
            answer = self._parts.service.handle(cmd.Sweep(case_id=claimed.case_id), actor=RUNNER)
        except Exception as fault:  # noqa: BLE001 - one bad case fails alone
            log.error(  # noqa: TRY400
                "Case %s could not be swept: %s: %s", claimed.case_id, type(fault).__name__, fault
            )
            return _back_off(claimed.token).total_seconds()
        return None if answer.events else IN_VAIN_SECONDS

    def _rest(self, ready: ReadyRequest) -> None:
        """`token` counts the leases, so that every runner knows how often this one was tried."""
        retry_at = self._parts.clock.now() + _back_off(ready.token)
        self._parts.store.queues.release_ready(ready, retry_at=retry_at)


def _back_off(tries: int) -> timedelta:
    return min(timedelta(seconds=2 ** min(tries, 16)), LONGEST_BACK_OFF)


def _came_to(answer: Answer) -> Literal["fired", "dropped", "gone"]:
    """A refusal says that the request is over: another runner was quicker, or it was withdrawn."""
    if answer.refusal is not None:
        return "gone"
    fired = any(isinstance(recorded.event, ev.TransitionFired) for recorded in answer.events)
    return "fired" if fired else "dropped"
