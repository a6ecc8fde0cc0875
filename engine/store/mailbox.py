"""The outbox as people look at it: a mailbox, an operator's list, a count."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from pydantic import JsonValue
from sqlalchemy import RowMapping, func, select

from engine.delivering import ByHand, Delivery, HandAct
from engine.ids import CaseId, PersonId
from engine.outbox import DIGEST, OwedDigest, OwedMessage, OwedNotice
from engine.store.deliveries import read_deliveries
from engine.store.engines import Database
from engine.store.mapping import message_from
from engine.store.tables import DeliveryRow, DigestItemRow, OutboxRow, OutboxState, table

_OUTBOX, _DELIVERY, _ITEM = table(OutboxRow), table(DeliveryRow), table(DigestItemRow)
LOOK_BACK = timedelta(hours=2)
TRIES_TO_TELL = 3  # one message that fails says little of the channel
FAILED = (OutboxState.RETRY.value, OutboxState.UNKNOWN.value, OutboxState.DEAD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnItsWay:
    """Where a message was sent, and the digest that mentions it."""

    deliveries: tuple[Delivery, ...] = ()
    digest: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """One owed message or command and what became of it; a digest and a notice belong to no case."""

    id: int
    key: str
    is_command: bool
    kind: str
    to_person: PersonId
    case_id: CaseId | None
    sequence: int | None
    data: Mapping[str, JsonValue]
    state: OutboxState
    attempts: int
    due_at: datetime | None
    channel: str
    code: str
    detail: str
    created_at: datetime
    finished_at: datetime | None
    begun_at: datetime | None
    urgent_at: datetime | None
    acted: str | None
    acted_by: PersonId | None
    acted_at: datetime | None

    @property
    def by_hand(self) -> ByHand | None:
        if self.acted is None or self.acted_at is None:
            return None
        return ByHand(act=HandAct(self.acted), by=self.acted_by, at=self.acted_at)

    @property
    def digest(self) -> OwedDigest | None:
        """The digest as it was owed; None for anything else."""
        if self.kind != DIGEST:
            return None
        return OwedDigest(key=self.key, to=self.to_person, morning=self.data.get("morning") is True)

    @property
    def owed(self) -> OwedMessage | OwedNotice | None:
        """The message as it was owed, to be composed again; None for a command and for a digest."""
        return None if self.is_command or self.kind == DIGEST else message_from(self, dict(self.data))


@dataclass(frozen=True, slots=True, kw_only=True)
class MailFilter:
    """Every part given must hold. `since`: owed then or later. `before` is the id of the last one of the page
    before.
    """

    person: PersonId | None = None
    case_id: CaseId | None = None
    states: Sequence[OutboxState] = ()
    commands: bool | None = False
    since: datetime | None = None
    before: int | None = None


class Mailbox:
    def __init__(self, database: Database) -> None:
        self._database = database

    def page(self, wanted: MailFilter | None = None, *, limit: int = 50) -> list[Mail]:
        """Newest first."""
        rows = select(*_COLUMNS).where(*_conditions(wanted or MailFilter()))
        rows = rows.order_by(_OUTBOX.c.id.desc()).limit(limit)
        with self._database.reading() as connection:
            return [_mail(row) for row in connection.execute(rows).mappings()]

    def get(self, message: int) -> Mail | None:
        with self._database.reading() as connection:
            row = connection.execute(select(*_COLUMNS).where(_OUTBOX.c.id == message)).mappings().first()
        return None if row is None else _mail(row)

    def on_its_way(self, messages: Sequence[int]) -> dict[int, OnItsWay]:
        """What is known of each of these beyond its own row; none where nothing was tried yet."""
        with self._database.reading() as connection:
            rows = read_deliveries(connection, messages)
            within = select(_ITEM.c.message, _ITEM.c.digest).where(_ITEM.c.message.in_(messages))
            digests = {row.message: row.digest for row in connection.execute(within)}
        return {n: OnItsWay(deliveries=rows.get(n, ()), digest=digests.get(n)) for n in messages}

    def all_failing_since(self, now: datetime) -> datetime | None:
        """Since when no channel has taken a message, where several were tried; None while one did."""
        recent = _DELIVERY.c.last_at > now - LOOK_BACK
        arrived = (_DELIVERY.c.state == OutboxState.SENT.value) & recent
        failed = _DELIVERY.c.state.in_(FAILED) & recent & (_DELIVERY.c.code != "under_way")
        with self._database.reading() as connection:
            last = connection.scalar(select(func.max(_DELIVERY.c.last_at)).where(arrived))
            after = failed if last is None else failed & (_DELIVERY.c.last_at > last)
            tries = func.sum(_DELIVERY.c.attempts)
            begun, count = connection.execute(
                select(func.min(_DELIVERY.c.first_at), tries).where(after)
            ).one()
        return None if (count or 0) < TRIES_TO_TELL else (max(begun, last) if last else begun)

    def counts(self) -> dict[OutboxState, int]:
        """How many messages and commands there are in each state that has any."""
        wanted = select(_OUTBOX.c.state, func.count()).group_by(_OUTBOX.c.state)
        with self._database.reading() as connection:
            return {OutboxState(state): count for state, count in connection.execute(wanted)}

    def oldest_waiting(self) -> datetime | None:
        """When the longest-waiting of those not yet ended was owed; None when nothing waits."""
        waiting = select(func.min(_OUTBOX.c.created_at)).where(_OUTBOX.c.due_at.is_not(None))
        with self._database.reading() as connection:
            return connection.scalar(waiting)


_COLUMNS = tuple(_OUTBOX.c[f.name] for f in fields(Mail))


def _conditions(wanted: MailFilter) -> list[Any]:
    pairs = (
        (_OUTBOX.c.to_person, wanted.person),
        (_OUTBOX.c.case_id, wanted.case_id),
        (_OUTBOX.c.is_command, wanted.commands),
    )
    found: list[Any] = [column == value for column, value in pairs if value is not None]
    if wanted.states:
        found.append(_OUTBOX.c.state.in_([state.value for state in wanted.states]))
    if wanted.since is not None:
        found.append(_OUTBOX.c.created_at >= wanted.since)
    if wanted.before is not None:
        found.append(_OUTBOX.c.id < wanted.before)
    return found


def _mail(row: RowMapping) -> Mail:
    return Mail(**{**row, "data": json.loads(row["data"]), "state": OutboxState(row["state"])})
