"""Insert or change one row, safe when two do it at once."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import Connection, Table


def upsert(connection: Connection, rows: Table, key: Mapping[str, Any], columns: Mapping[str, Any]) -> None:
    """Puts `columns` under the primary key `key`."""
    statement: Any = _insert(connection)(rows).values(**key, **columns)
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=dict(columns)))


def insert_once(connection: Connection, rows: Table, columns: Mapping[str, Any]) -> None:
    """Inserts the row, or leaves the one that is there."""
    connection.execute(_insert(connection)(rows).values(**columns).on_conflict_do_nothing())


def claim_rows(connection: Connection, rows: Table, new: Sequence[Mapping[str, Any]], *, key: str) -> Any:
    """Puts in these rows; one that is there takes their values, its `token` counted up. All come back."""
    statement: Any = _insert(connection)(rows).values([dict(each) for each in new])
    given = {name: statement.excluded[name] for name in new[0] if name not in (key, "token")}
    taken = statement.on_conflict_do_update(index_elements=[key], set_={**given, "token": rows.c.token + 1})
    return connection.execute(taken.returning(*rows.columns)).all()


def count_up(connection: Connection, rows: Table, key: Mapping[str, Any], counter: str) -> int:
    """Adds one to `counter` under the primary key `key`, from nothing if need be, and returns the new
    value.
    """
    statement: Any = _insert(connection)(rows).values(**key, **{counter: 1})
    more = statement.on_conflict_do_update(index_elements=list(key), set_={counter: rows.c[counter] + 1})
    return connection.execute(more.returning(rows.c[counter])).scalar_one()


def _insert(connection: Connection) -> Any:
    """The dialect's own INSERT, which knows ON CONFLICT; only the dialect in use is loaded."""
    return import_module(type(connection.dialect).__module__.rpartition(".")[0]).insert
