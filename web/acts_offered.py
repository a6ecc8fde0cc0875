"""What one approval offers one visitor to do, with the names to choose from: the same on every page."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.case.facts import Facts
from engine.case.open_acts import OpenAct, OpenActs, open_acts, open_on_request
from engine.case.state import Approval, Request
from engine.definition.approval_model import Assurance
from engine.ids import PersonId
from engine.store.people import Person
from web.ports import Seen
from web.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """`value` travels with the form; `label` is read."""

    value: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """`acts` by name; `people` who may be handed it or added, `everybody` who may be told, `out` who may be
    taken out, `ways` where it may be sent back to.
    """

    acts: frozenset[str]
    people: Sequence[Choice] = ()
    everybody: Sequence[Choice] = ()
    out: Sequence[Choice] = ()
    ways: Sequence[Choice] = ()

    def only(self, *acts: OpenAct) -> "Offer":
        kept = self.acts & {act.value for act in acts}
        return Offer(acts=kept, people=self.people, everybody=(), out=self.out, ways=self.ways)


def offer(
    at: Seen, approval: Approval, facts: Facts, visitor: Visitor, *, assurance: Assurance = Assurance.LOGIN
) -> Offer:
    found = open_acts(at.definition, at.case, approval.id, facts, assurance=assurance)
    told = set(approval.copies)
    others = [p.id for p in visitor.people.values() if p.active and p.id not in told]
    return Offer(
        acts=frozenset(act.value for act in found.acts),
        people=choices(visitor, found.to),
        everybody=choices(visitor, others) if OpenAct.COPY in found.acts else (),
        out=[Choice(value=person, label=visitor.name(person)) for person in found.out],
        ways=_ways(at, approval, found, visitor),
    )


def offer_on_request(at: Seen, request: Request, facts: Facts) -> frozenset[str]:
    return frozenset(act.value for act in open_on_request(at.definition, at.case, request.id, facts))


def _ways(at: Seen, approval: Approval, found: OpenActs, visitor: Visitor) -> list[Choice]:
    by = visitor.name(at.case.requests[approval.request].by)
    requester = visitor.t("to {person}, who asked", person=by)
    return [Choice(value=way, label=_stage(at, way, visitor) if way else requester) for way in found.ways]


def _stage(at: Seen, stage: str, visitor: Visitor) -> str:
    title = at.definition.title_of(stage).in_(visitor.language)
    return visitor.t("to stage “{stage}”", stage=title)


def choices(visitor: Visitor, persons: Iterable[PersonId]) -> list[Choice]:
    """By name; where two are called the same, with the id beside it."""
    names = Names(visitor.people.values())
    found = [visitor.people[p] for p in persons if p in visitor.people and visitor.people[p].active]
    return [Choice(value=p.id, label=names.label(p)) for p in sorted(found, key=lambda p: p.name.casefold())]


class Names:
    """Finds the person meant by what was typed or chosen."""

    def __init__(self, people: Iterable[Person]) -> None:
        self._people = [person for person in people if person.active]
        called = [person.name.casefold() for person in self._people]
        self._doubled = {name for name in called if called.count(name) > 1}

    def label(self, person: Person) -> str:
        return f"{person.name} ({person.id})" if person.name.casefold() in self._doubled else person.name

    def meant(self, typed: str) -> Sequence[Person]:
        """One, when it is clear who; several of the same name; or nobody."""
        wanted = typed.strip().casefold()
        for known in (
            [p for p in self._people if wanted in (self.label(p).casefold(), p.id.casefold())],
            [p for p in self._people if p.name.casefold() == wanted],
        ):
            if known:
                return known
        return ()
