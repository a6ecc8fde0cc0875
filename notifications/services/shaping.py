"""The same words in the dialects of chat services, within their limits, which count UTF-8 bytes."""

import re
from collections.abc import Sequence
from typing import Final

from notifications.messages import Button, Message

MORE: Final = "…"
NAME: Final = "关卡"  # a robot may ask for a keyword in every message: this one is always there
MOST_BUTTONS: Final = 3
_ADDRESS: Final = re.compile(r"https?://\S+")
_BOLD: Final = re.compile(r"\*\*(.+?)\*\*")
_LINK: Final = re.compile(r"\[([^\]\n]+)\]\((https?://[^)\s]+)\)")
_HEADING: Final = re.compile(r"^#{1,6} +(.+)$", re.MULTILINE)


def cut(text: str, most_bytes: int) -> str:
    """At most so many bytes of UTF-8, never half a character; what is left out shows as an ellipsis."""
    if len(text.encode()) <= most_bytes:
        return text
    room = most_bytes - len(MORE.encode())
    if room < 0:
        return ""
    return text.encode()[:room].decode(errors="ignore").rstrip() + MORE


def spoken(message: Message) -> tuple[str, tuple[Button, ...]]:
    """Body and buttons of a card: those the message brings, or made from its plain text."""
    if message.markdown:
        return message.markdown, message.buttons[:MOST_BUTTONS]
    lines, buttons = _links_taken_out(message.text)
    return _as_markdown(lines), (message.buttons or buttons)[:MOST_BUTTONS]


def named(text: str, most_bytes: int) -> str:
    """Within the limit, and with our name in it."""
    if NAME in text and len(text.encode()) <= most_bytes:
        return text
    foot = f"\n\n{NAME} Guanka"
    return cut(text, most_bytes - len(foot.encode())) + foot


def with_links(text: str, buttons: Sequence[Button], most_bytes: int) -> str:
    """Where a service has no buttons: links below the text, of which nothing is cut off."""
    links = "".join(f"\n\n[{button.label}]({button.url})" for button in buttons)
    return named(text, most_bytes - len(links.encode())) + links


def as_mrkdwn(text: str) -> str:
    """Slack's own: one star is bold, links stand in angle brackets, three characters are escaped."""
    safe = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    bold = _HEADING.sub(r"*\1*", _BOLD.sub(r"*\1*", safe))
    return _LINK.sub(r"<\2|\1>", bold)


def as_plain(text: str) -> str:
    """Without the marks of Markdown."""
    return _LINK.sub(r"\1", _HEADING.sub(r"\1", _BOLD.sub(r"\1", text)))


def _links_taken_out(text: str) -> tuple[list[str], tuple[Button, ...]]:
    """A line that is an address becomes a button, named by the line above where that one ends in a colon."""
    kept: list[str] = []
    buttons: list[Button] = []
    for line in text.splitlines():
        if not _ADDRESS.fullmatch(line.strip()):
            kept.append(line)
            continue
        heads = bool(kept) and kept[-1].rstrip().endswith(("：", ":"))
        label = kept.pop().strip().rstrip("：:") if heads else NAME
        buttons.append(Button(label=label, url=line.strip()))
    return kept, tuple(buttons)


def _as_markdown(lines: Sequence[str]) -> str:
    """Each line a paragraph; brackets from people cannot pose as a link of ours."""
    told = (line.strip().replace("[", "［").replace("]", "］") for line in lines)
    return "\n\n".join(line for line in told if line)
