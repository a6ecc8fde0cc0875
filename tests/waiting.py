"""Waiting for a condition, with a limit and a sentence, where a test would otherwise sleep."""

import threading
import time
from collections.abc import Callable

LOOK_EVERY_SECONDS = 0.02


def eventually(
    condition: Callable[[], bool], what: str, limit: float = 10.0, *, every: float = LOOK_EVERY_SECONDS
) -> None:
    """Return as soon as `condition` holds, looked at `every` so many seconds.

    Fails, saying that `what` did not come, after `limit` seconds.
    """
    pause = threading.Event()
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit:g} s in vain for: {what}")
        pause.wait(every)
