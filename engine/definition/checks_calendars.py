"""Working calendars a file names, against those there are; whoever reads the folders says which."""

from collections.abc import Collection, Iterator

from engine.definition.findings import Findings, hint, joined, quoted
from engine.definition.model import Sop
from engine.definition.tree import Path, Tree
from engine.text import Text


def check_calendars(sop: Sop, tree: Tree, findings: Findings, known: Collection[str]) -> None:
    for path, name in _named(sop):
        if name not in known:
            said = Text(f"没有日历 {quoted(name)}", f"there is no calendar {quoted(name)}")
            findings.add(tree.place(path), joined(said, hint(name, sorted(known))))


def _named(sop: Sop) -> Iterator[tuple[Path, str]]:
    yield ("calendar",), sop.calendar
    for number, stage in enumerate(sop.stages):
        if stage.calendar is not None:
            yield ("stages", number, "calendar"), stage.calendar
