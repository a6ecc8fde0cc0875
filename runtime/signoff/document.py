"""The record of one approval as a document: a statement for people, and under it the proof."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.events import Recorded
from engine.case.state import RULE_PERSON
from engine.clock import as_utc
from engine.ids import CaseId, PersonId
from engine.store.anchor import Anchor, Head
from engine.store.chain import Link
from engine.store.people import Person
from runtime.signoff.proof import proof, sealed
from runtime.signoff.story import Outcome, Round, Story, outcome
from runtime.signoff.wording import Reading, file_of, words

FORMAT: Final = "guanka-record/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """All that a record is made of. `reader` is the person outside the company it is made for, if it is;
    `public_url` is empty where nobody elsewhere could open it.
    """

    story: Story
    links: Sequence[Link]
    version: int
    people: Mapping[PersonId, Person]
    zone: str
    made_at: datetime
    anchored: tuple[Anchor, Head] | None = None
    public_url: str = ""
    reader: PersonId | None = None


def record_of(material: Material) -> dict[str, Any]:
    return _Record(material).made()


class _Record:
    def __init__(self, material: Material) -> None:
        self._m = material
        self._story = material.story
        self._reading = Reading(name_of=self._name, zone=ZoneInfo(material.zone))

    def made(self) -> dict[str, Any]:
        events = proof(self._story, self._m.links, self._m.reader)
        head = self._m.links[-1]
        last = next(e for e in reversed(events) if '"kind":"deliverable_attached"' not in e["body"])
        record = {
            "format": FORMAT,
            "made_at": _instant(self._m.made_at),
            "zone": self._m.zone,
            "case": self._case(),
            "approval": self._approval(),
            "request": self._request(),
            "rounds": [self._round(one) for one in self._story.rounds],
            "events": events,
            "head": {"sequence": head.recorded.sequence, "hash": head.hash},
            "anchor": self._anchor(),
            "check": {
                "sequence": last["sequence"],
                "hash": last["hash"],
                "url": check_url(self._m.public_url, head.recorded.case_id, last["sequence"], last["hash"]),
            },
        }
        return sealed(record)

    def _title(self, name: str) -> dict[str, str]:
        return words(self._story.last.definition.title_of(name))

    def _name(self, person: str) -> str:
        known = self._m.people.get(PersonId(person))
        return known.name if known else person

    def _person(self, person: PersonId) -> dict[str, Any]:
        known = self._m.people.get(person)
        rule = person == RULE_PERSON
        name = "" if rule else self._name(person)
        return {"id": person, "name": name, "external": bool(known and known.external)}

    def _case(self) -> dict[str, Any]:
        sop = self._story.last.definition.sop
        case = self._story.last.case
        return {
            "id": case.id,
            "title": case.title,
            "sop": {
                "id": sop.sop,
                "title": words(sop.title),
                "version": self._m.version,
                "digest": self._story.last.definition.digest,
            },
        }

    def _approval(self) -> dict[str, Any]:
        last, now = self._story.last, outcome(self._story)
        return {
            "id": self._story.approval,
            "name": last.spec.id,
            "title": self._title(last.spec.id),
            "transition": {"name": last.transition.id, "title": self._title(last.transition.id)},
            "mode": last.spec.mode.value,
            **_outcome(now),
        }

    def _request(self) -> dict[str, Any]:
        asked = self._story.request
        assert isinstance(asked.event, ev.TransitionRequested)  # noqa: S101 - the story found it by its kind
        return {
            "sequence": asked.sequence,
            "by": self._person(asked.actor.person),
            "at": _instant(asked.at),
            "reason": asked.event.reason,
        }

    def _round(self, one: Round) -> dict[str, Any]:
        """`text` is None, and nothing is listed, where what was signed has been erased."""
        return {
            "round": one.approval.round,
            "sequence": one.opened.sequence,
            "opened_at": _instant(one.opened.at),
            "content": one.approval.content,
            "text": one.text,
            "fields": self._fields(one) if one.text else [],
            "documents": self._documents(one) if one.text else [],
            "missing": self._missing(one) if one.text else [],
            "decisions": [self._decision(one, r) for r in self._story.decisions(one.approval.round)],
        }

    def _fields(self, one: Round) -> list[dict[str, Any]]:
        fields, values = one.definition.sop.fields, one.case.values
        return [
            self._reading.field(name, fields[name], values.get(name)) for name in one.names if name in fields
        ]

    def _documents(self, one: Round) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = [
            {
                "name": paper.deliverable,
                "title": self._title(paper.deliverable),
                "version": paper.version,
                "file": paper.name,
                "size": paper.size,
                "sha256": paper.hash,
            }
            for paper in one.papers
        ]
        for name in one.names:
            held = file_of(one.definition.sop.fields.get(name), one.case.values.get(name))
            if held is not None:
                said = {"file": held["name"], "size": held["size"], "sha256": held["hash"]}
                found.append({"name": name, "title": self._title(name), "version": None, **said})
        return found

    def _missing(self, one: Round) -> list[dict[str, Any]]:
        """Documents that could have been shown, and had not been attached."""
        there = {*one.definition.sop.fields, *one.case.attachments}
        return [{"name": name, "title": self._title(name)} for name in one.names if name not in there]

    def _decision(self, one: Round, recorded: Recorded) -> dict[str, Any]:
        """`by` differs from `person` where somebody stood in."""
        event = recorded.event
        assert isinstance(event, ev.DecisionRecorded)  # noqa: S101 - the story found it by its kind
        mine = self._m.reader in (None, recorded.actor.person)
        client = event.client if mine else None
        return {
            "sequence": recorded.sequence,
            "at": _instant(recorded.at),
            "person": {**self._person(event.person), "role": self._role(one, event.person)},
            "by": self._person(recorded.actor.person),
            "verdict": event.verdict.value,
            "comment": event.comment,
            "assurance": event.assurance.value,
            "via": recorded.actor.via.value,
            "language": event.language,
            "issue": event.issue,
            "shown_at": _instant(event.shown_at) if event.shown_at else None,
            "client": None
            if client is None
            else {"address": client.address, "forwarded": client.forwarded, "agent": client.agent},
            "taken_back": self._taken_back(recorded, event),
        }

    def _role(self, one: Round, person: PersonId) -> dict[str, str]:
        asks = {ask.person: ask.role for ask in one.approval.asks}
        return self._title(asks[person]) if asks.get(person) else {"zh": "", "en": ""}

    def _taken_back(self, recorded: Recorded, event: ev.DecisionRecorded) -> bool:
        """By the same person, before answering once more."""
        later = [r.event for r in self._story.events if r.sequence > recorded.sequence]
        for one in later:
            if isinstance(one, ev.DecisionRecorded) and one.person == event.person:
                return False
            if isinstance(one, se.DecisionTakenBack) and one.person == event.person:
                return True
        return False

    def _anchor(self) -> dict[str, Any] | None:
        if self._m.anchored is None:
            return None
        anchor, head = self._m.anchored
        return {
            "at": _instant(anchor.at),
            "count": anchor.count,
            "root": anchor.root,
            "sequence": head.version,
            "hash": head.hash,
        }


def check_url(public_url: str, case: CaseId, sequence: int, digest: str) -> str | None:
    return f"{public_url.rstrip('/')}/check/{case}/{sequence}/{digest}" if public_url else None


def as_file(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, indent=1) + "\n"


def _outcome(now: Outcome) -> dict[str, Any]:
    at = _instant(now.at) if now.at else None
    return {"state": now.state, "at": at, "by_rule": now.by_rule}


def _instant(at: datetime) -> str:
    return as_utc(at).isoformat()
