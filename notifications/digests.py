"""Several messages in one: each is mentioned with its subject and a link. Pure.

A digest never carries digits: it is passed around more easily than a message about one thing, and a link
without its digits decides nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from engine.outbox import MessageGroup
from engine.text import Language, Text
from notifications.messages import Message, template
from notifications.one_line import one_line
from notifications.wordings import LONGEST_SUBJECT


class Section(StrEnum):
    """News by group, and what waits: to sign, to do, late."""

    SIGN_OFF = "sign_off"
    DEADLINES = "deadlines"
    ESCALATIONS = "escalations"
    NEWS = "news"
    TO_SIGN = "to_sign"
    TO_DO = "to_do"
    LATE = "late"


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One thing that is mentioned. `until`: its due instant in words. `secret`: the link is a sign-off
    link.
    """

    section: Section
    text: str
    link: str = ""
    until: str = ""
    secret: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`digits_apart`: something in it needs digits that stand elsewhere."""

    me: str
    language: Language
    lines: Sequence[Line]
    morning: bool = False
    digits_apart: bool = False


def compose_digest(digest: Digest, *, key: str = "") -> Message:
    language = digest.language
    counted = [(section, [x for x in digest.lines if x.section is section]) for section in Section]
    sections = [(titled(section, language), lines) for section, lines in counted if lines]
    subject = one_line(_subject(digest), LONGEST_SUBJECT)
    page: dict[str, Any] = {
        "lang": "zh-CN" if language == "zh" else "en",
        "subject": subject,
        "hello": _HELLO.in_(language).format(one_line(digest.me, 60)),
        "lead": (_MORNING if digest.morning else _LEAD).in_(language).format(len(digest.lines)),
        "sections": sections,
        "note": _DIGITS.in_(language) if digest.digits_apart else "",
        "until": _UNTIL.in_(language),
        "sender": _SENDER.in_(language),
    }
    return Message(
        subject=subject,
        text=template("digest.txt.j2").render(page),
        html=template("digest.html.j2").render(page),
        key=key,
        secrets=tuple(line.link for line in digest.lines if line.secret),
    )


def _subject(digest: Digest) -> str:
    """`关卡摘要：2 件待审批，5 件时限`."""
    language = digest.language
    told = [(s, sum(line.section is s for line in digest.lines)) for s in Section]
    parts = [f"{titled(s, language)} {count}" for s, count in told if count]
    name = (_MORNING_NAME if digest.morning else _NAME).in_(language)
    return name + ("：" if language == "zh" else ": ") + ("，" if language == "zh" else ", ").join(parts)


def room_of(channels: Iterable[str]) -> int | None:
    """How many bytes of lines a digest may hold, so that none is cut off on any of these; None: no bound."""
    return min((ROOMS[channel] for channel in channels if channel in ROOMS), default=None)


def size_of(line: Line) -> int:
    """Of the line as a card shows it, without its link, in bytes; brackets are set wide there."""
    brackets = line.text.count("[") + line.text.count("]")
    return len(f"{line.text}{line.until}".encode("utf-8", "replace")) + 2 * brackets + _AROUND_A_LINE


def section_of(group: MessageGroup) -> Section:
    return Section(group.value)


def titled(section: Section, language: Language) -> str:
    match section:
        case Section.SIGN_OFF:
            return Text("请审批", "Please approve").in_(language)
        case Section.DEADLINES:
            return Text("时限", "Deadlines").in_(language)
        case Section.ESCALATIONS:
            return Text("上报", "Escalations").in_(language)
        case Section.NEWS:
            return Text("动态", "News").in_(language)
        case Section.TO_SIGN:
            return Text("等您审批", "Waiting for your approval").in_(language)
        case Section.TO_DO:
            return Text("您的任务", "Your tasks").in_(language)
        case Section.LATE:
            return Text("已逾期", "Overdue").in_(language)
        case _:
            assert_never(section)


ROOMS: Final[Mapping[str, int]] = {
    "wecom": 2_600,
    "slack": 2_200,
    "ntfy": 3_100,
    "feishu": 13_000,
    "lark": 13_000,
    "dingtalk": 15_000,
    "teams": 18_000,
}
"""By channel: what its card takes (see notifications.services), less greeting, headings, notes and links."""
_AROUND_A_LINE: Final = 24  # its dash, the word before its instant, the blank line behind it

_HELLO: Final = Text("{}，您好：", "Hello {},")
_NAME: Final = Text("关卡摘要", "Guanka digest")
_MORNING_NAME: Final = Text("关卡今日待办", "Guanka today")
_LEAD: Final = Text("以下 {} 件事合为一条消息。", "{} things in one message.")
_MORNING: Final = Text("今天有 {} 件事等您处理或知悉。", "{} things wait for you or are news to you today.")
_UNTIL: Final = Text("截止", "due")
_DIGITS: Final = Text(
    "摘要里不写验证码：验证码在该审批单独的消息和站内信箱里。",
    "A digest holds no codes: they stand in the approval's own message and in your mailbox.",
)
_SENDER: Final = Text("本消息由关卡自动发出。", "Sent by Guanka.")
