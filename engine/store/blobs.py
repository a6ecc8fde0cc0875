"""Files, named by the SHA-256 of their bytes and on the disk before the command that names them commits."""

import hashlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from sqlalchemy import select

from engine.errors import GuankaError
from engine.store.engines import Database
from engine.store.tables import BlobRow, table
from engine.store.upsert import insert_once
from engine.text import Text

_BLOB = table(BlobRow)


class BlobMissing(GuankaError):
    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                f"找不到文件 {name[:12]}；请从备份恢复附件目录",
                f"the file {name[:12]} is gone; restore the files from a backup",
            )
        )
        self.hash = name


class BlobDamaged(GuankaError):
    def __init__(self, name: str) -> None:
        super().__init__(
            Text(
                f"文件 {name[:12]} 的内容已损坏；请从备份恢复附件目录",
                f"the bytes of the file {name[:12]} have changed; restore the files from a backup",
            )
        )
        self.hash = name


class BlobStore(Protocol):
    def put(self, data: bytes) -> str:
        """Keeps the bytes for good and returns their name; the same bytes again cost nothing."""
        ...

    def get(self, name: str) -> bytes:
        """Raises BlobMissing, and BlobDamaged when the bytes are not those of the name."""
        ...

    def has(self, name: str) -> bool: ...


class FolderBlobs:
    """Files in folders by the first two letters of their name; written beside, synced, then moved into
    place.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        place = self.path(name)
        if place.exists():
            return name
        place.parent.mkdir(parents=True, exist_ok=True)
        beside = place.with_name(f".{name}.{secrets.token_hex(4)}")
        try:
            _write_synced(beside, data)
            beside.replace(place)
        finally:
            beside.unlink(missing_ok=True)
        for folder in (place.parent, self._folder, self._folder.parent):
            _sync(folder)
        return name

    def get(self, name: str) -> bytes:
        try:
            data = self.path(name).read_bytes()
        except FileNotFoundError as error:
            raise BlobMissing(name) from error
        return _sound(name, data)

    def has(self, name: str) -> bool:
        return self.path(name).exists()

    def path(self, name: str) -> Path:
        """Where the bytes lie. Raises ValueError for anything but a SHA-256 in hex, which could lead
        elsewhere.
        """
        if len(name) != hashlib.sha256().digest_size * 2 or not set(name) <= set("0123456789abcdef"):
            raise ValueError(f"{name!r} is not the SHA-256 of a file")
        return self._folder / name[:2] / name


class DatabaseBlobs:
    """Files in the database, for teams whose web processes share no disk."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, data: bytes) -> str:
        name = hashlib.sha256(data).hexdigest()
        with self._database.writing() as connection:
            insert_once(connection, _BLOB, {"hash": name, "size": len(data), "data": data})
        return name

    def get(self, name: str) -> bytes:
        with self._database.reading() as connection:
            data = connection.scalar(select(_BLOB.c.data).where(_BLOB.c.hash == name))
        if data is None:
            raise BlobMissing(name)
        return _sound(name, bytes(data))

    def has(self, name: str) -> bool:
        with self._database.reading() as connection:
            return connection.scalar(select(_BLOB.c.size).where(_BLOB.c.hash == name)) is not None


def _sound(name: str, data: bytes) -> bytes:
    if hashlib.sha256(data).hexdigest() != name:
        raise BlobDamaged(name)
    return data


def _write_synced(path: Path, data: bytes) -> None:
    with path.open("xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
