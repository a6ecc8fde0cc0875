"""Whether a case's snapshot, its rows for lists and its outbox follow from its events."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.case.events import Recorded
from engine.case.evolve import replay
from engine.case.state import Case
from engine.definition.compiled import Definition
from engine.groups import is_news_of
from engine.outbox import messages_owed
from engine.store import mapping
from engine.store.finding import Finding
from engine.store.projections import KEYS, SOURCES, Columns, case_columns, rows_of
from engine.store.tables import RequestRow, Row, table
from engine.text import Text

Stored = Mapping[type[Row], Mapping[tuple[Any, ...], Columns]]


def snapshot_faults(row: Any, events: Sequence[Recorded]) -> Iterator[Finding]:
    """`row` is the whole row of `case_`."""
    stored, folded = mapping.case_from_text(row.snapshot), replay(events)
    if folded != stored:
        what = _differing(folded, stored)
        yield _case(
            row.id, f"快照的 {what} 与事件重放结果不符", f"{what} of the snapshot is not what the events make"
        )
    for name, value in case_columns(stored).items():
        if getattr(row, name) != value:
            yield _case(row.id, f"列 {name} 与快照不符", f"its column {name} differs from the snapshot")


def projection_faults(definition: Definition, case: Case, stored: Stored) -> Iterator[Finding]:
    for row, source in SOURCES:
        wanted, found = rows_of(row, source, definition, case), stored.get(row, {})
        for key in sorted({*wanted, *found}, key=str):
            if wanted.get(key) != found.get(key):
                yield _row(row, key, wanted.get(key), found.get(key))


def outbox_faults(events: Sequence[Recorded], stored: Mapping[str, int]) -> Iterator[Finding]:
    """`stored` maps the outbox keys of the case to the sequence of the event they stand with. Which groups
    were told follows from the company as it was then, so only what may not be there is found of those.
    """
    by_sequence = {recorded.sequence: recorded for recorded in events}
    wanted = {owed.key: owed.sequence for recorded in events for owed in messages_owed(recorded)}
    for key in sorted({*wanted, *stored}):
        if key not in stored:
            yield _outbox(key, "事件所欠的消息缺失", "a message owed by an event is missing")
        elif key not in wanted:
            event = by_sequence.get(stored[key])
            if event is not None and is_news_of(key, event):
                continue
            yield _outbox(key, "没有事件欠此消息", "no event owes this message")
        elif wanted[key] != stored[key]:
            yield _outbox(key, "消息所属的事件不符", "it stands with another event than the one that owes it")


def comparable(row: type[Row], stored: Any) -> tuple[tuple[Any, ...], Columns]:
    """A stored row by its key, without the columns that belong to a queue and not to the projection."""
    apart = QUEUE_COLUMNS if row is RequestRow else frozenset[str]()
    columns = {c.name: getattr(stored, c.name) for c in table(row).columns if c.name not in apart}
    return tuple(columns[name] for name in KEYS[row]), columns


QUEUE_COLUMNS = frozenset({"ready_at", "due_at", "lease_holder", "token"})


def _differing(folded: Case | None, stored: Case) -> str:
    if folded is None:
        return "everything"
    names = (name for name in Case.__dataclass_fields__ if getattr(folded, name) != getattr(stored, name))
    return ", ".join(names)


def _row(row: type[Row], key: tuple[Any, ...], wanted: Columns | None, found: Columns | None) -> Finding:
    if found is None:
        what = Text("该行缺失", "this row is missing")
    elif wanted is None:
        what = Text("快照中没有该行", "the snapshot knows no such row")
    else:
        names = ", ".join(name for name in wanted if wanted[name] != found[name])
        what = Text(f"{names} 与快照不符", f"{names} differs from the snapshot")
    return Finding(table=table(row).name, key="/".join(str(part) for part in key), what=what)


def _case(case_id: str, zh: str, en: str) -> Finding:
    return Finding(table="case_", key=case_id, what=Text(zh, en))


def _outbox(key: str, zh: str, en: str) -> Finding:
    return Finding(table="outbox", key=key, what=Text(zh, en))
