"""Wrong codes typed at a link, counted so that the fifth can burn it."""

from dataclasses import astuple, dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, select

from engine.ids import ApprovalId, CaseId, PersonId
from engine.store.engines import Database
from engine.store.tables import CodeAttemptRow, table
from engine.store.upsert import count_up

_TRY = table(CodeAttemptRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkName:
    """One link as it was given out: a new round or a new issue is another link, with tries of its own."""

    case_id: CaseId
    approval: ApprovalId
    person: PersonId
    round: int
    issue: int


class CodeAttempts:
    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, link: LinkName) -> int:
        """Counts one wrong code and returns how many there have been, this one included."""
        with self._database.writing() as connection:
            return count_up(connection, _TRY, _columns(link), "tries")

    def forgive(self, link: LinkName) -> None:
        """The code was right after all: the try counted for it is no wrong one."""
        fewer = _TRY.update().where(_same(link), _TRY.c.tries > 0).values(tries=_TRY.c.tries - 1)
        with self._database.writing() as connection:
            connection.execute(fewer)

    def count(self, link: LinkName) -> int:
        with self._database.reading() as connection:
            return connection.scalar(select(_TRY.c.tries).where(_same(link))) or 0


def _columns(link: LinkName) -> dict[str, Any]:
    return dict(zip(link.__dataclass_fields__, astuple(link), strict=True))


def _same(link: LinkName) -> ColumnElement[bool]:
    return and_(*(_TRY.c[name] == value for name, value in _columns(link).items()))
