"""A workflow of Microsoft Teams that posts what comes to its address: an Adaptive Card with buttons.

teams://HOST/PATH?QUERY, which is the workflow's address with teams in place of https. A workflow says that it
took the request (202, and no word); whether the card reached the channel stands in its own history only. A
connector of the older kind says 1, and 200 with a sentence where the channel did not take the card.
"""

import re
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

from notifications.dialects import Card
from notifications.services.posting import Answer, Post, Posting, by_code, by_status, parsed, taken
from notifications.services.receipt import Receipt

_TAKEN: Final = {202: "", 200: "1"}  # the whole answer that means yes, by status
_FAILED: Final = re.compile(r"returned HTTP error (\d{3})\b")


class Teams(Posting):
    kind = "teams"
    service_name = "Teams workflow (Guanka)"
    secure_protocol = "teamscard"
    scheme = "https"

    def __init__(self, address: str, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.parts = urlsplit(address)
        signed = self.parts.path.strip("/") and self.parts.query
        if not signed and "/IncomingWebhook/" not in self.parts.path:
            raise TypeError("neither workflow nor connector")

    def post(self, card: Card) -> Post:
        blocks: list[dict[str, object]] = []
        if card.title:
            heading: dict[str, object] = {
                "type": "TextBlock",
                "text": card.title,
                "weight": "Bolder",
                "size": "Large",
                "wrap": True,
            }
            blocks.append(heading)
        blocks.append({"type": "TextBlock", "text": card.body, "wrap": True})
        shown: dict[str, object] = {
            "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
            "type": "AdaptiveCard",
            "version": "1.4",
            "body": blocks,
            "actions": [{"type": "Action.OpenUrl", "title": b.label, "url": b.url} for b in card.buttons],
            "msteams": {"width": "full"},
        }
        kind = "application/vnd.microsoft.card.adaptive"
        content = {
            "type": "message",
            "attachments": [{"contentType": kind, "contentUrl": None, "content": shown}],
        }
        return Post(
            url=f"{self.scheme}://{self.parts.netloc}{self.parts.path}",
            params=dict(parse_qsl(self.parts.query, keep_blank_values=True)),
            body=content,
        )

    def read(self, answer: Answer) -> Receipt:
        word = None if answer.text is None else answer.text.strip()
        if word is not None and _TAKEN.get(answer.status) == word:
            return taken(answer, code=str(answer.status))
        if failed := _FAILED.search(word or ""):
            return by_status(replace(answer, status=int(failed[1])))
        data = answer.data or {}
        error = data.get("error")
        if isinstance(error, dict) and "code" in error:
            return by_code(self.kind, answer, error["code"], error.get("message"))  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType]
        return by_status(answer)

    def url(self, privacy: bool = False, *args: Any, **kwargs: Any) -> str:
        """The signature counts over every letter, so nothing is written anew."""
        _ = args, kwargs
        query = f"?{self.parts.query}" if self.parts.query else ""
        path = "/****" if privacy else f"{self.parts.path}{query}"
        return f"{self.secure_protocol}://{self.parts.netloc}{path}"

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        """The address is kept as it is: its signature counts over every letter."""
        _ = verify_host, plus_to_space
        found = parsed(url)
        return found | {"address": url} if found else None
