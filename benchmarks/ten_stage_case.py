"""A ten-stage case, 51 durable commands, one client: the engine against a bare SQLAlchemy Core loop.

The bare loop does what no engine can do without: in one transaction a command it reads the case, writes the
snapshot, one event, one projection row and one outbox row. Both use SQLite in WAL mode with full sync on the
same disk. Prints JSON.

    .venv/bin/python -m benchmarks.ten_stage_case [--cases 20] [--rounds 5]
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pysqlite3
import sqlalchemy as sa

from engine.case import commands as cmd
from engine.case.state import RULE, Actor, Via
from engine.clock import SystemClock
from engine.definition.loader import load
from engine.ids import CaseId, PersonId, RandomIds, RequestId
from engine.service import Service
from engine.store.people import Person
from engine.store.store import open_store
from runtime.calendars import load_calendar

STAGES = 10
COMMANDS = 51
PERSON = PersonId("pei")
SNAPSHOT = "x" * 2_000


def sop() -> str:
    """Ten stages with a deadline and two tasks each."""
    lines = [
        "{sop: bench, zh: 基准, roles: {pm: {zh: 项目经理}}, fields: {note: {type: text, zh: 备注}},",
        "exits: {done: {zh: 完成, success: true}}, stages: [",
    ]
    for n in range(STAGES):
        tasks = f"[{{id: t{n}a, zh: 甲}}, {{id: t{n}b, zh: 乙}}]"
        lines.append(f"{{id: s{n}, zh: 阶段, owner: pm, deadline: {{within: 3 wd}}, tasks: {tasks}}},")
    lines.append("], transitions: [")
    for n in range(STAGES):
        target = f"to: s{n + 1}" if n < STAGES - 1 else "exit: done"
        lines.append(f"{{id: go{n}, zh: 前进, from: s{n}, {target}}},")
    return "\n".join([*lines, "]}"])


def engine(folder: Path) -> Callable[[], None]:
    store = open_store(f"sqlite:///{folder / 'engine.db'}", folder, migrate=True)
    store.people.put(Person(id=PERSON, name="裴"))
    store.people.set_holders("pm", [PERSON])
    load(sop(), "bench.yaml")
    store.definitions.publish(sop(), "bench.yaml", by=PERSON, now=SystemClock().now())
    service = Service(store.uow, SystemClock(), load_calendar)
    ids = RandomIds()

    def one_case() -> None:
        _play(service, ids.case_id())

    return one_case


def _play(service: Service, case_id: CaseId) -> None:
    person = Actor(person=PERSON, via=Via.API)
    done = 0

    def do(command: cmd.Command, actor: Actor = person) -> None:
        nonlocal done
        done += 1
        answer = service.handle(command, actor=actor, key=f"{case_id}/{done}")
        if answer.refusal is not None:
            raise SystemExit(f"refused: {answer.refusal}")
        requested.extend(e.event.request for e in answer.events if e.event.kind == "transition_requested")

    requested: list[RequestId] = []
    do(cmd.StartCase(case_id=case_id, sop="bench", title="基准"))
    for n in range(STAGES):
        do(cmd.SetFields(case_id=case_id, values={"note": f"第 {n} 步"}))
        do(cmd.CompleteTask(case_id=case_id, task=f"t{n}a"))
        do(cmd.CompleteTask(case_id=case_id, task=f"t{n}b"))
        do(cmd.RequestTransition(case_id=case_id, transition=f"go{n}"))
        do(cmd.FireTransition(case_id=case_id, request=requested[-1]), RULE)


def bare(folder: Path) -> Callable[[], None]:
    url = f"sqlite:///{folder / 'bare.db'}"
    database = sa.create_engine(url, module=pysqlite3, connect_args={"isolation_level": None})
    sa.event.listen(database, "connect", _settings)
    sa.event.listen(database, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    tables = _tables()
    tables["case"].metadata.create_all(database)
    ids = RandomIds()

    def one_case() -> None:
        case_id = ids.case_id()
        with database.begin() as connection:
            connection.execute(tables["case"].insert().values(id=case_id, version=0, snapshot=SNAPSHOT))
        for version in range(1, COMMANDS):
            _bare_command(database, tables, case_id, version)

    return one_case


def _settings(connection: pysqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")


def _tables() -> dict[str, sa.Table]:
    metadata = sa.MetaData()
    text, number = sa.Text, sa.Integer
    make = sa.Table
    return {
        "case": make(
            "case_",
            metadata,
            sa.Column("id", text, primary_key=True),
            sa.Column("version", number),
            sa.Column("snapshot", text),
        ),
        "event": make(
            "event", metadata, sa.Column("case_id", text), sa.Column("n", number), sa.Column("body", text)
        ),
        "row": make("row", metadata, sa.Column("case_id", text), sa.Column("n", number)),
        "outbox": make("outbox", metadata, sa.Column("key", text, unique=True), sa.Column("body", text)),
    }


def _bare_command(database: sa.Engine, tables: dict[str, sa.Table], case_id: str, version: int) -> None:
    case = tables["case"]
    with database.begin() as connection:
        connection.execute(sa.select(case).where(case.c.id == case_id)).one()
        changed = case.update().where(case.c.id == case_id, case.c.version == version - 1)
        connection.execute(changed.values(version=version, snapshot=SNAPSHOT))
        connection.execute(tables["event"].insert().values(case_id=case_id, n=version, body=SNAPSHOT[:300]))
        connection.execute(tables["row"].insert().values(case_id=case_id, n=version))
        connection.execute(tables["outbox"].insert().values(key=f"{case_id}/{version}", body="x" * 100))


def rate(one_case: Callable[[], None], cases: int) -> float:
    """Cases a second."""
    start = time.perf_counter()
    for _ in range(cases):
        one_case()
    return cases / (time.perf_counter() - start)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("--cases", type=int, default=20)
    options.add_argument("--rounds", type=int, default=5)
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = engine(Path(folder)), bare(Path(folder))
        ours()
        theirs()
        pairs = [(rate(ours, given.cases), rate(theirs, given.cases)) for _ in range(given.rounds)]
    ratios = sorted(a / b for a, b in pairs)
    result = {
        "engine_cases_per_second": round(statistics.median(a for a, _ in pairs), 1),
        "bare_cases_per_second": round(statistics.median(b for _, b in pairs), 1),
        "ratio": {
            "min": round(ratios[0], 2),
            "median": round(statistics.median(ratios), 2),
            "max": round(ratios[-1], 2),
        },
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
