"""One clock for all processes of an installation, whatever their own clocks show."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.clock import FixedClock
from engine.store.boot_clock import BootClock
from engine.store.engines import Database
from engine.store.store import open_store
from engine.store.store_clock import PATIENCE_MICROSECONDS, TOLERATED_MICROSECONDS, Anchor, StoreClock, judged
from tests.contract.cases import START

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = [HOUR, -HOUR, DAY, -DAY, timedelta(minutes=10), timedelta(minutes=-10)]


@dataclass
class Machine:
    """What its processes share: how long it has been up, and its time of day, which somebody may set."""

    boot: str = "first"
    up: int = 1_000_000
    wall: FixedClock = field(default_factory=lambda: FixedClock(START))

    def microseconds(self) -> int:
        return self.up

    def pass_time(self, by: timedelta) -> None:
        self.up += by // timedelta(microseconds=1)
        self.wall.advance(by)


@dataclass
class Ahead:
    """A process's own clock, that much ahead of the machine's."""

    machine: Machine
    by: timedelta

    def now(self) -> datetime:
        return self.machine.wall.now() + self.by


@pytest.fixture
def machine():
    return Machine()


@pytest.fixture
def database(sqlite_url):
    database = Database(sqlite_url)
    yield database
    database.close()


def process(database, machine, ahead=timedelta(0)):
    """The clock as one more process has it."""
    clock = StoreClock(database, wall=Ahead(machine, ahead), uptime=machine)
    clock.settle()
    return clock


def tick(database, clock):
    with database.writing() as connection:
        return clock.within(connection)


@pytest.mark.parametrize("ahead", JUMPS)
def test_a_process_whose_clock_is_wrong_goes_by_the_time_of_the_others(database, machine, ahead):
    process(database, machine)
    wrong = process(database, machine, ahead)
    assert (wrong.now(), tick(database, wrong).now) == (START, START)
    machine.pass_time(HOUR)
    assert wrong.now() == START + HOUR


@pytest.mark.parametrize("jump", JUMPS)
def test_a_clock_that_jumps_and_comes_back_was_never_noticed(database, machine, jump):
    clock = process(database, machine)
    machine.wall.advance(jump)
    for _ in range(9):
        machine.pass_time(timedelta(minutes=1))
        assert tick(database, clock).steady
    assert clock.now() == START + timedelta(minutes=9)
    machine.wall.advance(-jump)
    machine.pass_time(timedelta(minutes=30))
    assert tick(database, clock).now == START + timedelta(minutes=39)


@pytest.mark.parametrize("jump", JUMPS)
def test_a_machine_whose_time_was_set_for_good_is_followed_after_ten_minutes(database, machine, jump):
    clock, other = process(database, machine), process(database, machine)
    machine.wall.advance(jump)
    for _ in range(11):
        machine.pass_time(timedelta(minutes=1))
        tick(database, clock)
    assert clock.now() == START + jump + timedelta(minutes=11)
    machine.pass_time(timedelta(seconds=10))
    assert other.now() == clock.now()


def test_leases_are_left_alone_for_as_long_as_they_last_after_the_time_was_put_forward(database, machine):
    clock = process(database, machine)
    machine.wall.advance(DAY)
    tick(database, clock)
    machine.pass_time(timedelta(minutes=10))
    assert not tick(database, clock).steady
    machine.pass_time(timedelta(minutes=2))
    assert tick(database, clock).steady


def test_one_that_agrees_outvotes_any_number_that_do_not(database, machine):
    right = process(database, machine)
    wrong = [process(database, machine, by) for by in JUMPS]
    for _ in range(30):
        machine.pass_time(timedelta(minutes=1))
        for clock in [*wrong, right]:
            tick(database, clock)
    assert {clock.now() for clock in [*wrong, right]} == {START + timedelta(minutes=30)}


def test_after_the_machine_started_anew_its_time_of_day_is_believed(database, machine):
    process(database, machine)
    again = Machine(boot="second", up=5, wall=FixedClock(START + DAY))
    assert process(database, again).now() == START + DAY


def test_where_the_machine_tells_no_name_of_its_start_its_own_clock_is_all_there_is(database):
    nameless = Machine(boot="")
    clock = process(database, nameless, DAY)
    assert tick(database, clock).now == START + DAY


def test_time_goes_on_while_the_database_cannot_be_read(database, machine, monkeypatch):
    clock = process(database, machine)
    from engine.store.errors import StoreBusy

    def busy():
        raise StoreBusy

    monkeypatch.setattr(database, "reading", busy)
    machine.pass_time(HOUR)
    assert clock.now() == START + HOUR


MICROSECONDS = st.integers(min_value=0, max_value=10**15)


@given(wall=MICROSECONDS, up=MICROSECONDS, started=MICROSECONDS, doubted=st.none() | MICROSECONDS)
def test_an_anchor_is_only_moved_by_a_doubt_of_ten_minutes(wall, up, started, doubted):
    anchor = Anchor(started_at=started, doubted_at=doubted)
    after = judged(anchor, wall=wall, up=up)
    agrees = abs(wall - up - started) <= TOLERATED_MICROSECONDS
    moved = after.started_at != started
    assert moved is (not agrees and doubted is not None and up - doubted >= PATIENCE_MICROSECONDS)
    assert (after.doubted_at is None) is (agrees or moved)


@pytest.mark.postgres
def test_on_postgresql_the_server_says_what_time_it_is(postgres_url, tmp_path):
    store = open_store(postgres_url, tmp_path)
    try:
        server = StoreClock(store.database, wall=FixedClock(START), uptime=BootClock())
        assert abs(server.now() - store.clock.now()) < timedelta(seconds=1)
        assert server.now() > START
    finally:
        store.close()
