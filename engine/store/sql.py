"""The unit of work: one transaction on one case, the case's lock taken first, few statements.

On PostgreSQL the lock is the case's row, for a case to come an advisory lock on its id; on SQLite it is the
database's one write lock.
"""

from collections import OrderedDict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from engine.case.contacts import Newcomer
from engine.case.events import Recorded
from engine.case.state import Case, RequestState
from engine.definition.compiled import Definition
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.outbox import Owed
from engine.ports import Answer, Company, KeyRecord
from engine.store import chain, mapping, projections
from engine.store.company import CompanyCache
from engine.store.definitions import Definitions
from engine.store.engines import Cursor, Database
from engine.store.people import newcomer_row
from engine.store.plan import Plan
from engine.store.tables import OutboxState, RequestRow, Row

CASES_KEPT = 512
TAKEN_MEANWHILE = (
    "case_.id",
    "pk_case_",
    "idempotency.key",
    "pk_idempotency",
)  # as the two databases name the rule


class SqlUnitOfWork:
    def __init__(self, database: Database, definitions: Definitions) -> None:
        self._database = database
        self.definitions = definitions
        self.plan = Plan(database.engine.dialect)
        self.companies = CompanyCache(database.engine.dialect)
        self.together = database.together
        self._cases: OrderedDict[CaseId, tuple[str, Case]] = OrderedDict()

    @contextmanager
    def begin(self, case_id: CaseId) -> Generator["SqlWork"]:
        """Raises StoreBusy when the lock cannot be had in time, VersionMoved when another made the case
        first.
        """
        try:
            with self._database.transaction() as cursor:
                yield SqlWork(self, cursor, case_id, self._lock(cursor, case_id))
        except self._database.broken_rule as error:
            if any(name in str(error) for name in TAKEN_MEANWHILE):
                raise VersionMoved(case_id) from error
            raise

    def case_of(self, case_id: CaseId, text: str) -> Case:
        """The snapshot as a value; being frozen, the one read before serves while the text is the same."""
        kept = self._cases.get(case_id)
        if kept is None or kept[0] != text:
            kept = self.keep(mapping.case_from_text(text), text)
        return kept[1]

    def keep(self, case: Case, text: str) -> tuple[str, Case]:
        self._cases[case.id] = (text, case)
        if len(self._cases) > CASES_KEPT:
            self._cases.popitem(last=False)
        return text, case

    def _lock(self, cursor: Cursor, case_id: CaseId) -> tuple[Any, ...] | None:
        row = self.plan.locked.one(cursor, id=case_id)
        if row is None and self.plan.claim_name is not None:
            self.plan.claim_name.one(cursor, id=case_id)
            row = self.plan.locked.one(cursor, id=case_id)
        return row


