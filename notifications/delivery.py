"""The outbox emptied: claim, write, send, mark. At least once: a crash between send and mark repeats a
message.

Every row ends as sent, rejected, cancelled or dead; a dead one waits, visible and replayable, for the
operator.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, cast

from engine.case.state import RULE
from engine.case.wording import refusal_sentences
from engine.clock import Clock
from engine.errors import GuankaError
from engine.outbox import OwedCommand, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Keyed, Outcome, Queues
from notifications.backing_off import Chance, chance, outcome_of
from notifications.channels import Channel, SendResult, SendState
from notifications.composing import Composer
from notifications.routing import addresses
from notifications.sending import Sent, all_within, send

BATCH: Final = 8
MOST_BATCHES: Final = 25  # then the caller may do something else first
SEND_SECONDS: Final = 30.0  # for a whole batch, which leaves at once
LEASE_SECONDS: Final = 90.0  # longer than writing, sending and marking a batch can take

_LOG = logging.getLogger(__name__)
_NOT_NEEDED: Final = Outcome(
    state="cancelled", code="over", detail="what it was about is over, or a newer message says it"
)
_NOBODY: Final = Outcome(
    state="rejected", code="unknown", detail="the case or the person is not known; nobody to write to"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Deliverer:
    """Safe to run in several processes at once: rows are leased, and late marks are refused.

    `holder` names this process in the leases; `draw` gives the jitter.
    """

    queues: Queues
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
        claimed = self.queues.claim_messages(
            limit=BATCH, holder=self.holder, lease_seconds=LEASE_SECONDS, now=self.clock.now()
        )
        outgoing: list[tuple[ClaimedMessage, Callable[[], Sent]]] = []
        for row in claimed:
            ready = self._ready(row)
            if isinstance(ready, Outcome):
                self._mark(row, ready)
            else:
                outgoing.append((row, ready))
        results = all_within(self.send_seconds, [job for _, job in outgoing])
        for (row, _), (channel, result) in zip(outgoing, results, strict=True):
            self._mark(row, outcome_of(result, channel, row.attempts, now=self.clock.now(), draw=self.draw))
        return len(claimed)

    def _ready(self, row: ClaimedMessage) -> Outcome | Callable[[], Sent]:
        """What will send it, or how it ended without being sent."""
        try:
            draft = self.composer.draft(cast("OwedMessage | OwedNotice", row.owed))
            if draft is None:
                return _NOBODY
            if not draft.due:
                return _NOT_NEEDED
            places = addresses(draft.contact, self.composer.settings)
            ways = [(draft.write(personal=place.personal), place) for place in places]
        except Exception as fault:  # noqa: BLE001 - one message that cannot be made must not stop the others
            return self._failed(row, fault)
        return lambda: send(self.channel, ways)

    def _commands(self) -> int:
        claimed: Sequence[ClaimedMessage] = self.queues.claim_commands(
            limit=BATCH, holder=self.holder, lease_seconds=LEASE_SECONDS, now=self.clock.now()
        )
        for row in claimed:
            self._mark(row, self._handled(row))
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
        result = SendResult(state=SendState.RETRY, code="fault", detail=said)
        return outcome_of(result, "", row.attempts, now=self.clock.now(), draw=self.draw)

    def _mark(self, row: ClaimedMessage, outcome: Outcome) -> None:
        """A mark that cannot be written leaves the row to its lease: it is sent again, rather than lost."""
        level = logging.WARNING if outcome.state in {"dead", "rejected"} else logging.INFO
        _LOG.log(
            level,
            "outbox %s: %s %s %s %s",
            row.id,
            outcome.state,
            outcome.channel,
            outcome.code,
            outcome.detail,
        )
        try:
            self.queues.finish(row, outcome, now=self.clock.now())
        except Exception as fault:  # noqa: BLE001 - as above
            _LOG.warning("outbox %s could not be marked: %s", row.id, type(fault).__name__)
