"""Every table, as SQLModel rows without behaviour: rows are only rows, values are in engine.case.

`case_` holds the snapshot, `event` the chain. Tables that end in `_row` are projections of the snapshot:
written in the same transaction, rebuildable, compared by verify. Nothing cascades: what hangs on a case is
never deleted by accident.
"""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlmodel import Field

from engine.case.state import CaseStatus, Via
from engine.store.projection_tables import (
    ApprovalRow,
    AskRow,
    CaseRoleRow,
    ConcernRow,
    DeadlineRow,
    MilestoneRow,
    PositionRow,
    RequestRow,
    TaskRow,
)
from engine.store.rows import (
    METADATA,
    NO_ROWID,
    Row,
    count,
    flag,
    instant,
    number,
    of_case,
    one_of,
    string,
    table,
    where,
)
from engine.store.running_tables import (
    AlarmRow,
    CalendarSeenRow,
    CodeAttemptRow,
    FeedRow,
    HeartbeatRow,
    SendLimitRow,
    SendSlotRow,
    StoreClockRow,
    SweepClaimRow,
)


class OutboxState(StrEnum):
    OWED = "owed"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SENT = "sent"
    REJECTED = "rejected"
    DEAD = "dead"
    CANCELLED = "cancelled"


class Meta(Row, table=True):
    """Counters of the whole store. `company` grows with every change of people, roles, settings and
    versions.
    """

    __tablename__ = "meta"
    name: str = string(primary_key=True)
    value: int = Field(sa_type=BigInteger)


class PersonRow(Row, table=True):
    __tablename__ = "people"
    id: str = string(primary_key=True)
    name: str = string()
    email: str = string()
    language: str = string()
    zone: str = string()
    external: bool = flag()
    active: bool = flag()
    channels: str = string()
    calendar: str = string()


class RoleHolderRow(Row, table=True):
    """`sop` is "" where the person holds the role for the whole company."""

    __tablename__ = "role_holder"
    __table_args__ = (Index(None, "person"), NO_ROWID)
    sop: str = string(primary_key=True)
    role: str = string(primary_key=True)
    person: str = string(ForeignKey("people.id"), primary_key=True)


class StandInRow(Row, table=True):
    """`next_at`: when cases are to be told next, of the beginning or of the end; null when over."""

    __tablename__ = "stand_in"
    __table_args__ = (
        Index("ix_stand_in_next_at", "next_at", **where("next_at IS NOT NULL")),
        Index(None, "principal"),
    )
    id: str = string(primary_key=True)
    principal: str = string(ForeignKey("people.id"))
    stand_in: str = string(ForeignKey("people.id"))
    begins_at: datetime = instant()
    ends_at: datetime = instant()
    sops: str = string()
    reason: str = string()
    made_by: str = string()
    made_at: datetime = instant()
    ended_by: str | None = string()
    next_at: datetime | None = instant()


class SettingRow(Row, table=True):
    __tablename__ = "setting"
    __table_args__ = (NO_ROWID,)
    sop: str = string(primary_key=True)
    name: str = string(primary_key=True)
    value: str = string()


class WordingRow(Row, table=True):
    """One version of the company's own wording of a message. The newest counts; one without words stands
    for a return to ours.
    """

    __tablename__ = "wording"
    kind: str = string(primary_key=True)
    language: str = string(primary_key=True)
    number: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    subject: str | None = string()
    body: str | None = string()
    changed_by: str = string()
    changed_at: datetime = instant()


class SopVersionRow(Row, table=True):
    __tablename__ = "sop_version"
    __table_args__ = (UniqueConstraint("sop", "number"),)
    digest: str = string(primary_key=True)
    sop: str = string()
    number: int = count()
    text: str = string()
    parsed: str = string()
    published_at: datetime = instant()
    published_by: str = string()


class CaseRow(Row, table=True):
    """`head_hash` is the hash of the last event; `next_due` and `overdue` sum up the open deadlines for
    lists.
    """

    __tablename__ = "case_"
    __table_args__ = (
        one_of("status", CaseStatus),
        Index(None, "status", "sop"),
        Index(None, "parent"),
    )
    id: str = string(primary_key=True)
    sop: str = string()
    digest: str = string(ForeignKey("sop_version.digest"))
    title: str = string()
    status: str = string()
    outcome: str | None = string()
    version: int = count()
    opened_by: str = string()
    opened_at: datetime = instant()
    updated_at: datetime = instant()
    closed_at: datetime | None = instant()
    parent: str | None = string()
    next_due: datetime | None = instant()
    overdue: bool = flag()
    head_hash: str = string()
    snapshot: str = string()


class EventRow(Row, table=True):
    """One link of a case's chain. `body` is what is hashed; kind, at, person, via and flow_run repeat it
    for queries.
    """

    __tablename__ = "event"
    __table_args__ = (one_of("via", Via), CheckConstraint("sequence > 0", name="sequence"), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    schema_number: int = count()
    kind: str = string()
    at: datetime = instant()
    person: str = string()
    via: str = string()
    flow_run: str | None = string()
    body: str = string()
    hash: str = string()


class EventPrivateRow(Row, table=True):
    """The parts of an event that may be erased, with their salts."""

    __tablename__ = "event_private"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "sequence"], ["event.case_id", "event.sequence"]),
        NO_ROWID,
    )
    case_id: str = string(primary_key=True)
    sequence: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    data: str = string()


