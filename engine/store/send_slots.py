"""Which robots were written to when, and what waits for its turn: one book a robot, shared by all processes.

The rules of the limits are not here: whoever changes a book holds its lock and hands in how it is to look.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, delete, func, insert, select, update

from engine.store.engines import Database
from engine.store.tables import SendLimitRow, SendSlotRow, table
from engine.store.upsert import insert_once

_LIMIT, _SLOT = table(SendLimitRow), table(SendSlotRow)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """A robot's book as one message sees it. `sent` are (instant, key) of what left; `mine` is when this
    message's turn is thought to come, `last` the latest such moment of any other that waits.

    `shut_until`: the provider takes nothing before.
    """

    sent: tuple[tuple[datetime, str], ...] = ()
    mine: datetime | None = None
    last: datetime | None = None
    others: int = 0
    shut_until: datetime | None = None


class SendSlots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def change(
        self, robot: str, key: str, judge: Callable[[Book], tuple[Book, Answer]], *, stale: datetime
    ) -> Answer:
        """What `judge` makes of `sent`, `mine` and `shut_until`, kept in one transaction; of several at once,
        one after the other. What has waited since before `stale` is forgotten first.
        """
        with self._database.writing() as connection:
            insert_once(connection, _LIMIT, {"robot": robot, "shut_until": None})
            before = _read(connection, robot, key, lock=True, stale=stale)
            after, answer = judge(before)
            _write(connection, (robot, key), before, after)
        return answer

    def shut(self, *, after: datetime, before: datetime) -> dict[str, datetime]:
        """Until when, by robot: those that are shut until some moment between these."""
        wanted = select(_LIMIT.c.robot, _LIMIT.c.shut_until).where(
            (_LIMIT.c.shut_until > after) & (_LIMIT.c.shut_until <= before)
        )
        with self._database.reading() as connection:
            return {row.robot: row.shut_until for row in connection.execute(wanted)}

    def book(self, robot: str, key: str = "") -> Book:
        with self._database.reading() as connection:
            return _read(connection, robot, key, lock=False)


def _read(connection: Connection, robot: str, key: str, *, lock: bool, stale: datetime | None = None) -> Book:
    wanted = select(_LIMIT.c.shut_until).where(_LIMIT.c.robot == robot)
    shut_until = connection.scalar(wanted.with_for_update() if lock else wanted)
    its = _SLOT.c.robot == robot
    waits = its & _SLOT.c.used.is_(False)
    if stale is not None:
        connection.execute(delete(_SLOT).where(waits & (_SLOT.c.at < stale)))
    sent = (
        select(_SLOT.c.at, _SLOT.c.key).where(its & _SLOT.c.used.is_(True)).order_by(_SLOT.c.at, _SLOT.c.key)
    )
    mine = select(func.max(_SLOT.c.at)).where(waits & (_SLOT.c.key == key))
    others = select(func.count(), func.max(_SLOT.c.at)).where(waits & (_SLOT.c.key != key))
    number, last = connection.execute(others).one()
    return Book(
        sent=tuple((at, name) for at, name in connection.execute(sent)),
        mine=connection.scalar(mine),
        last=last,
        others=number,
        shut_until=shut_until,
    )


def _write(connection: Connection, name: tuple[str, str], before: Book, after: Book) -> None:
    """Only what differs."""
    robot, key = name
    its = _SLOT.c.robot == robot
    if before.shut_until != after.shut_until:
        shut = update(_LIMIT).where(_LIMIT.c.robot == robot).values(shut_until=after.shut_until)
        connection.execute(shut)
    if before.mine != after.mine:
        connection.execute(delete(_SLOT).where(its & _SLOT.c.used.is_(False) & (_SLOT.c.key == key)))
        if after.mine is not None:
            _add(connection, robot, [(after.mine, key)], used=False)
    for at, other in set(before.sent) - set(after.sent):
        gone = (_SLOT.c.at == at) & (_SLOT.c.key == other) & _SLOT.c.used.is_(True)
        connection.execute(delete(_SLOT).where(its & gone))
    _add(connection, robot, sorted(set(after.sent) - set(before.sent)), used=True)


def _add(connection: Connection, robot: str, slots: list[tuple[datetime, str]], *, used: bool) -> None:
    rows = [{"robot": robot, "at": at, "key": key, "used": used} for at, key in slots]
    if rows:
        connection.execute(insert(_SLOT), rows)
