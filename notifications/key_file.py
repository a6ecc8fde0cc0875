"""A small file of secrets beside the data: readable by its owner only, and never seen half written."""

import fcntl
import json
import os
import secrets
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def create(path: Path, content: Mapping[str, Any]) -> None:
    """Never overwrites: of two processes that start together, one wins."""
    temporary = _written(path, content)
    try:
        os.link(temporary, path)
    except FileExistsError:
        return
    finally:
        temporary.unlink()
    _sync_folder(path.parent)


def replaced(path: Path, content: Mapping[str, Any]) -> None:
    """In one step, on the disk before it returns. Call within `locked`."""
    _written(path, content).replace(path)
    _sync_folder(path.parent)


@contextmanager
def locked(path: Path) -> Generator[None]:
    """One process at a time changes the file."""
    handle = os.open(path.with_name(f".{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _written(path: Path, content: Mapping[str, Any]) -> Path:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with open(handle, "w", encoding="utf-8") as file:  # noqa: PTH123 - a handle, not a path
        json.dump(content, file)
        file.flush()
        os.fsync(handle)
    return temporary


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
