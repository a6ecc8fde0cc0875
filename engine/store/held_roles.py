"""Who holds a role in a case, in SQL: the case's own holders, else the SOP's, else the company's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, select

from engine.ids import PersonId
from engine.store.company import WHOLE_COMPANY
from engine.store.tables import CaseRoleRow, CaseRow, PersonRow, RoleHolderRow, TaskRow, table

_CASE, _TASK, _OWN = table(CaseRow), table(TaskRow), table(CaseRoleRow)
_HOLDER, _PEOPLE = table(RoleHolderRow), table(PersonRow)


def does(person: str) -> ColumnElement[bool]:
    """Whether a task is this person's, for a SELECT over `task_row` and `case_`.

    A task without a role is the work of whoever opened the case.
    """
    unnamed = (_TASK.c.role == "") & (_CASE.c.opened_by == person)
    return holds(person, _TASK.c.case_id, _TASK.c.role) | unnamed


def holds(person: str, case_id: ColumnElement[Any], role: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether this person holds the role that stands in a column, for a SELECT over `case_` and its table."""
    in_case = and_(_OWN.c.case_id == case_id, _OWN.c.role == role)
    # Said outright: inside another EXISTS the case is not the nearest FROM, and would be read anew.
    mine = exists().where(in_case, _OWN.c.person == person).correlate_except(_OWN)
    nobodys = ~exists().where(in_case).correlate_except(_OWN)
    of_sop = _holds(_HOLDER.c.sop == _CASE.c.sop, role, person)
    of_company = _holds(_HOLDER.c.sop == WHOLE_COMPANY, role, person) & ~_anyone(
        _HOLDER.c.sop == _CASE.c.sop, role
    )
    return mine | (nobodys & (of_sop | of_company))


def _holds(where: ColumnElement[bool], role: ColumnElement[Any], person: str) -> ColumnElement[bool]:
    found = exists().where(where, _HOLDER.c.role == role, _HOLDER.c.person == person)
    return found.correlate_except(_HOLDER)


def _anyone(where: ColumnElement[bool], role: ColumnElement[Any]) -> ColumnElement[bool]:
    active = and_(where, _HOLDER.c.role == role, _PEOPLE.c.id == _HOLDER.c.person, _PEOPLE.c.active)
    return exists().where(active).correlate_except(_HOLDER, _PEOPLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Holders:
    """The holders of roles for a few cases, read together."""

    in_case: Mapping[tuple[str, str], tuple[PersonId, ...]]
    elsewhere: Mapping[tuple[str, str], tuple[PersonId, ...]]

    def of(self, case_id: str, sop: str, role: str) -> tuple[PersonId, ...]:
        own = self.in_case.get((case_id, role))
        return own or self.elsewhere.get((sop, role)) or self.elsewhere.get((WHOLE_COMPANY, role), ())


def read_holders(connection: Connection, cases: Iterable[str]) -> Holders:
    own = select(_OWN).where(_OWN.c.case_id.in_(list(cases))).order_by(_OWN.c.person)
    others = (
        select(_HOLDER.c.sop, _HOLDER.c.role, _HOLDER.c.person)
        .join(_PEOPLE, _PEOPLE.c.id == _HOLDER.c.person)
        .where(_PEOPLE.c.active)
        .order_by(_HOLDER.c.person)
    )
    return Holders(in_case=_grouped(connection, own), elsewhere=_grouped(connection, others))


def _grouped(connection: Connection, wanted) -> dict[tuple[str, str], tuple[PersonId, ...]]:  # noqa: ANN001
    found: dict[tuple[str, str], tuple[PersonId, ...]] = {}
    for scope, role, person in connection.execute(wanted):
        found[scope, role] = (*found.get((scope, role), ()), PersonId(person))
    return found
