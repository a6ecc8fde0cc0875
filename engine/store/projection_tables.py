"""The projections of the snapshots: rows for lists and queues, rebuildable, compared by verify."""

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint, Index

from engine.case.concerns import Concern
from engine.case.state import DeadlineKind, RequestState
from engine.definition.approval_model import Assurance
from engine.store.rows import NO_ROWID, Row, count, flag, instant, of_case, one_of, string, where


class PositionRow(Row, table=True):
    __tablename__ = "position_row"
    __table_args__ = (Index(None, "stage"), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    track: str = string(primary_key=True)
    stage: str = string()
    visit: int = count()
    entered_at: datetime = instant()


class TaskRow(Row, table=True):
    """An open task of a visit that goes on. `role` is "" where the stage names no owner."""

    __tablename__ = "task_row"
    __table_args__ = (Index(None, "role"), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    visit: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    task: str = string(primary_key=True)
    stage: str = string()
    role: str = string()
    optional: bool = flag()
    occurrence: int = count()


class CaseRoleRow(Row, table=True):
    """Who holds a role in one case only, in place of the SOP's and the company's holders."""

    __tablename__ = "case_role_row"
    __table_args__ = (Index(None, "person"), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    role: str = string(primary_key=True)
    person: str = string(primary_key=True)


class ApprovalRow(Row, table=True):
    """An open approval."""

    __tablename__ = "approval_row"
    __table_args__ = (one_of("assurance", Assurance), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    approval: str = string(primary_key=True)
    spec: str = string()
    request: str = string()
    transition: str = string()
    round: int = count()
    opened_at: datetime = instant()
    assurance: str = string()


class AskRow(Row, table=True):
    """A person an open approval waits for now; who has decided, or whose turn has not come, has no row.

    `principal` is the person asked: somebody else than `person` where `person` stands in.
    """

    __tablename__ = "ask_row"
    __table_args__ = (
        ForeignKeyConstraint(["case_id", "approval"], ["approval_row.case_id", "approval_row.approval"]),
        Index(None, "person"),
        NO_ROWID,
    )
    case_id: str = string(primary_key=True)
    approval: str = string(primary_key=True)
    place: int = count(primary_key=True, sa_column_kwargs={"autoincrement": False})
    person: str = string(primary_key=True)
    principal: str = string()
    role: str = string()
    issue: int = count()


class ConcernRow(Row, table=True):
    """A person an open approval concerns beside those asked to decide. `other` is who stands behind it."""

    __tablename__ = "concern_row"
    __table_args__ = (one_of("kind", Concern), Index(None, "person", "kind"), NO_ROWID)
    case_id: str = of_case(primary_key=True)
    approval: str = string(primary_key=True)
    kind: str = string(primary_key=True)
    person: str = string(primary_key=True)
    spec: str = string()
    request: str = string()
    transition: str = string()
    other: str = string()
    since: datetime = instant()
    nudged_at: datetime | None = instant()


class DeadlineRow(Row, table=True):
    """`next_at` is when the sweep has something to do here; null while the case is held, and when nothing
    is left.
    """

    __tablename__ = "deadline_row"
    __table_args__ = (
        one_of("kind", DeadlineKind),
        Index("ix_deadline_row_next_at", "next_at", "case_id", **where("next_at IS NOT NULL")),
        NO_ROWID,
    )
    case_id: str = of_case(primary_key=True)
    deadline: str = string(primary_key=True)
    kind: str = string()
    subject: str = string()
    track: str | None = string()
    owner: str | None = string()
    due_at: datetime = instant()
    next_at: datetime | None = instant()
    missed_at: datetime | None = instant()
    provisional: bool = flag()
    escalated: int = count()


class MilestoneRow(Row, table=True):
    """Dates are text, year-month-day."""

    __tablename__ = "milestone_row"
    __table_args__ = (NO_ROWID,)
    case_id: str = of_case(primary_key=True)
    milestone: str = string(primary_key=True)
    name: str = string()
    planned: str | None = string()
    forecast: str | None = string()
    reached_on: str | None = string()


class RequestRow(Row, table=True):
    """An open request. `due_at`: when a runner may take it; a lease moves it to the lease's end, so that it
    comes back.
    """

    __tablename__ = "request_row"
    __table_args__ = (
        one_of("state", RequestState),
        Index("ix_request_row_due_at", "due_at", **where("due_at IS NOT NULL")),
        NO_ROWID,
    )
    case_id: str = of_case(primary_key=True)
    request: str = string(primary_key=True)
    transition: str = string()
    sop: str = string()
    person: str = string()
    asked_at: datetime = instant()
    state: str = string()
    ready_at: datetime | None = instant()
    due_at: datetime | None = instant()
    lease_holder: str | None = string()
    token: int = count()
