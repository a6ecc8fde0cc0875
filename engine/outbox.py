"""Which messages and which commands to other cases an event owes. Pure: the same event always owes the same.

A key is made of facts, `case/sequence/kind/recipient`, and is unique in the store: owed exactly once.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic import JsonValue

from engine.case.commands import Command
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
