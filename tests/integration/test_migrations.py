"""The migrations make the tables, once, on a database that is ours."""

import json
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import inspect, select, text

from engine.case.concerns import Concern
from engine.case.events import DeadlineSet
from engine.case.facts import Whereabouts
from engine.case.signer_events import (
    ApprovalNudged,
    AskDelegated,
    AskHandedBack,
    MaterialAsked,
    RequestReturned,
)
from engine.case.state import Deadline, DeadlineKind
from engine.delivering import ByHand, HandAct
from engine.ids import CaseId, PersonId
from engine.store import schema
from engine.store.columns import Instant
from engine.store.engines import Database
from engine.store.errors import SchemaRefused, StoreDamaged
from engine.store.people import Person
from engine.store.store import open_store
from engine.store.tables import METADATA, ConcernRow, table
from tests.contract.cases import ID, a_case
from tests.contract.test_concerns import A1, R1, WANG, ZHAO, asked
from tests.contract.test_queues import owing

SOON, LATER = datetime(2026, 12, 1, tzinfo=UTC), datetime(2026, 12, 2, tzinfo=UTC)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty_url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'new.db'}"
    return request.getfixturevalue("empty_postgres")


@pytest.fixture
def database(empty_url):
    with closing(Database(empty_url)) as database:
        yield database


def as_text(part):
    return json.dumps(part, default=str, sort_keys=True)


def described(connection):
    """Tables with their columns, keys, checks and indexes, as the database itself tells them."""
    look = inspect(connection)
    return {
        name: {
            "columns": [(c["name"], str(c["type"]), c["nullable"]) for c in look.get_columns(name)],
            "key": look.get_pk_constraint(name)["constrained_columns"],
            "foreign": sorted(map(as_text, look.get_foreign_keys(name))),
            "unique": sorted(map(as_text, look.get_unique_constraints(name))),
            "checks": sorted(map(as_text, look.get_check_constraints(name))),
            "indexes": sorted(map(as_text, look.get_indexes(name))),
        }
        for name in sorted(look.get_table_names())
        if name != schema.VERSION_TABLE
    }


def test_the_migrations_make_exactly_the_tables(database):
    assert schema.migrate(database) is True
    with database.reading() as connection:
        migrated = described(connection)
    with database.writing() as connection:
        METADATA.drop_all(connection)
        METADATA.create_all(connection)
    with database.reading() as connection:
        assert migrated == described(connection)


def test_every_instant_is_kept_with_its_zone(database):
    schema.migrate(database)
    wanted = "VARCHAR(27)" if database.is_sqlite else "TIMESTAMP WITH TIME ZONE"
    instants = {(each.name, c.name) for each in METADATA.sorted_tables for c in each.columns if is_instant(c)}
    with database.reading() as connection:
        look = inspect(connection)
        kept = {
            (each.name, column["name"])
            for each in METADATA.sorted_tables
            for column in look.get_columns(each.name)
            if column["type"].compile(database.engine.dialect) == wanted
        }
    assert kept == instants
    assert len(instants) > 15


def is_instant(column):
    return isinstance(column.type, Instant)


def test_alembic_finds_nothing_to_add(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    schema.migrate(database)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": schema.VERSION_TABLE})
        assert compare_metadata(context, METADATA) == []


def test_the_newest_revision_is_the_one_this_version_expects():
    assert scripts().get_heads() == [schema.HEAD]


def scripts():
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "engine.store:migrations")
    config.set_main_option("path_separator", "os")
    return ScriptDirectory.from_config(config)


def test_migrating_again_does_nothing(database):
    assert (schema.migrate(database), schema.migrate(database)) == (True, False)


def test_of_several_that_start_together_one_migrates(empty_url):
    def start(_):
        with closing(Database(empty_url, wait_seconds=30)) as database:
            return schema.migrate(database)

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(start, range(4))) == [False, False, False, True]


def test_a_database_not_yet_migrated_is_refused_when_opened(empty_url, tmp_path):
    with pytest.raises(SchemaRefused, match="not at this version's schema yet; run guanka up"):
        open_store(empty_url, tmp_path)


def test_a_missing_file_is_not_made_by_looking_for_it(tmp_path):
    with pytest.raises(SchemaRefused):
        open_store(f"sqlite:///{tmp_path / 'none.db'}", tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_database_of_another_program_is_refused_and_left_alone(database, empty_url, tmp_path):
    with database.writing() as connection:
        connection.execute(text("CREATE TABLE invoices (id INTEGER)"))
    with pytest.raises(SchemaRefused, match=r"belongs to another program \(it holds a table invoices\)"):
        open_store(empty_url, tmp_path, migrate=True)
    with database.reading() as connection:
        assert inspect(connection).get_table_names() == ["invoices"]


def test_a_database_of_a_newer_version_is_refused(database, empty_url, tmp_path):
    schema.migrate(database)
    with database.writing() as connection:
        connection.execute(text(f"UPDATE {schema.VERSION_TABLE} SET version_num = '9999'"))
    for migrate in (True, False):
        with pytest.raises(SchemaRefused, match=r"a newer version wrote this database \(schema 9999"):
            open_store(empty_url, tmp_path, migrate=migrate)


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "torn.db").write_bytes(b"not a database at all" * 500)
    with pytest.raises(StoreDamaged, match=r"is not a sound database .*; restore a backup"):
        open_store(f"sqlite:///{tmp_path / 'torn.db'}", tmp_path)


