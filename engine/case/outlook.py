"""Who could sign an approval if it were asked for now: the same rules as when it opens, asked beforehand."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import assert_never

from engine.case.approvals import apart_from, asks_of, closing, threshold
from engine.case.awaiting import answering
from engine.case.draft import holders
from engine.case.facts import Facts
from engine.case.filling import can_pass
from engine.case.state import RULE_PERSON, Approval, Ask, Case
from engine.definition.approval_model import ApprovalSpec, Mode
from engine.definition.compiled import CYCLE_SUFFIX, Definition
from engine.definition.model import TransitionSpec
from engine.ids import CaseId, PersonId

MOST_COMBINED = 10  # signers under votes whose combinations are tried; with more there is always a choice


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """What is known of people beside the facts: their names, who held a role and is active no more (by
    role), and the external persons no message can be sent to.
    """

    names: Mapping[PersonId, str] = field(default_factory=dict[PersonId, str])
    inactive: Mapping[str, tuple[PersonId, ...]] = field(default_factory=dict[str, tuple[PersonId, ...]])
    unreachable: frozenset[PersonId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """Who would be asked, and the roles that would make the approval fail closed."""

    asks: tuple[Ask, ...]
    unfilled: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """An SOP, or one case of it, with the people as they are today."""

    definition: Definition
    case: Case
    facts: Facts
    staff: Staff

    def holders(self, role: str | None) -> tuple[PersonId, ...]:
        return holders(self.case, self.facts, role)

    def able(self, person: PersonId) -> bool:
        """Whether an answer of this person can come: active; from outside, only if a message gets there."""
        known = self.facts.known is None or person in self.facts.known
        return known and person not in self.staff.unreachable

    def outlook(self, spec: ApprovalSpec, requester: PersonId) -> Outlook:
        asks, empty = asks_of(self.definition, self.case, self.facts, spec=spec, requester=requester)
        return Outlook(asks=asks, unfilled=closing(spec, asks, empty))

    def persons(self, people: Iterable[PersonId]) -> frozenset[PersonId]:
        """The persons behind these identities."""
        return frozenset(self.facts.one(person) for person in people)


def blank(definition: Definition, facts: Facts) -> Case:
    """A case of which nothing is known yet, so that the SOP itself is judged."""
    return Case(
        id=CaseId(""),
        sop=definition.sop.sop,
        definition=definition.digest,
        title="",
        opened_by=RULE_PERSON,
        opened_at=facts.now,
    )


def requesters(scene: Scene, transition: TransitionSpec) -> tuple[PersonId, ...]:
    """Who may ask for it. Of those who hold none of the approvers' roles one stands for all."""
    concerned = scene.persons(
        p for spec in transition.approvals for by in spec.by for p in scene.holders(by.role)
    )
    first: dict[PersonId | None, PersonId] = {}
    for person in _inside(scene, transition):
        one = scene.facts.one(person)
        first.setdefault(one if one in concerned else None, person)
    by_rule = (RULE_PERSON,) if _asked_by_rule(scene.definition, transition) else ()
    return (*first.values(), *by_rule)


def _inside(scene: Scene, transition: TransitionSpec) -> Iterator[PersonId]:
    facts = scene.facts
    everybody = facts.known
    if everybody is None:
        everybody = frozenset(p for persons in facts.people.values() for p in persons)
    wanted = {p for role in transition.by for p in scene.holders(role)} if transition.by else everybody
    return iter(sorted((everybody & wanted) - facts.external - {RULE_PERSON}))


def _asked_by_rule(definition: Definition, transition: TransitionSpec) -> bool:
    fired = {e.fire for child in definition.sop.children.values() for e in child.on_child.values()}
    return transition.auto or transition.id.endswith(CYCLE_SUFFIX) or transition.id in fired


def passes(scene: Scene, spec: ApprovalSpec, asks: Iterable[Ask], *, needs: int | None = None) -> bool:
    """Whether a yes can come of these asks: those who are able to answer are enough for the mode."""
    asks = tuple(asks)
    able = [scene.able(ask.person) for ask in asks]
    match spec.mode:
        case Mode.ANY:
            return any(able)
        case Mode.ALL | Mode.SEQUENCE:
            return bool(able) and all(able)
        case Mode.VOTES:
            heavy = sum(ask.weight for ask, can in zip(asks, able, strict=True) if can)
            return heavy >= (needs or threshold(spec, asks) or 0)
        case _:
            assert_never(spec.mode)


def still_passes(scene: Scene, spec: ApprovalSpec, approval: Approval) -> bool:
    """The same for an approval that runs; whoever stands in for one of the silent is able, too."""
    return can_pass(spec, approval, lambda ask: any(scene.able(person) for person in answering(ask)))


def apart(scene: Scene, spec: ApprovalSpec) -> Iterator[tuple[TransitionSpec, ApprovalSpec]]:
    """The approvals whose signers may not sign this one, where nobody has signed them yet."""
    running = {approval.spec for approval in scene.case.approvals.values()}
    for transition, other in apart_from(scene.definition, spec):
        if other.id not in scene.case.signed and other.id not in running:
            yield transition, other


def room_beside(
    scene: Scene, spec: ApprovalSpec, requester: PersonId, other: tuple[TransitionSpec, ApprovalSpec]
) -> bool:
    """Whether the other approval can be signed so that somebody is left for this one."""
    transition, sibling = other
    together = spec in transition.approvals  # both open at once, their approvers fixed at the same time
    asking = (requester,) if together else requesters(scene, transition)
    choices = [c for r in asking for c in _enough(scene, sibling, scene.outlook(sibling, r).asks)]
    return not choices or any(
        _left(scene, spec, requester, signed=choice, sibling=None if together else sibling)
        for choice in choices
    )


def _enough(scene: Scene, spec: ApprovalSpec, asks: tuple[Ask, ...]) -> Iterator[tuple[PersonId, ...]]:
    """The smallest groups whose yes opens the gate."""
    able = [ask for ask in asks if scene.able(ask.person)]
    match spec.mode:
        case Mode.ANY:
            yield from ((ask.person,) for ask in able)
        case Mode.ALL | Mode.SEQUENCE:
            if len(able) == len(asks) and asks:
                yield tuple(ask.person for ask in able)
        case Mode.VOTES:
            if len(able) <= MOST_COMBINED:
                yield from _enough_votes(able, threshold(spec, asks) or 0)
        case _:
            assert_never(spec.mode)


def _enough_votes(able: list[Ask], needs: int) -> Iterator[tuple[PersonId, ...]]:
    for size in range(1, len(able) + 1):
        for group in combinations(able, size):
            if sum(ask.weight for ask in group) >= needs:
                yield tuple(ask.person for ask in group)


def _left(
    scene: Scene,
    spec: ApprovalSpec,
    requester: PersonId,
    *,
    signed: tuple[PersonId, ...],
    sibling: ApprovalSpec | None,
) -> bool:
    if sibling is None:
        found = scene.outlook(spec, requester)
        gone = scene.persons(signed)
        rest = [ask for ask in found.asks if scene.facts.one(ask.person) not in gone]
        whole = len(rest) == len(found.asks) or spec.mode in (Mode.ANY, Mode.VOTES)
        return whole and passes(scene, spec, rest, needs=threshold(spec, found.asks))
    later = replace(scene.case, signed={**scene.case.signed, sibling.id: signed})
    after = replace(scene, case=later).outlook(spec, requester)
    return not after.unfilled and passes(scene, spec, after.asks)
