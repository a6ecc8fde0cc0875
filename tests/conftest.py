"""One store fixture, run for SQLite and for PostgreSQL; what a test does with it must hold on both."""

import os
import shutil
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import structlog
from sqlalchemy import text

from engine.clock import FixedClock
from engine.ids import SequentialIds
from engine.store.engines import Database
from engine.store.store import Store, open_store
from engine.store.tables import METADATA, Meta, table
from tests.postgres_server import running_postgres

if TYPE_CHECKING:
    from tests.prefect_process import PrefectProcess

# Unless told otherwise, structlog draws each trace with all that its variables hold, for seconds.
structlog.configure(
    processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A machine that checks for everybody may leave nothing out: there a skipped test is a failed one."""
    report = yield
    if report.skipped and os.environ.get("CI") == "true":
        report.outcome = "failed"
        report.longrepr = f"skipped, which continuous integration may not: {report.longrepr}"
    return report


BACKENDS = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgres", id="postgres", marks=pytest.mark.postgres),
]
Opened = Callable[[], Store]


@pytest.fixture
def clock() -> FixedClock:
    """Monday, 9 o'clock in Shanghai."""
    return FixedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))


@pytest.fixture
def ids() -> SequentialIds:
    return SequentialIds()


@pytest.fixture(scope="session")
def prefect_process(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[PrefectProcess]":
    """One Prefect server for the whole run, started by the first test that needs it."""
    from tests.prefect_process import PrefectProcess  # to import Prefect takes two seconds

    server = PrefectProcess(tmp_path_factory.mktemp("prefect"))
    yield server
    server.kill()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    with running_postgres() as url:
        yield url


@pytest.fixture(scope="session")
def postgres_database(postgres_server: str) -> str:
    """A migrated database for the tests of this process; each test finds its tables empty."""
    url = fresh_postgres(postgres_server, "guanka_tests")
    open_store(url, Path(), migrate=True).close()
    return url


@pytest.fixture
def empty_postgres(postgres_server: str) -> str:
    """The URL of a database in which nothing is, not even a table."""
    return fresh_postgres(postgres_server, "guanka_empty")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file to copy: to make the schema anew for every test would take most of its time."""
    file = tmp_path_factory.mktemp("store") / "migrated.db"
    store = open_store(f"sqlite:///{file}", file.parent, migrate=True)
    with store.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    store.close()
    return file


@pytest.fixture
def sqlite_url(migrated_sqlite: Path, tmp_path: Path) -> str:
    shutil.copy(migrated_sqlite, tmp_path / "guanka.db")
    return f"sqlite:///{tmp_path / 'guanka.db'}"


@pytest.fixture
def postgres_url(postgres_database: str) -> str:
    database = Database(postgres_database)
    with database.writing() as connection:
        for each in reversed(METADATA.sorted_tables):
            if each is not table(Meta):
                connection.execute(each.delete())
    database.close()
    return postgres_database


@pytest.fixture(params=BACKENDS)
def store_url(request: pytest.FixtureRequest) -> str:
    return request.getfixturevalue(f"{request.param}_url")


@pytest.fixture
def opened(store_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Opened]:
    """Opens one more store on the test's database: what another process would hold. All go by one clock."""
    stores: list[Store] = []

    def again() -> Store:
        stores.append(open_store(store_url, tmp_path, clock=clock))
        return stores[-1]

    yield again
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Opened) -> Store:
    return opened()


@pytest.fixture
def sqlite_store(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Store]:
    """The quick one, for tests that are about something else."""
    store = open_store(sqlite_url, tmp_path, clock=clock)
    yield store
    store.close()


def fresh_postgres(server: str, name: str) -> str:
    """A new, empty database of this name on the server; one left from before is dropped."""
    database = Database(server)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))
        connection.execute(text(f"CREATE DATABASE {name}"))
    database.close()
    return server.replace("/postgres?", f"/{name}?")
