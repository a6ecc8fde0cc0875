"""Whose answer an approval waits for: its parts, who has the turn in each, and who looks at it meanwhile."""

from collections.abc import Sequence

from engine.case.state import Approval, ApprovalState, Ask, Place, Verdict
from engine.definition.approval_model import Mode
from engine.ids import PersonId

Part = tuple[Ask, ...]
_ORDER = ((Place.BEFORE,), (Place.ANCHOR, Place.BESIDE), (Place.AFTER,))


def parts(approval: Approval) -> tuple[Part, ...]:
    """The parts in the order of their first ask: whom the SOP asks, each with those added around them."""
    found: dict[str, list[Ask]] = {}
    for ask in approval.asks:
        found.setdefault(ask.of_part, []).append(ask)
    return tuple(tuple(part) for part in found.values())


def said(part: Part) -> bool | None:
    """No (False) at the first no; yes (True) when everybody in the part said yes; else still open (None)."""
    verdicts = [ask.decision.verdict if ask.decision else None for ask in part]
    if Verdict.REJECT in verdicts:
        return False
    return None if None in verdicts else True


def weight(part: Part) -> int:
    """The weight of whom the SOP asked; those added by hand have none of their own."""
    return sum(ask.weight for ask in part if ask.place is Place.ANCHOR)


def agreed(ask: Ask) -> bool:
    return ask.decision is not None and ask.decision.verdict is Verdict.APPROVE


def awaited(mode: Mode, approval: Approval) -> tuple[Ask, ...]:
    """The asks whose turn it is: under sequence those of the next open part, else of every open part."""
    if approval.state is not ApprovalState.OPEN:
        return ()
    open_parts = [part for part in parts(approval) if said(part) is None]
    if mode is Mode.SEQUENCE:
        open_parts = open_parts[:1]
    return tuple(ask for part in open_parts for ask in _in_turn(part))


def _in_turn(part: Part) -> Sequence[Ask]:
    """First those added before, then the anchor with those beside, then those after."""
    for places in _ORDER:
        silent = [ask for ask in part if ask.place in places and ask.decision is None]
        if silent:
            return silent
    return ()


def asked(mode: Mode, approval: Approval) -> tuple[PersonId, ...]:
    """Who may decide now, stand-ins too; not who waits while somebody else looks at it for him."""
    return tuple(
        dict.fromkeys(p for ask in awaited(mode, approval) if ask.looks is None for p in answering(ask))
    )


def waited_for(mode: Mode, approval: Approval) -> tuple[PersonId, ...]:
    """Who has to act next: whoever may decide, or looks at it for a person asked."""
    waiting = ((ask.looks,) if ask.looks else answering(ask) for ask in awaited(mode, approval))
    return tuple(dict.fromkeys(person for persons in waiting for person in persons))


def answering(ask: Ask) -> tuple[PersonId, ...]:
    """The person asked, and whoever stands in."""
    return (ask.person, *ask.stand_ins)


def ask_of(mode: Mode, approval: Approval, person: PersonId) -> Ask | None:
    """The ask this person has to do with: their own; else the first that waits for them in another's stead;
    else the one they answered so.
    """
    own = next((ask for ask in approval.asks if ask.person == person), None)
    waiting = (ask for ask in awaited(mode, approval) if person in ask.stand_ins)
    answered = (ask for ask in approval.asks if ask.decision and ask.decision.by == person)
    later = (ask for ask in approval.asks if person in ask.stand_ins)
    return own or next(waiting, None) or next(answered, None) or next(later, None)


def issue_of(approval: Approval, person: PersonId) -> int:
    """Which of the links given out to this person is the one that counts."""
    own = (ask.issue for ask in approval.asks if person in (ask.person, ask.looks))
    return next(own, approval.reissued.get(person, 1))


def signers(approval: Approval) -> tuple[PersonId, ...]:
    """Who agreed: each person asked who did, and whoever did it in the person's stead."""
    yes = [(ask.person, ask.decision.by) for ask in approval.asks if ask.decision and agreed(ask)]
    return tuple(dict.fromkeys(person for both in yes for person in both))
