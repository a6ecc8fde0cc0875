"""From a person to the addresses a message for them may take, in the order they are tried.

The in-app mailbox is no address: it shows every owed message by itself. When a message leaves is judged in
`pacing`, where it goes on after a failure in `targets`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from hashlib import sha256
from typing import Final
from zoneinfo import ZoneInfo

from engine.ids import PersonId
from engine.text import Language
from notifications.recognising import KINDS
from notifications.sealing import kind_of

MAILBOX: Final = "mailbox"
SHANGHAI: Final = "Asia/Shanghai"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """How a person can be reached; `channels` are addresses of their own, sealed, tried in this order.
    `shared`: it is a group chat, where nothing may stand that is for one reader.
    """

    person: PersonId
    name: str
    email: str = ""
    language: Language = "zh"
    zone: str = SHANGHAI
    calendar: str = ""
    channels: tuple[str, ...] = field(default=(), repr=False)
    shared: bool = False

    @property
    def clock(self) -> ZoneInfo:
        """The person's zone; Shanghai's where the name means nothing."""
        try:
            return ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo(SHANGHAI)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyPace:
    """How often people are written to, where they chose nothing else. Messages of one kind within `window`
    go together; a request to sign goes to the next channel too after `fallback`; it is urgent with less than
    `urgent_within` of working time left.
    """

    per_hour: int = 4
    quiet: bool = True
    window: timedelta = timedelta(minutes=10)
    fallback: timedelta = timedelta(minutes=15)
    urgent_within: timedelta = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelSettings:
    """What the operator has set. `case_path` is the page of a case below `public_url`, with `{id}` for its
    id; None where readers could not open it. `schemes` are Apprise schemes allowed beside the built-in ones.
    """

    public_url: str
    smtp_url: str | None = field(default=None, repr=False)
    webhook_url: str | None = field(default=None, repr=False)
    case_path: str | None = None
    schemes: frozenset[str] = frozenset()
    pace: CompanyPace = CompanyPace()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """One place a message can go to. `url` may be sealed. `personal`: only the person reads there, so link
    and code may stand in it. `guarded`: given by a person, so it may lead to the internet and not inside.
    """

    channel: str
    url: str = field(repr=False)
    email: str = ""
    name: str = ""
    personal: bool = True
    guarded: bool = False


def target_of(address: Address) -> str:
    """A name for the address that tells no secret; the same as long as the address is."""
    digest = sha256(f"{address.url}\n{address.email}".encode()).hexdigest()
    return f"{address.channel}:{digest[:12]}"


def addresses(contact: Contact, settings: ChannelSettings, order: Sequence[str] = ()) -> tuple[Address, ...]:
    """Own channels first, then e-mail; the company's webhook where there is neither. Empty: the mailbox only.
    A group has its robot and nothing else.

    `order`: names of channels that come before all others, as the person prefers them.
    """
    own = [
        Address(channel=_channel(url), url=url, name=contact.name, personal=not contact.shared, guarded=True)
        for url in contact.channels
    ]
    if contact.shared:
        return tuple(own)
    if settings.smtp_url and contact.email:
        own.append(Address(channel="email", url=settings.smtp_url, email=contact.email, name=contact.name))
    if not own and settings.webhook_url:
        company = settings.webhook_url
        own.append(Address(channel=_channel(company), url=company, name=contact.name, personal=False))
    rank = {name: place for place, name in enumerate(order)}
    return tuple(sorted(own, key=lambda address: rank.get(address.channel, len(rank))))


def names_of(urls: Sequence[str]) -> tuple[str, ...]:
    """The channels these addresses belong to, each once."""
    return tuple(dict.fromkeys(_channel(url) for url in urls))


def _channel(url: str) -> str:
    """The kind, for the record of what was sent; it is readable while the address is sealed."""
    scheme = url.partition("://")[0].lower()
    return kind_of(url) or KINDS.get(scheme, scheme[:20])
