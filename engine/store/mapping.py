"""Values to stored text and back. Each adapter is built once; each pair is a round trip."""

import json
from functools import cache
from typing import Any

from pydantic import JsonValue, TypeAdapter

from engine.case.commands import Command
from engine.case.refusal import Refusal
from engine.case.state import Case
from engine.ids import CaseId, PersonId
from engine.outbox import (
    DIGEST,
    MessageKind,
    NoticeKind,
    Owed,
    OwedCommand,
    OwedDigest,
    OwedMessage,
    OwedNotice,
)


@cache
def adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def canonical(value: JsonValue) -> str:
    """One text for one value: sorted keys, no spaces, no escapes but those JSON needs."""
    return _ENCODER.encode(value)


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False, check_circular=False
)


def case_to_text(case: Case) -> str:
    """What equals its default is left out: most parts of most cases are empty."""
    return adapter(Case).dump_json(case, exclude_defaults=True).decode()


def case_from_text(text: str) -> Case:
    return adapter(Case).validate_json(text)


def refusal_to_text(refusal: Refusal | None) -> str | None:
    return None if refusal is None else adapter(Refusal).dump_json(refusal).decode()


def refusal_from_text(text: str | None) -> Refusal | None:
    return None if text is None else adapter(Refusal).validate_json(text)


def owed_to_row(owed: Owed | OwedNotice) -> dict[str, Any]:
    """The columns of the outbox that say what is owed, and under which key."""
    match owed:
        case OwedMessage():
            data = canonical(dict(owed.data))
            told = {"is_command": False, "kind": owed.kind.value, "to_person": owed.to, "data": data}
            return {"key": owed.key, "case_id": owed.case_id, "sequence": owed.sequence, **told}
        case OwedNotice():
            data = canonical({**owed.data, "about": owed.about})
            told = {"is_command": False, "kind": owed.kind.value, "to_person": owed.to, "data": data}
            return {"key": owed.key, "case_id": None, "sequence": None, **told}
        case OwedCommand():
            data = adapter(Command).dump_json(owed.command).decode()
            told = {"is_command": True, "kind": owed.command.kind, "to_person": "", "data": data}
            return {"key": owed.key, "case_id": owed.case_id, "sequence": owed.sequence, **told}


def owed_from_row(row: Any) -> Owed | OwedNotice | OwedDigest:
    """`row` has the outbox columns as attributes."""
    if row.kind == DIGEST:
        return OwedDigest(key=row.key, to=PersonId(row.to_person), morning=json.loads(row.data)["morning"])
    if row.is_command:
        command = adapter(Command).validate_json(row.data)
        case_id = CaseId(row.case_id)
        return OwedCommand(key=row.key, command=command, case_id=case_id, sequence=row.sequence)
    return message_from(row, json.loads(row.data))


def message_from(row: Any, data: dict[str, Any]) -> OwedMessage | OwedNotice:
    """A row that is no command; `data` is its text, read."""
    to = PersonId(row.to_person)
    if row.case_id is None:
        facts = {name: value for name, value in data.items() if name != "about"}
        return OwedNotice(kind=NoticeKind(row.kind), to=to, about=data["about"], data=facts)
    return OwedMessage(
        key=row.key,
        kind=MessageKind(row.kind),
        to=to,
        case_id=CaseId(row.case_id),
        sequence=row.sequence,
        data=data,
    )
