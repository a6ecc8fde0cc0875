"""Proves that the record is whole: chains, snapshots, rows for lists and outbox, case by case in one
reading session.

A broken chain ends the examination of its case: what follows from it would only repeat the news.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, exists, select

from engine.errors import GuankaError
from engine.store import anchor as anchors
from engine.store import case_check, mapping
from engine.store.chain_check import Stored, chain_faults
from engine.store.definitions import Definitions, digest_of
from engine.store.engines import Database
from engine.store.finding import Finding
from engine.store.history import EVENTS
from engine.store.projections import SOURCES
from engine.store.tables import CaseRow, EventRow, OutboxRow, Row, SopVersionRow, table
from engine.text import Text

_CASE, _EVENT, _OUTBOX, _VERSION = (table(row) for row in (CaseRow, EventRow, OutboxRow, SopVersionRow))
BATCH = 200
MOST_FINDINGS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`root` is over all heads, as an anchor of this moment would have it; `anchor` is the one compared
    with.
    """

    cases: int
    events: int
    root: str
    anchor: anchors.Anchor | None
    findings: tuple[Finding, ...]

    @property
    def sound(self) -> bool:
        return not self.findings


def verify(database: Database, definitions: Definitions, *, anchor: Path | None = None) -> Report:
    """Examines everything and changes nothing. With `anchor`, also that every chain still runs through its
    head there.

    Lists the first faults, in order of the case ids, at most a hundred. Raises AnchorDamaged.
    """
    read = None if anchor is None else anchors.read_anchor(anchor)
    with database.reading() as connection:
        check = _Verification(
            connection, definitions, None if anchor is None else anchors.anchored_heads(anchor)
        )
        findings = tuple(islice(check.findings(), MOST_FINDINGS))
    return Report(
        cases=check.root.count, events=check.events, root=check.root.hex(), anchor=read, findings=findings
    )


class _Verification:
    def __init__(
        self, connection: Connection, definitions: Definitions, anchored: Iterator[anchors.Head] | None
    ) -> None:
        self._connection, self._definitions = connection, definitions
        self._anchored = anchored or iter(())
        self._next = next(self._anchored, None)
        self.root, self.events = anchors.Root(), 0

    def findings(self) -> Iterator[Finding]:
        yield from self._changed_definitions()
        yield from self._orphans()
        cases = self._connection.execution_options(yield_per=BATCH).execute(
            anchors.in_order(self._connection, select(_CASE))
        )
        for batch in cases.partitions(BATCH):
            names = [row.id for row in batch]
            events, owed = self._events(names), self._owed(names)
            rows = self._projections(names)
            for row in batch:
                self.root.add(anchors.Head(case_id=row.id, version=row.version, hash=row.head_hash))
                self.events += len(events[row.id])
                yield from self._anchor_faults(row.id, events[row.id])
                yield from self._case_faults(row, events[row.id], owed[row.id], rows[row.id])
        while self._next is not None:
            yield self._lost_case(self._next)

    def _case_faults(
        self, row: Any, events: Sequence[Stored], owed: dict[str, int], rows: case_check.Stored
    ) -> Iterator[Finding]:
        try:
            broken = list(islice(chain_faults(row, events), 1))
            yield from broken or self._derived_faults(row, events, owed, rows)
        except (GuankaError, ValueError, KeyError, TypeError, AttributeError) as error:
            yield _unreadable(row.id, error)

    def _derived_faults(
        self, row: Any, events: Sequence[Stored], owed: dict[str, int], rows: case_check.Stored
    ) -> Iterator[Finding]:
        recorded = [event.opened.recorded() for event in events]
        yield from case_check.snapshot_faults(row, recorded)
        yield from case_check.outbox_faults(recorded, owed)
        definition = self._definitions.by_digest(row.digest)
        yield from case_check.projection_faults(definition, mapping.case_from_text(row.snapshot), rows)

    def _anchor_faults(self, case_id: str, events: Sequence[Stored]) -> Iterator[Finding]:
        while self._next is not None and self._next.case_id < case_id:
            yield self._lost_case(self._next)
        if self._next is None or self._next.case_id != case_id:
            return
        head, self._next = self._next, next(self._anchored, None)
        if len(events) < head.version or events[head.version - 1].row.hash != head.hash:
            yield Finding(
                table="event",
                key=f"{case_id}/{head.version}",
                what=Text("与锚定的链头不符", "it is not the head that was anchored"),
            )

    def _lost_case(self, lost: anchors.Head) -> Finding:
        self._next = next(self._anchored, None)
        return Finding(
            table="case_",
            key=lost.case_id,
            what=Text("锚定过的案例缺失", "this case was anchored and is gone"),
        )

    def _orphans(self) -> Iterator[Finding]:
        """Events without a case, which no walk over the cases would meet."""
        nobodys = select(_EVENT.c.case_id, _EVENT.c.sequence).where(
            ~exists().where(_CASE.c.id == _EVENT.c.case_id)
        )
        first = nobodys.order_by(_EVENT.c.case_id, _EVENT.c.sequence).limit(MOST_FINDINGS)
        for case_id, sequence in self._connection.execute(first):
            yield Finding(
                table="event",
                key=f"{case_id}/{sequence}",
                what=Text("该事件没有对应的案例", "this event belongs to no case"),
            )

    def _changed_definitions(self) -> Iterator[Finding]:
        kept = select(_VERSION.c.digest, _VERSION.c.text, _VERSION.c.parsed)
        for digest, text, parsed in self._connection.execute(kept):
            if digest_of(text) != digest:
                what = Text("SOP 文本与其哈希不符", "the text of this SOP version does not fit its hash")
                yield Finding(table="sop_version", key=digest, what=what)
            elif not self._definitions.reads_as(text, parsed):
                what = Text(
                    "SOP 的解析结果与其文本不符", "what is kept of this SOP version does not fit its text"
                )
                yield Finding(table="sop_version", key=digest, what=what)

    def _events(self, cases: Sequence[str]) -> defaultdict[str, list[Stored]]:
        wanted = EVENTS.where(_EVENT.c.case_id.in_(cases)).order_by(_EVENT.c.case_id, _EVENT.c.sequence)
        found: defaultdict[str, list[Stored]] = defaultdict(list)
        for row in self._connection.execute(wanted):
            found[row.case_id].append(Stored(row=row))
        return found

    def _owed(self, cases: Sequence[str]) -> defaultdict[str, dict[str, int]]:
        wanted = select(_OUTBOX.c.case_id, _OUTBOX.c.key, _OUTBOX.c.sequence).where(
            _OUTBOX.c.case_id.in_(cases)
        )
        found: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for case_id, key, sequence in self._connection.execute(wanted):
            found[case_id][key] = sequence
        return found

    def _projections(
        self, cases: Sequence[str]
    ) -> defaultdict[str, dict[type[Row], dict[tuple[Any, ...], Any]]]:
        found: defaultdict[str, dict[type[Row], dict[tuple[Any, ...], Any]]] = defaultdict(dict)
        for row, _ in SOURCES:
            columns = table(row)
            for stored in self._connection.execute(select(columns).where(columns.c.case_id.in_(cases))):
                key, values = case_check.comparable(row, stored)
                found[stored.case_id].setdefault(row, {})[key] = values
        return found


def _unreadable(case_id: str, error: Exception) -> Finding:
    said = (str(error).splitlines() or [""])[0]
    return Finding(
        table="case_",
        key=case_id,
        what=Text(
            f"案例无法从事件重建（{type(error).__name__}: {said}）",
            f"the case cannot be made from its events ({type(error).__name__}: {said})",
        ),
    )
