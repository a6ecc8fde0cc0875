"""Which schema a database holds, and how it is brought to this version's. Alembic is loaded only when there
is work.
"""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, inspect, text

from engine.store.engines import Database
from engine.store.errors import SchemaRefused, StoreDamaged
from engine.text import Text

VERSION_TABLE = "guanka_schema"
HEAD = "0012"
LOCK = 0x6775616E6B61  # "guanka"; any number nobody else locks


def current(database: Database) -> str | None:
    """The revision the database stands at; None when it is empty. Raises SchemaRefused, StoreDamaged."""
    with database.reading() as connection:
        return _current(connection)


def check(database: Database) -> None:
    """Raises SchemaRefused unless the database holds exactly this version's schema; a missing file is not
    made.
    """
    file = database.url.database
    missing = database.is_sqlite and file is not None and not Path(file).exists()
    found = None if missing else current(database)
    if found != HEAD:
        raise SchemaRefused(
            Text(
                "数据库尚未升级到本版本；请运行 guanka up",
                "the database is not at this version's schema yet; run guanka up",
            ),
            found or "",
        )


def migrate(database: Database) -> bool:
    """Brings the database to this version's schema, once, however many start together. False when there was
    no need.

    All revisions happen in one transaction, or none. On SQLite foreign keys are off meanwhile, because a
    table that is made anew would take its children along; they are checked before the commit.
    """
    if current(database) == HEAD:
        return False
    with _alone(database) as connection:
        if _current(connection) == HEAD:
            return False
        _upgrade(connection)
        _refuse_orphans(connection)
    return True


def integrity(database: Database) -> None:
    """Reads every page. Raises StoreDamaged naming the first fault; PostgreSQL has checksums of its own."""
    if not database.is_sqlite:
        return
    with database.reading() as connection:
        said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar()
        if said != "ok":
            raise StoreDamaged(str(database.url.database), str(said))


def _current(connection: Connection) -> str | None:
    names = set(inspect(connection).get_table_names())
    if not names:
        return None
    if VERSION_TABLE not in names:
        some = min(names)
        raise SchemaRefused(
            Text(
                f"该数据库属于其他程序（含表 {some}）；请在设置中换一个数据库",
                f"this database belongs to another program (it holds a table {some}); name another database",
            ),
            some,
        )
    found = connection.scalar(text(f"SELECT version_num FROM {VERSION_TABLE}"))  # noqa: S608
    if found is not None and found > HEAD:
        raise SchemaRefused(
            Text(
                f"数据库由更新的版本写成（结构 {found}，本版本支持到 {HEAD}）；请升级 guanka",
                f"a newer version wrote this database (schema {found}, known here: {HEAD}); upgrade guanka",
            ),
            found,
        )
    return found


@contextmanager
def _alone(database: Database) -> Generator[Connection]:
    if not database.is_sqlite:
        with database.writing() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
        return
    with database.engine.connect() as outside:
        raw: Any = outside.connection.dbapi_connection
        raw.execute("PRAGMA foreign_keys=OFF")
        try:
            outside.execution_options(guanka_immediate=True)
            with outside.begin():
                yield outside
        finally:
            raw.execute("PRAGMA foreign_keys=ON")


def _upgrade(connection: Connection) -> None:
    from alembic import command  # noqa: PLC0415  (0.3 s, needed once per version)
    from alembic.config import Config  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", "engine.store:migrations")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _refuse_orphans(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        orphan = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if orphan is not None:
            raise StoreDamaged(str(connection.engine.url.database), f"orphan row in {orphan[0]}")
