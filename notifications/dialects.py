"""A message as each chat takes it, heading, links and all: what `card_for` makes is what its service sends.

    card = card_for("feishu", message)
    card.title      one line, for a heading, a preview or the list of chats
    card.body       in the platform's dialect, within what the platform takes
    card.buttons    what there is to press beside it; empty where the links stand in the body

| dialect             | for                                              | body takes | links             |
|---------------------|--------------------------------------------------|------------|-------------------|
| `dingtalk`          | robot `actionCard`; `markdown` without buttons   | 15,000 B   | the card's own    |
| `dingtalk_calling`  | robot `markdown`, which calls people             | 13,000 B   | in the body       |
| `feishu`, `lark`    | card element `markdown`                          | 9,000 B    | the card's own    |
| `wecom`             | robot `markdown`; `template_card` where it fits  | 4,000 B    | in the body       |
| `slack`             | `mrkdwn` text of a section, with `verbatim: true`| 2,900 B    | the block's own   |
| `teams`             | `TextBlock` of an Adaptive Card                  | 15,000 B   | the card's own    |
| `ntfy`              | plain text, for its iOS app reads no Markdown    | 3,800 B    | the service's own |

Whatever people wrote stands in it as plain words: no markup, link or mention (see notifications.escaping).
Where something has to be left out, it is said, and it is never the first sentence, until when, the digits or
the case's name. Every body holds our name, for robots that ask for a keyword. The digits stand in the body of
a personal message only; in any other there are neither digits nor a sign-off button.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from notifications.blocks import Block, Mention, Paragraph
from notifications.escaping import Escape, entities, full_width, mrkdwn, unlinked, unsigned
from notifications.marking import MORE, Markup, in_angles, in_brackets, marked, size_of, unlinking
from notifications.messages import Button, Message

NAME: Final = "关卡"
MOST_BUTTONS: Final = 3
_FOOT: Final = f"{NAME} Guanka"
_ADDRESS: Final = re.compile(r"https?://\S+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """`short`: so short that WeCom shows it as a card of its own, without markup."""

    title: str
    body: str
    buttons: tuple[Button, ...] = ()
    short: bool = False


_DINGTALK: Final = Markup(escape=full_width, most=15_000, struck="")
_DINGTALK_CALLING: Final = replace(_DINGTALK, most=13_000)  # behind it come the mobiles of whom it calls
# The whole request may have 20 KB, and JSON may write a Chinese character in six of them instead of three.
_FEISHU: Final = Markup(escape=entities, most=9_000, within="\n", items="\n", rows="\n")
_WECOM: Final = Markup(escape=full_width, most=4_000, struck="", within="\n", items="\n", rows="\n")
_SLACK: Final = Markup(
    escape=mrkdwn,
    most=2_900,
    link=in_angles,
    bold="*",
    struck="~",
    bullet="• ",
    apart=True,
    within="\n",
    items="\n",
    rows="\n",
)
# A blank line within a list indents what follows; elsewhere it is the only way to end a line.
_TEAMS: Final = Markup(escape=full_width, most=15_000, struck="", within="\n\n", items="\n", rows="\n- ")
# A longer one would become a file.
_PLAIN: Final = Markup(
    escape=unlinked,
    most=3_800,
    link=unlinking,
    bold="",
    struck="",
    within="\n",
    items="\n",
    rows="\n",
)
_WECOM_SHORT: Final = replace(_PLAIN, escape=full_width)  # its markup is not documented, nor that it has none
_WECOM_CHARACTERS: Final = 112  # of a template card
_WECOM_TITLE: Final = 26  # characters, of the same

_MARKUPS: Final[Mapping[str, Markup]] = {
    "dingtalk": _DINGTALK,
    "dingtalk_calling": _DINGTALK_CALLING,
    "feishu": _FEISHU,
    "lark": _FEISHU,
    "wecom": _WECOM,
    "slack": _SLACK,
    "teams": _TEAMS,
    "ntfy": _PLAIN,
}


def card_for(dialect: str, message: Message) -> Card:
    """What the service of this dialect sends. Raises KeyError for a channel that is none of ours."""
    return _CARDS[dialect](_in_blocks(message))


def room_for(dialect: str, mention: Mention) -> int:
    """The bytes that this line of a digest takes in the dialect; links in it included."""
    return size_of(mention, _MARKUPS[dialect])


def _beside(markup: Markup, most_title: int, escape: Escape = unlinked) -> Callable[[Message], Card]:
    """Title and links stand beside the body."""

    def card(message: Message) -> Card:
        body = _body(message, markup)
        return Card(title=_cut(escape(message.subject), most_title), body=body, buttons=message.buttons)

    return card


def _dingtalk(message: Message) -> Card:
    """Its title shows in the list of chats only, so the body has one too."""
    if not message.buttons:
        return _dingtalk_calling(message)
    body = _body(message, _DINGTALK, ahead=_heading(message, _DINGTALK))
    return Card(title=_cut(unlinked(message.subject), 100), body=body, buttons=message.buttons)


def _dingtalk_calling(message: Message) -> Card:
    return Card(title=_cut(unlinked(message.subject), 100), body=_whole(message, _DINGTALK_CALLING))


def _wecom(message: Message) -> Card:
    body, title = _body(message, _WECOM_SHORT), full_width(message.subject)
    if message.buttons and len(body) <= _WECOM_CHARACTERS and len(title) <= _WECOM_TITLE:
        return Card(title=title, body=body, buttons=message.buttons, short=True)
    return Card(title=title, body=_whole(message, _WECOM))


_CARDS: Final[Mapping[str, Callable[[Message], Card]]] = {
    "dingtalk": _dingtalk,
    "dingtalk_calling": _dingtalk_calling,
    "feishu": _beside(_FEISHU, 100),
    "lark": _beside(_FEISHU, 100),
    "wecom": _wecom,
    "slack": _beside(_SLACK, 150, unsigned),
    "teams": _beside(_TEAMS, 200, full_width),  # a TextBlock, which reads Markdown
    "ntfy": _beside(_PLAIN, 200),
}


def _whole(message: Message, markup: Markup) -> str:
    """With heading and links in it."""
    links = [in_brackets(markup.escape(button.label), button.url) for button in message.buttons]
    return _body(message, markup, ahead=_heading(message, markup), behind=links)


def _cut(title: str, most: int) -> str:
    return title if len(title) <= most else f"{title[: most - 1].rstrip()}{MORE}"


def _heading(message: Message, markup: Markup) -> str:
    return f"### {markup.escape(message.subject)}" if message.subject.strip() else ""


def _body(message: Message, markup: Markup, *, ahead: str = "", behind: Sequence[str] = ()) -> str:
    """`behind`: links, in lines of one paragraph."""
    links = markup.items.join(behind)
    body = marked(message.blocks, markup, ahead=ahead, behind=links)
    if NAME in body:
        return body
    foot = markup.between.join(part for part in (_FOOT, links) if part)
    return marked(message.blocks, markup, ahead=ahead, behind=foot)


def _in_blocks(message: Message) -> Message:
    """With no more buttons than there may be. One that is only text gets blocks of its lines, and buttons of
    the addresses in it.
    """
    if message.blocks:
        return replace(message, buttons=message.buttons[:MOST_BUTTONS])
    lines, found = _links_taken_out(message.text)
    blocks: Iterable[Block] = (Paragraph(line, needed=place == 0) for place, line in enumerate(lines))
    buttons = (message.buttons or found)[:MOST_BUTTONS]
    return replace(message, blocks=tuple(blocks), buttons=buttons)


def _links_taken_out(text: str) -> tuple[list[str], tuple[Button, ...]]:
    """A line that is an address becomes a button, named by the line above where that one ends in a colon."""
    kept: list[str] = []
    buttons: list[Button] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if not _ADDRESS.fullmatch(line):
            kept.append(line)
            continue
        heads = bool(kept) and kept[-1].endswith(("：", ":"))
        label = kept.pop().rstrip("：:") if heads else NAME
        buttons.append(Button(label=label, url=line))
    return kept, tuple(buttons)
