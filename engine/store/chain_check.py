"""Whether stored events are the chain they claim to be."""

import json
from collections.abc import Iterator, Sequence
from typing import Any

from engine.clock import as_utc
from engine.store.chain import START, broken_commitments, hash_of
from engine.store.finding import Finding
from engine.text import Text


def chain_faults(case: Any, events: Sequence[Any]) -> Iterator[Finding]:
    """Faults of one case, first place first. `case` has version and head_hash; `events` are rows in order
    of sequence.
    """
    previous = START
    for expected, row in enumerate(events, 1):
        if row.sequence != expected:
            yield _missing(case.id, expected)
            return
        previous_hash, previous = previous, row.hash
        if hash_of(previous_hash, row.body) != row.hash:
            yield _event(row, "正文与哈希链不符", "its body does not fit the hash chain")
            return
        yield from _row_faults(row)
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


def _row_faults(row: Any) -> Iterator[Finding]:
    """The columns that repeat the body, and the values that were committed to."""
    body = json.loads(row.body)
    repeated = {
        "case_id": body["case"],
        "sequence": body["sequence"],
        "schema_number": body["schema"],
        "kind": body["kind"],
        "at": body["at"],
        "person": body["actor"]["person"],
        "via": body["actor"]["via"],
        "flow_run": body["data"].get("flow_run"),
    }
    for name, value in repeated.items():
        stored = getattr(row, name)
        if (as_utc(stored).isoformat() if name == "at" else stored) != value:
            yield _event(row, f"列 {name} 与正文不符", f"its column {name} differs from its body")
    for name in broken_commitments(row.body, row.private):
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
