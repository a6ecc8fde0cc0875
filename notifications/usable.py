"""An address before it is kept: whether any message could be sent to it, as far as it tells by itself."""

from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.parse import unquote, urlsplit

from engine.text import Text
from notifications.overhearing import overheard
from notifications.recognising import AddressUnknown, Recognised
from notifications.services import register, served

_FORMS: Final[Mapping[str, str]] = {
    "dingtalk": "dingtalk://[SECRET@]TOKEN/[MOBILE/…]",
    "feishu": "feishu://[SECRET@]HOOK/",
    "lark": "lark://[SECRET@]HOOK/",
    "wecom": "wecombot://KEY/",
    "slack": "slack://T…/B…/SECRET",
    "teams": "teams://HOST/PATH?QUERY",
    "ntfy": "ntfys://[USER:PASSWORD@]HOST/TOPIC",
    "email": "mailtos://USER:PASSWORD@HOST?from=…&to=…",
    "webhook": "https://HOST/PATH",
}
_TOKENS: Final = frozenset({"dingtalk", "feishu", "lark", "wecom", "slack"})


def refuse_unusable(found: Recognised) -> None:
    """Nothing is sent. Raises AddressUnknown, which names the form that is expected."""
    scheme = found.url.partition("://")[0]
    if found.kind == "slack" and found.url.startswith("slack://xox"):
        raise AddressUnknown(_BOT)
    if found.kind in _TOKENS and not unquote(_token_part(found.url)).isascii():
        raise _expected(found.kind)
    if _loads(found.url):
        return
    if found.kind in _FORMS:
        raise _expected(found.kind)
    if not _known(scheme):
        raise AddressUnknown(
            Text(
                f"Apprise 没有 {scheme} 这种渠道；请核对 Apprise 文档中的写法",
                f"Apprise has no channel {scheme}; see how Apprise's documentation writes it",
            )
        )
    raise AddressUnknown(
        Text(
            f"Apprise 不能用这个 {scheme} 地址：缺少部分内容，或本机没有它需要的程序；"
            "请核对 Apprise 文档中的写法",
            f"Apprise cannot use this address of {scheme}: a part is missing, or this machine lacks a program"
            " it needs; see how Apprise's documentation writes it",
        )
    )


def _token_part(url: str) -> str:
    parts = urlsplit(url)
    return parts.netloc + parts.path


def _loads(url: str) -> bool:
    """Apprise says why not only in its log, which repeats secrets."""
    from apprise import Apprise, AppriseAsset  # noqa: PLC0415 - loads only where an address is added

    register()
    asset = AppriseAsset(secure_logging=True, async_mode=False, storage_mode="memory")
    with overheard():
        try:
            loaded = cast("Any", Apprise).instantiate(served(url), asset=asset, suppress_exceptions=False)
        except Exception:  # noqa: BLE001 - whatever a service thinks of the address, it cannot be used
            return False
    return loaded is not None


def _known(scheme: str) -> bool:
    from apprise import NotificationManager  # noqa: PLC0415 - as above

    return scheme in cast("Any", NotificationManager())


def _expected(kind: str) -> AddressUnknown:
    form = _FORMS[kind]
    return AddressUnknown(
        Text(
            f"这不是 {kind} 渠道的地址；请直接粘贴 Webhook 地址，或写成 {form}",
            f"this is no address of a {kind} channel; paste the webhook as it is, or write {form}",
        )
    )


_BOT: Final = Text(
    "Slack 机器人令牌（xox…）不能用；请为频道新建 Incoming Webhook，粘贴其地址，或写成 slack://T…/B…/SECRET",
    "a token of a Slack bot (xox…) cannot be used; make an incoming webhook for the channel and paste its"
    " address, or write slack://T…/B…/SECRET",
)
