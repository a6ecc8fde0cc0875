"""Messages as each channel shows them: the very text that is sent, drawn as the platform would draw it."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final

from markdown_it import MarkdownIt
from markupsafe import Markup, escape

from engine.text import Language, Text
from notifications.dialects import Card, card_for
from notifications.messages import Button, Message
from notifications.sample_digests import DigestSample
from notifications.sample_message import Sample
from notifications.webhook_json import webhook_json

CHANNELS: Final[Mapping[str, Text]] = {
    "email": Text("邮件", "E-mail"),
    "text": Text("邮件（纯文本）", "E-mail, plain text"),
    "mailbox": Text("站内信箱", "Mailbox"),
    "dingtalk": Text("钉钉", "DingTalk"),
    "feishu": Text("飞书 / Lark", "Feishu / Lark"),
    "wecom": Text("企业微信", "WeCom"),
    "slack": Text("Slack"),
    "teams": Text("Teams"),
    "ntfy": Text("ntfy"),
    "webhook": Text("Webhook"),
}
# What each platform reads of Markdown; the rest it shows as it stands. Where it breaks lines, so do we.
_READS: Final[Mapping[str, tuple[str, ...]]] = {
    "dingtalk": ("heading", "emphasis", "list", "link", "newline"),
    "feishu": ("emphasis", "strikethrough", "list", "link", "newline", "entity"),
    "wecom": ("heading", "emphasis", "link", "newline"),
    "teams": ("emphasis", "list", "link", "newline"),
}
_BREAKS: Final = frozenset({"feishu", "wecom"})
_HEADED: Final = frozenset({"dingtalk", "wecom"})  # their heading stands in the body
_STRONG: Final = re.compile(r"\*([^*\n]+)\*")
_STRUCK: Final = re.compile(r"~([^~\n]+)~")
_LINK: Final = re.compile(r"<(https?://[^|>\"]+)\|([^<>]*)>")
_AS_IT_IS: Final = frozenset({"email", "text", "mailbox"})


_NOTHING: Final = Markup()


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One message in one channel. `body` is HTML of ours, drawn from what the channel's service sends; `text`
    is shown as it stands. `title` is empty where the body has the heading in it.
    """

    channel: str
    label: str
    title: str
    body: Markup = _NOTHING
    text: str = ""
    buttons: tuple[Button, ...] = ()
    code: str = ""


def shown(message: Message, language: Language, channels: tuple[str, ...]) -> list[Shown]:
    return [_shown(message, channel, CHANNELS[channel].in_(language)) for channel in channels]


def _shown(message: Message, channel: str, label: str) -> Shown:
    if channel == "webhook":
        sent = webhook_json(message.subject, message.text, message.key)
        return Shown(
            channel=channel, label=label, title="", text=json.dumps(sent, ensure_ascii=False, indent=2)
        )
    if channel not in _AS_IT_IS:
        card = card_for(channel, message)
        title = "" if channel in _HEADED and not card.short else card.title
        return Shown(
            channel=channel, label=label, title=title, body=_drawn(channel, card), buttons=card.buttons
        )
    codes = [secret for secret in message.secrets if "/" not in secret]
    links = tuple(button for button in message.buttons if button.url in message.secrets)
    mailbox = channel == "mailbox"
    return Shown(
        channel=channel,
        label=label,
        title=message.subject,
        text=message.text,
        buttons=links if mailbox else (),
        code="".join(codes) if mailbox else "",
    )


def _drawn(channel: str, card: Card) -> Markup:
    if channel == "slack":
        return _mrkdwn(card.body)
    return _plain(card.body) if channel == "ntfy" or card.short else _markdown(channel, card.body)


@lru_cache(maxsize=1024)  # samples do not change, and reading Markdown is most of the work
def _markdown(channel: str, body: str) -> Markup:
    return Markup(_reader(channel).render(body))  # noqa: S704 - raw HTML is off: everything else is escaped


@cache
def _reader(channel: str) -> MarkdownIt:
    return MarkdownIt("zero", {"html": False, "breaks": channel in _BREAKS}).enable(list(_READS[channel]))


def _mrkdwn(body: str) -> Markup:
    """Slack's own markup: what people wrote holds neither its signs nor an angle bracket any more."""
    said = _STRUCK.sub(r"<s>\1</s>", _STRONG.sub(r"<strong>\1</strong>", body))
    return _paragraphs(Markup(_LINK.sub(r'<a href="\1">\2</a>', said)))  # noqa: S704 - see above


def _plain(body: str) -> Markup:
    return _paragraphs(escape(body))


def _paragraphs(said: Markup) -> Markup:
    parts = (part.replace("\n", Markup("<br>")) for part in said.split("\n\n"))
    return Markup("").join(Markup("<p>{}</p>").format(part) for part in parts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exhibit:
    """A sample in every channel asked for. `place` counts the samples of its kind."""

    sample: Sample | DigestSample
    place: int
    subject: str
    shown: list[Shown]
    passed_over: bool


def exhibit(
    sample: Sample | DigestSample,
    place: int,
    message: Message,
    language: Language,
    *,
    channels: tuple[str, ...] = tuple(CHANNELS),
) -> Exhibit:
    """`message`: the sample in words. `language`: of who looks."""
    return Exhibit(
        sample=sample,
        place=place,
        subject=message.subject,
        shown=shown(message, language, channels),
        passed_over=message.passed_over,
    )
