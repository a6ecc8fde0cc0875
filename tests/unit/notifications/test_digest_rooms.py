"""What a digest may hold, so that no card cuts a thing off that it says it mentions."""

import json
from typing import Any

import pytest

from engine.text import Language
from notifications.digests import ROOMS, Digest, Line, Section, compose_digest, room_of, size_of
from notifications.services.dingtalk import DingTalk
from notifications.services.feishu import Feishu, Lark
from notifications.services.ntfy import Ntfy
from notifications.services.posting import Posting
from notifications.services.shaping import spoken
from notifications.services.slack import Slack
from notifications.services.teams import Teams
from notifications.services.wecom import WeCom

LINK = "https://guanka.company-with-a-long-name.example/s/" + "x" * 250
NEWS = (Section.SIGN_OFF, Section.DEADLINES, Section.ESCALATIONS, Section.NEWS)
SERVICES: dict[str, Posting] = {
    "dingtalk": DingTalk("t"),
    "feishu": Feishu("h"),
    "lark": Lark("h"),
    "wecom": WeCom("k"),
    "slack": Slack(("T0", "B0", "s")),
    "teams": Teams("https://x.example/w?sig=1"),
    "ntfy": Ntfy("https://ntfy.example", "t"),
}


def filling(room: int, title: str) -> list[Line]:
    """As many lines as a digest of this room may hold, numbered."""
    lines: list[Line] = []
    while True:
        number = len(lines)
        text = f"已逾期：{title}｜<{number:04}>"
        line = Line(section=NEWS[number % 4], text=text, link=LINK, until="11月26日（周四）18:00 UTC+8")
        if size_of(line) + sum(map(size_of, lines)) > room:
            return lines
        lines.append(line)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("title", ["新", "新品上市推广" * 14, "a" * 80, "[急]" * 20])
@pytest.mark.parametrize("kind", ROOMS)
def test_every_line_of_the_fullest_digest_stands_on_the_card(
    kind: str, title: str, language: Language
) -> None:
    lines = filling(ROOMS[kind], title)
    message = compose_digest(Digest(me="敏" * 60, language=language, lines=lines, digits_apart=True))
    said, buttons = spoken(message)
    service: Any = SERVICES[kind]
    service.buttons = buttons
    sent = json.dumps(service.post(said, message.subject).body, ensure_ascii=False)
    missing = [n for n in range(len(lines)) if f"{n:04}" not in sent]
    assert lines
    assert not missing
    assert "…" not in sent


def test_the_room_is_that_of_the_smallest_card_a_message_may_come_to():
    assert room_of(["email", "dingtalk", "wecom"]) == ROOMS["wecom"]
    assert room_of(["email", "webhook"]) is None
    assert room_of([]) is None


def test_every_card_of_our_own_has_a_room():
    assert set(ROOMS) == set(SERVICES)
