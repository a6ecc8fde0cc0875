"""Scanners, previews and prefetching browsers ask for links of every kind, in every way but a person's.
Nothing in the database may differ afterwards.
"""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from starlette.datastructures import Headers

from engine.store.tables import METADATA
from notifications.links import LinkState
from tests.faults.company import found
from tests.faults.pages import Reply, call, in_a_loop
from tests.faults.places import sqlite
from tests.faults.signing import ASSURANCES, SOP, in_state
from tests.faults.station import Station, examined
from web.arriving import fetches_ahead

NAME = "F1"
SUBJECT = "Scanners, previews and prefetches ask for links in every state: nothing is decided by it."
GOAL = 100_000
QUICK = 4

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 "
AGENTS = (
    PHONE + "MicroMessenger/8.0.50",
    PHONE + "DingTalk/7.6.0",
    PHONE + "wxwork/4.1.30 MicroMessenger/7.0.1",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Lark/7.20 Feishu",
    "Mozilla/5.0 (compatible; Feishu-LinkPreview/1.0)",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "Mozilla/5.0 (compatible; MSTeams)",
    "Mozilla/5.0 Microsoft Office SafeLinks",
    "Mozilla/5.0 (compatible; MSOffice 16) Outlook-iOS/2.0",
    "Mimecast-URL-Protect",
    "Proofpoint URL Defense",
    "BarracudaCentral",
    "Sophos-URL-Scanner",
    "Cisco-IronPort-URL",
    "FortiMail-Scanner",
    "Symantec Email Security.cloud",
    "Mozilla/5.0 (compatible; Coremail CAC URL check)",
    "QQMail-UrlScanner/1.0",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "WhatsApp/2.23 A",
    "TelegramBot (like TwitterBot)",
    "Googlebot/2.1 (+http://www.google.com/bot.html)",
    "Baiduspider/2.0",
    "Mozilla/5.0 (X11; Linux x86_64) HeadlessChrome/140.0",
    "python-requests/2.32",
    "curl/8.7.1",
    "",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One way to ask. `tail` follows the link."""

    method: str = "GET"
    tail: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


FORM = {"content-type": "application/x-www-form-urlencoded"}
LOOKS = (
    Look(),
    Look(method="HEAD"),
    Look(method="OPTIONS"),
    Look(method="TRACE"),
    Look(method="PROPFIND"),
    Look(method="PUT", headers=FORM, body=b"verdict=approve"),
    Look(method="DELETE"),
    Look(tail="?verdict=approve&code={code}&token=x"),
    Look(headers={"sec-purpose": "prefetch;prerender", "purpose": "prefetch"}),
    Look(headers={"range": "bytes=0-10", "x-moz": "prefetch"}),
    Look(tail=f"/file/{'0' * 64}"),
    Look(method="POST"),
    Look(method="POST", headers=FORM, body=b"verdict=approve&comment=ok"),
)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with examined(sqlite(folder)) as here:
        found(here.store, SOP)
        while True:
            for state in rng.sample(list(LinkState), len(LinkState)):
                one = in_state(here, state, rng.choice(ASSURANCES))
                path = one.letter.path if rng.random() < 0.9 else one.letter.path[:-9]  # also bad links
                yield {"requests": _asked(here, path, one.letter.code), str(state): 1}


def _asked(here: Station, path: str, code: str) -> int:
    """Everybody looks in every way; how many looks that were."""
    before = tables(here)
    asked = [(agent, look) for agent in AGENTS for look in LOOKS]
    replies = in_a_loop(_all(here, path, code, asked))
    for (agent, look), reply in zip(asked, replies, strict=True):
        ahead = reply.status == 503 and fetches_ahead(Headers(dict(look.headers)))  # an empty page
        assert ahead or reply.status < 500, f"{look} by {agent!r} was answered with {reply.status}"
    after = tables(here)
    changed = [name for name in before if before[name] != after[name]]
    assert not changed, f"looking at {path} changed {changed}"
    return len(asked)


async def _all(here: Station, path: str, code: str, asked: list[tuple[str, Look]]) -> list[Reply]:
    return [
        await call(
            here.app,
            look.method,
            path + look.tail.format(code=code),
            headers={"user-agent": agent, **look.headers},
            body=look.body,
        )
        for agent, look in asked
    ]


def tables(here: Station) -> dict[str, list[str]]:
    """Everything the database holds."""
    with here.store.database.reading() as connection:
        return {
            each.name: sorted(map(repr, connection.execute(each.select()).all()))
            for each in METADATA.sorted_tables
        }
