"""What people write as the address of a channel: our own form, or what they copied from the provider's page.

dingtalk://…, feishu://…, lark://…, wecombot://…, slack://…, teams://…, ntfy(s)://…, mailto(s)://…, json(s)://…,
and any other Apprise scheme the operator allows. A name for the robot behind it, which is no secret, lets all
processes share one limit.
"""

import re
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final
from urllib.parse import SplitResult, parse_qs, quote, unquote, urlsplit

from engine.errors import GuankaError
from engine.text import Text
from notifications.egress import Egress

KINDS: Final[Mapping[str, str]] = {
    "dingtalk": "dingtalk",
    "feishu": "feishu",
    "lark": "lark",
    "wecombot": "wecom",
    "slack": "slack",
    "teams": "teams",
    "ntfy": "ntfy",
    "ntfys": "ntfy",
    "mailto": "email",
    "mailtos": "email",
    "json": "webhook",
    "jsons": "webhook",
}
"""By scheme: the kinds of channels that need nobody's leave."""

_SIGNED: Final = frozenset({"dingtalk", "feishu", "lark"})
# Arguments of Apprise services that read a file of this machine, or fetch something for the message.
_FILES: Final = frozenset(
    {"template", "attach", "file", "cert", "key_file", "pgppub", "pgpprv", "pgpkey", "keyfile"}
)
_HOSTS_OF_THEIR_OWN: Final = frozenset({"dingtalk", "feishu", "lark", "wecom", "slack"})
_PLACES: Final = frozenset({*KINDS, "http", "https"})
_OPEN: Final = "1.1.1.1"  # stands for a name, which says nothing yet
_TOO_LONG: Final = 2_000


class AddressUnknown(GuankaError):
    """An address that cannot be used as a channel. It is not repeated: it may hold a secret."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognised:
    """`url` is a secret. `robot`: a hash that names who is written to; the same for the same robot."""

    kind: str
    url: str
    robot: str

    def __repr__(self) -> str:
        return f"Recognised(kind={self.kind!r}, robot={self.robot!r})"


def recognised(text: str, more: frozenset[str] = frozenset()) -> Recognised:
    """`more` are Apprise schemes allowed beside the built-in ones. Raises AddressUnknown."""
    url = _own_form(text.strip())
    scheme = url.partition("://")[0].lower()
    if scheme not in KINDS and scheme not in more and "any" not in more:
        raise AddressUnknown(
            Text(
                f"没有 {scheme[:20] or '（空）'} 这种渠道；可以直接粘贴钉钉、飞书、Lark、企业微信、Slack、"
                "Teams、ntfy 的 Webhook 地址，"
                "其他 Apprise 渠道须由运维在 GUANKA_CHANNEL_SCHEMES 中放行",
                f"there is no channel {scheme[:20] or '(nothing)'}; paste the webhook"
                " address of DingTalk, Feishu, Lark, WeCom, Slack, Teams or ntfy as it is, or let the"
                " operator allow the Apprise scheme in GUANKA_CHANNEL_SCHEMES",
            )
        )
    if _FILES & {name.lower() for name in parse_qs(_split(url).query)}:
        raise AddressUnknown(
            Text(
                "渠道地址不能带读取本机文件的参数；请去掉 template、attach 之类的参数",
                "a channel's address may not name files of this machine; take arguments such as template or"
                " attach out",
            )
        )
    return Recognised(kind=KINDS.get(scheme, scheme[:20]), url=url, robot=robot_of(url))


def signs(kind: str) -> bool:
    """Whether robots of this kind may ask for a signing secret (加签)."""
    return kind in _SIGNED


def with_secret(found: Recognised, secret: str) -> Recognised:
    """The address with the signing secret in it, in place of the one it had."""
    scheme, _, rest = found.url.partition("://")
    host = rest.rpartition("@")[2] if "@" in rest.partition("/")[0] else rest
    url = f"{scheme}://{quote(secret.strip(), safe='')}@{host}"
    return Recognised(kind=found.kind, url=url, robot=found.robot)


def robot_of(url: str) -> str:
    """Of what names the robot: neither its signing secret nor whom it calls nor an option."""
    parts = _split(url)
    scheme = parts.scheme.lower()
    host = parts.netloc.rpartition("@")[2]
    path = "" if scheme in ("dingtalk", "mailto", "mailtos") else parts.path.rstrip("/")
    query = parts.query if scheme in ("teams", "json", "jsons") else ""
    named = "\n".join((KINDS.get(scheme, scheme), host, path, query))
    return sha256(f"robot\n{named}".encode()).hexdigest()[:32]


def refuse_inside(found: Recognised, egress: Egress) -> None:
    """Said at once where the address itself is a number inside; names are judged when they are connected to.

    Raises AddressUnknown.
    """
    if found.kind in _HOSTS_OF_THEIR_OWN:
        return
    if not _is_place(parts := _split(found.url)):
        return
    host = (parts.hostname or "").lower()
    if not egress.lets(_number(host) or _OPEN):
        raise AddressUnknown(INSIDE)


def _is_place(parts: SplitResult) -> bool:
    """Whether a host stands there. A service of Apprise may have the halves of a token there (tgram)."""
    try:
        _ = parts.port
    except ValueError:
        return False
    return True


def _number(host: str) -> str:
    """The address this is, in whatever way it is written; empty for a name."""
    if ":" in host:
        return host
    if host == "localhost":
        return "127.0.0.1"
    try:
        return socket.inet_ntoa(socket.inet_aton(host))  # also 2130706433 and 0x7f.1, as libraries read them
    except OSError:
        return ""


INSIDE: Final = Text(
    "渠道地址指向内网或本机，已拒绝；确有需要，请运维把网段加入 GUANKA_PRIVATE_TARGETS",
    "the channel's address leads to this machine or a private network and is refused; the operator"
    " can add the network to GUANKA_PRIVATE_TARGETS",
)


def _own_form(text: str) -> str:
    """An address copied from a provider's page, in our form; anything else as it is."""
    if len(text) > _TOO_LONG or any(c.isspace() or not c.isprintable() for c in text):
        raise AddressUnknown(
            Text(
                "渠道地址里有空白或过长；请重新复制",
                "the channel's address is too long or holds blanks; copy it again",
            )
        )
    scheme, mark, rest = text.partition("://")
    if scheme.lower() not in ("http", "https"):
        return f"{scheme.lower()}{mark}{rest}"
    parts = _split(text)
    host = (parts.hostname or "").lower()
    for known, rewritten in _PAGES:
        if known.fullmatch(host):
            own = rewritten(parts)
            if own is None:
                raise AddressUnknown(
                    Text(
                        f"这不是 {host} 的完整 Webhook 地址；请从机器人设置页重新复制",
                        f"this is not the whole webhook address of {host}; copy it again from the robot's "
                        "page",
                    )
                )
            return own
    return _webhook(parts)


