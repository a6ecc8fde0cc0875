"""The flows that run once a day: `digest`, `verify` and `housekeeping`."""

from collections.abc import Callable
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.carrier import FLOW_OPTIONS, carry_errand
from flows.errand import Outcome, Verdict
from flows.work import Heartbeats


@flow(
    name="digest", description="每日摘要 · Tells everybody in the morning what waits for them", **FLOW_OPTIONS
)
def digest() -> State[Any]:
    return carry_errand()


@flow(name="verify", description="核对 · Compares every case with its history", **FLOW_OPTIONS)
def verify() -> State[Any]:
    return carry_errand()


@flow(name="housekeeping", description="清理 · Removes what is past its time", **FLOW_OPTIONS)
def housekeeping() -> State[Any]:
    return carry_errand()


def do_daily(name: str, act: Callable[[], int], heartbeats: Heartbeats) -> Outcome:
    count = act()
    heartbeats.beat(name)
    return Outcome(verdict=Verdict.DONE, summary=f"{count} seen to")
