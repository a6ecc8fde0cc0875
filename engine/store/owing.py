"""Notices that belong to no case, owed in the transaction that makes them true."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection

from engine.outbox import OwedNotice
from engine.store.mapping import owed_to_row
from engine.store.plan import NOT_YET
from engine.store.tables import OutboxRow, OutboxState, table
from engine.store.upsert import insert_once

_OUTBOX = table(OutboxRow)


def owe(connection: Connection, notices: Iterable[OwedNotice], *, now: datetime) -> None:
    """Each once, whoever owes it again."""
    for notice in notices:
        row = {**owed_to_row(notice), **NOT_YET, "state": OutboxState.OWED.value}
        insert_once(connection, _OUTBOX, {**row, "due_at": now, "created_at": now})
