"""What a deliverer did, written down at once, so that it is known also of one that was killed; and the fuse
that kills it.
"""

import json
import os
import signal
import threading
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from engine.delivering import Deliveries, Delivery, Fate, PersonsTurn
from engine.ids import PersonId
from engine.outbox import Owed, OwedCommand, OwedDigest, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Outcome, Queues
from engine.store.mailbox import Mail
from engine.store.tables import OutboxState
from notifications.channels import SendResult, SendState
from notifications.composing import key_of
from notifications.delivery import Deliverer
from notifications.messages import Message
from notifications.routing import Address
from runtime.wiring import Parts

SENT: Final = SendResult(state=SendState.SENT)


@dataclass(kw_only=True)
class Diary:
    """One process's own file. After `fuse` entries the process is killed, whatever it is about to do."""

    folder: Path
    fuse: int | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, what: str, key: str) -> None:
        with self._lock:
            with (self.folder / f"diary-{os.getpid()}.jsonl").open("ab", buffering=0) as file:
                file.write(json.dumps([what, key]).encode() + b"\n")
            if self.fuse is not None:
                self.fuse -= 1
                if self.fuse <= 0:
                    os.kill(os.getpid(), signal.SIGKILL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    pid: int
    what: str
    key: str


def read(folder: Path) -> Iterator[Entry]:
    """What all processes wrote, each in its order."""
    for path in sorted(folder.glob("diary-*.jsonl")):
        for line in path.read_text().splitlines():
            what, key = json.loads(line)
            yield Entry(pid=int(path.stem.removeprefix("diary-")), what=what, key=key)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingChannel:
    """The receiving side: what it notes has arrived."""

    diary: Diary

    def send(self, message: Message, address: Address) -> SendResult:
        self.diary.write("sending", message.key)
        self.diary.write("sent", message.key)
        return SENT


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingQueues:
    """The store's queues; a kill may fall between a claim and its sending, a sending and its mark."""

    queues: Queues
    diary: Diary

    def claim_messages(self, **asked: Any) -> Sequence[ClaimedMessage]:
        return self._claimed(self.queues.claim_messages(**asked))

    def claim_commands(self, **asked: Any) -> Sequence[ClaimedMessage]:
        return self._claimed(self.queues.claim_commands(**asked))

    def _claimed(self, rows: Sequence[ClaimedMessage]) -> Sequence[ClaimedMessage]:
        for row in rows:
            self.diary.write("claimed", name_of(row.owed))
        return rows

    def finish(self, claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> bool:
        name = name_of(claimed.owed)
        self.diary.write("marking", name)
        held = self.queues.finish(claimed, outcome, now=now)
        self.diary.write("marked" if held else "too late", name)
        return held


def sent_again(rows: Sequence[Mail], entries: Sequence[Entry], killed: set[int]) -> int:
    """How many went out more than once, each of them by the fault of a kill between sending and marking."""
    again = 0
    for row in rows:
        if row.owed is None or row.state is OutboxState.CANCELLED:
            continue
        name = name_of(row.owed)
        senders = [entry.pid for entry in entries if (entry.what, entry.key) == ("sent", name)]
        assert senders, f"{row.key} is marked as sent, and nothing arrived"
        dead = [pid for pid in senders if pid in killed]
        assert len(senders) - len(set(dead)) <= 1, f"{row.key} was sent by {senders}, killed were {killed}"
        again += len(senders) - 1
    return again


@dataclass(frozen=True, slots=True, kw_only=True)
class NotingDeliveries:
    """The same between a sending and what is taken down of it."""

    deliveries: Deliveries
    diary: Diary

    def turn(self, person: PersonId) -> AbstractContextManager[PersonsTurn]:
        return self.deliveries.turn(person)

    def items(self, digest: int) -> Sequence[tuple[int, OwedMessage | OwedNotice]]:
        return self.deliveries.items(digest)

    def took(self, channel: str, since: datetime) -> bool:
        return self.deliveries.took(channel, since)

    def record(
        self,
        claimed: ClaimedMessage,
        rows: Sequence[Delivery],
        outcome: Outcome,
        *,
        now: datetime,
        fates: Sequence[Fate] = (),
    ) -> bool:
        name = name_of(claimed.owed)
        self.diary.write("marking", name)
        held = self.deliveries.record(claimed, rows, outcome, now=now, fates=fates)
        self.diary.write("marked" if held else "too late", name)
        return held


def name_of(owed: Owed | OwedNotice | OwedDigest) -> str:
    """As the receiving side knows it."""
    return owed.key if isinstance(owed, OwedCommand) else key_of(owed)


def deliverer(parts: Parts, diary: Diary) -> Deliverer:
    """The product's own, between queues and channel that note everything."""
    queues: Any = NotingQueues(queues=parts.store.queues, diary=diary)
    return Deliverer(
        queues=queues,
        deliveries=NotingDeliveries(deliveries=parts.store.deliveries, diary=diary),
        wishes=parts.store.preferences,
        service=parts.service,
        composer=parts.composer,
        channel=NotingChannel(diary=diary),
        clock=parts.clock,
        holder=str(os.getpid()),
    )
