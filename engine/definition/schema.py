"""JSON Schema of a definition file, for editors: completion, and a first look at faults while one types.

Made from the model. It knows shapes only; `guanka check` judges names, guards and the course of the stages.
"""

import json
from typing import Any, Final, cast

from engine.definition.model import Sop

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TITLE: Final = "Guanka SOP"


def json_schema() -> dict[str, Any]:
    made = _tidy(Sop.model_json_schema(by_alias=True))
    described = {
        "$schema": DIALECT,
        "title": _TITLE,
        "description": "One SOP: sop_definitions/README.md explains every key.",
    }
    return {**described, **{key: part for key, part in made.items() if key not in described}}


def schema_text() -> str:
    """The schema as a file holds it, with a line break at its end."""
    return json.dumps(json_schema(), ensure_ascii=False, indent=2) + "\n"


def _tidy(part: Any) -> Any:
    """Pydantic's schema as a file sees it: no null, no titles made from keys, no name outside its pattern."""
    if isinstance(part, list):
        return [_tidy(item) for item in cast("list[Any]", part)]
    if not isinstance(part, dict):
        return part
    found = {key: _tidy(value) for key, value in cast("dict[str, Any]", part).items()}
    if "properties" in found:
        found["properties"] = {key: _untitled(value) for key, value in found["properties"].items()}
    if "patternProperties" in found:
        found["additionalProperties"] = False
    return _never_null(found)


def _untitled(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name != "title" and value != {"default": None}}


def _never_null(part: dict[str, Any]) -> dict[str, Any]:
    """A key is written or left out; the loader refuses one without a value."""
    if part.get("default", ...) is None:
        del part["default"]
    kinds = cast("list[dict[str, Any]] | None", part.get("anyOf"))
    if kinds is None:
        return part
    given = [kind for kind in kinds if kind != {"type": "null"}]
    rest = {name: value for name, value in part.items() if name != "anyOf"}
    return {**rest, **given[0]} if len(given) == 1 else {**rest, "anyOf": given}
