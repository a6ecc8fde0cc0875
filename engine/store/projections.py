"""Which rows the lists need, made from a snapshot alone; a change writes only what differs between two
snapshots.

A closed case has none but its roles and milestones.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from engine.case.awaiting import answering, awaited, issue_of
from engine.case.concerns import concerned
from engine.case.overdue import LATE_KINDS, counts_down
from engine.case.state import Approval, ApprovalState, Case, CaseStatus, Deadline, TaskState
from engine.definition.compiled import Definition
from engine.store import tables
from engine.store.tables import Row

Columns = Mapping[str, Any]
Source = Callable[[Definition, Case], Iterator[Columns]]


def case_columns(case: Case) -> dict[str, Any]:
    """The columns of `case_` that repeat the snapshot."""
    open_ = [d for d in _ticking(case) if d.kind in LATE_KINDS and counts_down(d)]
    return {
        "id": case.id,
        "sop": case.sop,
        "digest": case.definition,
        "title": case.title,
        "status": case.status.value,
        "outcome": case.outcome,
        "version": case.version,
        "opened_by": case.opened_by,
        "opened_at": case.opened_at,
        "closed_at": case.closed_at,
        "parent": None if case.parent is None else case.parent.id,
        "next_due": min((d.due_at for d in open_), default=None),
        "overdue": any(d.missed_at is not None for d in open_),
    }


def positions(_: Definition, case: Case) -> Iterator[Columns]:
    for visit in case.positions.values():
        yield {
            "case_id": case.id,
            "track": visit.track,
            "stage": visit.stage,
            "visit": visit.number,
            "entered_at": visit.entered_at,
        }


def tasks(definition: Definition, case: Case) -> Iterator[Columns]:
    visits = {visit.number: visit for visit in case.positions.values()}
    for task in case.tasks.values():
        if task.state is not TaskState.OPEN or task.visit not in visits:
            continue
        stage = definition.stages[visits[task.visit].stage]
        spec = definition.task(stage.id, task.id)
        yield {
            "case_id": case.id,
            "visit": task.visit,
            "task": task.id,
            "stage": stage.id,
            "role": (spec.role if spec else None) or stage.owner or "",
            "optional": spec.optional if spec else False,
            "occurrence": task.occurrence,
        }


def roles(_: Definition, case: Case) -> Iterator[Columns]:
    for role, people in case.roles.items():
        for person in dict.fromkeys(people):
            yield {"case_id": case.id, "role": role, "person": person}


def approvals(_: Definition, case: Case) -> Iterator[Columns]:
    for approval in _open_approvals(case):
        yield {
            "case_id": case.id,
            "approval": approval.id,
            "spec": approval.spec,
            "request": approval.request,
            "transition": case.requests[approval.request].transition,
            "round": approval.round,
            "opened_at": approval.opened_at,
            "assurance": approval.assurance.value,
        }


def asks(definition: Definition, case: Case) -> Iterator[Columns]:
    for approval in _open_approvals(case):
        transition = case.requests[approval.request].transition
        waiting = awaited(definition.approval(transition, approval.spec).mode, approval)
        may_decide = {ask.person for ask in waiting if ask.looks is None}
        for place, ask in enumerate(approval.asks):
            if ask.person not in may_decide:
                continue
            for person in answering(ask):
                yield {
                    "case_id": case.id,
                    "approval": approval.id,
                    "place": place,
                    "person": person,
                    "principal": ask.person,
                    "role": ask.role,
                    "issue": issue_of(approval, person),
                }


def concerns(_: Definition, case: Case) -> Iterator[Columns]:
    for one in concerned(case):
        yield {
            "case_id": case.id,
            "approval": one.approval.id,
            "kind": one.kind.value,
            "person": one.person,
            "spec": one.approval.spec,
            "request": one.request.id,
            "transition": one.request.transition,
            "other": one.other,
            "since": one.since,
            "nudged_at": one.nudged_at,
        }


def deadlines(_: Definition, case: Case) -> Iterator[Columns]:
    for deadline in _ticking(case):
        yield {
            "case_id": case.id,
            "deadline": deadline.id,
            "kind": deadline.kind.value,
            "subject": deadline.subject,
            "track": deadline.track,
            "owner": deadline.owner,
            "due_at": deadline.due_at,
            "next_at": deadline.next_at,
            "missed_at": deadline.missed_at,
            "provisional": deadline.provisional,
            "escalated": deadline.escalated,
        }


def milestones(_: Definition, case: Case) -> Iterator[Columns]:
    for milestone in case.milestones.values():
        dates = (milestone.planned, milestone.forecast, milestone.reached_on)
        planned, forecast, reached = (None if day is None else day.isoformat() for day in dates)
        yield {
            "case_id": case.id,
            "milestone": milestone.id,
            "name": milestone.name,
            "planned": planned,
            "forecast": forecast,
            "reached_on": reached,
        }


def requests(_: Definition, case: Case) -> Iterator[Columns]:
    for request in case.requests.values():
        yield {
            "case_id": case.id,
            "request": request.id,
            "transition": request.transition,
            "sop": case.sop,
            "person": request.by,
            "asked_at": request.at,
            "state": request.state.value,
        }


# Parents before their children: inserts go down the list, deletes up.
SOURCES: tuple[tuple[type[Row], Source], ...] = (
    (tables.PositionRow, positions),
    (tables.TaskRow, tasks),
    (tables.CaseRoleRow, roles),
    (tables.ApprovalRow, approvals),
    (tables.AskRow, asks),
    (tables.ConcernRow, concerns),
    (tables.DeadlineRow, deadlines),
    (tables.MilestoneRow, milestones),
    (tables.RequestRow, requests),
)
# What each source reads of a snapshot: where none of it changed, none of its rows did.
READS: Mapping[type[Row], tuple[str, ...]] = {
    tables.PositionRow: ("positions",),
    tables.TaskRow: ("positions", "tasks"),
    tables.CaseRoleRow: ("roles",),
    tables.ApprovalRow: ("approvals", "requests"),
    tables.AskRow: ("approvals", "requests"),
    tables.ConcernRow: ("approvals", "requests"),
    tables.DeadlineRow: ("deadlines", "status"),
    tables.MilestoneRow: ("milestones",),
    tables.RequestRow: ("requests",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What has to be written to one table: whole rows, and the keys of rows that are gone."""

    row: type[Row]
    new: list[Columns]
    changed: list[Columns]
    gone: list[tuple[Any, ...]]


