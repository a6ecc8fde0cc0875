"""Whether stored events are the chain they claim to be."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from engine.store.chain import START, Opened, hash_of, opened
from engine.store.finding import Finding
from engine.text import Text


@dataclass(frozen=True, kw_only=True)
class Stored:
    """A row of `event` with its private parts beside it; read only when its hash has been found right."""

    row: Any

    @cached_property
    def opened(self) -> Opened:
        return opened(self.row.body, self.row.private)


def chain_faults(case: Any, events: Sequence[Stored]) -> Iterator[Finding]:
    """Faults of one case, first place first. `case` is its row, `events` are in order of their sequence."""
    previous = START
    for expected, event in enumerate(events, 1):
        row = event.row
        if row.sequence != expected:
            yield _missing(case.id, expected)
            return
        if hash_of(previous, row.body) != row.hash:
            yield _event(row, "正文与哈希链不符", "its body does not fit the hash chain")
            return
        previous = row.hash
        yield from _row_faults(event)
    yield from _end_faults(case, len(events), previous)


def _end_faults(case: Any, count: int, head: str) -> Iterator[Finding]:
    if count < case.version:
        yield _missing(case.id, count + 1)
    elif count > case.version:
        yield Finding(
            table="event",
            key=f"{case.id}/{case.version + 1}",
            what=Text("案例的版本不包含该事件", "the case's version does not reach this event"),
        )
    elif head != case.head_hash:
        yield Finding(
            table="case_",
            key=case.id,
            what=Text("记录的链头不是最后事件的哈希", "the recorded head is not the hash of the last event"),
        )


def _row_faults(event: Stored) -> Iterator[Finding]:
    """The columns that repeat the body, and the values that were committed to."""
    row, body = event.row, event.opened.body
    actor = body["actor"]
    repeated = (
        ("case_id", row.case_id, body["case"]),
        ("sequence", row.sequence, body["sequence"]),
        ("schema_number", row.schema_number, body["schema"]),
        ("kind", row.kind, body["kind"]),
        ("at", row.at.isoformat(), body["at"]),
        ("person", row.person, actor["person"]),
        ("via", row.via, actor["via"]),
        ("flow_run", row.flow_run, body["data"].get("flow_run")),
    )
    for name, stored, wanted in repeated:
        if stored != wanted:
            yield _event(row, f"列 {name} 与正文不符", f"its column {name} differs from its body")
    for name in event.opened.broken_commitments():
        yield Finding(
            table="event_private",
            key=f"{row.case_id}/{row.sequence}",
            what=Text(f"{name} 与链上承诺不符", f"{name} is not what the chain committed to"),
        )


def _event(row: Any, zh: str, en: str) -> Finding:
    return Finding(table="event", key=f"{row.case_id}/{row.sequence}", what=Text(zh, en))


def _missing(case_id: str, sequence: int) -> Finding:
    return Finding(
        table="event", key=f"{case_id}/{sequence}", what=Text("该事件缺失", "this event is missing")
    )
