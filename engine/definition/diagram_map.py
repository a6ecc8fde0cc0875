"""The map of an SOP: stages in columns by track and rows by file order, and the ways between them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from engine.definition.compiled import Definition
from engine.definition.model import ANY_STAGE, TransitionSpec
from engine.text import Text


class Way(Enum):
    """To the next row; further down; back up; to another track."""

    NEXT = "next"
    SKIP = "skip"
    BACK = "back"
    ACROSS = "across"


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """A way from stage to stage, by every transition that takes it; `gated`: one of them asks approval."""

    source: str
    target: str
    titles: tuple[Text, ...]
    gated: bool
    way: Way


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A transition out of the case; without `sources`, from any stage."""

    exit: str
    title: Text
    sources: tuple[str, ...]
    gated: bool


@dataclass(frozen=True, slots=True)
class Cell:
    column: int
    row: int


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMap:
    """`anywhere` are the titles and targets of moves that start from any stage."""

    cells: dict[str, Cell]
    starts: tuple[str, ...]
    edges: tuple[Edge, ...]
    endings: tuple[Ending, ...]
    anywhere: tuple[tuple[Text, str], ...]

    def on(self, column: int, *ways: Way) -> list[Edge]:
        return [e for e in self.edges if e.way in ways and self.cells[e.source].column == column]


def stage_map(definition: Definition) -> StageMap:
    cells = _cells(definition)
    transitions = definition.transitions.values()
    return StageMap(
        cells=cells,
        starts=tuple(track.start for track in definition.tracks.values() if track.opened_by is None),
        edges=tuple(_merged(definition, cells)),
        endings=tuple(_ending(definition, t) for t in transitions if t.exit is not None),
        anywhere=tuple(
            (definition.title_of(t.id), target)
            for t in transitions
            if t.from_ == ANY_STAGE
            for target in _targets(definition, t)
        ),
    )


def _cells(definition: Definition) -> dict[str, Cell]:
    """A track opened by a transition begins one row below the stage that transition leaves."""
    cells: dict[str, Cell] = {}
    for column, (name, track) in enumerate(definition.tracks.items()):
        first = 0
        if track.opened_by is not None:
            left = _sources(definition, definition.transitions[track.opened_by])
            first = max((cells[stage].row + 1 for stage in left if stage in cells), default=0)
        stages = [stage.id for stage in definition.sop.stages if stage.track == name]
        cells |= {stage: Cell(column, first + row) for row, stage in enumerate(stages)}
    return cells


def _sources(definition: Definition, transition: TransitionSpec) -> tuple[str, ...]:
    return tuple(stage for stages in definition.sources(transition).values() for stage in stages)


def _targets(definition: Definition, transition: TransitionSpec) -> Iterator[str]:
    if transition.to is not None:
        yield transition.to
    yield from transition.moves.values()
    yield from (t.start for t in definition.tracks.values() if t.opened_by == transition.id)


def _ending(definition: Definition, transition: TransitionSpec) -> Ending:
    return Ending(
        exit=transition.exit or "",
        title=definition.title_of(transition.id),
        sources=() if transition.from_ == ANY_STAGE else _sources(definition, transition),
        gated=bool(transition.approvals),
    )


def _merged(definition: Definition, cells: dict[str, Cell]) -> Iterator[Edge]:
    taken: dict[tuple[str, str], list[TransitionSpec]] = {}
    for transition in definition.transitions.values():
        for source, target in _pairs(definition, transition):
            taken.setdefault((source, target), []).append(transition)
    for (source, target), transitions in taken.items():
        yield Edge(
            source=source,
            target=target,
            titles=tuple(definition.title_of(t.id) for t in transitions),
            gated=any(t.approvals for t in transitions),
            way=_way(cells[source], cells[target]),
        )


def _pairs(definition: Definition, transition: TransitionSpec) -> Iterable[tuple[str, str]]:
    if transition.from_ == ANY_STAGE:
        return ()
    targets = tuple(_targets(definition, transition))
    return [(s, t) for s in _sources(definition, transition) for t in targets if s != t]


def _way(source: Cell, target: Cell) -> Way:
    if source.column != target.column:
        return Way.ACROSS
    down = target.row - source.row
    if down == 1:
        return Way.NEXT
    return Way.SKIP if down > 0 else Way.BACK
