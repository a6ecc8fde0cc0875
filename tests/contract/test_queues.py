"""Leases and fencing, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.case.commands import StartCase
from engine.case.events import TransitionReady, TransitionRequested
from engine.case.state import RequestState
from engine.ids import CaseId, RequestId
from engine.outbox import OwedCommand
from engine.ports import ClaimedMessage, Outcome, ReadyRequest
from engine.store import queues
from engine.store.store_clock import Tick
from engine.store.tables import OutboxState
from tests.contract.cases import ID, START, a_case, a_message, add, commented, recorded

LATER = START + timedelta(hours=1)
LEASE = 30.0
SENT = Outcome(state="sent", channel="mail", code="250")


def owing(store, *people, case_id=ID):
    """A case that owes each of these people one message, in this order."""
    a_case(store, case_id=case_id)
    for person in people:
        number = store.board.line(case_id).version + 1
        add(store, [commented()], case_id=case_id, owed=[a_message(case_id, number, person)])


def claim(store, *, limit=10, holder="one", now=LATER):
    store.clock.set(now)
    return store.queues.claim_messages(limit=limit, holder=holder, lease_seconds=LEASE)


def ready(request="r1"):
    asked = TransitionRequested(request=RequestId(request), transition="agreed", tracks=("main",))
    return [asked, TransitionReady(request=RequestId(request))]


def take(store, *, limit=10, holder="one", now=LATER):
    store.clock.set(now)
    return store.queues.take_ready(limit=limit, holder=holder, lease_seconds=LEASE)


def test_messages_are_claimed_in_the_order_they_were_owed(store):
    owing(store, "wang", "zhao", "qian")
    assert [c.owed.to for c in claim(store, limit=2)] == ["wang", "zhao"]
    assert [c.owed.to for c in claim(store)] == ["qian"]


def test_a_claim_gives_the_message_as_it_was_owed(store):
    owing(store, "wang")
    owed_at = START + timedelta(minutes=3)
    message = ClaimedMessage(
        id=claimed_id(store), owed=a_message(ID, 3), attempts=1, token=1, owed_at=owed_at
    )
    assert claim(store) == [message]


def claimed_id(store):
    return store.mailbox.page()[0].id


def test_a_leased_message_is_nobody_elses_until_the_lease_ends(store, opened):
    owing(store, "wang")
    claim(store)
    assert claim(opened(), holder="two", now=LATER + timedelta(seconds=LEASE - 1)) == []
    again = claim(opened(), holder="two", now=LATER + timedelta(seconds=LEASE))
    assert [(c.attempts, c.token) for c in again] == [(2, 2)]


def test_right_after_the_clock_was_put_forward_nobody_takes_what_another_may_still_have(store, monkeypatch):
    owing(store, "wang", "zhao")
    claim(store, limit=1)
    monkeypatch.setattr(queues, "tick_within", lambda clock, _: Tick(now=clock.now(), steady=False))
    assert [c.owed.to for c in claim(store, now=LATER + timedelta(days=1))] == ["zhao"]
    monkeypatch.undo()
    assert [c.owed.to for c in claim(store, now=LATER + timedelta(days=2))] == ["wang", "zhao"]


def test_who_wakes_after_the_lease_cannot_write(store, opened):
    owing(store, "wang")
    (late,) = claim(store)
    (current,) = claim(opened(), holder="two", now=LATER + timedelta(minutes=1))
    assert store.queues.finish(late, SENT, now=LATER) is False
    assert store.queues.finish(current, SENT, now=LATER) is True
    assert store.queues.finish(current, Outcome(state="rejected"), now=LATER) is False
    assert store.mailbox.get(late.id).state is OutboxState.SENT


def test_a_message_to_be_retried_comes_back_at_its_time(store):
    owing(store, "wang")
    (claimed,) = claim(store)
    retry = Outcome(state="retry", code="451", retry_at=LATER + timedelta(minutes=5))
    assert store.queues.finish(claimed, retry, now=LATER)
    assert claim(store, now=LATER + timedelta(minutes=4)) == []
    assert [c.token for c in claim(store, now=LATER + timedelta(minutes=5))] == [2]


def test_an_ended_message_is_never_claimed_again(store):
    owing(store, "wang")
    (claimed,) = claim(store)
    store.queues.finish(claimed, Outcome(state="dead", code="550"), now=LATER)
    assert claim(store, now=LATER + timedelta(days=365)) == []


def test_commands_and_messages_wait_in_queues_of_their_own(store):
    a_case(store)
    child = StartCase(case_id=CaseId("child"), sop="mini", title="子项目", values={"agreed": True})
    owed = OwedCommand(key=f"{ID}/3/start_case/child", command=child, case_id=ID, sequence=3)
    add(store, [commented()], owed=[owed])
    assert claim(store) == []
    (claimed,) = store.queues.claim_commands(limit=5, holder="one", lease_seconds=LEASE)
    assert claimed.owed == owed


@pytest.mark.parametrize("back", [timedelta(hours=1), timedelta(days=1)])
def test_what_was_made_before_the_clock_went_back_does_not_wait_for_it(store, back):
    owing(store, "wang", "zhao")
    a_case(store, *ready(), case_id=CaseId("ready"))
    (held,) = claim(store, limit=1)
    store.clock.set(START - back)
    assert claim(store, now=START - back) == []
    assert store.queues.recall() == 3
    assert [c.owed.to for c in claim(store, now=START - back)] == ["zhao"]
    assert [r.case_id for r in take(store, now=START - back)] == ["ready"]
    assert held.id in [c.id for c in claim(store, now=START - back + timedelta(minutes=2))]
    assert store.queues.recall() == 0


def test_what_waits_where_an_honest_clock_put_it_is_not_touched(store):
    owing(store, "wang", "zhao")
    a_case(store, *ready(), case_id=CaseId("ready"))
    later, _ = claim(store)
    retry = Outcome(state="retry", retry_at=LATER + timedelta(hours=1))
    store.queues.finish(later, retry, now=LATER)
    store.queues.release_ready(take(store)[0], retry_at=LATER + timedelta(minutes=10))
    assert store.queues.recall() == 0


def test_a_message_is_owed_under_its_key_only_once(store):
    owing(store, "wang")
    with pytest.raises(Exception, match=r"(?i)unique"):
        add(store, [commented()], owed=[replace(a_message(ID, 4), key=a_message(ID, 3).key)])
    assert store.board.line(ID).version == 3


def test_ready_requests_are_taken_once_and_pending_ones_not(store, opened):
    a_case(store, *ready())
    a_case(store, ready()[0], case_id=CaseId("pending"))
    assert take(store) == [
        ReadyRequest(case_id=ID, request=RequestId("r1"), transition="agreed", sop="mini", token=1)
    ]
    assert take(opened(), holder="two") == []


def test_a_released_request_may_be_taken_again_at_once_or_later(store):
    a_case(store, *ready())
    (first,) = take(store)
    assert store.queues.release_ready(first, retry_at=None) is True
    (second,) = take(store)
    assert store.queues.release_ready(first, retry_at=None) is False
    assert store.queues.release_ready(second, retry_at=LATER + timedelta(minutes=1)) is True
    assert take(store) == []
    assert [r.token for r in take(store, now=LATER + timedelta(minutes=1))] == [3]


def test_a_renewed_lease_lasts_longer_and_one_that_passed_on_is_not_renewed(store):
    a_case(store)
    add(store, ready())
    (first,) = take(store)
    soon, late = LATER + timedelta(seconds=LEASE - 1), LATER + timedelta(seconds=LEASE + 1)
    store.clock.set(soon)
    store.queues.renew_ready([first], lease_seconds=LEASE)
    assert take(store, holder="two", now=late) == []
    end = soon + timedelta(seconds=LEASE)
    (second,) = take(store, holder="two", now=end)
    store.queues.renew_ready([first], lease_seconds=1000)
    (third,) = take(store, holder="three", now=end + timedelta(seconds=LEASE))
    assert [each.token for each in (first, second, third)] == [1, 2, 3]


def test_a_token_of_before_a_request_fell_back_never_becomes_valid_again(store):
    a_case(store, *ready())
    (early,) = take(store)
    with store.uow.begin(ID) as work:
        case = work.case(ID)
        fallen = replace(case.requests["r1"], state=RequestState.PENDING)
        pending = replace(case, version=5, requests={"r1": fallen})
        work.save(work.definition(case.definition), pending, recorded([commented()], first=5), ())
    add(store, ready()[1:])
    (late,) = take(store)
    assert (early.token, late.token) == (1, 2)
    assert store.queues.release_ready(early, retry_at=None) is False
