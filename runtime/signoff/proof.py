"""The part of a record that strangers recompute: hashed bodies, what their commitments hide, and the seal."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from engine.case import events as ev
from engine.case import signer_events as se
from engine.ids import PersonId
from engine.store.chain import START, Link
from engine.store.mapping import canonical
from runtime.signoff.story import Story

# Of these events nothing but the named parts is disclosed: the rest of what they hide is the company's.
_NARROW: Mapping[type[Any], tuple[str, ...]] = {ev.CaseStarted: ("title",), ev.DeliverableAttached: ("name",)}
_FOR_OUTSIDE: Mapping[type[Any], tuple[str, ...]] = {
    **_NARROW,
    ev.TransitionRequested: ("reason",),
    ev.ApprovalOpened: ("changes",),
    ev.DecisionRecorded: ("comment",),
}
_OWN = ("comment", "reason", "client", "os_user")


def proof(story: Story, links: Sequence[Link], reader: PersonId | None) -> list[dict[str, Any]]:
    """`links` is the whole chain of the case. To a `reader` outside the company only what was shown to this
    person is disclosed, and what this person left behind.
    """
    wanted = {recorded.sequence for recorded in story.events}
    before = {link.recorded.sequence: link.hash for link in links}
    return [
        {
            "sequence": link.recorded.sequence,
            "previous": before.get(link.recorded.sequence - 1, START),
            "body": link.body,
            "hash": link.hash,
            "private": _disclosed(link, reader),
        }
        for link in links
        if link.recorded.sequence in wanted
    ]


def _disclosed(link: Link, reader: PersonId | None) -> dict[str, Any]:
    parts: dict[str, Any] = json.loads(link.private) if link.private else {}
    allowed = _allowed(link.recorded, reader)
    return parts if allowed is None else {name: part for name, part in parts.items() if name in allowed}


def _allowed(recorded: ev.Recorded, reader: PersonId | None) -> tuple[str, ...] | None:
    kind = type(recorded.event)
    if reader is None:
        return _NARROW.get(kind)
    own = isinstance(recorded.event, ev.DecisionRecorded | se.DecisionTakenBack)
    if own and recorded.actor.person == reader:
        return _OWN
    return _FOR_OUTSIDE.get(kind, ())


def sealed(record: Mapping[str, Any]) -> dict[str, Any]:
    """With the SHA-256 over everything else in it, so that one line on paper stands for the whole file."""
    open_ = {name: part for name, part in record.items() if name != "seal"}
    return {**open_, "seal": hashlib.sha256(canonical(open_).encode()).hexdigest()}
