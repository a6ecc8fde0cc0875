"""The documents of this repository and their parts, for the tests that hold them to the truth."""

import re
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
FOLDERS = ("docs", "docs/decisions", "docs/howto", "sop_definitions")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6} +(.+?) *$", re.MULTILINE)
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@cache
def documents() -> tuple[Path, ...]:
    """Every Markdown file a reader may open, at the top and in the folders of documents."""
    found = [*ROOT.glob("*.md"), *(path for folder in FOLDERS for path in (ROOT / folder).glob("*.md"))]
    return tuple(sorted(found))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def fences(name: str, kind: str) -> list[str]:
    """The fenced blocks of one kind, in order."""
    return [body for found, body in FENCE.findall(text_of(name)) if found == kind]


def prose(name: str) -> str:
    """The document without its fenced blocks."""
    return FENCE.sub("", text_of(name))


def links(name: str) -> list[str]:
    return LINK.findall(prose(name))


def anchors(name: str) -> set[str]:
    """The names under which headings can be linked, as repository pages make them."""
    return {anchor(heading) for heading in HEADING.findall(prose(name))}


def anchor(heading: str) -> str:
    kept = re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower())
    return kept.strip().replace(" ", "-")


def first_cells(section: str) -> list[str]:
    """What stands in backquotes in the first column of the tables of a section, one row an entry."""
    return re.findall(r"^\| `?([^`|]+?)`? \|", section, re.MULTILINE)


def section(name: str, heading: str) -> str:
    """The text below a heading, up to the next of its rank or above."""
    below = rf"^#+ {re.escape(heading)}$(.*?)(?=^#{{1,2}} |\Z)"
    found = re.search(below, text_of(name), re.MULTILINE | re.DOTALL)
    assert found, f"{name} has no heading {heading!r}"
    return found[1]
