"""Who stands in for whom, and what cases have been told of it. Rows stay: they prove who was entitled."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, or_, select, update

from engine.case.absence import StandIn, fault
from engine.case.refusal import Blocker
from engine.case.wording import say
from engine.errors import GuankaError
from engine.ids import CaseId, PersonId
from engine.outbox import NoticeKind, notices_of_period
from engine.store.company import stand_in_of
from engine.store.engines import Database
from engine.store.owing import owe
from engine.store.revision import grow
from engine.store.tables import AskRow, PersonRow, StandInRow, table
from engine.text import Text

_ROW, _PEOPLE, _ASK = table(StandInRow), table(PersonRow), table(AskRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """`ended_by`: who ended it before its time."""

    id: str
    rule: StandIn
    reason: str
    made_by: PersonId
    made_at: datetime
    ended_by: PersonId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """A period that begins or ends now, and the cases it concerns."""

    id: str
    cases: tuple[CaseId, ...]


class StandInRefused(GuankaError):
    def __init__(self, blocker: Blocker) -> None:
        super().__init__(Text(say(blocker, "zh"), say(blocker, "en")))
        self.blocker = blocker


class NoSuchPeriod(GuankaError):
    def __init__(self, period: str) -> None:
        super().__init__(
            Text(
                f"没有编号为 {period} 的代理，或它已结束；请先列出代理",
                f"there is no stand-in period {period}, or it is over; list them first",
            )
        )


class StandIns:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, period: Period) -> None:
        """Does nothing where it is on file under this id. Raises StandInRefused; then nothing is kept."""
        rule = period.rule
        with self._database.writing() as connection:
            grow(connection)  # also the lock: two that only together close a circle come one after the other
            if connection.scalar(select(_ROW.c.id).where(_ROW.c.id == period.id)) is not None:
                return
            rows = [_period(row).rule for row in connection.execute(_RUNNING)]
            external = _external(connection, rule)
            stop = fault(rule, rows, now=period.made_at, external=external)
            if stop is not None:
                raise StandInRefused(stop)
            columns = {
                "id": period.id,
                "principal": rule.principal,
                "stand_in": rule.stand_in,
                "begins_at": rule.begins,
                "ends_at": rule.ends,
                "sops": json.dumps(sorted(rule.sops)),
                "reason": period.reason,
                "made_by": period.made_by,
                "made_at": period.made_at,
                "next_at": rule.begins,
            }
            connection.execute(insert(_ROW).values(columns))
            told = notices_of_period(NoticeKind.STAND_IN_ARRANGED, period.id, rule, by=period.made_by)
            owe(connection, told, now=period.made_at)

    def end(self, period: str, *, by: PersonId, now: datetime) -> None:
        """Ends it now; one that has not begun never will. Raises NoSuchPeriod."""
        with self._database.writing() as connection:
            grow(connection)
            _tell_end(connection, _ROW.c.id == period, by, now)
            if not _end(connection, _ROW.c.id == period, by, now):
                raise NoSuchPeriod(period)

    def end_all_of(self, person: PersonId, *, by: PersonId, now: datetime) -> int:
        """Ends every period of somebody who leaves, on either side; how many there were."""
        with self._database.writing() as connection:
            grow(connection)
            concerned = or_(_ROW.c.principal == person, _ROW.c.stand_in == person)
            _tell_end(connection, concerned, by, now, but=person)
            return _end(connection, concerned, by, now)

    def rule(self, period: str) -> StandIn | None:
        """As it stands; None where there never was one."""
        with self._database.reading() as connection:
            row = connection.execute(select(_ROW).where(_ROW.c.id == period)).first()
        return None if row is None else _period(row).rule

    def periods(self, *, now: datetime, person: PersonId | None = None, past: bool = False) -> list[Period]:
        """By their beginning; without `past` only those still to end. `person`: on either side."""
        wanted = select(_ROW).order_by(_ROW.c.begins_at, _ROW.c.id)
        if not past:
            wanted = wanted.where(_ROW.c.ends_at > now, _ROW.c.ends_at > _ROW.c.begins_at)
        if person is not None:
            wanted = wanted.where(or_(_ROW.c.principal == person, _ROW.c.stand_in == person))
        with self._database.reading() as connection:
            return [_period(row) for row in connection.execute(wanted)]

    def turns(self, *, now: datetime, limit: int) -> Sequence[Turn]:
        """The periods whose beginning or end the cases have not been told of, oldest first."""
        wanted = select(_ROW).where(_ROW.c.next_at <= now).order_by(_ROW.c.next_at, _ROW.c.id).limit(limit)
        with self._database.reading() as connection:
            return [_turn(connection, row) for row in connection.execute(wanted).all()]

    def turned(self, period: str, *, now: datetime) -> None:
        """The cases know: what comes next is the end, or nothing."""
        with self._database.writing() as connection:
            own = _ROW.c.id == period
            over = update(_ROW).where(own, _ROW.c.ends_at <= now).values(next_at=None)
            grow(connection)
            if not connection.execute(over).rowcount:
                connection.execute(update(_ROW).where(own).values(next_at=_ROW.c.ends_at))


_RUNNING = select(_ROW).where(_ROW.c.next_at.is_not(None))


def _external(connection: Connection, rule: StandIn) -> frozenset[PersonId]:
    """Which of the two are outside the company. Raises StandInRefused for somebody unknown, or gone."""
    wanted = select(_PEOPLE.c.id, _PEOPLE.c.external).where(_PEOPLE.c.active)
    external: dict[str, bool] = {
        row.id: row.external
        for row in connection.execute(wanted.where(_PEOPLE.c.id.in_([rule.principal, rule.stand_in])))
    }
    for person in (rule.principal, rule.stand_in):
        if person not in external:
            raise StandInRefused(Blocker(code="no_such_person", subject=person))
    return frozenset(PersonId(person) for person, outside in external.items() if outside)


def _tell_end(
    connection: Connection, which: Any, by: PersonId, now: datetime, *, but: PersonId | None = None
) -> None:
    """Both persons, with the end it was to have; `but` not who leaves."""
    still = (_ROW.c.ends_at > now) & (_ROW.c.ends_at > _ROW.c.begins_at)
    for row in connection.execute(select(_ROW).where(which, still)).all():
        told = notices_of_period(NoticeKind.STAND_IN_ENDED, row.id, _period(row).rule, by=by)
        owe(connection, (notice for notice in told if notice.to != but), now=now)


def _end(connection: Connection, which: Any, by: PersonId, now: datetime) -> int:
    """Of a period to come nothing is left; a running one ends now, and its cases are told next."""
    coming = (_ROW.c.begins_at > now) & (_ROW.c.ends_at > _ROW.c.begins_at)
    never = update(_ROW).where(which, coming).values(ends_at=_ROW.c.begins_at, next_at=None, ended_by=by)
    running = (_ROW.c.begins_at <= now) & (_ROW.c.ends_at > now)
    ended = update(_ROW).where(which, running).values(ends_at=now, next_at=now, ended_by=by)
    return connection.execute(never).rowcount + connection.execute(ended).rowcount


def _turn(connection: Connection, row: Any) -> Turn:
    concerned = select(_ASK.c.case_id).where(_ASK.c.person.in_([row.principal, row.stand_in])).distinct()
    return Turn(id=row.id, cases=tuple(CaseId(c) for c in sorted(connection.scalars(concerned))))


def _period(row: Any) -> Period:
    return Period(
        id=row.id,
        rule=stand_in_of((row.principal, row.stand_in, row.begins_at, row.ends_at, row.sops)),
        reason=row.reason,
        made_by=PersonId(row.made_by),
        made_at=row.made_at,
        ended_by=row.ended_by,
    )
