"""Whether a message that is owed still has something to say, by the case as it stands when it would leave."""

from datetime import datetime
from typing import assert_never, cast

from engine.case import events as ev
from engine.case.awaiting import asked
from engine.case.state import Approval, ApprovalState, Case, CaseStatus, TaskState
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, PersonId
from engine.outbox import MessageKind, OwedMessage
from notifications.group_telling import group_news_due
from notifications.subject import approval_named


def is_asked(definition: Definition, case: Case, approval: Approval, person: PersonId) -> bool:
    """Whether the approval waits for this person now."""
    request = case.requests[approval.request]
    mode = definition.approval(request.transition, approval.spec).mode
    return case.status is not CaseStatus.CLOSED and person in asked(mode, approval)


def still_due(  # noqa: C901, PLR0911, PLR0912 - one answer for each kind
    owed: OwedMessage, case: Case, definition: Definition, event: ev.Event | None, *, now: datetime
) -> bool:
    """False: the message is cancelled, for what it speaks of is over, or a newer message says it better."""
    match owed.kind:
        case MessageKind.TRANSITION_FIRED | MessageKind.TRANSITION_DROPPED | MessageKind.CASE_CLOSED:
            return True  # news of what happened, true for ever
        case MessageKind.WORK_HANDED_OVER:
            return case.status is not CaseStatus.CLOSED
        case MessageKind.CASE_HELD:
            return case.status is CaseStatus.HELD
        case MessageKind.CASE_RESUMED:
            return case.status is CaseStatus.OPEN
        case MessageKind.STAGE_ENTERED | MessageKind.CLOCK_GOES_ON:
            return case.at(str(owed.data.get("stage", ""))) is not None
        case MessageKind.TASK_DUE:
            task = case.tasks.get(str(owed.data.get("task", "")))
            return task is not None and task.state is TaskState.OPEN
        case MessageKind.DEADLINE_REMINDER | MessageKind.DEADLINE_OVERDUE | MessageKind.DEADLINE_ESCALATED:
            return _deadline_stands(owed, case, definition, now)
        case MessageKind.DEADLINE_MOVED:
            return _still_moved(owed, case)
        case MessageKind.APPROVAL_REQUESTED | MessageKind.APPROVAL_REMINDER:
            return _waits_for_reader(owed, case, definition, event)
        case MessageKind.APPROVAL_ESCALATED:
            return _open_approval(owed, case) is not None
        case MessageKind.APPROVAL_NEWS:
            return _news_stands(owed, case, definition)
        case MessageKind.GROUP_NEWS:
            return group_news_due(owed, case)
        case MessageKind.APPROVAL_UNFILLED:
            approval = _open_approval(owed, case)
            return approval is not None and bool(approval.unfilled or approval.gone)
        case _:
            assert_never(owed.kind)


def _deadline_stands(owed: OwedMessage, case: Case, definition: Definition, now: datetime) -> bool:
    deadline = case.deadlines.get(str(owed.data.get("deadline", "")))
    if deadline is None or case.status is CaseStatus.CLOSED:
        return False
    if owed.kind is MessageKind.DEADLINE_REMINDER and deadline.due_at <= now:
        return False  # the message that it is overdue says more
    if approval_named(owed) is None or owed.kind is MessageKind.DEADLINE_ESCALATED:
        return True
    return _waits_for_reader(owed, case, definition, None)


def _still_moved(owed: OwedMessage, case: Case) -> bool:
    """Whether any of the deadlines still stands where the message puts it."""
    moved = cast("list[dict[str, str]]", owed.data.get("moved", []))
    open_ones = ((case.deadlines.get(each["deadline"]), each["to"]) for each in moved)
    return any(known is not None and known.due_at.isoformat() == to for known, to in open_ones)


def _waits_for_reader(owed: OwedMessage, case: Case, definition: Definition, event: ev.Event | None) -> bool:
    approval = _open_approval(owed, case)
    if approval is None or not is_asked(definition, case, approval, owed.to):
        return False
    match event:
        case ev.ApprovalOpened():  # an older round: the newer one owes a message of its own
            return event.approval.round == approval.round
        case ev.LinkReissued():
            return any(ask.person == owed.to and ask.issue == event.issue for ask in approval.asks)
        case _:
            return True


def _news_stands(owed: OwedMessage, case: Case, definition: Definition) -> bool:
    """What somebody is to do is told while it is still to be done; what happened, for ever."""
    approval = _open_approval(owed, case)
    match owed.data.get("what"):
        case "returned":
            named = case.approvals.get(approval_named(owed) or ApprovalId(""))
            return named is not None and case.requests[named.request].returned is not None
        case "delegated":
            return approval is not None and any(ask.looks == owed.to for ask in approval.asks)
        case "material_asked":
            return approval is not None and approval.material is not None
        case "material_given":
            return approval is not None and is_asked(definition, case, approval, owed.to)
        case _:
            return True


def _open_approval(owed: OwedMessage, case: Case) -> Approval | None:
    name = approval_named(owed)
    found = case.approvals.get(name) if name and case.status is not CaseStatus.CLOSED else None
    return found if found and found.state is ApprovalState.OPEN else None
