"""A custom robot of a DingTalk group: a card with buttons, or Markdown where somebody is called by name.

dingtalk://TOKEN/ or dingtalk://SECRET@TOKEN/, with the mobiles of whom to call behind it. Signed as
https://open.dingtalk.com/document/robots/customize-robot-security-settings asks.
"""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Any, Final

from notifications.dialects import Card
from notifications.services.posting import (
    Answer,
    Post,
    Posting,
    by_code,
    by_status,
    parsed,
    path_parts,
    taken,
)
from notifications.services.receipt import Receipt

HOST: Final = "https://oapi.dingtalk.com"


class DingTalk(Posting):
    kind = "dingtalk"
    service_name = "DingTalk (Guanka)"
    secure_protocol = "dingcard"
    host_url = HOST

    def __init__(self, token: str, secret: str = "", mobiles: tuple[str, ...] = (), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not token:
            raise TypeError("no token")
        self.token, self.secret, self.mobiles = token, secret, mobiles

    @property
    def dialect(self) -> str:
        return "dingtalk_calling" if self.mobiles else "dingtalk"

    def post(self, card: Card) -> Post:
        params = {"access_token": self.token}
        if self.secret:
            stamp = str(int(self.clock.now().timestamp() * 1000))
            params |= {"timestamp": stamp, "sign": signature(self.secret, stamp)}
        return Post(url=f"{self.host_url}/robot/send", params=params, body=self._body(card))

    def _body(self, card: Card) -> dict[str, object]:
        if not card.buttons:
            called = "".join(f" @{mobile}" for mobile in self.mobiles)
            return {
                "msgtype": "markdown",
                "markdown": {"title": card.title, "text": card.body + called},
                "at": {"atMobiles": list(self.mobiles), "isAtAll": False},
            }
        buttons = [{"title": button.label, "actionURL": button.url} for button in card.buttons]
        shown = {"title": card.title, "text": card.body, "btnOrientation": "0", "btns": buttons}
        return {"msgtype": "actionCard", "actionCard": shown}

    def read(self, answer: Answer) -> Receipt:
        data = answer.data
        if data is None or "errcode" not in data:
            return by_status(answer)
        if answer.status == 200 and str(data["errcode"]) == "0":  # noqa: PLR2004 - HTTP's yes
            return taken(answer, said=data.get("errmsg"))
        return by_code(self.kind, answer, data["errcode"], data.get("errmsg"))

    def written(self, show: Callable[[str], str]) -> str:
        secret = f"{show(self.secret)}@" if self.secret else ""
        return f"{self.secure_protocol}://{secret}{show(self.token)}/{'/'.join(self.mobiles)}"

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        _ = verify_host, plus_to_space
        found = parsed(url)
        if not found:
            return None
        given = found["qsd"]
        return found | {
            "token": given.get("token") or found["host"],
            "secret": given.get("secret") or found.get("user") or "",
            "mobiles": tuple(m for m in path_parts(found["fullpath"]) if m.lstrip("+").isdigit()),
        }


def signature(secret: str, stamp: str) -> str:
    """Of the time in milliseconds and the secret itself; the request encodes it, once."""
    signed = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256)
    return base64.b64encode(signed.digest()).decode()
