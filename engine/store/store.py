"""The store as one thing: every door to the record, opened together on one database."""

from pathlib import Path

from engine.definition.compiled import Definition
from engine.store import schema
from engine.store.definitions import Definitions, Load
from engine.store.engines import WAIT_SECONDS, Database
from engine.store.sql import SqlUnitOfWork


class Store:
    """`uow` and `queues` are the ports of engine.ports; the rest serves pages, the operator and the deliverers."""

    def __init__(self, database: Database, data_dir: Path, load: Load) -> None:
        self.database = database
        self.data_dir = data_dir
        self.definitions = Definitions(database, load)
        self.uow = SqlUnitOfWork(database, self.definitions)

    def close(self) -> None:
        self.database.close()


def open_store(
    url: str,
    data_dir: Path,
    *,
    migrate: bool = False,
    wait_seconds: float = WAIT_SECONDS,
    load: Load | None = None,
) -> Store:
    """`url` is sqlite:///file or postgresql+psycopg://…; files lie in `data_dir` when embedded.

    With `migrate` the schema is brought to this version's; without, another schema is refused. Raises SchemaRefused,
    StoreDamaged, StoreUnavailable.
    """
    database = Database(url, wait_seconds=wait_seconds)
    try:
        if migrate:
            schema.migrate(database)
        else:
            schema.check(database)
    except BaseException:
        database.close()
        raise
    return Store(database, data_dir, load or _load)


def _load(text: str, file: str) -> Definition:
    from engine.definition.loader import load  # noqa: PLC0415  (YAML is read only for what is not loaded yet)

    return load(text, file)
