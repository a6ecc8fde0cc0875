"""The persons a field's value names, wherever they stand in it."""

from collections.abc import Iterator

from pydantic import JsonValue

from engine.definition.fields import FieldSpec, FieldType


def persons_in(spec: FieldSpec, value: JsonValue) -> Iterator[str]:
    """`value` is canonical; persons in lists and records are found too."""
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
