"""The model seen from a file: which keys a place takes, and which of its scalars are not text."""

from enum import Enum
from types import UnionType
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from engine.definition.nodes import Mapping, Node, Scalar, Sequence
from engine.definition.tree import Path

_TRUTH: Final = {"true": True, "false": False}
_MOST_DIGITS: Final = 9


class Unfit:
    """A scalar where the model wants a number or true/false; Pydantic refuses it, and never guesses."""


def choices(kind: object) -> tuple[object, ...]:
    """The members of a union, `Annotated` taken off; anything else alone."""
    origin = get_origin(kind)
    if origin is Annotated:
        return choices(get_args(kind)[0])
    if origin in (Union, UnionType):
        return tuple(inner for one in get_args(kind) for inner in choices(one))
    return (kind,)


def keys(model: type[BaseModel]) -> dict[str, object]:
    """The keys of a model as they stand in a file, each with its type."""
    return {info.alias or name: info.annotation for name, info in model.model_fields.items()}


def inside(kind: object, step: str | int) -> object | None:
    """The type of what stands at `step` within a value of type `kind`; None when the model does not say."""
    for one in choices(kind):
        found = _inside_one(one, step)
        if found is not None:
            return found
    return None


def _inside_one(kind: object, step: str | int) -> object | None:
    origin, args = get_origin(kind), get_args(kind)
    if isinstance(step, int):
        return args[0] if origin is tuple else None
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return keys(kind).get(step)
    return args[1] if origin is dict else None


def _kind_at(root: type[BaseModel], path: Path) -> object | None:
    kind: object | None = root
    for step in path:
        kind = inside(kind, step)
        if kind is None:
            return None
    return kind


def model_at(root: type[BaseModel], path: Path) -> type[BaseModel] | None:
    """The model read at `path`."""
    kinds = choices(_kind_at(root, path))
    models = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    return models[0] if models else None


def allowed(root: type[BaseModel], path: Path) -> tuple[str, ...]:
    """The words a closed set at `path` takes, also one member of a list; empty when it is no closed set."""
    kind = _kind_at(root, path)
    words: list[str] = []
    for one in choices(kind):
        if get_origin(one) is Literal:
            words += [str(word).lower() if word is True else str(word) for word in get_args(one)]
        elif isinstance(one, type) and issubclass(one, Enum):
            words += [str(member.value) for member in one]
    return tuple(words)


def data_of(node: Node, kind: object) -> Any:
    """Plain data for Pydantic: text, except where `kind` asks for true/false or a whole number."""
    match node:
        case Scalar():
            return _scalar(node, choices(kind))
        case Sequence():
            return [data_of(item, inside(kind, place)) for place, item in enumerate(node.items)]
        case Mapping():
            return {key: data_of(e.value, inside(kind, key)) for key, e in node.entries.items()}


def _scalar(node: Scalar, kinds: tuple[object, ...]) -> object:
    truth = any(kind is bool or _only_true(kind) for kind in kinds)
    if truth:
        return _TRUTH.get(node.text, Unfit()) if node.plain else Unfit()
    if int in kinds:
        if str in kinds and not _whole(node.text):
            return node.text
        return int(node.text) if node.plain and _whole(node.text) else Unfit()
    return node.text


def _only_true(kind: object) -> bool:
    return get_origin(kind) is Literal and get_args(kind) == (True,)


def _whole(text: str) -> bool:
    """Decimal digits without a leading zero: to some readers 010 is 8."""
    digits = text.removeprefix("-")
    bare = digits.isascii() and digits.isdigit() and len(digits) <= _MOST_DIGITS
    return bare and (digits == "0" or not digits.startswith("0"))
