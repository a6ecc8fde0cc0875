"""Blocks set out in a markup, within what the platform takes: what may be missing goes first, from the end.

Never left out: the first sentence, until when, the digits with their use, and which case it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, assert_never

from notifications.blocks import Block, Digits, Entry, Fact, Footer, Listing, Paragraph
from notifications.escaping import Escape, backslashes
from notifications.one_line import one_line

LONGEST_SENTENCE: Final = 600
_SHORTEST_SENTENCE: Final = 60
_CELLS: Final = " ｜ "


@dataclass(frozen=True, slots=True, kw_only=True)
class Markup:
    """`bold` and `struck` are what stands on either side; `struck` is empty where there is no such thing.

    `most`: how much of it the platform takes, in bytes of UTF-8. `between` parts two blocks, `within` two
    lines of one, `items` two lines of a list, `rows` two of a table. `apart`: emphasis begins only after a
    blank.
    """

    escape: Escape
    most: int
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
    """`joint`: what stands between it and the piece before, where they belong together."""

    text: str
    needed: bool = False
    joint: str = ""


def marked(blocks: Sequence[Block], markup: Markup, *, ahead: str = "", behind: str = "") -> str:
    """`ahead` and `behind` are marked up already and always stand."""
    more = next((block.shortened for block in blocks if isinstance(block, Footer)), "")
    room = markup.most - sum(_size(part) + _size(markup.between) for part in (ahead, behind) if part)
    longest, said = 2 * LONGEST_SENTENCE, None
    while said is None and longest > _SHORTEST_SENTENCE:
        longest //= 2
        pieces = [piece for block in blocks for piece in _pieces(_short(block, longest), markup)]
        said = _within(pieces, markup, room, markup.escape(more))
    return markup.between.join(part for part in (ahead, said or "", behind) if part)


def _size(text: str) -> int:
    return len(text.encode("utf-8", "replace"))


def _short(block: Block, longest: int) -> Block:
    return replace(block, text=one_line(block.text, longest)) if isinstance(block, Paragraph) else block


def _within(pieces: Sequence[Piece], markup: Markup, room: int, more: str) -> str | None:
    """As many pieces as there is room for; None where not even the needed ones fit."""
    kept = list(pieces)
    while _size(said := _joined(kept, markup, more if len(kept) < len(pieces) else "")) > room:
        spare = [place for place, piece in enumerate(kept) if not piece.needed]
        if not spare:
            return None
        del kept[spare[-1]]
    return said


def _joined(pieces: Sequence[Piece], markup: Markup, more: str) -> str:
    """`more` stands before the last piece, which names the case."""
    parts = list(pieces)
    if more:
        parts.insert(len(parts) - 1, Piece(text=more))
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


# ntfy makes a file of what is longer; it and most services that speak Markdown speak this one.
COMMON_MARK: Final = Markup(escape=backslashes, most=4_000)
