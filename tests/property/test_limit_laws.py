"""Whatever comes when: no window ever holds more than the budget, and everything gets its turn."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from engine.store.send_slots import Book
from notifications.limits import BUDGETS, STALE, turn

START = datetime(2026, 11, 26, 1, 7, tzinfo=UTC)
KINDS = st.sampled_from(sorted(BUDGETS))
GAPS = st.lists(st.floats(0, 20, allow_nan=False), min_size=1, max_size=60)


class Shelf:
    """One robot's book in memory, as the store keeps it."""

    def __init__(self) -> None:
        self.sent: tuple[tuple[datetime, str], ...] = ()
        self.waiting: dict[str, datetime] = {}

    def wait(self, kind: str, key: str, now: datetime) -> float:
        self.waiting = {k: at for k, at in self.waiting.items() if at >= now - STALE}
        others = [at for other, at in self.waiting.items() if other != key]
        last = max(others, default=None)
        seen = Book(sent=self.sent, mine=self.waiting.get(key), last=last, others=len(others))
        after, wait = turn(seen, BUDGETS[kind], key, now=now)
        self.sent = after.sent
        self.waiting.pop(key, None)
        if after.mine is not None:
            self.waiting[key] = after.mine
        return wait


def carried_out(kind: str, arrivals: list[float], late: float) -> list[datetime]:
    """When each left, where everybody comes back when told to, or a little later."""
    shelf, now, due, left = Shelf(), START, [], []
    for number, gap in enumerate(arrivals):
        now += timedelta(seconds=gap)
        due.append((now, f"m{number}"))
    for _ in range(40 * len(arrivals)):
        if not due:
            break
        due.sort()
        at, key = due.pop(0)
        now = max(now if left else START, at)
        wait = shelf.wait(kind, key, now)
        if wait:
            due.append((now + timedelta(seconds=wait + late), key))
        else:
            left.append(now)
    assert not due, f"{len(due)} of {len(arrivals)} never left"
    return left


@given(KINDS, GAPS, st.floats(0, 5, allow_nan=False))
def test_no_window_ever_holds_more_than_its_budget_and_everything_leaves(kind, gaps, late) -> None:
    left = sorted(carried_out(kind, gaps, late))
    assert len(left) == len(gaps)
    for most, seconds in BUDGETS[kind].windows:
        for first, last in zip(left, left[most:], strict=False):
            assert (last - first).total_seconds() >= seconds


@given(KINDS, st.integers(1, 60))
def test_a_backlog_leaves_at_nearly_the_speed_that_is_allowed(kind, number) -> None:
    left = carried_out(kind, [0.0] * number, 0.0)
    assert (max(left) - START).total_seconds() <= 1.2 * (number + 2) * BUDGETS[kind].pace + 1


@given(st.floats(0, 1800, allow_nan=False), st.text(max_size=5))
def test_feishu_is_left_alone_at_the_full_and_half_hours(since, key) -> None:
    now = datetime(2026, 11, 26, 2, 0, tzinfo=UTC) + timedelta(seconds=since)
    _, wait = turn(Book(), BUDGETS["feishu"], key, now=now)
    assert (since + wait) % 1800 >= 10 - 1e-3
    assert wait <= 60


@given(KINDS, st.floats(-3600, 3600, allow_nan=False))
def test_a_process_with_a_wrong_clock_shuts_nobody_out_for_long(kind, wrong) -> None:
    shelf, now = Shelf(), START
    for number in range(30):
        shelf.wait(kind, f"w{number}", START + timedelta(seconds=wrong))
    wait = 1.0
    for _ in range(20):
        wait = shelf.wait(kind, "mine", now)
        if wait == 0:
            break
        assert wait <= 600
        now += timedelta(seconds=wait)
    assert wait == 0
