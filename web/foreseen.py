"""What today's people mean for an SOP, as its page shows it beside each approval."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine.case.foreseen import Gravity
from engine.definition.compiled import Definition
from runtime.people_check import Told, check_people
from web.ports import Wiring
from web.visitor import Visitor

BANNER = {Gravity.NOBODY: "bad", Gravity.WARNING: "note", Gravity.NOTE: "quiet"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """`look` is the banner's class."""

    look: str
    what: str
    mend: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Foresight:
    """`general` is what is told of the SOP or a transition, `graves` how many approvals nobody could sign."""

    told: tuple[Told, ...]
    general: Sequence[Warned]
    graves: int
    visitor: Visitor

    def of(self, transition: str, approval: str) -> list[Warned]:
        mine = (
            one for one in self.told if (one.found.transition, one.found.approval) == (transition, approval)
        )
        return [_warned(one, self.visitor) for one in mine]


def foreseen(wiring: Wiring, definition: Definition, visitor: Visitor) -> Foresight:
    found = check_people(wiring, definition)
    general = [_warned(one, visitor) for one in found.told if not one.found.approval]
    graves = {(one.found.transition, one.found.approval) for one in found.graves()}
    return Foresight(told=found.told, general=general, graves=len(graves), visitor=visitor)


def _warned(one: Told, visitor: Visitor) -> Warned:
    language = visitor.language
    return Warned(look=BANNER[one.gravity], what=one.what.in_(language), mend=one.mend.in_(language))
