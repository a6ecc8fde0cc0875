"""Waiting for a condition, with a limit and a sentence, where a test would otherwise sleep."""

import threading
import time
from collections.abc import Callable

LOOK_EVERY_SECONDS = 0.02


def eventually(condition: Callable[[], bool], what: str, limit: float = 10.0) -> None:
    """Return as soon as `condition` holds; fail saying that `what` did not come within `limit` seconds."""
    pause = threading.Event()
    end = time.monotonic() + limit
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {limit:g} s in vain for: {what}")
        pause.wait(LOOK_EVERY_SECONDS)
