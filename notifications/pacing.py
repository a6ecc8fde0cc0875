"""When a person's messages leave: at once, together, at the person's hours, or later. Pure.

Nothing leaves in quiet hours unless it is urgent, and no more messages an hour than the person wants. What
finds no room of its own is mentioned in one message with the rest: nothing is left out, it only waits. What
is urgent takes the places of the hour first; where there are none left it goes all the same, all of it in one
message, and so once in a few minutes at most.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta, tzinfo
from hashlib import sha256
from typing import Final

from engine.delivering import Manner, Preferences, Slot
from engine.outbox import DIGEST, MessageGroup

HOUR: Final = timedelta(hours=1)
MOST_TOGETHER: Final = 200  # in one message
PRESSING: Final = timedelta(minutes=10)  # between two messages that go though the hour is full
SPREAD_MINUTES: Final = 5  # so that not everybody's messages leave at the same instant
_FIRST: Final = tuple(MessageGroup)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A message that is owed. `alone`: it carries what only it may carry, such as digits. `mentioned`: a
    digest told of it already. `started`: it was tried before. `size`: how much its line
    takes of the room of a digest.
    """

    id: int
    kind: str
    group: MessageGroup
    owed_at: datetime
    urgent: bool = False
    alone: bool = False
    mentioned: bool = False
    started: bool = False
    size: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """What holds for one person. `window`: messages of one kind within it go together; of no length, each
    goes by itself while there is room. `room`: how much one digest holds, where the person's channels
    take no more; the sizes of items are parts of it.
    """

    preferences: Preferences
    zone: tzinfo
    per_hour: int
    window: timedelta
    room: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Each item stands in exactly one of `mailbox`, `units` and `later`.

    A unit is one message now: of one item, or a digest of several. `later` says when to look again. `urgent`:
    those that go past quiet hours and the bound of the hour.
    """

    mailbox: tuple[int, ...] = ()
    units: tuple[tuple[int, ...], ...] = ()
    later: Mapping[int, datetime] = field(default_factory=dict[int, datetime])
    urgent: frozenset[int] = frozenset()


def paced(
    items: Sequence[Item], pace: Pace, recent: Sequence[Slot], *, quiet_until: datetime, now: datetime
) -> Plan:
    """`recent`: the messages of the last hour. `quiet_until` is not after `now` while people work."""
    manner = pace.preferences.manner
    off = [i for i in items if manner(i.group) is Manner.OFF and not i.started]
    wanted = _in_order(i for i in items if i not in off)
    urgent, later = _pressing([i for i in wanted if i.urgent], pace, recent, now)
    units = list(urgent)
    calm = [i for i in wanted if not i.urgent]
    if quiet_until > now:
        later |= {i.id: quiet_until for i in calm}
    else:
        waits = {i.id: at for i in calm if (at := _waits_until(i, pace, recent, now)) > now}
        instants = [*(slot.at for slot in recent), *(now for _ in urgent)]
        ready = [i for i in calm if i.id not in waits]
        first = {i.group: at for i in reversed(calm) if (at := waits.get(i.id)) and not _in_digest(i, pace)}
        fitted, kept = _with_a_place_kept(ready, first, pace, _free(instants, pace))
        frees_at = kept or _frees_at([*instants, *(now for _ in fitted)], pace.per_hour, now)
        units = [*urgent, *fitted]
        later |= waits | {i.id: frees_at for i in _left(ready, fitted)}
    return Plan(
        mailbox=tuple(i.id for i in off),
        units=tuple(tuple(i.id for i in unit) for unit in units),
        later=later,
        urgent=frozenset(i.id for unit in urgent for i in unit),
    )


def _in_order(items: Iterable[Item]) -> list[Item]:
    """What was begun goes on first, then by group; what a digest mentioned comes after what is new."""
    return sorted(items, key=lambda i: (not i.started, i.mentioned, _FIRST.index(i.group), i.owed_at, i.id))


def _waits_until(item: Item, pace: Pace, recent: Sequence[Slot], now: datetime) -> datetime:
    """The person's next digest, or the end of the window that a message of its kind opened."""
    if item.started or item.kind == DIGEST:
        return now
    if pace.preferences.manner(item.group) is Manner.DIGEST:
        return next_digest(item.owed_at, pace.preferences.digest_hours, pace.zone)
    same = [slot.at for slot in recent if slot.kind == item.kind]
    return max(same) + pace.window if same and not item.alone else now


def _pressing(
    urgent: Sequence[Item], pace: Pace, recent: Sequence[Slot], now: datetime
) -> tuple[list[list[Item]], dict[int, datetime]]:
    """As the rest, but what nobody was told of yet does not wait for room: where the hour is full one message
    tells all of it, unless something urgent went a few minutes ago.
    """
    instants = [slot.at for slot in recent]
    untold = [i for i in urgent if not i.mentioned]
    again = max((slot.at + PRESSING for slot in recent if slot.urgent), default=now)
    free = _free(instants, pace)
    past = not free and again <= now
    units = _fitted(untold, pace, 1) if past else _fitted(urgent, pace, free)
    frees_at = _frees_at([*instants, *(now for _ in units)], pace.per_hour, now)
    soon = min(frees_at, now + PRESSING if units else again)
    return units, {i.id: frees_at if i.mentioned else soon for i in _left(urgent, units)}


