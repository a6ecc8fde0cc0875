"""The one clock of an installation: the database's. What a process's own clock shows moves nothing.

PostgreSQL is asked for its time. SQLite has no server, but all its processes are on one machine: they count
from the start of the machine, and a row says what time of day it was then. A process whose own clock shows
another time doubts that row; only where nobody contradicts for ten minutes is the row mended, since then the
machine's time was set. So a clock that jumps a day and back within ten minutes was never noticed.
"""

import logging
import threading
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection, RowMapping, func, select

from engine.clock import Clock, SystemClock
from engine.store.boot_clock import MICROSECOND, BootClock, Uptime
from engine.store.engines import Database
from engine.store.errors import StoreUnavailable
from engine.store.tables import StoreClockRow, table
from engine.store.upsert import upsert

_ROW = table(StoreClockRow)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
FRESH_MICROSECONDS: Final = 10 * MICROSECOND  # so long a reading is carried on by the machine's uptime
TOLERATED_MICROSECONDS: Final = MICROSECOND  # clocks so close agree
PATIENCE_MICROSECONDS: Final = 600 * MICROSECOND
QUICK_MICROSECONDS: Final = 5_000
LONGEST_LEASE: Final = timedelta(minutes=2)  # no claim is longer
STEP: Final = timedelta(seconds=5)  # a clock that differs so much from what was expected has been set

log = logging.getLogger("guanka.store")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """The time `at` when the machine had been up for `up` microseconds."""

    at: datetime
    up: int

    def carried_to(self, up: int) -> datetime:
        return self.at + timedelta(microseconds=up - self.up)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """The database's time. Not `steady`: it was put forward a moment ago, so that a lease that seems to have
    run out may still be somebody's.
    """

    now: datetime
    steady: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    """What it was o'clock when the machine started, in microseconds since 1970. `doubted_at`: how long it had
    been up when a clock contradicted and none has agreed since.
    """

    started_at: int
    doubted_at: int | None = None


def judged(anchor: Anchor | None, *, wall: int, up: int) -> Anchor:
    """The anchor to go by, after a clock that shows `wall` was compared with it."""
    own = Anchor(started_at=wall - up)
    if anchor is None:
        return own
    if abs(own.started_at - anchor.started_at) <= TOLERATED_MICROSECONDS:
        return replace(anchor, doubted_at=None)
    if anchor.doubted_at is None:
        return replace(anchor, doubted_at=up)
    return own if up - anchor.doubted_at >= PATIENCE_MICROSECONDS else anchor


class StoreClock:
    """`wall` and `uptime` are this machine's; tests bring others. Safe in threads."""

    def __init__(
        self, database: Database, *, wall: Clock | None = None, uptime: Uptime | None = None
    ) -> None:
        self._database = database
        self._wall = wall or SystemClock()
        self._uptime = uptime or BootClock()
        self._reading: Reading | None = None
        self._unsteady_until = 0
        self._asking = threading.Lock()

    def now(self) -> datetime:
        """As last read, carried on; read anew every ten seconds. Raises StoreUnavailable before the first."""
        reading = self._reading
        up = self._uptime.microseconds()
        if reading is None:
            with self._asking:
                reading = self._read_anew()
        elif up - reading.up >= FRESH_MICROSECONDS and self._asking.acquire(blocking=False):
            try:
                reading = self._read_anew()
            except StoreUnavailable as fault:  # the time goes on without
                log.debug("The database's time could not be read: %s", type(fault).__name__)
            finally:
                self._asking.release()
        return reading.carried_to(self._uptime.microseconds())

    def within(self, connection: Connection) -> Tick:
        """To the instant, in a writing transaction; whoever holds a lease by it holds it by every clock."""
        reading = self._of_server(connection) if self._has_server else self._of_machine(connection)
        self._keep(reading)
        return Tick(now=reading.at, steady=reading.up >= self._unsteady_until)

    def settle(self) -> None:
        """Writes down when the machine started, and whether this clock agrees, unless that is known."""
        if self._has_server:
            return
        with self._database.reading() as connection:
            known = self._anchor(connection)
        if known is None or self._judged(known, self._uptime.microseconds()) != known:
            with self._database.writing() as connection:
                self.within(connection)

    @property
    def _has_server(self) -> bool:
        return not self._database.is_sqlite

    def _read_anew(self) -> Reading:
        with self._database.reading() as connection:
            if self._has_server:
                reading = self._of_server(connection)
            else:
                anchor = self._anchor(connection) or self._own()
                reading = self._from(anchor, self._uptime.microseconds())
        self._keep(reading)
        return reading

    def _of_server(self, connection: Connection) -> Reading:
        """The quickest of up to three answers: how long it was under way is how far it may be wrong."""
        best, quickest = self._asked(connection)
        for _ in range(2):
            if quickest <= QUICK_MICROSECONDS:
                break
            again, took = self._asked(connection)
            if took < quickest:
                best, quickest = again, took
        return best

    def _asked(self, connection: Connection) -> tuple[Reading, int]:
        before = self._uptime.microseconds()
        at = connection.execute(select(func.clock_timestamp())).scalar_one()
        after = self._uptime.microseconds()
        return Reading(at=at.astimezone(UTC), up=(before + after) // 2), after - before

    def _of_machine(self, connection: Connection) -> Reading:
        known = self._anchor(connection)
        up = self._uptime.microseconds()
        anchor = self._judged(known, up)
        if anchor != known and self._uptime.boot:
            columns = {"started_at": anchor.started_at, "doubted_at": anchor.doubted_at}
            upsert(connection, _ROW, {"boot": self._uptime.boot}, columns)
        return self._from(anchor, up)

    def _judged(self, known: Anchor | None, up: int) -> Anchor:
        return judged(known, wall=_microseconds(self._wall.now()), up=up)

    def _anchor(self, connection: Connection) -> Anchor | None:
        if not self._uptime.boot:
            return None  # nothing to count from: the machine's own clock is all there is
        wanted = select(_ROW.c.started_at, _ROW.c.doubted_at).where(_ROW.c.boot == self._uptime.boot)
        row = connection.execute(wanted).mappings().first()
        return None if row is None else _anchor(row)

    def _own(self) -> Anchor:
        return Anchor(started_at=_microseconds(self._wall.now()) - self._uptime.microseconds())

    def _from(self, anchor: Anchor, up: int) -> Reading:
        return Reading(at=_EPOCH + timedelta(microseconds=anchor.started_at + up), up=up)

    def _keep(self, reading: Reading) -> None:
        before, self._reading = self._reading, reading
        if before is None:
            return
        step = reading.at - before.carried_to(reading.up)
        if abs(step) >= STEP:
            log.warning("The database's clock was set by %+.0f s", step.total_seconds())
        if step >= STEP:
            self._unsteady_until = reading.up + LONGEST_LEASE // timedelta(microseconds=1)


def tick_within(clock: Clock, connection: Connection) -> Tick:
    """The time for a lease; a clock that is no store's is believed as it is."""
    return clock.within(connection) if isinstance(clock, StoreClock) else Tick(now=clock.now())


def _microseconds(instant: datetime) -> int:
    return (instant - _EPOCH) // timedelta(microseconds=1)


def _anchor(row: RowMapping) -> Anchor:
    return Anchor(started_at=row["started_at"], doubted_at=row["doubted_at"])
