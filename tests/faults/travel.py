"""Moves the clock of a whole installation, the database's, and gives processes clocks of their own that are
wrong. Nobody moves the machine's: what the product reads of it, it reads in one place.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import text

from engine.clock import SystemClock
from engine.store import store_clock
from engine.store.boot_clock import BootClock
from engine.store.engines import Database
from engine.store.store_clock import StoreClock
from engine.store.tables import StoreClockRow, table
from engine.store.upsert import upsert
from runtime.wiring import Parts, opened
from tests.faults.places import Place

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
# What PostgreSQL finds before its own function of that name, in connections made from now on.
_SERVER: Final = (
    "CREATE SCHEMA travel",
    "CREATE TABLE travel.shift (by interval)",
    "INSERT INTO travel.shift VALUES ('0 s')",
    """CREATE FUNCTION travel.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE AS
    'SELECT pg_catalog.clock_timestamp() + (SELECT by FROM travel.shift)'""",
)


@dataclass(slots=True)
class WrongClock:
    """A process's own clock, that much ahead of the machine's; it may jump."""

    ahead: timedelta

    def now(self) -> datetime:
        return SystemClock().now() + self.ahead


def prepare(place: Place) -> None:
    """From now on the database's clock can be set. Before anybody else connects."""
    database = Database(place.url)
    if not database.is_sqlite:
        with database.writing() as connection:
            for statement in _SERVER:
                connection.execute(text(statement))
            name = connection.scalar(text("SELECT current_database()"))
            connection.execute(text(f"ALTER DATABASE {name} SET search_path = public, travel, pg_catalog"))
    database.close()


def travel(database: Database, to: datetime) -> None:
    """The database's clock shows this from now on, and goes on from there."""
    with database.writing() as connection:
        if database.is_sqlite:
            boot = BootClock()
            started = (to - _EPOCH) // timedelta(microseconds=1) - boot.microseconds()
            upsert(
                connection,
                table(StoreClockRow),
                {"boot": boot.boot},
                {"started_at": started, "doubted_at": None},
            )
        else:
            shift = text("UPDATE travel.shift SET by = :to - pg_catalog.clock_timestamp()")
            connection.execute(shift, {"to": to})


@contextmanager
def at_work(place: Place, own: WrongClock | timedelta) -> Generator[Parts]:
    """A process of the product whose own clock is wrong; it goes by the database's."""
    wall = own if isinstance(own, WrongClock) else WrongClock(own)
    right, store_clock.SystemClock = store_clock.SystemClock, lambda: wall
    try:
        with opened(place.settings) as parts:
            assert isinstance(parts.clock, StoreClock)
            yield parts
    finally:
        store_clock.SystemClock = right
