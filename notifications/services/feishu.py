"""A custom robot of a Feishu or Lark group: an interactive card with buttons.

feishu://HOOK/ or feishu://SECRET@HOOK/, lark:// likewise. Signed as
https://open.feishu.cn/document/client-docs/bot-v3/add-custom-bot asks.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any

from notifications.dialects import Card
from notifications.services.posting import Answer, Post, Posting, by_code, by_status, parsed, taken
from notifications.services.receipt import Receipt


class Feishu(Posting):
    kind = "feishu"
    service_name = "Feishu (Guanka)"
    secure_protocol = "feishucard"
    host_url = "https://open.feishu.cn"

    def __init__(self, hook: str, secret: str = "", **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not hook:
            raise TypeError("no hook")
        self.hook, self.secret = hook, secret

    def post(self, card: Card) -> Post:
        content: dict[str, object] = {"msg_type": "interactive", "card": _shown(card)}
        if self.secret:
            stamp = str(int(self.clock.now().timestamp()))
            content |= {"timestamp": stamp, "sign": signature(self.secret, stamp)}
        return Post(url=f"{self.host_url}/open-apis/bot/v2/hook/{self.hook}", body=content)

    def read(self, answer: Answer) -> Receipt:
        """Older answers say StatusCode where newer ones say code; some say both."""
        data = answer.data
        code = None if data is None else data.get("code", data.get("StatusCode"))
        if data is None or code is None:
            return by_status(answer)
        said = data.get("msg") or data.get("StatusMessage")
        if answer.status == 200 and str(code) == "0":  # noqa: PLR2004 - HTTP's yes
            return taken(answer, said=said)
        return by_code(self.kind, answer, code, said)

    def written(self, show: Callable[[str], str]) -> str:
        secret = f"{show(self.secret)}@" if self.secret else ""
        return f"{self.secure_protocol}://{secret}{show(self.hook)}/"

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        _ = verify_host, plus_to_space
        found = parsed(url)
        if not found:
            return None
        given = found["qsd"]
        return found | {
            "hook": given.get("token") or found["host"],
            "secret": given.get("secret") or found.get("user") or "",
        }


class Lark(Feishu):
    kind = "lark"
    service_name = "Lark (Guanka)"
    secure_protocol = "larkcard"
    host_url = "https://open.larksuite.com"


def _shown(card: Card) -> dict[str, object]:
    elements: list[dict[str, object]] = [{"tag": "markdown", "content": card.body}]
    if card.buttons:
        kinds = ["primary", *["default"] * len(card.buttons)]
        actions = [
            {
                "tag": "button",
                "text": {"tag": "plain_text", "content": button.label},
                "type": kind,
                "url": button.url,
            }
            for button, kind in zip(card.buttons, kinds, strict=False)
        ]
        elements.append({"tag": "action", "actions": actions})
    heading = {"template": "blue", "title": {"tag": "plain_text", "content": card.title}}
    return {"config": {"wide_screen_mode": True}, "header": heading, "elements": elements}


def signature(secret: str, stamp: str) -> str:
    """Time (seconds) and secret are the key here, and the text that is signed is empty."""
    signed = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
