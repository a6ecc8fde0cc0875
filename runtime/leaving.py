"""离职转办: what somebody leaves behind becomes a successor's: roles, then case by case; then they go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from engine.case import signer_commands as sc
from engine.case.absence import not_theirs
from engine.case.decide import decide
from engine.case.leaving import has_work
from engine.case.refusal import Blocker, Refusal
from engine.case.state import Actor, Case
from engine.case.wording import say
from engine.case.written import unusable
from engine.clock import Clock
from engine.errors import GuankaError
from engine.ids import CaseId, PersonId
from engine.ports import Doors
from engine.store.store import Store
from engine.text import Text
from runtime.absences import owners
from runtime.desertions import Desertions


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaving:
    """`cases`: only these, where several successors share the work; None is everything."""

    person: PersonId
    to: PersonId
    reason: str
    cases: Sequence[CaseId] | None = None


class HandOverRefused(GuankaError):
    """Nothing was handed over, in no case."""

    def __init__(self, blocker: Blocker) -> None:
        super().__init__(Text(say(blocker, "zh"), say(blocker, "en")))
        self.blocker = blocker


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOver:
    """`roles` are those held beyond single cases. `stays`: cases that wait for another successor, and why.

    `gone`: nothing is left, and the person is asked nothing any more.
    """

    roles: tuple[str, ...]
    cases: tuple[CaseId, ...]
    stays: Mapping[CaseId, Refusal]
    periods: int
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HandingOver:
    store: Store
    service: Doors
    clock: Clock

    def carry_out(self, leaving: Leaving, *, actor: Actor) -> HandedOver:
        """Done again it goes on where it stopped. Raises UnknownPerson, HandOverRefused."""
        self._fit(leaving, actor)
        roles: tuple[str, ...] = ()
        periods = 0
        if leaving.cases is None:
            roles = self.store.people.hand_over_roles(leaving.person, leaving.to)
            periods = self.store.stand_ins.end_all_of(leaving.person, by=actor.person, now=self.clock.now())
        moved: list[CaseId] = []
        stays: dict[CaseId, Refusal] = {}
        for case in self._cases(leaving):
            answer = self.service.handle(_command(leaving, case.id), actor=actor)
            if answer.refusal is not None:
                stays[case.id] = answer.refusal
            elif answer.events:
                moved.append(case.id)
        gone = not stays and self._let_go(leaving.person)
        Desertions(self.store, self.service).tell()
        return HandedOver(roles=roles, cases=tuple(moved), stays=stays, periods=periods, gone=gone)

    def foresee(self, leaving: Leaving, *, actor: Actor) -> HandedOver:
        """What would happen, as things stand; nothing is changed. Raises UnknownPerson, HandOverRefused."""
        self._fit(leaving, actor)
        moved: list[CaseId] = []
        stays: dict[CaseId, Refusal] = {}
        for case in self._cases(leaving):
            definition = self.store.definitions.by_digest(case.definition)
            facts = self.service.facts(definition, self.store.people.company(case.sop), actor)
            answer = decide(definition, case, _command(leaving, case.id), facts)
            if isinstance(answer, Refusal):
                stays[case.id] = answer
            elif answer:
                moved.append(case.id)
        held = self.store.people.holders().items()
        roles = tuple(role for (_, role), persons in held if leaving.person in persons)
        return HandedOver(
            roles=roles if leaving.cases is None else (),
            cases=tuple(moved),
            stays=stays,
            periods=0,
            gone=False,
        )

    def _fit(self, leaving: Leaving, actor: Actor) -> None:
        """What would be refused in every case is refused before anything is touched."""
        people = self.store.people
        person, to = people.get(leaving.person, "person"), people.get(leaving.to, "to")
        stop = not_theirs(person.id, actor.person, owners(self.store))
        if stop is not None:
            raise HandOverRefused(stop)
        if not leaving.reason.strip():
            raise HandOverRefused(unusable(code="text_missing", what="reason"))
        if not to.active:
            raise HandOverRefused(Blocker(code="no_such_person", subject=to.id))
        if person.id == to.id:
            raise HandOverRefused(Blocker(code="successor_is_leaver", subject=to.id))
        if person.external is not to.external:
            raise HandOverRefused(Blocker(code="successor_outside", subject=to.id))

    def _cases(self, leaving: Leaving) -> Iterator[Case]:
        for case in self.store.board.mentioning(leaving.person):
            if has_work(case, leaving.person) and (leaving.cases is None or case.id in leaving.cases):
                yield case

    def _let_go(self, person: PersonId) -> bool:
        left = any(has_work(case, person) for case in self.store.board.mentioning(person))
        if left or any(person in held for held in self.store.people.holders().values()):
            return False
        self.store.people.put(replace(self.store.people.get(person), active=False))
        return True


def _command(leaving: Leaving, case_id: CaseId) -> sc.HandOverWork:
    return sc.HandOverWork(case_id=case_id, person=leaving.person, to=leaving.to, reason=leaving.reason)
