"""Pictures of an SOP: Mermaid text to paste elsewhere, and an SVG for our own pages."""

from collections.abc import Collection, Iterator
from typing import Final

from engine.definition.compiled import Definition
from engine.definition.diagram_map import Edge, StageMap, Way, stage_map
from engine.definition.diagram_svg import Drawing
from engine.text import Language, Text

GATE: Final = "◆"
_ANYWHERE: Final = Text("任何阶段", "any stage")
_HARMLESS: Final = frozenset(" -_.,/+，。、：；（）《》“”？！·")


def svg(
    definition: Definition, language: Language, *, current: Collection[str] = (), done: Collection[str] = ()
) -> str:
    """A self-contained <svg> in currentColor, without script, style, id or link.

    `current` and `done` are ids of stages; others are passed over.
    """
    return Drawing(definition, language, current=frozenset(current), done=frozenset(done)).text()


def mermaid(definition: Definition, language: Language) -> str:
    """A stateDiagram-v2; a transition with approvals carries a diamond, every exit is an end."""
    lines = ["stateDiagram-v2", *(f"    {line}" for line in _lines(definition, language))]
    return "\n".join(lines) + "\n"


def _lines(definition: Definition, language: Language) -> Iterator[str]:
    found = stage_map(definition)
    many = len(definition.tracks) > 1
    for name in definition.tracks:
        inside = list(_track(definition, found, name, language))
        if many:
            yield f'state "{_safe(definition.title_of(name).in_(language))}" as track_{name} {{'
            yield from (f"    {line}" for line in inside)
            yield "}"
        else:
            yield from inside
    yield from _across(definition, found, language)
    yield from _exits(definition, found, language, many=many)


def _track(definition: Definition, found: StageMap, track: str, language: Language) -> Iterator[str]:
    stages = [stage.id for stage in definition.sop.stages if stage.track == track]
    for stage in stages:
        yield f'state "{_safe(definition.title_of(stage).in_(language))}" as {_state(stage)}'
    yield f"[*] --> {_state(definition.tracks[track].start)}"
    for edge in found.edges:
        if edge.source in stages and edge.way is not Way.ACROSS:
            yield f"{_state(edge.source)} --> {_state(edge.target)} : {_label(edge, language)}"


def _across(definition: Definition, found: StageMap, language: Language) -> Iterator[str]:
    """Mermaid draws no line between stages of two composite states; their tracks are joined instead."""
    lines: dict[str, None] = {}
    for edge in found.edges:
        if edge.way is Way.ACROSS:
            source, target = definition.stages[edge.source].track, definition.stages[edge.target].track
            lines[f"track_{source} --> track_{target} : {_label(edge, language)}"] = None
    yield from lines


def _exits(definition: Definition, found: StageMap, language: Language, *, many: bool) -> Iterator[str]:
    if found.anywhere or any(not ending.sources for ending in found.endings):
        yield f'state "{_ANYWHERE.in_(language)}" as any_stage'
    for name in dict.fromkeys(ending.exit for ending in found.endings):
        yield f'state "{_safe(definition.title_of(name).in_(language))}" as exit_{name}'
        yield f"exit_{name} --> [*]"
    for ending in found.endings:
        label = _safe(ending.title.in_(language)) + (f" {GATE}" if ending.gated else "")
        sources = [f"track_{definition.stages[s].track}" if many else _state(s) for s in ending.sources]
        for source in dict.fromkeys(sources or ["any_stage"]):
            yield f"{source} --> exit_{ending.exit} : {label}"
    for title, target in found.anywhere:
        reached = f"track_{definition.stages[target].track}" if many else _state(target)
        yield f"any_stage --> {reached} : {_safe(title.in_(language))}"


def _state(stage: str) -> str:
    """Words such as `state` and `end` mean something to Mermaid; no stage may be named so bare."""
    return f"stage_{stage}"


def _label(edge: Edge, language: Language) -> str:
    said = " / ".join(_safe(title.in_(language)) for title in edge.titles)
    return f"{said} {GATE}" if edge.gated else said


def _safe(text: str) -> str:
    """What could mean something to Mermaid or HTML is written as its code, which Mermaid shows as itself."""
    lean = " ".join(text.split())
    return "".join(c if c.isalnum() or c in _HARMLESS else f"#{ord(c)};" for c in lean)
