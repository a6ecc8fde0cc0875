"""Messages on their way: whose turn it is, what is tried where, and what came of it.

Whoever plans messages to a person holds that person's turn, so that the bound of the hour holds however many
processes deliver. A try is written down before it is made and again when it has ended, under the lease of its
message; a late writer changes nothing.
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Connection, Update, case, delete, func, insert, select, update

from engine.delivering import ByHand, Delivery, Fate, HandAct, Slot, TargetState
from engine.ids import PersonId
from engine.outbox import DIGEST, OwedDigest, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Outcome
from engine.store.engines import Database
from engine.store.mapping import canonical, owed_from_row
from engine.store.queues import DETAIL_LENGTH, finished, in_hand
from engine.store.tables import DeliveryRow, DigestItemRow, OutboxRow, OutboxState, table
from engine.store.upsert import insert_once, upsert

_OUTBOX, _DELIVERY, _ITEM = table(OutboxRow), table(DeliveryRow), table(DigestItemRow)
ARRIVED = frozenset({TargetState.SENT, TargetState.UNKNOWN})
STOPPED = (OutboxState.DEAD.value, OutboxState.REJECTED.value, OutboxState.CANCELLED.value)
MANY = 500  # values in one statement
Value = TypeVar("Value")


class SqlDeliveries:
    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def turn(self, person: PersonId) -> Generator["SqlTurn"]:
        """On SQLite the database's write lock is the turn."""
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                name = func.hashtextextended(f"turn/{person}", 0)
                connection.execute(select(func.pg_advisory_xact_lock(name)))
            yield SqlTurn(connection, person)

    def items(self, digest: int) -> list[tuple[int, OwedMessage | OwedNotice]]:
        wanted = (
            select(_OUTBOX)
            .join(_ITEM, _ITEM.c.message == _OUTBOX.c.id)
            .where(_ITEM.c.digest == digest)
            .order_by(_OUTBOX.c.id)
        )
        with self._database.reading() as connection:
            found = [(row.id, owed_from_row(row)) for row in connection.execute(wanted)]
        return [(number, owed) for number, owed in found if isinstance(owed, OwedMessage | OwedNotice)]

    def took(self, channel: str, since: datetime) -> bool:
        same = (_DELIVERY.c.channel == channel) & (_DELIVERY.c.last_at > since)
        sent = select(_DELIVERY.c.message).where(same & (_DELIVERY.c.state == TargetState.SENT.value))
        with self._database.reading() as connection:
            return connection.execute(sent.limit(1)).first() is not None

    def record(
        self,
        claimed: ClaimedMessage,
        rows: Sequence[Delivery],
        outcome: Outcome,
        *,
        now: datetime,
        fates: Sequence[Fate] = (),
    ) -> bool:
        with self._database.writing() as connection:
            if outcome.state == OutboxState.CANCELLED.value and not rows:
                outcome, fates = _as_arrived(connection, claimed.id, outcome, fates)
            marked = finished(claimed, outcome, now=now)
            if rows:
                arrived = [row.last_at for row in rows if row.state in ARRIVED and row.last_at is not None]
                marked = marked.values(begun_at=max(arrived, default=None))
            if connection.execute(marked).rowcount != 1:
                return False
            _put(connection, claimed.id, rows)
            if outcome.retry_at is None:
                connection.execute(_left_over(claimed.id))
            for fate in fates:
                _end_item(connection, claimed.id, fate, now)
            if outcome.retry_at is None and isinstance(claimed.owed, OwedDigest):
                # Whatever was not spoken of ends with its digest: nothing is left lying in it.
                rest = _items_of(claimed.id) & _OUTBOX.c.due_at.is_(None)
                connection.execute(_end(rest, outcome, now))
        return True

    def owe_morning(self, people: Iterable[PersonId], *, day: str, now: datetime) -> int:
        """One message to each of these about what waits, once a day; how many are new."""
        with self._database.writing() as connection:
            known = set(connection.scalars(select(_OUTBOX.c.key).where(_is_morning(day))))
            keys = {f"morning/{day}/{person}": person for person in people}
            new = {key: person for key, person in keys.items() if key not in known}
            for key, person in new.items():
                row = {**_digest_row(key, person, now, morning=True), "due_at": now}
                insert_once(connection, _OUTBOX, row)
        return len(new)

    def again(self, message: int, *, by: PersonId | None, now: datetime) -> bool:
        """Owes a message again that ended without being sent, at the addresses that failed. False when it is
        under way or was sent. A digest takes along what ended with it; a message of one leaves it. `by`: None
        is the operator, here and in `cancel`; it is kept with the message and with what a digest takes along.
        """
        acted = _acted(ByHand(act=HandAct.AGAIN, by=by, at=now))
        stopped = _OUTBOX.c.state.in_((*STOPPED, OutboxState.UNKNOWN.value)) & _OUTBOX.c.due_at.is_(None)
        again = {"state": OutboxState.RETRY.value, "due_at": now, "attempts": 0, "finished_at": None}
        with self._database.writing() as connection:
            found = update(_OUTBOX).where((_OUTBOX.c.id == message) & stopped).values({**again, **acted})
            if connection.execute(found).rowcount != 1:
                return False
            reset = {"state": TargetState.RETRY.value, "attempts": 0, "due_at": now, "code": "", "detail": ""}
            reset |= {"first_at": None}  # patience with a channel begins anew
            failed = (_DELIVERY.c.message == message) & (_DELIVERY.c.state != TargetState.SENT.value)
            connection.execute(update(_DELIVERY).where(failed).values(reset))
            connection.execute(delete(_ITEM).where(_ITEM.c.message == message))
            held = _items_of(message) & _OUTBOX.c.state.in_(STOPPED)
            waits = {"state": OutboxState.OWED.value, "due_at": None, "finished_at": None}
            connection.execute(update(_OUTBOX).where(held).values({**waits, **acted}))
        return True

    def hurry(self, targets: Sequence[str], *, now: datetime) -> None:
        """What waits to be tried again at these addresses need not wait any longer."""
        later = _OUTBOX.c.due_at.is_not(None) & (_OUTBOX.c.due_at > now) & _OUTBOX.c.lease_holder.is_(None)
        soon = _DELIVERY.c.due_at.is_not(None) & (_DELIVERY.c.due_at > now)
        with self._database.writing() as connection:
            for part in _parts(targets):
                waits = _DELIVERY.c.target.in_(part) & (_DELIVERY.c.state == TargetState.RETRY.value)
                its = _OUTBOX.c.id.in_(select(_DELIVERY.c.message).where(waits))
                connection.execute(update(_OUTBOX).where(its & later).values(due_at=now))
                connection.execute(update(_DELIVERY).where(waits & soon).values(due_at=now))

    def cancel(self, message: int, *, by: PersonId | None, now: datetime) -> bool:
        """Stops a message nobody has in hand, and what a digest holds; False when it has ended, is being sent
        or lies in a digest.
        """
        acted = _acted(ByHand(act=HandAct.STOPPED, by=by, at=now))
        ended = {"state": OutboxState.CANCELLED.value, "due_at": None, "finished_at": now, **acted}
        with self._database.writing() as connection:
            waiting = _OUTBOX.c.due_at.is_not(None) & _OUTBOX.c.lease_holder.is_(None)
            ended_as = {**ended, **_sent_by(connection, message)}
            stopped = update(_OUTBOX).where((_OUTBOX.c.id == message) & waiting).values(ended_as)
            if connection.execute(stopped).rowcount != 1:
                return False
            connection.execute(_left_over(message))
            held = _items_of(message) & _OUTBOX.c.due_at.is_(None) & (_OUTBOX.c.state == "owed")
            connection.execute(update(_OUTBOX).where(held).values(ended))
        return True