def _free(instants: Sequence[datetime], pace: Pace) -> int:
    return max(pace.per_hour - len(instants), 0)


def _left(ready: Sequence[Item], units: Sequence[Sequence[Item]]) -> list[Item]:
    gone = {i.id for unit in units for i in unit}
    return [i for i in ready if i.id not in gone]


def _fitted(ready: Sequence[Item], pace: Pace, free: int) -> list[list[Item]]:
    """The messages there is room for. Where it is short, what was begun goes on, what must go alone leaves
    the last place free, and one message there mentions all the rest.
    """
    units = _gathered(ready, pace)
    if len(units) <= free:
        return units
    own = [i for i in ready if i.started][:free]
    room = free - len(own)
    alone = [i for i in ready if i.alone and not i.started]
    alone = alone[: room if _told(ready, alone[:room]) else max(room - 1, 0)]
    own += alone
    rest = [i for i in ready if i not in own and not _stays_whole(i)]
    return [*([i] for i in own), *_chunks(rest, pace.room)][:free]


def _with_a_place_kept(
    ready: Sequence[Item], soon: Mapping[MessageGroup, datetime], pace: Pace, free: int
) -> tuple[list[list[Item]], datetime | None]:
    """What goes first may wait for the end of its window: news must not take its last place in the hour
    meanwhile. With until when a place was kept; None where there was no need.
    """
    best = min(soon, key=_FIRST.index, default=None)
    below = [i for i in ready if best is not None and _FIRST.index(i.group) > _FIRST.index(best)]
    if best is None or not below:
        return _fitted(ready, pace, free), None
    fitted = _fitted([i for i in ready if i not in below], pace, free)
    return [*fitted, *_fitted(below, pace, max(free - len(fitted) - 1, 0))], soon[best]


def _told(ready: Sequence[Item], alone: Sequence[Item]) -> bool:
    """Whether nothing is left untold when only these go."""
    return all(i in alone or _stays_whole(i) for i in ready)


def _goes_alone(item: Item) -> bool:
    return item.alone or item.started


def _stays_whole(item: Item) -> bool:
    """No digest takes it: it was told of already, or is on its way."""
    return item.started or item.mentioned


def _units(items: Iterable[Item], pace: Pace) -> list[list[Item]]:
    """Those of one kind in one message; what goes alone, alone."""
    found: dict[str, list[Item]] = {}
    for item in items:
        alone = _goes_alone(item) or not pace.window
        found.setdefault(str(item.id) if alone else f"kind {item.kind}", []).append(item)
    return [part for unit in found.values() for part in _chunks(unit, pace.room)]


def _gathered(ready: Sequence[Item], pace: Pace) -> list[list[Item]]:
    """As `_units`, but all that goes together anyhow is one message: several of a kind, what waited for the
    person's digest, and the morning's list.
    """
    digested = [i for i in ready if not i.started and _in_digest(i, pace)]
    units = _units((i for i in ready if i not in digested), pace)
    several = [i for unit in units if len(unit) > 1 for i in unit]
    single = [unit for unit in units if len(unit) == 1]
    return [*single, *_chunks(_in_order([*digested, *several]), pace.room)]


def _in_digest(item: Item, pace: Pace) -> bool:
    return item.kind == DIGEST or pace.preferences.manner(item.group) is Manner.DIGEST


def _chunks(items: Sequence[Item], room: int | None) -> list[list[Item]]:
    """In order, each as full as it may be; what is too long for any stands alone."""
    chunks: list[list[Item]] = []
    for item in items:
        if not chunks or not _takes(chunks[-1], item, room):
            chunks.append([])
        chunks[-1].append(item)
    return chunks


def _takes(chunk: Sequence[Item], item: Item, room: int | None) -> bool:
    fits = room is None or sum(i.size for i in chunk) + item.size <= room
    return fits and len(chunk) < MOST_TOGETHER


def _frees_at(instants: Collection[datetime], per_hour: int, now: datetime) -> datetime:
    """When there is room for one message more."""
    earliest = sorted(instants)[-per_hour:]
    return earliest[0] + HOUR if len(instants) >= per_hour and earliest[0] + HOUR > now else now + HOUR


def next_digest(after: datetime, hours: Collection[int], zone: tzinfo) -> datetime:
    """The first of these hours after that instant, by the clock of `zone`; without any the next full hour."""
    local = after.astimezone(zone)
    if not hours:
        return (local.replace(minute=0, second=0, microsecond=0) + HOUR).astimezone(after.tzinfo)
    days = (local.date() + timedelta(days=n) for n in range(3))
    found = (datetime.combine(day, time(hour), zone) for day in days for hour in sorted(hours))
    return next(at for at in found if at > after).astimezone(after.tzinfo)


def spread(person: str) -> timedelta:
    """The person's own place in the first minutes after working hours begin; always the same."""
    seconds = int.from_bytes(sha256(person.encode()).digest()[:4], "big") % (SPREAD_MINUTES * 60)
    return timedelta(seconds=seconds)
