import threading

from flows.errand import Errand, Outcome, Verdict

DONE = Outcome(verdict=Verdict.DONE, summary="1 fired")


def test_an_errand_is_begun_once_whoever_comes_first():
    runs = []

    def act(flow_run):
        runs.append(flow_run)
        return DONE

    errand = Errand(act)
    assert (errand.perform("run-1"), errand.perform(None)) == (DONE, None)
    assert (runs, errand.flow_run, errand.outcome) == (["run-1"], "run-1", DONE)


def test_of_many_threads_exactly_one_does_it():
    runs = []
    errand = Errand(lambda flow_run: runs.append(flow_run) or DONE)
    start = threading.Barrier(8)

    def race(name):
        start.wait()
        errand.perform(name)

    threads = [threading.Thread(target=race, args=(str(number),)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert runs == [errand.flow_run]


def test_an_errand_that_raises_has_failed_and_tells_why():
    def act(_flow_run):
        raise ValueError("no such stage")

    errand = Errand(act)
    errand.perform(None)
    errand.await_end()
    assert errand.outcome == Outcome(verdict=Verdict.FAILED, summary="ValueError: no such stage")


def test_nobody_waits_for_the_beginning_of_what_was_handed_back():
    errand = Errand(lambda _flow_run: DONE)
    errand.hand_back()
    assert errand.await_beginning(60) is False
