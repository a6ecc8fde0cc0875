"""When a try that failed is made again, and when it is given up. Loudly: a dead row waits for the
operator.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from random import SystemRandom
from typing import Final

from engine.ports import Outcome
from notifications.channels import SendResult, SendState

MOST_TRIES: Final = 8
FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(hours=1)
SHORTEST_WAIT: Final = timedelta(seconds=1)

Chance = Callable[[], float]  # from 0 up to, not including, 1


def chance() -> float:
    return SystemRandom().random()


def wait_after(tries: int, draw: Chance) -> timedelta:
    """Full jitter: anything up to 30 s after the first try, doubling with each, never more than an hour."""
    ceiling = min(FIRST_WAIT * 2 ** min(tries - 1, 20), LONGEST_WAIT)
    return max(ceiling * draw(), SHORTEST_WAIT)


def outcome_of(result: SendResult, channel: str, tries: int, *, now: datetime, draw: Chance) -> Outcome:
    """What is written down about the `tries`-th try."""
    again: datetime | None = None
    state = result.state.value
    if result.state is SendState.LATER:
        state = "retry"
        again = now + timedelta(seconds=max(result.retry_after_seconds or 0.0, SHORTEST_WAIT.total_seconds()))
    elif result.state in {SendState.RETRY, SendState.UNKNOWN}:
        if tries >= MOST_TRIES:
            state = "dead"
        else:
            again = now + max(wait_after(tries, draw), timedelta(seconds=result.retry_after_seconds or 0.0))
    return Outcome(state=state, channel=channel, code=result.code, detail=result.detail, retry_at=again)
