"""Who signs, changed by hand on a running approval: handed on, added, taken out, lent to another person."""

from collections.abc import Iterable

from engine.case import deadlines, moves, work
from engine.case import signer_commands as cmd
from engine.case import signer_events as ev
from engine.case.approvals import may_sign, own_ask, signed_elsewhere
from engine.case.awaiting import answering, asked, parts, said, waited_for, weight
from engine.case.draft import Draft, Refused
from engine.case.gate import Gate, allowed, gate, known, still_open, tell_new
from engine.case.refusal import Blocker, Why
from engine.case.signing import conclude
from engine.case.state import ApprovalState, Ask, DeadlineKind, Place
from engine.definition.approval_model import Act, Mode
from engine.ids import ApprovalId, PersonId


def transfer(draft: Draft, command: cmd.TransferAsk) -> None:
    """For good: role, weight, place and due time stay, only the person changes."""
    at, ask = may_transfer(draft, command.approval)
    _may_sign(draft, at, command.to)
    turn = ask.person in asked(at.spec.mode, at.approval)
    moved = ev.AskTransferred(
        approval=at.approval.id,
        person=ask.person,
        to=command.to,
        reason=_reason(command.reason),
        notify=(command.to,) if turn else (),
    )
    draft.add(moved)


def may_transfer(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    at = gate(draft, name)
    allowed(at, Act.TRANSFER)
    return at, _silent(at, draft.facts.actor.person)


def add(draft: Draft, command: cmd.AddSigners) -> None:
    """They sign in the part of whoever adds them; the order is before, anchor and beside, after."""
    at, ask = may_add(draft, command.approval)
    persons = tuple(dict.fromkeys(command.persons))
    if not persons or command.place is Place.ANCHOR:
        raise Refused(Why.BAD_INPUT, Blocker(code="nobody_named", subject=at.approval.id))
    for person in persons:
        _may_sign(draft, at, person)
    before = waited_for(at.spec.mode, at.approval)
    draft.add(
        ev.SignersAdded(
            approval=at.approval.id,
            persons=persons,
            place=command.place,
            part=ask.of_part,
            role=ask.role,
            reason=_reason(command.reason),
        )
    )
    tell_new(draft, at.approval.id, before)


def may_add(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    at = gate(draft, name)
    allowed(at, Act.ADD)
    return at, _silent(at, draft.facts.actor.person)


def remove(draft: Draft, command: cmd.RemoveSigner) -> None:
    """Whoever was added goes alone; whom the SOP asks goes with the whole part."""
    at, ask = may_remove(draft, command.approval, command.person)
    whole = ask.place is Place.ANCHOR
    persons = (
        tuple(a.person for a in at.approval.asks if a.of_part == ask.of_part) if whole else (ask.person,)
    )
    before = waited_for(at.spec.mode, at.approval)
    removed = ev.SignersRemoved(
        approval=at.approval.id,
        persons=persons,
        part=ask.of_part if whole else "",
        reason=_reason(command.reason),
        notify=tuple(p for p in persons if p in before),
    )
    draft.add(removed)
    conclude(draft, at.approval.id)
    tell_new(draft, at.approval.id, before)


def may_remove(draft: Draft, name: ApprovalId, person: PersonId) -> tuple[Gate, Ask]:
    """What is left can still pass, too."""
    at = gate(draft, name)
    ask = _silent(at, person)
    _may_remove(draft, at, ask)
    if ask.place is Place.ANCHOR and not leaves_enough(at, ask.of_part):
        raise Refused(Why.BLOCKED, Blocker(code="too_few_left", subject=at.approval.id, title=at.title))
    return at, ask


def delegate(draft: Draft, command: cmd.DelegateAsk) -> None:
    """Another person looks at it; whose ask it is waits for the opinion, and decides."""
    at, ask = may_delegate(draft, command.approval)
    _may_sign(draft, at, command.to)
    lent = ev.AskDelegated(
        approval=at.approval.id, person=ask.person, to=command.to, reason=_reason(command.reason)
    )
    draft.add(lent)


def may_delegate(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    at = gate(draft, name)
    allowed(at, Act.DELEGATE)
    return at, own_ask(at.spec, at.approval, draft.facts.actor.person)


def hand_back(draft: Draft, command: cmd.HandBack) -> None:
    at, ask = may_hand_back(draft, command.approval)
    text = work.readable(command.text, "opinion", work.LONGEST_TEXT)
    draft.add(ev.AskHandedBack(approval=at.approval.id, person=ask.person, text=text))


def may_hand_back(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    """The ask of whoever lent it to the actor."""
    at = gate(draft, name)
    still_open(at)
    person = draft.facts.actor.person
    ask = next((a for a in at.approval.asks if a.looks == person), None)
    if ask is None:
        raise Refused(Why.FORBIDDEN, Blocker(code="nothing_delegated", subject=at.approval.id))
    return at, ask


def call_back(draft: Draft, command: cmd.CallBack) -> None:
    at, ask = may_call_back(draft, command.approval)
    told = (ask.looks,) if ask.looks else ()
    draft.add(ev.AskCalledBack(approval=at.approval.id, person=ask.person, notify=told))


def may_call_back(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    """The ask that was lent: the actor's own, or one the actor stands in for."""
    at = gate(draft, name)
    still_open(at)
    person = draft.facts.actor.person
    ask = next((a for a in at.approval.asks if a.looks and person in answering(a)), None)
    if ask is None or ask.looks is None:
        raise Refused(Why.FORBIDDEN, Blocker(code="nothing_delegated", subject=at.approval.id))
    return at, ask


def take_back(draft: Draft, command: cmd.TakeBackDecision) -> None:
    """While nobody has acted on the request since; what the answer had closed is open again."""
    at, ask = may_take_back(draft, command.approval)
    person = draft.facts.actor.person
    reason = work.words(command.reason, "reason")
    told = tuple(p for p in moves.told(at.request.by) if p != person)
    for follower in _carried_from(draft, at, ask):
        _answer_gone(draft, follower, ask.person, reason=reason)
    _answer_gone(draft, at, ask.person, reason=reason, told=told)


def _carried_from(draft: Draft, at: Gate, ask: Ask) -> list[Gate]:
    """The other approvals in which this answer counts too."""
    return [
        gate(draft, other.id)
        for other in draft.case.approvals_of(at.request.id)
        for one in other.asks
        if one.person == ask.person and one.decision and one.decision.carried_from == at.approval.id
    ]


def _answer_gone(
    draft: Draft, at: Gate, person: PersonId, *, reason: str, told: tuple[PersonId, ...] = ()
) -> None:
    before = waited_for(at.spec.mode, at.approval)
    was_open = at.approval.state is ApprovalState.OPEN
    draft.add(ev.DecisionTakenBack(approval=at.approval.id, person=person, reason=reason, notify=told))
    if not was_open:
        approval = draft.case.approvals[at.approval.id]
        clock = deadlines.of_approval(draft, approval, at.spec)
        deadlines.put(draft, clock, f"{DeadlineKind.APPROVAL}:{approval.id}")
    tell_new(draft, at.approval.id, (*before, person))


def may_take_back(draft: Draft, name: ApprovalId) -> tuple[Gate, Ask]:
    """The ask whose answer the actor gave."""
    at = gate(draft, name)
    person = draft.facts.actor.person
    ask = next((a for a in at.approval.asks if a.decision and a.decision.by == person), None)
    if ask is None:
        raise Refused(Why.CONFLICT, Blocker(code="nothing_to_take_back", subject=at.approval.id))
    if at.request.last != (at.approval.id, ask.person):
        raise Refused(Why.CONFLICT, Blocker(code="acted_on_since", subject=at.approval.id))
    return at, ask


def may_be_asked(draft: Draft, name: ApprovalId, person: PersonId) -> Gate:
    """Whether an ask may be handed to this person, or another one added."""
    at = gate(draft, name)
    _may_sign(draft, at, person)
    return at


def _reason(text: str) -> str:
    return work.readable(text, "reason", work.LONGEST_TEXT)


def _silent(at: Gate, person: PersonId) -> Ask:
    """The ask of this person that is still to be answered, whether or not it is its turn yet."""
    still_open(at)
    found = next((ask for ask in at.approval.asks if ask.person == person), None)
    if found is None or found.decision is not None or found.looks is not None:
        return own_ask(at.spec, at.approval, person)  # says why not
    return found


def _may_sign(draft: Draft, at: Gate, person: PersonId) -> None:
    """Whoever is handed an ask is known, is not the requester, and is not in the approval already."""
    known(draft, person)
    if draft.facts.same(person, at.request.by) and not at.spec.own_request:
        raise Refused(Why.FORBIDDEN, Blocker(code="own_request", subject=at.approval.id))
    if not may_sign(signed_elsewhere(draft.definition, draft.case, at.spec), draft.facts, person):
        raise Refused(Why.FORBIDDEN, Blocker(code="signed_elsewhere", subject=at.approval.id, title=at.title))
    if not may_sign(_inside(at.approval.asks), draft.facts, person):
        raise Refused(Why.CONFLICT, Blocker(code="already_in_approval", subject=person, waits_for=(person,)))


def _inside(asks: Iterable[Ask]) -> set[PersonId]:
    return {person for ask in asks for person in (ask.person, ask.looks) if person is not None}


def _may_remove(draft: Draft, at: Gate, ask: Ask) -> None:
    person = draft.facts.actor.person
    owners = draft.holders(draft.definition.sop.owner)
    if ask.added_by == person:
        return
    if draft.facts.same(person, at.request.by) and not at.spec.own_request:
        raise Refused(Why.FORBIDDEN, Blocker(code="own_request", subject=at.approval.id))
    if person not in owners:
        may = (*owners, *((ask.added_by,) if ask.added_by else ()))
        raise Refused(Why.FORBIDDEN, Blocker(code="not_yours_to_remove", subject=ask.person, waits_for=may))


def leaves_enough(at: Gate, part: str) -> bool:
    """Without the part, the rest can still say yes as the mode wants it; and nobody in it has answered."""
    going = [p for p in parts(at.approval) if p[0].of_part == part]
    rest = [p for p in parts(at.approval) if p[0].of_part != part]
    heavy = sum(weight(p) for p in rest if said(p) is not False)
    enough = heavy >= (at.approval.threshold or 0) if at.spec.mode is Mode.VOTES else bool(rest)
    return enough and not any(ask.decision for p in going for ask in p)
