"""What handing a leaver's work over does to the snapshot: one name takes the place of another."""

from dataclasses import replace

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.changing import approval_with, ask_with, request_with
from engine.case.state import Approval, Ask, Case, Place
from engine.ids import ApprovalId, PersonId


def handed_over(case: Case, _: ev.Recorded, event: se.WorkHandedOver) -> Case:
    for name in event.asks:
        case = _moved(case, name, event)
    for name in event.left:
        case = _without(case, name, event.person)
    for approval in tuple(case.approvals.values()):
        case = approval_with(case, approval.id, **_renamed(approval, event))
    for request in tuple(case.requests.values()):
        case = request_with(case, request.id, by=_his(event, request.by), last=None)
    roles = {role: _each(event, held) for role, held in case.roles.items()}
    return replace(case, roles=roles, opened_by=_his(event, case.opened_by))


def _his(event: se.WorkHandedOver, person: PersonId) -> PersonId:
    return event.to if person == event.person else person


def _each(event: se.WorkHandedOver, persons: tuple[PersonId, ...]) -> tuple[PersonId, ...]:
    return tuple(dict.fromkeys(_his(event, person) for person in persons))


def _moved(case: Case, name: ApprovalId, event: se.WorkHandedOver) -> Case:
    """As by a transfer; whoever looks at it for the person goes on looking, for the successor."""
    part = next(ask.of_part for ask in case.approvals[name].asks if ask.person == event.person)
    moved = {"person": event.to, "part": part, "taken_from": event.person, "issue": 1, "stand_ins": ()}
    return ask_with(case, name, event.person, **moved)


def _without(case: Case, name: ApprovalId, person: PersonId) -> Case:
    """Whom the SOP asks goes with the whole part; somebody added goes alone."""
    approval = case.approvals[name]
    gone = next(ask for ask in approval.asks if ask.person == person)
    if gone.place is not Place.ANCHOR:
        return approval_with(case, name, asks=tuple(ask for ask in approval.asks if ask is not gone))
    rest = tuple(ask for ask in approval.asks if ask.of_part != gone.of_part)
    return approval_with(case, name, asks=rest, removed=(*approval.removed, gone.of_part))


def _renamed(approval: Approval, event: se.WorkHandedOver) -> dict[str, object]:
    material = approval.material
    return {
        "asks": tuple(_lent(ask, event) for ask in approval.asks),
        "copies": _each(event, approval.copies),
        "material": None if material is None else replace(material, by=_his(event, material.by)),
    }


def _lent(ask: Ask, event: se.WorkHandedOver) -> Ask:
    if ask.delegation is None or ask.looks != event.person:
        return ask
    return replace(ask, delegation=replace(ask.delegation, to=event.to))
