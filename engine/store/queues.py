"""The rows that wait to be worked on, claimed under a lease.

A claim moves a row's `due_at` to the end of the lease and counts `token` up: whoever dies leaves a row that
comes due by itself, and whoever wakes too late holds an old token. On PostgreSQL several claim side by side
(SKIP LOCKED), on SQLite one after the other under the write lock. Leases begin and end by the database's
clock, read in the transaction that claims: no process's own clock can shorten another's lease.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, Update, select, tuple_, update

from engine.case.state import RequestState
from engine.clock import Clock
from engine.ids import CaseId, PersonId, RequestId
from engine.ports import ClaimedMessage, Outcome, ReadyRequest
from engine.store.engines import Database
from engine.store.mapping import owed_from_row
from engine.store.recall import recalled
from engine.store.store_clock import Tick, tick_within
from engine.store.tables import OutboxRow, OutboxState, RequestRow, table

_REQUEST, _OUTBOX = table(RequestRow), table(OutboxRow)
DETAIL_LENGTH = 2000


class SqlQueues:
    def __init__(self, database: Database, clock: Clock) -> None:
        """`clock`: the database's; another one is believed as it is."""
        self._database, self._clock = database, clock

    def take_ready(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ReadyRequest]:
        """Requests whose gates are open, first ready first."""
        ready = _REQUEST.c.state == RequestState.READY.value
        wanted = select(_REQUEST.c.case_id, _REQUEST.c.request).where(ready)
        wanted = wanted.order_by(_REQUEST.c.due_at, _REQUEST.c.case_id).limit(limit)
        rows = self._claim(_REQUEST, wanted, _Lease(holder, timedelta(seconds=lease_seconds)))
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

    def renew_ready(self, held: Sequence[ReadyRequest], *, lease_seconds: float) -> None:
        """Moves the end of those leases that have not passed to another and still have something to fire."""
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            ends = {"due_at": now + timedelta(seconds=lease_seconds)}
            for ready in held:
                connection.execute(update(_REQUEST).where(_held(ready)).values(ends))

    def claim_messages(
        self, *, limit: int, holder: str, lease_seconds: float, of: PersonId | None = None
    ) -> Sequence[ClaimedMessage]:
        lease = _Lease(holder, timedelta(seconds=lease_seconds))
        which = ~_OUTBOX.c.is_command if of is None else ~_OUTBOX.c.is_command & (_OUTBOX.c.to_person == of)
        return self._claim_owed(which, limit, lease)

    def claim_commands(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ClaimedMessage]:
        lease = _Lease(holder, timedelta(seconds=lease_seconds))
        return self._claim_owed(_OUTBOX.c.is_command, limit, lease)

    def finish(self, claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> bool:
        """Records how the try ended. False: the lease had run out and another has the row; this try counts
        for nothing.
        """
        return self._change(finished(claimed, outcome, now=now))

    def recall(self) -> int:
        """Brings back what lies ahead of time because the clock has gone back since; how many rows."""
        with self._database.writing() as connection:
            return recalled(connection, tick_within(self._clock, connection).now)

    def _claim_owed(
        self, which: ColumnElement[bool], limit: int, lease: "_Lease"
    ) -> Sequence[ClaimedMessage]:
        wanted = select(_OUTBOX.c.id).where(which).order_by(_OUTBOX.c.due_at, _OUTBOX.c.id).limit(limit)
        rows = self._claim(_OUTBOX, wanted, lease, attempts=_OUTBOX.c.attempts + 1)
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

    def _claim(self, rows: Table, wanted: Select[Any], lease: "_Lease", **more: Any) -> Sequence[Any]:
        with self._database.reading() as connection:
            waiting = wanted.where(rows.c.due_at <= self._clock.now()).limit(1)
            if connection.execute(waiting).first() is None:
                return []  # an idle poll must not stand in the writers' way
        with self._database.writing() as connection:
            tick = tick_within(self._clock, connection)
            free = wanted.where(_free(rows, tick))
            return _claimed(connection, rows, free, {**lease.begun(tick.now), **more})

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


@dataclass(frozen=True, slots=True)
class _Lease:
    holder: str
    length: timedelta

    def begun(self, now: datetime) -> dict[str, Any]:
        return {"lease_holder": self.holder, "due_at": now + self.length}


def _free(rows: Table, tick: Tick) -> ColumnElement[bool]:
    """Due by now; right after the clock was put forward only what nobody may still have in hand."""
    due = rows.c.due_at <= tick.now
    return due if tick.steady else due & rows.c.lease_holder.is_(None)


def _claimed(
    connection: Connection, rows: Table, wanted: Select[Any], lease: dict[str, Any]
) -> Sequence[Any]:
    keys = connection.execute(wanted.with_for_update(skip_locked=True)).all()
    if not keys:
        return []
    own = tuple_(*(rows.c[column.name] for column in wanted.selected_columns))
    taken = update(rows).where(own.in_([tuple(key) for key in keys])).values(**lease, token=rows.c.token + 1)
    return connection.execute(taken.returning(*rows.columns)).all()
