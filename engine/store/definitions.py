"""Published SOP versions: their text, hash and number; each loaded once per process and shared."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from engine.definition.compiled import Definition
from engine.ids import PersonId
from engine.store.engines import Cursor, Database
from engine.store.errors import UnknownDefinition
from engine.store.revision import grow
from engine.store.statements import Prepared
from engine.store.tables import SopVersionRow, table

Load = Callable[[str, str], Definition]
_VERSION = table(SopVersionRow)


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    sop: str
    number: int
    digest: str
    published_at: datetime
    published_by: PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """`new` is False when this very text was already published: nothing was done then."""

    version: Version
    new: bool


class Definitions:
    def __init__(self, database: Database, load: Load) -> None:
        self._database = database
        self._load = load
        self._loaded: dict[str, Definition] = {}
        text = select(_VERSION.c.text, _VERSION.c.sop).where(_VERSION.c.digest == bindparam("digest"))
        self._text = Prepared(text, database.engine.dialect)

    def publish(self, text: str, file: str, *, by: PersonId, now: datetime) -> Published:
        """Checks the text and makes it the current version of its SOP. Raises BrokenDefinition with all its
        faults.
        """
        definition, digest = self._load(text, file), digest_of(text)
        with self._database.writing() as connection:
            known = _version(connection, digest)
            if known is not None:
                return Published(version=known, new=False)
            grow(connection)
            number = 1 + _latest_number(connection, definition.sop.sop)
            version = Version(
                sop=definition.sop.sop, number=number, digest=digest, published_at=now, published_by=by
            )
            connection.execute(
                insert(_VERSION).values(
                    digest=digest,
                    sop=version.sop,
                    number=number,
                    text=text,
                    published_at=now,
                    published_by=by,
                )
            )
        return Published(version=version, new=True)

    def by_digest(self, digest: str) -> Definition:
        """Raises UnknownDefinition."""
        if digest not in self._loaded:
            self._loaded[digest] = self._load(self.text(digest), f"{digest[:12]}.yaml")
        return self._loaded[digest]

    def within(self, cursor: Cursor, digest: str) -> Definition:
        """As `by_digest`, read inside a transaction that is already open."""
        if digest not in self._loaded:
            row = self._text.one(cursor, digest=digest)
            if row is None:
                raise UnknownDefinition(digest)
            self._loaded[digest] = self._load(row[0], f"{row[1]}.yaml")
        return self._loaded[digest]

    def text(self, digest: str) -> str:
        with self._database.reading() as connection:
            found = connection.scalar(select(_VERSION.c.text).where(_VERSION.c.digest == digest))
        if found is None:
            raise UnknownDefinition(digest)
        return found

    def latest(self, sop: str) -> Version | None:
        return next(iter(self.versions(sop)), None)

    def versions(self, sop: str | None = None) -> list[Version]:
        """Newest first; of every SOP, by its name, when none is given."""
        wanted = select(*_COLUMNS).order_by(_VERSION.c.sop, _VERSION.c.number.desc())
        if sop is not None:
            wanted = wanted.where(_VERSION.c.sop == sop)
        with self._database.reading() as connection:
            return [Version(**row) for row in connection.execute(wanted).mappings()]

    def numbered(self, sop: str, number: int) -> Version | None:
        return next((v for v in self.versions(sop) if v.number == number), None)


_COLUMNS = tuple(_VERSION.c[name] for name in ("sop", "number", "digest", "published_at", "published_by"))


def _version(connection: Connection, digest: str) -> Version | None:
    row = connection.execute(select(*_COLUMNS).where(_VERSION.c.digest == digest)).mappings().first()
    return None if row is None else Version(**row)


def _latest_number(connection: Connection, sop: str) -> int:
    return connection.scalar(select(func.max(_VERSION.c.number)).where(_VERSION.c.sop == sop)) or 0
