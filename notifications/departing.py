"""Which messages leave now, of everything that is due: read and written outside the persons' turns, planned
and begun within them.
"""

import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, cast

from engine.clock import Clock
from engine.delivering import Deliveries, Delivery, Fate, Manner, PersonsTurn, Preferences, Wishes
from engine.groups import group_named
from engine.ids import PersonId
from engine.outbox import DIGEST, MessageGroup, OwedDigest, OwedMessage, OwedNotice, group_of
from engine.ports import ClaimedMessage, Outcome, Queues
from notifications.composing import Composer, Draft, digest_of
from notifications.digests import room_of, size_of
from notifications.messages import Message
from notifications.pacing import HOUR, Item, Pace, Plan, paced
from notifications.routing import MAILBOX, Address, Contact, addresses
from notifications.targets import Ways, begun, due, settled

MOST_AT_ONCE: Final = 500  # of one person's, planned together
ENOUGH: Final = 64  # leave together; more could not all be sent and marked while they are leased
NOT_NEEDED: Final = Outcome(
    state="cancelled", code="over", detail="what it was about is over, or a newer message says it"
)
_NOBODY: Final = Outcome(
    state="rejected", code="unknown", detail="the case or the person is not known; nobody to write to"
)
_NO_GROUP: Final = Outcome(state="cancelled", code="gone", detail="the group is not written to any more")
_MAILBOX_ONLY: Final = Outcome(state="sent", channel=MAILBOX)
_TURNED_OFF: Final = Outcome(
    state="sent", channel=MAILBOX, code="off", detail="the person wants these in the mailbox only"
)

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """A message with the tries that were begun. `rows`: all its targets. `items`: what a digest mentions,
    with what is over and what still goes by itself among them.
    """

    claimed: ClaimedMessage
    write: Callable[..., Message]
    ways: Ways
    rows: Sequence[Delivery]
    tries: Sequence[tuple[Delivery, Address]]
    items: Sequence[int] = ()
    over: frozenset[int] = frozenset()
    alone: frozenset[int] = frozenset()

    def fates(self, outcome: Outcome) -> list[Fate]:
        """What becomes of what a digest holds, once the digest has ended."""
        if outcome.retry_at is not None or not self.items:
            return []
        detail = f"{DIGEST} {self.claimed.id}" + (f": {outcome.detail}" if outcome.detail else "")
        as_digest = replace(outcome, code=outcome.code or DIGEST, detail=detail)
        return [
            Fate(message=item, outcome=NOT_NEEDED if item in self.over else self._own(item, as_digest))
            for item in self.items
        ]

    def _own(self, item: int, as_digest: Outcome) -> Outcome | None:
        return None if item in self.alone else as_digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """A row that ends, or fails, without being sent; with what a digest held."""

    row: ClaimedMessage
    why: Outcome | Exception
    fates: Sequence[Fate] = ()


