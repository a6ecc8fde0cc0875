"""What a clock that went back left ahead of time. A message owed "tomorrow", a lease that ends then: without
this they would wait until the clock has come there again.
"""

from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, select, update

from engine.store.store_clock import LONGEST_LEASE, STEP
from engine.store.tables import OutboxRow, OutboxState, RequestRow, table

_OUTBOX, _REQUEST = table(OutboxRow), table(RequestRow)
LONGEST_REST: Final = timedelta(hours=1)  # of a request that could not be fired


def recalled(connection: Connection, now: datetime) -> int:
    """How many rows were brought back. Nothing that lies where an honest clock put it is touched."""
    ends = now + LONGEST_LEASE
    found = _messages_made_later(connection, now)
    for rows in (_OUTBOX, _REQUEST):
        too_long = rows.c.lease_holder.is_not(None) & (rows.c.due_at > ends)
        found += connection.execute(update(rows).where(too_long).values(due_at=ends)).rowcount
    waiting = _REQUEST.c.lease_holder.is_(None) & _REQUEST.c.due_at.is_not(None)
    later = (_REQUEST.c.ready_at > now + STEP) | (_REQUEST.c.due_at > now + LONGEST_REST)
    at_once: dict[str, Any] = {"ready_at": now, "due_at": now}
    return found + connection.execute(update(_REQUEST).where(waiting & later).values(at_once)).rowcount


def _messages_made_later(connection: Connection, now: datetime) -> int:
    """Made at an instant that has not come: moved to now, with whatever they were to wait from then on."""
    untried = (_OUTBOX.c.state == OutboxState.OWED.value) & _OUTBOX.c.lease_holder.is_(None)
    wanted = select(_OUTBOX.c.id, _OUTBOX.c.due_at, _OUTBOX.c.created_at).where(
        untried, _OUTBOX.c.due_at > now, _OUTBOX.c.created_at > now + STEP
    )
    rows = connection.execute(wanted).all()
    for row in rows:
        moved = {"due_at": now + (row.due_at - row.created_at), "created_at": now}
        connection.execute(update(_OUTBOX).where(_OUTBOX.c.id == row.id).values(moved))
    return len(rows)
