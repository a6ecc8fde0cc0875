"""An incoming webhook of Slack: blocks with buttons. slack://T…/B…/SECRET, as its address ends."""

from collections.abc import Callable
from typing import Any, Final

from notifications.dialects import Card
from notifications.services.codes import meaning
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

PARTS: Final = 3
BUTTON: Final = 75  # characters


class Slack(Posting):
    kind = "slack"
    service_name = "Slack (Guanka)"
    secure_protocol = "slackcard"
    host_url = "https://hooks.slack.com"

    def __init__(self, parts: tuple[str, ...], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if len(parts) != PARTS:
            raise TypeError("an incoming webhook has three parts")
        self.parts = parts

    def post(self, card: Card) -> Post:
        blocks: list[dict[str, object]] = []
        if card.title:
            heading = {"type": "plain_text", "text": card.title, "emoji": False}
            blocks.append({"type": "header", "text": heading})
        said = {"type": "mrkdwn", "text": card.body, "verbatim": True}
        blocks.append({"type": "section", "text": said})
        if card.buttons:
            buttons = [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": button.label[:BUTTON]},
                    "url": button.url,
                }
                for button in card.buttons
            ]
            blocks.append({"type": "actions", "elements": buttons})
        url = f"{self.host_url}/services/{'/'.join(self.parts)}"
        return Post(url=url, body={"text": card.title or card.body, "blocks": blocks})

    def read(self, answer: Answer) -> Receipt:
        """The answer is one word, and `ok` only where it is a yes."""
        word = (answer.text or "").strip()
        if answer.status == 200 and word == "ok":  # noqa: PLR2004 - HTTP's yes
            return taken(answer, code="ok", said=word)
        data = answer.data
        if data is not None and isinstance(data.get("error"), str):
            word = data["error"]
        if meaning(self.kind, word) is not None:
            return by_code(self.kind, answer, word, word)
        return by_status(answer)

    def written(self, show: Callable[[str], str]) -> str:
        return f"{self.secure_protocol}://" + "/".join(show(part) for part in self.parts)

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        _ = verify_host, plus_to_space
        found = parsed(url)
        if not found:
            return None
        return found | {"parts": (found["host"], *path_parts(found["fullpath"]))}