@dataclass(slots=True)
class Readied:
    """`taken`: how many rows were taken up."""

    leaving: list[Departure] = field(default_factory=list[Departure])
    ended: list[Ended] = field(default_factory=list[Ended])
    taken: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Planner:
    queues: Queues
    deliveries: Deliveries
    wishes: Wishes
    composer: Composer
    clock: Clock
    holder: str
    lease_seconds: float

    def readied(self, *, limit: int) -> Readied:
        """Everything due for the persons of the first `limit` rows, planned and begun; of fewer persons where
        ENOUGH leaves.
        """
        readied = Readied()
        by_person: defaultdict[PersonId, list[ClaimedMessage]] = defaultdict(list)
        for row in self._claimed(limit, None):
            by_person[_to(row)].append(row)
        for person, first in by_person.items():
            if len(readied.leaving) >= ENOUGH:
                self._put_back(person, first)
                continue
            rows = [*first, *self._claimed(MOST_AT_ONCE, person)]
            readied.taken += len(rows)
            self._person(person, rows, readied)
        return readied

    def _claimed(self, limit: int, of: PersonId | None) -> Sequence[ClaimedMessage]:
        return self.queues.claim_messages(
            limit=limit, holder=self.holder, lease_seconds=self.lease_seconds, of=of
        )

    def _put_back(self, person: PersonId, rows: Sequence[ClaimedMessage]) -> None:
        with self.deliveries.turn(person) as turn:
            for row in rows:
                turn.postpone(row, self.clock.now())

    def _person(self, person: PersonId, rows: Sequence[ClaimedMessage], readied: Readied) -> None:
        found = [self._drafted(row) for row in rows]
        readied.ended += [one for one in found if isinstance(one, Ended)]
        drafted = [one for one in found if isinstance(one, Drafted)]
        if not drafted:
            return
        contact, wishes = drafted[0].draft.contact, self.wishes.of(person)
        places = addresses(contact, self.composer.settings, wishes.channels)
        if not places:
            readied.ended += [one.as_ended(_MAILBOX_ONLY) for one in drafted]
            return
        if room_of(_channels(places)) is not None and len(drafted) > 1:
            drafted = [one.measured(places) for one in drafted]
        with self.deliveries.turn(person) as turn:
            for part in _by_hours(drafted):
                contact, now = part[0].draft.contact, self.clock.now()
                _Seat(self.composer, turn, contact, wishes, places, now).plan(part, readied)

    def _drafted(self, row: ClaimedMessage) -> "Drafted | Ended":
        try:
            found = self._written(row)
        except Exception as fault:  # noqa: BLE001 - one message that cannot be made must not stop the others
            return Ended(row=row, why=fault)
        if found is None:
            return Ended(row=row, why=_NOBODY if group_named(_to(row)) is None else _NO_GROUP)
        return found if found.draft.due else found.as_ended(NOT_NEEDED)

    def _written(self, row: ClaimedMessage) -> "Drafted | None":
        """None where nobody is known to write to."""
        if isinstance(row.owed, OwedMessage | OwedNotice):
            draft = self.composer.draft(row.owed)
            return Drafted(row=row, draft=draft, group=group_of(row.owed.kind)) if draft else None
        if not isinstance(row.owed, OwedDigest):
            raise TypeError(row.owed)
        parts = {number: self.composer.draft(owed) for number, owed in self.deliveries.items(row.id)}
        known = {number: draft for number, draft in parts.items() if draft is not None}
        digest = digest_of(self.composer, row.owed, list(known.values()))
        group = MessageGroup.NEWS
        return Drafted(row=row, draft=digest, group=group, held=tuple(parts), parts=known) if digest else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """One claimed row with its draft. `held`: the numbers of what a digest holds; `parts`: their drafts,
    where there is still somebody to tell. `size`: of its line in a digest, once measured.
    """

    row: ClaimedMessage
    draft: Draft
    group: MessageGroup
    held: tuple[int, ...] = ()
    parts: Mapping[int, Draft] = field(default_factory=dict[int, Draft])
    size: int = 0

    def measured(self, places: Sequence[Address]) -> "Drafted":
        """With the longest link that it may have at one of these places."""
        if self.draft.in_digest is None:
            return self
        line = self.draft.in_digest(any(place.personal for place in places))
        return replace(self, size=size_of(line, self.draft.contact.language, _channels(places)))

    @property
    def kind(self) -> str:
        return self.row.owed.kind.value if isinstance(self.row.owed, OwedMessage | OwedNotice) else DIGEST

    @property
    def over(self) -> frozenset[int]:
        return frozenset(n for n in self.held if n not in self.parts or not self.parts[n].due)

    def as_ended(self, why: Outcome) -> Ended:
        """Also for what a digest holds: told in the mailbox, or over."""
        told = [Fate(message=n, outcome=NOT_NEEDED if n in self.over else why) for n in self.held]
        return Ended(row=self.row, why=why, fates=told)


