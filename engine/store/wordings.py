"""The company's own wordings of messages. Rows are added, never changed: who wrote what stays on record."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.exc import IntegrityError

from engine.errors import GuankaError
from engine.ids import PersonId
from engine.store.engines import Database
from engine.store.tables import WordingRow, table
from engine.text import Text

_ROW = table(WordingRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingVersion:
    """`number` counts from 1 for each kind and language. Without `subject` and `body` it is ours again."""

    kind: str
    language: str
    number: int
    subject: str | None
    body: str | None
    changed_by: PersonId
    changed_at: datetime


class WordingMoved(GuankaError):
    def __init__(self, kind: str, language: str) -> None:
        super().__init__(
            Text(
                f"消息模板 {kind}.{language} 刚被他人改动；请看过现在的内容再改",
                f"the template {kind}.{language} was changed by somebody else just now; look at it first",
            )
        )
        self.kind, self.language = kind, language


class Wordings:
    def __init__(self, database: Database) -> None:
        self._database = database

    def newest(self, kind: str, language: str) -> WordingVersion | None:
        """None where the company never had one of its own."""
        with self._database.reading() as connection:
            return _newest(connection, kind, language)

    def all(self) -> list[WordingVersion]:
        """The newest of each kind and language that ever had one."""
        last = select(_ROW.c.kind, _ROW.c.language, func.max(_ROW.c.number).label("number"))
        last = last.group_by(_ROW.c.kind, _ROW.c.language).subquery()
        same = (
            (_ROW.c.kind == last.c.kind)
            & (_ROW.c.language == last.c.language)
            & (_ROW.c.number == last.c.number)
        )
        wanted = select(_ROW).join(last, same).order_by(_ROW.c.kind, _ROW.c.language)
        with self._database.reading() as connection:
            return [_version(row) for row in connection.execute(wanted)]

    def history(self, kind: str, language: str) -> list[WordingVersion]:
        """Newest first."""
        wanted = select(_ROW).where(_ROW.c.kind == kind, _ROW.c.language == language)
        with self._database.reading() as connection:
            return [_version(row) for row in connection.execute(wanted.order_by(_ROW.c.number.desc()))]

    def add(self, version: WordingVersion) -> None:
        """As the one after the version its author saw. Raises WordingMoved where another came between."""
        columns = {name: getattr(version, name) for name in version.__dataclass_fields__}
        try:
            with self._database.writing() as connection:
                found = _newest(connection, version.kind, version.language)
                if (found.number if found else 0) != version.number - 1:
                    raise WordingMoved(version.kind, version.language)
                connection.execute(insert(_ROW).values(columns))
        except IntegrityError:  # two at the same moment: the key let one of them through
            raise WordingMoved(version.kind, version.language) from None


def _newest(connection: Connection, kind: str, language: str) -> WordingVersion | None:
    wanted = select(_ROW).where(_ROW.c.kind == kind, _ROW.c.language == language)
    row = connection.execute(wanted.order_by(_ROW.c.number.desc()).limit(1)).first()
    return None if row is None else _version(row)


def _version(row: Any) -> WordingVersion:
    return WordingVersion(
        kind=row.kind,
        language=row.language,
        number=row.number,
        subject=row.subject,
        body=row.body,
        changed_by=PersonId(row.changed_by),
        changed_at=row.changed_at,
    )
