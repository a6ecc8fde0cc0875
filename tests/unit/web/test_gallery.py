"""The gallery shows what is sent, and draws it as the platform would."""

import html
import json
import re
from dataclasses import replace

import pytest
import requests

from engine.text import Language, Text
from notifications import dialects
from notifications.blocks import Mention, Mentions
from notifications.channels import AppriseChannel
from notifications.dialects import Card
from notifications.messages import Button, Message
from notifications.recognising import KINDS
from notifications.routing import Address
from notifications.samples import samples
from notifications.services.posting import Posting
from tests.unit.notifications.test_digest_rooms import SERVICES
from web import gallery
from web.gallery import CHANNELS, shown

OURS = [channel for channel in CHANNELS if channel in SERVICES]


def test_of_the_ten_channels_six_are_cards_of_our_own_services() -> None:
    assert len(CHANNELS) == 10
    assert OURS == ["dingtalk", "feishu", "wecom", "slack", "teams", "ntfy"]
    assert [channel for channel in CHANNELS if channel not in OURS] == ["email", "text", "mailbox", "webhook"]


def test_every_kind_of_channel_has_its_place_and_lark_shares_feishus() -> None:
    assert set(KINDS.values()) - set(CHANNELS) == {"lark"}
    assert CHANNELS["feishu"] == Text("飞书 / Lark", "Feishu / Lark")
    message = samples()[0].message("zh")
    assert dialects.card_for("lark", message) == dialects.card_for("feishu", message)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("personal", [True, False])
def test_a_webhook_shows_the_json_that_is_sent(
    language: Language, personal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def request(_method: str, _url: str, *, data: bytes, **_more: object) -> None:
        sent.append(data.decode())
        raise requests.ConnectTimeout

    monkeypatch.setattr(requests, "request", request)
    for sample in samples():
        message = sample.message(language, personal=personal)
        (look,) = shown(message, language, ("webhook",))
        AppriseChannel().send(message, Address(channel="webhook", url="json://hooks.example.com"))
        assert json.loads(look.text) == json.loads(sent.pop())
        assert (look.title, look.body, look.buttons) == ("", "", ())
        assert "\\u" not in look.text
        assert look.text.count("\n") > 5


@pytest.mark.parametrize("channel", OURS)
@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("personal", [True, False])
def test_the_gallery_draws_the_very_card_that_its_service_sends(
    channel: str, language: Language, personal: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Card] = []
    card_for = dialects.card_for

    def watched(dialect: str, message: Message) -> Card:
        drawn.append(card_for(dialect, message))
        return drawn[-1]

    monkeypatch.setattr(gallery, "card_for", watched)
    service: Posting = SERVICES[channel]
    for sample in samples():
        message = sample.message(language, personal=personal)
        (look,) = shown(message, language, (channel,))
        (card,) = drawn
        drawn.clear()
        sent = json.dumps(service.post(card).body, ensure_ascii=False)
        assert json.dumps(card.body, ensure_ascii=False)[1:-1] in sent
        assert look.buttons == card.buttons
        assert all(button.url in sent for button in message.buttons)
        assert words(look.body) >= words(html.escape(without_marks(card.body)))


@pytest.mark.parametrize("channel", ["email", "text", "mailbox"])
def test_what_is_no_card_is_the_subject_and_the_text_as_sent(channel: str) -> None:
    message = samples()[0].message("zh")
    (look,) = shown(message, "zh", (channel,))
    assert (look.title, look.text) == (message.subject, message.text)


@pytest.mark.parametrize("channel", OURS)
def test_lines_of_a_digest_are_links_where_the_dialect_has_them(channel: str) -> None:
    lines = (Mention(text="a & <b>", url="https://gate.example/cases/c1", note="due"),)
    message = Message(subject="s", text="", html="", blocks=(Mentions(title="News", lines=lines),))
    (look,) = shown(message, "en", (channel,))
    assert ('href="https://gate.example/cases/c1"' in look.body) is (channel != "ntfy")
    assert "<b>" not in look.body


def test_a_short_card_of_wecom_has_its_heading_and_buttons_and_no_markup() -> None:
    page = Button("打开", "https://gate.example/s/x")
    message = Message(subject="请审批", text="新品 *上线*", html="", buttons=(page,))
    (look,) = shown(message, "zh", ("wecom",))
    assert (look.title, look.buttons) == ("请审批", (page,))
    assert look.body == "<p>新品 ＊上线＊</p><p>关卡 Guanka</p>"
    (long,) = shown(replace(message, text="新品上线，" * 40), "zh", ("wecom",))
    assert (long.title, long.buttons) == ("", ())
    assert "<h3>请审批</h3>" in long.body


def words(said: str) -> set[str]:
    return set(re.findall(r"[\u4e00-\u9fff]+|[A-Za-z]{3,}", re.sub(r"<[^>]*>", " ", html.unescape(said))))


def without_marks(body: str) -> str:
    """Links without their addresses."""
    body = re.sub(r"<https?://[^|]*\|([^>]*)>", r"\1", body)
    return re.sub(r"\]\(https?://[^)]*\)", "]", html.unescape(body))
