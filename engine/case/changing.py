"""Parts of a snapshot, changed: one request, one approval, one ask."""

from dataclasses import replace
from typing import Any

from engine.case.state import Case
from engine.ids import PersonId


def request_with(case: Case, request: str, **changes: Any) -> Case:
    return replace(case, requests={**case.requests, request: replace(case.requests[request], **changes)})


def approval_with(case: Case, approval: str, **changes: Any) -> Case:
    changed = replace(case.approvals[approval], **changes)
    return replace(case, approvals={**case.approvals, approval: changed})


def ask_with(case: Case, approval: str, whose: PersonId, **changes: Any) -> Case:
    """The ask of this person, changed."""
    asks = tuple(
        replace(ask, **changes) if ask.person == whose else ask for ask in case.approvals[approval].asks
    )
    return approval_with(case, approval, asks=asks)
