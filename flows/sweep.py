"""The flow `sweep`: what is due gets its command. What that is, our own rows say; a tick may come late or
twice.
"""

from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State

from flows.carrier import FLOW_OPTIONS, carry_errand
from flows.errand import Outcome, Verdict
from flows.work import SweepWork


@flow(name="sweep", description="到期扫描 · Sends a command for everything that is due", **FLOW_OPTIONS)
def sweep() -> State[Any]:
    return carry_errand()


def do_sweep(work: SweepWork) -> Outcome:
    report = work.sweep()
    more = ", more to come" if report.more else ""
    summary = f"{report.due} due, {report.acted} acted on{more}"
    return Outcome(verdict=Verdict.DONE, summary=summary, again=report.more)
