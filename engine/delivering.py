"""What is kept of each message on its way to a person: where it went, what came of it, and what the person
prefers.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

from engine.ids import PersonId
from engine.outbox import MessageGroup, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Outcome


class Manner(StrEnum):
    """NOW: by itself, as it comes. DIGEST: at the person's hours. OFF: in the mailbox only."""

    NOW = "now"
    DIGEST = "digest"
    OFF = "off"


DIGEST_HOURS: Final = (9,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """`channels`: names in the order they are tried, those not named after them. `everywhere`: all of them
    at once. `digest_hours` are by the person's own clock, none: every hour. `per_hour`: None is the
    company's. `quiet`: nothing but what is urgent outside working hours. `morning`: the list of what waits.
    """

    manners: Mapping[MessageGroup, Manner] = field(default_factory=dict[MessageGroup, Manner])
    channels: tuple[str, ...] = ()
    everywhere: bool = False
    digest_hours: tuple[int, ...] = DIGEST_HOURS
    per_hour: int | None = None
    quiet: bool = True
    morning: bool = True

    def manner(self, group: MessageGroup) -> Manner:
        return self.manners.get(group, Manner.NOW)


class TargetState(StrEnum):
    """UNKNOWN: under way, or without an answer; it may arrive twice. CANCELLED: no longer needed there."""

    OWED = "owed"
    RETRY = "retry"
    UNKNOWN = "unknown"
    SENT = "sent"
    REJECTED = "rejected"
    DEAD = "dead"
    CANCELLED = "cancelled"


OPEN: Final = frozenset({TargetState.OWED, TargetState.RETRY, TargetState.UNKNOWN})
OVER: Final = "over"  # the code where nothing more is tried; what is UNKNOWN then stays so for good


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message at one address. `target` names it without telling a secret, `address` is what may be shown.

    `fallback`: it went here too, because another channel had not delivered in time. `repeated`: it was sent
    again after a try without an answer. `place`: the order.
    """

    target: str
    channel: str
    address: str
    place: int
    state: TargetState = TargetState.OWED
    attempts: int = 0
    code: str = ""
    detail: str = ""
    fallback: bool = False
    repeated: bool = False
    first_at: datetime | None = None
    last_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it is tried, or looked at, again."""
        return self.state in OPEN and self.code != OVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A message a person got, or may have got."""

    at: datetime
    kind: str
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Fate:
    """What becomes of a message with a digest: None where it stays owed and goes by itself."""

    message: int
    outcome: Outcome | None


class HandAct(StrEnum):
    """What people do with a message on its way."""

    STOPPED = "stopped"
    AGAIN = "again"


@dataclass(frozen=True, slots=True, kw_only=True)
class ByHand:
    """What was done with a message by hand last. `by`: None is the operator at this machine."""

    act: HandAct
    by: PersonId | None
    at: datetime


class PersonsTurn(Protocol):
    """A transaction in which nobody else plans messages to this person."""

    def recent(self, since: datetime) -> Sequence[Slot]: ...
    def deliveries(self, messages: Sequence[int]) -> Mapping[int, tuple[Delivery, ...]]: ...
    def mentioned(self, messages: Sequence[int]) -> frozenset[int]:
        """Those that a digest has told of already."""
        ...

    def postpone(self, claimed: ClaimedMessage, until: datetime) -> bool:
        """Gives the row back; that was no try."""
        ...

    def gather(
        self, items: Sequence[ClaimedMessage], into: ClaimedMessage | None, *, now: datetime
    ) -> ClaimedMessage:
        """The digest that holds these from now on: a row of its own, leased like them, or the one given."""
        ...

    def begin(
        self, claimed: ClaimedMessage, tries: Sequence[Delivery], *, now: datetime, urgent: bool
    ) -> bool:
        """Writes down each try before it is made: whoever dies now leaves it as unknown. False: the lease has
        passed to another.
        """
        ...


class Deliveries(Protocol):
    def turn(self, person: PersonId) -> AbstractContextManager[PersonsTurn]: ...
    def items(self, digest: int) -> Sequence[tuple[int, OwedMessage | OwedNotice]]:
        """The messages a digest holds, in the order they were owed."""
        ...

    def took(self, channel: str, since: datetime) -> bool:
        """Whether this channel has taken any message after that."""
        ...

    def record(
        self,
        claimed: ClaimedMessage,
        rows: Sequence[Delivery],
        outcome: Outcome,
        *,
        now: datetime,
        fates: Sequence[Fate] = (),
    ) -> bool:
        """How the tries ended, at each target, for the message, and for what it held. False: the lease has
        passed to another, and this counts for nothing.
        """
        ...


class Wishes(Protocol):
    def of(self, person: PersonId) -> Preferences: ...
