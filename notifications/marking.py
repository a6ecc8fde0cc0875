"""Blocks set out in a markup, within what the platform takes: what may be missing goes first, from the end.

Never left out: the first sentence, until when, the digits with their use, and which case it is; of things
that are only mentioned, how many are not here.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never
from urllib.parse import quote

from notifications.blocks import (
    Block,
    Digits,
    Entry,
    Fact,
    Footer,
    Listing,
    Mention,
    Mentions,
    Paragraph,
    Rest,
)
from notifications.escaping import Escape
from notifications.one_line import one_line

MORE: Final = "…"
LONGEST_SENTENCE: Final = 600
_SHORTEST_SENTENCE: Final = 60
_CELLS: Final = " ｜ "


def in_brackets(said: str, url: str) -> str:
    """A link as Markdown has it. `said` is marked up already, so it holds no bracket of its own."""
    return f"[{said}]({_address(url)})"


def in_angles(said: str, url: str) -> str:
    """A link as Slack has it, whose words may not hold the bar that parts them from the address."""
    return f"<{_address(url).replace('&', '&amp;')}|{said.replace('|', '｜')}>"


def unlinking(said: str, url: str) -> str:  # noqa: ARG001 - plain text leads nowhere
    return said


def _address(url: str) -> str:
    """Nothing in it can end the link too early."""
    return quote(url, safe=":/?#@!$&'*+,;=%")


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """`bold` and `struck` are what stands on either side; `struck` is empty where there is no such thing.

    `most`: how much of it the platform takes, in bytes of UTF-8. `between` parts two blocks, `within` two
    lines of one, `items` two lines of a list, `rows` two of a table. `apart`: emphasis begins only after a
    blank. `link` makes one of words that are marked up and an address.
    """

    escape: Escape
    most: int
    link: Callable[[str, str], str] = in_brackets
    bold: str = "**"
    struck: str = "~~"
    bullet: str = "- "
    between: str = "\n\n"
    within: str = "  \n"
    items: str = "  \n"
    rows: str = "  \n"
    apart: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """`joint`: what stands between it and the piece before, where they belong together. `mention`: a thing
    that is counted where it is left out.
    """

    text: str
    needed: bool = False
    joint: str = ""
    mention: bool = False


def marked(blocks: Sequence[Block], markup: Markup, *, ahead: str = "", behind: str = "") -> str:
    """`ahead` and `behind` are marked up already and always stand."""
    room = markup.most - sum(_size(part) + _size(markup.between) for part in (ahead, behind) if part)
    longest, said = 2 * LONGEST_SENTENCE, None
    while said is None and longest > _SHORTEST_SENTENCE:
        longest //= 2
        pieces = [piece for block in blocks for piece in _pieces(_short(block, longest), markup)]
        said = _within(pieces, markup, room, lambda left: _left_out(blocks, markup, left))
    return markup.between.join(part for part in (ahead, said or "", behind) if part)


def size_of(mention: Mention, markup: Markup) -> int:
    """In bytes, with what parts it from the line before."""
    return _size(_mention(mention, markup)) + _size(markup.items)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _short(block: Block, longest: int) -> Block:
    return replace(block, text=one_line(block.text, longest)) if isinstance(block, Paragraph) else block


def _left_out(blocks: Sequence[Block], markup: Markup, left: Sequence[Piece]) -> str:
    """What is said of it in its stead."""
    mentions = sum(piece.mention for piece in left)
    rest = next((block for block in blocks if isinstance(block, Rest)), None)
    if mentions and rest:
        said = markup.escape(rest.said.format(mentions))
        return markup.link(said, rest.url) if rest.url else said
    return markup.escape(next((block.shortened for block in blocks if isinstance(block, Footer)), MORE))


def _within(
    pieces: Sequence[Piece], markup: Markup, room: int, more: Callable[[Sequence[Piece]], str]
) -> str | None:
    """As many pieces as there is room for; None where not even the needed ones fit."""
    whole = _joined(pieces, markup, "")
    if _size(whole) <= room:
        return whole
    spare = [piece for piece in pieces if not piece.needed]
    needed = [piece for piece in pieces if piece.needed]
    room -= sum(_taken(piece, markup) for piece in (*needed, Piece(text=more(spare))))
    if room < 0:
        return None
    fits = 0
    while _taken(spare[fits], markup) <= room:  # not all of them do
        room -= _taken(spare[fits], markup)
        fits += 1
    left = spare[fits:]
    gone = {id(piece) for piece in left}
    return _joined([piece for piece in pieces if id(piece) not in gone], markup, more(left))


def _taken(piece: Piece, markup: Markup) -> int:
    return _size(piece.text) + _size(piece.joint or markup.between)


def _joined(pieces: Sequence[Piece], markup: Markup, more: str) -> str:
    """`more` stands last, or before the last piece where that names the case."""
    parts = list(pieces)
    if more:
        parts.insert(len(parts) - bool(parts and parts[-1].needed), Piece(text=more))
    said = ""
    for piece in parts:
        said += f"{(piece.joint or markup.between) if said else ''}{piece.text}"
    return said


def _pieces(block: Block, markup: Markup) -> Iterator[Piece]:
    match block:
        case Paragraph():
            yield Piece(text=markup.escape(block.text), needed=block.needed)
        case Fact():
            yield Piece(text=_fact(block.label, block.value, markup), needed=True)
        case Listing():
            yield from _listing(block, markup)
        case Mentions():
            yield from _mentions(block, markup)
        case Rest():
            return
        case Digits():
            yield Piece(text=_fact(block.label, block.code, markup), needed=True)
            yield Piece(text=markup.escape(block.use), needed=True, joint=markup.within)
        case Footer():
            yield Piece(text=markup.escape(block.text), needed=True)
        case _:
            assert_never(block)


def _fact(label: str, value: str, markup: Markup) -> str:
    return f"{_label(label, markup)}{_strong(value, markup)}"


def _label(label: str, markup: Markup) -> str:
    """Escaped without the blank after an English colon: an entity would keep it from being one."""
    said = markup.escape(label.rstrip())
    return f"{said} " if markup.apart or label != label.rstrip() else said


def _strong(value: str, markup: Markup) -> str:
    """Emphasis has to touch a word on either side, so an empty value has none."""
    said = markup.escape(value)
    return f"{markup.bold}{said}{markup.bold}" if value.strip() else said


def _listing(block: Listing, markup: Markup) -> Iterator[Piece]:
    yield Piece(text=f"{markup.bold}{markup.escape(block.title)}{markup.bold}")
    for entry in block.entries:
        yield Piece(text=_entry(entry, markup), joint=markup.items)
    if block.rest:
        yield Piece(text=markup.escape(block.rest))


def _mentions(block: Mentions, markup: Markup) -> Iterator[Piece]:
    """The title goes with the first of its lines, so that it never stands over none."""
    title = f"{markup.bold}{markup.escape(block.title)}{markup.bold}{markup.items}"
    for place, mention in enumerate(block.lines):
        said = _mention(mention, markup)
        first = place == 0
        yield Piece(
            text=f"{title}{said}" if first else said, joint="" if first else markup.items, mention=True
        )


def _mention(mention: Mention, markup: Markup) -> str:
    said = markup.escape(mention.text)
    led = markup.link(said, mention.url) if mention.url and said else said
    return f"{markup.bullet}{led}" + (f" · {markup.escape(mention.note)}" if mention.note else "")


def _entry(entry: Entry, markup: Markup) -> str:
    old = _old(entry.old, markup) if entry.old is not None else ""
    lines = [f"{markup.bullet}{_label(entry.label, markup)}{old}{_strong(entry.value, markup)}"]
    if entry.table is not None:
        rows = (entry.table.head, *entry.table.rows, *((entry.table.more,),) * bool(entry.table.more))
        lines += [markup.escape(_CELLS.join(cells)) for cells in rows]
    return markup.rows.join(lines)


def _old(old: str, markup: Markup) -> str:
    said = markup.escape(old)
    return f"{markup.struck}{said}{markup.struck} → " if markup.struck and old.strip() else f"{said} → "
