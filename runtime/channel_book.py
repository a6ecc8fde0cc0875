"""Whose channels are where: added, listed, taken away, always sealed. Nothing here shows an address."""

from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from engine.errors import GuankaError
from engine.ids import PersonId
from engine.store.groups import Groups
from engine.store.people import Channels, People
from engine.store.store import Store
from engine.text import Text
from notifications.recognising import AddressUnknown, Recognised, recognised
from notifications.sealing import Sealer, SealUnreadable, is_sealed, kind_of
from notifications.shown import channel_names

MOST: Final = 10  # channels a person
LONGEST_NAME: Final = 40


class NoSuchChannel(GuankaError):
    """The person has no channel of this name, or may not have another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """`robot`: a hash that names who is written to; empty where the address cannot be `readable`."""

    person: PersonId
    name: str
    kind: str
    robot: str = ""
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelBook:
    people: People
    sealer: Sealer

    def add(self, person: PersonId, found: Recognised, name: str = "") -> str:
        """Behind those there are, or in the place of the one of that name; the name it got.

        Raises UnknownPerson, NoSuchChannel.
        """
        chosen: list[str] = []

        def added(channels: Channels) -> Channels:
            chosen[:] = [name or _free_name(found.kind, channels)]
            if chosen[0] not in channels and len(channels) >= MOST:
                raise NoSuchChannel(
                    Text(
                        f"每人最多 {MOST} 个渠道；请先用 guanka channel remove 去掉一个",
                        f"a person has {MOST} channels at most; take one away first (guanka channel remove)",
                    )
                )
            return {**channels, chosen[0]: self.sealer.seal(found.kind, found.url)}

        self.people.change_channels(person, added)
        return chosen[0]

    def remove(self, person: PersonId, name: str) -> None:
        """Raises UnknownPerson, NoSuchChannel."""

        def removed(channels: Channels) -> Channels:
            if name not in channels:
                raise _no_such(name, tuple(channels))
            return {other: kept for other, kept in channels.items() if other != name}

        self.people.change_channels(person, removed)

    def listed(self, person: PersonId | None = None) -> list[Kept]:
        """Raises UnknownPerson."""
        people = self.people.all() if person is None else [self.people.get(person)]
        return [
            self._kept(each.id, name, str(kept)) for each in people for name, kept in each.channels.items()
        ]

    def sealed(self, person: PersonId, name: str = "") -> list[tuple[str, str]]:
        """Names and sealed addresses, of one or of all. Raises UnknownPerson, NoSuchChannel."""
        channels = self.people.get(person).channels
        if name and name not in channels:
            raise _no_such(name, tuple(channels))
        return [(each, str(kept)) for each, kept in channels.items() if name in ("", each)]

    def seal_anew(self, groups: Groups, *, now: datetime | None = None) -> int:
        """Everything under a fresh key, the robots of groups too; the old one is gone afterwards. How many.
        Raises SealUnreadable.
        """
        with self.sealer.rotating(now=now):
            return sum(self._each(self.sealer.sealed_anew)) + groups.reseal(self.sealer.sealed_anew)

    def _each(self, change: Callable[[str], str]) -> Iterator[int]:
        for person in self.people.all():
            if person.channels:
                self.people.change_channels(
                    person.id,
                    lambda channels: {
                        name: change(kept) if isinstance(kept, str) else kept
                        for name, kept in channels.items()
                    },
                )
                yield len(person.channels)

    def _kept(self, person: PersonId, name: str, kept: str) -> Kept:
        with suppress(SealUnreadable, AddressUnknown):
            found = recognised(self.sealer.opened(kept), frozenset({"any"}))
            return Kept(person=person, name=name, kind=found.kind, robot=found.robot)
        return Kept(person=person, name=name, kind=kind_of(kept) or "?", readable=False)


def names_of_targets(people: People, wanted: Collection[PersonId]) -> dict[PersonId, dict[str, str]]:
    """What each of these persons calls their channels, by target; a group's robot has no name."""
    if not wanted:
        return {}
    known = {each.id: each.channels for each in people.all()}
    return {person: channel_names(known.get(person, {})) for person in wanted}


def seal_plain(store: Store, sealer: Sealer) -> int:
    """Seals the addresses an earlier version kept as they are; how many people had some."""
    plain = [
        person
        for person in store.people.all()
        if any(isinstance(kept, str) and not is_sealed(kept) for kept in person.channels.values())
    ]
    for person in plain:
        store.people.change_channels(person.id, lambda channels: _all_sealed(channels, sealer))
    if plain:
        store.database.drop_traces()
    return len(plain)


def _all_sealed(channels: Channels, sealer: Sealer) -> Channels:
    return {
        name: sealer.seal(_kind(name, kept), kept) if isinstance(kept, str) and not is_sealed(kept) else kept
        for name, kept in channels.items()
    }


def _kind(name: str, url: str) -> str:
    with suppress(AddressUnknown):
        return recognised(url, frozenset({"any"})).kind
    return "".join(letter for letter in name if letter.isalnum())[:LONGEST_NAME] or "unknown"


def _free_name(kind: str, channels: Channels) -> str:
    names = (kind, *(f"{kind}-{number}" for number in range(2, MOST + 2)))
    return next(name for name in names if name not in channels)


def _no_such(name: str, known: tuple[str, ...]) -> NoSuchChannel:
    has = ", ".join(known)
    return NoSuchChannel(
        Text(
            f"没有名为 {name} 的渠道；现有：{has or '无'}",
            f"there is no channel named {name}; there are: {has or 'none'}",
        )
    )
