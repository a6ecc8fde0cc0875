"""离职转办: what a leaver has in hand in one case becomes a successor's, whole or not at all."""

from collections.abc import Iterator

from engine.case import signer_commands as cmd
from engine.case import signer_events as ev
from engine.case import work
from engine.case.approvals import may_sign, signed_elsewhere
from engine.case.awaiting import signers, waited_for
from engine.case.draft import Draft, Refused
from engine.case.gate import Gate, gate, known, tell_new
from engine.case.refusal import Blocker, Why
from engine.case.signers import leaves_enough
from engine.case.signing import conclude
from engine.case.state import Approval, ApprovalState, Ask, Case, Place, Request
from engine.ids import PersonId


def hand_over(draft: Draft, command: cmd.HandOverWork) -> None:
    """Nothing happens where there is nothing to hand over; refused with every part that cannot be the
    successor's.
    """
    _fit(draft, command)
    reason = work.readable(command.reason, "reason", work.LONGEST_TEXT)
    person, case = command.person, draft.case
    if not has_work(case, person):
        return
    stops = tuple(_stops(draft, command))
    if stops:
        raise Refused(Why.BLOCKED, *stops)
    left = tuple(a.id for a, ask in asks_of(case, person) if _inside(draft, a, command.to, ask))
    handed = ev.WorkHandedOver(
        person=person,
        to=command.to,
        reason=reason,
        asks=tuple(a.id for a, _ in asks_of(case, person) if a.id not in left),
        left=left,
        looks=tuple(a.id for a in case.approvals.values() if any(k.looks == person for k in a.asks)),
        requests=tuple(r.id for r in case.requests.values() if r.by == person),
        roles=tuple(role for role, holders in case.roles.items() if person in holders),
        opened=case.opened_by == person,
        notify=(command.to,),
    )
    waiting = {a.id: waited_for(gate(draft, a.id).spec.mode, a) for a in case.approvals.values()}
    draft.add(handed)
    for name in left:
        if draft.case.approvals[name].state is ApprovalState.OPEN:
            conclude(draft, name)
    for name, before in waiting.items():
        tell_new(draft, name, before)


def has_work(case: Case, person: PersonId) -> bool:
    """Whether anything in a running case is this person's to do or to answer for."""
    looks = any(ask.looks == person for a in case.approvals.values() for ask in a.asks)
    asks_for = any(request.by == person for request in case.requests.values())
    roles = any(person in holders for holders in case.roles.values())
    return looks or asks_for or roles or case.opened_by == person or any(asks_of(case, person))


def asks_of(case: Case, person: PersonId) -> Iterator[tuple[Approval, Ask]]:
    """What this person is, or will be, asked to sign and has not answered."""
    for approval in case.approvals.values():
        if approval.state in (ApprovalState.OPEN, ApprovalState.RETURNED):
            yield from ((approval, a) for a in approval.asks if a.person == person and a.decision is None)


def _fit(draft: Draft, command: cmd.HandOverWork) -> None:
    known(draft, command.to)
    external = draft.facts.external
    if command.to == command.person:
        raise Refused(Why.BAD_INPUT, Blocker(code="successor_is_leaver", subject=command.to))
    if (command.to in external) is not (command.person in external):
        raise Refused(Why.FORBIDDEN, Blocker(code="successor_outside", subject=command.to))


def _stops(draft: Draft, command: cmd.HandOverWork) -> Iterator[Blocker]:
    to = command.to
    for approval, ask in asks_of(draft.case, command.person):
        at = gate(draft, approval.id)
        if _inside(draft, approval, to, ask):
            if not _can_do_without(at, ask):
                yield Blocker(code="too_few_left", subject=approval.id, title=at.title)
        elif not _may_take(draft, at, to):
            yield Blocker(code="successor_may_not", subject=to, title=at.title)
    for approval in draft.case.approvals.values():
        at = gate(draft, approval.id)
        mine = any(ask.looks == command.person for ask in approval.asks)
        if mine and (_inside(draft, approval, to) or not _may_take(draft, at, to)):
            yield Blocker(code="successor_may_not", subject=to, title=at.title)
    for request in draft.case.requests.values():
        if request.by == command.person:
            yield from _stops_request(draft, request, to)


def _stops_request(draft: Draft, request: Request, to: PersonId) -> Iterator[Blocker]:
    """Whoever signs a request cannot become the one who makes it."""
    for approval in draft.case.approvals_of(request.id):
        at = gate(draft, approval.id)
        if not at.spec.own_request and (_inside(draft, approval, to) or to in signers(approval)):
            yield Blocker(code="successor_signs", subject=to, title=at.title)


def _inside(draft: Draft, approval: Approval, person: PersonId, but: Ask | None = None) -> bool:
    others = (ask for ask in approval.asks if ask is not but)
    return not may_sign({p for a in others for p in (a.person, a.looks) if p}, draft.facts, person)


def _may_take(draft: Draft, at: Gate, person: PersonId) -> bool:
    """Not who asks, nor who signed what must stay apart, nor who has answered here in another's stead."""
    own = () if at.spec.own_request else (at.request.by,)
    apart = signed_elsewhere(draft.definition, draft.case, at.spec)
    answered = (ask.decision.by for ask in at.approval.asks if ask.decision)
    return may_sign((*own, *apart, *answered), draft.facts, person)


def _can_do_without(at: Gate, ask: Ask) -> bool:
    """Somebody added goes alone; whom the SOP asks goes with the part, if enough is left."""
    return ask.place is not Place.ANCHOR or leaves_enough(at, ask.of_part)
