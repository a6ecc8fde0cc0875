"""A message that is owed, put into words: subject, plain text and HTML from the same sentences. Pure.

templates/ has one file for each kind of message and notice, with the words in both languages; layout.txt and
layout.html set any of them out. Names and values reach a template as single lines, and the HTML layout
escapes every one.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from engine.outbox import CATCH_UP
from engine.text import Language, Text
from notifications.blocks import Block, blocks_of
from notifications.notices import Matter, tell_notice
from notifications.one_line import one_line
from notifications.subject import Subject, Told
from notifications.telling import tell
from notifications.wordings import TEMPLATES, Wording, said, shipped

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContext:
    """Everything a message is made of; `me` is the reader's name, empty of a group.

    `asked`: the approval it is about waits for this reader. `link` and `code` are empty where it does not, or
    where others would read them. `case_link`: the page of the case, empty where the reader could not open it.
    """

    subject: Subject | Matter
    me: str
    asked: bool = False
    link: str = ""
    code: str = ""
    case_link: str = ""
    wording: Wording | None = None


@dataclass(frozen=True, slots=True)
class Button:
    """What a card offers to press. `url` is a secret where it is a sign-off link."""

    label: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`key` is the same each time this message is sent, and tells no names.

    `blocks` are the same words for chat cards, which notifications.dialects sets out; `buttons` are their
    links. `thread` is the same for all messages
    about one case, and tells no more. `passed_over`: the company's own wording could not be used, and ours
    was.
    """

    subject: str
    text: str
    html: str
    buttons: tuple[Button, ...] = ()
    blocks: tuple[Block, ...] = field(default=(), repr=False)
    key: str = ""
    thread: str = ""
    passed_over: bool = False
    secrets: tuple[str, ...] = field(default=(), repr=False)


def compose(context: MessageContext, *, key: str = "") -> Message:
    """The message in the reader's language, with the case as it stands now."""
    language = context.subject.language
    about = context.subject
    told = _told(about)
    subject, lines, passed_over = _sentences(context, told)
    if about.owed.data.get(CATCH_UP):
        lines = (*lines, MADE_UP.in_(language))
    page = {
        "lang": "zh-CN" if language == "zh" else "en",
        "say": {name: text.in_(language) for name, text in _LAYOUT.items()},
        "subject": subject,
        "hello": hello(context.me, language),
        "asked": context.asked,
        "lines": lines,
        "told": told,
        "link": context.link,
        "code": context.code,
        "case_link": context.case_link,
        "case_id": about.case.id if isinstance(about, Subject) else "",
        "case": told.words.get("case", ""),
    }
    return Message(
        subject=subject,
        text=template("layout.txt.j2").render(page),
        html=template("layout.html.j2").render(page),
        buttons=_buttons(context),
        blocks=blocks_of(page),
        key=key,
        passed_over=passed_over,
        secrets=tuple(secret for secret in (context.link, context.code) if secret),
    )


def _buttons(context: MessageContext) -> tuple[Button, ...]:
    language = context.subject.language
    offered = (
        Button(_LAYOUT["open"].in_(language), context.link),
        Button(_LAYOUT["see_case"].in_(language), context.case_link),
    )
    return tuple(button for button in offered if button.url)


def _sentences(context: MessageContext, told: Told) -> tuple[str, tuple[str, ...], bool]:
    """Subject and sentences, and whether the company's own wording had to be passed over for ours."""
    owed, language = context.subject.owed, context.subject.language
    words = {**told.words, "asked": context.asked}
    if context.wording is not None:
        try:
            return (*said(owed.kind, context.wording, words), False)
        except Exception as fault:  # noqa: BLE001 - a message is owed; whatever is wrong with a wording, it goes
            _LOG.warning("wording %s.%s was passed over: %s", owed.kind, language, fault)
    return (*said(owed.kind, shipped(owed.kind, language), words), context.wording is not None)


def heading(context: MessageContext) -> tuple[str, str]:
    """The message's subject, and its due instant in words, for a digest."""
    told = _told(context.subject)
    return _sentences(context, told)[0], told.until


def _told(about: Subject | Matter) -> Told:
    return tell(about) if isinstance(about, Subject) else tell_notice(about)


def hello(me: str, language: Language) -> str:
    """To one reader, or to everybody in a group."""
    return _HELLO.in_(language).format(one_line(me, 60)) if me else _ALL.in_(language)


@cache
def template(name: str) -> Template:
    return _environment().get_template(name)


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        # Only the HTML layout makes HTML, out of the same lines the plain text has: there, everything is
        # escaped.
        autoescape=lambda file: file is None or ".html." in file,  # noqa: S701 - chosen by file
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


MADE_UP = Text(
    "本消息晚于应发的时刻：当时系统没有运行，或期限定在了过去，现予补发。",
    "This comes later than it was due: the system stood still then, or the date set lay in the past.",
)
_ALL = Text("各位好：", "Hello all,")
_HELLO = Text("{}，您好：", "Hello {},")
_LAYOUT: Mapping[str, Text] = {
    "colon": Text("：", ": "),
    "until": Text("截止时间", "Due"),
    "shown": Text("审批内容", "What you sign"),
    "changed": Text("自您上次答复或收到以来的变动", "What changed since you last answered or were asked"),
    "next": Text("接下来", "What happens next"),
    "open": Text("打开审批页", "Open the approval"),
    "page": Text("审批链接", "Link"),
    "code": Text("验证码", "Code"),
    "code_use": Text(
        "提交时请输入这四位数字。请勿转发本消息。",
        "Type these four digits when you decide. Please do not forward this message.",
    ),
    "elsewhere": Text(
        "请在站内信箱中打开审批链接。", "You will find the link to the approval in your mailbox in Guanka."
    ),
    "case": Text("案例", "Case"),
    "see_case": Text("查看案例", "Open the case"),
    "arrow": Text(" → ", " → "),
    "more": Text("其余内容见审批页。", "The rest is on the approval page."),
    "shortened": Text(
        "内容较长，此处从略；全文见站内信箱。",
        "Shortened here; the whole message is in your mailbox in Guanka.",
    ),
    "sender": Text("本消息由关卡自动发出。", "Sent by Guanka."),
}
