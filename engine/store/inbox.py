"""What waits for one person, and what is late for everybody."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, String, and_, cast, func, literal, or_, select

from engine.case.overdue import LATE_KINDS
from engine.case.state import CaseStatus, DeadlineKind
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store.concern_list import OpenConcern, count_to_do, read_concerns, to_do
from engine.store.engines import Database
from engine.store.held_roles import does, holds
from engine.store.tables import (
    ApprovalRow,
    AskRow,
    CaseRow,
    ConcernRow,
    DeadlineRow,
    MilestoneRow,
    TaskRow,
    table,
)

_CASE, _ASK, _APPROVAL, _CONCERN = table(CaseRow), table(AskRow), table(ApprovalRow), table(ConcernRow)
_TASK, _DEADLINE, _MILESTONE = table(TaskRow), table(DeadlineRow), table(MilestoneRow)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAsk:
    """A decision this person is asked for now, for the `principal`: the person's own, or of who is away.

    `round` and `issue` name the link that would decide it. `stopped`: its clock stands still.
    """

    case_id: CaseId
    sop: str
    digest: str
    title: str
    approval: ApprovalId
    spec: str
    transition: str
    request: RequestId
    person: PersonId
    principal: PersonId
    role: str
    round: int
    issue: int
    assurance: Assurance
    opened_at: datetime
    due_at: datetime | None
    stopped: bool = False
    provisional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenTask:
    """A task of a role this person holds. `due_at` is its own, else, unless it is optional, its stage's.
    `stopped`: that clock stands still.
    """

    case_id: CaseId
    sop: str
    digest: str
    title: str
    task: str
    stage: str
    role: str
    visit: int
    occurrence: int
    optional: bool
    due_at: datetime | None
    provisional: bool = False
    stopped: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A deadline of a running case. `missed_at` is when it was flagged overdue."""

    case_id: CaseId
    sop: str
    digest: str
    title: str
    deadline: str
    kind: DeadlineKind
    subject: str
    track: str | None
    owner: str | None
    due_at: datetime
    missed_at: datetime | None
    provisional: bool
    escalated: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMilestone:
    """Dates are text, year-month-day."""

    case_id: CaseId
    sop: str
    digest: str
    title: str
    milestone: str
    name: str
    planned: str | None
    forecast: str | None
    reached_on: str | None


class Inbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def asks(self, person: PersonId | None = None, *, case_id: CaseId | None = None) -> list[OpenAsk]:
        """Open decisions, due first; of one person, of one case, or all."""
        due = _DEADLINE.alias()
        own = and_(
            due.c.case_id == _ASK.c.case_id, due.c.deadline == _named(DeadlineKind.APPROVAL, _ASK.c.approval)
        )
        same = (_APPROVAL.c.case_id == _ASK.c.case_id) & (_APPROVAL.c.approval == _ASK.c.approval)
        wanted = (
            select(
                *_columns(OpenAsk, _ASK, _APPROVAL, _CASE),
                *(due.c[name] for name in ("due_at", "provisional")),
                _still(due).label("stopped"),
            )
            .join_from(_ASK, _APPROVAL, same)
            .join(_CASE, _CASE.c.id == _ASK.c.case_id)
            .join(due, own, isouter=True)
            .where(_CASE.c.status == CaseStatus.OPEN.value)
            .order_by(due.c.due_at.asc().nulls_last(), _APPROVAL.c.opened_at, _ASK.c.approval, _ASK.c.place)
        )
        if person is not None:
            wanted = wanted.where(_ASK.c.person == person)
        if case_id is not None:
            wanted = wanted.where(_ASK.c.case_id == case_id)
        return [_ask(row) for row in self._rows(wanted)]

    def tasks(self, person: PersonId) -> list[OpenTask]:
        """What this person has to do, by what is due first; work without a date comes last."""
        task, stage = _DEADLINE.alias(), _DEADLINE.alias()
        visit = cast(_TASK.c.visit, String)
        wanted = (
            select(
                *_columns(OpenTask, _TASK, _CASE),
                *_clock(task, "own"),
                *_clock(stage, "shared"),
            )
            .join_from(_TASK, _CASE, _CASE.c.id == _TASK.c.case_id)
            .join(task, _of(task, _named(DeadlineKind.TASK, _TASK.c.task)), isouter=True)
            .join(stage, _of(stage, _named(DeadlineKind.STAGE, visit)), isouter=True)
            .where(_CASE.c.status == CaseStatus.OPEN.value, does(person))
        )
        return sorted((_task(row) for row in self._rows(wanted)), key=_by_due)

    def concerns(self, person: PersonId) -> list[OpenConcern]:
        """What approvals want of this person beside a decision, and what this person waits for, due first."""
        with self._database.reading() as connection:
            return read_concerns(connection, person)

    def to_do(self, person: PersonId) -> int:
        """How much waits for this person beside decisions and tasks."""
        with self._database.reading() as connection:
            return count_to_do(connection, person)

    def overdue(self, *, now: datetime, person: PersonId | None = None) -> list[Due]:
        """Flagged or past due in running cases, longest first; with `person`, what this person answers for
        and whatever is late in cases that wait for this person.
        """
        runs = _DEADLINE.c.next_at.is_not(None)  # what stands still is not late
        passed = (_DEADLINE.c.due_at < now) & runs
        late = or_(_DEADLINE.c.missed_at.is_not(None), passed)
        if person is not None:
            asked = select(_ASK.c.case_id).where(_ASK.c.person == person)
            works = select(_TASK.c.case_id).join(_CASE, _CASE.c.id == _TASK.c.case_id).where(does(person))
            acts = select(_CONCERN.c.case_id).where(to_do(person))
            late &= _DEADLINE.c.case_id.in_(asked.union(works, acts)) | holds(
                person, _DEADLINE.c.case_id, _DEADLINE.c.owner
            )
        return self._due(late)

    def answers_for(self, person: PersonId) -> list[Due]:
        """What this person owns and has not ended, in order. Tasks are left out: `tasks` lists them."""
        owned = holds(person, _DEADLINE.c.case_id, _DEADLINE.c.owner)
        return self._due(owned & (_DEADLINE.c.kind != DeadlineKind.TASK.value))

    def due_between(self, first: datetime, last: datetime) -> list[Due]:
        """What falls due from `first` until before `last`, in order."""
        return self._due((_DEADLINE.c.due_at >= first) & (_DEADLINE.c.due_at < last))

    def milestones(self, first: str, last: str) -> list[PlannedMilestone]:
        """Milestones reached, forecast or planned (in this order of trust) within the days, both ends
        included.
        """
        day = _day()
        wanted = (
            select(*_columns(PlannedMilestone, _MILESTONE, _CASE))
            .join_from(_MILESTONE, _CASE, _CASE.c.id == _MILESTONE.c.case_id)
            .where(day >= first, day <= last)
            .order_by(day, _MILESTONE.c.case_id, _MILESTONE.c.milestone)
        )
        return [PlannedMilestone(**row) for row in self._rows(wanted)]

    def _due(self, which: ColumnElement[bool]) -> list[Due]:
        wanted = (
            select(*_columns(Due, _DEADLINE, _CASE))
            .join_from(_DEADLINE, _CASE, _CASE.c.id == _DEADLINE.c.case_id)
            .where(which, _DEADLINE.c.kind.in_(sorted(LATE_KINDS)))
            .order_by(_DEADLINE.c.due_at, _DEADLINE.c.case_id, _DEADLINE.c.deadline)
        )
        return [Due(**{**row, "kind": DeadlineKind(row["kind"])}) for row in self._rows(wanted)]

    def _rows(self, wanted: Any) -> Sequence[dict[str, Any]]:
        with self._database.reading() as connection:
            return [dict(row) for row in connection.execute(wanted).mappings()]


def _columns(view: type[Any], *tables: Any) -> list[Any]:
    """The view's fields, each from the first of the tables that has it."""
    found: list[Any] = []
    for field in fields(view):
        holder = next((t for t in tables if field.name in t.c), None)
        if holder is not None:
            found.append(holder.c[field.name])
    return found


def _still(deadline: Any) -> ColumnElement[bool]:
    """What was not missed has an instant to come, unless its clock stands still."""
    return deadline.c.next_at.is_(None) & deadline.c.missed_at.is_(None) & deadline.c.due_at.is_not(None)


def _clock(deadline: Any, whose: str) -> tuple[Any, ...]:
    return (
        *(deadline.c[name].label(f"{whose}_{name}") for name in ("due_at", "provisional")),
        _still(deadline).label(f"{whose}_stopped"),
    )


def _named(kind: DeadlineKind, subject: Any) -> Any:
    return literal(f"{kind.value}:").concat(subject)


def _of(deadline: Any, name: Any) -> ColumnElement[bool]:
    return and_(deadline.c.case_id == _TASK.c.case_id, deadline.c.deadline == name)


def _ask(row: dict[str, Any]) -> OpenAsk:
    flags = {name: bool(row[name]) for name in ("stopped", "provisional")}
    return OpenAsk(**{**row, **flags, "assurance": Assurance(row["assurance"])})


def _task(row: dict[str, Any]) -> OpenTask:
    own, shared = (
        [row.pop(f"{whose}_{name}") for name in ("due_at", "provisional", "stopped")]
        for whose in ("own", "shared")
    )
    if row["optional"]:  # its stage can end without it
        shared = [None, False, False]
    due_at, provisional, stopped = shared if own[0] is None else own
    return OpenTask(**row, due_at=due_at, provisional=bool(provisional), stopped=bool(stopped))


def _by_due(task: OpenTask) -> tuple[Any, ...]:
    due = task.due_at.timestamp() if task.due_at else float("inf")
    return (due, task.optional, task.case_id, task.task)


def _day() -> Any:
    return func.coalesce(_MILESTONE.c.reached_on, _MILESTONE.c.forecast, _MILESTONE.c.planned)
