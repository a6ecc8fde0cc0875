"""Which robots were written to when, and what waits for its turn: one book a robot, shared by all processes.

The rules of the limits are not here: whoever changes a book holds its lock and hands in how it is to look.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, tuple_, update

from engine.store.engines import Database
from engine.store.tables import SendLimitRow, SendSlotRow, table
from engine.store.upsert import insert_once

_LIMIT, _SLOT = table(SendLimitRow), table(SendSlotRow)
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class Book:
    """`sent` are (instant, key) of what left; `waiting` says when a message's turn is thought to come.

    `shut_until`: the provider takes nothing before.
    """

    sent: tuple[tuple[datetime, str], ...] = ()
    waiting: Mapping[str, datetime] = field(default_factory=dict[str, datetime])
    shut_until: datetime | None = None


class SendSlots:
    def __init__(self, database: Database) -> None:
        self._database = database

    def change(self, robot: str, judge: Callable[[Book], tuple[Book, Answer]]) -> Answer:
        """What `judge` makes of the book, kept in one transaction; of several at once, one after the
        other.
        """
        with self._database.writing() as connection:
            insert_once(connection, _LIMIT, {"robot": robot, "shut_until": None})
            before = _read(connection, robot, lock=True)
            after, answer = judge(before)
            _write(connection, robot, before, after)
        return answer

    def book(self, robot: str) -> Book:
        with self._database.reading() as connection:
            return _read(connection, robot, lock=False)


def _read(connection: Connection, robot: str, *, lock: bool) -> Book:
    wanted = select(_LIMIT.c.shut_until).where(_LIMIT.c.robot == robot)
    shut_until = connection.scalar(wanted.with_for_update() if lock else wanted)
    slots = select(_SLOT).where(_SLOT.c.robot == robot).order_by(_SLOT.c.at, _SLOT.c.key)
    rows = connection.execute(slots).all()
    return Book(
        sent=tuple((row.at, row.key) for row in rows if row.used),
        waiting={row.key: row.at for row in rows if not row.used},
        shut_until=shut_until,
    )


def _rows(book: Book) -> set[tuple[datetime, str, bool]]:
    sent = {(at, key, True) for at, key in book.sent}
    return sent | {(at, key, False) for key, at in book.waiting.items()}


def _write(connection: Connection, robot: str, before: Book, after: Book) -> None:
    """Only what differs."""
    if before.shut_until != after.shut_until:
        shut = update(_LIMIT).where(_LIMIT.c.robot == robot).values(shut_until=after.shut_until)
        connection.execute(shut)
    gone, new = _rows(before) - _rows(after), _rows(after) - _rows(before)
    if gone:
        named: Any = tuple_(_SLOT.c.at, _SLOT.c.key, _SLOT.c.used)
        connection.execute(delete(_SLOT).where(_SLOT.c.robot == robot, named.in_(list(gone))))
    if new:
        rows = [{"robot": robot, "at": at, "key": key, "used": used} for at, key, used in sorted(new)]
        connection.execute(insert(_SLOT), rows)
