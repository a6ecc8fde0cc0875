"""Telling the runner that something may be ready, so that it need not wait for its next look.

A hint and no more: whoever wakes does not wait, and a lost wake-up costs the runner one poll. On SQLite a
datagram to a local socket; on PostgreSQL LISTEN and NOTIFY, since the other processes may run on other
machines.
"""

import contextlib
import hashlib
import os
import socket
import tempfile
import threading
from pathlib import Path
from typing import Any, Final, Protocol

from engine.store.engines import Database

CHANNEL: Final = "guanka_wake"
LONGEST_PATH: Final = 100  # the system allows a few more bytes, with its closing one
AFTER_FAILURE_SECONDS: Final = 1.0


class Listener(Protocol):
    """What the runner waits on."""

    def wait(self, timeout: float) -> None: ...
    def close(self) -> None: ...


class Waker(Protocol):
    def __call__(self) -> None: ...


def waker(database: Database, data_dir: Path) -> Waker:
    return SocketWaker(socket_path(data_dir)) if database.is_sqlite else NotifyWaker(database)


def listener(database: Database, data_dir: Path) -> Listener:
    return SocketListener(socket_path(data_dir)) if database.is_sqlite else NotifyListener(database)


def socket_path(data_dir: Path) -> Path:
    """Beside the data; under a name made of it in the system's own folder where that would be too long."""
    path = data_dir / "wake.sock"
    if len(os.fsencode(path)) <= LONGEST_PATH:
        return path
    name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"guanka-{os.getuid()}-{name}.sock"


class SocketWaker:
    def __init__(self, path: Path) -> None:
        self._path = os.fspath(path)

    def __call__(self) -> None:
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
            line.setblocking(False)  # noqa: FBT003 - the standard library's own parameter
            line.sendto(b"1", self._path)


class SocketListener:
    """The newest listener of a data folder has the socket; an older one falls back to its poll."""

    def __init__(self, path: Path) -> None:
        path.unlink(missing_ok=True)
        self._path = path
        self._line = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        before = os.umask(0o177)
        try:
            self._line.bind(os.fspath(path))
        finally:
            os.umask(before)

    def wait(self, timeout: float) -> None:
        """Takes everything that has come, so that many wake-ups cost one look."""
        self._line.settimeout(max(timeout, 0.001))
        with contextlib.suppress(OSError):
            self._line.recv(16)
            self._line.setblocking(False)  # noqa: FBT003 - the standard library's own parameter
            while True:
                self._line.recv(16)

    def close(self) -> None:
        self._line.close()
        self._path.unlink(missing_ok=True)


class NotifyWaker:
    def __init__(self, database: Database) -> None:
        self._database = database

    def __call__(self) -> None:
        with contextlib.suppress(Exception), self._database.transaction() as cursor:
            cursor.execute(f"NOTIFY {CHANNEL}")


class NotifyListener:
    """Holds a connection of its own; a lost one is made anew, and meanwhile the poll does."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Any = None
        self._pause = threading.Event()

    def wait(self, timeout: float) -> None:
        try:
            for _ in self._listening().notifies(timeout=timeout, stop_after=1):
                pass
        except Exception:  # noqa: BLE001 - whatever the driver raises, the runner looks again
            self.close()
            self._pause.wait(min(timeout, AFTER_FAILURE_SECONDS))

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.close()

    def _listening(self) -> Any:
        if self._connection is None:
            import psycopg

            url = self._database.url.set(drivername="postgresql").render_as_string(hide_password=False)
            self._connection = psycopg.connect(url, autocommit=True, connect_timeout=5)
            self._connection.execute(f"LISTEN {CHANNEL}")
        return self._connection
