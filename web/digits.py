"""Trying the four digits of a message. A try is counted before it is compared: many at once are not free."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.store.code_attempts import AN_HOUR, LinkName, hour_of
from notifications.links import (
    MOST_TRIES,
    MOST_WRONG_IN_AN_HOUR,
    LinkClaim,
    after_wrong_code,
    code_matches,
)
from web.ports import Wiring


class Tried(StrEnum):
    """BURNT: the link has had its five. RESTING: the person has had an hour's; nothing was compared."""

    RIGHT = "right"
    WRONG = "wrong"
    BURNT = "burnt"
    RESTING = "resting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """`left`: how many tries the link has yet. `again`: from when digits are taken once more."""

    came_to: Tried
    left: int = 0
    again: datetime | None = None


def try_digits(wiring: Wiring, claim: LinkClaim, name: LinkName, typed: str) -> Try:
    """A resting link is left as it is: who floods it can neither guess nor burn it meanwhile."""
    tries, hour = wiring.store.code_attempts, hour_of(wiring.clock.now())
    if tries.add_in_hour(claim.person, hour) > MOST_WRONG_IN_AN_HOUR:
        return Try(came_to=Tried.RESTING, again=hour + AN_HOUR)
    count = tries.add(name)
    if count <= MOST_TRIES and code_matches(wiring.keys, claim, typed):
        tries.forgive(name, hour)
        return Try(came_to=Tried.RIGHT)
    if after_wrong_code(count) == "again":
        return Try(came_to=Tried.WRONG, left=MOST_TRIES - count)
    return Try(came_to=Tried.BURNT)