class SqlTurn:
    """`engine.delivering.PersonsTurn`, within one transaction."""

    def __init__(self, connection: Connection, person: PersonId) -> None:
        self._connection, self._person = connection, person

    def recent(self, since: datetime) -> list[Slot]:
        own = (_OUTBOX.c.to_person == self._person) & (_OUTBOX.c.begun_at > since)
        columns = (_OUTBOX.c.begun_at, _OUTBOX.c.kind, _OUTBOX.c.urgent_at)
        wanted = select(*columns).where(own).order_by(_OUTBOX.c.begun_at)
        found = self._connection.execute(wanted)
        return [Slot(at=at, kind=kind, urgent=urgent_at is not None) for at, kind, urgent_at in found]

    def deliveries(self, messages: Sequence[int]) -> Mapping[int, tuple[Delivery, ...]]:
        return read_deliveries(self._connection, messages)

    def mentioned(self, messages: Sequence[int]) -> frozenset[int]:
        found: set[int] = set()
        for part in _parts(messages):
            found |= set(self._connection.scalars(select(_ITEM.c.message).where(_ITEM.c.message.in_(part))))
        return frozenset(found)

    def postpone(self, claimed: ClaimedMessage, until: datetime) -> bool:
        tries = case((_OUTBOX.c.attempts > 0, _OUTBOX.c.attempts - 1), else_=0)
        given_back = {"due_at": until, "lease_holder": None, "attempts": tries}
        return self._change(claimed, given_back)

    def gather(
        self, items: Sequence[ClaimedMessage], into: ClaimedMessage | None, *, now: datetime
    ) -> ClaimedMessage:
        digest = into or self._new_digest(items, now)
        for item in items:
            if self._change(item, {"due_at": None, "lease_holder": None}):
                upsert(self._connection, _ITEM, {"message": item.id}, {"digest": digest.id})
        return digest

    def begin(
        self, claimed: ClaimedMessage, tries: Sequence[Delivery], *, now: datetime, urgent: bool
    ) -> bool:
        marks: dict[str, Any] = {"begun_at": now, **({"urgent_at": now} if urgent else {})}
        if not self._change(claimed, marks):
            return False
        _put(self._connection, claimed.id, tries)
        return True

    def _new_digest(self, items: Sequence[ClaimedMessage], now: datetime) -> ClaimedMessage:
        """Leased by whom and until when its first item was."""
        first = self._connection.execute(
            select(_OUTBOX.c.lease_holder, _OUTBOX.c.due_at).where(_OUTBOX.c.id == items[0].id)
        ).one()
        key = f"digest/{self._person}/{items[0].id}/{items[0].token}"
        row = _digest_row(key, self._person, now, morning=False)
        leased = {"lease_holder": first.lease_holder, "due_at": first.due_at, "token": 1, "attempts": 1}
        made = insert(_OUTBOX).values({**row, **leased}).returning(_OUTBOX.c.id)
        number = self._connection.execute(made).scalar_one()
        owed = OwedDigest(key=key, to=self._person)
        return ClaimedMessage(id=number, owed=owed, attempts=1, token=1, owed_at=now)

    def _change(self, claimed: ClaimedMessage, values: Mapping[str, Any]) -> bool:
        return self._connection.execute(update(_OUTBOX).where(in_hand(claimed)).values(values)).rowcount == 1


