"""Providers of group robots and a mail server, and what they took: for whom, when, and the words."""

import json
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import Final, cast

from engine.clock import FixedClock
from tests.sinks.providers import Provider, providing
from tests.sinks.smtp import ScriptedMail

KINDS: Final = ("dingtalk", "feishu", "wecom", "slack")
_GREETED: Final = re.compile(r"(签批人\w+)，您好")


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """`to` is the person's name, by which a message greets."""

    channel: str
    to: str
    at: datetime
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    providers: tuple[Provider, ...]
    mail: ScriptedMail
    mailed_before: int

    def arrived(self) -> list[Arrival]:
        return [*self._by_robot(), *self._by_mail()]

    def _by_robot(self) -> Iterator[Arrival]:
        for provider in self.providers:
            assert provider.official is not None
            for at, body in zip(provider.official.taken, provider.sink.arrived, strict=True):
                text = json.dumps(body, ensure_ascii=False)
                instant = datetime.fromtimestamp(at, UTC)
                yield Arrival(channel=provider.kind, to=_greeted(text), at=instant, text=text)

    def _by_mail(self) -> Iterator[Arrival]:
        for content in self.mail.kept[self.mailed_before :]:
            mail = cast("EmailMessage", message_from_bytes(content, policy=default))
            part = mail.get_body(("plain",))
            assert part is not None, "a mail without plain text"
            text, at = f"{mail['Subject']}\n{part.get_content()}", parsedate_to_datetime(mail["Date"])
            yield Arrival(channel="email", to=_greeted(text), at=at, text=text)


def _greeted(text: str) -> str:
    found = _GREETED.search(text)
    assert found, f"a message that greets nobody: {text[:200]}"
    return found[1]


@contextmanager
def receiving(clock: FixedClock, mail: ScriptedMail) -> Generator[Reception]:
    """Everything is empty at first, and goes by this clock."""
    with ExitStack() as stack:
        there = [stack.enter_context(providing(kind, lambda: clock.now().timestamp())) for kind in KINDS]
        yield Reception(providers=tuple(there), mail=mail, mailed_before=len(mail.kept))
