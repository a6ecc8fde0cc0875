"""Where a campaign's record lies: a fresh SQLite file, a fresh database on the PostgreSQL of this run."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final

from sqlalchemy import text

from engine.store.engines import Database
from engine.store.store import open_store
from runtime.settings import Settings
from tests.conftest import fresh_postgres

PUBLIC: Final = "http://sign.example"
SINK: Final = "json://sink.example"  # an address, so that messages are sent; campaigns bring the channel
_SERVER: ContextVar[str] = ContextVar("postgres_of_the_campaigns")
_NUMBER = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One database and the data folder beside it; `name` is sqlite or postgres. Every message goes by itself
    at once, unless a campaign is about that.
    """

    name: str
    url: str
    folder: Path
    messages_per_hour: int = 1000
    quiet_hours: bool = False
    group_minutes: int = 0
    smtp_url: str | None = None

    @property
    def settings(self) -> Settings:
        return Settings(
            data_dir=self.folder,
            database_url=self.url,
            public_url=PUBLIC,
            language="zh",
            webhook_url=SINK,
            messages_per_hour=self.messages_per_hour,
            quiet_hours=self.quiet_hours,
            group_minutes=self.group_minutes,
            smtp_url=self.smtp_url,
        )


@contextmanager
def serving(server: str) -> Iterator[None]:
    """Within, campaigns make their databases on this PostgreSQL server."""
    before = _SERVER.set(server)
    try:
        yield
    finally:
        _SERVER.reset(before)


def sqlite(folder: Path) -> Place:
    data = _data(folder, "sqlite")
    return _migrated(Place(name="sqlite", url=f"sqlite:///{data / 'guanka.db'}", folder=data))


def postgres(folder: Path) -> Place:
    url = fresh_postgres(_SERVER.get(), f"guanka_faults_{next(_NUMBER)}")
    return _migrated(Place(name="postgres", url=url, folder=_data(folder, "postgres")))


def both(folder: Path) -> tuple[Place, Place]:
    return sqlite(folder), postgres(folder)


def postgres_version() -> str:
    database = Database(_SERVER.get())
    try:
        with database.reading() as connection:
            return str(connection.scalar(text("SHOW server_version"))).split(" ")[0]
    finally:
        database.close()


def _data(folder: Path, name: str) -> Path:
    made = folder / name
    made.mkdir(parents=True, exist_ok=True)
    return made


def _migrated(place: Place) -> Place:
    open_store(place.url, place.folder, migrate=True).close()
    return place
