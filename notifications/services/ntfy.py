"""A topic of ntfy, on ntfy.sh or one's own server: plain text, with buttons that open the page.

ntfys://[USER:PASSWORD@ or TOKEN@]HOST/TOPIC; ntfy:// is without encryption; without a path, the host is a
topic on ntfy.sh.
"""

import base64
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

CLOUD: Final = "https://ntfy.sh"


class Ntfy(Posting):
    kind = "ntfy"
    service_name = "ntfy (Guanka)"
    protocol = "ntfycard"
    secure_protocol = "ntfycards"
    cloud_url = CLOUD

    def __init__(self, server: str, topic: str, login: tuple[str, str] = ("", ""), **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not topic or "/" in topic:
            raise TypeError("no topic")
        self.server, self.topic, self.login = server, topic, login

    def post(self, card: Card) -> Post:
        content: dict[str, object] = {
            "topic": self.topic,
            "title": card.title,
            "message": card.body,
        }
        if card.buttons:
            content["click"] = card.buttons[0].url
            content["actions"] = [{"action": "view", "label": b.label, "url": b.url} for b in card.buttons]
        return Post(url=self.server or self.cloud_url, body=content, headers=self._authorization())

    def _authorization(self) -> dict[str, str]:
        user, password = self.login
        if user and not password:
            return {"Authorization": f"Bearer {user}"}
        if user:
            basic = base64.b64encode(f"{user}:{password}".encode()).decode()
            return {"Authorization": f"Basic {basic}"}
        return {}

    def read(self, answer: Answer) -> Receipt:
        data = answer.data
        if data is None:
            return by_status(answer)
        named = isinstance(data.get("id"), str) and data["id"]
        if answer.status == 200 and named and "error" not in data:  # noqa: PLR2004 - HTTP's yes
            return taken(answer, code="200", said=data.get("id"))
        if "code" not in data:
            return by_status(answer)
        return by_code(self.kind, answer, data["code"], data.get("error"))

    def written(self, show: Callable[[str], str]) -> str:
        scheme = self.protocol if self.server.startswith("http:") else self.secure_protocol
        login = ":".join(show(part) for part in self.login if part)
        host = self.server.partition("://")[2]
        return f"{scheme}://{login}{'@' if login else ''}{host}{'/' if host else ''}{show(self.topic)}"

    @staticmethod
    def parse_url(url: str, verify_host: bool = False, plus_to_space: bool = False) -> dict[str, Any] | None:
        _ = verify_host, plus_to_space
        found = parsed(url)
        if not found:
            return None
        path = path_parts(found["fullpath"])
        host = found["host"]
        port = f":{found['port']}" if found.get("port") else ""
        scheme = "https" if found["schema"].endswith("s") else "http"
        names = ("user", "password")
        return found | {
            "server": f"{scheme}://{host}{port}" if path else "",
            "topic": "/".join(path) if path else host,
            "login": tuple(found.get(name) or "" for name in names),
        }
