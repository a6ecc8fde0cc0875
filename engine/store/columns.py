"""Column types whose meaning does not depend on the database."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import TIMESTAMP, DateTime, String
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator, TypeEngine

from engine.clock import as_utc

INSTANT_LENGTH = 27  # 2026-01-05T09:00:00.000000Z


class Instant(TypeDecorator[datetime]):
    """An aware instant, in and out in UTC; a time without a zone is refused.

    TIMESTAMP WITH TIME ZONE on PostgreSQL; text of one width on SQLite, so that it sorts as it passes.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        if dialect.name == "sqlite":
            return dialect.type_descriptor(String(INSTANT_LENGTH))
        return dialect.type_descriptor(TIMESTAMP(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        if value is None:
            return None
        instant = as_utc(value)
        return to_text(instant) if dialect.name == "sqlite" else instant

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return datetime.fromisoformat(value) if dialect.name == "sqlite" else value.astimezone(UTC)


def to_text(instant: datetime) -> str:
    """The instant in UTC to the microsecond, always of the same width: 2026-01-05T09:00:00.000000Z."""
    return f"{as_utc(instant).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
