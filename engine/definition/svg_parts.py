"""What our drawings are made of: words, lines, arrow heads and badges, without style, id or script."""

from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import escape

FAINT: Final = "0.55"
FIRM: Final = "0.9"
_FULL_WIDTH_FROM: Final = "\u1100"


@dataclass(frozen=True, slots=True)
class Point:
    x: float
    y: float


def two_lines(text: str, size: float, room: float) -> list[str]:
    first = cut(text, size, room)
    if first == text:
        return [text]
    kept = first.removesuffix("…")
    if not _wide(text[len(kept)]) and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return [kept, cut(text[len(kept) :].strip(), size, room)]


def _wide(char: str) -> bool:
    return char >= _FULL_WIDTH_FROM


def cut(text: str, size: float, room: float) -> str:
    """As much of `text` as fits in `room`: a Chinese character is one size wide, others about 0.55."""
    width = 0.0
    for place, char in enumerate(text):
        width += size if _wide(char) else size * 0.55
        if width > room:
            return text[: max(place - 1, 1)].rstrip() + "…"
    return text


def words(
    at: Point,
    text: str,
    *,
    size: int,
    anchor: str = "start",
    weight: str = "400",
    opacity: str = "1",
    full: str = "",
) -> str:
    tip = f"<title>{escape(full)}</title>" if full and full != text else ""
    return (
        f'<text x="{at.x:g}" y="{at.y:g}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" '
        f'fill="currentColor" fill-opacity="{opacity}">{tip}{escape(text)}</text>'
    )


def stroke(start: Point, end: Point) -> str:
    return path(f"M{start.x:g} {start.y:g}L{end.x:g} {end.y:g}", opacity=FIRM)


def path(path: str, *, dashed: bool = False, opacity: str = FAINT) -> str:
    dash = ' stroke-dasharray="5 4"' if dashed else ""
    return f'<path d="{path}" stroke="currentColor" stroke-opacity="{opacity}" stroke-width="1.4"{dash}/>'


def head(tip: Point, way: str) -> str:
    dx, dy = {"down": (0, -1), "left": (1, 0), "right": (-1, 0)}[way]
    base = Point(tip.x + dx * 8, tip.y + dy * 8)
    points = [tip, Point(base.x + dy * 4, base.y + dx * 4), Point(base.x - dy * 4, base.y - dx * 4)]
    written = " ".join(f"{p.x:g},{p.y:g}" for p in points)
    return f'<polygon points="{written}" fill="currentColor" fill-opacity="{FIRM}"/>'


def badge(at: Point, number: int, *, gated: bool) -> str:
    """A number that the key below explains; the approval's diamond stands in the key as well."""
    mark = f"{number}◆" if gated else str(number)
    wide = 11 + 7 * len(mark)
    return (
        f'<rect x="{at.x - wide / 2:g}" y="{at.y - 9:g}" width="{wide}" height="18" rx="9" '
        f'stroke="currentColor" stroke-opacity="{FAINT}"/>'
        + words(Point(at.x, at.y + 4), mark, size=11, anchor="middle")
    )
