"""Signs of life of the loops, seen from outside them."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.store.engines import Database
from engine.store.tables import HeartbeatRow, table
from engine.store.upsert import upsert

_BEAT = table(HeartbeatRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """`paused`: stopped on purpose by an operator; `note` says what the last round did."""

    name: str
    at: datetime
    note: str = ""
    paused: bool = False


class Heartbeats:
    def __init__(self, database: Database) -> None:
        self._database = database

    def beat(self, name: str, *, now: datetime, note: str = "", paused: bool = False) -> None:
        told = {"at": now, "note": note, "paused": paused}
        with self._database.writing() as connection:
            upsert(connection, _BEAT, {"name": name}, told)

    def last(self, name: str) -> Heartbeat | None:
        return next((beat for beat in self.all() if beat.name == name), None)

    def all(self) -> list[Heartbeat]:
        with self._database.reading() as connection:
            return [
                Heartbeat(**row)
                for row in connection.execute(select(_BEAT).order_by(_BEAT.c.name)).mappings()
            ]
