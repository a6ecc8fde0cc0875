"""The providers, as their documents describe them: tokens, signatures, sizes, limits and bans."""

import base64
import hashlib
import hmac
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Final
from unittest.mock import patch

from notifications.services.dingtalk import DingTalk
from notifications.services.feishu import Feishu, Lark
from notifications.services.ntfy import Ntfy
from notifications.services.slack import Slack
from notifications.services.teams import Teams
from notifications.services.wecom import WeCom
from tests.sinks.server import Asked, Say, Sink, listening

TOKEN: Final = "t0kenCanary4711"
SECRET: Final = "SECr3tCanary4711"
Now = Callable[[], float]


@dataclass
class Official:
    """The provider's own limit, in windows of its own clock, and how long it shuts a robot out."""

    windows: tuple[tuple[int, float], ...]
    ban_seconds: float = 0.0
    taken: list[float] = field(default_factory=list)
    shut_until: float = 0.0
    refused: int = 0

    def lets(self, now: float) -> bool:
        full = any(sum(1 for at in self.taken if now - at < span) >= most for most, span in self.windows)
        if now < self.shut_until or full:
            self.refused += 1
            if full and now >= self.shut_until:
                self.shut_until = now + self.ban_seconds
            return False
        self.taken.append(now)
        return True


@dataclass(kw_only=True)
class Provider:
    """`url` is what a user would write for a robot here. `refusal(code, said)` answers as it refuses."""

    kind: str
    url: str
    sink: Sink
    refusal: Callable[[str, str], Say]
    official: Official | None = None


def _errcode(code: str, said: str) -> Say:
    return Say(body={"errcode": int(code), "errmsg": said})


def _code(code: str, said: str) -> Say:
    return Say(body={"code": int(code), "msg": said, "data": {}})


def _provider(kind: str, url: str, judge: Any, told: tuple[Say, Any], limit: Official | None) -> Provider:
    fine, refusal = told
    return Provider(kind=kind, url=url, sink=Sink(judge=judge, fine=fine), refusal=refusal, official=limit)


def dingtalk(now: Now) -> Provider:
    official = Official(windows=((20, 60.0),), ban_seconds=600.0)

    def judge(asked: Asked) -> Say | None:
        stamp = asked.query.get("timestamp", "0")
        signed = hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()
        if asked.query.get("access_token") != TOKEN:
            return _errcode("300005", "token is not exist")
        if asked.query.get("sign") != base64.b64encode(signed).decode():
            return _errcode("310000", "description:机器人发送签名不匹配;sign not match")
        if abs(now() - int(stamp) / 1000) > 3600:
            return _errcode("310000", "invalid timestamp")
        if "关卡" not in str(asked.body):
            return _errcode("310000", "keywords not in content")
        if asked.size > 20_000:
            return _errcode("460101", "message too long")
        return (
            None if official.lets(now()) else _errcode("130101", "send too fast, exceed 20 times per minute")
        )

    told = (Say(body={"errcode": 0, "errmsg": "ok"}), _errcode)
    return _provider("dingtalk", f"dingtalk://{SECRET}@{TOKEN}/", judge, told, official)


def feishu(now: Now, kind: str = "feishu") -> Provider:
    official = Official(windows=((100, 60.0), (5, 1.0)))

    def judge(asked: Asked) -> Say | None:
        key = f"{asked.body.get('timestamp')}\n{SECRET}".encode()
        signed = base64.b64encode(hmac.new(key, b"", hashlib.sha256).digest()).decode()
        if asked.path != f"/open-apis/bot/v2/hook/{TOKEN}":
            return _code("19001", "param invalid: incoming webhook access token invalid")
        if asked.body.get("sign") != signed or abs(now() - int(asked.body["timestamp"])) > 3600:
            return _code("19021", "sign match fail or timestamp is not within one hour from current time")
        if "关卡" not in str(asked.body):
            return _code("19024", "Key Words Not Found")
        if asked.size > 20_480:
            return _code("11246", "card too large")
        rush = now() % 1800 < 1.0
        return None if official.lets(now()) and not rush else _code("11232", "frequency limited psm")

    told = (Say(body={"code": 0, "msg": "success", "data": {}, "StatusCode": 0}), _code)
    return _provider(kind, f"{kind}://{SECRET}@{TOKEN}/", judge, told, official)


