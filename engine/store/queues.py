"""The rows that wait to be worked on, claimed under a lease.

A claim moves a row's `due_at` to the end of the lease and counts `token` up: whoever dies leaves a row that
comes due by itself, and whoever wakes too late holds an old token. On PostgreSQL several claim side by side
(SKIP LOCKED), on SQLite one after the other under the write lock.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Update, select, tuple_, update

from engine.case.state import RequestState
from engine.ids import CaseId, PersonId, RequestId
from engine.ports import ClaimedMessage, Outcome, ReadyRequest
from engine.store.engines import Database
from engine.store.mapping import owed_from_row
from engine.store.tables import DeadlineRow, OutboxRow, OutboxState, RequestRow, table

_REQUEST, _OUTBOX, _DEADLINE = table(RequestRow), table(OutboxRow), table(DeadlineRow)
DETAIL_LENGTH = 2000


class SqlQueues:
    def __init__(self, database: Database) -> None:
        self._database = database

    def take_ready(
        self, *, limit: int, holder: str, lease_seconds: float, now: datetime
    ) -> Sequence[ReadyRequest]:
        """Requests whose gates are open, first ready first."""
        due = (_REQUEST.c.due_at <= now) & (_REQUEST.c.state == RequestState.READY.value)
        wanted = select(_REQUEST.c.case_id, _REQUEST.c.request).where(due)
        wanted = wanted.order_by(_REQUEST.c.due_at, _REQUEST.c.case_id).limit(limit)
        rows = self._claim(_REQUEST, wanted, _lease(holder, lease_seconds, now))
        return [
            ReadyRequest(
                case_id=CaseId(row.case_id),
                request=RequestId(row.request),
                transition=row.transition,
                sop=row.sop,
                token=row.token,
            )
            for row in sorted(rows, key=lambda row: (row.ready_at, row.case_id))
        ]

    def release_ready(self, ready: ReadyRequest, *, retry_at: datetime | None) -> bool:
        """Gives the request back, at once or at `retry_at`. False: it has fired, fallen, or is another's by
        now.
        """
        again = _REQUEST.c.ready_at if retry_at is None else retry_at
        return self._change(update(_REQUEST).where(_held(ready)).values(due_at=again, lease_holder=None))

    def renew_ready(self, held: Sequence[ReadyRequest], *, lease_seconds: float, now: datetime) -> None:
        """Moves the end of those leases that have not passed to another and still have something to fire."""
        ends = {"due_at": now + timedelta(seconds=lease_seconds)}
        with self._database.writing() as connection:
            for ready in held:
                connection.execute(update(_REQUEST).where(_held(ready)).values(ends))

    def due_cases(self, *, now: datetime, limit: int) -> Sequence[CaseId]:
        # Row by row in the order of the index: to group by case would read every open deadline.
        wanted = (
            select(_DEADLINE.c.case_id)
            .where(_DEADLINE.c.next_at <= now)
            .order_by(_DEADLINE.c.next_at, _DEADLINE.c.case_id)
            .limit(limit)
        )
        with self._database.reading() as connection:
            return [CaseId(case_id) for case_id in dict.fromkeys(connection.scalars(wanted))]

    def claim_messages(
        self, *, limit: int, holder: str, lease_seconds: float, now: datetime, of: PersonId | None = None
    ) -> Sequence[ClaimedMessage]:
        which = ~_OUTBOX.c.is_command if of is None else ~_OUTBOX.c.is_command & (_OUTBOX.c.to_person == of)
        return self._claim_owed(which, limit, _lease(holder, lease_seconds, now), now)

    def claim_commands(
        self, *, limit: int, holder: str, lease_seconds: float, now: datetime
    ) -> Sequence[ClaimedMessage]:
        return self._claim_owed(_OUTBOX.c.is_command, limit, _lease(holder, lease_seconds, now), now)

    def finish(self, claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> bool:
        """Records how the try ended. False: the lease had run out and another has the row; this try counts
        for nothing.
        """
        return self._change(finished(claimed, outcome, now=now))

    def _claim_owed(
        self, which: ColumnElement[bool], limit: int, lease: dict[str, Any], now: datetime
    ) -> Sequence[ClaimedMessage]:
        wanted = select(_OUTBOX.c.id).where(which, _OUTBOX.c.due_at <= now)
        wanted = wanted.order_by(_OUTBOX.c.due_at, _OUTBOX.c.id).limit(limit)
        rows = self._claim(_OUTBOX, wanted, {**lease, "attempts": _OUTBOX.c.attempts + 1})
        return [
            ClaimedMessage(
                id=row.id,
                owed=owed_from_row(row),
                attempts=row.attempts,
                token=row.token,
                owed_at=row.created_at,
            )
            for row in sorted(rows, key=lambda row: row.id)
        ]

    def _claim(self, rows: Table, wanted: Select[Any], lease: dict[str, Any]) -> Sequence[Any]:
        with self._database.reading() as connection:
            if connection.execute(wanted.limit(1)).first() is None:
                return []  # an idle poll must not stand in the writers' way
        with self._database.writing() as connection:
            return _claimed(connection, rows, wanted, lease)

    def _change(self, statement: Update) -> bool:
        with self._database.writing() as connection:
            return connection.execute(statement).rowcount == 1


def in_hand(claimed: ClaimedMessage) -> ColumnElement[bool]:
    """Still under the lease that this one was taken with."""
    held = (_OUTBOX.c.id == claimed.id) & (_OUTBOX.c.token == claimed.token)
    return held & _OUTBOX.c.lease_holder.is_not(None)


def finished(claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> Update:
    """The row as it is after a try that ended so."""
    state = OutboxState(outcome.state)
    again = outcome.retry_at or (now if state is OutboxState.RETRY else None)
    return (
        update(_OUTBOX)
        .where(in_hand(claimed))
        .values(
            state=state.value,
            due_at=again,
            lease_holder=None,
            channel=outcome.channel,
            code=outcome.code,
            detail=outcome.detail[:DETAIL_LENGTH],
            finished_at=now if again is None else None,
        )
    )


def _held(ready: ReadyRequest) -> ColumnElement[bool]:
    """Still to be fired, under the lease that this one was taken with."""
    return (
        (_REQUEST.c.case_id == ready.case_id)
        & (_REQUEST.c.request == ready.request)
        & (_REQUEST.c.token == ready.token)
        & (_REQUEST.c.state == RequestState.READY.value)
        & _REQUEST.c.lease_holder.is_not(None)
    )


def _lease(holder: str, seconds: float, now: datetime) -> dict[str, Any]:
    return {"lease_holder": holder, "due_at": now + timedelta(seconds=seconds)}


def _claimed(
    connection: Connection, rows: Table, wanted: Select[Any], lease: dict[str, Any]
) -> Sequence[Any]:
    keys = connection.execute(wanted.with_for_update(skip_locked=True)).all()
    if not keys:
        return []
    own = tuple_(*(rows.c[column.name] for column in wanted.selected_columns))
    taken = update(rows).where(own.in_([tuple(key) for key in keys])).values(**lease, token=rows.c.token + 1)
    return connection.execute(taken.returning(*rows.columns)).all()
