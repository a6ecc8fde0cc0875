"""One approval under examination: why nobody could sign it, or on whom it hangs."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from engine.case.approvals import may_sign, signed_elsewhere
from engine.case.foreseen import Foresaw, Foreseen
from engine.case.outlook import Outlook, Scene, apart, passes, requesters, room_beside
from engine.case.state import RULE_PERSON, Ask
from engine.definition.approval_model import ApprovalSpec, Mode
from engine.definition.model import TransitionSpec
from engine.ids import PersonId


def of_approval(scene: Scene, transition: TransitionSpec, spec: ApprovalSpec) -> tuple[Foreseen, ...]:
    here = Examined(scene, transition, spec)
    found = list(here.nobody())
    if not found:
        found += here.hangs_on_who_asks()
        found += here.one_person()
        found += here.spare_roles()
    return (*found, *here.timeout(), *here.copies())


@dataclass(frozen=True, slots=True)
class Examined:
    """One approval under examination."""

    scene: Scene
    transition: TransitionSpec
    spec: ApprovalSpec

    def nobody(self) -> Iterator[Foreseen]:
        """Why nobody could sign it whoever asks; nothing when somebody could."""
        free = self.scene.outlook(self.spec, RULE_PERSON)
        if free.unfilled:
            yield from self.reasons(free.unfilled, free)
            return
        asking = self._asking()
        vain = self._vain(asking)
        if len(vain) < len(asking):
            yield from self._kept_apart([r for r in asking if r not in vain])
        elif any(not self.scene.outlook(self.spec, r).unfilled for r in vain):
            yield from self.out_of_reach(free.asks)
        else:
            yield from self.only_requesters(vain)

    def reasons(self, unfilled: tuple[str, ...], found: Outlook) -> list[Foreseen]:
        """Each role that is empty; where none is, the votes that are too few."""
        barred = signed_elsewhere(self.scene.definition, self.scene.case, self.spec)
        empty: list[Foreseen] = []
        for role in unfilled:
            persons = self.scene.holders(role)
            if not persons:
                empty.append(self._empty(role))
            elif not any(may_sign(barred, self.scene.facts, p) for p in persons):
                empty.append(self._of(Foresaw.KEPT_APART, "not_same_person_as", persons=persons))
        if not empty and self.spec.mode is Mode.VOTES and isinstance(self.spec.threshold, int):
            there = sum(ask.weight for ask in found.asks)
            empty.append(self._of(Foresaw.TOO_LIGHT, "threshold", numbers=(there, self.spec.threshold)))
        return empty

    def _empty(self, role: str) -> Foreseen:
        gone = self.scene.staff.inactive.get(role, ())
        declared = self.scene.definition.sop.roles.get(role)
        per_case = declared is not None and declared.external and not self.scene.case.id
        if gone:
            return self._of(Foresaw.ROLE_INACTIVE, "by", role=role, persons=gone)
        return self._of(Foresaw.ROLE_PER_CASE if per_case else Foresaw.ROLE_EMPTY, "by", role=role)

    def only_requesters(self, asking: tuple[PersonId, ...]) -> list[Foreseen]:
        return [self._of(Foresaw.ONLY_REQUESTERS, "by", persons=asking)]

    def out_of_reach(self, asks: Iterable[Ask]) -> list[Foreseen]:
        lost = tuple(ask.person for ask in asks if not self.scene.able(ask.person))
        return [self._of(Foresaw.OUT_OF_REACH, "by", persons=lost)]

    def _kept_apart(self, asking: list[PersonId]) -> Iterator[Foreseen]:
        for other in apart(self.scene, self.spec):
            if not any(room_beside(self.scene, self.spec, r, other) for r in asking):
                who = tuple(ask.person for ask in self.scene.outlook(self.spec, RULE_PERSON).asks)
                yield self._of(Foresaw.KEPT_APART, "not_same_person_as", persons=who)

    def hangs_on_who_asks(self) -> Iterator[Foreseen]:
        """For whom nobody could sign when they ask, and whether it hangs on one person anyway."""
        able = [
            a.person for a in self.scene.outlook(self.spec, RULE_PERSON).asks if self.scene.able(a.person)
        ]
        alone = len(self.scene.persons(able)) == 1
        vain = self._vain(self._asking())
        if alone:
            code = Foresaw.ONLY_ONE_NOT_OWN if vain else Foresaw.ONLY_ONE
            yield self._of(code, "by", persons=tuple(able))
        usual = bool(self._owners()) and self._owners() <= self.scene.persons(vain)
        if vain and (usual or not alone):
            yield self._of(Foresaw.OWN_REQUEST, "by", persons=vain, usual=usual)

    def _owners(self) -> frozenset[PersonId]:
        """Who usually asks: whoever owns a stage it starts from."""
        stages = [s for found in self.scene.definition.sources(self.transition).values() for s in found]
        owners = (self.scene.definition.stages[stage].owner for stage in stages)
        return self.scene.persons(p for role in owners for p in self.scene.holders(role))

    def one_person(self) -> Iterator[Foreseen]:
        """Several must sign, and one person alone holds more than one of the roles: one answer counts for
        all of them.
        """
        if self.spec.mode not in (Mode.ALL, Mode.SEQUENCE):
            return
        alone: dict[PersonId, list[str]] = {}
        for by in self.spec.by:
            behind = self.scene.persons(self.scene.holders(by.role))
            if len(behind) == 1:
                alone.setdefault(next(iter(behind)), []).append(by.role)
        for roles in alone.values():
            if len(roles) > 1:
                who = tuple(dict.fromkeys(p for role in roles for p in self.scene.holders(role)))
                yield self._of(Foresaw.ONE_PERSON, "by", role=" ".join(roles), persons=who)

    def spare_roles(self) -> Iterator[Foreseen]:
        """Under `any` and `votes` others can do without them."""
        for by in self.spec.by:
            if not self.scene.holders(by.role):
                yield self._of(Foresaw.ROLE_SPARE, "by", role=by.role)

    def timeout(self) -> Iterator[Foreseen]:
        then = self.spec.on_timeout
        for key, role in () if then is None else (("escalate", then.escalate), ("transfer", then.transfer)):
            if role is not None and not any(self.scene.able(p) for p in self.scene.holders(role)):
                yield self._of(Foresaw.TIMEOUT_ROLE, f"on_timeout.{key}", role=role)

    def copies(self) -> Iterator[Foreseen]:
        for role in self.spec.cc:
            if not self.scene.holders(role):
                yield self._of(Foresaw.COPY_ROLE, "cc", role=role)

    def _asking(self) -> tuple[PersonId, ...]:
        """Nobody may ask: then it is judged for the rule, which is barred from nothing."""
        return requesters(self.scene, self.transition) or (RULE_PERSON,)

    def _vain(self, asking: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
        """Of those who may ask, those for whom nobody could sign."""
        found = ((r, self.scene.outlook(self.spec, r)) for r in asking)
        return tuple(r for r, out in found if out.unfilled or not passes(self.scene, self.spec, out.asks))

    def _of(
        self,
        code: Foresaw,
        key: str,
        *,
        role: str = "",
        persons: tuple[PersonId, ...] = (),
        usual: bool = False,
        numbers: tuple[int, int] = (0, 0),
    ) -> Foreseen:
        return Foreseen(
            code=code,
            path=f"transitions.{self.transition.id}.approvals.{self.spec.id}.{key}",
            transition=self.transition.id,
            approval=self.spec.id,
            role=role,
            persons=persons,
            usual=usual,
            numbers=numbers,
        )
