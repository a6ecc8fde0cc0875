"""What operators are told of once when it begins and once when it is over, however many processes watch.

Telling is claimed under a lease, as a message is: who dies while telling leaves it to the next.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from engine.clock import Clock
from engine.store.engines import Database
from engine.store.store_clock import tick_within
from engine.store.tables import AlarmRow, table
from engine.store.upsert import insert_once

_ALARM = table(AlarmRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmClaim:
    """Somebody has to be told, and it is this process. `told_at`: when of the beginning; None for that
    itself.
    """

    name: str
    since: datetime
    told_at: datetime | None
    token: int


class Alarms:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def begun(self, name: str, *, since: datetime, holder: str, lease_seconds: float) -> AlarmClaim | None:
        """It is so, since then: a claim to tell of it, or None where that is done, or another's."""
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            row = {"name": name, "since": since, "told_at": None, "due_at": now, "lease_holder": None}
            insert_once(connection, _ALARM, {**row, "token": 0})
            return _claimed(connection, name, _ALARM.c.told_at.is_(None), _Lease(holder, now, lease_seconds))

    def over(self, name: str, *, holder: str, lease_seconds: float) -> AlarmClaim | None:
        """It is so no longer: a claim to tell of that, where anybody was told that it was."""
        with self._database.reading() as connection:
            if connection.execute(select(_ALARM.c.name).where(_ALARM.c.name == name)).first() is None:
                return None  # all is well, as nearly always
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            never = (_ALARM.c.name == name) & _ALARM.c.told_at.is_(None) & (_ALARM.c.due_at <= now)
            connection.execute(delete(_ALARM).where(never))
            told = _ALARM.c.told_at.is_not(None)
            return _claimed(connection, name, told, _Lease(holder, now, lease_seconds))

    def told(self, claim: AlarmClaim) -> None:
        """Done: of the beginning it is remembered, with the end it is forgotten."""
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            if claim.told_at is not None:
                connection.execute(delete(_ALARM).where(_held(claim)))
                return
            done = {"told_at": now, "due_at": now, "lease_holder": None}
            connection.execute(update(_ALARM).where(_held(claim)).values(done))

    def rest(self, claim: AlarmClaim, *, seconds: float) -> None:
        """It could not be told; whoever watches tries again after so long."""
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            later = {"due_at": now + timedelta(seconds=seconds), "lease_holder": None}
            connection.execute(update(_ALARM).where(_held(claim)).values(later))


@dataclass(frozen=True, slots=True)
class _Lease:
    holder: str
    now: datetime
    seconds: float


def _claimed(
    connection: Connection, name: str, which: ColumnElement[bool], lease: _Lease
) -> AlarmClaim | None:
    free = and_(_ALARM.c.name == name, which, _ALARM.c.due_at <= lease.now)
    until = lease.now + timedelta(seconds=lease.seconds)
    taken = (
        update(_ALARM).where(free).values(lease_holder=lease.holder, due_at=until, token=_ALARM.c.token + 1)
    )
    row = connection.execute(taken.returning(*_ALARM.columns)).mappings().first()
    if row is None:
        return None
    return AlarmClaim(name=name, since=row["since"], told_at=row["told_at"], token=row["token"])


def _held(claim: AlarmClaim) -> ColumnElement[bool]:
    return (_ALARM.c.name == claim.name) & (_ALARM.c.token == claim.token)
