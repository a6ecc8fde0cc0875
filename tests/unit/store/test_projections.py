"""Rows for lists follow from snapshots, and a change writes only what differs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from engine.case.state import (
    Approval,
    Ask,
    Case,
    CaseStatus,
    Deadline,
    DeadlineKind,
    Decision,
    Request,
    RequestState,
    Task,
    TaskState,
    Verdict,
    Visit,
)
from engine.definition.compiled import Definition
from engine.definition.loader import load
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store import projections
from engine.store.mapping import case_from_text, case_to_text
from engine.store.tables import AskRow, DeadlineRow, RequestRow, TaskRow
from tests.contract.cases import SOP_TEXT

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LI, WANG = PersonId("li"), PersonId("wang")
TALK = Visit(number=1, track="main", stage="talk", entered_at=AT)
CASE = Case(
    id=CaseId("case0001"),
    sop="mini",
    definition="digest",
    title="上市",
    opened_by=LI,
    opened_at=AT,
    version=1,
    positions={"main": TALK},
    tasks={"agree": Task(id="agree", visit=1), "note": Task(id="note", visit=1)},
)
REQUEST = Request(id=RequestId("r1"), transition="agreed", tracks=("main",), by=LI, at=AT)
APPROVAL = Approval(
    id=ApprovalId("a1"),
    spec="price_ok",
    request=REQUEST.id,
    opened_at=AT,
    content="h",
    asks=(Ask(person=LI, role="boss"), Ask(person=WANG, role="boss")),
)
ASKED = replace(CASE, requests={"r1": REQUEST}, approvals={"a1": APPROVAL})
YES = Decision(verdict=Verdict.APPROVE, by=LI, at=AT)


@pytest.fixture(scope="module")
def mini() -> Definition:
    return load(SOP_TEXT, "mini.yaml")


@pytest.fixture(scope="module")
def in_order() -> Definition:
    return load(SOP_TEXT.replace("mode: any", "mode: sequence"), "mini.yaml")


def written(definition, old, new):
    """What a change writes: by table, the keys of new, changed and gone rows."""
    return {
        change.row: (
            [tuple(c[k] for k in projections.KEYS[change.row])[1:] for c in change.new],
            [tuple(c[k] for k in projections.KEYS[change.row])[1:] for c in change.changed],
            [key[1:] for key in change.gone],
        )
        for change in projections.changes(definition, old, new)
    }


def test_a_snapshot_is_read_as_it_was_written():
    late = Deadline(id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=AT, missed_at=AT)
    case = replace(ASKED, deadlines={late.id: late}, values={"x": [{"y": None}], "agreed": False})
    assert case_from_text(case_to_text(case)) == case


def test_nothing_changed_writes_nothing(mini):
    assert written(mini, CASE, replace(CASE, version=2, title="别的")) == {}


def test_a_finished_task_takes_only_its_own_row_away(mini):
    done = replace(CASE, tasks={**CASE.tasks, "agree": Task(id="agree", visit=1, state=TaskState.DONE)})
    assert written(mini, CASE, done) == {TaskRow: ([], [], [(1, "agree")])}


def test_a_task_has_its_own_role_or_its_stages(mini):
    rows = list(projections.tasks(mini, CASE))
    assert [(row["task"], row["role"], row["optional"]) for row in rows] == [
        ("agree", "sales", False),
        ("note", "boss", True),
    ]


def test_everybody_undecided_is_asked_unless_it_goes_by_turns(mini, in_order):
    assert [row["person"] for row in projections.asks(mini, ASKED)] == [LI, WANG]
    assert [row["person"] for row in projections.asks(in_order, ASKED)] == [LI]
    decided = replace(APPROVAL, asks=(replace(APPROVAL.asks[0], decision=YES), APPROVAL.asks[1]))
    after = replace(ASKED, approvals={"a1": decided})
    assert [row["person"] for row in projections.asks(in_order, after)] == [WANG]
    assert written(mini, ASKED, after) == {AskRow: ([], [], [("a1", 0, "li")])}


def test_a_request_that_becomes_ready_changes_its_row(mini):
    ready = replace(ASKED, requests={"r1": replace(REQUEST, state=RequestState.READY)})
    assert written(mini, ASKED, ready) == {RequestRow: ([], [("r1",)], [])}


def test_the_case_row_sums_up_its_deadlines():
    stage = Deadline(
        id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=AT + timedelta(days=2), missed_at=AT
    )
    wake = Deadline(id="wake:x", kind=DeadlineKind.WAKE, subject="x", due_at=AT)
    case = replace(CASE, deadlines={d.id: d for d in (stage, wake)})
    columns = projections.case_columns(case)
    assert (columns["next_due"], columns["overdue"]) == (stage.due_at, True)
    closed = projections.case_columns(replace(case, status=CaseStatus.CLOSED))
    assert (closed["next_due"], closed["overdue"]) == (None, False)


def test_a_paused_deadline_gives_the_sweep_nothing_to_do(mini):
    due = Deadline(id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=AT, paused=True)
    (row,) = projections.deadlines(mini, replace(CASE, deadlines={due.id: due}))
    assert (row["due_at"], row["next_at"]) == (AT, None)
    assert written(mini, CASE, replace(CASE, deadlines={due.id: due})) == {
        DeadlineRow: ([("stage:1",)], [], [])
    }
