"""Why a clock stands still, since when and for whom, as everybody who is shown it is told."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.case.overdue import stands_still
from engine.case.state import Case, DeadlineKind
from engine.ids import ApprovalId, PersonId
from engine.text import Text


class StillFor(StrEnum):
    """Somebody outside the company; material that was asked for; a request sent back; the case on hold."""

    OUTSIDE = "outside"
    MATERIAL = "material"
    RETURNED = "returned"
    HOLD = "hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """`outside` names whom the stage waits for; `person` is who asked, sent it back or put it on hold."""

    why: StillFor
    since: datetime
    outside: str = ""
    person: PersonId | None = None


def of_task(case: Case, task: str) -> Still | None:
    """Of the clock a task is due by, its own or its stage's."""
    known = case.tasks.get(task)
    wait = case.waits.get(str(known.visit)) if known else None
    if wait is not None and wait.since is not None:
        return Still(why=StillFor.OUTSIDE, since=wait.since, outside=wait.waits_for, person=wait.by)
    return _held(case)


def of_approval(case: Case, name: ApprovalId) -> Still | None:
    clock, approval = case.deadlines.get(f"{DeadlineKind.APPROVAL}:{name}"), case.approvals.get(name)
    if clock is None or approval is None or not stands_still(clock):
        return None
    request = case.requests.get(approval.request)
    if clock.stopped_at is not None and approval.material is not None:
        return Still(why=StillFor.MATERIAL, since=clock.stopped_at, person=approval.material.by)
    if clock.stopped_at is not None and request is not None and request.returned is not None:
        return Still(why=StillFor.RETURNED, since=clock.stopped_at, person=request.returned.by)
    return _held(case)


def _held(case: Case) -> Still | None:
    hold = case.hold
    return None if hold is None else Still(why=StillFor.HOLD, since=hold.since, person=hold.by)


def said(still: Still, *, since: str, person: str) -> Text:
    """In words; `since` and `person` as the reader is shown instants and names."""
    match still.why:
        case StillFor.OUTSIDE:
            whom = still.outside
            return Text(f"{since} 起停走，等{whom}", f"stands still since {since}, waiting for {whom}")
        case StillFor.MATERIAL:
            return Text(
                f"{since} 起停走，等补充材料（{person} 提出）",
                f"stands still since {since}, waiting for material that {person} asked for",
            )
        case StillFor.RETURNED:
            return Text(
                f"{since} 起停走，待修改（{person} 退回）",
                f"stands still since {since}, sent back by {person}",
            )
        case StillFor.HOLD:
            return Text(
                f"{since} 起停走，案例已暂停（{person}）",
                f"stands still since {since}, the case is on hold ({person})",
            )
