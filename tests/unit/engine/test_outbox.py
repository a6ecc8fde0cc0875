"""What each event owes, to whom, under which key."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.state import RULE, Approval, Deadline, DeadlineKind, ParentRef, Place, Verdict, Visit
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.outbox import MessageKind, OwedCommand, OwedMessage, messages_owed

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PEI, HUA = PersonId("pei"), PersonId("hua")
A1, R1 = ApprovalId("a1"), RequestId("r1")
VISIT = Visit(number=1, track="main", stage="review", entered_at=NOW)
APPROVAL = Approval(id=A1, spec="gate", request=R1, opened_at=NOW, content="c", asks=())
DUE = Deadline(id="stage:1", kind=DeadlineKind.STAGE, subject="1", due_at=datetime(2026, 11, 25, tzinfo=UTC))
MOVED = datetime(2026, 11, 24, tzinfo=UTC)
BOTH = (PEI, HUA)


def a_move(was: datetime) -> dict[str, str]:
    return {"deadline": "stage:1", "from": was.isoformat(), "to": DUE.due_at.isoformat()}


def _dropped(why: Any) -> ev.TransitionDropped:
    return ev.TransitionDropped(request=R1, transition="go", why=why, notify=(PEI,))


def _news(what: str) -> list[tuple[str, dict[str, Any]]]:
    return [("approval_news/pei", {"approval": "a1", "what": what})]


OWED: list[tuple[ev.Event, list[tuple[str, dict[str, Any]]]]] = [
    (ev.CaseStarted(sop="s", definition="d", title="t"), []),
    (
        ev.StageEntered(visit=VISIT, notify=BOTH),
        [("stage_entered/pei", {"stage": "review"}), ("stage_entered/hua", {"stage": "review"})],
    ),
    (ev.StageLeft(track="main", stage="review", visit=1), []),
    (ev.FieldsSet(values={"a": 1}), []),
    (ev.FieldsLocked(fields=("a",)), []),
    (ev.TaskCompleted(task="t", visit=1), []),
    (ev.TaskReopened(task="t", visit=1), []),
    (ev.TaskWaived(task="t", visit=1, reason="x"), []),
    (
        ev.TaskRecurred(task="t", visit=1, occurrence=2, missed=True, notify=(PEI,)),
        [("task_due/pei", {"task": "t", "missed": True})],
    ),
    (ev.DeliverableAttached(deliverable="d", version=1, name="n", hash="h", size=1, media_type="x/y"), []),
    (ev.TransitionRequested(request=R1, transition="go", tracks=("main",)), []),
    (
        ev.ApprovalOpened(approval=APPROVAL, notify=(HUA,), alert=(PEI,)),
        [("approval_requested/hua", {"approval": "a1"}), ("approval_unfilled/pei", {"approval": "a1"})],
    ),
    (ev.ApprovalAsked(approval=A1, notify=(HUA,)), [("approval_requested/hua", {"approval": "a1"})]),
    (
        ev.DecisionRecorded(
            approval=A1,
            round=1,
            person=HUA,
            verdict=Verdict.APPROVE,
            comment="",
            assurance=Assurance.CODE,
            content="c",
        ),
        [],
    ),
    (ev.ApprovalClosed(approval=A1, granted=True), []),
    (ev.ApprovalClosed(approval=A1, granted=True, notify=(PEI,)), _news("granted")),
    (ev.ApprovalClosed(approval=A1, granted=False, notify=(PEI,)), _news("refused")),
    (
        ev.ApprovalOpened(approval=replace(APPROVAL, copies=(PEI,)), notify=()),
        _news("copied"),
    ),
    (ev.ApprovalOpened(approval=replace(APPROVAL, copies=(PEI,), round=2), notify=()), []),
    (
        se.AskTransferred(approval=A1, person=PEI, to=HUA, reason="x", notify=(HUA,)),
        [("approval_requested/hua", {"approval": "a1"})],
    ),
    (
        se.SignersAdded(approval=A1, persons=BOTH, place=Place.AFTER, part="p", role="r", reason="x"),
        [],
    ),
    (se.SignersRemoved(approval=A1, persons=BOTH, part="", reason="x", notify=(PEI,)), _news("released")),
    (se.DecisionTakenBack(approval=A1, person=HUA, notify=(PEI,)), _news("taken_back")),
    (se.ApprovalNudged(approval=A1, notify=(HUA,)), [("approval_reminder/hua", {"approval": "a1"})]),
    (se.MaterialAsked(approval=A1, text="?", notify=(PEI,)), _news("material_asked")),
    (se.MaterialGiven(approval=A1, text="!", notify=(PEI,)), _news("material_given")),
    (se.ApprovalCopied(approval=A1, persons=(PEI,)), _news("copied")),
    (se.ApprovalCommented(approval=A1, text="x"), []),
    (se.AskDelegated(approval=A1, person=HUA, to=PEI, reason="x"), _news("delegated")),
    (
        se.AskHandedBack(approval=A1, person=HUA, text="x"),
        [("approval_requested/hua", {"approval": "a1"})],
    ),
    (
        se.RequestReturned(
            request=R1, approval=A1, person=HUA, straight_back=False, comment="x", notify=(PEI,)
        ),
        _news("returned"),
    ),
    (se.RequestResubmitted(request=R1), []),
    (se.AskCalledBack(approval=A1, person=HUA, notify=(PEI,)), _news("released")),
    (
        se.StandInsSet(approval=A1, stand_ins={HUA: (PEI,)}, notify=(PEI,)),
        [("approval_requested/pei", {"approval": "a1"})],
    ),
    (
        se.SignersGone(approval=A1, persons=(HUA,), alert=(PEI,)),
        [("approval_unfilled/pei", {"approval": "a1"})],
    ),
    (se.SignersGone(approval=A1, persons=()), []),
    (
        se.WorkHandedOver(person=HUA, to=PEI, reason="x", notify=(PEI,)),
        [("work_handed_over/pei", {"person": "hua"})],
    ),
    (
        ev.ApprovalTimedOut(approval=A1, action="escalate", notify=(HUA,)),
        [("approval_escalated/hua", {"approval": "a1"})],
    ),
    (
        ev.ApprovalTimedOut(approval=A1, action="transfer", notify=(HUA,)),
        [("approval_requested/hua", {"approval": "a1"})],
    ),
    (
        ev.ApprovalTimedOut(approval=A1, action="remind", notify=(HUA,)),
        [("approval_reminder/hua", {"approval": "a1"})],
    ),
    (ev.ApprovalTimedOut(approval=A1, action="approve"), []),
    (
        ev.LinkReissued(approval=A1, person=HUA, issue=2),
        [("approval_requested/hua", {"approval": "a1"})],
    ),
    (ev.TransitionReady(request=R1), []),
    (_dropped("rejected"), [("transition_dropped/pei", {"transition": "go", "why": "rejected"})]),
    (
        ev.TransitionFired(request=R1, transition="go", notify=(PEI,)),
        [("transition_fired/pei", {"transition": "go"})],
    ),
    (ev.CounterBumped(counter="c", value=1), []),
    (ev.DeadlineSet(deadline=DUE), []),
    (
        ev.DeadlineReminded(deadline="stage:1", count=1, notify=(PEI,)),
        [("deadline_reminder/pei", {"deadline": "stage:1"})],
    ),
    (
        ev.DeadlineReminded(deadline="approval:a1", count=1, notify=(HUA,)),
        [("approval_reminder/hua", {"deadline": "approval:a1"})],
    ),
    (
        ev.DeadlineMissed(deadline="stage:1", due_at=NOW, notify=(PEI,)),
        [("deadline_overdue/pei", {"deadline": "stage:1"})],
    ),
    (
        ev.DeadlineEscalated(deadline="stage:1", level=2, role="boss", notify=(HUA,)),
        [("deadline_escalated/hua", {"deadline": "stage:1", "level": 2})],
    ),
    (
        ev.DeadlinesRecounted(
            changes=(
                ev.DeadlineChange(
                    deadline=DUE, was=MOVED, was_provisional=True, was_calendar="cn-1", notify=(PEI, HUA)
                ),
                ev.DeadlineChange(
                    deadline=DUE, was=NOW, was_provisional=True, was_calendar="cn-1", notify=(HUA,)
                ),
                ev.DeadlineChange(deadline=DUE, was=DUE.due_at, was_provisional=True, was_calendar="cn-1"),
            )
        ),
        [
            ("deadline_moved/pei", {"moved": [a_move(MOVED)]}),
            ("deadline_moved/hua", {"moved": [a_move(MOVED), a_move(NOW)]}),
        ],
    ),
    (ev.DeadlineClosed(deadline="stage:1"), []),
    (ev.AnswerNoted(approval="gate"), []),
    (ev.DeadlineExtended(deadline="stage:1", old=NOW, new=NOW, by=PEI, reason="x"), []),
    (ev.StageWaits(stage="s", visit=1, waits_for="x", reason="y"), []),
    (
        ev.StageGoesOn(stage="s", visit=1, used=60, capped=True, notify=(PEI,)),
        [("clock_goes_on/pei", {"stage": "s"})],
    ),
    (ev.MilestonePlanned(milestone="m"), []),
    (ev.MilestoneReached(milestone="m", on=date(2026, 11, 23)), []),
    (ev.MilestoneNotReached(milestone="m"), []),
    (ev.MilestoneDropped(milestone="m"), []),
    (ev.ChildClosed(child=CaseId("c1.3"), outcome="done"), []),
    (ev.CaseHeld(reason="x", notify=(PEI,)), [("case_held/pei", {})]),
    (ev.CaseResumed(notify=(PEI,)), [("case_resumed/pei", {})]),
    (ev.CaseClosed(outcome="done", notify=(PEI,)), [("case_closed/pei", {"outcome": "done"})]),
    (ev.Commented(text="x"), []),
    (ev.RolesAssigned(roles={}), []),
]


def _recorded(event: ev.Event) -> ev.Recorded:
    return ev.Recorded(case_id=CaseId("c1"), sequence=7, at=NOW, actor=RULE, event=event)


@pytest.mark.parametrize(
    ("event", "expected"), OWED, ids=[f"{n}-{event.kind}" for n, (event, _) in enumerate(OWED)]
)
def test_an_event_owes_these_messages_and_no_others(
    event: ev.Event, expected: list[tuple[str, dict[str, Any]]]
) -> None:
    messages = tuple(
        OwedMessage(
            key=f"c1/7/{rest}",
            kind=MessageKind(rest.split("/")[0]),
            to=PersonId(rest.split("/")[1]),
            case_id=CaseId("c1"),
            sequence=7,
            data=data,
        )
        for rest, data in expected
    )
    assert messages_owed(_recorded(event)) == messages


def test_every_kind_of_event_and_of_message_stands_above() -> None:
    known = {type(event) for event, _ in OWED} | {ev.ChildOpened}
    assert known == set(get_args(get_args(ev.Event)[0]))
    assert {rest.split("/")[0] for _, owed in OWED for rest, _ in owed} == {*MessageKind} - {
        MessageKind.GROUP_NEWS
    }  # those of groups are owed beside these: see engine.groups


def _command(kind: str, command: cmd.Command) -> OwedCommand:
    key = f"c1/7/{kind}/{command.case_id}"
    return OwedCommand(key=key, command=command, case_id=CaseId("c1"), sequence=7)


def test_opening_a_child_owes_it_its_start() -> None:
    child = CaseId("c1.7")
    opened = ev.ChildOpened(
        child=child, spec="side", sop="s", title="t", values={"a": 1}, roles={"head": (HUA,)}
    )
    start = cmd.StartCase(
        case_id=child,
        sop="s",
        title="t",
        values={"a": 1},
        roles={"head": (HUA,)},
        parent=ParentRef(id=CaseId("c1"), spec="side"),
    )
    assert messages_owed(_recorded(opened)) == (_command("start_case", start),)


def test_closing_ends_the_children_that_may_not_outlive_it_and_tells_the_parent() -> None:
    closed = ev.CaseClosed(
        outcome="done", values={"a": 1}, parent=CaseId("c0"), cancels=(CaseId("c2"), CaseId("c3"))
    )
    told = cmd.RecordChildClosed(case_id=CaseId("c0"), child=CaseId("c1"), outcome="done", values={"a": 1})
    assert messages_owed(_recorded(closed)) == (
        _command("close_by_parent", cmd.CloseByParent(case_id=CaseId("c2"), outcome="parent_ended")),
        _command("close_by_parent", cmd.CloseByParent(case_id=CaseId("c3"), outcome="parent_ended")),
        _command("record_child_closed", told),
    )
