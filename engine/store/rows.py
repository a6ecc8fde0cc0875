"""What all tables have in common: names of constraints, and columns declared in one word."""

from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, cast

from sqlalchemy import BigInteger, Boolean, CheckConstraint, ForeignKey, Integer, MetaData, Table, Text, text
from sqlmodel import Field, SQLModel

from engine.store.columns import Instant

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
NO_ROWID = {"sqlite_with_rowid": False}  # the primary key is the table: no second tree beside it


class Row(SQLModel):
    if TYPE_CHECKING:
        __tablename__: ClassVar[str]  # pyright: ignore[reportIncompatibleVariableOverride]
    metadata: ClassVar[MetaData] = MetaData(  # pyright: ignore[reportIncompatibleVariableOverride]
        naming_convention=NAMES
    )


def string(*more: Any, **options: Any) -> Any:
    return Field(sa_type=Text, sa_column_args=more, **options)


def count(**options: Any) -> Any:
    return Field(sa_type=Integer, **options)


def number(*more: Any, **options: Any) -> Any:
    """A row's running number; SQLite counts only what it calls INTEGER."""
    kind = cast("Any", BigInteger().with_variant(Integer(), "sqlite"))
    return Field(sa_type=kind, sa_column_args=more, **options)


def instant(**options: Any) -> Any:
    return Field(sa_type=Instant, **options)


def flag(**options: Any) -> Any:
    return Field(sa_type=Boolean, **options)


def of_case(**options: Any) -> Any:
    return string(ForeignKey("case_.id"), **options)


def one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v.value) for v in values)})", name=column)


def where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def table(row: type[Row]) -> Table:
    """The table behind a row class, for SQLAlchemy Core."""
    return cast("Any", row).__table__


METADATA = Row.metadata
