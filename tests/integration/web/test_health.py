"""What a monitor is told, by status and in words; it needs neither the runner nor Prefect to be well."""

from datetime import timedelta

import pytest

from engine.store.errors import StoreFailing
from engine.store.tables import HeartbeatRow, table


def asked(site, path="/health/sweep"):
    answer = site.browser.get(path)
    return answer.status_code, answer.json()


def test_a_monitor_hears_how_long_ago_the_last_sweep_was(site):
    site.store.heartbeats.beat("sweep", now=site.clock.now())
    last = site.clock.now().isoformat(timespec="seconds")
    site.clock.advance(timedelta(minutes=1))
    assert asked(site) == (200, {"status": "ok", "last_sweep": last, "silent_seconds": 60})
    site.clock.advance(timedelta(minutes=2))
    assert asked(site) == (503, {"status": "late", "last_sweep": last, "silent_seconds": 180})


@pytest.mark.parametrize("minutes", [0, 60])
def test_a_paused_sweep_is_not_well_however_fresh(site, minutes):
    site.store.heartbeats.beat("sweep", now=site.clock.now(), paused=True)
    site.clock.advance(timedelta(minutes=minutes))
    status, told = asked(site)
    assert (status, told["status"]) == (503, "paused")


def test_a_sweep_that_never_ran_is_awaited_for_a_moment(site):
    with site.store.database.writing() as connection:
        connection.execute(table(HeartbeatRow).delete())
    assert asked(site)[1]["status"] == "ok"
    site.clock.advance(timedelta(minutes=3))
    assert (asked(site)[0], asked(site)[1]["status"]) == (503, "never")


def test_without_its_database_it_still_answers(site, monkeypatch):
    def gone(_):
        raise StoreFailing("connection refused")

    monkeypatch.setattr(site.store.heartbeats, "last", gone)
    assert asked(site) == (503, {"status": "no_database"})
    assert asked(site, "/health") == (200, {"status": "ok"})