def changes(definition: Definition, old: Case | None, new: Case) -> list[Change]:
    """What differs between the rows of two snapshots, parents before their children."""
    found = (_change(row, source, definition, (old, new)) for row, source in SOURCES)
    return [change for change in found if change is not None]


def rows_of(
    row: type[Row], source: Source, definition: Definition, case: Case
) -> dict[tuple[Any, ...], Columns]:
    """The rows by primary key."""
    return {tuple(columns[name] for name in KEYS[row]): columns for columns in source(definition, case)}


def _change(
    row: type[Row], source: Source, definition: Definition, cases: tuple[Case | None, Case]
) -> Change | None:
    old, new = cases
    if old is not None and all(getattr(old, name) is getattr(new, name) for name in READS[row]):
        return None
    before = {} if old is None else rows_of(row, source, definition, old)
    after = rows_of(row, source, definition, new)
    if before == after:
        return None
    return Change(
        row=row,
        new=[columns for key, columns in after.items() if key not in before],
        changed=[columns for key, columns in after.items() if key in before and before[key] != columns],
        gone=[key for key in before if key not in after],
    )


KEYS: Mapping[type[Row], tuple[str, ...]] = {
    row: tuple(column.name for column in tables.table(row).primary_key.columns) for row, _ in SOURCES
}


def _open_approvals(case: Case) -> Iterator[Approval]:
    return (
        a for a in case.approvals.values() if a.state is ApprovalState.OPEN and a.request in case.requests
    )


def _ticking(case: Case) -> Iterator[Deadline]:
    return iter(() if case.status is CaseStatus.CLOSED else case.deadlines.values())
