"""The wording of a kind of message in one language: a subject and a body of sentences.

Ours are shipped in templates/, one file for each kind. A company may have its own; it is checked before it is
kept and again before it is used, and runs in Jinja's sandbox with nothing but plain values within reach.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, Final, cast
from unicodedata import category

from jinja2 import StrictUndefined, Template, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from engine.text import Language, Text
from notifications.one_line import one_line
from notifications.wording_grammar import parsed, says
from notifications.wording_names import Form, Kind, Names, names_of
from notifications.wording_tokens import MOST_UNREADABLE, Mistake, Part, Place

TEMPLATES: Final = Path(__file__).parent / "templates"
LONGEST_SUBJECT: Final = 120  # in characters, as it is read
LONGEST: Final[Mapping[Part, int]] = {"subject": 1_500, "body": 8_000}  # in characters, as it is written
LONGEST_BODY: Final = 12_000
LONGEST_LINE: Final = 2_000
MOST_ITEMS: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    subject: str
    body: str


class UnfitWording(Exception):
    """It may not be used, or made nothing; `mistakes` may be empty."""

    def __init__(self, mistakes: Sequence[Mistake] = ()) -> None:
        super().__init__("; ".join(mistake.message.en for mistake in mistakes) or "it says nothing")
        self.mistakes = tuple(mistakes)


def cleaned(subject: str, body: str) -> Wording:
    """As it is kept: one kind of line ends, nothing invisible, no blanks around it. Control characters stay,
    to be told as mistakes.
    """
    return Wording(subject=_clean(subject), body=_clean(body))


def _clean(text: str) -> str:
    kept = "".join(c for c in "\n".join(lines_of(text)) if c.isprintable() or category(c) == "Cc")
    return "\n".join(line.rstrip() for line in kept.strip().split("\n"))


def lines_of(text: str) -> list[str]:
    """Not parted at control characters, which `str.splitlines` takes for ends of lines."""
    return re.split(r"\r\n|[\r\n\u2028\u2029]", text)


@cache
def shipped(kind: Kind, language: Language) -> Wording:
    source = (TEMPLATES / f"{kind}.j2").read_text(encoding="utf-8")
    found = {name: text.strip() for name, text in _BLOCK.findall(source)}
    return Wording(subject=found[f"subject_{language}"], body=found[f"body_{language}"])


_BLOCK: Final = re.compile(r"\{% block (\w+) %\}(.*?)\{% endblock %\}", re.DOTALL)


def mistakes_in(kind: Kind, wording: Wording) -> tuple[Mistake, ...]:
    """Everything that keeps it from being used for messages of this kind."""
    return _mistakes(kind, wording)


@lru_cache(maxsize=256)
def _mistakes(kind: Kind, wording: Wording) -> tuple[Mistake, ...]:
    names = names_of(kind)
    return (*_in_part("subject", wording.subject, names), *_in_part("body", wording.body, names))


def _in_part(part: Part, source: str, names: Names) -> list[Mistake]:
    if len(source) > LONGEST[part]:
        most = LONGEST[part]
        return [_at_top(part, Text(f"太长：至多 {most} 个字符", f"too long: {most} characters at most"))]
    if not source.strip():
        return [_at_top(part, _MISSING[part])]
    if part == "subject" and "\n" in source.strip():
        return [_at_top(part, Text("标题只能有一行", "a subject has one line"))]
    if controls := _controls(part, source):
        return controls
    tree, mistakes = parsed(source, part, names)
    if not mistakes and not says(tree):
        mistakes.append(_at_top(part, _MAY_BE_EMPTY))
    return mistakes


def _controls(part: Part, source: str) -> list[Mistake]:
    """What no reader sees, and some programs obey."""
    return [
        Mistake(
            part,
            Place(line, column),
            Text(
                f"控制字符 U+{ord(sign):04X} 不能用；请删去",
                f"the control character U+{ord(sign):04X} cannot be used; take it out",
            ),
        )
        for line, text in enumerate(source.split("\n"), start=1)
        for column, sign in enumerate(text, start=1)
        if category(sign) == "Cc" and sign != "\t"
    ][:MOST_UNREADABLE]


def _at_top(part: Part, message: Text) -> Mistake:
    return Mistake(part, Place(1, 1), message)


_MISSING: Final[Mapping[Part, Text]] = {
    "subject": Text("缺少标题", "there is no subject"),
    "body": Text("缺少正文；请至少写一句话", "there is no body; write one sentence at least"),
}
_MAY_BE_EMPTY: Final = Text(
    "有些情况下什么也没有写；请在条件之外写些文字，或写上 {% else %}",
    "in some cases this says nothing; write some words outside of conditions, or an {% else %}",
)


def said(kind: Kind, wording: Wording, words: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """Subject and sentences, each on one line. Raises UnfitWording."""
    mistakes = mistakes_in(kind, wording)
    if mistakes:
        raise UnfitWording(mistakes)
    values = _plain(names_of(kind), words)
    subject = one_line(subject_of(kind, wording, words), LONGEST_SUBJECT)
    lines = tuple(
        filter(None, (one_line(x, LONGEST_LINE) for x in _rendered(wording.body, values).splitlines()))
    )
    if not subject or not lines:
        raise UnfitWording
    return subject, lines


def subject_of(kind: Kind, wording: Wording, words: Mapping[str, Any]) -> str:
    """At its full length, of a wording without mistakes."""
    return _rendered(wording.subject, _plain(names_of(kind), words)).strip()


def _plain(names: Names, words: Mapping[str, Any]) -> dict[str, Any]:
    """Only the names of the kind, as text, numbers and truth values of Python's own."""
    return {name: _PLAIN[spec.form](words[name]) for name, spec in names.items()}


def _items(values: Iterable[object]) -> tuple[str, ...]:
    return tuple(str(value) for value in values)[:MOST_ITEMS]


_PLAIN: Final = {Form.TEXT: str, Form.CHOICE: str, Form.NUMBER: int, Form.FLAG: bool, Form.LIST: _items}


def _rendered(source: str, values: Mapping[str, Any]) -> str:
    """No longer than a message may be; what comes after is left out."""
    made = ""
    for piece in _template(source).generate(values):
        made += piece
        if len(made) > LONGEST_BODY:
            break
    return made[:LONGEST_BODY]


@lru_cache(maxsize=256)
def _template(source: str) -> Template:
    """Raises UnfitWording for anything the grammar would not have let through either."""
    tree = _SANDBOX.parse(source)
    for node in _all_nodes(tree):
        if type(node) not in _KNOWN_NODES or (isinstance(node, nodes.Name) and node.name in _JINJAS_OWN):
            raise UnfitWording
    return _SANDBOX.from_string(tree)


def _all_nodes(node: nodes.Node) -> Iterable[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from _all_nodes(child)


_JINJAS_OWN: Final = {"self", "super", "loop", "caller", "varargs", "kwargs"}
_KNOWN_NODES: Final = {
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.If,
    nodes.For,
    nodes.Compare,
    nodes.Operand,
    nodes.Const,
    nodes.And,
    nodes.Or,
    nodes.Not,
}


def _sandbox() -> ImmutableSandboxedEnvironment:
    """Without globals, filters and tests. Sentences are plain text, so nothing is escaped here: the layout
    and the dialects escape each of them as a whole, the company's own words like everybody's.
    """
    made = ImmutableSandboxedEnvironment(
        autoescape=False,
        undefined=StrictUndefined,  # and blocks are not trimmed: the line that ends with one ends there
    )
    made.globals, made.filters, made.tests = cast("Any", ({}, {}, {}))
    return made


_SANDBOX: Final = _sandbox()
