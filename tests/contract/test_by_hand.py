"""Messages stopped and sent again by hand, on both databases: who may, who did it, and one of many wins."""

from dataclasses import replace

import pytest

from engine.case.events import RolesAssigned
from engine.clock import FixedClock
from engine.delivering import ByHand, HandAct, TargetState
from engine.ids import PersonId
from engine.ports import Outcome
from engine.store.people import Person
from engine.store.tables import OutboxState
from notifications.targets import due
from runtime.allowed import NotAllowed
from runtime.by_hand import Hands
from tests.contract.cases import add
from tests.contract.test_deliveries import DEAD, SENT, WANG, begin, ended, gathered, partly_sent, targets
from tests.contract.test_queues import LATER, claim, owing
from tests.contract.test_races import all_at_once

ZHAO = PersonId("zhao")


def last(store, message):
    return store.mailbox.get(message).by_hand


def test_who_stopped_a_message_and_who_sent_it_again_is_kept_the_last_of_them(store):
    owing(store, "wang")
    (waiting,) = store.mailbox.page()
    assert waiting.by_hand is None
    assert store.deliveries.cancel(waiting.id, by=ZHAO, now=LATER) is True
    assert last(store, waiting.id) == ByHand(act=HandAct.STOPPED, by=ZHAO, at=LATER)
    assert store.deliveries.again(waiting.id, by=None, now=LATER) is True
    assert last(store, waiting.id) == ByHand(act=HandAct.AGAIN, by=None, at=LATER)


def test_what_leaves_later_still_says_who_sent_it_again(store):
    owing(store, "wang")
    (row,) = claim(store)
    store.queues.finish(row, Outcome(state="dead"), now=LATER)
    assert store.deliveries.again(row.id, by=WANG, now=LATER) is True
    (again,) = claim(store)
    store.queues.finish(again, SENT, now=LATER)
    assert last(store, row.id) == ByHand(act=HandAct.AGAIN, by=WANG, at=LATER)


def test_whoever_comes_too_late_leaves_no_name(store):
    owing(store, "wang", "zhao")
    (held,) = claim(store, limit=1)
    assert store.deliveries.cancel(held.id, by=ZHAO, now=LATER) is False
    assert store.deliveries.again(held.id, by=ZHAO, now=LATER) is False
    store.queues.finish(held, SENT, now=LATER)
    assert store.deliveries.cancel(held.id, by=ZHAO, now=LATER) is False
    assert store.deliveries.again(held.id, by=ZHAO, now=LATER) is False
    assert last(store, held.id) is None


def test_what_arrived_by_some_channel_says_who_stopped_the_rest(store):
    owing(store, "wang")
    (row,) = claim(store)
    partly_sent(store, row)
    assert store.deliveries.cancel(row.id, by=ZHAO, now=LATER) is True
    assert last(store, row.id) == ByHand(act=HandAct.STOPPED, by=ZHAO, at=LATER)


def test_what_a_digest_takes_along_names_who_stopped_it_and_who_sent_it_again(store):
    owing(store, "wang", "wang")
    rows = claim(store)
    digest = gathered(store, rows)
    store.deliveries.record(digest, [], DEAD, now=LATER)
    assert store.deliveries.again(digest.id, by=WANG, now=LATER) is True
    assert [last(store, row.id).act for row in rows] == [HandAct.AGAIN, HandAct.AGAIN]
    assert store.deliveries.cancel(digest.id, by=ZHAO, now=LATER) is True
    assert [last(store, row.id) for row in rows] == [ByHand(act=HandAct.STOPPED, by=ZHAO, at=LATER)] * 2


def test_a_channel_that_refused_for_good_keeps_its_place_and_is_tried_once_more(store):
    owing(store, "wang")
    (row,) = claim(store)
    refused = ended(TargetState.REJECTED, code="310000")
    dead = ended(TargetState.DEAD, target="hook:1", channel="hook", place=2, attempts=8)
    begin(store, row, refused, dead)
    store.deliveries.record(row, [refused, dead], DEAD, now=LATER)
    assert store.deliveries.again(row.id, by=WANG, now=LATER) is True
    found = targets(store, row.id)[row.id]
    assert [(one.channel, one.place, one.state, one.attempts) for one in found] == [
        ("email", 1, TargetState.RETRY, 0),
        ("hook", 2, TargetState.RETRY, 0),
    ]
    assert due(found, LATER) == list(found)


