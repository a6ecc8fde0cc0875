"""What is being decided: the case as it would be, and the events so far. The only mutable thing in the
core; it never leaves `decide`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date

from engine.case.calendar import local_date
from engine.case.events import Event, Recorded
from engine.case.evolve import evolve
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Refusal, Why
from engine.case.state import RULE, Actor, Case
from engine.case.workdays import WorkCalendar
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId


class Refused(Exception):
    """Carries a refusal from wherever it was found up to `decide`, which answers with it: not a failure."""

    def __init__(self, why: Why, *blockers: Blocker) -> None:
        super().__init__(why)
        self.refusal = Refusal(why=why, blockers=blockers)


@dataclass(slots=True)
class Draft:
    definition: Definition
    facts: Facts
    case_id: CaseId
    before: Case | None
    _case: Case | None = None
    events: list[Recorded] = field(default_factory=list[Recorded])

    def __post_init__(self) -> None:
        self._case = self.before

    @property
    def case(self) -> Case:
        if self._case is None:
            raise Refused(Why.NOT_FOUND, Blocker(code="no_such_case", subject=self.case_id))
        return self._case

    @property
    def sequence(self) -> int:
        """The sequence the next event will have."""
        return (self._case.version if self._case else 0) + 1

    @property
    def today(self) -> date:
        return local_date(self.facts.calendar, self.facts.now)

    def add(self, event: Event, *, actor: Actor | None = None) -> None:
        recorded = Recorded(
            case_id=self.case_id,
            sequence=self.sequence,
            at=self.facts.now,
            actor=actor or self.facts.actor,
            event=event,
        )
        self.events.append(recorded)
        self._case = evolve(self._case, recorded)

    def add_by_rule(self, event: Event) -> None:
        self.add(event, actor=RULE)

    @contextmanager
    def attempt(self) -> Generator[None]:
        """What is done inside counts whole or, when a rule or a blocker refuses it, not at all."""
        case, events = self._case, len(self.events)
        try:
            yield
        except Refused:
            self._case = case
            del self.events[events:]

    def calendar_in(self, stage: str) -> WorkCalendar:
        """The calendar that counts in a stage."""
        return self.facts.calendar_named(self.definition.calendar_of(stage))

    def holders(self, role: str | None) -> tuple[PersonId, ...]:
        return holders(self.case, self.facts, role)


def holders(case: Case, facts: Facts, role: str | None) -> tuple[PersonId, ...]:
    """Who holds a role: as assigned on the case, else for the SOP, else in the company. Each person once.

    Whoever was assigned on the case and has left holds it no more; nobody moves up in that person's place.
    """
    if role is None:
        return ()
    persons = dict.fromkeys(case.roles.get(role) or facts.people.get(role, ()))
    return tuple(person for person in persons if facts.known is None or person in facts.known)