def _split(url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        if parts.scheme in _PLACES:
            _ = parts.port, parts.hostname
    except ValueError:
        raise AddressUnknown(
            Text("渠道地址读不懂；请重新复制", "the channel's address cannot be read; copy it again")
        ) from None
    return parts


def _argument(parts: SplitResult, name: str) -> str:
    return parse_qs(parts.query).get(name, [""])[0]


def _signed(scheme: str, token: str, parts: SplitResult) -> str | None:
    secret = _argument(parts, "secret")
    login = f"{quote(secret, safe='')}@" if secret else ""
    return f"{scheme}://{login}{quote(token, safe='')}/" if token else None


def _dingtalk(parts: SplitResult) -> str | None:
    return _signed("dingtalk", _argument(parts, "access_token"), parts)


def _hook(scheme: str) -> Callable[[SplitResult], str | None]:
    def hook(parts: SplitResult) -> str | None:
        found = re.fullmatch(r"/open-apis/bot/(?:v2/)?hook/([^/]+)/?", parts.path)
        return _signed(scheme, unquote(found[1]), parts) if found else None

    return hook


def _wecom(parts: SplitResult) -> str | None:
    key = _argument(parts, "key")
    return f"wecombot://{quote(key, safe='')}/" if key and parts.path.endswith("/webhook/send") else None


def _slack(parts: SplitResult) -> str | None:
    found = re.fullmatch(r"/services/([^/]+/[^/]+/[^/]+)/?", parts.path)
    return f"slack://{found[1]}" if found else None


def _connector(parts: SplitResult) -> str | None:
    """An incoming webhook of the older kind: all of its secret stands in the path."""
    whole = re.fullmatch(r"/webhook(?:b2)?/[^/]+/IncomingWebhook(?:/[^/]+){2,3}/?", parts.path)
    return f"teams://{parts.netloc}{parts.path}" if whole else None


def _teams(parts: SplitResult) -> str | None:
    whole = parts.path.startswith(("/workflows/", "/powerautomate/")) and "sig=" in parts.query
    return f"teams://{parts.netloc}{parts.path}?{parts.query}" if whole else None


def _webhook(parts: SplitResult) -> str:
    """Apprise hands on those arguments only that begin with a minus; of the others it would keep nothing."""
    handed_on = "&".join(f"-{pair}" for pair in parts.query.split("&") if pair)
    scheme = "json" if parts.scheme == "http" else "jsons"
    return f"{scheme}://{parts.netloc}{parts.path}{'?' if handed_on else ''}{handed_on}"


def _ntfy(parts: SplitResult) -> str | None:
    topic = parts.path.strip("/")
    return f"ntfys://{topic}" if topic and "/" not in topic else None


_PAGES: Final[tuple[tuple[re.Pattern[str], Callable[[SplitResult], str | None]], ...]] = (
    (re.compile(r"(oapi|api)\.dingtalk\.com"), _dingtalk),
    (re.compile(r"open\.feishu\.cn"), _hook("feishu")),
    (re.compile(r"open\.(larksuite|larkoffice)\.com"), _hook("lark")),
    (re.compile(r"qyapi\.weixin\.qq\.com"), _wecom),
    (re.compile(r"hooks\.slack\.com"), _slack),
    (re.compile(r".+\.logic\.azure\.(com|cn)|.+\.powerplatform\.com|.+\.powerautomate\.com"), _teams),
    (re.compile(r".+\.webhook\.office\.com|outlook\.office(365)?\.com"), _connector),
    (re.compile(r"ntfy\.sh"), _ntfy),
)
