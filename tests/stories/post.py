"""The company's mail: a real SMTP server on this machine, and letters as the people find them."""

import re
import socket
import threading
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, cast

from aiosmtpd.controller import Controller

from tests.waiting import eventually

_LINK = re.compile(r"https?://\S+/s/\S+")
_CODE = re.compile(r"(?:验证码：|Code: )(\d{4})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One message as it arrived; `link` and `code` are empty where it asks for no decision."""

    to: str
    subject: str
    text: str

    @property
    def link(self) -> str:
        found = _LINK.search(self.text)
        return found[0] if found else ""

    @property
    def code(self) -> str:
        found = _CODE.search(self.text)
        return found[1] if found else ""


class PostOffice:
    """Takes in whatever is sent. A letter handed to its reader is not handed out again."""

    def __init__(self) -> None:
        self._arrived: list[Letter] = []
        self._read: set[int] = set()
        self._lock = threading.Lock()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port: int = probe.getsockname()[1]
        self._controller = Controller(self, hostname="127.0.0.1", port=self._port)

    @property
    def address(self) -> str:
        """Where Guanka sends its mail, as an operator would set it."""
        return f"mailto://127.0.0.1:{self._port}?from=guanka@company.example"

    def open(self) -> None:
        self._controller.start()

    def close(self) -> None:
        self._controller.stop()

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's
        message = cast("EmailMessage", message_from_bytes(envelope.content, policy=default))
        body = message.get_body(("plain",))
        assert body is not None, "a message without a text anybody could read"
        letter = Letter(to=envelope.rcpt_tos[0], subject=str(message["Subject"]), text=body.get_content())
        with self._lock:
            self._arrived.append(letter)
        return "250 OK"

    def letters(self, to: str, about: str = "") -> list[Letter]:
        """All that ever arrived for this address with these words in the subject, read or not."""
        with self._lock:
            return [each for each in self._arrived if each.to == to and about in each.subject]

    def next_letter(self, to: str, about: str) -> Letter:
        """The first unread letter for this address with these words in its subject, awaited and then read."""
        found: list[int] = []

        def has_come() -> bool:
            with self._lock:
                found[:] = [
                    place
                    for place, each in enumerate(self._arrived)
                    if each.to == to and about in each.subject and place not in self._read
                ]
            return bool(found)

        eventually(has_come, f"a letter to {to} about {about}", limit=60)
        self._read.add(found[0])
        return self._arrived[found[0]]