@dataclass(frozen=True, slots=True)
class _Seat:
    """One person's messages, planned and begun in this person's turn."""

    composer: Composer
    turn: PersonsTurn
    contact: Contact
    wishes: Preferences
    places: Sequence[Address]
    now: datetime

    def plan(self, drafted: Sequence[Drafted], readied: Readied) -> None:
        by_id = {one.row.id: one for one in drafted}
        known = self.turn.deliveries(list(by_id))
        plan = self._planned(drafted, known)
        readied.ended += [by_id[n].as_ended(_TURNED_OFF) for n in plan.mailbox]
        for n, at in plan.later.items():
            self.turn.postpone(by_id[n].row, at)
        for unit in plan.units:
            *older, one = _newest_list_last([by_id[n] for n in unit])
            readied.ended += [late.as_ended(NOT_NEEDED) for late in older if late.kind == DIGEST]
            one = self._gathered([*(item for item in older if item.kind != DIGEST), one])
            urgent = not plan.urgent.isdisjoint(unit)
            departure = self._begun(one, known.get(one.row.id, ()), urgent=urgent)
            if departure is not None:
                readied.leaving.append(departure)

    def _planned(self, drafted: Sequence[Drafted], known: Mapping[int, Sequence[Delivery]]) -> Plan:
        company, working = self.composer.settings.pace, self.composer.working
        quiet = company.quiet and self.wishes.quiet
        per_hour = self.wishes.per_hour or company.per_hour
        mentioned = self.turn.mentioned([one.row.id for one in drafted])
        return paced(
            [
                Item(
                    id=one.row.id,
                    kind=one.kind,
                    group=one.group,
                    owed_at=one.row.owed_at or self.now,
                    urgent=one.draft.urgent,
                    alone=one.group is MessageGroup.SIGN_OFF,
                    mentioned=one.row.id in mentioned,
                    started=bool(known.get(one.row.id)),
                    size=one.size,
                )
                for one in drafted
            ],
            Pace(
                preferences=self.wishes,
                zone=self.contact.clock,
                per_hour=per_hour,
                window=company.window,
                room=room_of(_channels(self.places)),
            ),
            self.turn.recent(self.now - HOUR),
            quiet_until=working.quiet_until(self.contact, self.now) if quiet else self.now,
            now=self.now,
        )

    def _gathered(self, unit: Sequence[Drafted]) -> Drafted:
        """The message itself, or the digest that holds these from now on."""
        if len(unit) == 1:
            return unit[0]
        into = next((one.row for one in unit if one.kind == DIGEST), None)
        items = [one for one in unit if one.kind != DIGEST]
        row = self.turn.gather([one.row for one in items], into, now=self.now)
        parts = {one.row.id: one.draft for one in items}
        digest = digest_of(self.composer, cast("OwedDigest", row.owed), list(parts.values()))
        if digest is None:
            raise LookupError(self.contact.person)
        return Drafted(row=row, draft=digest, group=_group(items), held=tuple(parts), parts=parts)

    def _begun(self, one: Drafted, known: Sequence[Delivery], *, urgent: bool) -> Departure | None:
        """None: the row has passed to another meanwhile."""
        signs = one.group is MessageGroup.SIGN_OFF
        ways = Ways(
            addresses=self.places,
            everywhere=self.wishes.everywhere,
            fallback=self.composer.settings.pace.fallback if signs else None,
        )
        rows = settled(known, ways, now=self.now)
        tried = {row.target: begun(row, self.now) for row in due(rows, self.now)}
        if not self.turn.begin(one.row, list(tried.values()), now=self.now, urgent=urgent):
            return None
        if urgent:
            _LOG.info("outbox %s is urgent and goes at once", one.row.id)
        by_itself = self.wishes.manner(MessageGroup.SIGN_OFF) is Manner.NOW
        return Departure(
            claimed=one.row,
            write=one.draft.write,
            ways=ways,
            rows=[tried.get(row.target, row) for row in rows],
            tries=[(row, ways.named[name]) for name, row in tried.items()],
            items=one.held,
            over=one.over,
            alone=frozenset(n for n, draft in one.parts.items() if draft.digits and by_itself),
        )


def _channels(places: Sequence[Address]) -> frozenset[str]:
    return frozenset(place.channel for place in places)


def _to(row: ClaimedMessage) -> PersonId:
    if isinstance(row.owed, OwedMessage | OwedNotice | OwedDigest):
        return row.owed.to
    raise TypeError(row.owed)


def _by_hours(drafted: Sequence[Drafted]) -> list[list[Drafted]]:
    """A person has one calendar. A group works by that of each SOP: what each holds is planned apart, within
    one turn and so within one bound.
    """
    found: defaultdict[str, list[Drafted]] = defaultdict(list)
    for one in drafted:
        found[one.draft.contact.calendar].append(one)
    return list(found.values())


def _newest_list_last(unit: Sequence[Drafted]) -> list[Drafted]:
    """Where the lists of two mornings wait, the newer one says it all."""
    return sorted(unit, key=lambda one: (one.kind == DIGEST, one.row.id if one.kind == DIGEST else 0))


def _group(items: Sequence[Drafted]) -> MessageGroup:
    """The most pressing of them."""
    return min((one.group for one in items), key=list(MessageGroup).index)
