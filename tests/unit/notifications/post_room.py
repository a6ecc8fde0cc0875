"""What the store keeps of messages on their way, in memory: the parts a deliverer uses, and no more."""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from engine.clock import Clock
from engine.delivering import OPEN, Delivery, Fate, Preferences, Slot, TargetState
from engine.ids import PersonId
from engine.outbox import Owed, OwedCommand, OwedDigest, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Outcome

ARRIVED = {TargetState.SENT, TargetState.UNKNOWN}


@dataclass
class PostRoom:
    """Queues, deliveries and wishes in one; a row is due while it stands in `due`."""

    clock: Clock
    rows: dict[int, ClaimedMessage] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)
    targets: dict[int, dict[str, Delivery]] = field(default_factory=dict)
    digests: dict[int, int] = field(default_factory=dict)  # message -> digest
    begun: dict[int, datetime] = field(default_factory=dict)
    urgent: set[int] = field(default_factory=set)
    down: set[str] = field(default_factory=set)
    preferences: dict[str, Preferences] = field(default_factory=dict)

    def owe(self, owed: Iterable[Owed | OwedNotice | OwedDigest], now: datetime) -> None:
        for each in owed:
            self._add(each, now)
            self.due[len(self.rows)] = now

    def _add(self, owed: Owed | OwedNotice | OwedDigest, now: datetime) -> ClaimedMessage:
        row = ClaimedMessage(id=len(self.rows) + 1, owed=owed, attempts=0, token=0, owed_at=now)
        self.rows[row.id] = row
        return row

    # engine.ports.Queues

    def claim_messages(
        self, *, limit: int, holder: str, lease_seconds: float, of: PersonId | None = None
    ) -> Sequence[ClaimedMessage]:
        found = [r for r in self._due() if not isinstance(r.owed, OwedCommand) and of in {None, r.owed.to}]
        return [self._taken(row) for row in found[:limit]]

    def claim_commands(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ClaimedMessage]:
        return [self._taken(r) for r in self._due() if isinstance(r.owed, OwedCommand)][:limit]

    def _due(self) -> list[ClaimedMessage]:
        now = self.clock.now()
        return [row for row in self.rows.values() if self.due.get(row.id, now) <= now and row.id in self.due]

    def _taken(self, row: ClaimedMessage) -> ClaimedMessage:
        del self.due[row.id]
        self.rows[row.id] = replace(row, attempts=row.attempts + 1, token=row.token + 1)
        return self.rows[row.id]

    def finish(self, claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> bool:
        self.outcomes.setdefault(claimed.id, []).append(outcome)
        if outcome.retry_at is not None:
            self.due[claimed.id] = outcome.retry_at
        return True

    # engine.delivering.Deliveries and Wishes

    def of(self, person: PersonId) -> Preferences:
        return self.preferences.get(person, Preferences())

    @contextmanager
    def turn(self, person: PersonId) -> Generator["Turn"]:
        yield Turn(self, person)

    def items(self, digest: int) -> Sequence[tuple[int, OwedMessage | OwedNotice]]:
        held = [(n, self.rows[n].owed) for n, within in sorted(self.digests.items()) if within == digest]
        return [(n, owed) for n, owed in held if isinstance(owed, OwedMessage | OwedNotice)]

    def took(self, channel: str, since: datetime) -> bool:
        return channel not in self.down

    def record(
        self,
        claimed: ClaimedMessage,
        rows: Sequence[Delivery],
        outcome: Outcome,
        *,
        now: datetime,
        fates: Sequence[Fate] = (),
    ) -> bool:
        self.finish(claimed, outcome, now=now)
        kept = self.targets.setdefault(claimed.id, {})
        kept |= {row.target: row for row in rows}
        self.begun.pop(claimed.id, None)
        arrived = [row.last_at for row in kept.values() if row.state in ARRIVED and row.last_at]
        if arrived:
            self.begun[claimed.id] = max(arrived)
        for fate in fates:
            if fate.outcome is None:
                self.due[fate.message] = now
            else:
                self.outcomes.setdefault(fate.message, []).append(fate.outcome)
        return True

    # What tests look at.

    @property
    def tried(self) -> list[tuple[str, str, int]]:
        """Channel, state and tries of every target, message by message."""
        return [
            (t.channel, t.state.value, t.attempts) for kept in self.targets.values() for t in kept.values()
        ]

    @property
    def unfinished(self) -> set[int]:
        """Messages without an end, but such as wait for their instant."""
        ended = {n for n, outcomes in self.outcomes.items() if outcomes[-1].retry_at is None}
        return {n for n in self.rows if n not in ended and n not in self.due}


@dataclass
class Turn:
    room: PostRoom
    person: PersonId

    def recent(self, since: datetime) -> Sequence[Slot]:
        return [
            Slot(at=at, kind=_kind(self.room.rows[n]), urgent=n in self.room.urgent)
            for n, at in sorted(self.room.begun.items(), key=lambda pair: pair[1])
            if at > since and _to(self.room.rows[n]) == self.person
        ]

    def deliveries(self, messages: Sequence[int]) -> Mapping[int, tuple[Delivery, ...]]:
        kept = self.room.targets
        return {n: tuple(kept[n].values()) for n in messages if kept.get(n)}

    def mentioned(self, messages: Sequence[int]) -> frozenset[int]:
        return frozenset(n for n in messages if n in self.room.digests)

    def postpone(self, claimed: ClaimedMessage, until: datetime) -> bool:
        self.room.due[claimed.id] = until
        self.room.rows[claimed.id] = replace(claimed, attempts=claimed.attempts - 1)
        return True

    def gather(
        self, items: Sequence[ClaimedMessage], into: ClaimedMessage | None, *, now: datetime
    ) -> ClaimedMessage:
        digest = into
        if digest is None:
            digest = self.room._add(OwedDigest(key=f"digest/{items[0].id}", to=self.person), now)
        self.room.digests |= {item.id: digest.id for item in items}
        return digest

    def begin(
        self, claimed: ClaimedMessage, tries: Sequence[Delivery], *, now: datetime, urgent: bool
    ) -> bool:
        self.room.begun[claimed.id] = now
        self.room.targets.setdefault(claimed.id, {}).update({row.target: row for row in tries})
        if urgent:
            self.room.urgent.add(claimed.id)
        return True


def open_targets(room: PostRoom) -> list[Delivery]:
    return [row for kept in room.targets.values() for row in kept.values() if row.state in OPEN]


def _to(row: ClaimedMessage) -> PersonId | None:
    return None if isinstance(row.owed, OwedCommand) else row.owed.to


def _kind(row: ClaimedMessage) -> str:
    return row.owed.kind.value if isinstance(row.owed, OwedMessage) else "digest"