def read_deliveries(connection: Connection, messages: Sequence[int]) -> dict[int, tuple[Delivery, ...]]:
    found: dict[int, tuple[Delivery, ...]] = {}
    for part in _parts(messages):
        wanted = select(_DELIVERY).where(_DELIVERY.c.message.in_(part))
        for row in connection.execute(wanted.order_by(_DELIVERY.c.message, _DELIVERY.c.place)).mappings():
            columns = {name: row[name] for name in Delivery.__dataclass_fields__}
            one = Delivery(**{**columns, "state": TargetState(row["state"])})
            found[row["message"]] = (*found.get(row["message"], ()), one)
    return found


def _put(connection: Connection, message: int, rows: Sequence[Delivery]) -> None:
    for row in rows:
        columns = {**asdict(row), "state": row.state.value, "detail": row.detail[:DETAIL_LENGTH]}
        key = {"message": message, "target": columns.pop("target")}
        upsert(connection, _DELIVERY, key, columns)


def _as_arrived(
    connection: Connection, message: int, outcome: Outcome, fates: Sequence[Fate]
) -> tuple[Outcome, Sequence[Fate]]:
    """What some channel has taken already was sent, though the others need not try any more; with what it
    mentions.
    """
    if not (sent := _sent_by(connection, message)):
        return outcome, fates
    arrived = Outcome(state=sent["state"], channel=sent["channel"])
    told = replace(arrived, code=DIGEST, detail=f"{DIGEST} {message}")
    return arrived, [Fate(message=fate.message, outcome=fate.outcome and told) for fate in fates]


