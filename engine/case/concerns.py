"""Whom running approvals concern beside those asked to decide: who looks at one for somebody, who has to
answer a question or put a request forward again, who waits, who is only told.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from engine.case.state import RULE_PERSON, Approval, ApprovalState, Case, Request
from engine.ids import ApprovalId, PersonId


class Concern(StrEnum):
    """LOOK: it was delegated to this person. MATERIAL: a question waits for an answer. RETURNED: the request
    lies with its requester. WAITING: the requester waits. COPY: told of it, and decides nothing.
    """

    LOOK = "look"
    MATERIAL = "material"
    RETURNED = "returned"
    WAITING = "waiting"
    COPY = "copy"


TO_DO: Final = (Concern.LOOK, Concern.MATERIAL, Concern.RETURNED)
"""What waits for the person it concerns; the others wait for somebody else, or for nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Concerned:
    """`other` is who stands behind it: who delegated, asked or returned it, or made the request. `since` is
    when the approval was opened; `nudged_at` when whoever is waited for was last reminded.
    """

    kind: Concern
    person: PersonId
    approval: Approval
    request: Request
    other: PersonId
    since: datetime
    nudged_at: datetime | None = None


def concerned(case: Case) -> Iterator[Concerned]:
    for approval in case.approvals.values():
        request = case.requests.get(approval.request)
        if request is None:
            continue
        if approval.state is ApprovalState.OPEN:
            yield from _open(case, request, approval)
        elif request.returned is not None and request.returned.approval == approval.id:
            by = request.returned.by
            yield _one(Concern.RETURNED, answers_for(case, request), approval, request, other=by)


def answers_for(case: Case, request: Request) -> PersonId:
    """Who answers for a request: its requester, or who opened the case where the SOP itself asked."""
    return case.opened_by if request.by == RULE_PERSON else request.by


def _open(case: Case, request: Request, approval: Approval) -> Iterator[Concerned]:
    for ask in approval.asks:
        if ask.looks is not None:
            yield _one(Concern.LOOK, ask.looks, approval, request, other=ask.person)
    mine = answers_for(case, request)
    if approval.material is not None:
        yield _one(Concern.MATERIAL, mine, approval, request, other=approval.material.by)
    if request.by != RULE_PERSON:
        yield _one(Concern.WAITING, request.by, approval, request, other=request.by)
    for person in dict.fromkeys(approval.copies):
        yield _one(Concern.COPY, person, approval, request, other=request.by)


def _one(
    kind: Concern, person: PersonId, approval: Approval, request: Request, *, other: PersonId
) -> Concerned:
    return Concerned(
        kind=kind,
        person=person,
        approval=approval,
        request=request,
        other=other,
        since=approval.opened_at,
        nudged_at=approval.nudged_at if kind is Concern.WAITING else None,
    )


def words(case: Case, kind: Concern, approval: ApprovalId, person: PersonId) -> str:
    """What was said with it: the reason of a delegation, the question; of a return the history knows."""
    found = case.approvals.get(approval)
    if found is None:
        return ""
    match kind:
        case Concern.LOOK:
            return next((a.delegation.reason for a in found.asks if a.delegation and a.looks == person), "")
        case Concern.MATERIAL:
            return found.material.text if found.material else ""
        case Concern.RETURNED | Concern.WAITING | Concern.COPY:
            return ""