class SqlWork:
    def __init__(
        self, uow: SqlUnitOfWork, cursor: Cursor, case_id: CaseId, row: tuple[Any, ...] | None
    ) -> None:
        self._uow, self._cursor, self._case_id = uow, cursor, case_id
        self._stored = row
        self._revision: int | None = None if row is None else row[3]

    def case(self, case_id: CaseId) -> Case | None:
        if case_id != self._case_id:
            found = self._uow.plan.snapshot.one(self._cursor, id=case_id)
            return None if found is None else self._uow.case_of(case_id, found[0])
        return None if self._stored is None else self._uow.case_of(case_id, self._stored[2])

    def definition(self, digest: str) -> Definition:
        return self._uow.definitions.within(self._cursor, digest)

    def latest(self, sop: str) -> Definition | None:
        digest = self._uow.companies.latest(self._cursor, sop, self._seen_revision())
        return None if digest is None else self.definition(digest)

    def company(self, sop: str) -> Company:
        return self._uow.companies.company(self._cursor, sop, self._seen_revision())

    def introduce(self, newcomer: Newcomer) -> None:
        plan, cursor = self._uow.plan, self._cursor
        plan.grow.run(cursor)  # also the lock that orders changes of people
        if plan.namesake.one(cursor, id=newcomer.id, email=newcomer.email.casefold()) is not None:
            raise VersionMoved(self._case_id)
        plan.people.insert(cursor, [newcomer_row(newcomer)])

    def used_key(self, person: PersonId, key: str) -> KeyRecord | None:
        row = self._uow.plan.used_key.one(self._cursor, person=person, key=key)
        if row is None:
            return None
        body_hash, case_id, version, count, refusal = row
        answer = Answer(
            case_id=case_id,
            version=version,
            events=self._events(case_id, version, count) if count else (),
            refusal=mapping.refusal_from_text(refusal),
            repeated=True,
        )
        return KeyRecord(body_hash=body_hash, answer=answer)

    def remember(self, person: PersonId, key: str, body_hash: str, answer: Answer, *, now: datetime) -> None:
        row = {
            "person": person,
            "key": key,
            "body_hash": body_hash,
            "case_id": answer.case_id,
            "version": answer.version,
            "events": len(answer.events),
            "refusal": mapping.refusal_to_text(answer.refusal),
            "created_at": now,
        }
        self._uow.plan.keys.insert(self._cursor, [row])

    def save(
        self, definition: Definition, case: Case, events: Sequence[Recorded], owed: Sequence[Owed]
    ) -> None:
        if not events:
            return
        version, head = (0, chain.START) if self._stored is None else self._stored[:2]
        if case.version - len(events) != version or events[-1].sequence != case.version:
            raise VersionMoved(case.id)
        links = chain.seal(head, events)
        old = self.case(case.id)
        plan, cursor = self._uow.plan, self._cursor
        with self._uow.together(cursor):
            self._write_case(case, links[-1], version)
            plan.events.insert(cursor, [link.row() for link in links])
            plan.private.insert(cursor, [_private(link) for link in links if link.private is not None])
            self._project(definition, old, case, events[-1].at)
            plan.outbox.run_each(cursor, _outbox_rows(events, owed))

    def _write_case(self, case: Case, link: chain.Link, version: int) -> None:
        text = mapping.case_to_text(case)
        row = {
            **projections.case_columns(case),
            "updated_at": link.recorded.at,
            "head_hash": link.hash,
            "snapshot": text,
        }
        if version == 0:
            self._uow.plan.cases.insert(self._cursor, [row])
        elif self._uow.plan.move_case.run(self._cursor, **row, key_id=case.id, key_version=version) == 0:
            raise VersionMoved(case.id)
        self._stored = (case.version, link.hash, text, self._revision)
        self._uow.keep(case, text)  # harmless if rolled back: kept under a text the store then does not hold

    def _project(self, definition: Definition, old: Case | None, new: Case, now: datetime) -> None:
        changes = projections.changes(definition, old, new)
        for change in reversed(changes):
            self._uow.plan.projections[change.row].delete(self._cursor, change.gone)
        for change in changes:
            rows = self._uow.plan.projections[change.row]
            rows.insert(self._cursor, [_stamped(change.row, columns, now) for columns in change.new])
            rows.change(self._cursor, [_stamped(change.row, columns, now) for columns in change.changed])

    def _events(self, case_id: CaseId, version: int, count: int) -> tuple[Recorded, ...]:
        first = version - count + 1
        rows = self._uow.plan.events_between.all(self._cursor, case_id=case_id, first=first, last=version)
        return tuple(chain.unseal(body, private) for body, private in rows)

    def _seen_revision(self) -> int:
        if self._revision is None:
            self._revision = self._uow.companies.revision(self._cursor)
        return self._revision


def _private(link: chain.Link) -> dict[str, Any]:
    recorded = link.recorded
    return {"case_id": recorded.case_id, "sequence": recorded.sequence, "data": link.private}


def _stamped(row: type[Row], columns: projections.Columns, now: datetime) -> projections.Columns:
    """A request also carries its place in the runners' queue: it enters when it becomes ready, without a
    lease.
    """
    if row is not RequestRow:
        return columns
    ready = now if columns["state"] == RequestState.READY else None
    return {**columns, "ready_at": ready, "due_at": ready, "lease_holder": None, "token": 0}


def _outbox_rows(events: Sequence[Recorded], owed: Sequence[Owed]) -> list[dict[str, Any]]:
    at = {recorded.sequence: recorded.at for recorded in events}
    return [
        {
            **mapping.owed_to_row(one),
            "state": OutboxState.OWED.value,
            "due_at": at[one.sequence],
            "created_at": at[one.sequence],
        }
        for one in owed
    ]
