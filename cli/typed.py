"""Values as typed on the command line: text for the core to read, or `@file`."""

import mimetypes
from collections.abc import Mapping
from pathlib import Path

from pydantic import JsonValue

from cli.session import Exit, Failed
from engine.definition.compiled import Definition
from engine.definition.fields import FieldType
from engine.ids import PersonId
from engine.text import Text, why_not
from runtime.wiring import Parts


def typed_values(parts: Parts, definition: Definition, given: Mapping[str, str]) -> dict[str, JsonValue]:
    """Nothing after `=` takes the value away. `@file` is kept as a file for a field of that type, else
    read as text.
    """
    return {name: _value(parts, definition, name, text) for name, text in given.items()}


def _value(parts: Parts, definition: Definition, name: str, text: str) -> JsonValue:
    if text == "":
        return None
    if not text.startswith("@"):
        return text
    spec = definition.sop.fields.get(name)
    path = Path(text[1:])
    if spec is not None and spec.type is FieldType.FILE:
        return stored_file(parts, path)
    try:
        return read_bytes(path).decode("utf-8")
    except UnicodeDecodeError:
        raise Failed(
            Exit.USAGE,
            Text(f"{path} 不是 UTF-8 文本；请另存为 UTF-8", f"{path} is no UTF-8 text; save it as UTF-8"),
        ) from None


def stored_file(parts: Parts, path: Path, name: str | None = None) -> dict[str, JsonValue]:
    """The file, kept for good, in the form of a field's value."""
    data = read_bytes(path)
    media = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    digest = parts.store.blobs.put(data)
    return {"name": name or path.name, "hash": digest, "size": len(data), "media_type": media}


def read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as fault:
        why = why_not(fault)
        raise Failed(
            Exit.USAGE,
            Text(
                f"无法读取 {path}（{why.zh}）；请检查路径", f"cannot read {path} ({why.en}); look at the path"
            ),
        ) from fault


def role_holders(given: Mapping[str, str]) -> dict[str, tuple[PersonId, ...]]:
    """Several persons stand with commas between them; none at all gives the role back."""
    return {role: people(text) for role, text in given.items()}


def people(text: str) -> tuple[PersonId, ...]:
    return tuple(PersonId(one.strip()) for one in text.replace("，", ",").split(",") if one.strip())
