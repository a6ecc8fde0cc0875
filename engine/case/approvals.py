"""Approvals: who is asked, what they sign, when it is decided. Nobody approves their own request unless the
SOP says so.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import assert_never

from pydantic import JsonValue

from engine.case import deadlines
from engine.case import events as ev
from engine.case.awaiting import ask_of, asked, parts, said, signers, waited_for, weight
from engine.case.draft import Draft, Refused, holders
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Why
from engine.case.state import Approval, ApprovalState, Ask, Case, Place, Request
from engine.case.view import CaseView
from engine.definition.approval_model import ApprovalSpec, Approver, Mode, OnReject
from engine.definition.compiled import Definition
from engine.definition.guards import judge
from engine.definition.model import TransitionSpec
from engine.ids import ApprovalId, PersonId


def needed(definition: Definition, case: Case, spec: ApprovalSpec, facts: Facts) -> bool:
    """Whether this approval is asked for: its `when` holds, or cannot be known (then it is safer to ask)."""
    if spec.when is None:
        return True
    return judge(definition.guard(spec.when), CaseView(definition, case, facts)).holds is not False


def shown(definition: Definition, transition: TransitionSpec, spec: ApprovalSpec) -> tuple[str, ...]:
    """The fields and deliverables the approver sees and signs: as written, else what the left stages ask
    for; always until when more time is asked for.
    """
    until = () if transition.extends is None else (transition.extends.until,)
    if spec.shows is not None:
        return tuple(dict.fromkeys((*until, *spec.shows)))
    names: list[str] = []
    for stages in definition.sources(transition).values():
        for stage in (definition.stages[s] for s in stages):
            names += [
                *stage.requires,
                *(f for t in stage.tasks for f in t.requires),
                *(d.id for d in stage.deliverables),
            ]
    return tuple(dict.fromkeys((*until, *names, *transition.requires)))


def content(
    definition: Definition, case: Case, transition: TransitionSpec, spec: ApprovalSpec
) -> dict[str, JsonValue]:
    """What is signed: each shown field's value and each shown deliverable's newest file hash; None where
    not given.
    """
    return {name: _content_of(case, name) for name in shown(definition, transition, spec)}


def _content_of(case: Case, name: str) -> JsonValue:
    versions = case.attachments.get(name)
    return versions[-1].hash if versions else case.values.get(name)


def content_text(definition: Definition, case: Case, transition: TransitionSpec, spec: ApprovalSpec) -> str:
    """What is signed, letter by letter: definition, transition, approval and the shown content, as canonical
    JSON.
    """
    signed = [definition.digest, transition.id, spec.id, content(definition, case, transition, spec)]
    return json.dumps(signed, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(definition: Definition, case: Case, transition: TransitionSpec, spec: ApprovalSpec) -> str:
    """sha256 (hex) of the text that is signed."""
    return hashlib.sha256(content_text(definition, case, transition, spec).encode()).hexdigest()


def opened(draft: Draft, request: Request, spec: ApprovalSpec, before: Approval | None = None) -> Approval:
    """A fresh round of an approval, with the set of approvers fixed as of now."""
    transition = draft.definition.transitions[request.transition]
    asks, empty = asks_of(draft.definition, draft.case, draft.facts, spec=spec, requester=request.by)
    if before is not None:
        asks = _as_changed_by_hand(asks, before)
    return Approval(
        id=before.id if before else ApprovalId(f"a{draft.sequence}"),
        spec=spec.id,
        request=request.id,
        round=before.round + 1 if before else 1,
        opened_at=draft.facts.now,
        content=content_hash(draft.definition, draft.case, transition, spec),
        asks=asks,
        unfilled=closing(spec, asks, empty),
        threshold=threshold(spec, asks),
        assurance=spec.assurance,
        removed=before.removed if before else (),
        copies=before.copies if before else tuple(p for role in spec.cc for p in draft.holders(role)),
    )


def _as_changed_by_hand(fresh: tuple[Ask, ...], before: Approval) -> tuple[Ask, ...]:
    """Whoever people handed an ask to, added or took out in the round before stays so in the next."""
    names = {ask.person for ask in fresh}
    changed = {
        part[0].of_part: part
        for part in parts(before)
        if part[0].of_part in names and any(_by_hand(ask) for ask in part)
    }
    elsewhere = {ask.person for part in changed.values() for ask in part} | set(before.removed)
    kept: list[Ask] = []
    for new in fresh:
        if new.person in changed:
            kept += [_asked_anew(old, new) for old in changed[new.person]]
        elif new.person not in elsewhere:
            kept.append(new)
    return tuple(kept) or fresh


def _asked_anew(old: Ask, new: Ask) -> Ask:
    weight_now = new.weight if old.place is Place.ANCHOR else 0
    return replace(old, weight=weight_now, issue=1, decision=None, delegation=None, stand_ins=())


def _by_hand(ask: Ask) -> bool:
    return ask.taken_from is not None or ask.added_by is not None


def open_approval(
    draft: Draft,
    request: Request,
    spec: ApprovalSpec,
    *,
    before: Approval | None = None,
    changes: tuple[ev.Change, ...] = (),
) -> None:
    """Asks for the approval, anew when it ran `before`, and starts its clock."""
    approval = opened(draft, request, spec, before)
    alert = draft.holders(draft.definition.sop.owner) if approval.unfilled else ()
    draft.add(
        ev.ApprovalOpened(
            approval=approval, notify=waited_for(spec.mode, approval), changes=changes, alert=alert
        )
    )
    deadlines.put(draft, deadlines.of_approval(draft, approval, spec), "")


def _weight(asks: Iterable[Ask]) -> int:
    return sum(ask.weight for ask in asks)


def asks_of(
    definition: Definition, case: Case, facts: Facts, *, spec: ApprovalSpec, requester: PersonId
) -> tuple[tuple[Ask, ...], tuple[str, ...]]:
    """Who would be asked if this person asks now, and the roles in which nobody is left to ask."""
    barred = (*signed_elsewhere(definition, case, spec), *(() if spec.own_request else (requester,)))
    asks: dict[PersonId, Ask] = {}
    empty: list[str] = []
    for approver in spec.by:
        persons = [p for p in holders(case, facts, approver.role) if may_sign(barred, facts, p)]
        if not persons:
            empty.append(approver.role)
        for person in persons:
            first = next((p for p in asks if facts.same(p, person)), person)
            asks[first] = _heavier(asks.get(first), first, approver)
    return tuple(asks.values()), tuple(empty)


def _heavier(ask: Ask | None, person: PersonId, approver: Approver) -> Ask:
    """One person holding two roles is asked once, with the weight of both."""
    if ask is None:
        return Ask(person=person, role=approver.role, weight=approver.weight)
    return replace(ask, weight=ask.weight + approver.weight)


def closing(spec: ApprovalSpec, asks: tuple[Ask, ...], empty: tuple[str, ...]) -> tuple[str, ...]:
    """The empty roles that make the approval fail closed; under `any` and `votes` others may suffice."""
    match spec.mode:
        case Mode.ANY:
            return empty if not asks else ()
        case Mode.VOTES:
            if isinstance(spec.threshold, str):
                return empty  # a part of less than everybody would be less than was meant
            too_light = _weight(asks) < (spec.threshold or 0)
            return (empty or tuple(by.role for by in spec.by)) if too_light else ()
        case Mode.ALL | Mode.SEQUENCE:
            return empty
        case _:
            assert_never(spec.mode)


def outcome(spec: ApprovalSpec, approval: Approval) -> bool | None:
    """Granted (True), rejected (False), or still open (None), from what its parts have said so far."""
    answers = [(said(part), weight(part)) for part in parts(approval)]
    no = any(answer is False for answer, _ in answers)
    waiting = any(answer is None for answer, _ in answers)
    if no and spec.on_reject is not OnReject.WAIT_ALL:
        return False
    if approval.unfilled:
        return None
    match spec.mode:
        case Mode.ANY:
            return True if any(answer for answer, _ in answers) else None if waiting else False
        case Mode.ALL | Mode.SEQUENCE:
            return None if waiting else not no
        case Mode.VOTES:
            needed_weight = approval.threshold or threshold(spec, approval.asks) or 0
            if sum(heavy for answer, heavy in answers if answer) >= needed_weight:
                return True
            possible = sum(heavy for answer, heavy in answers if answer is not False)
            return None if possible >= needed_weight else False
        case _:
            assert_never(spec.mode)


def threshold(spec: ApprovalSpec, asks: Iterable[Ask]) -> int | None:
    """The weight of yes that is enough under votes; a percentage is of all who are asked, rounded up."""
    if spec.threshold is None or isinstance(spec.threshold, int):
        return spec.threshold
    percent = int(spec.threshold.removesuffix("%"))
    return max(1, -(-_weight(asks) * percent // 100))


def signed_elsewhere(definition: Definition, case: Case, spec: ApprovalSpec) -> tuple[PersonId, ...]:
    """Who agreed in an approval that must not be signed by the same person as this one."""
    now = {approval.spec: signers(approval) for approval in case.approvals.values()}
    apart = {other.id for _, other in apart_from(definition, spec)}
    return tuple(p for name in apart for p in now.get(name, case.signed.get(name, ())))


def apart_from(definition: Definition, spec: ApprovalSpec) -> tuple[tuple[TransitionSpec, ApprovalSpec], ...]:
    """The approvals that must not be signed by the same person as this one, each with its transition."""
    return tuple(
        (transition, other)
        for transition in definition.sop.transitions
        for other in transition.approvals
        if other.id in spec.not_same_person_as or spec.id in other.not_same_person_as
    )


def may_sign(barred: Iterable[PersonId], facts: Facts, person: PersonId) -> bool:
    return not any(facts.same(person, other) for other in barred)


def own_ask(spec: ApprovalSpec, approval: Approval, person: PersonId) -> Ask:
    """The ask this person may answer now, as the person asked or standing in; or a refusal that says why
    not.
    """
    ask = ask_of(spec.mode, approval, person)
    who = waited_for(spec.mode, approval)
    if ask is None:
        raise Refused(Why.FORBIDDEN, Blocker(code="not_asked", subject=approval.id, waits_for=who))
    if ask.decision is not None:
        own = ask.decision.by == person
        code = "already_decided" if own else "decided_by_another"
        detail = {"verdict": ask.decision.verdict, "by": ask.decision.by, "principal": ask.person}
        raise Refused(Why.CONFLICT, Blocker(code=code, subject=approval.id, detail=detail))
    if approval.state is ApprovalState.RETURNED:
        raise Refused(Why.CONFLICT, Blocker(code="request_returned", subject=approval.id, title=spec.title))
    if approval.state is not ApprovalState.OPEN:
        raise Refused(Why.CONFLICT, Blocker(code="approval_closed", subject=approval.id))
    if ask.looks is not None:
        raise Refused(
            Why.CONFLICT, Blocker(code="delegated_away", subject=approval.id, waits_for=(ask.looks,))
        )
    if person not in asked(spec.mode, approval):
        raise Refused(Why.CONFLICT, Blocker(code="not_your_turn", subject=approval.id, waits_for=who))
    return ask


def fallen(
    draft: Draft, before: Case
) -> Iterator[tuple[Request, ApprovalSpec, Approval, tuple[ev.Change, ...]]]:
    """The approvals of open requests whose signed content is no longer what stands in the case."""
    for request in draft.case.requests.values():
        transition = draft.definition.transitions[request.transition]
        for approval in draft.case.approvals_of(request.id):
            if request.returned is not None or approval.state is ApprovalState.RETURNED:
                continue  # asked again when it is put forward, with what it is then
            spec = draft.definition.approval(request.transition, approval.spec)
            if content_hash(draft.definition, draft.case, transition, spec) != approval.content:
                yield request, spec, approval, _changes(draft, before, transition, spec)


def _changes(
    draft: Draft, before: Case, transition: TransitionSpec, spec: ApprovalSpec
) -> tuple[ev.Change, ...]:
    old = content(draft.definition, before, transition, spec)
    new = content(draft.definition, draft.case, transition, spec)
    return tuple(ev.Change(what=name, old=old[name], new=new[name]) for name in new if old[name] != new[name])
