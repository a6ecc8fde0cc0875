"""What pages show: the board, one person's work, what is late, the mailbox."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from engine.case.events import (
    CaseClosed,
    CaseHeld,
    DeadlineMissed,
    DeadlineSet,
    DecisionRecorded,
    MilestonePlanned,
    MilestoneReached,
    RolesAssigned,
    TaskCompleted,
)
from engine.case.state import CaseStatus, Deadline, DeadlineKind, Verdict
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store.board import BoardFilter, Position
from engine.store.heartbeats import Heartbeat
from engine.store.inbox import Due, OpenAsk, OpenTask, PlannedMilestone
from engine.store.mailbox import MailFilter
from engine.store.people import Person
from engine.store.tables import OutboxState
from tests.contract.cases import ID, SOP_TEXT, START, a_case, a_message, add, asked, commented, started

LI, WANG, ZHAO, BOSS = (PersonId(name) for name in ("li", "wang", "zhao", "boss"))
B, C = CaseId("case0002"), CaseId("case0003")
DAY = timedelta(days=1)


@pytest.fixture
def staffed(store):
    """Zhao sells, Wang decides."""
    for person in (LI, WANG, ZHAO, BOSS):
        store.people.put(Person(id=person, name=person.upper()))
    store.people.set_holders("sales", [ZHAO])
    store.people.set_holders("boss", [WANG])
    return store


def due(id_="stage:1", *, at=START + DAY, kind=DeadlineKind.STAGE):
    return DeadlineSet(
        deadline=Deadline(id=id_, kind=kind, subject=id_.partition(":")[2], due_at=at, owner="sales")
    )


def decided(person):
    return DecisionRecorded(
        approval=ApprovalId("a1"),
        round=1,
        person=person,
        verdict=Verdict.APPROVE,
        comment="",
        assurance=Assurance.LOGIN,
        content="hash",
    )


def names(page):
    return [line.id for line in page.cases]


def test_a_line_says_where_a_case_stands_and_who_is_waited_for(staffed):
    a_case(staffed, due())
    line = staffed.board.line(ID)
    assert line.positions == (Position(track="main", stage="talk", visit=1, entered_at=START),)
    assert (line.waits_for, line.next_due, line.overdue) == ((ZHAO,), START + DAY, False)
    add(staffed, asked(WANG, BOSS))
    assert staffed.board.line(ID).waits_for == (WANG, BOSS)
    add(staffed, [decided(WANG)])
    assert staffed.board.line(ID).waits_for == (BOSS,)
    assert staffed.board.line(CaseId("nobody")) is None


def test_the_board_shows_late_cases_first_then_by_what_is_due(staffed):
    a_case(staffed)
    a_case(staffed, due(), case_id=B)
    a_case(staffed, due(at=START), DeadlineMissed(deadline="stage:1", due_at=START), case_id=C)
    assert names(staffed.board.page()) == [C, B, ID]
    assert names(staffed.board.page(BoardFilter(overdue=True))) == [C]
    second = staffed.board.page(limit=1, offset=1)
    assert (names(second), second.total) == ([B], 3)


def test_a_role_held_for_another_sop_makes_no_case_mine(staffed):
    text = SOP_TEXT.replace("sop: mini", "sop: other")
    other = staffed.definitions.publish(text, "other.yaml", by=BOSS, now=START).version.digest
    staffed.people.set_holders("sales", [BOSS], sop="other")
    a_case(staffed)
    add(staffed, [replace(started(other)[0], sop="other"), *started(other)[1:]], case_id=B)
    assert names(staffed.board.page(BoardFilter(person=BOSS))) == [B]
    assert names(staffed.board.page(BoardFilter(person=ZHAO))) == [ID]


def test_the_board_is_filtered_by_what_is_asked(staffed):
    a_case(staffed, RolesAssigned(roles={"sales": (BOSS,)}))
    a_case(staffed, *asked(BOSS), case_id=B)
    a_case(staffed, CaseClosed(outcome="won"), case_id=C)

    def shown(**wanted):
        return sorted(names(staffed.board.page(BoardFilter(**wanted))))

    assert shown() == [ID, B]
    assert shown(statuses=(CaseStatus.CLOSED,)) == [C]
    assert shown(sop="mini", stage="talk") == [ID, B]
    assert shown(sop="other") == shown(stage="sign") == shown(parent=C) == []
    assert shown(person=BOSS) == [ID, B]
    assert shown(person=ZHAO) == [B]
    assert shown(person=LI) == [ID, B]
    assert shown(title="新品") == [ID, B]
    assert shown(title="%") == []
    assert staffed.board.stages("mini") == {"talk": 2}
    assert staffed.board.counts() == {("mini", CaseStatus.OPEN): 2, ("mini", CaseStatus.CLOSED): 1}


def test_a_task_is_the_work_of_who_holds_its_role_in_the_case_or_else_the_sop_or_the_company(staffed):
    a_case(staffed, due())
    task = OpenTask(
        case_id=ID,
        sop="mini",
        digest=staffed.board.line(ID).digest,
        title="华东新品上市",
        task="agree",
        stage="talk",
        role="sales",
        visit=1,
        occurrence=1,
        optional=False,
        due_at=START + DAY,
    )
    assert staffed.inbox.tasks(ZHAO) == [task]
    optional = [(t.task, t.due_at) for t in staffed.inbox.tasks(WANG)]
    assert optional == [("note", None)]  # the stage can end without it
    staffed.people.set_holders("sales", [BOSS], sop="mini")
    assert (staffed.inbox.tasks(ZHAO), staffed.inbox.tasks(BOSS)) == ([], [task])
    add(staffed, [RolesAssigned(roles={"sales": (LI,)})])
    assert (staffed.inbox.tasks(BOSS), staffed.inbox.tasks(LI)) == ([], [task])
    assert staffed.board.line(ID).waits_for == (LI,)
    add(staffed, [TaskCompleted(task="agree", visit=1)])
    assert staffed.inbox.tasks(LI) == []


def test_work_that_is_due_first_comes_first(staffed):
    a_case(staffed)
    a_case(staffed, due(at=START + 2 * DAY), case_id=B)
    a_case(staffed, due(), case_id=C)
    assert [t.case_id for t in staffed.inbox.tasks(ZHAO)] == [C, B, ID]


def test_a_held_case_asks_nobody(staffed):
    a_case(staffed, *asked(WANG), due(), CaseHeld(reason="等预算"))
    assert (staffed.inbox.asks(WANG), staffed.inbox.tasks(ZHAO)) == ([], [])
    assert names(staffed.board.page()) == [ID]


def test_an_open_decision_lies_with_whoever_is_asked(staffed):
    a_case(staffed, *asked(WANG, BOSS), due("approval:a1", kind=DeadlineKind.APPROVAL))
    ask = OpenAsk(
        case_id=ID,
        sop="mini",
        digest=staffed.board.line(ID).digest,
        title="华东新品上市",
        approval=ApprovalId("a1"),
        spec="price_ok",
        transition="agreed",
        request=RequestId("r1"),
        person=WANG,
        principal=WANG,
        role="boss",
        round=1,
        issue=1,
        assurance=Assurance.CODE,
        opened_at=START,
        due_at=START + DAY,
    )
    assert staffed.inbox.asks(WANG) == [ask]
    assert staffed.inbox.asks(case_id=ID) == [ask, replace(ask, person=BOSS, principal=BOSS)]
    add(staffed, [decided(WANG)])
    assert (staffed.inbox.asks(WANG), staffed.inbox.asks()) == (
        [],
        [replace(ask, person=BOSS, principal=BOSS)],
    )


def test_what_is_late_is_listed_longest_first(staffed):
    a_case(staffed, due(at=START - DAY))
    a_case(staffed, due(at=START - 2 * DAY), DeadlineMissed(deadline="stage:1", due_at=START), case_id=B)
    a_case(staffed, due(), case_id=C)
    found = staffed.inbox.overdue(now=START)
    assert [(d.case_id, d.missed_at) for d in found] == [(B, START + timedelta(minutes=4)), (ID, None)]
    assert found[1] == Due(
        case_id=ID,
        sop="mini",
        digest=staffed.board.line(ID).digest,
        title="华东新品上市",
        deadline="stage:1",
        kind=DeadlineKind.STAGE,
        subject="1",
        track=None,
        owner="sales",
        due_at=START - DAY,
        missed_at=None,
        provisional=False,
        escalated=0,
    )
    assert [d.case_id for d in staffed.inbox.overdue(now=START, person=ZHAO)] == [B, ID]
    assert staffed.inbox.overdue(now=START, person=BOSS) == []
    assert [d.case_id for d in staffed.inbox.due_between(START, START + 2 * DAY)] == [C]


def test_whoever_answers_for_what_is_late_sees_it_without_a_task_in_the_case(staffed):
    staffed.people.set_holders("delivery", [BOSS])
    late = Deadline(
        id="milestone:trial",
        kind=DeadlineKind.MILESTONE,
        subject="trial",
        due_at=START - DAY,
        owner="delivery",
    )
    a_case(staffed, DeadlineSet(deadline=late))
    assert [d.deadline for d in staffed.inbox.overdue(now=START, person=BOSS)] == ["milestone:trial"]
    assert staffed.inbox.overdue(now=START, person=LI) == []


def test_a_milestone_stands_on_the_day_that_is_known_best(staffed):
    a_case(
        staffed,
        MilestonePlanned(
            milestone="launch", name="上市", planned=date(2026, 5, 1), forecast=date(2026, 6, 1)
        ),
        MilestonePlanned(milestone="sign", planned=date(2026, 4, 1)),
        MilestoneReached(milestone="sign", on=date(2026, 6, 2)),
    )
    digest = staffed.board.line(ID).digest
    common = {"case_id": ID, "sop": "mini", "digest": digest, "title": "华东新品上市"}
    assert staffed.inbox.milestones("2026-06-01", "2026-06-30") == [
        PlannedMilestone(
            **common,
            milestone="launch",
            name="上市",
            planned="2026-05-01",
            forecast="2026-06-01",
            reached_on=None,
        ),
        PlannedMilestone(
            **common, milestone="sign", name="", planned="2026-04-01", forecast=None, reached_on="2026-06-02"
        ),
    ]
    assert staffed.inbox.milestones("2026-04-01", "2026-05-31") == []


def test_the_mailbox_shows_the_newest_first_and_pages_back(store):
    a_case(store)
    assert store.mailbox.oldest_waiting() is None
    for number, person in enumerate((WANG, ZHAO, WANG), 3):
        add(store, [commented()], owed=[a_message(ID, number, person)])
    last, middle, first = store.mailbox.page()
    assert [mail.to_person for mail in (last, middle, first)] == [WANG, ZHAO, WANG]
    assert (first.data, first.state, first.created_at) == (
        {"stage": "talk"},
        OutboxState.OWED,
        START + timedelta(minutes=3),
    )
    assert store.mailbox.page(MailFilter(person=WANG)) == [last, first]
    assert store.mailbox.page(MailFilter(before=last.id), limit=1) == [middle]
    assert (
        store.mailbox.page(MailFilter(case_id=B))
        == store.mailbox.page(MailFilter(states=[OutboxState.DEAD]))
        == []
    )
    assert store.mailbox.oldest_waiting() == START + timedelta(minutes=3)
    assert store.mailbox.get(middle.id) == middle
    assert store.mailbox.get(0) is None


def test_history_reads_events_back_in_order(store):
    a_case(store, commented("一"), commented("二"))
    assert [r.sequence for r in store.history.read_events(ID, after=2)] == [3, 4]
    assert store.history.event(ID, 3) == store.history.read_events(ID, after=2)[0]
    assert store.history.event(ID, 99) is None
    assert [e.recorded.event.kind for e in store.history.entries(ID)] == [
        "case_started",
        "stage_entered",
        "commented",
        "commented",
    ]
    a_case(store, case_id=B)
    assert [(r.case_id, r.sequence) for r in store.history.of_kinds("stage_entered", sop="mini")] == [
        (ID, 2),
        (B, 2),
    ]
    assert list(store.history.of_kinds("stage_entered", sop="other")) == []


def test_heartbeats_are_seen_from_outside(store, opened):
    assert store.heartbeats.last("sweep") is None
    store.heartbeats.beat("sweep", now=START, note="3 due")
    store.heartbeats.beat("sweep", now=START + DAY, paused=True)
    assert opened().heartbeats.all() == [Heartbeat(name="sweep", at=START + DAY, note="", paused=True)]


def test_idempotency_keys_are_kept_thirty_days(store):
    from engine.ports import Answer

    a_case(store)
    with store.uow.begin(ID) as work:
        work.remember(LI, "old", "hash", Answer(case_id=ID, version=2), now=START)
        work.remember(LI, "new", "hash", Answer(case_id=ID, version=2), now=START + DAY)
    assert store.forget_old_keys(now=START + 30 * DAY + timedelta(seconds=1)) == 1
    with store.uow.begin(ID) as work:
        assert (work.used_key(LI, "old"), work.used_key(LI, "new") is None) == (None, False)
