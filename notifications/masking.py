"""Secrets of channel URLs and messages, kept out of everything that is stored, shown or logged."""

import re
from collections.abc import Iterable
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from notifications.one_line import one_line

MASK = "***"
# Also as a gateway wraps it: the address of another page holds ours, encoded.
_LINK: Final = re.compile(r"(/|%2f|%252f)s\1(?=[^/?#\s\"'])(?!\*)[^/?#\s\"']*", re.IGNORECASE)
SHORTEST = 4  # shorter pieces stand in ordinary words; they would mask the reader's sentence, not a secret


# An address of a channel is a password as a whole; also as the provider's page writes it.
_CHANNEL: Final = re.compile(
    r"\b(dingtalk|dingcard|feishu|feishucard|lark|larkcard|wecombot|wecomcard|slack|slackcard|teams|teamscard"
    r"|ntfys?|ntfycards?)://[^\s\"'<>]+",
    re.IGNORECASE,
)
_PAGE: Final = re.compile(
    r"((?:access_token|key|sig|sign|secret|token)=|/hook/|/webhookb2/|hooks\.slack\.com/services/)(?!\*)[^\s\"'&<>]+",
    re.IGNORECASE,
)


def without_channels(text: str) -> str:
    """The text without addresses of chat robots, whoever wrote them there."""
    return _PAGE.sub(r"\1" + MASK, _CHANNEL.sub(r"\1://" + MASK, text))


def without_links(text: str) -> str:
    """The text as logs may show it: a sign-off link is a key, and keys are not written down."""
    return _LINK.sub(r"\1s\1" + MASK, text)


def secrets_of(url: str) -> frozenset[str]:
    """Every part of a channel URL that may be one: user, password, path, query; as written and decoded."""
    try:
        parts = urlsplit(url)
        credentials, _, host = parts.netloc.rpartition("@")
    except ValueError:
        return frozenset({url})
    pieces = [url, *credentials.split(":"), credentials, *parts.path.split("/"), parts.fragment, parts.path]
    if "." not in host:
        token, _, half = host.partition(":")  # of a robot: it stands where others have a host, and a port
        pieces += [token, "" if half.isdigit() else half]
    for pair in parts.query.split("&"):
        pieces += [pair, pair.partition("=")[2]]
    return _spellings(pieces)


def masked_address(channel: str, url: str, email: str) -> str:
    """What may be shown of an address: the first letter and the domain of an e-mail, the host of a webhook.
    Of anything else nothing: in many channel URLs the host is the token.
    """
    if email:
        name, _, domain = email.rpartition("@")
        return one_line(f"{name[:1]}{MASK}@{domain}", 80)
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        host = ""
    return one_line(host, 80) if channel == "webhook" else ""


def _spellings(pieces: Iterable[str]) -> frozenset[str]:
    found: set[str] = set()
    for piece in pieces:
        found |= {piece, unquote(piece), quote(unquote(piece), safe="")}
    return frozenset(piece for piece in found if len(piece) >= SHORTEST)


def masked(text: str, secrets: Iterable[str]) -> str:
    """One line of at most 200 characters with every secret struck out, the longest first."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, MASK)
    return one_line(text)
