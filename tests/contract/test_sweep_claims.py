"""Several runners sweep at once, on both databases: no case is in two hands, and none is forgotten."""

from datetime import timedelta

from engine.case.events import DeadlineSet
from engine.case.state import Deadline, DeadlineKind
from engine.ids import CaseId
from engine.store import sweep_claims
from engine.store.store_clock import Tick
from tests.contract.cases import START, a_case
from tests.contract.test_races import all_at_once

LATER = START + timedelta(hours=1)
LEASE = 30.0


def due_case(store, name, minutes, *, paused=False):
    due = Deadline(
        id="stage:1",
        kind=DeadlineKind.STAGE,
        subject="1",
        due_at=START + timedelta(minutes=minutes),
        rungs=(),
        paused=paused,
    )
    a_case(store, DeadlineSet(deadline=due), case_id=CaseId(name))


def claim(store, *, limit=10, holder="one", now=LATER):
    store.clock.set(now)
    return store.sweeps.claim(limit=limit, holder=holder, lease_seconds=LEASE)


def names(claimed):
    return [each.case_id for each in claimed]


def test_cases_are_swept_by_their_earliest_due_instant_and_paused_ones_not(store):
    due_case(store, "later", 5)
    due_case(store, "late", 1)
    due_case(store, "held", 0, paused=True)
    assert claim(store, now=START) == []
    store.sweeps.done(claim(store, now=START + timedelta(minutes=1)))
    assert store.sweeps.due(limit=5) == ["late"]
    assert names(claim(store)) == ["late", "later"]


def test_a_case_in_hand_is_nobody_elses_until_the_lease_ends(store, opened):
    for name in "abc":
        due_case(store, name, 1)
    assert names(claim(store, limit=2)) == ["a", "b"]
    assert names(claim(opened(), holder="two")) == ["c"]
    assert claim(opened(), holder="three", now=LATER + timedelta(seconds=LEASE - 1)) == []
    again = claim(opened(), holder="three", now=LATER + timedelta(seconds=LEASE))
    assert [(each.case_id, each.token) for each in again] == [("a", 2), ("b", 2), ("c", 2)]


def test_what_was_swept_is_free_again_and_what_failed_rests(store):
    due_case(store, "done", 1)
    due_case(store, "failed", 2)
    done, failed = claim(store)
    store.sweeps.done([done])
    store.sweeps.rest(failed, seconds=60)
    assert names(claim(store)) == ["done"]
    again = claim(store, now=LATER + timedelta(seconds=60))
    assert [(each.case_id, each.token) for each in again] == [("done", 2), ("failed", 2)]


def test_who_wakes_after_the_lease_frees_and_rests_nothing(store, opened):
    due_case(store, "a", 1)
    late = claim(store)
    claim(opened(), holder="two", now=LATER + timedelta(seconds=LEASE))
    store.sweeps.done(late)
    store.sweeps.rest(late[0], seconds=0)
    assert claim(opened(), holder="three", now=LATER + timedelta(seconds=LEASE)) == []


def test_right_after_the_clock_was_put_forward_a_lease_that_ran_out_counts(store, monkeypatch):
    due_case(store, "a", 1)
    due_case(store, "b", 2)
    claim(store, limit=1)
    monkeypatch.setattr(sweep_claims, "tick_within", lambda clock, _: Tick(now=clock.now(), steady=False))
    assert names(claim(store, now=LATER + timedelta(days=1))) == ["b"]


def test_claims_of_many_runners_never_overlap_and_leave_nothing_out(store, opened):
    for number in range(20):
        due_case(store, f"case-{number:02}", number)
    stores = [store, opened()]
    store.clock.set(LATER)

    def taken(number):
        return names(stores[number % 2].sweeps.claim(limit=6, holder=str(number), lease_seconds=LEASE))

    found = [name for part in all_at_once(4, taken) for name in part]
    assert sorted(found) == [f"case-{number:02}" for number in range(20)]
