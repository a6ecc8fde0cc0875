"""A message as each chat platform takes it: one function for each, from a `Message` to a `Card`.

    card = dialects.feishu(message)
    card.title      plain text, one line, for a field that takes no markup nor makes emoji of words
    card.body       marked up in the platform's dialect, within what the platform takes; without an address,
                    unless the platform has no buttons
    card.buttons    what there is to press: the sign-off page (only where the message is personal), the case

| function      | for                                              | body takes | buttons           |
|---------------|--------------------------------------------------|------------|-------------------|
| `dingtalk`    | robot `actionCard` or `markdown`, `text`         | 15,000 B   | the card's own    |
| `feishu`      | card element `markdown`, or `lark_md`            | 9,000 B    | the card's own    |
| `wecom`       | robot or application `markdown`                  | 4,000 B    | links in the body |
| `slack`       | `mrkdwn` text of a section, with `verbatim: true`| 2,900 B    | the block's own   |
| `teams`       | `TextBlock` of an Adaptive Card                  | 15,000 B   | the card's own    |
| `common_mark` | ntfy, Mattermost and others that speak Markdown  | 4,000 B    | the service's own |

Whatever people wrote stands in it as plain words: no markup, link or mention (see notifications.escaping).
Where something has to be left out, it is never the first sentence, until when, the digits or the case's name.
The digits stand in the body of a personal message only; in any other there are neither digits nor a sign-off
button. `title` is not repeated in the body, save for DingTalk and WeCom, whose messages show no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from notifications.escaping import entities, full_width, mrkdwn
from notifications.marking import Markup, marked
from notifications.messages import Button, Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    title: str
    body: str
    buttons: tuple[Button, ...] = ()


_DINGTALK: Final = Markup(escape=full_width, most=15_000, struck="")
# The whole request may have 20 KB, and JSON may write a Chinese character in six of them instead of three.
_FEISHU: Final = Markup(escape=entities, most=9_000, within="\n", items="\n", rows="\n")
_WECOM: Final = Markup(escape=full_width, most=4_000, struck="", within="\n", items="\n", rows="\n")
_SLACK: Final = Markup(
    escape=mrkdwn,
    most=2_900,
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


_BODIES: Final[Mapping[str, Markup]] = {
    "dingtalk": _DINGTALK,
    "feishu": _FEISHU,
    "lark": _FEISHU,
    "wecom": _WECOM,
    "teams": _TEAMS,
}


def body_for(kind: str, message: Message) -> str:
    """What a service of ours sends: the words alone, for it adds heading and links itself. Empty where the
    message brings no blocks, or the service sets Markdown out by its own rules.
    """
    markup = _BODIES.get(kind)
    return marked(message.blocks, markup) if markup and message.blocks else ""


def dingtalk(message: Message) -> Card:
    return _card(message, _DINGTALK, ahead=_heading(message, _DINGTALK))


def feishu(message: Message) -> Card:
    return _card(message, _FEISHU)


def wecom(message: Message) -> Card:
    links = "\n".join(f"[{button.label}]({button.url})" for button in message.buttons)
    return _card(message, _WECOM, ahead=_heading(message, _WECOM), behind=links)


def slack(message: Message) -> Card:
    return _card(message, _SLACK)


def teams(message: Message) -> Card:
    return _card(message, _TEAMS)


def common_mark(message: Message) -> Card:
    return Card(title=message.subject, body=message.markdown, buttons=message.buttons)


def _heading(message: Message, markup: Markup) -> str:
    return f"### {markup.escape(message.subject)}"


def _card(message: Message, markup: Markup, *, ahead: str = "", behind: str = "") -> Card:
    body = marked(message.blocks, markup, ahead=ahead, behind=behind)
    return Card(title=message.subject, body=body, buttons=message.buttons)
