"""Where every case stands: the board, one case's line on it, and the case itself."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, false, func, or_, select, union

from engine.case.concerns import Concern
from engine.case.state import Case, CaseStatus
from engine.ids import CaseId, PersonId
from engine.store import mapping
from engine.store.concern_list import to_do
from engine.store.engines import Database
from engine.store.held_roles import does, read_holders
from engine.store.tables import (
    ApprovalRow,
    AskRow,
    CaseRoleRow,
    CaseRow,
    ConcernRow,
    DeadlineRow,
    PersonRow,
    PositionRow,
    TaskRow,
    table,
)

_CASE, _POSITION, _ASK = table(CaseRow), table(PositionRow), table(AskRow)
_TASK, _ROLE, _CONCERN = table(TaskRow), table(CaseRoleRow), table(ConcernRow)
_APPROVAL, _PEOPLE = table(ApprovalRow), table(PersonRow)
RUNNING = (CaseStatus.OPEN, CaseStatus.HELD)
FEW = 200  # snapshots held in memory at once
_DEADLINE = table(DeadlineRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Position:
    track: str
    stage: str
    visit: int
    entered_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardCase:
    """One line of the board. `waits_for`: who is asked to decide, looks at it for somebody or has to put a
    request forward again; where nobody is, who has required work to do; where nobody has, who answers for
    what is late or due next. `provisional`: `next_due` may still move.
    """

    id: CaseId
    sop: str
    digest: str
    title: str
    status: CaseStatus
    outcome: str | None
    version: int
    opened_by: PersonId
    opened_at: datetime
    updated_at: datetime
    closed_at: datetime | None
    parent: CaseId | None
    next_due: datetime | None
    overdue: bool
    positions: tuple[Position, ...] = ()
    waits_for: tuple[PersonId, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardFilter:
    """Every part given must hold. `person`: opened it, is asked, has work in it, or holds a role in this
    case.
    """

    sop: str | None = None
    statuses: tuple[CaseStatus, ...] = RUNNING
    person: PersonId | None = None
    stage: str | None = None
    overdue: bool | None = None
    parent: CaseId | None = None
    title: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """`total` counts all that match, not only those of this page."""

    cases: tuple[BoardCase, ...]
    total: int


class Board:
    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self,
        wanted: BoardFilter | None = None,
        *,
        limit: int = 50,
        offset: int = 0,
        now: datetime | None = None,
    ) -> Page:
        """Overdue first, then by what is due next, then by the latest change.

        Overdue is meant as of `now`; without it, as the sweep has flagged it.
        """
        where = _conditions(wanted or BoardFilter(), now)
        lines = select(*_LINE).where(*where).limit(limit).offset(offset)
        lines = lines.order_by(
            _CASE.c.overdue.desc(), _CASE.c.next_due.asc().nulls_last(), _CASE.c.updated_at.desc(), _CASE.c.id
        )
        with self._database.reading() as connection:
            total = connection.scalar(select(func.count()).select_from(_CASE).where(*where)) or 0
            cases = tuple(_as_of(line, now) for line in _lines(connection, lines))
            return Page(cases=cases, total=total)

    def line(self, case_id: CaseId) -> BoardCase | None:
        with self._database.reading() as connection:
            return next(iter(_lines(connection, select(*_LINE).where(_CASE.c.id == case_id))), None)

    def case(self, case_id: CaseId) -> Case | None:
        """The snapshot as it stands."""
        with self._database.reading() as connection:
            text = connection.scalar(select(_CASE.c.snapshot).where(_CASE.c.id == case_id))
        return None if text is None else mapping.case_from_text(text)

    def mentioning(self, person: PersonId) -> list[Case]:
        """The running cases in whose state this person occurs, be it only as one who once did something."""
        named = _CASE.c.snapshot.contains(f'"{person}"', autoescape=True)
        wanted = select(_CASE.c.snapshot).where(
            _CASE.c.status.in_([status.value for status in RUNNING]), named
        )
        with self._database.reading() as connection:
            return [mapping.case_from_text(text) for text in connection.scalars(wanted.order_by(_CASE.c.id))]

    def deserted(self) -> list[CaseId]:
        """The running cases with an approval that waits for somebody who is active no more, or that was found
        to have nobody to sign it.
        """
        gone = select(_PEOPLE.c.id).where(~_PEOPLE.c.active)
        found = or_(*(_CASE.c.snapshot.contains(f'"{name}":["') for name in ("gone", "unfilled")))
        stuck = select(_CASE.c.id).where(_CASE.c.id.in_(select(_APPROVAL.c.case_id)), found)
        wanted = union(
            select(_ASK.c.case_id).where(_ASK.c.person.in_(gone)),
            select(_CONCERN.c.case_id).where(
                _CONCERN.c.kind == Concern.LOOK.value, _CONCERN.c.other.in_(gone)
            ),
            stuck,
        )
        with self._database.reading() as connection:
            return [CaseId(case_id) for case_id in sorted(connection.scalars(wanted))]

    def running(self, sop: str) -> Iterator[Case]:
        """The snapshot of every case of the SOP that has not ended, read a few at a time."""
        statuses = [status.value for status in RUNNING]
        wanted = select(_CASE.c.snapshot).where(_CASE.c.sop == sop, _CASE.c.status.in_(statuses))
        with self._database.reading() as connection:
            rows = connection.execution_options(yield_per=FEW).scalars(wanted.order_by(_CASE.c.id))
            yield from (mapping.case_from_text(text) for text in rows)

    def all_running(self) -> Iterator[Case]:
        """The snapshot of every case that has not ended, read a few at a time."""
        statuses = [status.value for status in RUNNING]
        wanted = select(_CASE.c.snapshot).where(_CASE.c.status.in_(statuses)).order_by(_CASE.c.id)
        with self._database.reading() as connection:
            rows = connection.execution_options(yield_per=FEW).scalars(wanted)
            yield from (mapping.case_from_text(text) for text in rows)

    def counts(self) -> dict[tuple[str, CaseStatus], int]:
        """How many cases there are by SOP and status."""
        wanted = select(_CASE.c.sop, _CASE.c.status, func.count()).group_by(_CASE.c.sop, _CASE.c.status)
        with self._database.reading() as connection:
            return {(sop, CaseStatus(status)): count for sop, status, count in connection.execute(wanted)}

    def stages(self, sop: str) -> dict[str, int]:
        """How many running cases of the SOP stand in each stage that has any."""
        wanted = (
            select(_POSITION.c.stage, func.count())
            .join(_CASE, _CASE.c.id == _POSITION.c.case_id)
            .where(_CASE.c.sop == sop)
            .group_by(_POSITION.c.stage)
        )
        with self._database.reading() as connection:
            return {stage: count for stage, count in connection.execute(wanted)}  # noqa: C416


_LINE = tuple(_CASE.c[f.name] for f in fields(BoardCase) if f.name in _CASE.c)


def _as_of(line: BoardCase, now: datetime | None) -> BoardCase:
    passed = now is not None and line.next_due is not None and line.next_due < now
    return replace(line, overdue=True) if passed else line


def _overdue(now: datetime | None) -> ColumnElement[bool]:
    """What stands still is not among `next_due`."""
    return (
        _CASE.c.overdue if now is None else _CASE.c.overdue | func.coalesce(_CASE.c.next_due < now, false())
    )


def _conditions(wanted: BoardFilter, now: datetime | None) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = [_CASE.c.status.in_([status.value for status in wanted.statuses])]
    for column, value in ((_CASE.c.sop, wanted.sop), (_CASE.c.parent, wanted.parent)):
        if value is not None:
            found.append(column == value)
    if wanted.overdue is not None:
        found.append(_overdue(now) if wanted.overdue else ~_overdue(now))
    if wanted.title:
        found.append(_CASE.c.title.icontains(wanted.title, autoescape=True))
    if wanted.stage is not None:
        found.append(exists().where(_POSITION.c.case_id == _CASE.c.id, _POSITION.c.stage == wanted.stage))
    if wanted.person is not None:
        found.append(_concerns(wanted.person))
    return found


def _concerns(person: PersonId) -> ColumnElement[bool]:
    asked = exists().where(_ASK.c.case_id == _CASE.c.id, _ASK.c.person == person)
    named = exists().where(_ROLE.c.case_id == _CASE.c.id, _ROLE.c.person == person)
    works = exists().where(_TASK.c.case_id == _CASE.c.id, does(person)).correlate(_CASE)
    acts = exists().where(_CONCERN.c.case_id == _CASE.c.id, to_do(person)).correlate(_CASE)
    return (_CASE.c.opened_by == person) | asked | named | works | acts


def _lines(connection: Connection, wanted: Select[Any]) -> tuple[BoardCase, ...]:
    rows = connection.execute(wanted).mappings().all()
    found = [row["id"] for row in rows]
    positions = _positions(connection, found)
    waits = _waits_for(connection, {row["id"]: row["sop"] for row in rows})
    provisional = _provisional(connection, found)
    return tuple(
        BoardCase(
            **{**row, "status": CaseStatus(row["status"])},
            positions=tuple(positions[row["id"]]),
            waits_for=tuple(dict.fromkeys(waits[row["id"]])),
            provisional=row["id"] in provisional,
        )
        for row in rows
    )


def _positions(connection: Connection, cases: Sequence[str]) -> defaultdict[str, list[Position]]:
    wanted = select(_POSITION).where(_POSITION.c.case_id.in_(cases)).order_by(_POSITION.c.track)
    found: defaultdict[str, list[Position]] = defaultdict(list)
    for row in connection.execute(wanted):
        position = Position(track=row.track, stage=row.stage, visit=row.visit, entered_at=row.entered_at)
        found[row.case_id].append(position)
    return found


def _provisional(connection: Connection, cases: Sequence[str]) -> frozenset[str]:
    """Those whose next due instant may still move."""
    same = (_CASE.c.id == _DEADLINE.c.case_id) & (_CASE.c.next_due == _DEADLINE.c.due_at)
    wanted = select(_DEADLINE.c.case_id).join(_CASE, same)
    wanted = wanted.where(_DEADLINE.c.case_id.in_(cases), _DEADLINE.c.provisional)
    return frozenset(connection.scalars(wanted))


def _awaited() -> ColumnElement[bool]:
    """Who looks at an approval for somebody, and with whom a returned request lies."""
    return _CONCERN.c.kind.in_([Concern.LOOK.value, Concern.RETURNED.value])


def _waits_for(connection: Connection, cases: dict[str, str]) -> defaultdict[str, list[PersonId]]:
    """`cases` maps each case to its SOP."""
    found: defaultdict[str, list[PersonId]] = defaultdict(list)
    asks = select(_ASK.c.case_id, _ASK.c.person).where(_ASK.c.case_id.in_(cases))
    for case_id, person in connection.execute(asks.order_by(_ASK.c.approval, _ASK.c.place)):
        found[case_id].append(PersonId(person))
    acts = select(_CONCERN.c.case_id, _CONCERN.c.person).where(_CONCERN.c.case_id.in_(cases), _awaited())
    for case_id, person in connection.execute(acts.order_by(_CONCERN.c.approval, _CONCERN.c.person)):
        found[case_id].append(PersonId(person))
    idle = [case_id for case_id in cases if case_id not in found]
    work = (
        select(_TASK.c.case_id, _TASK.c.role).where(_TASK.c.case_id.in_(idle), ~_TASK.c.optional).distinct()
    )
    holders = read_holders(connection, idle)
    for case_id, role in connection.execute(work.order_by(_TASK.c.role)):
        found[case_id] += holders.of(case_id, cases[case_id], role)
    for case_id, role in connection.execute(_answered_for([each for each in idle if not found[each]])):
        found[case_id] += holders.of(case_id, cases[case_id], role)
    return found


def _answered_for(cases: Sequence[str]) -> Select[Any]:
    """The roles that what is late belongs to, or what is due next."""
    same = _CASE.c.id == _DEADLINE.c.case_id
    pressing = _DEADLINE.c.missed_at.is_not(None) | (_DEADLINE.c.due_at == _CASE.c.next_due)
    owned = _DEADLINE.c.case_id.in_(cases) & _DEADLINE.c.owner.is_not(None) & pressing
    wanted = select(_DEADLINE.c.case_id, _DEADLINE.c.owner).join(_CASE, same).where(owned)
    return wanted.order_by(_DEADLINE.c.due_at, _DEADLINE.c.owner)
