"""What a command is judged on, read in the transaction that will save its events. Frozen, without I/O."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from engine.case.absence import StandIn
from engine.case.state import Actor, Deadline
from engine.case.workdays import WorkCalendar
from engine.ids import CaseId, PersonId


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where a person works: the calendar of their own, if any, and the zone they live in."""

    calendar: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`people` are the holders of each role for this SOP or company-wide; the case's own assignments go
    before them. `same_as` names one identity for all those of one person, where a person has several.

    `settings` are canonical values by setting name; a missing one is unset. `successor` names the case a
    transition may open. `external` are the persons outside the company. `stand_ins` are those of today and of
    days to come. `calendar` is the SOP's; `calendars` holds it by id beside those of its stages and of people
    (`whereabouts`).
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
    calendars: Mapping[str, WorkCalendar] = field(default_factory=dict[str, WorkCalendar])
    whereabouts: Mapping[PersonId, Whereabouts] = field(default_factory=dict[PersonId, Whereabouts])

    def calendar_named(self, calendar: str) -> WorkCalendar:
        """The calendar of this id; the SOP's own for one that is not known here."""
        return self.calendars.get(calendar, self.calendar)

    def calendar_for(self, deadline: Deadline | None) -> WorkCalendar:
        """The calendar a deadline was counted with, as it is now."""
        known = None if deadline is None else deadline.reckoned
        return self.calendar if known is None else self.calendar_named(known.calendar)

    def calendar_of(self, person: PersonId, there: WorkCalendar | None = None) -> WorkCalendar:
        """When this person works: by their own calendar, else by the one that counts `there`, the SOP's where
        nothing is said, in the zone they live in.
        """
        known, counts = self.whereabouts.get(person), there or self.calendar
        if known is None:
            return counts
        own = self.calendars.get(known.calendar)
        return replace(counts, zone=known.zone) if own is None else own

    def one(self, person: PersonId) -> PersonId:
        """The person behind an identity."""
        return self.same_as.get(person, person)

    def same(self, one: PersonId, other: PersonId) -> bool:
        return self.one(one) == self.one(other)


def child_id(parent: CaseId, sequence: int) -> CaseId:
    """The id of a case opened by an event: the parent's id and the event's sequence."""
    return CaseId(f"{parent}.{sequence}")
