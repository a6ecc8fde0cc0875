"""Whether it is worth asking Prefect at all, so that a dead server costs nobody a second."""

import threading
import time
from collections.abc import Callable


class Breaker:
    """Closed: flows run through Prefect. Open: nobody but a probe asks, and that not before `hold` seconds.

    It starts open with a probe due at once: work never waits for a server that is still starting.
    """

    def __init__(
        self, *, hold: float = 30.0, failures: int = 3, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._hold = hold
        self._allowed_failures = failures
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._failures = 0
        self._closed = False
        self._probe_from = monotonic()

    @property
    def closed(self) -> bool:
        return self._closed

    def probe_due(self) -> bool:
        """True when open for long enough. Closed needs no probe."""
        with self._lock:
            return not self._closed and self._monotonic() >= self._probe_from

    def succeeded(self) -> None:
        """Prefect answered. Only three failures in a row open the breaker: a busy SQLite says 503 now and
        then.
        """
        with self._lock:
            self._failures = 0

    def failed(self) -> None:
        """Prefect answered with an error, quickly."""
        with self._lock:
            self._failures += 1
            if self._failures >= self._allowed_failures:
                self._open()

    def trip(self) -> None:
        """Prefect kept somebody waiting, or is not there."""
        with self._lock:
            self._open()

    def close(self) -> None:
        """A probe found Prefect well."""
        with self._lock:
            self._failures = 0
            self._closed = True

    def _open(self) -> None:
        self._failures = 0
        self._closed = False
        self._probe_from = self._monotonic() + self._hold
