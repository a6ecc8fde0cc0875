"""Sending within a time limit, a few at a time: what hangs is left behind, so that a slow server holds no
lease beyond its time, and no server is called by hundreds at once.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final

from engine.store.errors import StoreUnavailable
from notifications.channels import Channel, SendResult, SendState
from notifications.messages import Message
from notifications.routing import Address

MOST_AT_ONCE: Final = 32
_BUSY: Final = "the database was busy; nothing was sent"
FAULT: Final = "fault"  # ours: the message could not be made or handed over
_LOG = logging.getLogger(__name__)


def sending(channel: Channel, write: Callable[..., Message], address: Address) -> Callable[[], SendResult]:
    """Writes the message for this address, with link and code where only its reader reads, and sends it."""

    def job() -> SendResult:
        try:
            message = write(personal=address.personal)
        except StoreUnavailable as busy:  # nothing was made, so nothing was tried, and the message is sound
            wait = float(busy.retry_after_seconds)
            return SendResult(state=SendState.LATER, code="busy", detail=_BUSY, retry_after_seconds=wait)
        return channel.send(message, address)

    return job


def all_within(
    seconds: float, jobs: Sequence[Callable[[], SendResult]], *, at_once: int = MOST_AT_ONCE
) -> list[SendResult]:
    """Each in a thread of its own, `at_once` at a time, begun within so many seconds and waited for as long
    again. One that had not ended by then counts as without answer; one that had no turn, as not tried.
    """
    end, places = monotonic() + seconds, threading.BoundedSemaphore(at_once)
    tries = [_begun(job, places, end) for job in jobs]
    for each in tries:
        if each is not None:
            each.join(max(each.began + seconds - monotonic(), 0.0))
    return [_NO_TURN if each is None else each.result or _HANGING for each in tries]


_HANGING: Final = SendResult(
    state=SendState.UNKNOWN, code="timeout", detail="no answer in time; the message may arrive twice"
)
_NO_TURN: Final = SendResult(
    state=SendState.LATER,
    code="busy",
    detail="too many others were being sent; nothing was sent",
    retry_after_seconds=1.0,
)


def _begun(job: Callable[[], SendResult], places: threading.Semaphore, end: float) -> "_Try | None":
    """None where no place came free in time."""
    if not places.acquire(timeout=max(end - monotonic(), 0.0)):
        return None
    return _Try(job, places.release)


class _Try(threading.Thread):
    def __init__(self, job: Callable[[], SendResult], gone: Callable[[], None]) -> None:
        super().__init__(daemon=True, name="guanka-send")  # a hanging one does not keep the process alive
        self._job, self._gone = job, gone
        self.result: SendResult | None = None
        self.began = monotonic()
        self.start()

    def run(self) -> None:
        try:
            self.result = self._job()
        except Exception as fault:  # noqa: BLE001 - one bad message must not stop the others
            # Only the kind: what an exception says may hold addresses and secrets.
            _LOG.warning("a message could not be sent: %s", type(fault).__name__)
            detail = f"{type(fault).__name__} while sending the message"
            self.result = SendResult(state=SendState.RETRY, code=FAULT, detail=detail)
        finally:
            self._gone()
