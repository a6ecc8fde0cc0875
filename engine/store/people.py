"""People, who holds which role, and what the company has set."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue
from sqlalchemy import Connection, delete, insert, select, update

from engine.case.contacts import Newcomer
from engine.errors import GuankaError
from engine.ids import PersonId
from engine.ports import Company
from engine.store.company import WHOLE_COMPANY, CompanyCache
from engine.store.engines import Database
from engine.store.mapping import canonical
from engine.store.revision import grow
from engine.store.tables import PersonRow, RoleHolderRow, SettingRow, table
from engine.store.upsert import insert_once, upsert
from engine.text import Text

Channels = Mapping[str, JsonValue]
_PEOPLE, _HOLDER, _SETTING = table(PersonRow), table(RoleHolderRow), table(SettingRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """`channels` are addresses by channel name, sealed by whoever keeps them here, in the order the person
    wants them tried. `calendar` is the working calendar of the person's own; empty, they work by the
    company's, in their zone.
    """

    id: PersonId
    name: str
    email: str = ""
    language: str = "zh"
    zone: str = "Asia/Shanghai"
    external: bool = False
    active: bool = True
    channels: Mapping[str, JsonValue] = field(default_factory=dict, repr=False)
    calendar: str = ""


class UnknownPerson(GuankaError):
    """`where` is the part of what was asked that names the person; empty where there is only one."""

    def __init__(self, person: str, where: str = "") -> None:
        super().__init__(
            Text(
                f"没有编号为 {person} 的人员；请先添加", f"nobody has the id {person}; add this person first"
            )
        )
        self.person, self.where = person, where


class People:
    def __init__(self, database: Database, companies: CompanyCache) -> None:
        self._database, self._companies = database, companies

    def put(self, person: Person) -> None:
        """Adds the person, or changes what was known."""
        columns = {name: getattr(person, name) for name in _FIELDS}
        columns["channels"] = json.dumps(
            dict(person.channels), ensure_ascii=False
        )  # their order has a meaning
        with self._database.writing() as connection:
            grow(connection)
            upsert(connection, _PEOPLE, {"id": person.id}, columns)

    def get(self, person: PersonId, where: str = "") -> Person:
        """Raises UnknownPerson, with `where`."""
        with self._database.reading() as connection:
            row = connection.execute(select(_PEOPLE).where(_PEOPLE.c.id == person)).first()
        if row is None:
            raise UnknownPerson(person, where)
        return _person(row)

    def all(self, *, active: bool | None = None) -> list[Person]:
        wanted = select(_PEOPLE).order_by(_PEOPLE.c.id)
        if active is not None:
            wanted = wanted.where(_PEOPLE.c.active == active)
        with self._database.reading() as connection:
            return [_person(row) for row in connection.execute(wanted)]

    def change_channels(self, person: PersonId, change: Callable[[Channels], Channels]) -> None:
        """Puts what `change` makes of the person's channels in their place, in one step. Raises
        UnknownPerson.
        """
        own = _PEOPLE.c.id == person
        with self._database.writing() as connection:
            grow(connection)
            kept = connection.scalar(select(_PEOPLE.c.channels).where(own).with_for_update())
            if kept is None:
                raise UnknownPerson(person)
            changed = json.dumps(dict(change(json.loads(kept))), ensure_ascii=False)
            connection.execute(update(_PEOPLE).where(own).values(channels=changed))

    def settle(self, person: PersonId, *, calendar: str, zone: str) -> None:
        """Where and when the person works from now on; the caller has checked both. Raises UnknownPerson."""
        with self._database.writing() as connection:
            grow(connection)
            own = update(_PEOPLE).where(_PEOPLE.c.id == person)
            if connection.execute(own.values(calendar=calendar, zone=zone)).rowcount == 0:
                raise UnknownPerson(person)

    def set_holders(self, role: str, people: Sequence[PersonId], *, sop: str = WHOLE_COMPANY) -> None:
        """These hold the role, and nobody else; for one SOP, or for the company. Raises UnknownPerson."""
        with self._database.writing() as connection:
            grow(connection)
            _refuse_unknown(connection, people)
            connection.execute(delete(_HOLDER).where(_HOLDER.c.sop == sop, _HOLDER.c.role == role))
            for person in dict.fromkeys(people):
                connection.execute(insert(_HOLDER).values(sop=sop, role=role, person=person))

    def hand_over_roles(self, person: PersonId, to: PersonId) -> tuple[str, ...]:
        """Every role this person holds is the other's, for the company and for each SOP; which they were."""
        with self._database.writing() as connection:
            grow(connection)
            held = connection.execute(select(_HOLDER).where(_HOLDER.c.person == person)).all()
            connection.execute(delete(_HOLDER).where(_HOLDER.c.person == person))
            for row in held:
                insert_once(connection, _HOLDER, {"sop": row.sop, "role": row.role, "person": to})
        return tuple(dict.fromkeys(row.role for row in held))

    def holders(self) -> dict[tuple[str, str], tuple[PersonId, ...]]:
        """Everybody's roles by (SOP or "", role)."""
        wanted = select(_HOLDER).order_by(_HOLDER.c.sop, _HOLDER.c.role, _HOLDER.c.person)
        found: dict[tuple[str, str], tuple[PersonId, ...]] = {}
        with self._database.reading() as connection:
            for sop, role, person in connection.execute(wanted):
                found[sop, role] = (*found.get((sop, role), ()), PersonId(person))
        return found

    def set_setting(self, name: str, value: JsonValue, *, sop: str = WHOLE_COMPANY) -> None:
        """None takes the setting away. The caller has checked the value against its type."""
        with self._database.writing() as connection:
            grow(connection)
            if value is None:
                connection.execute(delete(_SETTING).where(_SETTING.c.sop == sop, _SETTING.c.name == name))
            else:
                upsert(connection, _SETTING, {"sop": sop, "name": name}, {"value": canonical(value)})

    def settings(self, sop: str = WHOLE_COMPANY) -> dict[str, JsonValue]:
        """What was set for this SOP itself, or for the company."""
        wanted = (
            select(_SETTING.c.name, _SETTING.c.value).where(_SETTING.c.sop == sop).order_by(_SETTING.c.name)
        )
        with self._database.reading() as connection:
            return {name: json.loads(value) for name, value in connection.execute(wanted)}

    def revision(self) -> int:
        """Grows with every change of people, roles, stand-ins, settings and versions."""
        with self._database.driver() as cursor:
            return self._companies.revision(cursor)

    def company(self, sop: str) -> Company:
        """What a command on a case of this SOP would be judged on now."""
        with self._database.driver() as cursor:
            return self._companies.company(cursor, sop, self._companies.revision(cursor))


def newcomer_row(newcomer: Newcomer) -> dict[str, Any]:
    """The columns of somebody outside the company whom a command brought along."""
    known = {name: getattr(newcomer, name) for name in ("id", "name", "email", "language", "zone")}
    return {**known, "external": True, "active": True, "channels": "{}", "calendar": ""}


_FIELDS = ("name", "email", "language", "zone", "external", "active", "calendar")


def _person(row: Any) -> Person:
    columns = {name: getattr(row, name) for name in _FIELDS}
    return Person(id=PersonId(row.id), channels=json.loads(row.channels), **columns)


def _refuse_unknown(connection: Connection, people: Sequence[PersonId]) -> None:
    known = set(connection.scalars(select(_PEOPLE.c.id).where(_PEOPLE.c.id.in_(people))))
    for person in people:
        if person not in known:
            raise UnknownPerson(person)
