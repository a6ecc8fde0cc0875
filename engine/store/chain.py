"""The chain of one case: each event's body is hashed together with the hash before it.

The body is canonical JSON, kept as the text that was hashed. Parts that may hold names or free text stand
in it only as a commitment, the SHA-256 of a salt and the value; the values lie beside it, so that they can
be erased and the chain still verifies. An empty part is no secret and stays where it is.
"""

import hashlib
import json
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

from engine.case import events as ev
from engine.case.state import Actor, Via
from engine.clock import as_utc
from engine.ids import CaseId, PersonId
from engine.store.mapping import adapter, canonical

Salt = Callable[[], str]
Upcaster = Callable[[str, dict[str, Any]], dict[str, Any]]
Private = dict[str, Any]  # part -> [salt, value]

START = "0" * 64
ERASED_TEXT = "[erased]"
ERASED: Mapping[str, Any] = {"values": {}, "changes": [], "os_user": None, "client": None}
UPCASTERS: dict[int, Upcaster] = {}  # schema number -> makes (kind, data) of the next number
KINDS: dict[str, type[Any]] = {
    kind.__dataclass_fields__["kind"].default: kind for kind in get_args(get_args(ev.Event)[0])
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """One event as it is stored. `private` is None when nothing in it may be erased."""

    recorded: ev.Recorded
    body: str
    hash: str
    private: str | None

    def row(self) -> dict[str, Any]:
        event, actor = self.recorded.event, self.recorded.actor
        return {
            "case_id": self.recorded.case_id,
            "sequence": self.recorded.sequence,
            "schema_number": ev.EVENT_SCHEMA,
            "kind": event.kind,
            "at": self.recorded.at,
            "person": actor.person,
            "via": actor.via.value,
            "flow_run": getattr(event, "flow_run", None),
            "body": self.body,
            "hash": self.hash,
        }


def hash_of(previous: str, body: str) -> str:
    return hashlib.sha256(bytes.fromhex(previous) + body.encode()).hexdigest()


def seal(
    previous: str, events: Sequence[ev.Recorded], salt: Salt = lambda: secrets.token_hex(16)
) -> list[Link]:
    """The events as links of the chain that ends in the hash `previous`."""
    links: list[Link] = []
    for recorded in events:
        body, private = _body(recorded, salt)
        previous = hash_of(previous, body)
        links.append(Link(recorded=recorded, body=body, hash=previous, private=private))
    return links


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A stored event, read: its body, and what is left of its private parts."""

    body: dict[str, Any]
    parts: Private

    def recorded(self) -> ev.Recorded:
        """The event again; a part whose value is gone reads "[erased]", or is empty where it is no text."""
        kind, actor = self.body["kind"], self._revealed("actor")
        data = self._revealed("data")
        for number in range(self.body["schema"], ev.EVENT_SCHEMA):
            data = UPCASTERS[number](kind, data)
        return ev.Recorded(
            case_id=CaseId(self.body["case"]),
            sequence=self.body["sequence"],
            at=datetime.fromisoformat(self.body["at"]),
            actor=Actor(
                person=PersonId(actor["person"]), via=Via(actor["via"]), os_user=actor.get("os_user")
            ),
            event=adapter(KINDS[kind]).validate_python({**data, "kind": kind}),
        )

    def broken_commitments(self) -> list[str]:
        """The parts whose stored value is not the one committed to, or that the body does not ask for."""
        promised = {**self.body["data"], **self.body["actor"]}
        return [name for name, part in self.parts.items() if promised.get(name) != _commit(name, *part)]

    def _revealed(self, section: str) -> dict[str, Any]:
        return {name: _revealed(name, value, self.parts) for name, value in self.body[section].items()}


def opened(body: str, private: str | None) -> Opened:
    return Opened(body=json.loads(body), parts=json.loads(private) if private else {})


def unseal(body: str, private: str | None) -> ev.Recorded:
    return opened(body, private).recorded()


def without_parts(private: str, names: Iterable[str]) -> str | None:
    """The private row without these parts; None when nothing is left."""
    gone = set(names)
    left = {name: part for name, part in json.loads(private).items() if name not in gone}
    return canonical(left) if left else None


def _body(recorded: ev.Recorded, salt: Salt) -> tuple[str, str | None]:
    event, actor = recorded.event, recorded.actor
    data: dict[str, Any] = adapter(type(event)).dump_python(event, mode="json")
    del data["kind"]
    who: dict[str, Any] = {"person": actor.person, "via": actor.via.value}
    if actor.os_user:
        who["os_user"] = actor.os_user
    parts: Private = {**_hide(data, event.private, salt), **_hide(who, ("os_user",), salt)}
    body = {
        "actor": who,
        "at": as_utc(recorded.at).isoformat(),
        "case": recorded.case_id,
        "data": data,
        "kind": event.kind,
        "schema": ev.EVENT_SCHEMA,
        "sequence": recorded.sequence,
    }
    return canonical(body), canonical(parts) if parts else None


def _hide(data: dict[str, Any], names: Iterable[str], salt: Salt) -> Private:
    """Puts commitments into `data` in place of the named parts, and returns what they hide."""
    parts: Private = {}
    for name in names:
        if data.get(name):
            parts[name] = [salt(), data[name]]
            data[name] = _commit(name, *parts[name])
    return parts


def _commit(name: str, salt: str, value: Any) -> dict[str, str]:
    text = f"{salt}{name}:{canonical(value)}"
    return {"private": hashlib.sha256(text.encode()).hexdigest()}


def _revealed(name: str, value: Any, parts: Private) -> Any:
    if name in parts:
        return parts[name][1]
    if isinstance(value, dict) and set(value) == {"private"}:
        return ERASED.get(name, ERASED_TEXT)
    return value
