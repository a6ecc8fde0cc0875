"""What a command is judged on, read in the transaction that will save its events. Frozen, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from engine.case.absence import StandIn
from engine.case.calendar import WorkCalendar
from engine.case.state import Actor
from engine.ids import CaseId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`people` are the holders of each role for this SOP or company-wide; the case's own assignments go
    before them. `same_as` names one identity for all those of one person, where a person has several.

    `settings` are canonical values by setting name; a missing one is unset. `successor` names the case a
    transition may open. `external` are the persons outside the company. `stand_ins` are those of today and of
    days to come.
    """

    now: datetime
    actor: Actor
    calendar: WorkCalendar
    settings: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    people: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    external: frozenset[PersonId] = frozenset()
    known: frozenset[PersonId] | None = None
    sops: frozenset[str] = frozenset()
    same_as: Mapping[PersonId, PersonId] = field(default_factory=dict[PersonId, PersonId])
    stand_ins: tuple[StandIn, ...] = ()

    def one(self, person: PersonId) -> PersonId:
        """The person behind an identity."""
        return self.same_as.get(person, person)

    def same(self, one: PersonId, other: PersonId) -> bool:
        return self.one(one) == self.one(other)


def child_id(parent: CaseId, sequence: int) -> CaseId:
    """The id of a case opened by an event: the parent's id and the event's sequence."""
    return CaseId(f"{parent}.{sequence}")
