"""A message that is owed, put into words: subject, plain text and HTML from the same sentences. Pure.

templates/ has one file for each kind of message, with the words in both languages; layout.txt and layout.html
set any of them out. Names and values reach a template as single lines, and the HTML layout escapes every one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from engine.outbox import MessageKind
from engine.text import Language, Text
from notifications.one_line import one_line
from notifications.subject import Subject
from notifications.telling import tell

TEMPLATES = Path(__file__).parent / "templates"
LONGEST_SUBJECT = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageContext:
    """Everything a message is made of; `me` is the reader's name.

    `asked`: the approval it is about waits for this reader. `link` and `code` are empty where it does not, or
    where others would read them. `case_link`: the page of the case, empty where the reader could not open it.
    """

    subject: Subject
    me: str
    asked: bool = False
    link: str = ""
    code: str = ""
    case_link: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """What a card offers to press. `url` is a secret where it is a sign-off link."""

    label: str
    url: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`key` is the same each time this message is sent, and tells no names.

    `markdown` is the body of a chat card, whose links are `buttons`; empty where no card was made.
    """

    subject: str
    text: str
    html: str
    markdown: str = ""
    buttons: tuple[Button, ...] = ()
    key: str = ""
    secrets: tuple[str, ...] = field(default=(), repr=False)


def compose(context: MessageContext, *, key: str = "") -> Message:
    """The message in the reader's language, with the case as it stands now."""
    language = context.subject.language
    told = tell(context.subject)
    subject, lines = _sentences(context.subject.owed.kind, language, {**told.words, "asked": context.asked})
    page = {
        "lang": "zh-CN" if language == "zh" else "en",
        "say": {name: text.in_(language) for name, text in _LAYOUT.items()},
        "subject": subject,
        "hello": _HELLO.in_(language).format(one_line(context.me, 60)),
        "asked": context.asked,
        "lines": lines,
        "told": told,
        "link": context.link,
        "code": context.code,
        "case_link": context.case_link,
        "case_id": context.subject.case.id,
        "case": told.words["case"],
    }
    return Message(
        subject=subject,
        text=template("layout.txt.j2").render(page),
        html=template("layout.html.j2").render(page),
        key=key,
        secrets=tuple(secret for secret in (context.link, context.code) if secret),
    )


def heading(context: MessageContext) -> tuple[str, str]:
    """The message's subject, and its due instant in words, for a digest."""
    told = tell(context.subject)
    words = {**told.words, "asked": context.asked}
    return _sentences(context.subject.owed.kind, context.subject.language, words)[0], told.until


def _sentences(
    kind: MessageKind, language: Language, words: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """The subject, and the sentences one by one, from the blocks of the kind's template."""
    words_of = template(f"{kind}.j2")
    subject = one_line(_block(words_of, f"subject_{language}", words), LONGEST_SUBJECT)
    body = _block(words_of, f"body_{language}", words)
    return subject, tuple(line.strip() for line in body.splitlines() if line.strip())


def _block(made: Template, name: str, words: Mapping[str, Any]) -> str:
    return "".join(made.blocks[name](made.new_context(dict(words))))


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
    "sender": Text("本消息由关卡自动发出。", "Sent by Guanka."),
}
