"""Calendar feeds as they were given out. Only a hash of each address is kept: who reads the database, or a
backup, cannot read the calendars.
"""

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from engine.ids import CaseId, PersonId
from engine.store.engines import Database
from engine.store.tables import CaseRow, FeedRow, PersonRow, table
from engine.store.upsert import upsert

_FEED, _PEOPLE, _CASE = table(FeedRow), table(PersonRow), table(CaseRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Feed:
    """Of one case, or, without one, of all deadlines of the person it belongs to."""

    id: str
    person: PersonId
    case_id: CaseId | None
    epoch: int
    made_at: datetime
    ended_at: datetime | None = None


class Feeds:
    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, feed: Feed, digest: str) -> None:
        """Puts it on file. Given once more under the same id, only the newer address works."""
        columns = {field.name: getattr(feed, field.name) for field in fields(Feed)}
        named = {"id": columns.pop("id")}
        with self._database.writing() as connection:
            upsert(connection, _FEED, named, {**columns, "hash": digest})

    def live(self, digest: str, *, epoch: int) -> Feed | None:
        """The feed with this address; None once it has ended, its person has gone, or the epoch moved on."""
        wanted = (
            select(*_COLUMNS)
            .join_from(_FEED, _PEOPLE, _PEOPLE.c.id == _FEED.c.person)
            .where(_FEED.c.hash == digest, _FEED.c.epoch == epoch)
            .where(_FEED.c.ended_at.is_(None), _PEOPLE.c.active, ~_PEOPLE.c.external)
        )
        with self._database.reading() as connection:
            row = connection.execute(wanted).mappings().first()
        return None if row is None else _feed(row)

    def of(self, person: PersonId, *, epoch: int) -> list[tuple[Feed, str]]:
        """What this person subscribed to and has not ended, with the title of the case, newest first."""
        wanted = (
            select(*_COLUMNS, _CASE.c.title)
            .join_from(_FEED, _CASE, _CASE.c.id == _FEED.c.case_id, isouter=True)
            .where(_FEED.c.person == person, _FEED.c.ended_at.is_(None), _FEED.c.epoch == epoch)
            .order_by(_FEED.c.made_at.desc(), _FEED.c.id)
        )
        with self._database.reading() as connection:
            return [(_feed(row), row["title"] or "") for row in connection.execute(wanted).mappings()]

    def end(self, feed: str, *, person: PersonId, now: datetime) -> bool:
        """False: no such feed of this person, or it has ended already."""
        own = (_FEED.c.id == feed) & (_FEED.c.person == person) & _FEED.c.ended_at.is_(None)
        with self._database.writing() as connection:
            return connection.execute(update(_FEED).where(own).values(ended_at=now)).rowcount == 1


_COLUMNS = [_FEED.c[field.name] for field in fields(Feed)]


def _feed(row: Any) -> Feed:
    return Feed(**{field.name: row[field.name] for field in fields(Feed)})
