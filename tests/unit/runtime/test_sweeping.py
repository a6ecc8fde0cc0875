"""A sweep takes what is due in batches, ends in time to be stopped, and lets one bad case fail alone."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.clock import FixedClock
from engine.ids import CaseId
from runtime import carrying
from runtime.carrying import Carrying, Swept
from runtime.settings import Settings
from runtime.wiring import Parts, opened
from tests.faults.company import MONDAY, a_sop, found
from tests.faults.station import actor

LADDER = [{"after": "20 min", "to": "boss"}]
SOP = a_sop("swept", {}, desk={"deadline": {"within": "1 h", "remind": ["30 min"], "escalate": LADDER}})


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(MONDAY)


@pytest.fixture
def parts(sqlite_url: str, tmp_path: Path, clock: FixedClock) -> Iterator[Parts]:
    settings = Settings(data_dir=tmp_path, database_url=sqlite_url)
    with opened(settings, clock=clock) as made:
        found(made.store, SOP)
        yield made


def start(parts: Parts, *names: str) -> None:
    for name in names:
        parts.service.handle(
            cmd.StartCase(case_id=CaseId(name), sop="swept", title="巡检"), actor=actor("pei")
        )


def overdue(parts: Parts, name: str) -> int:
    events = parts.store.history.read_events(CaseId(name))
    return sum(isinstance(recorded.event, ev.DeadlineMissed) for recorded in events)


def ticking(seconds: float) -> Any:
    """A stopwatch that shows so much more at each look."""
    shown = iter(range(10_000))
    return lambda: next(shown) * seconds


def test_everything_due_is_swept_once(parts: Parts, clock: FixedClock) -> None:
    start(parts, "a", "b")
    clock.advance(timedelta(days=3))
    assert Carrying(parts).sweep() == Swept(due=2, acted=2)
    assert Carrying(parts).sweep() == Swept(due=0, acted=0)
    assert [overdue(parts, name) for name in "ab"] == [1, 1]


def test_a_sweep_that_takes_long_gives_back_what_it_has_not_begun(parts: Parts, clock: FixedClock) -> None:
    start(parts, "a", "b", "c")
    clock.advance(timedelta(days=3))
    slow = carrying.SWEEP_SECONDS
    first = Carrying(parts, holder="one", monotonic=ticking(slow)).sweep()
    assert first == Swept(due=3, acted=1, more=True)
    assert Carrying(parts, holder="two").sweep() == Swept(due=2, acted=2)


def test_a_case_that_fails_rests_longer_each_time_and_holds_up_no_other(
    parts: Parts, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(parts, "bad", "good")
    clock.advance(timedelta(days=3))
    tried: list[str] = []
    handle = parts.service.handle

    def failing(command: Any, **options: Any) -> Any:
        tried.append(command.case_id)
        if command.case_id == "bad":
            raise OSError("disk")
        return handle(command, **options)

    monkeypatch.setattr(parts.service, "handle", failing)
    sweeping = Carrying(parts)
    assert sweeping.sweep() == Swept(due=2, acted=1)
    assert sorted(tried) == ["bad", "good"]
    for wait, due in ((1, 0), (1, 1), (3, 0), (1, 1)):  # seconds; it rests for 2, then for 4
        clock.advance(timedelta(seconds=wait))
        assert sweeping.sweep().due == due
    monkeypatch.undo()
    clock.advance(carrying.LONGEST_BACK_OFF)
    assert sweeping.sweep() == Swept(due=1, acted=1)
    assert overdue(parts, "bad") == 1


def test_what_a_dead_runner_had_in_hand_is_swept_by_another(parts: Parts, clock: FixedClock) -> None:
    start(parts, "a")
    clock.advance(timedelta(days=3))
    parts.store.sweeps.claim(limit=10, holder="dead", lease_seconds=carrying.SWEEP_LEASE_SECONDS)
    assert Carrying(parts).sweep() == Swept(due=0, acted=0)
    clock.advance(timedelta(seconds=carrying.SWEEP_LEASE_SECONDS))
    assert Carrying(parts).sweep() == Swept(due=1, acted=1)


def test_a_case_that_nothing_comes_of_is_not_swept_again_at_once(
    parts: Parts, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(parts, "a")
    clock.advance(timedelta(days=3))
    behind = type(parts.service)(parts.store.uow, FixedClock(MONDAY), parts.calendar)  # finds nothing due yet
    monkeypatch.setattr(parts.service, "handle", behind.handle)
    assert Carrying(parts).sweep() == Swept(due=1, acted=0)
    assert Carrying(parts).sweep() == Swept(due=0, acted=0)
    monkeypatch.undo()
    clock.advance(timedelta(seconds=carrying.IN_VAIN_SECONDS))
    assert Carrying(parts).sweep() == Swept(due=1, acted=1)
