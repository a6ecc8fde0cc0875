"""The outbox emptied: claim, plan, write, send, mark. At least once: a crash between send and mark repeats a
message, and its row says so.

Every row ends as sent, rejected, cancelled or dead; a dead one waits, visible and replayable, for the
operator.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final, cast

from engine.case.state import RULE
from engine.case.wording import refusal_sentences
from engine.clock import Clock
from engine.delivering import Deliveries, Delivery, Wishes
from engine.errors import GuankaError
from engine.outbox import OwedCommand
from engine.ports import ClaimedMessage, Keyed, Outcome, Queues
from notifications.backing_off import MOST_TRIES, Chance, chance, outcome_of
from notifications.channels import Channel, SendResult, SendState
from notifications.composing import Composer
from notifications.departing import Departure, Ended, Planner, Readied
from notifications.sending import FAULT, all_within, sending
from notifications.targets import PATIENCE, concluded, ended

BATCH: Final = 8
MOST_BATCHES: Final = 25  # then the caller may do something else first
SEND_SECONDS: Final = 30.0  # within which a whole batch is begun, and how long each is waited for
LEASE_SECONDS: Final = 90.0  # longer than writing, sending and marking a batch can take

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Safe to run in several processes at once: rows are leased, and late marks are refused.

    `holder` names this process in the leases; `draw` gives the jitter.
    """

    queues: Queues
    deliveries: Deliveries
    wishes: Wishes
    service: Keyed
    composer: Composer
    channel: Channel
    clock: Clock
    holder: str
    draw: Chance = chance
    send_seconds: float = SEND_SECONDS

    def deliver_due(self) -> int:
        """Hands over the commands owed to other cases, then sends messages; how many rows were taken up."""
        return self._drain(self._commands) + self._drain(self._messages)

    def _drain(self, batch: Callable[[], int]) -> int:
        taken = 0
        for _ in range(MOST_BATCHES):
            found = batch()
            taken += found
            if found < BATCH:
                break
        return taken

    def _messages(self) -> int:
        """What is due for the first few people, with everything else that is due for them."""
        planner = Planner(
            queues=self.queues,
            deliveries=self.deliveries,
            wishes=self.wishes,
            composer=replace(self.composer, names={}),
            clock=self.clock,
            holder=self.holder,
            lease_seconds=LEASE_SECONDS,
        )
        readied = planner.readied(limit=BATCH)
        for one in readied.ended:
            outcome = one.why if isinstance(one.why, Outcome) else self._failed(one.row, one.why)
            self._mark(one.row, outcome, partial(self._end, one, outcome))
        self._send(readied)
        return readied.taken

    def _send(self, readied: Readied) -> None:
        jobs = [
            sending(self.channel, departure.write, address)
            for departure in readied.leaving
            for _, address in departure.tries
        ]
        results = iter(all_within(self.send_seconds, jobs))
        for departure in readied.leaving:
            self._record(departure, [next(results) for _ in departure.tries])

    def _record(self, departure: Departure, results: Sequence[SendResult]) -> None:
        now = self.clock.now()
        tried = {
            row.target: ended(row, result, now=now, draw=self.draw, patient=self._is_down(row, result, now))
            for (row, _), result in zip(departure.tries, results, strict=True)
        }
        rows = [tried.get(row.target, row) for row in departure.rows]
        rows, outcome = concluded(rows, departure.ways, now=now)
        fates = departure.fates(outcome)
        self._mark(
            departure.claimed,
            outcome,
            lambda: self.deliveries.record(departure.claimed, rows, outcome, now=now, fates=fates),
        )

    def _is_down(self, row: Delivery, result: SendResult, now: datetime) -> bool:
        """Whether the channel, and not this message, is what fails: it has taken nothing since the first
        try.
        """
        if row.attempts < MOST_TRIES or row.first_at is None or result.code == FAULT:
            return False
        return now - row.first_at < PATIENCE and not self.deliveries.took(row.channel, row.first_at)

    def _end(self, one: Ended, outcome: Outcome) -> bool:
        return self.deliveries.record(one.row, (), outcome, now=self.clock.now(), fates=one.fates)

    def _commands(self) -> int:
        claimed: Sequence[ClaimedMessage] = self.queues.claim_commands(
            limit=BATCH, holder=self.holder, lease_seconds=LEASE_SECONDS
        )
        for row in claimed:
            outcome = self._handled(row)
            finish = partial(self.queues.finish, row, outcome, now=self.clock.now())
            self._mark(row, outcome, finish)
        return len(claimed)

    def _handled(self, row: ClaimedMessage) -> Outcome:
        """A refused command is dead: asking again would not change the rules, and somebody has to look."""
        owed = cast("OwedCommand", row.owed)
        try:
            answer = self.service.handle(owed.command, actor=RULE, key=owed.key)
        except Exception as fault:  # noqa: BLE001 - busy, moved or broken: this one waits, the others go on
            return self._failed(row, fault)
        if answer.refusal is None:
            return Outcome(state="sent", channel="case")
        why = " ".join(refusal_sentences(answer.refusal, "zh"))
        return Outcome(state="dead", channel="case", code=answer.refusal.why, detail=why)

    def _failed(self, row: ClaimedMessage, fault: Exception) -> Outcome:
        """Our own failures speak for people and hold no secrets; of others only the kind is said."""
        said = fault.message.in_("zh") if isinstance(fault, GuankaError) else type(fault).__name__
        result = SendResult(state=SendState.RETRY, code=FAULT, detail=said)
        return outcome_of(result, "", row.attempts, now=self.clock.now(), draw=self.draw)

    def _mark(self, row: ClaimedMessage, outcome: Outcome, write: Callable[[], bool]) -> None:
        """A mark that cannot be written leaves the row to its lease: it is sent again, rather than lost."""
        level = logging.WARNING if outcome.state in {"dead", "rejected"} else logging.INFO
        said = (outcome.state, outcome.channel, outcome.code, outcome.detail)
        _LOG.log(level, "outbox %s: %s %s %s %s", row.id, *said)
        try:
            write()
        except Exception as fault:  # noqa: BLE001 - as above
            _LOG.warning("outbox %s could not be marked: %s", row.id, type(fault).__name__)
