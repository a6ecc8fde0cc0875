"""A robot of a WeCom group: a card that leads to the page where the words fit one, else Markdown with links.

wecombot://KEY/. Limits as of https://developer.work.weixin.qq.com/document/path/99110: 4,096 bytes of
Markdown, 2,048 of text; a card's text is meant to have at most 112 characters.
"""

from collections.abc import Callable
from typing import Any

from notifications.dialects import Card
from notifications.services.posting import Answer, Post, Posting, by_code, by_status, parsed, taken
from notifications.services.receipt import Receipt


class WeCom(Posting):
    kind = "wecom"
    service_name = "WeCom (Guanka)"
    secure_protocol = "wecomcard"
    host_url = "https://qyapi.weixin.qq.com"

    def __init__(self, robot: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not robot:
            raise TypeError("no key")
        self.robot = robot

    def post(self, card: Card) -> Post:
        url = f"{self.host_url}/cgi-bin/webhook/send"
        return Post(url=url, params={"key": self.robot}, body=_body(card))

    def read(self, answer: Answer) -> Receipt:
        data = answer.data
        if data is None or "errcode" not in data:
            return by_status(answer)
        if answer.status == 200 and str(data["errcode"]) == "0":  # noqa: PLR2004 - HTTP's yes
            return taken(answer, said=data.get("errmsg"))
        return by_code(self.kind, answer, data["errcode"], data.get("errmsg"))

    def written(self, show: Callable[[str], str]) -> str:
        return f"{self.secure_protocol}://{show(self.robot)}/"

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        _ = verify_host, plus_to_space
        found = parsed(url)
        if not found:
            return None
        return found | {"robot": found["qsd"].get("key") or found["host"]}


def _body(card: Card) -> dict[str, object]:
    if not card.short:
        return {"msgtype": "markdown", "markdown": {"content": card.body}}
    jumps = [{"type": 1, "title": button.label, "url": button.url} for button in card.buttons]
    shown = {
        "card_type": "text_notice",
        "main_title": {"title": card.title},
        "sub_title_text": card.body,
        "jump_list": jumps,
        "card_action": {"type": 1, "url": card.buttons[0].url},
    }
    return {"msgtype": "template_card", "template_card": shown}
