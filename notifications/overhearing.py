"""What Apprise says of a delivery. It answers yes or no only; the reason stands in its log, secrets included.

So within `overheard` everything the sending thread logs there is kept for us and goes nowhere else.
"""

import logging
import threading
from collections.abc import Generator
from contextlib import contextmanager

# The HTTP library logs the path of each request, and webhook paths are secrets.
_LOGGERS = ("apprise", "urllib3.connectionpool", "urllib3.util.retry", "requests")


class _Ear(threading.local):
    lines: list[str] | None = None


_EAR = _Ear()


class _Keep(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        if _EAR.lines is None:
            # Apprise used by somebody else in this process: as if its level had never been lowered.
            return record.name != "apprise" or record.levelno >= logging.WARNING
        _EAR.lines.append(record.getMessage())
        return False


_KEEP = _Keep()


@contextmanager
def overheard() -> Generator[list[str]]:
    """The lines this thread logs within, and through no other handler."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_KEEP)  # adding it again changes nothing
    apprise = logging.getLogger("apprise")
    apprise.setLevel(logging.DEBUG)
    apprise.disabled = False
    lines: list[str] = []
    _EAR.lines = lines
    try:
        yield lines
    finally:
        _EAR.lines = None
