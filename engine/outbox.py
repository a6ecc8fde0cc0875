"""Which messages and which commands to other cases an event owes. Pure: the same event always owes the same.

A key is made of facts, `case/sequence/kind/recipient`, and is unique in the store: owed exactly once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.commands import Command
from engine.case.events import Recorded
from engine.case.state import ParentRef
from engine.ids import CaseId, PersonId


class MessageKind(StrEnum):
    APPROVAL_REQUESTED = "approval_requested"
    APPROVAL_REMINDER = "approval_reminder"
    APPROVAL_ESCALATED = "approval_escalated"
    APPROVAL_UNFILLED = "approval_unfilled"
    TRANSITION_FIRED = "transition_fired"
    TRANSITION_DROPPED = "transition_dropped"
    STAGE_ENTERED = "stage_entered"
    TASK_DUE = "task_due"
    DEADLINE_REMINDER = "deadline_reminder"
    DEADLINE_OVERDUE = "deadline_overdue"
    DEADLINE_ESCALATED = "deadline_escalated"
    CASE_HELD = "case_held"
    CASE_RESUMED = "case_resumed"
    CASE_CLOSED = "case_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedMessage:
    """A message to one person. `data` names what it is about (ids only); the text is made when it is sent."""

    key: str
    kind: MessageKind
    to: PersonId
    case_id: CaseId
    sequence: int
    data: Mapping[str, JsonValue] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedCommand:
    """A command for another case, handled once under its key by the rule actor."""

    key: str
    command: Command
    case_id: CaseId
    sequence: int


Owed = OwedMessage | OwedCommand


def messages_owed(recorded: Recorded) -> tuple[Owed, ...]:
    """Everything this event owes, in a fixed order; the same event gives the same keys for ever."""
    kind, persons, data = _message(recorded.event)
    owed: list[Owed] = [_to(recorded, kind, person, data) for person in persons] if kind else []
    event = recorded.event
    if isinstance(event, ev.ApprovalOpened):
        subject: dict[str, JsonValue] = {"approval": event.approval.id}
        owed += [_to(recorded, MessageKind.APPROVAL_UNFILLED, person, subject) for person in event.alert]
    return (*owed, *_commands(recorded))


def _message(event: ev.Event) -> tuple[MessageKind | None, Sequence[PersonId], dict[str, JsonValue]]:
    match event:
        case ev.ApprovalOpened():
            return MessageKind.APPROVAL_REQUESTED, event.notify, {"approval": event.approval.id}
        case ev.ApprovalAsked():
            return MessageKind.APPROVAL_REQUESTED, event.notify, {"approval": event.approval}
        case ev.LinkReissued():
            return MessageKind.APPROVAL_REQUESTED, (event.person,), {"approval": event.approval}
        case ev.ApprovalTimedOut():
            return _TIMEOUTS.get(event.action), event.notify, {"approval": event.approval}
        case ev.TransitionDropped():
            data: dict[str, JsonValue] = {"transition": event.transition, "why": event.why}
            return MessageKind.TRANSITION_DROPPED, event.notify, data
        case ev.TransitionFired():
            return MessageKind.TRANSITION_FIRED, event.notify, {"transition": event.transition}
        case ev.StageEntered():
            return MessageKind.STAGE_ENTERED, event.notify, {"stage": event.visit.stage}
        case ev.TaskRecurred():
            return MessageKind.TASK_DUE, event.notify, {"task": event.task, "missed": event.missed}
        case ev.DeadlineReminded():
            kind = MessageKind.APPROVAL_REMINDER if event.deadline.startswith("approval:") else None
            return kind or MessageKind.DEADLINE_REMINDER, event.notify, {"deadline": event.deadline}
        case ev.DeadlineMissed():
            return MessageKind.DEADLINE_OVERDUE, event.notify, {"deadline": event.deadline}
        case ev.DeadlineEscalated():
            data = {"deadline": event.deadline, "level": event.level}
            return MessageKind.DEADLINE_ESCALATED, event.notify, data
        case ev.CaseHeld():
            return MessageKind.CASE_HELD, event.notify, {}
        case ev.CaseResumed():
            return MessageKind.CASE_RESUMED, event.notify, {}
        case ev.CaseClosed():
            return MessageKind.CASE_CLOSED, event.notify, {"outcome": event.outcome}
        case _:
            return None, (), {}


_TIMEOUTS = {
    "escalate": MessageKind.APPROVAL_ESCALATED,
    "transfer": MessageKind.APPROVAL_REQUESTED,
    "remind": MessageKind.APPROVAL_REMINDER,
}


def _to(
    recorded: Recorded, kind: MessageKind, person: PersonId, data: Mapping[str, JsonValue]
) -> OwedMessage:
    key = f"{recorded.case_id}/{recorded.sequence}/{kind}/{person}"
    return OwedMessage(
        key=key, kind=kind, to=person, case_id=recorded.case_id, sequence=recorded.sequence, data=data
    )


def _commands(recorded: Recorded) -> list[OwedCommand]:
    match recorded.event:
        case ev.ChildOpened() as opened:
            start = cmd.StartCase(
                case_id=opened.child,
                sop=opened.sop,
                title=opened.title,
                values=opened.values,
                roles=opened.roles,
                parent=ParentRef(id=recorded.case_id, spec=opened.spec),
            )
            return [_command(recorded, start)]
        case ev.CaseClosed() as closed:
            ends: list[cmd.Command] = [
                cmd.CloseByParent(case_id=c, outcome=closed.outcome) for c in closed.cancels
            ]
            if closed.parent is not None:
                told = cmd.RecordChildClosed(
                    case_id=closed.parent,
                    child=recorded.case_id,
                    outcome=closed.outcome,
                    values=closed.values,
                )
                ends.append(told)
            return [_command(recorded, command) for command in ends]
        case _:
            return []


def _command(recorded: Recorded, command: cmd.Command) -> OwedCommand:
    key = f"{recorded.case_id}/{recorded.sequence}/{command.kind}/{command.case_id}"
    return OwedCommand(key=key, command=command, case_id=recorded.case_id, sequence=recorded.sequence)
