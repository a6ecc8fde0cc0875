import threading

from flows.errand import Outcome, Verdict
from flows.transition import Batch
from tests.flow_fakes import FakeTransitions, a_ready


def a_batch(work, count, stopping=None, monotonic=lambda: 0.0):
    ready = [a_ready(number) for number in range(1, count + 1)]
    return Batch(work, ready, stopping or threading.Event(), monotonic=monotonic)


def test_one_bad_case_fails_alone_and_the_run_says_so():
    work = FakeTransitions()
    work.bad.add("case0002")
    batch = a_batch(work, 3)
    assert batch.act("run") == Outcome(verdict=Verdict.PARTLY, summary="1 failed, 2 fired")
    assert work.fired == [("case0001", "run"), ("case0003", "run")]
    assert [row["result"] for row in batch.rows()] == ["fired", "failed", "fired"]


def test_a_run_in_which_every_case_failed_has_failed():
    work = FakeTransitions()
    work.bad.add("case0001")
    assert a_batch(work, 1).act(None) == Outcome(verdict=Verdict.FAILED, summary="1 failed")


def test_told_to_stop_it_gives_back_what_it_has_not_fired():
    stopping = threading.Event()
    work = FakeTransitions(before_fire=lambda _ready: stopping.set())
    assert a_batch(work, 3, stopping).act(None) == Outcome(verdict=Verdict.DONE, summary="1 fired")
    assert (work.cases_fired, work.released) == (["case0001"], ["case0002", "case0003"])


def test_a_long_batch_keeps_the_leases_of_what_is_still_to_come():
    seconds = iter(range(0, 100, 4))
    work = FakeTransitions()
    a_batch(work, 4, monotonic=lambda: next(seconds)).act(None)
    assert work.renewed == [("case0002", "case0003", "case0004"), ("case0004",)]


def test_a_single_case_gives_the_run_its_name():
    announcement = a_batch(FakeTransitions(), 1).announcement()
    assert (announcement.name, announcement.tags) == ("case0001 submit", ("case:case0001", "sop:launch"))


def test_many_cases_are_counted_in_the_name_and_the_first_fifty_tagged():
    announcement = a_batch(FakeTransitions(), 400).announcement()
    assert announcement.name == "400 × case0001, case0002, case0003, case0004, case0005…"
    assert (len(announcement.tags), announcement.tags[0], announcement.tags[-1]) == (
        51,
        "case:case0001",
        "sop:launch",
    )
