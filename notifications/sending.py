"""Sending within a time limit: what hangs is left behind, so that a slow server holds no lease beyond
its time.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from time import monotonic

from notifications.channels import Channel, SendResult, SendState
from notifications.messages import Message
from notifications.routing import MAILBOX, Address

Sent = tuple[str, SendResult]  # by which channel, and what came of it

_LOG = logging.getLogger(__name__)


def send(channel: Channel, ways: Sequence[tuple[Message, Address]]) -> Sent:
    """By the first address that does not refuse it for good; without any, the mailbox, where it stands
    anyway.
    """
    last: Sent = (MAILBOX, SendResult(state=SendState.SENT))
    for message, address in ways:
        last = (address.channel, channel.send(message, address))
        if last[1].state is not SendState.REJECTED:
            break
    return last


def all_within(seconds: float, jobs: Sequence[Callable[[], Sent]]) -> list[Sent]:
    """All at once, each in a thread of its own; one that has not ended by then counts as without answer."""
    tries = [_Try(job) for job in jobs]
    end = monotonic() + seconds
    for each in tries:
        each.join(max(end - monotonic(), 0.0))
    return [each.sent or _HANGING for each in tries]


_HANGING: Sent = (
    "",
    SendResult(
        state=SendState.UNKNOWN, code="timeout", detail="no answer in time; the message may arrive twice"
    ),
)


class _Try(threading.Thread):
    def __init__(self, job: Callable[[], Sent]) -> None:
        super().__init__(daemon=True, name="guanka-send")  # a hanging one does not keep the process alive
        self._job = job
        self.sent: Sent | None = None
        self.start()

    def run(self) -> None:
        try:
            self.sent = self._job()
        except Exception as fault:  # noqa: BLE001 - one bad message must not stop the others
            # Only the kind: what an exception says may hold addresses and secrets.
            _LOG.warning("a message could not be sent: %s", type(fault).__name__)
            detail = f"{type(fault).__name__} while sending the message"
            self.sent = ("", SendResult(state=SendState.RETRY, code="fault", detail=detail))
