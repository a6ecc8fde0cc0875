"""How fast a robot may be written to: below its provider's official limit, over all processes together.

A message whose turn has not come is told when to come back, and keeps its place: what arrives later goes
behind it. Whoever comes back is let through as soon as the limit has room.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Final, Protocol, TypeVar

from engine.store.send_slots import Book

Answer = TypeVar("Answer")
STALE: Final = timedelta(minutes=10)  # a message that has not come back by then went another way
HALF_HOUR: Final = 1800
RUSH: Final = 10.0  # seconds after each full and half hour in which everybody sends
SPREAD: Final = 50.0  # seconds over which we wait it out
LONGEST_SHUT: Final = timedelta(hours=6)  # whatever a provider asks for: one odd answer must not stop a robot


class Books(Protocol):
    """Changed under a lock that all processes share."""

    def change(
        self, robot: str, key: str, judge: Callable[[Book], tuple[Book, Answer]], *, stale: datetime
    ) -> Answer: ...
    def book(self, robot: str, key: str = "") -> Book: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """`windows`: at most so many messages in any so many seconds. `off_the_hour`: the provider asks to stay
    away from the full and half hours.
    """

    windows: tuple[tuple[int, float], ...]
    off_the_hour: bool = False

    @property
    def pace(self) -> float:
        """Seconds from one to the next when many wait."""
        return max(seconds / count for count, seconds in self.windows)


BUDGETS: Final[Mapping[str, Budget]] = {
    "dingtalk": Budget(windows=((18, 60.0),)),  # official: 20 a minute
    "wecom": Budget(windows=((18, 60.0),)),  # official: 20 a minute
    "feishu": Budget(windows=((90, 60.0), (4, 1.0)), off_the_hour=True),  # official: 100 a minute, 5 a second
    "lark": Budget(windows=((90, 60.0), (4, 1.0)), off_the_hour=True),
    "slack": Budget(windows=((1, 1.0),)),  # official: 1 a second
    "teams": Budget(windows=((3, 1.0),)),  # official: 4 a second
}


def budgets(mails_per_minute: int | None = None) -> Mapping[str, Budget]:
    if mails_per_minute is None:
        return BUDGETS
    return {**BUDGETS, "email": Budget(windows=((mails_per_minute, 60.0),))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    books: Books
    budgets: Mapping[str, Budget]

    def wait(self, kind: str, robot: str, key: str, *, now: datetime) -> float:
        """Seconds until the message's turn; 0 lets it go now, and counts it."""
        budget = self.budgets.get(kind)
        if budget is None:
            return _left(shut_until(self.books.book(robot), now), now)
        return self.books.change(robot, key, lambda book: turn(book, budget, key, now=now), stale=now - STALE)

    def shut(self, robot: str, seconds: float, *, now: datetime) -> None:
        """The provider has said that it takes nothing for so long; LONGEST_SHUT at most."""
        until = now + timedelta(seconds=at_most(seconds))

        def judged(book: Book) -> tuple[Book, None]:
            return replace(book, shut_until=max(until, shut_until(book, now) or until)), None

        self.books.change(robot, "", judged, stale=now - STALE)

    def reopen(self, robot: str, *, now: datetime) -> None:
        """Forgets that the provider takes nothing, and the turns that were given out behind it."""

        def judged(book: Book) -> tuple[Book, None]:
            return replace(book, shut_until=None), None

        self.books.change(robot, "", judged, stale=now + LONGEST_SHUT * 2)


def at_most(seconds: float) -> float:
    """What a provider asks for, within reason."""
    return min(seconds, LONGEST_SHUT.total_seconds())


def shut_until(book: Book, now: datetime) -> datetime | None:
    """None where the robot takes messages. Further away than it can be is what a wrong clock wrote, or an
    earlier version.
    """
    until = book.shut_until
    return until if until is not None and now < until <= now + LONGEST_SHUT else None


def turn(book: Book, budget: Budget, key: str, *, now: datetime) -> tuple[Book, float]:
    """The book afterwards, and how long this message waits. Pure."""
    kept = _tidied(book, budget, now)
    if kept.mine is not None and kept.mine > now:
        return kept, _left(kept.mine, now)
    at = max(_free(kept.sent, budget, now), kept.shut_until or now)
    if kept.mine is None:
        at = max(at, _quiet(budget, key, now))
        if kept.last is not None:
            at = max(at, kept.last + timedelta(seconds=budget.pace))
    if at <= now:
        return replace(kept, sent=(*kept.sent, (now, key)), mine=None), 0.0
    if kept.mine is not None or kept.shut_until:
        at += timedelta(seconds=budget.pace * _spread(key))  # those that wait for the same moment part
    return replace(kept, mine=at), _left(at, now)


def _tidied(book: Book, budget: Budget, now: datetime) -> Book:
    """Without what lies behind every window; what a wrong clock wrote into the future is drawn back."""
    oldest = now - timedelta(seconds=max(seconds for _, seconds in budget.windows))
    shut = shut_until(book, now)
    latest = (shut or now) + timedelta(
        seconds=2 * (RUSH + SPREAD) + budget.pace * (book.others + budget.windows[0][0] + 3)
    )
    return replace(
        book,
        sent=tuple((min(at, now), key) for at, key in book.sent if at > oldest),
        mine=min(book.mine, latest) if book.mine else None,
        last=min(book.last, latest) if book.last else None,
        shut_until=shut,
    )


def _free(sent: tuple[tuple[datetime, str], ...], budget: Budget, now: datetime) -> datetime:
    """The first moment at which every window has room for one more."""
    instants = sorted(at for at, _ in sent)
    rooms = (
        instants[-count] + timedelta(seconds=seconds)
        for count, seconds in budget.windows
        if len(instants) >= count
    )
    return max((now, *rooms))


def _quiet(budget: Budget, key: str, now: datetime) -> datetime:
    """Past the rush of the full and half hours, where the provider asks for it; each message at its own
    time.
    """
    since = now.timestamp() % HALF_HOUR
    if not budget.off_the_hour or since >= RUSH:
        return now
    return now + timedelta(seconds=RUSH - since + SPREAD * _spread(key))


def _spread(key: str) -> float:
    """From 0 up to 1, the same for the same message."""
    return int.from_bytes(sha256(key.encode()).digest()[:4]) / 2**32


def _left(at: datetime | None, now: datetime) -> float:
    return max((at - now).total_seconds(), 0.0) if at else 0.0
