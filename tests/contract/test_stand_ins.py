"""Stand-in periods on both databases: taken or refused whole, told to cases once, kept as proof."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from engine.case.absence import StandIn
from engine.ids import PersonId
from engine.ports import Outcome
from engine.store import stand_ins
from engine.store.people import Person
from engine.store.stand_ins import NoSuchPeriod, Period, StandInRefused
from tests.contract.cases import ID, START, a_case, asked

DAY = timedelta(days=1)
WANG, LI, ZHAO = PersonId("wang"), PersonId("li"), PersonId("zhao")


def a_period(name, principal=WANG, stand_in=LI, first=0, last=3):
    rule = StandIn(
        principal=principal, stand_in=stand_in, begins=START + first * DAY, ends=START + last * DAY
    )
    return Period(id=name, rule=rule, reason="出差", made_by=principal, made_at=START)


@pytest.fixture
def office(store):
    for name in (WANG, LI, ZHAO):
        store.people.put(Person(id=name, name=name))
    store.people.put(Person(id=PersonId("guest"), name="客户", external=True))
    return store


def test_a_period_is_read_as_it_was_written_and_reaches_the_facts(office):
    office.stand_ins.add(a_period("p1"))
    assert office.stand_ins.periods(now=START) == [a_period("p1")]
    assert office.people.company("mini").stand_ins == (a_period("p1").rule,)


@pytest.mark.parametrize(
    ("stand_in", "said"),
    [
        ("nobody", "nobody"),
        ("guest", "is outside the company"),
        ("wang", "nobody stands in for themselves"),
    ],
)
def test_somebody_unfit_is_refused_and_nothing_kept(office, stand_in, said):
    with pytest.raises(StandInRefused, match=said):
        office.stand_ins.add(a_period("p1", stand_in=PersonId(stand_in)))
    assert office.stand_ins.periods(now=START, past=True) == []


def test_of_two_that_would_close_a_circle_together_one_is_kept(office, opened):
    stores, gate = [office, opened()], threading.Barrier(2)
    wishes = [a_period("p1"), a_period("p2", LI, WANG)]

    def add(number):
        gate.wait()
        try:
            stores[number].stand_ins.add(wishes[number])
        except StandInRefused as refused:
            return refused.blocker.code
        return "kept"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(add, range(2))) == ["kept", "stand_in_circle"]


def test_cases_are_told_of_the_beginning_and_of_the_end_and_of_nothing_else(office):
    a_case(office, *asked(WANG))
    office.stand_ins.add(a_period("p1", first=1))
    turns = office.stand_ins.turns
    assert turns(now=START, limit=9) == []
    assert [(t.id, t.cases) for t in turns(now=START + DAY, limit=9)] == [("p1", (ID,))]
    office.stand_ins.turned("p1", now=START + DAY)
    assert turns(now=START + 2 * DAY, limit=9) == []
    assert [t.id for t in turns(now=START + 3 * DAY, limit=9)] == ["p1"]
    office.stand_ins.turned("p1", now=START + 3 * DAY)
    assert turns(now=START + 9 * DAY, limit=9) == []
    assert office.people.company("mini").stand_ins == ()


def test_a_period_ended_early_is_told_at_once_and_one_to_come_never_begins(office):
    office.stand_ins.add(a_period("p1"))
    office.stand_ins.add(a_period("p2", first=10, last=12))
    later = START + DAY
    office.stand_ins.turned("p1", now=START)
    for name in ("p1", "p2"):
        office.stand_ins.end(name, by=ZHAO, now=later)
    assert [t.id for t in office.stand_ins.turns(now=later, limit=9)] == ["p1"]
    assert office.stand_ins.periods(now=later) == []
    assert [p.ended_by for p in office.stand_ins.periods(now=later, past=True)] == [ZHAO, ZHAO]
    with pytest.raises(NoSuchPeriod, match="there is no stand-in period p1, or it is over"):
        office.stand_ins.end("p1", by=ZHAO, now=later)


def test_whoever_leaves_has_and_is_no_stand_in(office):
    office.stand_ins.add(a_period("p1"))
    office.stand_ins.add(a_period("p2", LI, ZHAO))
    office.stand_ins.add(a_period("p3", WANG, ZHAO, 20, 25))
    assert office.stand_ins.end_all_of(WANG, by=LI, now=START) == 2
    assert [p.id for p in office.stand_ins.periods(now=START)] == ["p2"]


def test_roles_are_handed_over_once(office):
    office.people.set_holders("boss", [WANG, LI])
    office.people.set_holders("boss", [WANG], sop="mini")
    assert office.people.hand_over_roles(WANG, LI) == ("boss",)
    assert office.people.holders() == {("", "boss"): (LI,), ("mini", "boss"): (LI,)}


def test_an_erased_person_leaves_no_words_in_periods(office):
    office.stand_ins.add(a_period("p1"))
    office.eraser.erase_person(LI)
    assert [p.reason for p in office.stand_ins.periods(now=START)] == [""]


def notices(store):
    """Who is owed what, by key; oldest first."""
    return [mail.key for mail in reversed(store.mailbox.page())]


def test_arranging_and_ending_owe_each_of_the_other_persons_one_notice(office):
    office.stand_ins.add(a_period("p1"))
    office.stand_ins.add(a_period("p1"))  # sent twice
    assert notices(office) == ["stand_in:p1/stand_in_arranged/li"]
    office.stand_ins.end("p1", by=ZHAO, now=START + DAY)
    with pytest.raises(NoSuchPeriod):
        office.stand_ins.end("p1", by=ZHAO, now=START + DAY)
    assert notices(office)[1:] == ["stand_in:p1/stand_in_ended/li", "stand_in:p1/stand_in_ended/wang"]
    mail = office.mailbox.page()[-1]
    assert (mail.case_id, mail.sequence, mail.to_person) == (None, None, LI)
    assert (mail.owed.about, mail.owed.key) == ("stand_in:p1", mail.key)
    assert mail.owed.data == {
        "principal": "wang",
        "stand_in": "li",
        "begins": "2026-03-02T01:00:00+00:00",
        "ends": "2026-03-05T01:00:00+00:00",
        "sops": [],
        "by": "wang",
    }
    assert office.verify().sound


def test_what_is_refused_or_taken_back_owes_nothing(office, monkeypatch):
    with pytest.raises(StandInRefused):
        office.stand_ins.add(a_period("p1", stand_in=PersonId("guest")))

    def broken(*_args, **_more):
        raise RuntimeError("the power went")

    monkeypatch.setattr(stand_ins, "_end", broken)
    office.stand_ins.add(a_period("p1"))
    with pytest.raises(RuntimeError):
        office.stand_ins.end("p1", by=ZHAO, now=START + DAY)
    assert notices(office) == ["stand_in:p1/stand_in_arranged/li"]
    assert [p.id for p in office.stand_ins.periods(now=START + DAY)] == ["p1"]


def test_of_somebody_who_leaves_the_others_are_told(office):
    office.stand_ins.add(a_period("p1"))
    office.stand_ins.end_all_of(WANG, by=ZHAO, now=START + DAY)
    assert notices(office)[1:] == ["stand_in:p1/stand_in_ended/li"]


def test_a_notice_is_claimed_and_marked_like_any_message(office):
    office.stand_ins.add(a_period("p1"))
    (claimed,) = office.queues.claim_messages(limit=9, holder="t", lease_seconds=60)
    assert claimed.owed == office.mailbox.get(claimed.id).owed
    assert office.queues.finish(claimed, Outcome(state="sent", channel="email"), now=START)
    assert [mail.state for mail in office.mailbox.page()] == ["sent"]
