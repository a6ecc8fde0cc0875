"""What may be thrown away after its time."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from engine.store.engines import Database
from engine.store.tables import IdempotencyRow, table

KEYS_KEPT = timedelta(days=30)
_KEY = table(IdempotencyRow)


def forget_old_keys(database: Database, *, now: datetime) -> int:
    """Idempotency keys older than 30 days; returns how many."""
    with database.writing() as connection:
        return connection.execute(delete(_KEY).where(_KEY.c.created_at < now - KEYS_KEPT)).rowcount
