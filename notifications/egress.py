"""Where addresses given by people may lead: to the internet, and not inside.

The check sits where a connection is opened, on the very number it goes to: a name that resolves to another
number a moment later, an address inside an IPv6 one, a redirect or a library of its own cannot get past it.
"""

import ipaddress
import sys
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_V6: Final = (
    ipaddress.ip_network("64:ff9b::/96"),  # RFC 6052: the IPv4 address in the last 32 bits
    ipaddress.ip_network("64:ff9b:1::/48"),
)
_IPV4: Final = 1 << 32  # below it, the old form that writes an IPv4 address as ::10.0.0.1


class InsideRefused(OSError):
    """A connection to a place that is not the internet; named without the address that led there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Egress:
    """`allowed` are networks that count as open although they are not the internet; `anywhere` opens all."""

    allowed: Sequence[Network] = ()
    anywhere: bool = False

    def lets(self, number: str) -> bool:
        """Whether a connection to this numeric address may be opened; what is no number may not."""
        if self.anywhere:
            return True
        try:
            address = plain(number)
        except ValueError:
            return False
        if any(address in network for network in self.allowed if network.version == address.version):
            return True
        return address.is_global and not address.is_multicast


def plain(number: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """The address meant: the IPv4 one where an IPv6 one only carries it. Raises ValueError."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if any(address in network for network in _V6) or 1 < int(address) < _IPV4:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


class _Watch(threading.local):
    egress: Egress | None = None
    refused: str = ""


_WATCH: Final = _Watch()


@contextmanager
def guarded(egress: Egress | None) -> Generator["Watched"]:
    """Within, this thread connects only where `egress` lets it; None lets it anywhere."""
    if egress is not None:
        _install()
    before = _WATCH.egress, _WATCH.refused
    _WATCH.egress, _WATCH.refused = egress, ""
    try:
        yield Watched()
    finally:
        _WATCH.egress, _WATCH.refused = before


class Watched:
    @property
    def refused(self) -> str:
        """The number that was refused within; empty where none was."""
        return _WATCH.refused


@cache
def _install() -> None:
    """An audit hook stays for good, so there is one for the process; other threads pass it by at once."""
    sys.addaudithook(_audit)


def _audit(event: str, given: tuple[Any, ...]) -> None:
    if event not in ("socket.connect", "socket.sendto") or _WATCH.egress is None:
        return
    place = given[1]
    number = str(place[0]) if isinstance(place, tuple) and place else str(place)  # pyright: ignore[reportUnknownArgumentType]
    if not _WATCH.egress.lets(number):
        _WATCH.refused = number
        raise InsideRefused("this address leads inside")
