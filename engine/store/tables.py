"""Every table, as SQLModel rows without behaviour: rows are only rows, values are in engine.case.

`case_` holds the snapshot, `event` the chain. Tables that end in `_row` are projections of the snapshot: written in the
same transaction, rebuildable, compared by verify. Nothing cascades: what hangs on a case is never deleted by accident.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, cast

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlmodel import Field, SQLModel

from engine.case.state import CaseStatus, DeadlineKind, RequestState, Via
from engine.definition.model import Assurance
from engine.store.columns import Instant

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
NO_ROWID = {"sqlite_with_rowid": False}  # the primary key is the table: no second tree beside it


class OutboxState(StrEnum):
    OWED = "owed"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SENT = "sent"
    REJECTED = "rejected"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Row(SQLModel):
    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMES)


def _string(*more: Any, **options: Any) -> Any:
    return Field(sa_type=Text, sa_column_args=more, **options)


def _count(**options: Any) -> Any:
    return Field(sa_type=Integer, **options)


def _instant(**options: Any) -> Any:
    return Field(sa_type=Instant, **options)


def _flag(**options: Any) -> Any:
    return Field(sa_type=Boolean, **options)


def _of_case(**options: Any) -> Any:
    return _string(ForeignKey("case_.id"), **options)


def _one_of(column: str, values: type[StrEnum]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v.value) for v in values)})", name=column)


def _where(condition: str) -> dict[str, Any]:
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class Meta(Row, table=True):
    """Counters of the whole store. `company` grows with every change of people, roles, settings and versions."""

    __tablename__ = "meta"
    name: str = _string(primary_key=True)
    value: int = Field(sa_type=BigInteger)


class PersonRow(Row, table=True):
    __tablename__ = "people"
    id: str = _string(primary_key=True)
    name: str = _string()
    email: str = _string()
    language: str = _string()
    zone: str = _string()
    external: bool = _flag()
    active: bool = _flag()
    channels: str = _string()


class RoleHolderRow(Row, table=True):
    """`sop` is "" where the person holds the role for the whole company."""

    __tablename__ = "role_holder"
    __table_args__ = (Index(None, "person"), NO_ROWID)
    sop: str = _string(primary_key=True)
    role: str = _string(primary_key=True)
    person: str = _string(ForeignKey("people.id"), primary_key=True)


class SettingRow(Row, table=True):
    __tablename__ = "setting"
    __table_args__ = (NO_ROWID,)
    sop: str = _string(primary_key=True)
    name: str = _string(primary_key=True)
    value: str = _string()


class SopVersionRow(Row, table=True):
    __tablename__ = "sop_version"
    __table_args__ = (UniqueConstraint("sop", "number"),)
    digest: str = _string(primary_key=True)
    sop: str = _string()
    number: int = _count()
    text: str = _string()
    published_at: datetime = _instant()
    published_by: str = _string()


class CaseRow(Row, table=True):
    """`head_hash` is the hash of the last event; `next_due` and `overdue` sum up the open deadlines for lists."""

    __tablename__ = "case_"
    __table_args__ = (
        _one_of("status", CaseStatus),
        Index(None, "status", "updated_at"),
        Index(None, "sop", "status"),
        Index(None, "parent"),
    )
    id: str = _string(primary_key=True)
    sop: str = _string()
    digest: str = _string(ForeignKey("sop_version.digest"))
    title: str = _string()
    status: str = _string()
    outcome: str | None = _string()
    version: int = _count()
    opened_by: str = _string()
    opened_at: datetime = _instant()
    updated_at: datetime = _instant()
    closed_at: datetime | None = _instant()
    parent: str | None = _string()
    next_due: datetime | None = _instant()
    overdue: bool = _flag()
    head_hash: str = _string()
    snapshot: str = _string()


class EventRow(Row, table=True):
    """One link of a case's chain. `body` is what is hashed; kind, at, person, via and flow_run repeat it for queries."""

    __tablename__ = "event"
    __table_args__ = (_one_of("via", Via), CheckConstraint("sequence > 0", name="sequence"), NO_ROWID)
    case_id: str = _of_case(primary_key=True)
    sequence: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    schema_number: int = _count()
    kind: str = _string()
    at: datetime = _instant()
    person: str = _string()
    via: str = _string()
    flow_run: str | None = _string()
    body: str = _string()
    hash: str = _string()


class EventPrivateRow(Row, table=True):
    """The parts of an event that may be erased, with their salts."""

    __tablename__ = "event_private"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "sequence"], ["event.case_id", "event.sequence"]),
        NO_ROWID,
    )
    case_id: str = _string(primary_key=True)
    sequence: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    data: str = _string()


class PositionRow(Row, table=True):
    __tablename__ = "position_row"
    __table_args__ = (Index(None, "stage"), NO_ROWID)
    case_id: str = _of_case(primary_key=True)
    track: str = _string(primary_key=True)
    stage: str = _string()
    visit: int = _count()
    entered_at: datetime = _instant()


class TaskRow(Row, table=True):
    """An open task of a visit that goes on. `role` is "" where the stage names no owner."""

    __tablename__ = "task_row"
    __table_args__ = (Index(None, "role"), NO_ROWID)
    case_id: str = _of_case(primary_key=True)
    visit: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    task: str = _string(primary_key=True)
    stage: str = _string()
    role: str = _string()
    optional: bool = _flag()
    occurrence: int = _count()


class CaseRoleRow(Row, table=True):
    """Who holds a role in one case only; such a row takes the place of the SOP's and the company's holders."""

    __tablename__ = "case_role_row"
    __table_args__ = (Index(None, "person"), NO_ROWID)
    case_id: str = _of_case(primary_key=True)
    role: str = _string(primary_key=True)
    person: str = _string(primary_key=True)


