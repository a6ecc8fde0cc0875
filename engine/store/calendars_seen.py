"""Which data of each calendar the open deadlines are counted with."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from engine.store.engines import Database
from engine.store.tables import CalendarSeenRow, table
from engine.store.upsert import upsert

_SEEN = table(CalendarSeenRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """`settled_at`: since when every open deadline is counted with `version`; None while some may not be."""

    calendar: str
    version: str
    seen_at: datetime
    settled_at: datetime | None = None


class CalendarsSeen:
    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, Seen]:
        with self._database.reading() as connection:
            found = [Seen(**row) for row in connection.execute(select(_SEEN)).mappings()]
        return {seen.calendar: seen for seen in found}

    def put(self, seen: Seen) -> None:
        told = {"version": seen.version, "seen_at": seen.seen_at, "settled_at": seen.settled_at}
        with self._database.writing() as connection:
            upsert(connection, _SEEN, {"calendar": seen.calendar}, told)
