"""Children: what goes over to them, and what their outcome does to us."""

import re
from typing import Final

from engine.definition.checks_names import column_of
from engine.definition.field_spec import FieldSpec
from engine.definition.findings import quoted
from engine.definition.judge import Judge
from engine.definition.model import ChildEffect
from engine.definition.tree import Step
from engine.text import Text

_OF_CHILD: Final = re.compile(r"child\.[a-z][a-z0-9_]*")


def check_children(judge: Judge) -> None:
    for name, child in judge.sop.children.items():
        path = ("children", name)
        if isinstance(child.at, str):
            judge.known(child.at, "stages", (*path, "at"))
        else:
            judge.each_known(child.at, "stages", (*path, "at"))
        passed_values(judge, child.values, (*path, "values"))
        for theirs, ours in child.roles.items():
            judge.known(ours, "roles", (*path, "roles", theirs))
        for outcome, effect in child.on_child.items():
            _effect(judge, effect, (*path, "on_child", outcome))


def passed_values(judge: Judge, values: dict[str, str], path: tuple[Step, ...]) -> None:
    """What another case is given: a field of ours as it is stored, or an expression."""
    for name, text in values.items():
        if text not in judge.sop.fields:
            judge.reads(text, judge.definition.expression, (*path, name))


def _effect(judge: Judge, effect: ChildEffect, path: tuple[Step, ...]) -> None:
    judge.known(effect.fire, "transitions", (*path, "fire"))
    for name, text in effect.set.items():
        here = (*path, "set", name)
        if judge.known(name, "fields", here, key=True):
            _fits(judge, text, judge.sop.fields[name], here)
    for name, columns in effect.append.items():
        here = (*path, "append", name)
        if judge.known(name, "fields", here, key=True):
            _appended(judge, name, columns, here)


def _appended(judge: Judge, name: str, columns: dict[str, str], path: tuple[Step, ...]) -> None:
    known = judge.sop.fields[name].columns
    for column, text in columns.items():
        column_of(judge, (name, column), (*path, column), key=True)
        if column in known:
            _fits(judge, text, known[column], (*path, column))
    if not columns.keys() <= known.keys():
        return  # the missing column is perhaps the misspelt one
    for column, spec in known.items():
        if spec.required and column not in columns and judge.whole(path):
            judge.fault(
                path,
                Text(
                    f"缺少必填列 {quoted(column)}；请写出它的值",
                    f"the required column {quoted(column)} is missing; say its value",
                ),
            )


def _fits(judge: Judge, text: str, target: FieldSpec, path: tuple[Step, ...]) -> None:
    """`child.x` is of a type that another file declares; a field of ours and an expression are known."""
    if _OF_CHILD.fullmatch(text):
        return
    own = judge.sop.fields.get(text)
    if own is not None:
        given, fits = own.type, own.type is target.type
    else:
        found = judge.reads(text, judge.definition.expression, path)
        if found is None:
            return
        given, fits = found.type, found.fits(target)
    if not fits:
        judge.fault(
            path,
            Text(
                f"{quoted(text)} 的类型是 {given}，放不进 {target.type}",
                f"{quoted(text)} is of type {given} and does not fit into {target.type}",
            ),
        )
