"""Where a message goes, and what came of it there. Pure.

Addresses are tried in order; the next one where the one before refused for good or was given up. A request
to sign goes to the next one too when it was not delivered in time. Only what failed is tried again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.delivering import OVER, Delivery, TargetState
from engine.ports import Outcome
from notifications.backing_off import MOST_TRIES, SHORTEST_WAIT, Chance, wait_after
from notifications.channels import SendResult, SendState
from notifications.masking import masked_address
from notifications.routing import Address, target_of

PATIENCE: Final = timedelta(days=1)  # with a channel that takes nothing from anybody
LATER_SECONDS: Final = 60.0  # where a channel says later, and not when
_GONE: Final = "this address is no longer used for this person"
_ELSEWHERE: Final = "delivered by another channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ways:
    """The addresses of one message in order. `fallback`: after so long undelivered the next one is used too;
    None where it is not. `everywhere`: all of them at once.
    """

    addresses: Sequence[Address]
    everywhere: bool = False
    fallback: timedelta | None = None

    @property
    def named(self) -> Mapping[str, Address]:
        return {target_of(address): address for address in self.addresses}


def settled(known: Sequence[Delivery], ways: Ways, *, now: datetime) -> tuple[Delivery, ...]:
    """The rows with those added that are to be tried from now on; what has lost its address is cancelled."""
    rows = [row if row.target in ways.named or not row.is_open else _over(row, _GONE) for row in known]
    fresh = [name for name in ways.named if name not in {row.target for row in rows}]
    if not fresh or any(row.state is TargetState.SENT for row in rows):
        return tuple(rows)
    if ways.everywhere:
        return (*rows, *(_new(ways, name, fallback=False) for name in fresh))
    late = _fallback_at(rows, ways)
    if late is not None and late <= now:
        return (*rows, _new(ways, fresh[0], fallback=True))
    if not any(row.is_open for row in rows):
        return (*rows, _new(ways, fresh[0], fallback=False))
    return tuple(rows)


def due(rows: Sequence[Delivery], now: datetime) -> list[Delivery]:
    """Those to try now. One without an instant was begun by somebody who never said how it ended."""
    return [row for row in rows if row.is_open and (row.due_at is None or row.due_at <= now)]


def begun(row: Delivery, now: datetime) -> Delivery:
    """As it stands while it is being tried."""
    return replace(
        row,
        state=TargetState.UNKNOWN,
        code="under_way",
        detail="",
        attempts=row.attempts + 1,
        repeated=row.repeated or row.state is TargetState.UNKNOWN,
        first_at=row.first_at or now,
        last_at=now,
        due_at=None,
    )


def ended(
    row: Delivery, result: SendResult, *, now: datetime, draw: Chance, patient: bool = False
) -> Delivery:
    """As it stands after the try that `begun` began. A channel that says LATER has not tried, and is given up
    after a day of it. `patient`: it is not given up however often it was tried.
    """
    row = replace(row, code=result.code, detail=result.detail)
    asked = result.retry_after_seconds
    match result.state:
        case SendState.SENT:
            return replace(row, state=TargetState.SENT)
        case SendState.REJECTED:
            return replace(row, state=TargetState.REJECTED)
        case SendState.LATER:
            last = (row.first_at or now) + PATIENCE
            if now >= last:
                return replace(row, state=TargetState.DEAD)
            again = now + timedelta(seconds=max(LATER_SECONDS if asked is None else asked, 1.0))
            return replace(row, state=TargetState.RETRY, attempts=row.attempts - 1, due_at=min(again, last))
        case SendState.RETRY | SendState.UNKNOWN if row.attempts >= MOST_TRIES and not patient:
            return replace(row, state=TargetState.DEAD)
        case SendState.RETRY | SendState.UNKNOWN:
            waits = max(wait_after(row.attempts, draw), timedelta(seconds=asked or 0.0), SHORTEST_WAIT)
            return replace(row, state=TargetState(result.state.value), due_at=now + waits)


def concluded(rows: Sequence[Delivery], ways: Ways, *, now: datetime) -> tuple[tuple[Delivery, ...], Outcome]:
    """The rows after a round of tries, and how the message itself stands: it ends when nothing is left."""
    sent = [row for row in rows if row.state is TargetState.SENT]
    if sent and not ways.everywhere:
        rows = [_over(row, _ELSEWHERE) if row.is_open else row for row in rows]
    waiting = [row for row in rows if row.is_open]
    fresh = any(name not in {row.target for row in rows} for name in ways.named)
    if waiting:
        return tuple(rows), _waits(rows, waiting, ways, now=now)
    if sent:
        return tuple(rows), _outcome("sent", sent)
    if fresh:
        return tuple(rows), replace(_outcome("retry", rows), retry_at=now)
    dead = [row for row in rows if row.state is TargetState.DEAD]
    refused = [row for row in rows if row.state is TargetState.REJECTED]
    if dead or refused:
        return tuple(rows), _outcome("dead" if dead else "rejected", dead or refused)
    unsure = [row for row in rows if row.state is TargetState.UNKNOWN]
    return tuple(rows), _outcome("unknown" if unsure else "cancelled", unsure or rows)


def _waits(rows: Sequence[Delivery], waiting: Sequence[Delivery], ways: Ways, *, now: datetime) -> Outcome:
    unsure = [row for row in waiting if row.state is TargetState.UNKNOWN]
    instants = [row.due_at or now for row in waiting]
    late = _fallback_at(rows, ways)
    if late is not None:
        instants.append(max(late, now))
    told = unsure or waiting
    return replace(_outcome("unknown" if unsure else "retry", told), retry_at=min(instants))


def _fallback_at(rows: Sequence[Delivery], ways: Ways) -> datetime | None:
    """When the next address is used too; None where there is none, or no need."""
    begun_at = [row.first_at for row in rows if row.first_at is not None]
    more = any(name not in {row.target for row in rows} for name in ways.named)
    delivered = any(row.state is TargetState.SENT for row in rows)
    if ways.fallback is None or not begun_at or not more or delivered:
        return None
    return max(begun_at) + ways.fallback


def _outcome(state: str, rows: Sequence[Delivery]) -> Outcome:
    """By all channels that say so; with the code of the last."""
    last = rows[-1]
    channels = ", ".join(dict.fromkeys(row.channel for row in rows))
    said = ("", "") if state == "sent" else (last.code, last.detail)
    return Outcome(state=state, channel=channels, code=said[0], detail=said[1])


def _new(ways: Ways, name: str, *, fallback: bool) -> Delivery:
    place = list(ways.named).index(name) + 1
    address = ways.named[name]
    return Delivery(
        target=name,
        channel=address.channel,
        address=masked_address(address.channel, address.url, address.email),
        place=place,
        fallback=fallback,
    )


def _over(row: Delivery, why: str) -> Delivery:
    """Not needed there any more; what may have arrived there stays in doubt."""
    state = row.state if row.state is TargetState.UNKNOWN else TargetState.CANCELLED
    return replace(row, state=state, code=OVER, detail=why, due_at=None)
