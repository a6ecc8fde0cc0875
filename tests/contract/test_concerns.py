"""What approvals want of a person beside a decision, and whom a person's requests wait for."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.concerns import Concern
from engine.case.state import Approval, Ask, Deadline, DeadlineKind
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store.board import BoardFilter
from engine.store.concern_list import OpenConcern
from engine.store.people import Person
from tests.contract.cases import ID, START, a_case, add

LI, WANG, ZHAO, BOSS = (PersonId(name) for name in ("li", "wang", "zhao", "boss"))
B = CaseId("case0002")
A1, R1 = ApprovalId("a1"), RequestId("r1")
DAY = timedelta(days=1)


@pytest.fixture
def staffed(store):
    for person in (LI, WANG, ZHAO, BOSS):
        store.people.put(Person(id=person, name=person.upper()))
    store.people.set_holders("boss", [WANG])
    return store


def asked(*, copies=()):
    """Li has asked for the price approval of Wang."""
    approval = Approval(
        id=A1,
        spec="price_ok",
        request=R1,
        opened_at=START,
        content="hash",
        asks=(Ask(person=WANG, role="boss"),),
        copies=copies,
    )
    return [
        ev.TransitionRequested(request=R1, transition="agreed", tracks=("main",)),
        ev.ApprovalOpened(approval=approval, notify=(WANG,)),
    ]


def due(at=START + DAY, **more):
    clock = Deadline(id="approval:a1", kind=DeadlineKind.APPROVAL, subject="a1", due_at=at, **more)
    return ev.DeadlineSet(deadline=clock)


def concern(kind, person, other=LI, **more):
    values = {
        "case_id": ID,
        "sop": "mini",
        "digest": "",
        "title": "华东新品上市",
        "approval": A1,
        "spec": "price_ok",
        "request": R1,
        "transition": "agreed",
        "since": START,
        "nudged_at": None,
        "due_at": START + DAY,
        "stopped": False,
        **more,
    }
    return OpenConcern(kind=kind, person=person, other=other, **values)


def listed(store, person):
    return [replace(one, digest="") for one in store.inbox.concerns(person)]


def test_a_requester_sees_whom_the_request_waits_for_and_when_they_were_reminded(staffed):
    a_case(staffed, *asked(), due())
    assert listed(staffed, LI) == [concern(Concern.WAITING, LI, waits_for=(WANG,))]
    add(staffed, [se.ApprovalNudged(approval=A1, notify=(WANG,))])
    (waiting,) = listed(staffed, LI)
    assert waiting.nudged_at == START + timedelta(minutes=6)
    assert staffed.inbox.to_do(LI) == 0


def test_what_was_delegated_lies_with_whoever_looks_at_it_until_it_is_handed_back(staffed):
    lent = se.AskDelegated(approval=A1, person=WANG, to=ZHAO, reason="你更熟")
    a_case(staffed, *asked(), due(), lent)
    assert listed(staffed, ZHAO) == [concern(Concern.LOOK, ZHAO, other=WANG, words="你更熟")]
    assert staffed.inbox.to_do(ZHAO) == 1
    assert listed(staffed, LI)[0].waits_for == (ZHAO,)
    assert staffed.board.line(ID).waits_for == (ZHAO,)
    assert [line.id for line in staffed.board.page(BoardFilter(person=ZHAO)).cases] == [ID]
    add(staffed, [se.AskHandedBack(approval=A1, person=WANG, text="可以")])
    assert (listed(staffed, ZHAO), staffed.inbox.to_do(ZHAO)) == ([], 0)


def test_a_question_waits_for_the_requester_with_its_words_and_a_clock_that_stands_still(staffed):
    question = se.MaterialAsked(approval=A1, text="明细？", notify=(LI,))
    a_case(staffed, *asked(), due(stopped_at=START), question)
    material, _ = sorted(listed(staffed, LI), key=lambda one: one.kind is Concern.WAITING)
    assert material == concern(Concern.MATERIAL, LI, words="明细？", stopped=True)
    add(staffed, [se.MaterialGiven(approval=A1, text="附后")])
    assert [one.kind for one in listed(staffed, LI)] == [Concern.WAITING]


def test_a_returned_request_lies_with_its_requester_and_says_why(staffed):
    back = se.RequestReturned(request=R1, approval=A1, person=WANG, straight_back=False, comment="补合同")
    a_case(staffed, *asked(), due(), back)
    assert listed(staffed, LI) == [concern(Concern.RETURNED, LI, other=WANG, words="补合同")]
    assert staffed.board.line(ID).waits_for == (LI,)
    add(staffed, [se.RequestResubmitted(request=R1)])
    assert Concern.RETURNED not in [one.kind for one in listed(staffed, LI)]


def test_who_is_copied_sees_it_while_it_is_open(staffed):
    a_case(staffed, *asked(copies=(BOSS, BOSS)), due())
    assert listed(staffed, BOSS) == [concern(Concern.COPY, BOSS)]
    assert staffed.inbox.to_do(BOSS) == 0
    add(staffed, [ev.ApprovalClosed(approval=A1, granted=True)])
    assert listed(staffed, BOSS) == listed(staffed, LI) == []


def test_what_is_due_first_comes_first_and_a_case_on_hold_wants_nothing(staffed):
    a_case(staffed, *asked(), due(START + 2 * DAY))
    a_case(staffed, *asked(), due(), case_id=B)
    assert [one.case_id for one in listed(staffed, LI)] == [B, ID]
    add(staffed, [ev.CaseHeld(reason="等")], case_id=B)
    assert [one.case_id for one in listed(staffed, LI)] == [ID]


def test_what_is_late_in_a_case_is_late_for_whoever_must_answer(staffed):
    lent = se.AskDelegated(approval=A1, person=WANG, to=ZHAO, reason="你更熟")
    a_case(staffed, *asked(), due(START - DAY), lent)
    assert [d.deadline for d in staffed.inbox.overdue(now=START, person=ZHAO)] == ["approval:a1"]


def test_the_rows_are_sound(staffed):
    a_case(staffed, *asked(copies=(BOSS,)), due(), se.MaterialAsked(approval=A1, text="?"))
    report = staffed.verify()
    assert [f for f in report.findings if f.table == "concern_row"] == []
