"""What people prefer of how they are told."""

import json
from typing import Any

from sqlalchemy import delete, select

from engine.delivering import Manner, Preferences
from engine.ids import PersonId
from engine.outbox import MessageGroup
from engine.store.engines import Database
from engine.store.mapping import canonical
from engine.store.people import UnknownPerson
from engine.store.tables import PersonRow, PreferenceRow, table
from engine.store.upsert import upsert

_PREFERENCE, _PEOPLE = table(PreferenceRow), table(PersonRow)


class SqlPreferences:
    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, person: PersonId) -> Preferences:
        """Who has chosen nothing gets everything as it comes."""
        wanted = select(_PREFERENCE).where(_PREFERENCE.c.person == person)
        with self._database.reading() as connection:
            row = connection.execute(wanted).first()
        return Preferences() if row is None else _read(row)

    def put(self, person: PersonId, preferences: Preferences) -> None:
        """Raises UnknownPerson. What is as if nothing had been chosen leaves no row."""
        with self._database.writing() as connection:
            known = connection.scalar(select(_PEOPLE.c.id).where(_PEOPLE.c.id == person))
            if known is None:
                raise UnknownPerson(person)
            if preferences == Preferences():
                connection.execute(delete(_PREFERENCE).where(_PREFERENCE.c.person == person))
            else:
                upsert(connection, _PREFERENCE, {"person": person}, _written(preferences))


def _read(row: Any) -> Preferences:
    manners = {MessageGroup(group): Manner(manner) for group, manner in json.loads(row.manners).items()}
    return Preferences(
        manners=manners,
        channels=tuple(json.loads(row.channels)),
        everywhere=row.everywhere,
        digest_hours=tuple(json.loads(row.digest_hours)),
        per_hour=row.per_hour,
        quiet=row.quiet,
        morning=row.morning,
    )


def _written(preferences: Preferences) -> dict[str, Any]:
    return {
        "manners": canonical({group.value: manner.value for group, manner in preferences.manners.items()}),
        "channels": canonical(list(preferences.channels)),
        "everywhere": preferences.everywhere,
        "digest_hours": canonical(list(preferences.digest_hours)),
        "per_hour": preferences.per_hour,
        "quiet": preferences.quiet,
        "morning": preferences.morning,
    }