def _sent_by(connection: Connection, message: int) -> dict[str, str]:
    """The state of a message that a channel has taken, and all that did; empty where none did."""
    its = (_DELIVERY.c.message == message) & (_DELIVERY.c.state == TargetState.SENT.value)
    names = connection.scalars(select(_DELIVERY.c.channel).where(its).order_by(_DELIVERY.c.place)).all()
    channels = ", ".join(dict.fromkeys(names))
    return {"state": OutboxState.SENT.value, "channel": channels} if names else {}


def cancel_owed(connection: Connection, to: PersonId, *, now: datetime) -> None:
    """Ends whatever is on its way to one who is no more; who has it in hand will find it taken away."""
    still = (_OUTBOX.c.to_person == to) & _OUTBOX.c.state.in_(("owed", "retry", "unknown"))
    for message in connection.scalars(select(_OUTBOX.c.id).where(still)).all():
        connection.execute(_left_over(message))
    ended = {"state": OutboxState.CANCELLED.value, "due_at": None, "lease_holder": None, "finished_at": now}
    connection.execute(update(_OUTBOX).where(still).values(ended))


def _acted(last: ByHand) -> dict[str, Any]:
    return {"acted": last.act.value, "acted_by": last.by, "acted_at": last.at}


def _left_over(message: int) -> Update:
    """With its message a try ends that was still to come; one without an answer stays in doubt."""
    still = (_DELIVERY.c.message == message) & _DELIVERY.c.state.in_(("owed", "retry"))
    return update(_DELIVERY).where(still).values(state=TargetState.CANCELLED.value, due_at=None)


def _end_item(connection: Connection, digest: int, fate: Fate, now: datetime) -> None:
    """What ends with its digest; or stays owed, to go by itself."""
    held = (_OUTBOX.c.id == fate.message) & _items_of(digest) & _OUTBOX.c.due_at.is_(None)
    outcome = fate.outcome
    if outcome is None:
        connection.execute(update(_OUTBOX).where(held).values(due_at=now))
        return
    connection.execute(_end(held, outcome, now))


def _end(which: ColumnElement[bool], outcome: Outcome, now: datetime) -> Update:
    ended = {
        "state": OutboxState(outcome.state).value,
        "channel": outcome.channel,
        "code": outcome.code,
        "detail": outcome.detail[:DETAIL_LENGTH],
        "finished_at": now,
    }
    return update(_OUTBOX).where(which & (_OUTBOX.c.state == OutboxState.OWED.value)).values(ended)


def _items_of(digest: int) -> Any:
    return _OUTBOX.c.id.in_(select(_ITEM.c.message).where(_ITEM.c.digest == digest))


def _is_morning(day: str) -> Any:
    return (_OUTBOX.c.kind == DIGEST) & _OUTBOX.c.key.startswith(f"morning/{day}/", autoescape=True)


def _digest_row(key: str, person: PersonId, now: datetime, *, morning: bool) -> dict[str, Any]:
    nothing = {"channel": "", "code": "", "detail": "", "attempts": 0, "token": 0}
    return {
        **nothing,
        "key": key,
        "is_command": False,
        "kind": DIGEST,
        "to_person": person,
        "data": canonical({"morning": morning}),
        "state": OutboxState.OWED.value,
        "created_at": now,
    }


def _parts(values: Sequence[Value]) -> list[Sequence[Value]]:
    return [values[n : n + MANY] for n in range(0, len(values), MANY)]
