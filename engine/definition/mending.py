"""Reading a faulty tree to the end: what the model refuses is reported and taken out.

So one slip hides no other.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import NoneType
from typing import Any, Final, cast, get_origin

from pydantic import BaseModel, ValidationError

from engine.definition.field_spec import FieldSpec
from engine.definition.findings import MOST_FAULTS, STAND_IN, Findings, Place, joined, nearest
from engine.definition.model import Sop
from engine.definition.nodes import Entry, Mapping, Node, Scalar, Sequence
from engine.definition.sayings import sentence
from engine.definition.shape import allowed, choices, data_of, inside, keys, model_at
from engine.definition.tree import Path, Step, Tree
from engine.text import Text

_ROUNDS: Final = 20
_MOST_ERRORS: Final = 2 * MOST_FAULTS
_KEY: Final = "[key]"
_ENOUGH: Final = 2


@dataclass(frozen=True, slots=True)
class _Error:
    """One error of Pydantic at a path of the tree. `outer`: no member of a union takes what stands there."""

    raw: dict[str, Any]
    path: Path
    outer: bool = False
    on_key: bool = False

    @property
    def kind(self) -> str:
        return cast("str", self.raw["type"])


def validated(tree: Tree, findings: Findings) -> Sop:
    """The model of what is sound in `tree`; raises when what is left makes no SOP."""
    told = 0
    for _ in range(_ROUNDS):
        try:
            return Sop.model_validate(data_of(tree.root, Sop), by_alias=True, by_name=False, context=told)
        except ValidationError as error:
            found = _not_misspelt(tree, list(_located(tree, error.errors(include_url=False)[:_MOST_ERRORS])))
        for one in found:
            _report(tree, one, findings)
        if findings.full or any(_is_top(tree, one) for one in found):
            break
        _take_out(tree, found)
        told += all(_of_a_whole(one) for one in found)
    findings.stop(tree.root.place, _UNREADABLE) if not findings.faults else findings.raise_any()
    raise findings.error()


_UNREADABLE: Final = Text(
    "无法读懂这个文件；请对照 sop_definitions/README.md",
    "the file cannot be understood; compare sop_definitions/README.md",
)


def _located(tree: Tree, errors: Any) -> Iterator[_Error]:
    """Errors at their paths; of a union only those of the member that was meant."""
    found = [_locate(tree, raw) for raw in cast("list[dict[str, Any]]", errors)]
    told = {tuple(one.path) for one in found if not one.outer}
    for one in found:
        here = tuple(one.path)
        if not one.outer:
            yield one
        elif not any(path[: len(here)] == here for path in told):
            told.add(here)
            yield one


def _locate(tree: Tree, raw: dict[str, Any]) -> _Error:
    path: list[Step] = []
    kind: object | None = Sop
    for step in cast("tuple[Step, ...]", raw["loc"]):
        if step == _KEY:
            return _Error(raw, path, on_key=True)
        if kind is not None and _is_union(kind):
            if not _meant(str(step), tree.node(path)):
                return _Error(raw, path, outer=True)
            kind = next((one for one in choices(kind) if _label_fits(str(step), one)), None)
            continue
        path.append(step)
        kind = inside(kind, step) if kind is not None else None
    return _Error(raw, path)


def _not_misspelt(tree: Tree, errors: list[_Error]) -> list[_Error]:
    """Without the keys that are missing only because a slip stands in their place."""
    unknown = (tuple(error.path) for error in errors if error.kind == "extra_forbidden")
    meant = {(*path[:-1], key) for path in unknown if (key := _meant_key(tree, path))}
    return [error for error in errors if error.kind != "missing" or tuple(error.path) not in meant]


def _is_union(kind: object) -> bool:
    return len([one for one in choices(kind) if one is not NoneType]) > 1


def _meant(label: str, node: Node) -> bool:
    """Whether a union member, by Pydantic's label, is of the kind that was written."""
    match node:
        case Scalar():
            return not label.startswith(("tuple", "dict"))
        case Sequence():
            return label.startswith("tuple")
        case Mapping():
            return label.startswith("dict")


def _label_fits(label: str, kind: object) -> bool:
    return label.startswith(getattr(kind, "__name__", "?"))


def _is_top(tree: Tree, error: _Error) -> bool:
    """Whether mending would take the whole file out."""
    if not error.path:
        return True
    if _too_short_only_now(error, tree.node(error.path)):
        return False
    return len(error.path) == 1 and error.path[0] == "stages" and error.kind != "extra_forbidden"