class ApprovalRow(Row, table=True):
    """An open approval."""

    __tablename__ = "approval_row"
    __table_args__ = (_one_of("assurance", Assurance), NO_ROWID)
    case_id: str = _of_case(primary_key=True)
    approval: str = _string(primary_key=True)
    spec: str = _string()
    request: str = _string()
    transition: str = _string()
    round: int = _count()
    opened_at: datetime = _instant()
    assurance: str = _string()


class AskRow(Row, table=True):
    """A person an open approval waits for now; who has decided, or whose turn has not come, has no row."""

    __tablename__ = "ask_row"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "approval"], ["approval_row.case_id", "approval_row.approval"]),
        Index(None, "person"),
        NO_ROWID,
    )
    case_id: str = _string(primary_key=True)
    approval: str = _string(primary_key=True)
    place: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str = _string()
    role: str = _string()
    issue: int = _count()


class DeadlineRow(Row, table=True):
    """`next_at` is when the sweep has something to do here; null while the case is held, and when nothing is left."""

    __tablename__ = "deadline_row"
    __table_args__ = (
        _one_of("kind", DeadlineKind),
        Index("ix_deadline_row_next_at", "next_at", "case_id", **_where("next_at IS NOT NULL")),
        NO_ROWID,
    )
    case_id: str = _of_case(primary_key=True)
    deadline: str = _string(primary_key=True)
    kind: str = _string()
    subject: str = _string()
    track: str | None = _string()
    owner: str | None = _string()
    due_at: datetime = _instant()
    next_at: datetime | None = _instant()
    missed_at: datetime | None = _instant()
    provisional: bool = _flag()
    escalated: int = _count()


class MilestoneRow(Row, table=True):
    """Dates are text, year-month-day."""

    __tablename__ = "milestone_row"
    __table_args__ = (NO_ROWID,)
    case_id: str = _of_case(primary_key=True)
    milestone: str = _string(primary_key=True)
    name: str = _string()
    planned: str | None = _string()
    forecast: str | None = _string()
    reached_on: str | None = _string()


class RequestRow(Row, table=True):
    """An open request. `due_at`: when a runner may take it; a lease moves it to the lease's end, so that it comes back."""

    __tablename__ = "request_row"
    __table_args__ = (
        _one_of("state", RequestState),
        Index("ix_request_row_due_at", "due_at", **_where("due_at IS NOT NULL")),
        NO_ROWID,
    )
    case_id: str = _of_case(primary_key=True)
    request: str = _string(primary_key=True)
    transition: str = _string()
    sop: str = _string()
    person: str = _string()
    asked_at: datetime = _instant()
    state: str = _string()
    ready_at: datetime | None = _instant()
    due_at: datetime | None = _instant()
    lease_holder: str | None = _string()
    token: int = _count()


class OutboxRow(Row, table=True):
    """A message or command owed. `due_at`: when it may be claimed (a claim moves it to the lease's end); null at its end."""

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        ForeignKeyConstraint(["case_id", "sequence"], ["event.case_id", "event.sequence"]),
        _one_of("state", OutboxState),
        Index("ix_outbox_due_at", "is_command", "due_at", "id", **_where("due_at IS NOT NULL")),
        Index(None, "case_id", "sequence"),
        Index(None, "to_person", "id"),
    )
    id: int = Field(
        sa_type=cast("Any", BigInteger().with_variant(Integer(), "sqlite")),
        primary_key=True,
        sa_column_kwargs={"autoincrement": True},
    )
    key: str = _string()
    is_command: bool = _flag()
    kind: str = _string()
    to_person: str = _string()
    case_id: str | None = _string()
    sequence: int | None = _count()
    data: str = _string()
    state: str = _string()
    attempts: int = _count()
    due_at: datetime | None = _instant()
    lease_holder: str | None = _string()
    token: int = _count()
    channel: str = _string()
    code: str = _string()
    detail: str = _string()
    created_at: datetime = _instant()
    finished_at: datetime | None = _instant()


class IdempotencyRow(Row, table=True):
    """A key used by one person, and the answer: a refusal, or the events `first` .. `version` of the case."""

    __tablename__ = "idempotency"
    __table_args__ = (Index(None, "created_at"), NO_ROWID)
    person: str = _string(primary_key=True)
    key: str = _string(primary_key=True)
    body_hash: str = _string()
    case_id: str = _string()
    version: int = _count()
    events: int = _count()
    refusal: str | None = _string()
    created_at: datetime = _instant()


class HeartbeatRow(Row, table=True):
    __tablename__ = "heartbeat"
    name: str = _string(primary_key=True)
    at: datetime = _instant()
    note: str = _string()
    paused: bool = _flag()


class BlobRow(Row, table=True):
    """Team mode keeps files here; when embedded they lie in a folder and this table stays empty."""

    __tablename__ = "blob"
    hash: str = _string(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    data: bytes = Field(sa_type=LargeBinary)


class CodeAttemptRow(Row, table=True):
    """Wrong codes typed at one link."""

    __tablename__ = "code_attempt"
    __table_args__ = (NO_ROWID,)
    case_id: str = _string(primary_key=True)
    approval: str = _string(primary_key=True)
    person: str = _string(primary_key=True)
    round: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    issue: int = _count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    tries: int = _count()


def table(row: type[Row]) -> Table:
    """The table behind a row class, for SQLAlchemy Core."""
    return cast("Any", row).__table__


METADATA = Row.metadata
