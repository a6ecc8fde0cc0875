"""Who answers for whom, and when: chains, scopes, circles."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case.absence import MOST_HOPS, StandIn, fault, standing_in
from engine.ids import PersonId
from tests.factories import MONDAY

DAY = timedelta(days=1)
NAMES = "abcdef"


def away(principal: str, stand_in: str, first: float = 0, last: float = 5, *sops: str) -> StandIn:
    """Whole days counted from Monday."""
    return StandIn(
        principal=PersonId(principal),
        stand_in=PersonId(stand_in),
        begins=MONDAY + first * DAY,
        ends=MONDAY + last * DAY,
        sops=frozenset(sops),
    )


def answering(person: str, *rows: StandIn, sop: str = "launch", at: datetime = MONDAY) -> str:
    return "".join(standing_in(rows, PersonId(person), sop=sop, now=at))


def told(new: StandIn, *rows: StandIn) -> str | None:
    found = fault(new, rows, now=MONDAY)
    return found.code if found else None


def test_a_stand_in_answers_from_the_beginning_until_before_the_end() -> None:
    row = away("a", "b", 1, 2)
    instants = [MONDAY, MONDAY + DAY, MONDAY + 2 * DAY - timedelta(seconds=1), MONDAY + 2 * DAY]
    assert [answering("a", row, at=at) for at in instants] == ["", "b", "b", ""]


def test_a_scope_names_the_sops_a_stand_in_answers_in() -> None:
    row = away("a", "b", 0, 5, "launch", "sales")
    assert [answering("a", row, sop=sop) for sop in ("launch", "sales", "other")] == ["b", "b", ""]


def test_a_chain_has_at_most_three_hops_nearest_first() -> None:
    rows = [away(one, other) for one, other in pairwise("abcde")]
    assert answering("a", *rows) == "bcd"


def test_several_may_stand_in_for_one_and_one_for_several() -> None:
    rows = (away("a", "c"), away("a", "b"), away("d", "b"))
    assert (answering("a", *rows), answering("d", *rows)) == ("bc", "b")


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        ((), None),
        ((away("b", "a"),), "stand_in_circle"),
        ((away("b", "c"), away("c", "a")), "stand_in_circle"),
        ((away("c", "a"), away("b", "c")), "stand_in_circle"),
        ((away("b", "a", 5, 9),), None),
        ((away("b", "a", 0, 5, "sales"),), "stand_in_circle"),
        ((away("b", "c", 0, 5, "sales"), away("c", "a", 0, 5, "launch")), None),
        ((away("b", "c", 0, 2), away("c", "a", 3, 5)), None),
        ((away("b", "c"), away("c", "d")), None),
        ((away("b", "c"), away("c", "d"), away("d", "e")), "stand_in_chain"),
        ((away("f", "a"), away("b", "c"), away("c", "d")), "stand_in_chain"),
        ((away("f", "a", 0, 1), away("b", "c", 2, 4), away("c", "d", 2, 4)), None),
    ],
)
def test_neither_circles_nor_long_chains_are_taken(rows: tuple[StandIn, ...], code: str | None) -> None:
    assert told(away("a", "b"), *rows) == code


PERIODS = st.builds(
    away,
    st.sampled_from(NAMES),
    st.sampled_from(NAMES),
    st.integers(0, 4),
    st.integers(1, 6),
    st.sampled_from(["launch", "sales"]),
)


@given(st.lists(PERIODS, max_size=12), st.integers(0, 6), st.sampled_from(["launch", "sales"]))
def test_whatever_was_taken_no_chain_closes_or_grows_too_long(
    wishes: list[StandIn], day: int, sop: str
) -> None:
    kept: list[StandIn] = []
    for wish in wishes:
        if fault(wish, kept, now=MONDAY) is None:
            kept.append(wish)
    now = MONDAY + day * DAY
    running = [row for row in kept if row.holds(sop, now)]
    for name in NAMES:
        assert _longest(running, PersonId(name), ()) <= MOST_HOPS
        assert name not in standing_in(kept, PersonId(name), sop=sop, now=now)


def _longest(running: list[StandIn], person: PersonId, seen: tuple[PersonId, ...]) -> int:
    assert person not in seen
    further = [row.stand_in for row in running if row.principal == person]
    return max((1 + _longest(running, p, (*seen, person)) for p in further), default=0)
