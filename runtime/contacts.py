"""A customer's contact on a case: registered and put into the role in one act."""

from dataclasses import dataclass
from typing import Protocol

from engine.case import commands as cmd
from engine.case.contacts import Newcomer, Wanted, contact, external_roles
from engine.case.draft import holders
from engine.case.facts import Facts
from engine.case.refusal import Refusal
from engine.case.state import Actor, Case
from engine.definition.compiled import Definition
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.ports import Answer
from engine.store.people import Person
from engine.store.store import Store

TRIES = 5


class Door(Protocol):
    def handle(
        self, command: cmd.Command, *, actor: Actor, key: str | None = None, if_version: int | None = None
    ) -> Answer: ...
    def introduce(
        self, newcomer: Newcomer, command: cmd.Command, *, actor: Actor, key: str | None = None
    ) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """`person` is who now holds the role, also where the e-mail was known; None when it was refused."""

    answer: Answer
    person: Person | None = None
    known: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Of one case, which is there."""

    store: Store
    door: Door

    def add(
        self, case: Case, definition: Definition, wanted: Wanted, *, actor: Actor, key: str | None = None
    ) -> Added:
        """Everything is kept, or nothing. Who takes the same id or e-mail at the same moment is met again
        as somebody known.
        """
        for _ in range(TRIES - 1):
            try:
                return self._once(case, definition, wanted, actor=actor, key=key)
            except VersionMoved:
                continue
        return self._once(case, definition, wanted, actor=actor, key=key)

    def _once(
        self, case: Case, definition: Definition, wanted: Wanted, *, actor: Actor, key: str | None
    ) -> Added:
        who = contact(definition, wanted, self.store.people.all())
        if isinstance(who, Refusal):
            return Added(answer=Answer(case_id=case.id, version=case.version, refusal=who))
        if isinstance(who, Newcomer):
            answer = self.door.introduce(who, _joins(case.id, wanted.role, who.id), actor=actor, key=key)
        else:
            answer = self.door.handle(_joins(case.id, wanted.role, who), actor=actor, key=key)
        if answer.refusal is not None:
            return Added(answer=answer)
        person = who.id if isinstance(who, Newcomer) else who
        return Added(answer=answer, person=self.store.people.get(person), known=not isinstance(who, Newcomer))


def _joins(case: CaseId, role: str, person: PersonId) -> cmd.AssignRoles:
    return cmd.AssignRoles(case_id=case, roles={role: (person,)}, joining=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnCase:
    """Who stands for the other side. `own`: named on this case, not for the company."""

    role: str
    person: Person
    own: bool


def on_case(case: Case, definition: Definition, facts: Facts, people: list[Person]) -> list[OnCase]:
    known = {person.id: person for person in people}
    found: list[OnCase] = []
    for role in external_roles(definition):
        for person in holders(case, facts, role):
            if person in known:
                own = person in case.roles.get(role, ())
                found.append(OnCase(role=role, person=known[person], own=own))
    return found
