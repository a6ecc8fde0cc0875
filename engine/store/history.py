"""What happened, read back from the chains."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.case.events import Recorded
from engine.ids import CaseId
from engine.store.chain import Link, unseal
from engine.store.engines import Database
from engine.store.tables import CaseRow, EventPrivateRow, EventRow, table

_EVENT, _PRIVATE, _CASE = table(EventRow), table(EventPrivateRow), table(CaseRow)
_SAME = (_PRIVATE.c.case_id == _EVENT.c.case_id) & (_PRIVATE.c.sequence == _EVENT.c.sequence)
EVENTS = select(_EVENT, _PRIVATE.c.data.label("private")).join_from(_EVENT, _PRIVATE, _SAME, isouter=True)
BATCH = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a case's history. `hash` is the chain's hash after this event."""

    recorded: Recorded
    hash: str
    flow_run: str | None


class History:
    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, case_id: CaseId, *, after: int = 0) -> list[Entry]:
        """The case's events after the given sequence, in order."""
        wanted = EVENTS.where(_EVENT.c.case_id == case_id, _EVENT.c.sequence > after).order_by(
            _EVENT.c.sequence
        )
        with self._database.reading() as connection:
            return [
                Entry(recorded=unseal(row.body, row.private), hash=row.hash, flow_run=row.flow_run)
                for row in connection.execute(wanted)
            ]

    def read_events(self, case_id: CaseId, *, after: int = 0) -> list[Recorded]:
        return [entry.recorded for entry in self.entries(case_id, after=after)]

    def links(self, case_id: CaseId) -> list[Link]:
        """The case's chain as it is stored, for whoever has to prove it."""
        wanted = EVENTS.where(_EVENT.c.case_id == case_id).order_by(_EVENT.c.sequence)
        with self._database.reading() as connection:
            return [
                Link(
                    recorded=unseal(row.body, row.private), body=row.body, hash=row.hash, private=row.private
                )
                for row in connection.execute(wanted)
            ]

    def has(self, case_id: CaseId, sequence: int, digest: str) -> datetime | None:
        """When the event was recorded that has this place and this hash; None where there is none."""
        wanted = select(_EVENT.c.at).where(
            _EVENT.c.case_id == case_id, _EVENT.c.sequence == sequence, _EVENT.c.hash == digest
        )
        with self._database.reading() as connection:
            return connection.scalar(wanted)

    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:
        """One event, without reading the rest of its case."""
        wanted = EVENTS.where(_EVENT.c.case_id == case_id, _EVENT.c.sequence == sequence)
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
        return None if row is None else unseal(row.body, row.private)

    def of_kinds(self, *kinds: str, sop: str | None = None) -> Iterator[Recorded]:
        """The events of these kinds of all cases, case by case, for reports; read as they are asked for."""
        wanted = EVENTS.where(_EVENT.c.kind.in_(kinds)).order_by(_EVENT.c.case_id, _EVENT.c.sequence)
        if sop is not None:
            wanted = wanted.where(_EVENT.c.case_id.in_(select(_CASE.c.id).where(_CASE.c.sop == sop)))
        with self._database.reading() as connection:
            for row in connection.execution_options(yield_per=BATCH).execute(wanted):
                yield unseal(row.body, row.private)
