"""How often a sign-off address may be asked: by one sender, and about one link. Counted in this process only;
wrong codes are counted in the database, where every process sees them.
"""

import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock
from typing import Final

from fastapi import Request
from fastapi.responses import Response
from starlette.requests import HTTPConnection

from notifications.links import LinkClaim, read_link
from web.phrases import Phrases
from web.ports import Allowance, SignOffLimits
from web.rendering import simple
from web.seeing import active_person
from web.visitor import Wired, chosen_language, wiring_of

MOST_NAMES: Final = 20_000  # of each kind: some megabytes, however many senders there are
IPV6_PREFIX: Final = 64  # one household or office: its addresses change by the day
CHANGES: Final = frozenset({"POST"})
OURS: Final = tuple(  # where a proxy of ours may stand
    map(
        ipaddress.ip_network,
        ("127.0.0.0/8", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "::1/128", "fc00::/7"),
    )
)


class Buckets:
    """One bucket for each name; the name not asked for longest is forgotten first."""

    def __init__(self, allowance: Allowance, *, most: int = MOST_NAMES) -> None:
        self._allowance, self._most = allowance, most
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()  # left, and as of when
        self._lock = Lock()

    def take(self, name: str, now: float) -> int:
        """0 when one was left to take, else in how many seconds one will be."""
        with self._lock:
            left = self._left(name, now)
            wait = self._wait(left)
            self._held[name] = (left if wait else left - 1, now)
            self._held.move_to_end(name)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
        return wait

    def look(self, name: str, now: float) -> int:
        """As `take`, but nothing is taken."""
        with self._lock:
            return self._wait(self._left(name, now))

    def _left(self, name: str, now: float) -> float:
        """A clock that was set back refills nothing, and takes nothing away."""
        left, then = self._held.get(name, (float(self._allowance.burst), now))
        return min(left + max(now - then, 0.0) / self._allowance.seconds, float(self._allowance.burst))

    def _wait(self, left: float) -> int:
        return 0 if left >= 1 else math.ceil((1 - left) * self._allowance.seconds)


@dataclass(frozen=True, slots=True)
class Guard:
    """What this process remembers of who asked."""

    bad_links: Buckets
    posts: Buckets
    link_posts: Buckets

    @classmethod
    def of(cls, limits: SignOffLimits) -> "Guard":
        return cls(Buckets(limits.bad_links), Buckets(limits.posts), Buckets(limits.link_posts))


class TooMany(Exception):
    """Asked too often; `seconds` until it may be tried again, `claim` where the link was genuine."""

    def __init__(self, seconds: int, claim: LinkClaim | None = None) -> None:
        super().__init__(seconds)
        self.seconds, self.claim = seconds, claim


def within_bounds(request: Request, wiring: Wired) -> None:
    """Raises TooMany, before a body is read. A genuine link is never refused for the bad ones others sent
    from the same address: whole offices share one.
    """
    guard, now, sender = _guard(request), wiring.clock.now().timestamp(), sender_of(request)
    claim = read_link(request.path_params.get("token", ""), wiring.keys)
    if claim is None and (wait := guard.bad_links.look(sender, now)):
        raise TooMany(wait)
    if request.method not in CHANGES:
        return
    if wait := guard.posts.take(sender, now):
        raise TooMany(wait, claim)
    if claim is not None and (wait := guard.link_posts.take(_name(claim, sender), now)):
        raise TooMany(wait, claim)


def bad_link(request: Request) -> None:
    """Counts one. Raises TooMany where there were too many already."""
    wait = _guard(request).bad_links.take(sender_of(request), wiring_of(request).clock.now().timestamp())
    if wait:
        raise TooMany(wait)


def too_many(request: Request, error: Exception) -> Response:
    """In the language of whoever the link is for, as its page would be."""
    assert isinstance(error, TooMany)  # noqa: S101 - it is registered for this only
    claim = error.claim
    person = active_person(wiring_of(request), claim.person) if claim else None
    t = Phrases(chosen_language(request, person))
    answer = simple("signoff_wait.html", status=429, t=t, seconds=error.seconds)
    answer.headers["Retry-After"] = str(error.seconds)
    return answer


def sender_of(connection: HTTPConnection) -> str:
    """The address that asks; behind a proxy of ours the one it names: good for counting, and no more.

    Who reaches us from a private address could name another, and gains tries at links nobody guesses.
    """
    peer = connection.client.host if connection.client else ""
    named = connection.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return _block(named) or peer if named and _is_ours(peer) else _block(peer) or peer


def _is_ours(peer: str) -> bool:
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return any(address in network for network in OURS)


def _block(address: str) -> str:
    """The address, or the network a household has of IPv6; empty for what is none."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False))
    return str(found)


def _name(claim: LinkClaim, sender: str) -> str:
    """One link at one sender's: or whoever got hold of a link could keep its owner from answering."""
    return f"{claim.case}\x00{claim.approval}\x00{claim.person}\x00{sender}"


def _guard(request: Request) -> Guard:
    return request.app.state.guard
