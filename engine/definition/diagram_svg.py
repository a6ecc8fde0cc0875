"""The drawing of a stage map: a column for each track, arrows between rows, arcs beside them, a key below.

Only presentation attributes and currentColor: it follows the page's colours under a strict content policy.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from engine.definition.compiled import Definition
from engine.definition.diagram_map import Cell, Edge, Ending, StageMap, Way, stage_map
from engine.definition.svg_parts import FAINT, Point, badge, cut, head, path, stroke, two_lines, words
from engine.text import Language, Text

BOX: Final = (196, 50)
ROW: Final = 92
LANE: Final = 20
ACROSS: Final = 150
MARGIN: Final = 28
LINE: Final = 20
TOP: Final = 44
_TRACK_TITLE: Final = 26
_START: Final = Text("开始", "start")
_JUMPS: Final = Text("退回与跳转", "Going back, ahead and across")
_EXITS: Final = Text("出口", "Ways out")
_ANYWHERE: Final = Text("任何阶段", "any stage")
_GATED: Final = Text("◆ 需要审批", "◆ needs approval")
_CURRENT: Final = Text("当前阶段", "current stage")
_DONE: Final = Text("已完成", "done")


@dataclass(slots=True)
class Drawing:
    definition: Definition
    language: Language
    current: frozenset[str] = frozenset()
    done: frozenset[str] = frozenset()
    _map: StageMap = field(init=False)
    _lanes: dict[Edge, int] = field(init=False)
    _numbers: dict[Edge, int] = field(init=False)
    _lefts: list[float] = field(init=False)
    _width: float = field(init=False)

    def __post_init__(self) -> None:
        self._map = stage_map(self.definition)
        columns = range(len(self.definition.tracks))
        sides = [(self._map.on(c, Way.BACK), self._map.on(c, Way.SKIP)) for c in columns]
        self._lanes = {}
        self._lefts, x = [], float(MARGIN)
        between = ACROSS if any(edge.way is Way.ACROSS for edge in self._map.edges) else 2 * LANE
        for back, ahead in sides:
            left, right = self._place(back), self._place(ahead)
            self._lefts.append(x + left * LANE)
            x += left * LANE + BOX[0] + right * LANE + between
        self._width = max(x - between + MARGIN, 420.0)
        self._numbers = _numbered(self._map.edges)

    def text(self) -> str:
        said = self.definition.title_of(self.definition.sop.sop)
        title = self.definition.sop.title.in_(self.language) or said.in_(self.language)
        body = [part for cell in self._columns() for part in cell]
        body += [part for stage in self._map.cells for part in self._box(stage)]
        body += [part for edge in self._map.edges if edge.way is Way.NEXT for part in self._arrow(edge)]
        body += [part for edge, number in self._numbers.items() for part in self._arc(edge, number)]
        key, bottom = self._key()
        width, height = round(self._width), round(bottom + MARGIN / 2)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" aria-label={quoteattr(title)} fill="none" '
            f'font-family="system-ui, sans-serif" font-size="13"><title>{escape(title)}</title>'
            + "".join([*body, *key])
            + "</svg>"
        )

    def _place(self, edges: Sequence[Edge]) -> int:
        """Arcs that overlap run in lanes of their own, short ones inside; returns the number of lanes."""
        taken: list[list[tuple[int, int]]] = []
        for edge in sorted(edges, key=lambda e: abs(self._row(e.target) - self._row(e.source))):
            low, high = sorted((self._row(edge.source), self._row(edge.target)))
            lane = next(
                (n for n, spans in enumerate(taken) if all(high <= a or low >= b for a, b in spans)),
                len(taken),
            )
            if lane == len(taken):
                taken.append([])
            taken[lane].append((low, high))
            self._lanes[edge] = lane + 1
        return len(taken)

    def _row(self, stage: str) -> int:
        return self._map.cells[stage].row

    def _corner(self, cell: Cell) -> Point:
        top = TOP + (_TRACK_TITLE if len(self.definition.tracks) > 1 else 0)
        return Point(self._lefts[cell.column], top + cell.row * ROW)

    def _say(self, stage: str) -> str:
        return self.definition.title_of(stage).in_(self.language)

    def _columns(self) -> Iterator[list[str]]:
        for column, name in enumerate(self.definition.tracks):
            left = self._lefts[column] + BOX[0] / 2
            if len(self.definition.tracks) > 1:
                yield [words(Point(left, 18), self._say(name), size=13, anchor="middle", weight="600")]
        for start in self._map.starts:
            corner = self._corner(self._map.cells[start])
            middle = corner.x + BOX[0] / 2
            yield [
                f'<circle cx="{middle:g}" cy="{corner.y - 22:g}" r="4" fill="currentColor"/>',
                stroke(Point(middle, corner.y - 18), Point(middle, corner.y - 1)),
                head(Point(middle, corner.y), "down"),
            ]

    def _box(self, stage: str) -> Iterator[str]:
        corner = self._corner(self._map.cells[stage])
        here, past = stage in self.current, stage in self.done
        state = _CURRENT if here else _DONE if past else None
        spoken = self._say(stage) + (f" ({state.in_(self.language)})" if state else "")
        fill = "0.16" if here else "0.06" if past else "0"
        stroke = 'stroke-width="2.5"' if here else f'stroke-width="1.2" stroke-opacity="{FAINT}"'
        yield f"<g><title>{escape(spoken)}</title>"
        yield (
            f'<rect x="{corner.x:g}" y="{corner.y:g}" width="{BOX[0]}" height="{BOX[1]}" rx="8" '
            f'fill="currentColor" fill-opacity="{fill}" stroke="currentColor" {stroke}/>'
        )
        owner = self.definition.stages[stage].owner
        mark = "● " if here else "✓ " if past else ""
        middle = corner.x + BOX[0] / 2
        lift = 22 if owner else 30
        name = cut(mark + self._say(stage), 13.5, BOX[0] - 20)
        yield words(
            Point(middle, corner.y + lift), name, size=14, anchor="middle", weight="600" if here else "400"
        )
        if owner:
            role = cut(self._say(owner), 11, BOX[0] - 20)
            yield words(Point(middle, corner.y + 40), role, size=11, anchor="middle", opacity="0.7")
        yield "</g>"

    def _arrow(self, edge: Edge) -> Iterator[str]:
        above, below = (self._corner(self._map.cells[s]) for s in (edge.source, edge.target))
        x = above.x + BOX[0] / 2
        yield f"<g><title>{escape(self._told(edge))}</title>"
        yield stroke(Point(x, above.y + BOX[1]), Point(x, below.y - 1))
        yield head(Point(x, below.y), "down")
        said = ("◆ " if edge.gated else "") + " / ".join(t.in_(self.language) for t in edge.titles)
        lines = two_lines(said, 11, BOX[0] / 2 - 8)
        y = (above.y + BOX[1] + below.y) / 2 + 3 - 7 * (len(lines) - 1)
        for place, line in enumerate(lines):
            yield words(Point(x + 8, y + 14 * place), line, size=11, opacity="0.8")
        yield "</g>"

    def _told(self, *edges: Edge) -> str:
        first = edges[0]
        titles = " / ".join(title.in_(self.language) for title in first.titles)
        sources = self._listed(tuple(edge.source for edge in edges))
        return f"{titles}{' ◆' if first.gated else ''}{self._colon}{sources} → {self._say(first.target)}"

    @property
    def _colon(self) -> str:
        return "：" if self.language == "zh" else ": "

    def _listed(self, stages: Sequence[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(self._say(stage) for stage in stages)

    def _arc(self, edge: Edge, number: int) -> Iterator[str]:
        yield f"<g><title>{escape(self._told(edge))}</title>"
        yield from self._across(edge, number) if edge.way is Way.ACROSS else self._beside(edge, number)
        yield "</g>"

    def _beside(self, edge: Edge, number: int) -> Iterator[str]:
        """Out of one side of the column, along its lane, and in again: left for back, right for ahead."""
        source, target = (self._corner(self._map.cells[s]) for s in (edge.source, edge.target))
        sign = -1 if edge.way is Way.BACK else 1
        wall = source.x + (BOX[0] if sign > 0 else 0)
        lane = self._lanes[edge]
        x = wall + sign * (lane * LANE)
        shift = min(lane, 5) * 3 * sign
        start, end = source.y + BOX[1] / 2 + shift, target.y + BOX[1] / 2 - shift
        turn = 8 if end > start else -8
        middle, gap = (start + end) / 2, turn * 1.25
        yield path(
            f"M{wall:g} {start:g}H{x - sign * 8:g}Q{x:g} {start:g} {x:g} {start + turn:g}V{middle - gap:g}"
            f"M{x:g} {middle + gap:g}V{end - turn:g}Q{x:g} {end:g} {x - sign * 8:g} {end:g}H{wall + sign:g}"
        )
        yield head(Point(wall, end), "left" if sign > 0 else "right")
        yield badge(Point(x, middle), number, gated=edge.gated)

    def _across(self, edge: Edge, number: int) -> Iterator[str]:
        """Out of the column, past its lanes to the number, then over to the other column."""
        one, other = self._map.cells[edge.source], self._map.cells[edge.target]
        source, target = self._corner(one), self._corner(other)
        sign = 1 if other.column > one.column else -1
        leaving = [e for e in self._map.edges if e.way is Way.ACROSS and e.source == edge.source]
        start = Point(source.x + (BOX[0] if sign > 0 else 0), source.y + 12 + 21 * (leaving.index(edge) % 3))
        end = Point(target.x + (0 if sign > 0 else BOX[0]), target.y + 12)
        side = Way.SKIP if sign > 0 else Way.BACK
        lanes = max((self._lanes[e] for e in self._map.on(one.column, side)), default=0)
        seat = Point(start.x + sign * (lanes * LANE + 30), start.y)
        onward = seat.x + sign * 18
        bend = (end.x - onward) * 0.6
        yield path(f"M{start.x:g} {start.y:g}H{seat.x - sign * 18:g}", dashed=True)
        yield path(
            f"M{onward:g} {start.y:g}C{onward + bend:g} {start.y:g} "
            f"{end.x - bend:g} {end.y:g} {end.x:g} {end.y:g}",
            dashed=True,
        )
        yield head(end, "right" if sign > 0 else "left")
        yield badge(seat, number, gated=edge.gated)

    def _key(self) -> tuple[list[str], float]:
        """The numbered ways and the exits, in words below the picture; and where that ends."""
        rows = max(cell.row for cell in self._map.cells.values())
        y = self._corner(Cell(0, rows)).y + BOX[1] + 34
        parts: list[str] = []
        for heading, lines in (
            (_JUMPS, [*self._jumps(), *self._anywhere()]),
            (_EXITS, [self._way_out(ending) for ending in self._map.endings]),
        ):
            if not lines:
                continue
            parts.append(words(Point(MARGIN, y), heading.in_(self.language), size=12, weight="600"))
            for line in lines:
                y += LINE
                parts.append(
                    words(Point(MARGIN, y), cut(line, 12, self._width - 2 * MARGIN), size=12, full=line)
                )
            y += LINE * 1.6
        if any(e.gated for e in (*self._map.edges, *self._map.endings)):
            parts.append(words(Point(MARGIN, y), _GATED.in_(self.language), size=11, opacity="0.7"))
            y += LINE
        return parts, y - LINE

    def _jumps(self) -> Iterator[str]:
        for number in dict.fromkeys(self._numbers.values()):
            yield f"{number}  {self._told(*(edge for edge, n in self._numbers.items() if n == number))}"

    def _anywhere(self) -> list[str]:
        start = _ANYWHERE.in_(self.language)
        return [
            f"–  {t.in_(self.language)}{self._colon}{start} → {self._say(to)}" for t, to in self._map.anywhere
        ]

    def _way_out(self, ending: Ending) -> str:
        sources = self._listed(ending.sources) or _ANYWHERE.in_(self.language)
        gate = " ◆" if ending.gated else ""
        return f"■  {self._say(ending.exit)} ← {ending.title.in_(self.language)}{gate}{self._colon}{sources}"


def _numbered(edges: Sequence[Edge]) -> dict[Edge, int]:
    """The number of each way but those to the next row; the same transitions to the same stage share one."""
    numbers: dict[tuple[object, ...], int] = {}
    return {
        edge: numbers.setdefault((edge.titles, edge.target, edge.way), len(numbers) + 1)
        for edge in edges
        if edge.way is not Way.NEXT
    }
