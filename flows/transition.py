"""The flow `transition`: one run carries everything that is ready, and each case commits on its own."""

import json
import logging
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any, Literal

from prefect import flow
from prefect.client.orchestration import SyncPrefectClient
from prefect.client.schemas.objects import State

from flows.carrier import FLOW_OPTIONS, Announcement, carry_errand
from flows.errand import Outcome, Verdict
from flows.work import Ready, TransitionWork

log = logging.getLogger("guanka.runner")

RENEW_EVERY_SECONDS = 5.0
NAMED_CASES = 5  # in a run's name; a list of runs shows no more
TAGGED_CASES = 50  # Prefect refuses an event with more than 100 related things, and tags are among them


@flow(name="transition", description="流转 · Fires the transitions that are ready", **FLOW_OPTIONS)
def transition() -> State[Any]:
    return carry_errand()


class Batch:
    """What one run carries, and what became of each."""

    def __init__(
        self,
        work: TransitionWork,
        ready: Sequence[Ready],
        stopping: threading.Event,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._work = work
        self._ready = tuple(ready)
        self._stopping = stopping
        self._monotonic = monotonic
        self.results: list[tuple[Ready, Literal["fired", "dropped", "gone", "failed"]]] = []

    @property
    def several(self) -> bool:
        return len(self._ready) > 1

    def act(self, flow_run: str | None) -> Outcome:
        renewed = self._monotonic()
        for position, ready in enumerate(self._ready):
            if self._stopping.is_set():
                self._work.release(self._ready[position:])
                break
            if self._monotonic() - renewed >= RENEW_EVERY_SECONDS:
                self._work.renew(self._ready[position:])
                renewed = self._monotonic()
            self.results.append((ready, self._fire(ready, flow_run)))
        return self._outcome()

    def announcement(self) -> Announcement:
        """Names the cases, the first few of them when there are many."""
        if not self.several:
            (only,) = self._ready
            name = f"{only.case_id} {only.transition}"
        else:
            cases = ", ".join(ready.case_id for ready in self._ready[:NAMED_CASES])
            more = "…" if len(self._ready) > NAMED_CASES else ""
            name = f"{len(self._ready)} × {cases}{more}"
        cases = [f"case:{ready.case_id}" for ready in self._ready[:TAGGED_CASES]]
        sops = [f"sop:{sop}" for sop in sorted({ready.sop for ready in self._ready})[: TAGGED_CASES // 2]]
        return Announcement(name=name, tags=tuple(dict.fromkeys(cases + sops)))

    def rows(self) -> list[dict[str, str]]:
        """What became of each case, for a table."""
        return [
            {"case": ready.case_id, "sop": ready.sop, "transition": ready.transition, "result": result}
            for ready, result in self.results
        ]

    def _fire(self, ready: Ready, flow_run: str | None) -> Literal["fired", "dropped", "gone", "failed"]:
        try:
            return self._work.fire(ready, flow_run=flow_run)
        except Exception as fault:  # noqa: BLE001 - one bad case fails alone
            log.error("Case %s could not take %s: %s", ready.case_id, ready.transition, fault)  # noqa: TRY400
            return "failed"

    def _outcome(self) -> Outcome:
        counts = Counter(result for _, result in self.results)
        summary = (
            ", ".join(f"{count} {result}" for result, count in sorted(counts.items())) or "nothing fired"
        )
        if not counts["failed"]:
            return Outcome(verdict=Verdict.DONE, summary=summary)
        verdict = Verdict.FAILED if counts["failed"] == len(self.results) else Verdict.PARTLY
        return Outcome(verdict=verdict, summary=summary)


def file_table(client: SyncPrefectClient, batch: Batch, flow_run: str) -> None:
    """Attach the table to its run; the work is done by then, so that a failure costs only the table."""
    body = {
        "type": "table",
        "data": json.dumps(batch.rows(), ensure_ascii=False),
        "description": "流转结果 · What became of each case",
        "flow_run_id": flow_run,
    }
    client.request("POST", "/artifacts/", json=body)
