"""Names and values as plain words inside a chat's markup: never emphasis, a heading, a list, a link, an emoji
or a mention, whatever somebody wrote.

Where a platform documents how a character is written as itself, that is used; where it does not, the
character gives way to its full-width form, which reads the same and means nothing to a parser.
"""

import re
from collections.abc import Callable
from typing import Final

Escape = Callable[[str], str]

WORD_JOINER: Final = "\u2060"  # not seen, and no part of a domain
_WIDE: Final = 0xFEE0  # from an ASCII sign to its full-width form
_SCHEME: Final = re.compile(r":(?=//)")
_DOT: Final = re.compile(r"(?<=[\w-])(?:\.(?=[^\W\d_])|[．。｡](?=[A-Za-z]))")
_EMOJI: Final = re.compile(r"(?<!\d):(?=[\w+'-]+:)|:(?=[A-Za-z+_-][\w+'-]*:)")
_NUMBERED: Final = re.compile(r"^(\s*\d+)([.)])")
_NAMED: Final = re.compile(r"[!-+:-@\[-`{-~\-]")
_SIGNS: Final = "*_~`[]<>\\#!|$&^{}"
_FULL_WIDTH: Final = str.maketrans({sign: chr(ord(sign) + _WIDE) for sign in _SIGNS})
_EMPHASIS: Final = str.maketrans({sign: chr(ord(sign) + _WIDE) for sign in "*_~`<>&"})
_SLACK: Final = str.maketrans(
    {sign: chr(ord(sign) + _WIDE) for sign in "*_~`"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)


def full_width(text: str) -> str:
    """For platforms that name no way to write a special character as itself: DingTalk, WeCom, Teams."""
    return _unlisted(_EMOJI.sub("：", unlinked(text)).translate(_FULL_WIDTH))


def entities(text: str) -> str:
    """Feishu cards: special characters are written as numeric HTML entities."""
    return _NAMED.sub(lambda found: f"&#{ord(found[0])};", _unlisted(unlinked(text)))


def mrkdwn(text: str) -> str:
    """Slack: `&`, `<` and `>` have entities; its other signs cannot be written as themselves."""
    return _unlisted(_EMOJI.sub("：", unlinked(text)).translate(_SLACK))


def unsigned(text: str) -> str:
    """For Slack's headings and previews, where its entities would show: full width, whatever it reads."""
    return _EMOJI.sub("：", unlinked(text)).translate(_EMPHASIS)


def unlinked(text: str) -> str:
    """For plain text: no address that an app makes a link of by itself, and nothing that calls anybody."""
    text = _SCHEME.sub("：", text).replace("@", "＠")
    return _DOT.sub(lambda found: found[0] + WORD_JOINER, text)


def _unlisted(text: str) -> str:
    """Nothing that would begin a list, or underline a heading, did it stand at the beginning of a line."""
    text = _NUMBERED.sub(lambda found: found[1] + chr(ord(found[2]) + _WIDE), text)
    return chr(ord(text[0]) + _WIDE) + text[1:] if text[:1] in {"-", "+", "="} and text else text
