"""The heads of all chains, written down outside the database, so that even a chain rewritten from end to
end is found.

The file's first line names the instant, the count and the root: the SHA-256 over the lines that follow, one
per case in order of its id. The root alone, sent elsewhere, proves the file.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Select, select

from engine.errors import GuankaError
from engine.store.engines import Database
from engine.store.tables import CaseRow, table
from engine.text import Text

_CASE = table(CaseRow)
BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchor:
    at: datetime
    count: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    case_id: str
    version: int
    hash: str

    def line(self) -> str:
        return f"{self.case_id} {self.version} {self.hash}\n"


class AnchorDamaged(GuankaError):
    def __init__(self, path: Path) -> None:
        super().__init__(
            Text(
                f"锚定文件 {path.name} 已被改动或不完整；请改用较早的锚定文件",
                f"the anchor file {path.name} was changed or is incomplete; use an earlier one",
            )
        )
        self.path = path


class Root:
    """The root over heads, given one after the other in order of their case ids."""

    def __init__(self) -> None:
        self._sum = hashlib.sha256()
        self.count = 0

    def add(self, head: Head) -> None:
        self._sum.update(head.line().encode())
        self.count += 1

    def hex(self) -> str:
        return self._sum.hexdigest()


def write_anchor(database: Database, path: Path, *, now: datetime) -> Anchor:
    """Writes the present heads to `path`, whole or not at all, and returns the first line."""
    root, beside = Root(), path.with_name(f".{path.name}.new")
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = path.with_name(f".{path.name}.heads")
    with database.reading() as connection, lines.open("w", encoding="utf-8") as file:
        for head in heads(connection):
            root.add(head)
            file.write(head.line())
    anchor = Anchor(at=now, count=root.count, root=root.hex())
    with beside.open("w", encoding="utf-8") as file, lines.open(encoding="utf-8") as written:
        first = {"at": now.isoformat(), "count": anchor.count, "root": anchor.root}
        file.write(json.dumps(first) + "\n")
        file.writelines(written)
        file.flush()
        os.fsync(file.fileno())
    lines.unlink()
    beside.replace(path)
    return anchor


def read_anchor(path: Path) -> Anchor:
    """The first line, after the heads were found to make its root. Raises AnchorDamaged."""
    root = Root()
    try:
        with path.open(encoding="utf-8") as file:
            first = json.loads(file.readline())
            anchor = Anchor(at=datetime.fromisoformat(first["at"]), count=first["count"], root=first["root"])
            for line in file:
                root.add(_head(line))
    except (ValueError, KeyError, TypeError) as error:
        raise AnchorDamaged(path) from error
    if (root.count, root.hex()) != (anchor.count, anchor.root):
        raise AnchorDamaged(path)
    return anchor


def anchored_heads(path: Path) -> Iterator[Head]:
    with path.open(encoding="utf-8") as file:
        file.readline()
        for line in file:
            yield _head(line)


def heads(connection: Connection) -> Iterator[Head]:
    wanted = in_order(connection, select(_CASE.c.id, _CASE.c.version, _CASE.c.head_hash))
    for row in connection.execution_options(yield_per=BATCH).execute(wanted):
        yield Head(case_id=row.id, version=row.version, hash=row.head_hash)


def in_order(connection: Connection, wanted: Select[Any]) -> Select[Any]:
    """Cases by id, byte for byte, whatever the database's own collation."""
    by_id = _CASE.c.id if connection.dialect.name == "sqlite" else _CASE.c.id.collate("C")
    return wanted.order_by(by_id)


def _head(line: str) -> Head:
    case_id, version, digest = line.split()
    return Head(case_id=case_id, version=int(version), hash=digest)
