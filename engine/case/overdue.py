"""What overdue means, for every face alike: flagged as missed, or past its instant while its clock runs.

The store says the same in SQL, over its rows: engine.store.inbox and engine.store.board.
"""

from datetime import datetime
from typing import Final

from engine.case.awaiting import waited_for
from engine.case.draft import holders
from engine.case.facts import Facts
from engine.case.state import Case, Deadline, DeadlineKind
from engine.definition.compiled import Definition
from engine.ids import PersonId

# What people can be late with; the others only wake a case.
LATE_KINDS: Final = frozenset(DeadlineKind) - {DeadlineKind.WAKE, DeadlineKind.RESUME}


def stands_still(deadline: Deadline) -> bool:
    """On hold, or stopped alone: while somebody outside is waited for, or material."""
    return deadline.paused or deadline.stopped_at is not None


def is_overdue(deadline: Deadline | None, now: datetime) -> bool:
    """What was missed before its clock was stopped stays so; what stands still cannot become so."""
    if deadline is None or deadline.kind not in LATE_KINDS:
        return False
    return deadline.missed_at is not None or (deadline.due_at < now and not stands_still(deadline))


def counts_down(deadline: Deadline) -> bool:
    """Whether its instant says something to people now: it runs, or it was missed."""
    return deadline.missed_at is not None or not stands_still(deadline)


def answers_for(
    definition: Definition, case: Case, facts: Facts, deadline: Deadline | None
) -> tuple[PersonId, ...]:
    """Who has to see to it: those an approval waits for, else whoever holds the role it belongs to."""
    if deadline is None:
        return ()
    approval = case.approvals.get(deadline.subject)
    if deadline.kind is not DeadlineKind.APPROVAL or approval is None:
        return holders(case, facts, deadline.owner)
    transition = case.requests[approval.request].transition
    return waited_for(definition.approval(transition, approval.spec).mode, approval)
