"""The one place where the time of day enters. Every instant is aware and in UTC."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Whatever can say what time it is."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock; it may step back when the machine's time is corrected."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still until it is moved; for tests and rehearsals."""

    def __init__(self, instant: datetime) -> None:
        self._instant = as_utc(instant)

    def now(self) -> datetime:
        return self._instant

    def set(self, instant: datetime) -> None:
        """Jump to `instant`, forwards or backwards."""
        self._instant = as_utc(instant)

    def advance(self, by: timedelta) -> datetime:
        """Move by `by`, which may be negative, and return the new instant."""
        self._instant += by
        return self._instant


def as_utc(instant: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError for a time without a zone, which names no instant."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no time zone; give an aware time, such as one in UTC")
    return instant.astimezone(UTC)
