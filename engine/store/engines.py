"""One database behind two doors: reading sessions that block nobody, and writing transactions that queue
for the lock.

SQLite runs through pysqlite3, whose library is free of the WAL-reset fault of many systems' own. Every
writer begins IMMEDIATE: a transaction that reads first and writes later fails at once, without waiting.
"""

import threading
from collections.abc import Generator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from typing import Any, Protocol

from sqlalchemy import Connection, create_engine, event, make_url
from sqlalchemy.engine import URL, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from engine.store.errors import StoreBusy, StoreDamaged, StoreFailing, StoreFull, StoreUnavailable

WAIT_SECONDS = 5.0
POOL_SIZE = 8
POOL_OVERFLOW = 24
BUSY = ("database is locked", "database table is locked", "locking protocol")
BUSY_STATES = (
    "55P03",
    "40P01",
    "40001",
    "57014",
)  # lock not available, deadlock, serialization, statement cancelled
FULL = ("database or disk is full", "no space left on device")
DAMAGED = ("file is not a database", "malformed", "file is encrypted")
FULL_STATES = ("53100",)
IMMEDIATE = "guanka_immediate"
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "temp_store=MEMORY",
    "secure_delete=FAST",  # what is erased is overwritten where that costs no further write
    "wal_autocheckpoint=4000",  # 16 MB: a page that changes often reaches the file once
    "cache_size=-8000",  # kB
)


class Cursor(Protocol):
    """What of the driver's cursor is used here."""

    rowcount: int
    connection: Any

    def execute(self, sql: str, parameters: Any = ..., /) -> Any: ...
    def executemany(self, sql: str, parameters: Any, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


class Database:
    """A pool of connections to one database. `wait_seconds` bounds every wait for a lock or a connection."""

    def __init__(self, url: str, *, wait_seconds: float = WAIT_SECONDS) -> None:
        self.url: URL = make_url(url)
        self.is_sqlite = self.url.get_backend_name() == "sqlite"
        self._wait = wait_seconds
        self._turn = (
            threading.Lock()
        )  # SQLite polls for its lock; this queue is fair among the threads of a process
        self.engine: Engine = self._sqlite() if self.is_sqlite else self._postgres()

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """A session that sees one state of the database from its first read on, and never waits for
        writers.
        """
        with self._named(), self.engine.connect() as connection:
            if not self.is_sqlite:
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection

    @contextmanager
    def writing(self) -> Generator[Connection]:
        """A transaction with the write lock, for the rarer changes; commits on leaving, rolls back on an
        exception.
        """
        with self._named(), self._queue(), self.engine.connect() as connection:
            connection.execution_options(**{IMMEDIATE: True})
            with connection.begin():
                yield connection

    @contextmanager
    def transaction(self) -> Generator[Cursor]:
        """As `writing`, on the driver itself: for the statements every command needs.

        The cursor is closed before the connection is another's: one that ended later would reset a statement
        that the next one reads from, for the driver keeps statements by their text.
        """
        with self._named(), self._queue():
            pooled: Any = self.engine.raw_connection()
            try:
                with closing(pooled.cursor()) as cursor:
                    if self.is_sqlite:
                        cursor.execute("BEGIN IMMEDIATE")
                    yield cursor
                pooled.commit()
            except BaseException:
                _roll_back(pooled)
                raise
            finally:
                pooled.close()

    def together(self, cursor: Cursor) -> AbstractContextManager[object]:
        """Statements whose answers can wait for the end travel in one round trip, where there are any.

        Within, the number of rows a statement touched is not known yet (-1).
        """
        return nullcontext() if self.is_sqlite else cursor.connection.pipeline()

    @contextmanager
    def driver(self) -> Generator[Cursor]:
        """As `reading`, on the driver itself, for statements prepared for it."""
        with self._named():
            pooled: Any = self.engine.raw_connection()
            try:
                with closing(pooled.cursor()) as cursor:
                    if self.is_sqlite:
                        cursor.execute("BEGIN")
                    yield cursor
            finally:
                _roll_back(pooled)
                pooled.close()

    def drop_traces(self) -> None:
        """SQLite keeps what a row held before in its log until the log is used again; this empties the
        log.
        """
        if self.is_sqlite:
            with self.reading() as connection:
                connection.exec_driver_sql("ROLLBACK")  # the log is not emptied within a transaction
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                connection.exec_driver_sql("BEGIN")

    def close(self) -> None:
        self.engine.dispose()

    @contextmanager
    def _queue(self) -> Generator[None]:
        if not self.is_sqlite:
            yield
            return
        if not self._turn.acquire(timeout=self._wait):
            raise StoreBusy
        try:
            yield
        finally:
            self._turn.release()

    @contextmanager
    def _named(self) -> Generator[None]:
        """The driver's errors, in our own words."""
        try:
            yield
        except PoolTimeout as error:
            raise StoreBusy from error
        except DBAPIError as error:
            self._raise_named(error.orig or error)
            raise
        except self._driver_error as error:
            self._raise_named(error)
            raise

    @property
    def broken_rule(self) -> type[Exception]:
        """What the driver raises when a row breaks a key, a reference or a check."""
        module: Any = self.engine.dialect.loaded_dbapi
        return module.IntegrityError

    @property
    def _driver_error(self) -> type[Exception]:
        module: Any = self.engine.dialect.loaded_dbapi
        return module.Error

    def _raise_named(self, error: BaseException) -> None:
        named = self._named_error(error)
        if named is not None:
            raise named from error

    def _named_error(self, error: BaseException) -> StoreUnavailable | StoreDamaged | None:
        said, state = str(error).lower(), getattr(error, "sqlstate", None)
        if any(text in said for text in BUSY) or state in BUSY_STATES:
            return StoreBusy()
        if any(text in said for text in FULL) or state in FULL_STATES:
            return StoreFull()
        if self.is_sqlite and any(text in said for text in DAMAGED):
            return StoreDamaged(str(self.url.database), str(error))
        if isinstance(error, self._passing_error):
            return StoreFailing(str(error).splitlines()[0] if str(error) else type(error).__name__)
        return None

    @property
    def _passing_error(self) -> type[Exception]:
        module: Any = self.engine.dialect.loaded_dbapi
        return module.OperationalError

    def _sqlite(self) -> Engine:
        from pysqlite3 import dbapi2  # noqa: PLC0415  (a team on PostgreSQL need not load it)

        engine = create_engine(
            self.url.set(drivername="sqlite+pysqlite"),
            module=dbapi2,
            paramstyle="named",
            connect_args={"timeout": self._wait, "isolation_level": None, "check_same_thread": False},
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=self._wait,
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine

    def _postgres(self) -> Engine:
        milliseconds = int(self._wait * 1000)
        return create_engine(
            self.url.set(drivername="postgresql+psycopg"),
            connect_args={
                "options": f"-c timezone=UTC -c lock_timeout={milliseconds}",
                "connect_timeout": max(2, int(self._wait)),
            },
            pool_pre_ping=False,  # a round trip a command; a broken connection is answered 503 and replaced
            pool_size=POOL_SIZE,
            max_overflow=POOL_OVERFLOW,
            pool_timeout=self._wait,
        )


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}").fetchall()
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    immediate = connection.get_execution_options().get(IMMEDIATE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _roll_back(pooled: Any) -> None:
    """SQLite rolls back by itself when the disk is full, and a lost server has already forgotten: neither
    is news.
    """
    try:
        pooled.rollback()
    except Exception:  # noqa: BLE001
        pooled.invalidate()
