"""Messages whose subject is over by the time they would leave are cancelled, not sent."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.state import CaseStatus
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from notifications.relevance import still_due
from tests.factories import MONDAY, a_desk, a_sop
from tests.unit.notifications.office import Office, an_office, asking

LATE = {"within": "2 wd", "on_timeout": {"remind": True}}


def due(office: Office, owed: OwedMessage) -> bool:
    case = office.desk.case()
    recorded = office.event(owed.case_id, owed.sequence)
    event = recorded.event if recorded else None
    return still_due(owed, case, office.definition(case.definition), event, now=office.desk.clock.now())


def a_message(kind: MessageKind, **data: Any) -> OwedMessage:
    return OwedMessage(key="k", kind=kind, to=PersonId("hua"), case_id=CaseId("c1"), sequence=999, data=data)


def test_a_request_is_due_until_its_reader_has_answered() -> None:
    office = asking(an_office(review={"mode": "all", "by": [{"role": "head"}, {"role": "boss"}]}))
    hua, bo = (office.owed(MessageKind.APPROVAL_REQUESTED, who) for who in ("hua", "bo"))
    assert (due(office, hua), due(office, bo)) == (True, True)
    office.desk.sign("hua")
    assert (due(office, hua), due(office, bo)) == (False, True)
    office.desk.sign("bo")
    assert (due(office, hua), due(office, bo)) == (False, False)


def test_a_request_of_an_older_round_gives_way_to_the_newer() -> None:
    office = asking(an_office())
    first = office.owed(MessageKind.APPROVAL_REQUESTED)
    office.desk.set(budget={"amount": "1", "currency": "CNY"})
    assert (due(office, first), due(office, office.owed(MessageKind.APPROVAL_REQUESTED))) == (False, True)


def test_of_two_reissued_links_only_the_last_is_sent() -> None:
    office = asking(an_office())
    (approval,) = office.desk.case().approvals.values()
    again = cmd.ReissueLink(case_id=CaseId("c1"), approval=approval.id, person=PersonId("hua"))
    office.desk.do(again, by="hua")
    first = office.owed(MessageKind.APPROVAL_REQUESTED)
    office.desk.do(again, by="hua")
    assert (due(office, first), due(office, office.owed(MessageKind.APPROVAL_REQUESTED))) == (False, True)


def test_under_a_sequence_the_next_in_turn_is_asked() -> None:
    office = asking(an_office(review={"mode": "sequence", "by": [{"role": "head"}, {"role": "boss"}]}))
    office.desk.sign("hua")
    assert due(office, office.owed(MessageKind.APPROVAL_REQUESTED, "bo"))


def test_a_late_approval_is_reminded_of_until_it_is_decided() -> None:
    office = asking(an_office(review=LATE))
    office.desk.clock.advance(timedelta(days=2, hours=9))
    office.desk.sweep()
    late = office.owed(MessageKind.DEADLINE_OVERDUE, "hua")
    reminder = office.owed(MessageKind.APPROVAL_REMINDER, "hua")
    assert (due(office, late), due(office, reminder)) == (True, True)
    office.desk.sign("hua")
    assert (due(office, late), due(office, reminder)) == (False, False)


def test_an_escalation_of_an_approval_is_due_while_the_approval_is_open() -> None:
    office = asking(an_office(review={**LATE, "on_timeout": {"escalate": "boss"}}))
    office.desk.clock.advance(timedelta(days=3))
    office.desk.sweep()
    escalated = office.owed(MessageKind.APPROVAL_ESCALATED)
    assert due(office, escalated)
    office.desk.sign("hua")
    assert not due(office, escalated)


def test_an_unfilled_role_is_told_of_until_somebody_holds_it() -> None:
    office = an_office()
    office.desk.store.people["head"] = ()
    unfilled = asking(office).owed(MessageKind.APPROVAL_UNFILLED)
    assert due(office, unfilled)
    office.desk.store.people["head"] = ("hua",)
    office.desk.sweep()
    assert not due(office, unfilled)
    assert not due(office, a_message(MessageKind.APPROVAL_UNFILLED, approval="a99"))


def test_a_reminder_gives_way_once_the_due_instant_has_come() -> None:
    office = asking(an_office())
    office.desk.clock.set(MONDAY + timedelta(days=2, hours=9))
    office.desk.sweep()
    reminder = office.owed(MessageKind.DEADLINE_REMINDER)
    assert due(office, reminder)
    office.desk.clock.advance(timedelta(days=2))
    office.desk.sweep()
    overdue, escalated = (
        office.owed(kind) for kind in (MessageKind.DEADLINE_OVERDUE, MessageKind.DEADLINE_ESCALATED)
    )
    assert (due(office, reminder), due(office, overdue), due(office, escalated)) == (False, True, True)
    office.desk.sign("hua")
    office.desk.run()
    assert (due(office, overdue), due(office, escalated)) == (False, False)


def test_an_escalated_deadline_of_an_approval_goes_to_who_is_not_asked() -> None:
    office = asking(an_office(review=LATE))
    (approval,) = office.desk.case().approvals
    message = a_message(MessageKind.DEADLINE_ESCALATED, deadline=f"approval:{approval}", level=1)
    assert due(office, replace(message, to=PersonId("bo")))


def test_a_stage_that_was_left_a_task_that_is_done_and_a_hold_that_is_over_are_not_told_any_more() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"].append({"id": "other"})
    office = Office(a_desk(sop))
    desk = office.desk
    desk.start(brief="x")
    task = a_message(MessageKind.TASK_DUE, task="write_brief")
    stage = office.owed(MessageKind.STAGE_ENTERED)
    assert (due(office, task), due(office, stage)) == (True, True)
    desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="write_brief"))
    assert not due(office, task)
    assert not due(office, a_message(MessageKind.TASK_DUE, task="unknown"))
    desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="x"), by="bo")
    held = office.owed(MessageKind.CASE_HELD)
    assert due(office, held)
    desk.do(cmd.ResumeCase(case_id=CaseId("c1")), by="bo")
    resumed = office.owed(MessageKind.CASE_RESUMED)
    assert (due(office, held), due(office, resumed)) == (False, True)
    desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="other"))
    desk.advance("submit")
    desk.run()
    assert not due(office, stage)


@pytest.mark.parametrize(
    "kind", [MessageKind.TRANSITION_FIRED, MessageKind.TRANSITION_DROPPED, MessageKind.CASE_CLOSED]
)
def test_news_of_what_happened_is_always_told(kind: MessageKind) -> None:
    assert due(asking(an_office()), a_message(kind, transition="go_live", why="rejected", outcome="done"))


@pytest.mark.parametrize(
    "kind",
    [
        MessageKind.APPROVAL_REQUESTED,
        MessageKind.APPROVAL_ESCALATED,
        MessageKind.APPROVAL_UNFILLED,
        MessageKind.DEADLINE_OVERDUE,
        MessageKind.CASE_HELD,
        MessageKind.CASE_RESUMED,
    ],
)
def test_a_closed_case_asks_nothing_more_of_anybody(kind: MessageKind) -> None:
    office = asking(an_office(review=LATE))
    case = office.desk.case()
    (approval,) = case.approvals
    office.desk.store.cases[case.id] = replace(case, status=CaseStatus.CLOSED)
    assert not due(office, a_message(kind, approval=approval, deadline=f"approval:{approval}"))
