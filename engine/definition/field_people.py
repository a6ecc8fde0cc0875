"""The persons a value names: found, or put by name; on their own, in lists, and in the columns of records."""

from collections.abc import Callable, Iterator
from typing import cast

from pydantic import JsonValue

from engine.definition.field_spec import FieldSpec, FieldType


def with_names(spec: FieldSpec, value: JsonValue, name_of: Callable[[str], str]) -> JsonValue:
    """The canonical value with each person's name where its id stood; for showing only."""
    if value is None:
        return None
    match spec.type:
        case FieldType.PERSON:
            return name_of(cast("str", value))
        case FieldType.LIST:
            of = cast("FieldSpec", spec.of)
            return [with_names(of, item, name_of) for item in cast("list[JsonValue]", value)]
        case FieldType.RECORD:
            parts = cast("dict[str, JsonValue]", value)
            return {n: with_names(c, parts.get(n), name_of) for n, c in spec.fields.items()}
        case _:
            return value


def persons_in(spec: FieldSpec, value: JsonValue) -> Iterator[str]:
    """The persons a canonical value names, in lists and records too."""
    match value:
        case str() if spec.type is FieldType.PERSON:
            yield value
        case list() if spec.of is not None:
            for item in value:
                yield from persons_in(spec.of, item)
        case dict():
            for name, column in spec.fields.items():
                yield from persons_in(column, value.get(name))
        case _:
            return
