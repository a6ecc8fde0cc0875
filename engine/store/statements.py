"""SQL prepared once from the tables and run on the driver: what every command needs must not be built every
time.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ClauseElement, Table, delete, insert, update
from sqlalchemy.engine import Dialect
from sqlalchemy.sql import bindparam

from engine.store.engines import Cursor

Row = Mapping[str, Any]
Convert = Callable[[Any], Any]


class Prepared:
    """A statement as the driver takes it, with the conversions its columns ask for."""

    def __init__(
        self, statement: ClauseElement, dialect: Dialect, *, columns: Sequence[str] | None = None
    ) -> None:
        compiled: Any = statement.compile(
            dialect=dialect, column_keys=None if columns is None else list(columns)
        )
        self.sql = str(compiled)
        self._fixed = {name: value for name, value in compiled.params.items() if value is not None}
        self._in = _converters({name: bind.type for name, bind in compiled.binds.items()}, dialect)
        out: Any = getattr(statement, "exported_columns", None) or ()
        self._out = [_result_converter(column.type, dialect) for column in out]

    def run(self, cursor: Cursor, **values: Any) -> int:
        """The number of rows touched."""
        cursor.execute(self.sql, self._bind(values))
        return cursor.rowcount

    def run_each(self, cursor: Cursor, rows: Iterable[Row]) -> None:
        bound = [self._bind(row) for row in rows]
        if len(bound) == 1:
            cursor.execute(self.sql, bound[0])
        elif bound:
            cursor.executemany(self.sql, bound)

    def one(self, cursor: Cursor, **values: Any) -> tuple[Any, ...] | None:
        cursor.execute(self.sql, self._bind(values))
        row = cursor.fetchone()
        return None if row is None else self._convert(row)

    def all(self, cursor: Cursor, **values: Any) -> list[tuple[Any, ...]]:
        cursor.execute(self.sql, self._bind(values))
        return [self._convert(row) for row in cursor.fetchall()]

    def _bind(self, values: Row) -> dict[str, Any]:
        bound = {**self._fixed, **values}
        for name, convert in self._in:
            bound[name] = convert(bound[name])
        return bound

    def _convert(self, row: Sequence[Any]) -> tuple[Any, ...]:
        return tuple(
            value if convert is None else convert(value)
            for value, convert in zip(row, self._out, strict=True)
        )


def _converters(types: Mapping[str, Any], dialect: Dialect) -> list[tuple[str, Convert]]:
    found = ((name, kind.dialect_impl(dialect).bind_processor(dialect)) for name, kind in types.items())
    return [(name, convert) for name, convert in found if convert is not None]


def _result_converter(kind: Any, dialect: Dialect) -> Convert | None:
    return kind.dialect_impl(dialect).result_processor(dialect, None)


class Rows:
    """Insert, change and delete single rows of one table by its primary key.

    A row is a mapping of all its columns; a change leaves the columns `kept` as they are.
    """

    def __init__(self, table: Table, dialect: Dialect, *, kept: Sequence[str] = ()) -> None:
        self.table = table
        self.key = tuple(column.name for column in table.primary_key.columns)
        names = [column.name for column in table.columns]
        rest = [name for name in names if name not in self.key and name not in kept]
        by_key = [column == bindparam(column.name) for column in table.primary_key.columns]
        changed = {name: bindparam(name) for name in rest}
        self._insert = Prepared(insert(table).inline(), dialect, columns=names)
        self._update = Prepared(update(table).where(*_keys(table)).values(changed), dialect) if rest else None
        self._delete = Prepared(delete(table).where(*by_key), dialect)

    def insert(self, cursor: Cursor, rows: Iterable[Row]) -> None:
        self._insert.run_each(cursor, rows)

    def change(self, cursor: Cursor, rows: Iterable[Row]) -> None:
        if self._update is not None:
            self._update.run_each(cursor, [self._with_key(row) for row in rows])

    def delete(self, cursor: Cursor, keys: Iterable[tuple[Any, ...]]) -> None:
        self._delete.run_each(cursor, [dict(zip(self.key, key, strict=True)) for key in keys])

    def _with_key(self, row: Row) -> Row:
        return {**row, **{f"key_{name}": row[name] for name in self.key}}


def _keys(table: Table) -> list[Any]:
    """Conditions on the key under names of their own: an UPDATE keeps a column's plain name for its new
    value.
    """
    return [column == bindparam(f"key_{column.name}") for column in table.primary_key.columns]
