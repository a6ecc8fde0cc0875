"""A robot of a WeCom group: a card that leads to the page where the words fit one, else Markdown with links.

wecombot://KEY/. Limits as of https://developer.work.weixin.qq.com/document/path/99110: 4,096 bytes of
Markdown, 2,048 of text; a card's text is meant to have at most 112 characters.
"""

from collections.abc import Callable
from typing import Any, Final

from notifications.services.posting import Answer, Post, Posting, by_code, by_status, parsed, taken
from notifications.services.receipt import Receipt
from notifications.services.shaping import as_plain, cut, named, with_links

MOST_BYTES: Final = 4_096
MOST_CARD: Final = 112  # characters
MOST_CARD_TITLE: Final = 26  # characters
MOST_TITLE_BYTES: Final = 300


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

    def post(self, body: str, title: str) -> Post:
        url = f"{self.host_url}/cgi-bin/webhook/send"
        return Post(url=url, params={"key": self.robot}, body=self._body(body, title))

    def _body(self, body: str, title: str) -> dict[str, object]:
        said = named(as_plain(body), MOST_BYTES)
        if self.buttons and len(said) <= MOST_CARD and len(title) <= MOST_CARD_TITLE:
            return {"msgtype": "template_card", "template_card": self._card(said, title)}
        text = f"### {cut(title, MOST_TITLE_BYTES)}\n\n{body}" if title else body
        return {"msgtype": "markdown", "markdown": {"content": with_links(text, self.buttons, MOST_BYTES)}}

    def _card(self, said: str, title: str) -> dict[str, object]:
        jumps = [{"type": 1, "title": button.label, "url": button.url} for button in self.buttons]
        return {
            "card_type": "text_notice",
            "main_title": {"title": title},
            "sub_title_text": said,
            "jump_list": jumps,
            "card_action": {"type": 1, "url": self.buttons[0].url},
        }

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
