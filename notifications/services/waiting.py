"""How long an answer asks to wait: its Retry-After, in seconds or as a date, and how to come by it where a
service of Apprise keeps no header.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from typing import Any, cast

from requests.adapters import HTTPAdapter


def asked_seconds(given: str, now: datetime) -> float | None:
    """From `now` on, never below 0; None where nothing that can be read is asked for."""
    given = given.strip()
    if given.isascii() and given.isdigit():
        return float(given)
    try:
        when = parsedate_to_datetime(given)
        aware = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max((aware - now).total_seconds(), 0.0)
    except (ValueError, TypeError, OverflowError):
        return None


class Waiting(threading.local):
    """Of the last answer that came to this thread."""

    retry_after: str = ""


_LAST = Waiting()


@contextmanager
def answering() -> Generator[Waiting]:
    """What answers ask for within; read it there."""
    _listen()
    _LAST.retry_after = ""
    yield _LAST


@cache
def _listen() -> None:
    """Once in a process: requests itself has a hook only for whoever makes the request."""
    adapter = cast("Any", HTTPAdapter)
    built = adapter.build_response

    def build_response(self: Any, asked: Any, answer: Any) -> Any:
        _LAST.retry_after = answer.headers.get("Retry-After", "")
        return built(self, asked, answer)

    adapter.build_response = build_response
