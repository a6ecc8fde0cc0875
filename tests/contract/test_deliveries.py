"""Messages on their way, on both databases: turns, targets, digests, dead letters, preferences."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivering import Delivery, Fate, Manner, Preferences, Slot, TargetState
from engine.ids import PersonId
from engine.outbox import MessageGroup, OwedDigest
from engine.ports import Outcome
from engine.store.people import Person, UnknownPerson
from engine.store.tables import OutboxState
from tests.contract.cases import START
from tests.contract.test_queues import LATER, LEASE, claim, owing
from tests.contract.test_races import all_at_once

WANG = PersonId("wang")
TRY = Delivery(
    target="email:1",
    channel="email",
    address="w***@x.cn",
    place=1,
    state=TargetState.UNKNOWN,
    attempts=1,
    code="under_way",
    first_at=LATER,
    last_at=LATER,
)
SENT = Outcome(state="sent", channel="email")
DEAD = Outcome(state="dead", channel="email", code="451", detail="busy")


def begin(store, row, *tries, urgent=False, now=LATER):
    with store.deliveries.turn(WANG) as turn:
        return turn.begin(row, tries or [TRY], now=now, urgent=urgent)


def ended(state, **more):
    return replace(TRY, state=state, **more)


def look(store, message, what="state"):
    return getattr(store.mailbox.get(message), what)


def recent(store):
    with store.deliveries.turn(WANG) as turn:
        return turn.recent(LATER - timedelta(hours=1))


def targets(store, *messages):
    with store.deliveries.turn(WANG) as turn:
        return turn.deliveries(messages)


def gathered(store, rows, into=None):
    with store.deliveries.turn(WANG) as turn:
        return turn.gather(rows, into, now=LATER)


def test_a_claim_may_be_for_one_person_only(store):
    owing(store, "wang", "zhao", "wang")
    store.clock.set(LATER)
    rows = store.queues.claim_messages(limit=9, holder="one", lease_seconds=LEASE, of=WANG)
    assert [row.owed.to for row in rows] == ["wang", "wang"]


def test_a_try_is_written_down_before_it_is_made_and_takes_a_place_of_the_hour(store):
    owing(store, "wang")
    (row,) = claim(store)
    assert begin(store, row) is True
    assert targets(store, row.id) == {row.id: (TRY,)}
    assert recent(store) == [Slot(at=LATER, kind="stage_entered")]


@pytest.mark.parametrize(
    ("state", "places"), [("sent", 1), ("unknown", 1), ("retry", 0), ("rejected", 0), ("dead", 0)]
)
def test_only_what_arrived_or_may_have_takes_a_place(store, state, places):
    owing(store, "wang")
    (row,) = claim(store)
    begin(store, row)
    store.deliveries.record(row, [ended(TargetState(state))], replace(SENT, state=state), now=LATER)
    assert len(recent(store)) == places


def test_who_wakes_after_the_lease_begins_and_records_nothing(store, opened):
    owing(store, "wang")
    (late,) = claim(store)
    (current,) = claim(opened(), holder="two", now=LATER + timedelta(minutes=1))
    assert begin(store, late) is False
    assert store.deliveries.record(late, [TRY], SENT, now=LATER) is False
    assert targets(store, late.id) == {}
    assert store.deliveries.record(current, [ended(TargetState.SENT)], SENT, now=LATER) is True


def test_who_plans_for_a_person_does_it_alone(store, opened):
    """Of many who each see room for one message, one takes it."""
    owing(store, *["wang"] * 6)
    rows, stores = claim(store), [store, opened()]

    def take(number):
        with stores[number % 2].deliveries.turn(WANG) as turn:
            if turn.recent(LATER - timedelta(hours=1)):
                return False
            return turn.begin(rows[number], [TRY], now=LATER, urgent=False)

    assert sorted(all_at_once(6, take)) == [False] * 5 + [True]


def test_to_postpone_is_no_try(store):
    owing(store, "wang")
    (row,) = claim(store)
    with store.deliveries.turn(WANG) as turn:
        assert turn.postpone(row, LATER + timedelta(hours=1)) is True
        assert turn.postpone(row, LATER) is False
    assert claim(store) == []
    assert [r.attempts for r in claim(store, now=LATER + timedelta(hours=1))] == [1]


def test_a_digest_is_a_row_that_lists_what_it_holds_and_is_leased_like_it(store):
    owing(store, "wang", "wang")
    rows = claim(store)
    digest = gathered(store, rows)
    assert isinstance(digest.owed, OwedDigest)
    assert [owed.key for _, owed in store.deliveries.items(digest.id)] == [row.owed.key for row in rows]
    assert [look(store, n, "due_at") for n in (rows[0].id, digest.id)] == [
        None,
        LATER + timedelta(seconds=LEASE),
    ]
    (again,) = claim(store, now=LATER + timedelta(minutes=2))
    assert (again.id, again.owed.key, again.token) == (digest.id, digest.owed.key, 2)


def test_what_a_digest_holds_ends_with_it_but_for_what_still_goes_by_itself(store):
    owing(store, "wang", "wang", "wang")
    first, over, alone = rows = claim(store)
    digest = gathered(store, rows)
    begin(store, digest)
    said = replace(SENT, code="digest", detail=f"digest {digest.id}")
    fates = [
        Fate(message=first.id, outcome=said),
        Fate(message=over.id, outcome=Outcome(state="cancelled", code="over")),
        Fate(message=alone.id, outcome=None),
    ]
    assert store.deliveries.record(digest, [ended(TargetState.SENT)], SENT, now=LATER, fates=fates)
    assert [look(store, row.id) for row in rows] == [
        OutboxState.SENT,
        OutboxState.CANCELLED,
        OutboxState.OWED,
    ]
    assert (look(store, first.id, "code"), look(store, first.id, "detail")) == (
        "digest",
        f"digest {digest.id}",
    )
    (waits,) = claim(store)
    assert waits.id == alone.id
    with store.deliveries.turn(WANG) as turn:
        assert turn.mentioned([alone.id, 999]) == {alone.id}


def test_nothing_is_left_lying_in_a_digest_that_has_ended(store):
    owing(store, "wang", "wang")
    rows = claim(store)
    digest = gathered(store, rows)
    store.deliveries.record(digest, [], DEAD, now=LATER)
    assert [look(store, row.id) for row in rows] == [OutboxState.DEAD, OutboxState.DEAD]


def test_a_dead_digest_that_is_owed_again_takes_along_what_died_with_it(store):
    owing(store, "wang", "wang")
    rows = claim(store)
    digest = gathered(store, rows)
    store.deliveries.record(digest, [], DEAD, now=LATER)
    assert store.deliveries.again(digest.id, by=WANG, now=LATER) is True
    assert [look(store, row.id) for row in rows] == [OutboxState.OWED, OutboxState.OWED]
    (again,) = claim(store)
    assert (again.id, len(store.deliveries.items(digest.id))) == (digest.id, 2)


def test_one_message_of_a_dead_digest_can_go_by_itself(store):
    owing(store, "wang", "wang")
    first, second = rows = claim(store)
    digest = gathered(store, rows)
    store.deliveries.record(digest, [], DEAD, now=LATER)
    assert store.deliveries.again(first.id, by=WANG, now=LATER) is True
    assert [row.id for row in claim(store)] == [first.id]
    assert [n for n, _ in store.deliveries.items(digest.id)] == [second.id]


def test_sent_again_goes_only_where_it_failed(store):
    owing(store, "wang")
    (row,) = claim(store)
    sent, dead = ended(TargetState.SENT), ended(TargetState.DEAD, target="hook:1", channel="hook", attempts=8)
    begin(store, row, sent, dead)
    store.deliveries.record(row, [sent, dead], DEAD, now=LATER)
    assert store.deliveries.again(row.id, by=WANG, now=LATER) is True
    found = {one.target: (one.state, one.attempts, one.due_at) for one in targets(store, row.id)[row.id]}
    assert found == {"email:1": (TargetState.SENT, 1, None), "hook:1": (TargetState.RETRY, 0, LATER)}


def test_a_dead_message_can_be_owed_again_but_a_sent_one_cannot(store):
    owing(store, "wang", "zhao")
    dead, sent = claim(store)
    store.queues.finish(dead, Outcome(state="dead"), now=LATER)
    store.queues.finish(sent, SENT, now=LATER)
    assert store.deliveries.again(dead.id, by=WANG, now=LATER) is True
    assert store.deliveries.again(sent.id, by=WANG, now=LATER) is False
    assert [c.id for c in claim(store)] == [dead.id]


def test_a_waiting_message_can_be_cancelled_but_not_one_in_hand(store):
    owing(store, "wang", "zhao")
    (held,) = claim(store, limit=1)
    waiting = store.mailbox.page()[0]
    assert store.deliveries.cancel(held.id, by=WANG, now=LATER) is False
    assert store.deliveries.cancel(waiting.id, by=WANG, now=LATER) is True
    assert store.mailbox.counts() == {OutboxState.OWED: 1, OutboxState.CANCELLED: 1}


def test_with_its_message_a_try_ends_that_was_still_to_come(store):
    owing(store, "wang")
    (row,) = claim(store)
    begin(store, row)
    retry = Outcome(state="retry", code="451", retry_at=LATER)
    store.deliveries.record(row, [ended(TargetState.RETRY, due_at=LATER)], retry, now=LATER)
    assert store.deliveries.cancel(row.id, by=WANG, now=LATER) is True
    (left,) = targets(store, row.id)[row.id]
    assert (left.state, left.due_at) == (TargetState.CANCELLED, None)


def partly_sent(store, row):
    """It arrived by mail, and a second channel asks to wait."""
    waits = replace(TRY, target="ntfy:1", channel="ntfy", place=2, state=TargetState.RETRY, due_at=LATER)
    begin(store, row)
    retry = Outcome(state="retry", code="limit", retry_at=LATER)
    assert store.deliveries.record(row, [ended(TargetState.SENT), waits], retry, now=LATER)


def how(store, message):
    return (look(store, message), look(store, message, "channel"), look(store, message, "code"))


def test_what_arrived_by_some_channel_was_sent_though_it_is_over_before_the_others_took_it(store):
    owing(store, "wang")
    (row,) = claim(store)
    partly_sent(store, row)
    (again,) = claim(store, now=LATER + timedelta(minutes=2))
    over = Outcome(state="cancelled", code="over", detail="what it was about is over")
    assert store.deliveries.record(again, (), over, now=LATER)
    assert how(store, row.id) == (OutboxState.SENT, "email", "")
    assert [one.state for one in targets(store, row.id)[row.id]] == [TargetState.SENT, TargetState.CANCELLED]


def test_what_arrived_by_some_channel_was_sent_though_somebody_stops_it(store):
    owing(store, "wang")
    (row,) = claim(store)
    partly_sent(store, row)
    assert store.deliveries.cancel(row.id, by=WANG, now=LATER) is True
    assert how(store, row.id)[:2] == (OutboxState.SENT, "email")


def test_what_a_digest_told_by_some_channel_was_told_though_the_digest_is_over(store):
    owing(store, "wang", "wang")
    rows = claim(store)
    digest = gathered(store, rows)
    partly_sent(store, digest)
    (again,) = claim(store, now=LATER + timedelta(minutes=2))
    over = Outcome(state="cancelled", code="over")
    fates = [Fate(message=row.id, outcome=over) for row in rows]
    assert store.deliveries.record(again, (), over, now=LATER, fates=fates)
    assert [how(store, row.id) for row in rows] == [(OutboxState.SENT, "email", "digest")] * 2


def test_what_waits_for_a_robot_is_tried_at_once_when_that_is_asked_for_and_nothing_else(store):
    owing(store, "wang", "zhao")
    row, others = claim(store)
    much_later = LATER + timedelta(hours=5)
    retry = Outcome(state="retry", code="limit", retry_at=much_later)
    for one, robot in ((row, "ntfy:1"), (others, "ntfy:2")):
        waits = replace(TRY, target=robot, channel="ntfy", state=TargetState.RETRY, due_at=much_later)
        begin(store, one)
        assert store.deliveries.record(one, [ended(TargetState.REJECTED), waits], retry, now=LATER)
    store.deliveries.hurry(["ntfy:3", "email:1"], now=LATER)
    assert claim(store) == []
    store.deliveries.hurry([f"ntfy:{number}" for number in range(3, 1000)] + ["ntfy:1"], now=LATER)
    assert [one.id for one in claim(store)] == [row.id]
    due = {
        robot: one.due_at
        for found in targets(store, row.id, others.id).values()
        for one in found
        if (robot := one.target).startswith("ntfy")
    }
    assert due == {"ntfy:1": LATER, "ntfy:2": much_later}


def test_the_list_of_the_morning_is_owed_once_a_day(store):
    people = [WANG, PersonId("zhao")]
    assert store.deliveries.owe_morning(people[:1], day="2026-03-02", now=START) == 1
    assert store.deliveries.owe_morning(people, day="2026-03-02", now=START) == 1
    assert store.deliveries.owe_morning(people, day="2026-03-03", now=START) == 2
    assert {row.owed.morning for row in claim(store)} == {True}


def test_what_was_urgent_says_so(store):
    owing(store, "wang")
    (row,) = claim(store)
    begin(store, row, urgent=True)
    assert look(store, row.id, "urgent_at") == LATER


def test_preferences_are_kept_and_who_has_none_gets_everything_as_it_comes(store):
    store.people.put(Person(id=WANG, name="王"))
    chosen = Preferences(
        manners={MessageGroup.NEWS: Manner.OFF, MessageGroup.DEADLINES: Manner.DIGEST},
        channels=("email", "dingtalk"),
        everywhere=True,
        digest_hours=(),
        per_hour=2,
        quiet=False,
        morning=False,
    )
    assert store.preferences.of(WANG) == Preferences()
    store.preferences.put(WANG, chosen)
    assert store.preferences.of(WANG) == chosen
    store.preferences.put(WANG, Preferences())
    assert store.preferences.of(WANG) == Preferences()
    with pytest.raises(UnknownPerson):
        store.preferences.put(PersonId("nobody"), chosen)
