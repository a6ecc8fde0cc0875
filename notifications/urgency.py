"""What may go past quiet hours and the bound of the hour. Declared, not guessed: a request to sign with
little working time left, and a rung its SOP marks `urgent`, by itself or with its whole ladder.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from engine.case.ladders import ladder_of
from engine.case.state import Case, DeadlineKind
from engine.definition.compiled import Definition
from engine.outbox import MessageKind, OwedMessage
from notifications.subject import approval_named


def is_urgent(
    owed: OwedMessage,
    case: Case,
    definition: Definition,
    *,
    left: Callable[[datetime], timedelta],
    within: timedelta,
) -> bool:
    """`left`: the reader's working time until an instant. What is overdue has none left and is not urgent."""
    match owed.kind:
        case MessageKind.APPROVAL_REQUESTED | MessageKind.APPROVAL_REMINDER:
            deadline = case.deadlines.get(f"{DeadlineKind.APPROVAL}:{approval_named(owed)}")
            return deadline is not None and timedelta(0) < left(deadline.due_at) < within
        case MessageKind.DEADLINE_ESCALATED:
            return _is_urgent_rung(owed, case, definition)
        case _:
            return False


def _is_urgent_rung(owed: OwedMessage, case: Case, definition: Definition) -> bool:
    deadline = case.deadlines.get(str(owed.data.get("deadline", "")))
    level = owed.data.get("level")
    if deadline is None or not isinstance(level, int) or level > len(deadline.rungs):
        return False
    return deadline.rungs[level - 1].urgent or ladder_of(definition, case, deadline).urgent
