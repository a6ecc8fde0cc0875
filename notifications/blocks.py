"""What stands in a message, before it is plain text, HTML or a card: plain values, without any markup.

The sentences come from the wording of the kind; everything else here is the layout, which nobody edits: until
when, what is signed, what changed, the digits and not to pass them on, and which case it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from notifications.subject import Changed, Row, Table, Told


@dataclass(frozen=True, slots=True)
class Paragraph:
    """`needed`: the message would mislead without it."""

    text: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Fact:
    """`label` ends with its colon; `value` is what the eye should find."""

    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of a listing. `old`: what stood there before, where the line tells of a change."""

    label: str
    value: str
    old: str | None = None
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """`rest` says where the entries are that are not here; empty where all are."""

    title: str
    entries: tuple[Entry, ...]
    rest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """One thing of a digest. `url`: where it leads, empty for nowhere; a secret where it is a sign-off link.
    `note` stands behind it.
    """

    text: str
    url: str = field(default="", repr=False)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    title: str
    lines: tuple[Mention, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """Said only where there was no room for some mentions: `said` has `{}` for how many, `url` leads to them
    all and may be empty.
    """

    said: str
    url: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Digits:
    """The code that goes with the link, and how it is used: only where nobody else reads."""

    label: str
    code: str = field(repr=False)
    use: str


@dataclass(frozen=True, slots=True)
class Footer:
    """`shortened` is said before it where something had to be left out."""

    text: str
    shortened: str


Block = Paragraph | Fact | Listing | Mentions | Rest | Digits | Footer


def blocks_of(page: Mapping[str, Any]) -> tuple[Block, ...]:
    """In the order of reading. `page` is what the layouts of plain text and HTML are given."""
    return tuple(_blocks(page))


def _blocks(page: Mapping[str, Any]) -> Iterator[Block]:
    say, told = page["say"], page["told"]
    yield Paragraph(page["hello"])
    yield from (Paragraph(line, needed=place == 0) for place, line in enumerate(page["lines"]))
    if told.until:
        yield Fact(f"{say['until']}{say['colon']}", told.until)
    yield from _listings(say, told)
    if told.outlook and page["asked"]:
        yield Paragraph(f"{say['next']}{say['colon']}{told.outlook}")
    if page["code"]:
        yield Digits(label=f"{say['code']}{say['colon']}", code=page["code"], use=say["code_use"])
    elif page["asked"] and not page["link"]:
        yield Paragraph(say["elsewhere"], needed=True)
    about = f"{say['case']}{say['colon']}{page['case']} ({page['case_id']})" if page["case_id"] else ""
    yield Footer(about or say["sender"], say["shortened"])


def _listings(say: Mapping[str, str], told: Told) -> Iterator[Listing]:
    if told.changes:
        yield Listing(title=say["changed"], entries=tuple(_changed(say, told.changes)))
    if told.rows:
        rest = say["more"] if told.more else ""
        yield Listing(title=say["shown"], entries=tuple(_rows(say, told.rows)), rest=rest)


def _changed(say: Mapping[str, str], changes: Iterable[Changed]) -> Iterator[Entry]:
    for change in changes:
        yield Entry(label=f"{change.label}{say['colon']}", value=change.new, old=change.old)


def _rows(say: Mapping[str, str], rows: Iterable[Row]) -> Iterator[Entry]:
    for row in rows:
        yield Entry(label=f"{row.label}{say['colon']}", value=row.value, table=row.table)
