"""What a plain webhook gets: the fields that receivers of Apprise's JSON know, and the message's key."""

from collections.abc import Mapping
from typing import Final

VERSION: Final = "1.0"


def webhook_json(title: str, text: str, key: str, more: Mapping[str, str] | None = None) -> dict[str, object]:
    """`more`, which the address asks for: a field of ours gets that name, or goes where there is none; any
    other is added.
    """
    fields: dict[str, object] = {
        "version": VERSION,
        "title": title,
        "message": text,
        "attachments": [],
        "type": "info",
    }
    for name, value in (more or {}).items():
        if name not in fields:
            fields[name] = value
            continue
        kept = fields.pop(name)
        if value:
            fields[value] = kept
    return {**fields, "key": key}
