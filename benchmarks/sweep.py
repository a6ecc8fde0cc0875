"""Finding what is due among many open deadlines, and marking it through the one door.

Fills a SQLite store with deadline rows, a part of them due; times one raw query for what is due beside the
queue's own `due_cases`, an empty sweep, and the whole sweep of the due ones through the service. Prints JSON.

    .venv/bin/python -m benchmarks.sweep [--deadlines 100000] [--due 1000]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import sqlalchemy as sa

from benchmarks.ten_stage_case import PERSON, sop
from engine.case import commands as cmd
from engine.case.state import RULE, Actor, Via
from engine.clock import FixedClock, SystemClock
from engine.ids import CaseId
from engine.service import Service
from engine.store.people import Person
from engine.store.projection_tables import DeadlineRow
from engine.store.store import Store, open_store
from engine.store.tables import CaseRow, table
from runtime.calendars import load_calendar

_CASE, _DEADLINE = table(CaseRow), table(DeadlineRow)
BATCH = 10_000


def prepare(folder: Path, clock: FixedClock, due: int) -> tuple[Store, Service]:
    """A store with `due` real cases whose stage deadlines will be due."""
    store = open_store(f"sqlite:///{folder / 'sweep.db'}", folder, migrate=True)
    store.people.put(Person(id=PERSON, name="裴"))
    store.people.set_holders("pm", [PERSON])
    store.definitions.publish(sop(), "bench.yaml", by=PERSON, now=clock.now())
    service = Service(store.uow, clock, load_calendar)
    person = Actor(person=PERSON, via=Via.API)
    for n in range(due):
        service.handle(cmd.StartCase(case_id=CaseId(f"due-{n}"), sop="bench", title="基准"), actor=person)
    return store, service


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
        store, service = prepare(Path(folder), clock, given.due)
        crowd(store, clock, given.deadlines)
        print(json.dumps(measure(store, service, clock, given.due)))
        store.close()


def measure(store: Store, service: Service, clock: FixedClock, due: int) -> dict[str, float]:
    def found() -> object:
        return store.queues.due_cases(now=clock.now(), limit=due)

    empty = seconds(found)
    clock.advance(timedelta(days=30))
    raw = sa.select(_DEADLINE.c.case_id).where(_DEADLINE.c.next_at <= clock.now()).limit(due)

    def raw_found() -> object:
        with store.database.reading() as connection:
            return connection.execute(raw).all()

    result = {
        "empty_ms": empty * 1000,
        "raw_ms": seconds(raw_found) * 1000,
        "found_ms": seconds(found) * 1000,
    }
    start = time.perf_counter()
    for case_id in store.queues.due_cases(now=clock.now(), limit=due):
        service.handle(cmd.Sweep(case_id=case_id), actor=RULE)
    result["all_through_the_one_door_s"] = time.perf_counter() - start
    result["due_afterwards"] = len(store.queues.due_cases(now=clock.now(), limit=due))
    return {name: round(value, 2) for name, value in result.items()}


if __name__ == "__main__":
    main()
