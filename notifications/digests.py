"""Several messages in one: each is mentioned with its subject and a link. Pure.

A digest never carries digits: it is passed around more easily than a message about one thing, and a link
without its digits decides nothing.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, assert_never

from engine.outbox import MessageGroup
from engine.text import Language, Text
from notifications.blocks import Block, Footer, Mention, Mentions, Paragraph, Rest
from notifications.dialects import room_for
from notifications.messages import Button, Message, hello, template
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
    link. `made_up`: it is told later than it was due.
    """

    section: Section
    text: str
    link: str = ""
    until: str = ""
    secret: bool = False
    made_up: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """`digits_apart`: something in it needs digits that stand elsewhere. `page`: where the reader finds it
    all, empty where the reader could not open it.
    """

    me: str
    language: Language
    lines: Sequence[Line]
    morning: bool = False
    digits_apart: bool = False
    page: str = ""


def compose_digest(digest: Digest, *, key: str = "") -> Message:
    language = digest.language
    counted = [(section, [x for x in digest.lines if x.section is section]) for section in Section]
    sections = [(titled(section, language), lines) for section, lines in counted if lines]
    subject = one_line(_subject(digest), LONGEST_SUBJECT)
    page: dict[str, Any] = {
        "lang": "zh-CN" if language == "zh" else "en",
        "subject": subject,
        "hello": hello(digest.me, language),
        "lead": (_MORNING if digest.morning else _LEAD).in_(language).format(len(digest.lines)),
        "sections": sections,
        "note": (" " if language == "en" else "").join(_notes(digest)),
        "until": _UNTIL.in_(language),
        "sender": _SENDER.in_(language),
    }
    return Message(
        subject=subject,
        text=template("digest.txt.j2").render(page),
        html=template("digest.html.j2").render(page),
        buttons=(Button(_ALL.in_(language), digest.page),) if digest.page else (),
        blocks=tuple(_blocks(digest, page)),
        key=key,
        secrets=tuple(line.link for line in digest.lines if line.secret),
    )


def _notes(digest: Digest) -> Iterator[str]:
    late = sum(line.made_up for line in digest.lines)
    if late:
        yield _MADE_UP.in_(digest.language).format(late)
    if digest.digits_apart:
        yield _DIGITS.in_(digest.language)


def _subject(digest: Digest) -> str:
    """`关卡摘要：2 件待审批，5 件时限`."""
    language = digest.language
    told = [(s, sum(line.section is s for line in digest.lines)) for s in Section]
    parts = [f"{titled(s, language)} {count}" for s, count in told if count]
    name = (_MORNING_NAME if digest.morning else _NAME).in_(language)
    return name + ("：" if language == "zh" else ": ") + ("，" if language == "zh" else ", ").join(parts)


def _blocks(digest: Digest, page: Mapping[str, Any]) -> Iterator[Block]:
    """As the layouts of text and HTML have it; what a card has no room for is counted, never dropped."""
    language = digest.language
    yield Paragraph(page["hello"])
    yield Paragraph(page["lead"], needed=True)
    for title, lines in page["sections"]:
        yield Mentions(
            title=f"{title} ({len(lines)})", lines=tuple(_mention(line, language) for line in lines)
        )
    rest = _REST_OF_THE_MORNING if digest.morning else _REST
    yield Rest(said=rest.in_(language), url=digest.page)
    if page["note"]:
        yield Paragraph(page["note"], needed=True)
    yield Footer(page["sender"], page["sender"])


def _mention(line: Line, language: Language) -> Mention:
    note = f"{_UNTIL.in_(language)} {line.until}" if line.until else ""
    return Mention(text=line.text, url=line.link, note=note)


def room_of(channels: Collection[str]) -> int | None:
    """How much a digest may hold, so that every line of it stands on each of these cards; None: no bound.
    `size_of` measures lines in the same.
    """
    return WHOLE if any(channel in ROOMS for channel in channels) else None


def size_of(line: Line, language: Language, channels: Collection[str]) -> int:
    """Of the line with its link, on that of these cards where it takes the greatest part."""
    mention = _mention(line, language)
    shares = (-(-room_for(c, mention) * WHOLE // ROOMS[c]) for c in channels if c in ROOMS)
    return max(shares, default=0)


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


WHOLE: Final = 100_000
"""What a card has for lines, whatever its bytes: people have several channels, and each card its own."""
ROOMS: Final[Mapping[str, int]] = {
    "wecom": 2_500,
    "slack": 2_000,
    "ntfy": 2_900,
    "feishu": 7_500,
    "lark": 7_500,
    "dingtalk": 11_500,
    "teams": 13_500,
}
"""By channel: the bytes its card takes (see notifications.dialects), less greeting, headings and notes."""

_NAME: Final = Text("关卡摘要", "Guanka digest")
_MORNING_NAME: Final = Text("关卡今日待办", "Guanka today")
_LEAD: Final = Text("以下 {} 件事合为一条消息。", "{} things in one message.")
_MORNING: Final = Text("今天有 {} 件事等您处理或知悉。", "{} things wait for you or are news to you today.")
_UNTIL: Final = Text("截止", "due")
_DIGITS: Final = Text(
    "摘要里不写验证码：验证码在该审批单独的消息和站内信箱里。",
    "A digest holds no codes: they stand in the approval's own message and in your mailbox.",
)
_REST: Final = Text(
    "还有 {} 件没有列在这里：见站内信箱",
    "{} more have no room here: see your mailbox in Guanka",
)
_REST_OF_THE_MORNING: Final = Text(
    "还有 {} 件没有列在这里：见“我的工作”页与站内信箱",
    "{} more have no room here: see “My work” and your mailbox in Guanka",
)
_ALL: Final = Text("全部打开", "Open them all")
_MADE_UP: Final = Text(
    "其中 {} 件晚于应发的时刻：当时系统没有运行，或期限定在了过去，现予补发。",
    "Of these, {} should have come earlier: the system stood still then, or the date set lay in the past.",
)
_SENDER: Final = Text("本消息由关卡自动发出。", "Sent by Guanka.")
