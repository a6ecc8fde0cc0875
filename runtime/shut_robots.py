"""Robots whose provider takes nothing for a while: which, until when, and how to let messages go before."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from engine.groups import PREFIX
from engine.text import Text
from notifications.limits import LONGEST_SHUT, Limits
from notifications.recognising import AddressUnknown, recognised
from notifications.routing import Address, names_of, target_of
from notifications.sealing import SealUnreadable
from runtime.channel_book import ChannelBook, NoSuchChannel
from runtime.group_book import GroupBook

if TYPE_CHECKING:
    from runtime.wiring import Parts

SHOWN: Final = 8  # letters of the hash
_ANY: Final = frozenset({"any"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Shut:
    """`names`: whose channels lead there, as PERSON/NAME or a group's name, or the setting of the operator;
    none where the channel was taken away.
    """

    robot: str
    until: datetime
    kind: str
    names: tuple[str, ...]


def shut_robots(parts: "Parts") -> list[Shut]:
    """The first to open first."""
    now = parts.clock.now()
    found = parts.store.send_slots.shut(after=now, before=now + LONGEST_SHUT)
    known = _known(parts) if found else []
    return [
        Shut(
            robot=robot,
            until=until,
            kind=next((kind for its, kind, _ in known if its == robot), ""),
            names=tuple(name for its, _, name in known if its == robot),
        )
        for robot, until in sorted(found.items(), key=lambda item: item[1])
    ]


def reopen(parts: "Parts", begins: str) -> Shut:
    """Messages go there again from now on, those that wait too. Raises NoSuchChannel."""
    shut = shut_robots(parts)
    found = [one for one in shut if begins and one.robot.startswith(begins)]
    if len(found) != 1:
        named = ", ".join(one.robot[:SHOWN] for one in shut)
        raise NoSuchChannel(
            Text(
                f"没有停用的机器人 {begins}；停用的有：{named or '无'}",
                f"no robot {begins} is shut; shut are: {named or 'none'}",
            )
        )
    now = parts.clock.now()
    Limits(books=parts.store.send_slots, budgets={}).reopen(found[0].robot, now=now)
    parts.store.deliveries.hurry(_targets(parts, found[0].robot), now=now)
    return found[0]


def _targets(parts: "Parts", robot: str) -> list[str]:
    """What rows of messages call the addresses that lead to this robot."""
    settings, people = parts.settings, parts.store.people.all()
    ways = [(str(kept), "") for person in people for kept in person.channels.values() if kept]
    ways += [(group.channel, "") for group in parts.store.groups.all()]
    ways += [(settings.webhook_url, "")] if settings.webhook_url else []
    ways += [(settings.smtp_url, one.email) for one in people if one.email] if settings.smtp_url else []
    robots = {url: _robot(parts, url) for url in {url for url, _ in ways}}
    return [
        target_of(Address(channel=names_of((url,))[0], url=url, email=email))
        for url, email in ways
        if robots[url] == robot
    ]


def _robot(parts: "Parts", url: str) -> str:
    """Empty where it cannot be told."""
    try:
        return recognised(parts.sealer.opened(url), _ANY).robot
    except (AddressUnknown, SealUnreadable):
        return ""


def _known(parts: "Parts") -> list[tuple[str, str, str]]:
    """Robot, kind and name of every channel there is."""
    book = ChannelBook(people=parts.store.people, sealer=parts.sealer)
    own = [(one.robot, one.kind, f"{one.person}/{one.name}") for one in book.listed() if one.readable]
    chats = GroupBook(store=parts.store, sealer=parts.sealer).listed()
    own += [(one.robot, one.kind, f"{PREFIX}{one.group}") for one in chats if one.readable]
    settings = parts.settings
    return own + [
        named
        for name, url in (
            ("GUANKA_SMTP_URL", settings.smtp_url),
            ("GUANKA_WEBHOOK_URL", settings.webhook_url),
        )
        if url and (named := _operators(name, url))
    ]


def _operators(name: str, url: str) -> tuple[str, str, str] | None:
    try:
        found = recognised(url, _ANY)
    except AddressUnknown:
        return None
    return found.robot, found.kind, name
