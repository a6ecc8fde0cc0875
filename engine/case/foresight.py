"""Foresight: which approvals nobody could sign today, which hang on one person, and why. Of an SOP before
anybody asks, and of a running case for what comes next. It asks the rules that open an approval
(`approvals.asks_of` and `closing`), so that it cannot say anything else than what will happen.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from engine.case.approvals import apart_from, needed
from engine.case.blockers import leaving
from engine.case.examined import Examined, of_approval
from engine.case.facts import Facts
from engine.case.foreseen import Foresaw, Foreseen, Gravity
from engine.case.outlook import Scene, Staff, blank, requesters, still_passes
from engine.case.state import ApprovalState, Case, CaseStatus
from engine.definition.approval_model import ApprovalSpec
from engine.definition.compiled import Definition
from engine.definition.model import TransitionSpec


def foresee(definition: Definition, facts: Facts, staff: Staff) -> tuple[Foreseen, ...]:
    """Of an SOP with the people as they are: its owner, its roles, then every approval in file order."""
    scene = Scene(definition=definition, case=blank(definition, facts), facts=facts, staff=staff)
    found = [*_owner(scene), *_roles(scene)]
    for transition in definition.transitions.values():
        found += _nobody_asks(scene, transition)
        for spec in transition.approvals:
            found += of_approval(scene, transition, spec)
    return tuple(found)


@dataclass(slots=True)
class Cases:
    """Foresees running cases of one definition, one after the other; what is the same for all that have no
    people of their own is judged once.
    """

    definition: Definition
    facts: Facts
    staff: Staff
    _alike: dict[tuple[str, str], tuple[Foreseen, ...]] = field(
        default_factory=dict[tuple[str, str], tuple[Foreseen, ...]]
    )

    def foresee(self, case: Case) -> tuple[Foreseen, ...]:
        """The approvals it waits for and those of the transitions it may take next, as far as nobody could
        sign them.
        """
        if case.status is CaseStatus.CLOSED:
            return ()
        scene = Scene(definition=self.definition, case=case, facts=self.facts, staff=self.staff)
        return tuple(dict.fromkeys((*_running(scene), *self._coming(scene))))

    def _coming(self, scene: Scene) -> Iterator[Foreseen]:
        asked = {request.transition for request in scene.case.requests.values()}
        for transition in scene.definition.transitions.values():
            if transition.id in asked or not leaving(scene.definition, scene.case, transition):
                continue
            for spec in transition.approvals:
                if needed(scene.definition, scene.case, spec, scene.facts):
                    yield from self._nobody(scene, transition, spec)

    def _nobody(self, scene: Scene, transition: TransitionSpec, spec: ApprovalSpec) -> Iterable[Foreseen]:
        own = bool(scene.case.roles) or bool(apart_from(scene.definition, spec))
        name = (transition.id, spec.id)
        if not own and name in self._alike:
            return self._alike[name]
        found = (one for one in Examined(scene, transition, spec).nobody() if one.gravity is Gravity.NOBODY)
        judged = tuple(found)
        if not own:
            self._alike[name] = judged
        return judged


def _running(scene: Scene) -> Iterator[Foreseen]:
    for approval in scene.case.approvals.values():
        request = scene.case.requests[approval.request]
        transition = scene.definition.transitions[request.transition]
        spec = scene.definition.approval(transition.id, approval.spec)
        here, now = Examined(scene, transition, spec), scene.outlook(spec, request.by)
        if approval.state is not ApprovalState.OPEN:
            continue
        if approval.unfilled and now.unfilled:
            yield from here.reasons(now.unfilled, now) or here.only_requesters((request.by,))
        elif not approval.unfilled and not still_passes(scene, spec, approval):
            silent = (ask for ask in approval.asks if ask.decision is None)
            yield from here.out_of_reach(silent)


def _owner(scene: Scene) -> Iterator[Foreseen]:
    owner = scene.definition.sop.owner
    asked = any(t.approvals for t in scene.definition.transitions.values())
    if asked and not any(scene.able(p) for p in scene.holders(owner)):
        yield Foreseen(code=Foresaw.OWNER_EMPTY, path="owner", role=owner)


def _roles(scene: Scene) -> Iterator[Foreseen]:
    """Roles said to be outside that somebody inside holds, and the reverse."""
    for role, spec in scene.definition.sop.roles.items():
        wrong = tuple(p for p in scene.holders(role) if (p in scene.facts.external) is not spec.external)
        if wrong:
            code = Foresaw.HELD_INSIDE if spec.external else Foresaw.HELD_OUTSIDE
            yield Foreseen(code=code, path=f"roles.{role}", role=role, persons=wrong)


def _nobody_asks(scene: Scene, transition: TransitionSpec) -> Iterator[Foreseen]:
    if transition.by and not requesters(scene, transition):
        path = f"transitions.{transition.id}.by"
        yield Foreseen(
            code=Foresaw.NOBODY_ASKS, path=path, transition=transition.id, role=" ".join(transition.by)
        )