class OutboxRow(Row, table=True):
    """A message or command owed. `due_at`: when it may be claimed (a claim moves it to the lease's end);
    null at its end, and while a digest holds it. `begun_at`: the last try that arrived or may have;
    `urgent_at`: when it went past quiet hours and the bound of the hour.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        UniqueConstraint("key"),
        ForeignKeyConstraint(["case_id", "sequence"], ["event.case_id", "event.sequence"]),
        one_of("state", OutboxState),
        Index("ix_outbox_due_at", "is_command", "due_at", "id", **where("due_at IS NOT NULL")),
        Index(None, "case_id", "sequence"),
        Index(None, "to_person", "id"),
        Index("ix_outbox_begun_at", "to_person", "begun_at", **where("begun_at IS NOT NULL")),
    )
    id: int = number(primary_key=True, sa_column_kwargs={"autoincrement": True})
    key: str = string()
    is_command: bool = flag()
    kind: str = string()
    to_person: str = string()
    case_id: str | None = string()
    sequence: int | None = count()
    data: str = string()
    state: str = string()
    attempts: int = count()
    due_at: datetime | None = instant()
    lease_holder: str | None = string()
    token: int = count()
    channel: str = string()
    code: str = string()
    detail: str = string()
    created_at: datetime = instant()
    finished_at: datetime | None = instant()
    begun_at: datetime | None = instant()
    urgent_at: datetime | None = instant()
    acted: str | None = string()
    acted_by: str | None = string()
    acted_at: datetime | None = instant()


class DeliveryRow(Row, table=True):
    """A message at one address. `address` is masked, `target` a name made of a hash: neither is a secret.
    `due_at` is null where nothing is to be tried again.
    """

    __tablename__ = "delivery"
    __table_args__ = (one_of("state", OutboxState), Index(None, "last_at"), NO_ROWID)
    message: int = number(ForeignKey("outbox.id"), primary_key=True)
    target: str = string(primary_key=True)
    channel: str = string()
    address: str = string()
    place: int = count()
    state: str = string()
    attempts: int = count()
    code: str = string()
    detail: str = string()
    fallback: bool = flag()
    repeated: bool = flag()
    first_at: datetime | None = instant()
    last_at: datetime | None = instant()
    due_at: datetime | None = instant()


class DigestItemRow(Row, table=True):
    """The newest digest a message is mentioned in."""

    __tablename__ = "digest_item"
    __table_args__ = (Index(None, "digest"), NO_ROWID)
    message: int = number(ForeignKey("outbox.id"), primary_key=True)
    digest: int = number(ForeignKey("outbox.id"))


class PreferenceRow(Row, table=True):
    """What a person changed; who has no row gets everything as it comes. Lists are JSON."""

    __tablename__ = "preference"
    __table_args__ = (NO_ROWID,)
    person: str = string(ForeignKey("people.id"), primary_key=True)
    manners: str = string()
    channels: str = string()
    everywhere: bool = flag()
    digest_hours: str = string()
    per_hour: int | None = count()
    quiet: bool = flag()
    morning: bool = flag()


class GroupRow(Row, table=True):
    """A group chat and the robot in it, whose address is sealed like those of people."""

    __tablename__ = "chat_group"
    __table_args__ = (NO_ROWID,)
    name: str = string(primary_key=True)
    channel: str = string()
    language: str = string()
    zone: str = string()


class GroupBindingRow(Row, table=True):
    """What a group hears of: `sop` and `role` empty for all. `topics` is a JSON list."""

    __tablename__ = "group_binding"
    __table_args__ = (NO_ROWID,)
    group: str = string(ForeignKey("chat_group.name"), primary_key=True)
    sop: str = string(primary_key=True)
    role: str = string(primary_key=True)
    topics: str = string()


class IdempotencyRow(Row, table=True):
    """A key used by one person, and the answer: a refusal, or the events `first` .. `version` of the case."""

    __tablename__ = "idempotency"
    __table_args__ = (NO_ROWID,)
    person: str = string(primary_key=True)
    key: str = string(primary_key=True)
    body_hash: str = string()
    case_id: str = string()
    version: int = count()
    events: int = count()
    refusal: str | None = string()
    created_at: datetime = instant()


class BlobRow(Row, table=True):
    """Team mode keeps files here; when embedded they lie in a folder and this table stays empty."""

    __tablename__ = "blob"
    hash: str = string(primary_key=True)
    size: int = Field(sa_type=BigInteger)
    data: bytes = Field(sa_type=LargeBinary)


__all__ = [
    "METADATA",
    "AlarmRow",
    "ApprovalRow",
    "AskRow",
    "BlobRow",
    "CalendarSeenRow",
    "CaseRoleRow",
    "CaseRow",
    "CodeAttemptRow",
    "ConcernRow",
    "DeadlineRow",
    "DeliveryRow",
    "DigestItemRow",
    "EventPrivateRow",
    "EventRow",
    "FeedRow",
    "GroupBindingRow",
    "GroupRow",
    "HeartbeatRow",
    "IdempotencyRow",
    "Meta",
    "MilestoneRow",
    "OutboxRow",
    "OutboxState",
    "PersonRow",
    "PositionRow",
    "PreferenceRow",
    "RequestRow",
    "RoleHolderRow",
    "Row",
    "SendLimitRow",
    "SendSlotRow",
    "SettingRow",
    "SopVersionRow",
    "StandInRow",
    "StoreClockRow",
    "SweepClaimRow",
    "TaskRow",
    "WordingRow",
    "table",
]
