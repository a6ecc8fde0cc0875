"""A link is passed on without the message it came with: alone it decides nothing where digits are asked for,
and nobody's digits fit another's link. (At `link` it decides, and at `login` no SOP may ask before there are
accounts.)
"""

import random
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.case.events import DecisionRecorded
from tests.faults.company import FIVE, found
from tests.faults.pages import Reply, form_token, get, letter, press
from tests.faults.places import sqlite
from tests.faults.signing import SOP, Linked, linked
from tests.faults.station import Station, examined

NAME = "F5"
SUBJECT = "A forwarded link without its digits, or with another's, decides nothing."
GOAL = 1_000
QUICK = 4

SEEN, WRONG, BURNT, GONE, RESTING = 303, 422, 403, 409, 429  # resting: the person's hour is full of guesses
MOST_GUESSES = 4  # the fifth wrong one burns the link


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with examined(sqlite(folder)) as here:
        found(here.store, SOP)
        while True:
            yield {"attempts": _at_code(here, rng) + _burnt(here, rng), "links": len(FIVE) + 1}


def _at_code(here: Station, rng: random.Random) -> int:
    """Everybody's link with everybody else's digits; then each may still decide with their own."""
    first = linked(here, "by_code")
    earlier = linked(here, "by_code")
    codes = {p: letter(here.parts, first.case_id, p).code for p in FIVE}
    codes_elsewhere = [letter(here.parts, earlier.case_id, p).code for p in FIVE]
    attempts = 0
    for person in FIVE:
        mine = letter(here.parts, first.case_id, person)
        others = [code for p, code in codes.items() if p != person] + codes_elsewhere
        guesses = ["", *rng.sample([code for code in others if code != mine.code], MOST_GUESSES)]
        for guess in guesses:
            status = _pressed(here, mine.path, guess).status
            assert status in (WRONG, RESTING), (
                f"{first.case_id}: {person}'s link with {guess!r} was answered {status}"
            )
            attempts += 1
    _undecided(here, first)
    owner = rng.choice(FIVE)
    mine = letter(here.parts, first.case_id, owner)
    done = _pressed(here, mine.path, mine.code).status
    if done == RESTING:  # the person's hour is full of others' guesses: the next hour they can
        return attempts
    assert done == SEEN, f"{first.case_id}: {owner} could not decide with their own digits: {done}"
    return attempts


def _burnt(here: Station, rng: random.Random) -> int:
    """Whoever guesses five times has nothing left to guess at, not even with the right digits."""
    one = linked(here, "by_code")
    wrong = [f"{n:04}" for n in rng.sample(range(10_000), MOST_GUESSES + 2)]
    tries = [guess for guess in wrong if guess != one.letter.code][: MOST_GUESSES + 1]
    told = [_pressed(here, one.letter.path, guess).status for guess in [*tries, one.letter.code]]
    assert told == [WRONG] * MOST_GUESSES + [BURNT, GONE] or RESTING in told, (
        f"{one.case_id}: guesses were answered {told}"
    )
    _undecided(here, one)
    return len(told)


def _pressed(here: Station, path: str, code: str) -> Reply:
    token = form_token(get(here.app, path))
    return press(here.app, path, {"token": token, "verdict": "approve", "code": code})


def _undecided(here: Station, one: Linked) -> None:
    made = [r.event for r in here.history(one.case_id) if isinstance(r.event, DecisionRecorded)]
    assert not made, f"{one.case_id} was decided by somebody it was forwarded to: {made}"
