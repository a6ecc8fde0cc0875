"""Wrong codes, counted by link, so that the fifth can burn it, and by person and hour, so that a new link for
every five gives nobody endless tries.
"""

from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, delete, select, update

from engine.ids import ApprovalId, CaseId, PersonId
from engine.store.engines import Database
from engine.store.tables import CodeAttemptRow, table
from engine.store.upsert import count_up

_TRY = table(CodeAttemptRow)
AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkName:
    """One link as it was given out: a new round or a new issue is another link, with tries of its own."""

    case_id: CaseId
    approval: ApprovalId
    person: PersonId
    round: int
    issue: int


def hour_of(now: datetime) -> datetime:
    """The beginning of the hour by the clock, in UTC: in any sixty minutes twice an hour's tries at most."""
    return now.replace(minute=0, second=0, microsecond=0)


class CodeAttempts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, link: LinkName) -> int:
        """Counts one wrong code and returns how many there have been, this one included."""
        with self._database.writing() as connection:
            return count_up(connection, _TRY, _columns(link), "tries")

    def add_in_hour(self, person: PersonId, hour: datetime) -> int:
        """Counts one try at any link of this person and returns how many there have been within the hour."""
        with self._database.writing() as connection:
            past = and_(_TRY.c.case_id == _NO_CASE, _TRY.c.approval < hour.isoformat())
            connection.execute(delete(_TRY).where(past))
            return count_up(connection, _TRY, _columns(_in_hour(person, hour)), "tries")

    def forgive(self, link: LinkName, hour: datetime) -> None:
        """Takes back one try of the link and of its person's hour: the code was right."""
        with self._database.writing() as connection:
            for name in (link, _in_hour(link.person, hour)):
                _count_down(connection, name)

    def count(self, link: LinkName) -> int:
        with self._database.reading() as connection:
            return connection.scalar(select(_TRY.c.tries).where(_same(link))) or 0


_NO_CASE: Final = CaseId("")  # stands first in the key: the rows of hours lie together and are few


def _in_hour(person: PersonId, hour: datetime) -> LinkName:
    """The row that counts a person's hour, over all links."""
    return LinkName(case_id=_NO_CASE, approval=ApprovalId(hour.isoformat()), person=person, round=0, issue=0)


def _count_down(connection: Connection, name: LinkName) -> None:
    fewer = update(_TRY).where(_same(name), _TRY.c.tries > 0).values(tries=_TRY.c.tries - 1)
    connection.execute(fewer)


def _columns(link: LinkName) -> dict[str, Any]:
    return dict(zip(link.__dataclass_fields__, astuple(link), strict=True))


def _same(link: LinkName) -> ColumnElement[bool]:
    return and_(*(_TRY.c[name] == value for name, value in _columns(link).items()))