def pressed(store, opened, act, message):
    """Six people at once, on two connections; the one who was told yes."""
    stores = [store, opened()]

    def press(number):
        return getattr(stores[number % 2].deliveries, act)(message, by=PersonId(f"p{number}"), now=LATER)

    answers = all_at_once(6, press)
    assert sorted(answers) == [False] * 5 + [True]
    return PersonId(f"p{answers.index(True)}")


def test_of_many_who_press_at_once_one_did_it_and_that_name_is_kept(store, opened):
    owing(store, "wang")
    (waiting,) = store.mailbox.page()
    by = pressed(store, opened, "cancel", waiting.id)
    assert last(store, waiting.id) == ByHand(act=HandAct.STOPPED, by=by, at=LATER)
    by = pressed(store, opened, "again", waiting.id)
    assert last(store, waiting.id) == ByHand(act=HandAct.AGAIN, by=by, at=LATER)


def test_of_one_who_stops_a_message_and_one_who_takes_it_to_send_it_one_gets_it(store, opened):
    owing(store, *["wang"] * 8)
    numbers, other = [mail.id for mail in store.mailbox.page()], opened()

    def work(who):
        if who:
            return [row.id for row in claim(other, limit=8)]
        return [n for n in numbers if store.deliveries.cancel(n, by=ZHAO, now=LATER)]

    store.clock.set(LATER)
    stopped, taken = all_at_once(2, work)
    assert sorted(stopped + taken) == sorted(numbers)
    assert {n for n in numbers if last(store, n)} == set(stopped)
    assert store.mailbox.counts().get(OutboxState.CANCELLED, 0) == len(stopped)


@pytest.fixture
def office(store):
    """Wang is owed a message about the case, and a list of the morning. Zhao owns all SOPs, Sun another."""
    for person in ("wang", "zhao", "qian", "sun"):
        store.people.put(Person(id=PersonId(person), name=person))
    store.people.set_holders("sop_owner", [ZHAO])
    store.people.set_holders("sop_owner", [PersonId("sun")], sop="another")
    owing(store, "wang")
    store.deliveries.owe_morning([WANG], day="2026-03-02", now=LATER)
    return store


def hands(store, person):
    return Hands(store, FixedClock(LATER), person and PersonId(person))


def messages(store):
    """The one about the case, and the one about no case."""
    newer, older = store.mailbox.page()
    return older, newer


def done(store, person, mail):
    """Whether this person may: stop it and send it again, or neither; the button says the same."""
    one = hands(store, person)
    try:
        answers = [one.stop(mail), one.again(mail)]
    except NotAllowed:
        with pytest.raises(NotAllowed):
            one.again(mail)
        assert store.mailbox.get(mail.id) == mail
        assert one.may(mail) is False
        return False
    assert (answers, one.may(mail), last(store, mail.id).by) == ([True, True], True, person)
    return True


@pytest.mark.parametrize(
    ("person", "of_the_case", "of_no_case"),
    [
        ("wang", True, True),
        ("zhao", True, True),
        (None, True, True),
        ("sun", False, True),
        ("qian", False, False),
    ],
)
def test_whoever_is_told_may_the_owner_of_the_sop_and_the_operator(office, person, of_the_case, of_no_case):
    about_the_case, about_none = messages(office)
    assert done(office, person, about_the_case) is of_the_case
    assert done(office, person, about_none) is of_no_case


def test_who_owns_the_sop_in_this_case_may_and_who_owns_it_elsewhere_may_not(office):
    add(office, [RolesAssigned(roles={"sop_owner": (PersonId("qian"),)})])
    about_the_case, _ = messages(office)
    assert done(office, "qian", about_the_case) is True
    assert done(office, "zhao", office.mailbox.get(about_the_case.id)) is False


@pytest.mark.parametrize(
    ("changed", "said"), [({"external": True}, "outside"), ({"active": False}, "active")]
)
def test_nobody_outside_the_company_may_and_nobody_who_left(office, changed, said):
    about_the_case, _ = messages(office)
    for person in (WANG, ZHAO):
        office.people.put(replace(office.people.get(person), **changed))
        with pytest.raises(NotAllowed, match=said):
            hands(office, person).stop(about_the_case)
    assert office.mailbox.get(about_the_case.id) == about_the_case


def test_the_refusal_says_who_may_in_both_languages(office):
    for mail, zh, en in zip(
        messages(office), ("其案例的流程负责人", "流程负责人"), ("its case's SOP", "an SOP"), strict=True
    ):
        with pytest.raises(NotAllowed) as refused:
            hands(office, "qian").refuse(mail)
        assert f"消息 {mail.id} 只能由收件人或{zh}取消或重发" in refused.value.message.zh
        assert f"only whoever message {mail.id} goes to, or the owner of {en}," in refused.value.message.en
