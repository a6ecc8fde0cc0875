"""Which cases hear of it when people change: those that wait for somebody who left, and no others."""

from dataclasses import replace

import pytest

from engine.case import commands as cmd
from engine.case.signer_events import AskDelegated, SignersGone
from engine.case.state import RULE, Actor, Via
from engine.clock import FixedClock
from engine.ids import ApprovalId, CaseId, PersonId
from engine.outbox import MessageKind
from engine.ports import Answer
from engine.service import Service
from engine.store.mailbox import MailFilter
from engine.store.people import Person
from runtime.calendars import load_calendar
from runtime.desertions import Desertions
from tests.contract.cases import ID, START, a_case, add, asked, published

WANG, LI, ZHAO, OU = PersonId("wang"), PersonId("li"), PersonId("zhao"), PersonId("ou")
A1 = ApprovalId("a1")


@pytest.fixture
def office(store):
    for name in (WANG, LI, ZHAO, OU):
        store.people.put(Person(id=name, name=name))
    return store


def leaves(store, person):
    store.people.put(replace(store.people.get(person), active=False))


def comes(store, person):
    store.people.put(replace(store.people.get(person), active=True))


def test_a_case_that_waits_for_somebody_who_left_is_found_and_the_others_are_not(office):
    a_case(office, *asked(WANG))
    a_case(office, *asked(LI), case_id=CaseId("case0002"))
    a_case(office, case_id=CaseId("case0003"))
    assert office.board.deserted() == []
    leaves(office, WANG)
    assert office.board.deserted() == [ID]


def test_also_where_somebody_else_looks_at_it_meanwhile(office):
    a_case(office, *asked(WANG))
    add(office, [AskDelegated(approval=A1, person=WANG, to=LI, reason="先看")])
    leaves(office, LI)
    assert office.board.deserted() == []
    leaves(office, WANG)
    assert office.board.deserted() == [ID]


def test_also_where_it_stands_without_signers_and_somebody_may_have_come(office):
    a_case(office, *asked(WANG))
    add(office, [SignersGone(approval=A1, persons=(WANG,))])
    assert office.board.deserted() == [ID]


class Counting:
    """The one door, with a count of those who went through it."""

    def __init__(self, store):
        self.inner = Service(store.uow, FixedClock(START), load_calendar)
        self.asked: list[CaseId] = []
        self.broken = False

    def handle(self, command: cmd.Command, *, actor: Actor, **_: object) -> Answer:
        self.asked.append(command.case_id)
        if self.broken:
            raise RuntimeError(command.case_id)
        return self.inner.handle(command, actor=actor)


@pytest.fixture
def asking(office):
    """A real request that waits for Wang, who is the boss; Ou owns the SOP."""
    published(office)
    office.people.set_holders("sales", [LI])
    office.people.set_holders("boss", [WANG])
    office.people.set_holders("sop_owner", [OU])
    door = Counting(office)
    by = Actor(person=LI, via=Via.CLI)
    door.handle(cmd.StartCase(case_id=ID, sop="mini", title="x"), actor=by)
    door.handle(cmd.CompleteTask(case_id=ID, task="agree"), actor=by)
    assert door.handle(cmd.RequestTransition(case_id=ID, transition="agreed"), actor=by).refusal is None
    door.asked.clear()
    return door


def alerts(store):
    found = store.mailbox.page(MailFilter(person=OU))
    return [mail for mail in found if mail.kind == MessageKind.APPROVAL_UNFILLED]


def test_while_people_stay_the_same_no_case_is_asked_again(office, asking):
    desk = Desertions(office, asking)
    assert (desk.tell(), asking.asked) == (0, [])
    leaves(office, WANG)
    assert (desk.tell(), desk.tell(), asking.asked) == (1, 0, [ID])
    assert len(alerts(office)) == 1


def test_another_runner_and_one_that_starts_anew_tell_it_once_together(office, asking):
    leaves(office, WANG)
    assert [Desertions(office, asking).tell() for _ in range(3)] == [1, 0, 0]
    assert len(alerts(office)) == 1


def test_a_case_that_cannot_be_told_is_told_the_next_time(office, asking, caplog):
    desk = Desertions(office, asking)
    leaves(office, WANG)
    asking.broken = True
    assert (desk.tell(), len(alerts(office))) == (0, 0)
    assert "case0001 could not be told who left" in caplog.text
    asking.broken = False
    assert (desk.tell(), len(alerts(office))) == (1, 1)


def test_who_comes_into_the_role_is_asked_and_who_comes_back_misses_nothing(office, asking):
    desk = Desertions(office, asking)
    leaves(office, WANG)
    desk.tell()
    comes(office, WANG)
    assert desk.tell() == 1
    assert [a.gone for a in office.board.case(ID).approvals.values()] == [()]
    leaves(office, WANG)
    desk.tell()
    office.people.set_holders("boss", [ZHAO])
    assert desk.tell() == 1
    assert [ask.person for ask in office.inbox.asks(ZHAO)] == [ZHAO]
    assert len(alerts(office)) == 1
    assert office.verify().sound
    assert RULE.person in {r.actor.person for r in office.history.read_events(ID)}
