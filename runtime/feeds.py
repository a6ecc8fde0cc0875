"""Calendar feeds given out and read: an address nobody can guess, shown once and kept as a hash."""

from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from typing import Final

from engine.clock import Clock
from engine.errors import GuankaError
from engine.ids import CaseId, PersonId
from engine.store.feeds import Feed
from engine.store.people import Person
from engine.store.store import Store
from engine.text import Text

TOKEN_BYTES: Final = 24
PATH: Final = "/cal/{token}.ics"


class FeedRefused(GuankaError):
    """Somebody from outside the company, or who has left, asked for a calendar of their own."""

    def __init__(self, person: Person) -> None:
        super().__init__(
            Text(
                f"{person.name}不在公司内或已停用，不能订阅日历",
                f"{person.name} is outside the company or no longer active and has no calendar address",
            )
        )


class NoSuchFeed(GuankaError):
    def __init__(self, feed: str) -> None:
        super().__init__(
            Text(
                f"没有编号为 {feed} 的日历订阅，或它已停用；请先列出订阅",
                f"there is no calendar feed {feed}, or it has ended; list them first",
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedDesk:
    """`epoch` is that of the keys: raised, as after a restored backup, it ends every address given out."""

    store: Store
    clock: Clock
    epoch: int

    def give(self, person: PersonId, *, key: str, case_id: CaseId | None = None) -> tuple[Feed, str]:
        """The feed and the token of its address. The same `key` once more replaces that address.

        Raises UnknownPerson, FeedRefused.
        """
        known = self.store.people.get(person)
        if known.external or not known.active:
            raise FeedRefused(known)
        token = token_urlsafe(TOKEN_BYTES)
        feed = Feed(
            id=_digest(f"{person}\n{key}")[:12],
            person=person,
            case_id=case_id,
            epoch=self.epoch,
            made_at=self.clock.now(),
        )
        self.store.feeds.give(feed, _digest(token))
        return feed, token

    def read(self, token: str) -> Feed | None:
        """None for an address that was never given out, and for one that has ended."""
        return self.store.feeds.live(_digest(token), epoch=self.epoch)

    def end(self, feed: str, *, person: PersonId) -> None:
        """Raises NoSuchFeed."""
        if not self.store.feeds.end(feed, person=person, now=self.clock.now()):
            raise NoSuchFeed(feed)


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()
