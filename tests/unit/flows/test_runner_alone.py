"""The runner while Prefect is not there: nothing listens where it looks."""

import threading
from contextvars import copy_context
from dataclasses import replace
from datetime import timedelta

import pytest
from prefect.settings import PREFECT_API_URL, temporary_settings

from engine.clock import SystemClock
from flows.breaker import Breaker
from flows.deployments import DEPLOYMENTS
from flows.runner import Rhythm, Runner
from flows.schedule import Schedule
from tests.flow_fakes import FakeWork, a_ready
from tests.waiting import eventually

QUICK = Rhythm(poll=0.05, deliver=0.05, tick=0.05, after_failure=0.05)


@pytest.fixture
def run():
    started = []

    def start(fake, rhythm=QUICK):
        runner = Runner(fake.work, rhythm=rhythm)
        thread = threading.Thread(target=copy_context().run, args=(runner.run,), daemon=True)
        started.append((runner, thread))
        thread.start()
        return runner, thread

    with temporary_settings(updates={PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        yield start
        for runner, thread in started:
            runner.stop()
            thread.join(12)
            assert not thread.is_alive()


def quiet_work(before_fire=None):
    fake = FakeWork(before_fire)
    fake.keep_all_alive()
    return fake


def test_transitions_are_fired_without_prefect_and_history_can_say_so(run):
    fake = quiet_work()
    run(fake)
    fake.add_and_wake([a_ready(1), a_ready(2)])
    eventually(lambda: len(fake.transitions.fired) == 2, "both transitions")
    assert fake.transitions.fired == [("case0001", None), ("case0002", None)]


def test_a_store_that_fails_for_a_moment_stops_no_loop(run):
    fake = quiet_work()
    real, failures = fake.transitions.take_ready, iter([OSError("disk is full"), OSError("disk is full")])

    def failing(*, limit):
        for failure in failures:
            raise failure
        return real(limit=limit)

    fake.transitions.take_ready = failing
    fake.transitions.add([a_ready(1)])
    run(fake)
    eventually(lambda: fake.transitions.cases_fired == ["case0001"], "the transition after the failures")


def test_a_delivery_that_hangs_stops_no_transition(run):
    fake = quiet_work()
    entered, go_on = threading.Event(), threading.Event()

    def hang():
        entered.set()
        go_on.wait(20)
        return 0

    fake.delivery.deliver_due = hang
    run(fake)
    assert entered.wait(5)
    fake.add_and_wake([a_ready(1)])
    eventually(lambda: fake.transitions.cases_fired == ["case0001"], "the transition")
    go_on.set()


def test_a_delivery_that_fails_is_tried_again(run):
    fake = quiet_work()
    fake.delivery.raises = True
    run(fake)
    eventually(lambda: fake.delivery.calls >= 3, "three attempts")


def test_a_sweep_silent_for_longer_than_its_minute_is_done_without_prefect(run):
    fake = quiet_work()
    fake.heartbeats.ages["sweep"] = timedelta(minutes=1, seconds=1)
    run(fake)
    eventually(lambda: fake.sweep.count == 1, "the sweep")
    assert fake.nightly.done == []


def test_a_sweep_within_its_minute_is_not_repeated(run):
    fake = quiet_work()
    fake.heartbeats.ages |= {"sweep": timedelta(seconds=59), "verify": timedelta(days=30)}
    run(fake)
    eventually(lambda: "verify" in fake.nightly.done, "a tick that looked at all of them")
    assert fake.sweep.count == 0


def test_prefect_is_given_two_minutes_for_a_tick_but_not_while_it_is_away_nor_at_the_start():
    fake, breaker = quiet_work(), Breaker()
    fake.heartbeats.ages["sweep"] = timedelta(seconds=90)
    (swept,) = [each for each in DEPLOYMENTS if each.name == "sweep"]
    schedule = Schedule((swept,), {}, heartbeats=fake.heartbeats, breaker=breaker, clock=SystemClock())
    breaker.close()
    assert schedule._patience(swept) == timedelta(minutes=1)
    schedule._busy["sweep"] = threading.Thread()
    assert schedule._patience(swept) == timedelta(minutes=2)
    breaker.trip()
    assert schedule._patience(swept) == timedelta(minutes=1)


def test_what_one_sweep_leaves_is_swept_at_once_and_other_schedules_are_kept_meanwhile(run):
    fake = quiet_work()
    fake.sweep.enough = 50
    fake.heartbeats.ages["sweep"] = timedelta(days=30)
    fake.heartbeats.ages["verify"] = timedelta(days=30)
    run(fake)
    eventually(lambda: fake.sweep.count == 50, "everything to be swept")
    eventually(lambda: "verify" in fake.nightly.done, "the verification")


def test_a_sweep_paused_in_the_middle_does_not_go_on(run):
    fake = quiet_work()
    fake.sweep.enough = 1_000_000
    fake.heartbeats.ages["sweep"] = timedelta(days=30)
    run(fake)
    eventually(lambda: fake.sweep.count > 2, "some sweeps")
    fake.heartbeats.paused("sweep", True)
    swept = fake.sweep.count
    fake.add_and_wake([a_ready(1)])
    eventually(lambda: fake.transitions.cases_fired == ["case0001"], "something else to be done")
    assert fake.sweep.count <= swept + 1


def test_what_never_ran_is_done_at_once_but_the_digest_waits_for_its_morning(run):
    fake = FakeWork()
    run(fake)
    eventually(lambda: {"verify", "housekeeping"} <= set(fake.nightly.done), "the first night's work")
    eventually(lambda: fake.sweep.count == 1, "the first sweep")
    assert "digest" not in fake.nightly.done


def test_a_sweep_that_somebody_paused_stays_paused_though_prefect_is_away(run):
    fake = quiet_work()
    fake.heartbeats.paused("sweep", True)
    fake.heartbeats.ages["sweep"] = timedelta(hours=3)
    fake.heartbeats.ages["verify"] = timedelta(hours=30)
    run(fake)
    eventually(lambda: "verify" in fake.nightly.done, "what is silent and not paused")
    assert fake.sweep.count == 0


def test_the_runner_gives_signs_of_life_and_none_for_prefect(run):
    fake = quiet_work()
    run(fake)
    eventually(lambda: fake.heartbeats.age("runner") is not None, "a sign of life")
    assert fake.heartbeats.age("prefect") is None


def test_told_to_stop_it_ends_the_case_in_hand_and_gives_back_the_rest(run):
    entered, go_on = threading.Event(), threading.Event()

    def wait_in_the_first(_ready):
        entered.set()
        go_on.wait(20)

    fake = quiet_work(wait_in_the_first)
    runner, thread = run(fake, replace(QUICK, poll=30.0))
    fake.add_and_wake([a_ready(1), a_ready(2), a_ready(3)])
    assert entered.wait(5)
    runner.stop()
    go_on.set()
    thread.join(10)
    assert (thread.is_alive(), fake.transitions.cases_fired, fake.transitions.released) == (
        False,
        ["case0001"],
        ["case0002", "case0003"],
    )


def test_prefect_says_nothing_on_the_terminal_while_it_is_away(run, capfd):
    fake = quiet_work()
    run(fake)
    fake.add_and_wake([a_ready(1)])
    eventually(lambda: fake.heartbeats.age("runner") is not None, "a tick")
    eventually(lambda: fake.transitions.cases_fired == ["case0001"], "the transition")
    assert capfd.readouterr() == ("", "")