def wecom(now: Now) -> Provider:
    official = Official(windows=((20, 60.0),))

    def judge(asked: Asked) -> Say | None:
        text = asked.body.get("markdown", {}).get("content", "")
        card = asked.body.get("template_card", {})
        if asked.query.get("key") != TOKEN:
            return _errcode("93000", "invalid webhook url")
        if len(text.encode()) > 4096:
            return _errcode("40058", "markdown.content exceed max length 4096")
        if not text and not card.get("card_action", {}).get("url"):
            return _errcode("44004", "text content is empty")
        return None if official.lets(now()) else _errcode("45009", "api freq out of limit")

    told = (Say(body={"errcode": 0, "errmsg": "ok"}), _errcode)
    return _provider("wecom", f"wecombot://{TOKEN}/", judge, told, official)


_SLACK_STATUS: Final = {"channel_is_archived": 410, "no_service": 404, "rollup_error": 500}


def slack(now: Now) -> Provider:
    official = Official(windows=((1, 1.0),))

    def word(code: str, _said: str) -> Say:
        limited = code in ("ratelimited", "rate_limited")
        headers = {"Retry-After": "7"} if limited else {}
        return Say(status=429 if limited else _SLACK_STATUS.get(code, 403), body=code, headers=headers)

    def judge(asked: Asked) -> Say | None:
        if asked.path != f"/services/T0/B0/{TOKEN}":
            return Say(status=404, body="no_service")
        if not asked.body.get("text") or any(len(str(b)) > 3200 for b in asked.body["blocks"]):
            return Say(status=400, body="invalid_blocks")
        return None if official.lets(now()) else word("ratelimited", "")

    return _provider("slack", f"slack://T0/B0/{TOKEN}", judge, (Say(body="ok"), word), official)


def connector(status: str) -> str:
    """What a connector of the older kind answers, with HTTP 200, where the channel did not take the card."""
    return (
        "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error "
        f"{status} with ContextId tcid=0,server=msgapi-canary,cv=dZ"
    )


def teams(_now: Now) -> Provider:
    def refusal(code: str, said: str) -> Say:
        if code.isdigit():
            return Say(body=connector(code))
        status = 429 if "RateLimit" in code else 400
        return Say(status=status, body={"error": {"code": code, "message": said}})

    def judge(asked: Asked) -> Say | None:
        if asked.query.get("sig") != TOKEN:
            return refusal("AuthorizationFailed", "The authentication credentials are not valid.")
        content = asked.body["attachments"][0]["content"]
        return None if content["type"] == "AdaptiveCard" else refusal("TriggerInputSchemaMismatch", "")

    path = "workflows/w1/triggers/manual/paths/invoke?api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun"
    url = f"teams://{{place}}/{path}&sv=1.0&sig={TOKEN}"
    return _provider("teams", url, judge, (Say(status=202), refusal), None)


def ntfy(_now: Now) -> Provider:
    def refusal(code: str, said: str) -> Say:
        return Say(status=int(code[:3]), body={"code": int(code), "http": int(code[:3]), "error": said})

    def judge(asked: Asked) -> Say | None:
        if asked.headers.get("Authorization") != f"Bearer {TOKEN}":
            return refusal("40101", "unauthorized")
        return (
            None if len(asked.body["message"].encode()) <= 4096 else refusal("41303", "JSON body too large")
        )

    return _provider(
        "ntfy", f"ntfy://{TOKEN}@{{place}}/alerts", judge, (Say(body={"id": "x"}), refusal), None
    )


PROVIDERS: Final[Mapping[str, Callable[[Now], Provider]]] = {
    "dingtalk": dingtalk,
    "feishu": feishu,
    "lark": lambda now: feishu(now, "lark"),
    "wecom": wecom,
    "slack": slack,
    "teams": teams,
    "ntfy": ntfy,
}
_SERVICES: Final = {"dingtalk": DingTalk, "feishu": Feishu, "lark": Lark, "wecom": WeCom, "slack": Slack}


@contextmanager
def providing(kind: str, now: Now = time.time) -> Generator[Provider]:
    """The provider on loopback, in the place of the real one for this process."""
    provider = PROVIDERS[kind](now)
    with ExitStack() as stack:
        sink = stack.enter_context(listening(provider.sink))
        provider.url = provider.url.replace("{place}", f"127.0.0.1:{sink.port}")
        if kind in _SERVICES:
            stack.enter_context(patch.object(_SERVICES[kind], "host_url", sink.address))
        stack.enter_context(patch.object(Teams, "scheme", "http"))
        stack.enter_context(patch.object(Ntfy, "cloud_url", sink.address))
        yield provider
