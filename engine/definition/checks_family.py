"""A SOP beside the SOPs it opens: what it passes, reads and waits for must stand in the child's own file."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from engine.definition.findings import hint, joined, quoted
from engine.definition.judge import Judge
from engine.definition.model import ChildEffect, ChildSpec, Sop
from engine.definition.tree import Path
from engine.text import Text

_FIELD_OF_CHILD: Final = re.compile(r"child\.([a-z][a-z0-9_]*)")
_ALWAYS_THERE: Final = frozenset({"id", "outcome"})


def check_family(judge: Judge, family: Mapping[str, Sop]) -> None:
    """`family` are the SOPs read together, by name; a child that is not among them is not judged."""
    for name, spec in judge.sop.children.items():
        if spec.sop in family:
            _Beside(judge, family[spec.sop]).child(spec, ("children", name))
    for place, transition in enumerate(judge.sop.transitions):
        opens = transition.opens
        if opens is not None and opens.sop in family:
            child = family[opens.sop]
            _Beside(judge, child).keys(opens.values, child.fields, ("transitions", place, "opens", "values"))


@dataclass(frozen=True, slots=True)
class _Beside:
    """The SOP being judged, beside one that it opens."""

    judge: Judge
    sop: Sop

    def child(self, spec: ChildSpec, path: Path) -> None:
        self.keys(spec.values, self.sop.fields, (*path, "values"))
        self.keys(spec.roles, self.sop.roles, (*path, "roles"))
        self.keys(spec.on_child, self.sop.exits, (*path, "on_child"))
        for outcome, effect in spec.on_child.items():
            self._effect(effect, (*path, "on_child", outcome))

    def keys(self, written: Collection[str], known: Collection[str], path: Path) -> None:
        for name in written:
            self._known(name, known, (*path, name), key=True)

    def _effect(self, effect: ChildEffect, path: Path) -> None:
        read: dict[Path, str] = {("set", name): text for name, text in effect.set.items()}
        for name, columns in effect.append.items():
            read |= {("append", name, column): text for column, text in columns.items()}
        for place, text in read.items():
            found = _FIELD_OF_CHILD.fullmatch(text)
            if found and found[1] not in _ALWAYS_THERE:
                self._known(found[1], self.sop.fields, (*path, *place))

    def _known(self, name: str, known: Collection[str], path: Path, *, key: bool = False) -> None:
        if name in known:
            return
        child = quoted(self.sop.sop)
        said = Text(f"子流程 {child} 没有 {quoted(name)}", f"child SOP {child} has no {quoted(name)}")
        self.judge.fault(path, joined(said, hint(name, known)), key=key)
