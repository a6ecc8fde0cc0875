"""Foresight over the store: what today's people mean for an SOP and for its running cases."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from engine.case.facts import Facts
from engine.case.foreseen import Foreseen, Gravity
from engine.case.foresight import Cases, foresee
from engine.case.foresight_words import as_one, said, together
from engine.case.outlook import Staff
from engine.case.state import RULE, Actor, Case
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.ports import Company
from engine.store.company import WHOLE_COMPANY
from engine.store.people import Person
from engine.store.store import Store
from engine.text import Text


class Judge(Protocol):
    def facts(self, definition: Definition, company: Company, actor: Actor) -> Facts: ...


class Office(Protocol):
    """What a process has open; the parts of the command line and of the pages both are one."""

    @property
    def store(self) -> Store: ...
    @property
    def service(self) -> Judge: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One thing foreseen with its words."""

    found: Foreseen
    what: Text
    mend: Text

    @property
    def gravity(self) -> Gravity:
        return self.found.gravity


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """The same thing of several approvals in one sentence."""

    gravity: Gravity
    paths: tuple[str, ...]
    what: Text
    mend: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldUp:
    """A running case in which an approval that waits, or comes next, could be signed by nobody."""

    case_id: CaseId
    title: str
    told: tuple[Told, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleCheck:
    """`cases` are those held up by something of their own; `too` counts those held up by what is told of the
    SOP anyway. `summed_up` is all that is told of the SOP in few sentences, the grave ones first.
    """

    sop: str
    told: tuple[Told, ...]
    cases: tuple[HeldUp, ...] = ()
    too: int = 0
    summed_up: tuple[Together, ...] = ()

    def graves(self) -> tuple[Told, ...]:
        return tuple(one for one in self.told if one.gravity is Gravity.NOBODY)

    @property
    def ok(self) -> bool:
        return not self.graves() and not self.cases


def check_people(office: Office, definition: Definition, *, cases: bool = False) -> PeopleCheck:
    """Of this SOP; with `cases`, also of every running case of it, each by the version it runs on."""
    sop = definition.sop.sop
    people = office.store.people.all()
    check = _Check(office, office.store.people.company(sop), _staff(office.store, people, sop))
    told = check.of_sop(definition)
    found = PeopleCheck(sop=sop, told=told, summed_up=check.summed_up(told, definition))
    return check.with_cases(found, definition) if cases else found


def _staff(store: Store, people: list[Person], sop: str) -> Staff:
    active = {person.id for person in people if person.active}
    inactive: dict[str, tuple[PersonId, ...]] = {}
    for (scope, role), persons in store.people.holders().items():
        if scope in (WHOLE_COMPANY, sop):
            gone = tuple(p for p in persons if p not in active)
            inactive[role] = (*inactive.get(role, ()), *gone)
    return Staff(
        names={person.id: person.name for person in people},
        inactive={role: persons for role, persons in inactive.items() if persons},
        unreachable=frozenset(p.id for p in people if p.external and not (p.email or p.channels)),
    )


@dataclass(slots=True)
class _Check:
    office: Office
    company: Company
    staff: Staff

    def of_sop(self, definition: Definition) -> tuple[Told, ...]:
        return self._told(foresee(definition, self._facts(definition), self.staff), definition)

    def with_cases(self, found: PeopleCheck, definition: Definition) -> PeopleCheck:
        known = {one.found for one in found.graves()}
        held, too = list[HeldUp](), 0
        for case, new in self._held_up(found.sop):
            own = [one for one in new if case.definition != definition.digest or one not in known]
            if not own:
                too += 1
                continue
            version = self.office.store.definitions.by_digest(case.definition)
            told = self._told(tuple(own), version, case=case.id)
            held.append(HeldUp(case_id=case.id, title=case.title, told=told))
        return replace(found, cases=tuple(held), too=too)

    def _held_up(self, sop: str) -> Iterator[tuple[Case, tuple[Foreseen, ...]]]:
        alike: dict[str, Cases] = {}
        for case in self.office.store.board.running(sop):
            if case.definition not in alike:
                definition = self.office.store.definitions.by_digest(case.definition)
                alike[case.definition] = Cases(definition, self._facts(definition), self.staff)
            found = alike[case.definition].foresee(case)
            if found:
                yield case, found

    def _facts(self, definition: Definition) -> Facts:
        return self.office.service.facts(definition, self.company, RULE)

    def summed_up(self, told: tuple[Told, ...], definition: Definition) -> tuple[Together, ...]:
        found: list[Together] = []
        for group in together(one.found for one in told):
            words = said(as_one(group), definition, self._name)
            paths = tuple(one.path for one in group)
            gravity = group[0].gravity
            found.append(Together(gravity=gravity, paths=paths, what=words.what, mend=words.mend))
        return tuple(sorted(found, key=lambda one: tuple(Gravity).index(one.gravity)))

    def _name(self, person: PersonId) -> str:
        return self.staff.names.get(person, person)

    def _told(
        self, found: tuple[Foreseen, ...], definition: Definition, *, case: str = ""
    ) -> tuple[Told, ...]:
        words = ((one, said(one, definition, self._name, case=case)) for one in found)
        return tuple(Told(found=one, what=each.what, mend=each.mend) for one, each in words)
