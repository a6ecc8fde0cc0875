"""A wording taken to pieces by Jinja's own lexer, each piece with its place, and what no lexer can read told.

After a mistake reading goes on behind the tag it stands in, so that one slip hides no other.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from jinja2 import Environment, TemplateSyntaxError

from engine.text import Text

Part = Literal["subject", "body"]
BROKEN: Final = "broken"
MOST_UNREADABLE: Final = 30
_LEXER: Final = Environment(keep_trailing_newline=True, autoescape=True)
_ENDS: Final = {"{{": ("variable_end", "}}"), "{%": ("block_end", "%}")}


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Both count from 1, within the subject or within the body."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong, where, and how to mend it."""

    part: Part
    place: Place
    message: Text


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    value: str
    place: Place


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A place where a tag cannot be read any further."""

    place: Place
    message: Text


def pieces(source: str) -> Iterator[Token | Unreadable]:
    """Without blanks and comments. A tag that cannot be read ends with a token of kind `broken`."""
    at = unreadable = 0
    while at < len(source) and unreadable < MOST_UNREADABLE:
        found, opened = at, ""
        try:
            for _, kind, value in _LEXER.lex(source[at:]):
                begin = source.index(value, found)  # what Jinja drops between two pieces is blank
                found = begin + len(value)
                opened = value[:2] if kind.endswith("_begin") else "" if kind.endswith("_end") else opened
                if kind not in _SILENT:
                    yield Token(kind, value, _place(source, begin))
        except TemplateSyntaxError as fault:
            unreadable += 1
            yield Unreadable(_place(source, found), _why(str(fault.message), source[found : found + 1]))
        else:
            return
        if opened == "{#":  # a comment without end: there is nothing behind it
            return
        kind, sign = _ENDS.get(opened, _ENDS["{{"])
        close = source.find(sign, found)
        yield Token(BROKEN, "", _place(source, found))
        yield Token(kind, sign, _place(source, found))
        if close < 0:
            return
        at = close + len(sign)


_SILENT: Final = frozenset({"whitespace", "comment_begin", "comment", "comment_end"})


def _place(source: str, at: int) -> Place:
    before = source[:at]
    return Place(before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1)


def _why(said: str, sign: str) -> Text:
    if "comment" in said:
        return Text("注释没有结束；请在末尾补上 #}", "this comment has no end; write #} behind it")
    if sign in {"'", '"'}:
        return Text("引号没有成对；请补上另一个", "this quote has no partner; write the other one")
    if ", expected" in said or sign in set("()[]{}"):
        return Text("括号没有成对", "brackets do not come in pairs here")
    return Text(
        f"“{sign}”不能写在标签里；前面是否漏了 }}}} 或 %}}？标签里只用英文符号",
        f"'{sign}' cannot stand within a tag; is a }}}} or %}} missing before it?",
    )
