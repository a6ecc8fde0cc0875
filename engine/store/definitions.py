"""Published SOP versions: their text, hash and number; each loaded once per process and shared.

Beside its text a version keeps what the text was read into. So nothing is parsed at start-up, and what was
sound when it was published stays usable when a later release checks more.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Connection, bindparam, func, insert, select

from engine.definition.compiled import Definition
from engine.definition.model import Sop
from engine.errors import BrokenDefinition
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
        kept = select(_VERSION.c.parsed, _VERSION.c.text).where(_VERSION.c.digest == bindparam("digest"))
        self._kept, self._prepared = kept, Prepared(kept, database.engine.dialect)

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
                    parsed=_parsed(definition),
                    published_at=now,
                    published_by=by,
                )
            )
        return Published(version=version, new=True)

    def by_digest(self, digest: str) -> Definition:
        """Raises UnknownDefinition."""
        if digest not in self._loaded:
            with self._database.reading() as connection:
                row = connection.execute(self._kept, {"digest": digest}).first()
            self._loaded[digest] = self._restored(digest, row)
        return self._loaded[digest]

    def within(self, cursor: Cursor, digest: str) -> Definition:
        """As `by_digest`, read inside a transaction that is already open."""
        if digest not in self._loaded:
            self._loaded[digest] = self._restored(digest, self._prepared.one(cursor, digest=digest))
        return self._loaded[digest]

    def _restored(self, digest: str, row: Sequence[Any] | None) -> Definition:
        """What the text was read into; a model that has changed since reads the text again."""
        if row is None:
            raise UnknownDefinition(digest)
        parsed, text = row
        try:
            return Definition(Sop.model_validate_json(parsed), digest)
        except ValidationError:
            return self._load(text, f"{digest[:12]}.yaml")

    def reads_as(self, text: str, parsed: str) -> bool:
        """Whether `parsed` is what `text` says; a text that this release would refuse cannot be judged."""
        try:
            return Sop.model_validate_json(parsed) == self._load(text, "published.yaml").sop
        except BrokenDefinition:
            return True
        except ValidationError:
            return False

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


def _parsed(definition: Definition) -> str:
    return definition.sop.model_dump_json(by_alias=True, exclude_unset=True)


def _version(connection: Connection, digest: str) -> Version | None:
    row = connection.execute(select(*_COLUMNS).where(_VERSION.c.digest == digest)).mappings().first()
    return None if row is None else Version(**row)


def _latest_number(connection: Connection, sop: str) -> int:
    return connection.scalar(select(func.max(_VERSION.c.number)).where(_VERSION.c.sop == sop)) or 0
