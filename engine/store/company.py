"""What the company has set, as one SOP sees it; read once per change and kept until the next."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.engine import Dialect

from engine.case.absence import StandIn
from engine.case.facts import Whereabouts
from engine.ids import PersonId
from engine.ports import Company
from engine.store.engines import Cursor
from engine.store.groups import BINDING_COLUMNS, binding_of
from engine.store.revision import CURRENT
from engine.store.statements import Prepared
from engine.store.tables import (
    GroupBindingRow,
    PersonRow,
    RoleHolderRow,
    SettingRow,
    SopVersionRow,
    StandInRow,
    table,
)

_PEOPLE, _HOLDER = table(PersonRow), table(RoleHolderRow)
_SETTING, _VERSION, _STAND_IN = table(SettingRow), table(SopVersionRow), table(StandInRow)
_BINDING = table(GroupBindingRow)
WHOLE_COMPANY = ""


class CompanyCache:
    """Companies by SOP, as of one revision of the store."""

    def __init__(self, dialect: Dialect) -> None:
        self._kept: dict[str, tuple[int, Company]] = {}
        self._latest: dict[str, tuple[int, str | None]] = {}
        self._revision = Prepared(CURRENT, dialect)
        columns = ("id", "external", "email", "active", "calendar", "zone")
        everybody = select(*(_PEOPLE.c[name] for name in columns))
        self._people = Prepared(everybody.order_by(_PEOPLE.c.id), dialect)
        self._holders = Prepared(
            select(_HOLDER.c.sop, _HOLDER.c.role, _HOLDER.c.person)
            .join(_PEOPLE, _PEOPLE.c.id == _HOLDER.c.person)
            .where((_HOLDER.c.sop == WHOLE_COMPANY) | (_HOLDER.c.sop == bindparam("sop")), _PEOPLE.c.active)
            .order_by(_HOLDER.c.sop, _HOLDER.c.role, _HOLDER.c.person),
            dialect,
        )
        self._settings = Prepared(
            select(_SETTING.c.sop, _SETTING.c.name, _SETTING.c.value)
            .where((_SETTING.c.sop == WHOLE_COMPANY) | (_SETTING.c.sop == bindparam("sop")))
            .order_by(_SETTING.c.sop),
            dialect,
        )
        periods = select(
            *(_STAND_IN.c[name] for name in ("principal", "stand_in", "begins_at", "ends_at", "sops"))
        )
        self._stand_ins = Prepared(
            periods.where(_STAND_IN.c.next_at.is_not(None)).order_by(_STAND_IN.c.begins_at, _STAND_IN.c.id),
            dialect,
        )
        bound = (_BINDING.c.sop == WHOLE_COMPANY) | (_BINDING.c.sop == bindparam("sop"))
        self._groups = Prepared(
            select(*(_BINDING.c[name] for name in BINDING_COLUMNS))
            .where(bound)
            .order_by(_BINDING.c.group, _BINDING.c.sop, _BINDING.c.role),
            dialect,
        )
        self._sops = Prepared(select(_VERSION.c.sop).distinct(), dialect)
        self._newest = Prepared(
            select(_VERSION.c.digest)
            .where(_VERSION.c.sop == bindparam("sop"))
            .order_by(_VERSION.c.number.desc())
            .limit(1),
            dialect,
        )

    def revision(self, cursor: Cursor) -> int:
        row = self._revision.one(cursor)
        return 0 if row is None else row[0]

    def company(self, cursor: Cursor, sop: str, revision: int) -> Company:
        kept = self._kept.get(sop)
        if kept is None or kept[0] != revision:
            kept = self._kept[sop] = (revision, self._read(cursor, sop))
        return kept[1]

    def latest(self, cursor: Cursor, sop: str, revision: int) -> str | None:
        """The hash of the SOP's current version."""
        kept = self._latest.get(sop)
        if kept is None or kept[0] != revision:
            row = self._newest.one(cursor, sop=sop)
            kept = self._latest[sop] = (revision, None if row is None else row[0])
        return kept[1]

    def _read(self, cursor: Cursor, sop: str) -> Company:
        people = self._people.all(cursor)
        active = [(PersonId(person), external) for person, external, _, active, *_ in people if active]
        return Company(
            settings={name: json.loads(value) for _, name, value in self._settings.all(cursor, sop=sop)},
            people=_holders(self._holders.all(cursor, sop=sop)),
            external=frozenset(person for person, external in active if external),
            known=frozenset(person for person, _ in active),
            same_as=_same((PersonId(person), email) for person, _, email, *_ in people),
            sops=frozenset(name for (name,) in self._sops.all(cursor)),
            stand_ins=tuple(stand_in_of(row) for row in self._stand_ins.all(cursor)),
            groups=tuple(binding_of(tuple(row)) for row in self._groups.all(cursor, sop=sop)),
            whereabouts={PersonId(row[0]): Whereabouts(*row[-2:]) for row in people},
        )


def stand_in_of(row: Sequence[Any]) -> StandIn:
    """The first columns of a row as the core knows them: principal, stand-in, beginning, end, SOPs."""
    principal, stand_in, begins, ends, sops = row
    return StandIn(
        principal=PersonId(principal),
        stand_in=PersonId(stand_in),
        begins=begins,
        ends=ends,
        sops=frozenset(json.loads(sops)),
    )


def _same(people: Iterable[tuple[PersonId, str]]) -> dict[PersonId, PersonId]:
    """The first id of everybody who shares an e-mail address; also of those no longer active, for what they
    signed.
    """
    first: dict[str, PersonId] = {}
    found: dict[PersonId, PersonId] = {}
    for person, email in people:
        address = email.strip().casefold()
        if address and first.setdefault(address, person) != person:
            found[person] = first[address]
    return found


def _holders(rows: Iterable[tuple[Any, ...]]) -> dict[str, tuple[PersonId, ...]]:
    """Rows are in order of SOP, the company's ("") first; the SOP's own holders of a role replace them."""
    found: dict[str, tuple[str, tuple[PersonId, ...]]] = {}
    for sop, role, person in rows:
        scope, persons = found.get(role, (sop, ()))
        found[role] = (sop, (*(persons if scope == sop else ()), PersonId(person)))
    return {role: persons for role, (_, persons) in found.items()}
