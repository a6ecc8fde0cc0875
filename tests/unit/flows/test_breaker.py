from flows.breaker import Breaker


class Seconds:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


def a_breaker():
    seconds = Seconds()
    return Breaker(hold=30.0, failures=3, monotonic=seconds), seconds


def test_it_starts_open_with_a_probe_due_at_once():
    breaker, _ = a_breaker()
    assert (breaker.closed, breaker.probe_due()) == (False, True)


def test_a_good_probe_closes_it_and_no_further_probe_is_due():
    breaker, _ = a_breaker()
    breaker.close()
    assert (breaker.closed, breaker.probe_due()) == (True, False)


def test_tripped_it_stays_open_for_thirty_seconds_and_then_waits_for_a_probe():
    breaker, seconds = a_breaker()
    breaker.close()
    breaker.trip()
    seconds.now += 29.9
    early = breaker.probe_due()
    seconds.now += 0.1
    assert (early, breaker.probe_due(), breaker.closed) == (False, True, False)


def test_only_three_failures_in_a_row_open_it():
    breaker, _ = a_breaker()
    breaker.close()
    breaker.failed()
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    breaker.failed()
    still_closed = breaker.closed
    breaker.failed()
    assert (still_closed, breaker.closed) == (True, False)


def test_a_success_that_comes_late_does_not_close_it():
    breaker, _ = a_breaker()
    breaker.close()
    breaker.trip()
    breaker.succeeded()
    assert not breaker.closed