def _too_short_only_now(error: _Error, node: Node) -> bool:
    """Pydantic counts what is left after faulty items; enough were written."""
    if error.kind != "too_short" or not isinstance(node, Sequence):
        return False
    return len(node.items) >= cast("int", error.raw["ctx"]["min_length"])


def _report(tree: Tree, error: _Error, findings: Findings) -> None:
    if _too_short_only_now(error, tree.node(error.path)):
        return
    if _follows(tree, error):
        return
    if error.outer:
        said = Text("这里要写一个名称，或名称的列表", "write one name here, or a list of names")
    else:
        said = sentence(error.raw, error.path, tree.node(error.path))
    at_key = error.on_key or error.kind == "extra_forbidden"
    place = tree.key_place(error.path) if at_key else tree.place(error.path)
    findings.add(place, joined(tree.subject(error.path), said))


def _follows(tree: Tree, error: _Error) -> bool:
    """Whether it is only there because of what was taken out."""
    if error.kind == "missing":
        return str(error.path[-1]) in tree.damaged.get(id(tree.node(error.path[:-1])), ())
    lacking = tree.damaged.get(id(tree.node(error.path)), set[str]())
    match error.kind:
        case "too_short":
            return bool(lacking)
        case "value_error":
            return not lacking.isdisjoint(re.findall(r"\w+", str(error.raw["ctx"]["error"])))
        case _:
            return False


def _of_a_whole(error: _Error) -> bool:
    """Whether the keys of one thing do not go together; each may still be judged for itself.

    A field is not: what type it has is then unknown.
    """
    return error.kind == "value_error" and model_at(Sop, error.path) not in {None, FieldSpec}


def _take_out(tree: Tree, errors: list[_Error]) -> None:
    """Innermost and last first, so that the paths of the others still lead to what they name."""
    doomed: dict[tuple[Step, ...], bool] = {}
    for error in errors:
        if _of_a_whole(error) or _too_short_only_now(error, tree.node(error.path)):
            continue
        there = tuple(step for step, _ in tree.walk(_doomed(tree, error)))
        doomed[there] = doomed.get(there, False) or error.kind != "extra_forbidden"
    for path in sorted(doomed, key=_depth_first, reverse=True):
        tree.drop(path, needed=doomed[path])


def _depth_first(path: tuple[Step, ...]) -> tuple[tuple[int, str], ...]:
    return tuple((step, "") if isinstance(step, int) else (-1, step) for step in path)


def _doomed(tree: Tree, error: _Error) -> tuple[Step, ...]:
    """The path to take out, or () when the fault could be mended in place."""
    path = tuple(error.path)
    match error.kind:
        case "extra_forbidden" if _renamed(tree, path):
            return ()
        case "missing" if stand_in := _stand_in(tree.place(path[:-1]), path):
            tree.stand_in(path, stand_in)
            return ()
        case "missing":
            return path[:-1]
        case _:
            return path


def _stand_in(place: Place, path: tuple[Step, ...]) -> Node | None:
    """Something the model takes at `path`, so that what stands beside it can be read.

    None for the type of a field: no type would be right.
    """
    model = model_at(Sop, path[:-1])
    if model in {None, FieldSpec}:
        return None
    kind = keys(model).get(str(path[-1])) if model else None
    if any(get_origin(one) is tuple for one in choices(kind)) and str not in choices(kind):
        item = model_at(Sop, (*path, 0))
        return Sequence(place, [_item(place, item) for _ in range(_ENOUGH)])
    return _scalar(place, next(iter(allowed(Sop, path)), STAND_IN))


def _item(place: Place, model: type[BaseModel] | None) -> Node:
    if model is None:
        return _scalar(place)
    needed = [info.alias or name for name, info in model.model_fields.items() if info.is_required()]
    return Mapping(place, {key: Entry(place, _scalar(place)) for key in needed})


def _scalar(place: Place, text: str = STAND_IN) -> Scalar:
    return Scalar(place, text, plain=True)


def _renamed(tree: Tree, path: tuple[Step, ...]) -> bool:
    """A slip in a key is read as the key that was meant."""
    meant = _meant_key(tree, path)
    if meant is not None:
        tree.rename(path, meant)
    return meant is not None


def _meant_key(tree: Tree, path: tuple[Step, ...]) -> str | None:
    """The key of the model that is not there and looks like the one at `path`."""
    model = model_at(Sop, path[:-1])
    parent = tree.node(path[:-1])
    if model is None or not isinstance(parent, Mapping):
        return None
    return nearest(str(path[-1]), (key for key in keys(model) if key not in parent.entries))
