"""The store as one thing: every door to the record, opened together on one database."""

from contextlib import suppress
from datetime import datetime
from pathlib import Path

from engine.clock import Clock
from engine.definition.compiled import Definition
from engine.store import schema
from engine.store.alarms import Alarms
from engine.store.anchor import Anchor, write_anchor
from engine.store.blobs import BlobStore, DatabaseBlobs, FolderBlobs
from engine.store.board import Board
from engine.store.calendars_seen import CalendarsSeen
from engine.store.code_attempts import CodeAttempts
from engine.store.definitions import Definitions, Load
from engine.store.deliveries import SqlDeliveries
from engine.store.engines import WAIT_SECONDS, Database
from engine.store.erasure import Eraser
from engine.store.errors import StoreUnavailable
from engine.store.feeds import Feeds
from engine.store.groups import Groups
from engine.store.heartbeats import Heartbeats
from engine.store.history import History
from engine.store.housekeeping import forget_old_keys
from engine.store.inbox import Inbox
from engine.store.mailbox import Mailbox
from engine.store.people import People
from engine.store.preferences import SqlPreferences
from engine.store.queues import SqlQueues
from engine.store.send_slots import SendSlots
from engine.store.sql import SqlUnitOfWork
from engine.store.stand_ins import StandIns
from engine.store.store_clock import StoreClock
from engine.store.sweep_claims import SweepClaims
from engine.store.verify import Report, verify
from engine.store.wordings import Wordings


class Store:
    """`uow` and `queues` are the ports of engine.ports; the rest serves pages, the operator and the
    deliverers.
    """

    def __init__(self, database: Database, data_dir: Path, load: Load, clock: Clock) -> None:
        """`clock` is the database's own, or what a test brings in its place."""
        self.database, self.clock = database, clock
        self.definitions = Definitions(database, load)
        self.uow = SqlUnitOfWork(database, self.definitions)
        self.queues = SqlQueues(database, clock)
        self.sweeps = SweepClaims(database, clock)
        self.alarms = Alarms(database, clock)
        self.deliveries = SqlDeliveries(database)
        self.preferences = SqlPreferences(database)
        self.people = People(database, self.uow.companies)
        self.groups = Groups(database, clock)
        self.stand_ins = StandIns(database)
        self.wordings = Wordings(database)
        self.board = Board(database)
        self.inbox = Inbox(database)
        self.history = History(database)
        self.mailbox = Mailbox(database)
        self.heartbeats = Heartbeats(database)
        self.calendars_seen = CalendarsSeen(database)
        self.code_attempts = CodeAttempts(database)
        self.feeds = Feeds(database)
        self.send_slots = SendSlots(database)
        self.eraser = Eraser(database)
        self.blobs: BlobStore = (
            FolderBlobs(data_dir / "files") if database.is_sqlite else DatabaseBlobs(database)
        )

    def verify(self, *, anchor: Path | None = None) -> Report:
        return verify(self.database, self.definitions, anchor=anchor)

    def anchor(self, path: Path, *, now: datetime) -> Anchor:
        return write_anchor(self.database, path, now=now)

    def forget_old_keys(self, *, now: datetime) -> int:
        return forget_old_keys(self.database, now=now)

    def close(self) -> None:
        self.database.close()


def open_store(
    url: str,
    data_dir: Path,
    *,
    migrate: bool = False,
    wait_seconds: float = WAIT_SECONDS,
    load: Load | None = None,
    clock: Clock | None = None,
) -> Store:
    """`url` is sqlite:///file or postgresql+psycopg://…; files lie in `data_dir` when embedded.

    With `migrate` the schema is brought to this version's; without, another schema is refused, and a
    missing file is not made. `clock` takes the place of the database's own. Raises SchemaRefused,
    StoreDamaged, StoreUnavailable.
    """
    database = Database(url, wait_seconds=wait_seconds)
    try:
        if migrate:
            schema.migrate(database)
        else:
            schema.check(database)
        return Store(database, data_dir, load or _load, clock or _clock(database))
    except BaseException:
        database.close()
        raise


def _clock(database: Database) -> StoreClock:
    clock = StoreClock(database)
    with suppress(StoreUnavailable):  # whoever only reads goes by the clock of this machine
        clock.settle()
    return clock


def _load(text: str, file: str) -> Definition:
    from engine.definition.loader import load  # noqa: PLC0415  (YAML is read only for what is not loaded yet)

    return load(text, file)
