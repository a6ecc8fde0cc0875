"""An incoming webhook of Slack: blocks with buttons. slack://T…/B…/SECRET, as its address ends."""

from collections.abc import Callable
from typing import Any, Final

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
from notifications.services.shaping import as_mrkdwn, named

MOST_TITLE: Final = 150  # characters of a header
MOST_BYTES: Final = 2_900  # a section takes 3,000 characters
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

    def post(self, body: str, title: str) -> Post:
        blocks: list[dict[str, object]] = []
        if title:
            heading = {"type": "plain_text", "text": title[:MOST_TITLE], "emoji": False}
            blocks.append({"type": "header", "text": heading})
        said = {"type": "mrkdwn", "text": as_mrkdwn(named(body, MOST_BYTES)), "verbatim": True}
        blocks.append({"type": "section", "text": said})
        if self.buttons:
            buttons = [
                {
                    "type": "button",
                    "text": {"type": "plain_text", "text": button.label[:BUTTON]},
                    "url": button.url,
                }
                for button in self.buttons
            ]
            blocks.append({"type": "actions", "elements": buttons})
        url = f"{self.host_url}/services/{'/'.join(self.parts)}"
        return Post(url=url, body={"text": title or as_mrkdwn(body)[:MOST_BYTES], "blocks": blocks})

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