def test_torn_pages_are_found(sqlite_store, sqlite_url, tmp_path):
    a_case(sqlite_store)
    schema.integrity(sqlite_store.database)
    sqlite_store.close()
    file = tmp_path / "guanka.db"
    page = bytearray(file.read_bytes())
    page[8192:] = b"\xa5" * len(page[8192:])
    file.write_bytes(page)
    with closing(Database(sqlite_url)) as database, pytest.raises(StoreDamaged):
        schema.integrity(database)


def test_every_connection_to_sqlite_is_durable_and_keeps_references(sqlite_store):
    with sqlite_store.database.reading() as connection:
        said = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        version = connection.exec_driver_sql("SELECT sqlite_version()").scalar()
    assert said == ["wal", 2, 1]
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_a_migration_keeps_rows_that_hang_on_a_table_made_anew(sqlite_store):
    """What Alembic's batch mode does to a parent; with foreign keys on, SQLite would take the children
    along.
    """
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    a_case(sqlite_store)
    with schema._alone(sqlite_store.database) as connection:
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("case_", recreate="always"):
            pass
        schema._refuse_orphans(connection)
    assert [r.sequence for r in sqlite_store.history.read_events(ID)] == [1, 2]
    with sqlite_store.database.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar() == 1


def test_whom_running_approvals_concern_is_read_from_the_snapshots(store):
    """What revision 0003 fills in is what the projections make."""
    concerns = select(table(ConcernRow)).order_by(*table(ConcernRow).primary_key.columns)
    for number, events in enumerate(_concerning()):
        a_case(store, *asked(copies=(PersonId("boss"),)), *events, case_id=CaseId(f"case-{number}"))
    with store.database.writing() as connection:
        wanted = connection.execute(concerns).all()
        connection.execute(text("DROP TABLE concern_row"))
        upgrade(connection, "0003")
    assert {row.kind for row in wanted} == set(Concern)
    with store.database.reading() as connection:
        assert connection.execute(concerns).all() == wanted


def _take_back_calendars(connection):
    """What revision 0007 makes."""
    connection.execute(text("DROP TABLE calendar_seen"))
    connection.execute(text("ALTER TABLE people DROP COLUMN calendar"))


def test_people_keep_their_rows_and_work_by_the_calendar_of_each_sop(store):
    store.people.put(Person(id=WANG, name="王敏", zone="Europe/Berlin"))
    with store.database.writing() as connection:
        _take_back_calendars(connection)
        upgrade(connection, "0007")
    assert store.people.get(WANG) == Person(id=WANG, name="王敏", zone="Europe/Berlin", calendar="")
    store.people.put(Person(id=WANG, name="王敏", calendar="uk"))
    assert store.people.company("any").whereabouts[WANG] == Whereabouts("uk", "Asia/Shanghai")


def test_messages_of_before_keep_their_rows_and_say_nobody_acted_on_them(store):
    """What revision 0012 makes."""
    owing(store, "wang")
    (before,) = store.mailbox.page()
    with store.database.writing() as connection:
        for column in ("acted", "acted_by", "acted_at"):
            connection.execute(text(f"ALTER TABLE outbox DROP COLUMN {column}"))
        upgrade(connection, "0012")
    assert store.mailbox.page() == [before]
    assert before.by_hand is None
    assert store.deliveries.cancel(before.id, by=WANG, now=SOON) is True
    (after,) = store.mailbox.page()
    assert after.by_hand == ByHand(act=HandAct.STOPPED, by=WANG, at=SOON)


def upgrade(connection, revision):
    """This one revision, on a database that holds the later ones already."""
    from alembic.migration import MigrationContext
    from alembic.operations import Operations

    with Operations.context(MigrationContext.configure(connection)):
        scripts().get_revision(revision).module.upgrade()


def test_the_next_due_of_a_case_leaves_out_what_stands_still(store):
    """What revision 0010 fills in is what the projections make."""
    running, stopped = (
        Deadline(id=f"milestone:{name}", kind=DeadlineKind.MILESTONE, subject=name, due_at=at)
        for name, at in (("m1", LATER), ("m2", SOON))
    )
    events = (DeadlineSet(deadline=running), DeadlineSet(deadline=replace(stopped, stopped_at=SOON)))
    a_case(store, *events)
    a_case(store, events[1], case_id=CaseId("all-stopped"))
    dues = text("SELECT id, next_due FROM case_ ORDER BY id")
    with store.database.writing() as connection:
        wanted = connection.execute(dues).all()
        connection.execute(text("UPDATE case_ SET next_due = NULL WHERE id = :id"), {"id": ID})
        upgrade(connection, "0010")
    assert [row.next_due is None for row in wanted] == [row.id == "all-stopped" for row in wanted]
    with store.database.reading() as connection:
        assert connection.execute(dues).all() == wanted


def _concerning():
    return (
        [AskDelegated(approval=A1, person=WANG, to=ZHAO, reason="x")],
        [MaterialAsked(approval=A1, text="?"), ApprovalNudged(approval=A1)],
        [RequestReturned(request=R1, approval=A1, person=WANG, straight_back=False, comment="x")],
        [
            AskDelegated(approval=A1, person=WANG, to=ZHAO, reason="x"),
            AskHandedBack(approval=A1, person=WANG, text="y"),
        ],
    )
