"""The company's post on a clock that campaigns set: the product's deliverer, and a receiving side that notes
what arrives.
"""

import random
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import func, select

from engine.ids import PersonId
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import OutboxRow, table
from notifications.backing_off import Chance
from notifications.channels import AppriseChannel, Channel, Gates, SendResult, SendState
from notifications.delivery import Deliverer
from notifications.egress import Egress
from notifications.limits import Limits, budgets
from notifications.messages import Message
from notifications.routing import Address
from tests.faults.company import ROLES, found
from tests.faults.places import both
from tests.faults.station import Station, examined, patient

SENT: Final = SendResult(state=SendState.SENT)
DOWN: Final = SendResult(state=SendState.RETRY, code="unreachable")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    to: str  # the person's name
    at: datetime
    message: Message


@dataclass(kw_only=True)
class Sink:
    """Answers as `answer` says; what it takes, or may have taken, has arrived."""

    here: Station
    answer: Callable[[Message], SendResult] = lambda _: SENT
    arrived: list[Arrival] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send(self, message: Message, address: Address) -> SendResult:
        with self._lock:
            result = self.answer(message)
            if result.state in {SendState.SENT, SendState.UNKNOWN}:
                self.arrived.append(Arrival(to=address.name, at=self.here.clock.now(), message=message))
            return result


@dataclass(kw_only=True)
class Post:
    here: Station
    sink: Sink
    deliverer: Deliverer

    def deliver(self) -> None:
        """Everything that is due now."""
        while patient(self.deliverer.deliver_due):
            pass

    def run_until(self, end: datetime) -> None:
        """From one instant at which something is due to the next."""
        while True:
            self.deliver()
            soonest = next_message(self.here)
            if soonest is None or soonest > end:
                return
            self.here.clock.set(max(soonest, self.here.clock.now()))

    def mails(self, **wanted: Any) -> Sequence[Mail]:
        return self.here.store.mailbox.page(MailFilter(**wanted), limit=1_000_000)


def next_message(here: Station) -> datetime | None:
    """When the next message is due, or the lease on one ends; None when nothing waits."""
    outbox = table(OutboxRow)
    messages = select(func.min(outbox.c.due_at)).where(outbox.c.is_command.is_(False))
    with here.store.database.reading() as connection:
        return connection.scalar(messages)


@contextmanager
def posts(
    folder: Path,
    rng: random.Random,
    *sops: Mapping[str, Any],
    roles: Mapping[str, tuple[PersonId, ...]] = ROLES,
    per_hour: int = 1000,
) -> Generator[list[tuple[str, Post]]]:
    """One on SQLite and one on PostgreSQL, each examined on leaving."""
    with ExitStack() as opened:
        made: list[tuple[str, Post]] = []
        for place in both(folder):
            here = opened.enter_context(examined(replace(place, messages_per_hour=per_hour)))
            found(here.store, *sops, roles=roles)
            made.append((place.name, _post(here, rng)))
        yield made


def deliverer(
    here: Station, channel: Channel, *, draw: Chance = random.random, holder: str = "post"
) -> Deliverer:
    """The product's own, on this station's clock, with another way out."""
    return Deliverer(
        queues=here.store.queues,
        deliveries=here.store.deliveries,
        wishes=here.store.preferences,
        service=here.parts.service,
        composer=here.parts.composer,
        channel=channel,
        clock=here.clock,
        holder=holder,
        draw=draw,
    )


def outside(here: Station) -> AppriseChannel:
    """The product's way out, behind its limits; on this machine, where the imitated providers are."""
    gates = Gates(
        egress=Egress(anywhere=True),
        opened=here.parts.sealer.opened,
        limits=Limits(books=here.store.send_slots, budgets=budgets()),
    )
    return AppriseChannel(gates=gates, clock=here.clock)


def _post(here: Station, rng: random.Random) -> Post:
    sink = Sink(here=here)
    return Post(here=here, sink=sink, deliverer=deliverer(here, sink, draw=rng.random))
