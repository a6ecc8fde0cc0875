"""Finding what is due among many open deadlines, and sweeping it as a runner does.

Fills a SQLite store with deadline rows, a part of them due; times one raw query for what is due beside a
claim that finds nothing, the claim of a batch, and a runner's whole sweep of the due ones. Prints JSON.

    .venv/bin/python -m benchmarks.sweep [--deadlines 100000] [--due 1000]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.ten_stage_case import PERSON, sop
from engine.case import commands as cmd
from engine.case.state import Actor, Via
from engine.clock import FixedClock, SystemClock
from engine.ids import CaseId
from engine.store.people import Person
from engine.store.projection_tables import DeadlineRow
from engine.store.store import Store
from engine.store.sweep_claims import ClaimedCase
from engine.store.tables import CaseRow, table
from runtime.carrying import SWEEP_BATCH, SWEEP_LEASE_SECONDS, Carrying
from runtime.settings import Settings
from runtime.wiring import Parts, opened

_CASE, _DEADLINE = table(CaseRow), table(DeadlineRow)
BATCH = 10_000


def prepare(parts: Parts, clock: FixedClock, due: int) -> None:
    """`due` real cases whose stage deadlines will be due."""
    store = parts.store
    store.people.put(Person(id=PERSON, name="裴"))
    store.people.set_holders("pm", [PERSON])
    store.definitions.publish(sop(), "bench.yaml", by=PERSON, now=clock.now())
    person = Actor(person=PERSON, via=Via.API)
    for n in range(due):
        started = cmd.StartCase(case_id=CaseId(f"due-{n}"), sop="bench", title="基准")
        parts.service.handle(started, actor=person)


def crowd(store: Store, clock: FixedClock, deadlines: int) -> None:
    """Copies of one case and its deadline, each due in a far month; rows only: the finding reads no more."""
    with store.database.writing() as connection:
        case = connection.execute(sa.select(_CASE)).mappings().first()
        row = connection.execute(sa.select(_DEADLINE)).mappings().first()
        if case is None or row is None:
            raise SystemExit("there is no case to copy")
        far = clock.now() + timedelta(days=90)
        for start in range(0, deadlines, BATCH):
            names = [f"far-{n}" for n in range(start, min(start + BATCH, deadlines))]
            connection.execute(_CASE.insert(), [{**case, "id": name, "next_due": far} for name in names])
            later = {**row, "next_at": far, "due_at": far}
            connection.execute(_DEADLINE.insert(), [{**later, "case_id": name} for name in names])


def seconds(work: Callable[[], object], times: int = 7) -> float:
    """The median of several runs."""
    taken: list[float] = []
    for _ in range(times):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--deadlines", type=int, default=100_000)
    options.add_argument("--due", type=int, default=1_000)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        clock = FixedClock(SystemClock().now())
        settings = Settings(data_dir=Path(folder), database_url=f"sqlite:///{folder}/sweep.db")
        with opened(settings, migrate=True, clock=clock) as parts:
            prepare(parts, clock, given.due)
            crowd(parts.store, clock, given.deadlines)
            print(json.dumps(measure(parts, clock, given.due)))


def measure(parts: Parts, clock: FixedClock, due: int) -> dict[str, float]:
    store = parts.store

    def claimed(limit: int = SWEEP_BATCH) -> Sequence[ClaimedCase]:
        return store.sweeps.claim(limit=limit, holder="bench", lease_seconds=SWEEP_LEASE_SECONDS)

    empty = seconds(claimed)
    clock.advance(timedelta(days=30))
    raw = sa.select(_DEADLINE.c.case_id).where(_DEADLINE.c.next_at <= clock.now()).limit(SWEEP_BATCH)

    def raw_found() -> object:
        with store.database.reading() as connection:
            return connection.execute(raw).all()

    result = {"empty_ms": empty * 1000, "raw_ms": seconds(raw_found) * 1000}
    start = time.perf_counter()
    batch = claimed()
    result["claimed_ms"] = (time.perf_counter() - start) * 1000
    store.sweeps.done(batch)
    carrying = Carrying(parts, holder="bench")
    start = time.perf_counter()
    while carrying.sweep().more:
        pass
    result["swept_s"] = time.perf_counter() - start
    result["swept_in_a_second"] = due / result["swept_s"]
    result["due_afterwards"] = len(store.sweeps.due(limit=due))
    return {name: round(value, 2) for name, value in result.items()}


if __name__ == "__main__":
    main()
