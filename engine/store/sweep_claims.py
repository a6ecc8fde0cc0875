"""Which cases have something due, claimed in batches: several runners sweep at once, and none does a case
that another has in hand.

A claim is a row of its own beside the deadlines. What was swept loses it; what a dead runner had in hand is
free when the lease has run out; what failed, or came to nothing, rests until `due_at`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, delete, exists, func, select, tuple_, update

from engine.clock import Clock
from engine.ids import CaseId
from engine.store.engines import Database
from engine.store.store_clock import Tick, tick_within
from engine.store.tables import DeadlineRow, SweepClaimRow, table
from engine.store.upsert import claim_rows

_DEADLINE, _CLAIM = table(DeadlineRow), table(SweepClaimRow)
_LOCK: Final = 0x7377656570  # "sweep": claims come one after the other
_FORGOTTEN_AFTER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCase:
    """A case leased to one runner. `token` fences, and counts the tries since something came of one."""

    case_id: CaseId
    token: int


class SweepClaims:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def due(self, *, limit: int) -> list[CaseId]:
        """Cases with something due, oldest first, each once; also those in hand. For `limit` deadlines."""
        rows = _due(_DEADLINE.c.next_at <= self._clock.now()).limit(limit)
        with self._database.reading() as connection:
            return [CaseId(case_id) for case_id in dict.fromkeys(connection.scalars(rows))]

    def claim(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ClaimedCase]:
        """At most `limit` cases that are due and free, oldest first."""
        with self._database.reading() as connection:
            waiting = _DEADLINE.c.next_at <= self._clock.now()
            if connection.execute(_due(waiting).limit(1)).first() is None:
                return []  # an idle tick must not stand in the writers' way
        with self._database.writing() as connection:
            if not self._database.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(_LOCK)))
            tick = tick_within(self._clock, connection)
            free = _due((_DEADLINE.c.next_at <= tick.now) & ~_held(tick)).limit(limit)
            cases = list(dict.fromkeys(connection.scalars(free)))
            until = tick.now + timedelta(seconds=lease_seconds)
            tokens = _taken(connection, cases, {"lease_holder": holder, "due_at": until})
            return [ClaimedCase(case_id=CaseId(case), token=tokens[case]) for case in cases]

    def done(self, claimed: Sequence[ClaimedCase]) -> None:
        """Something came of these, or they were not begun: whoever is due again may be taken at once."""
        if claimed:
            with self._database.writing() as connection:
                connection.execute(delete(_CLAIM).where(_those(claimed)))

    def rest(self, claimed: ClaimedCase, *, seconds: float) -> None:
        """Nobody takes it for so long."""
        with self._database.writing() as connection:
            now = tick_within(self._clock, connection).now
            later = {"lease_holder": None, "due_at": now + timedelta(seconds=seconds)}
            connection.execute(update(_CLAIM).where(_those([claimed])).values(later))
            connection.execute(delete(_CLAIM).where(_CLAIM.c.due_at < now - _FORGOTTEN_AFTER))


def _due(which: ColumnElement[bool]) -> Any:
    # Row by row in the order of the index: to group by case would read every open deadline.
    return select(_DEADLINE.c.case_id).where(which).order_by(_DEADLINE.c.next_at, _DEADLINE.c.case_id)


def _held(tick: Tick) -> ColumnElement[bool]:
    """Another's, or resting. Right after the clock was put forward a lease counts also when it ran out."""
    holds = _CLAIM.c.due_at > tick.now
    if not tick.steady:
        holds |= _CLAIM.c.lease_holder.is_not(None)
    return exists().where(_CLAIM.c.case_id == _DEADLINE.c.case_id, holds)


def _taken(connection: Connection, cases: Sequence[str], lease: dict[str, Any]) -> dict[str, int]:
    if not cases:
        return {}
    rows = [{"case_id": case, "token": 1, **lease} for case in cases]
    taken = claim_rows(connection, _CLAIM, rows, key="case_id")
    return {row.case_id: row.token for row in taken}


def _those(claimed: Sequence[ClaimedCase]) -> ColumnElement[bool]:
    keys = [(each.case_id, each.token) for each in claimed]
    return tuple_(_CLAIM.c.case_id, _CLAIM.c.token).in_(keys)
