"""A SOP beside the SOPs it opens: what it passes, reads and waits for must stand in the child's own file."""

import re
from collections.abc import Collection, Mapping
from typing import Final

from engine.definition.findings import hint, joined, quoted
from engine.definition.judge import Judge
from engine.definition.model import ChildEffect, ChildSpec, Sop
from engine.definition.tree import Step
from engine.text import Text

_FIELD_OF_CHILD: Final = re.compile(r"child\.([a-z][a-z0-9_]*)")
_ALWAYS_THERE: Final = frozenset({"id", "outcome"})


def check_family(judge: Judge, family: Mapping[str, Sop]) -> None:
    """`family` are the SOPs read together, by name; a child that is not among them is not judged."""
    for name, spec in judge.sop.children.items():
        child = family.get(spec.sop)
        if child is not None:
            _child(judge, spec, child, ("children", name))
    for place, transition in enumerate(judge.sop.transitions):
        opens = transition.opens
        if opens is not None and opens.sop in family:
            _each(
                judge,
                opens.values,
                family[opens.sop].fields,
                ("transitions", place, "opens", "values"),
                opens.sop,
            )


def _child(judge: Judge, spec: ChildSpec, child: Sop, path: tuple[Step, ...]) -> None:
    _each(judge, spec.values, child.fields, (*path, "values"), child.sop)
    _each(judge, spec.roles, child.roles, (*path, "roles"), child.sop)
    _each(judge, spec.on_child, child.exits, (*path, "on_child"), child.sop)
    for outcome, effect in spec.on_child.items():
        _effect(judge, effect, child, (*path, "on_child", outcome))


def _each(
    judge: Judge, written: Collection[str], known: Collection[str], path: tuple[Step, ...], sop: str
) -> None:
    for name in written:
        _known(judge, name, known, (*path, name), sop, key=True)


def _effect(judge: Judge, effect: ChildEffect, child: Sop, path: tuple[Step, ...]) -> None:
    read = {("set", name): text for name, text in effect.set.items()}
    for name, columns in effect.append.items():
        read |= {("append", name, column): text for column, text in columns.items()}
    for place, text in read.items():
        found = _FIELD_OF_CHILD.fullmatch(text)
        if found and found[1] not in _ALWAYS_THERE:
            _known(judge, found[1], child.fields, (*path, *place), child.sop)


def _known(
    judge: Judge, name: str, known: Collection[str], path: tuple[Step, ...], sop: str, *, key: bool = False
) -> None:
    if name in known:
        return
    said = Text(f"子流程 {quoted(sop)} 没有 {quoted(name)}", f"child SOP {quoted(sop)} has no {quoted(name)}")
    judge.fault(path, joined(said, hint(name, known)), key=key)
