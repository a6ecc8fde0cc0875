"""What a group chat is told: that something has happened in a case, and whom it concerns. Pure.

Nothing here is for one reader: no sign-off link, no digits, no values to sign, no words anybody wrote.
"""

from typing import Any, assert_never

from engine.case.state import ApprovalState, Case, CaseStatus
from engine.groups import TOPICS, Topic, What
from engine.ids import PersonId
from engine.outbox import MessageGroup, OwedMessage
from notifications.moments import span
from notifications.subject import Subject, Told, approval_named


def what_of(owed: OwedMessage) -> What:
    return What(str(owed.data["what"]))


def section_group(owed: OwedMessage) -> MessageGroup:
    """Where a digest lists it."""
    match TOPICS[what_of(owed)]:
        case Topic.LATE:
            return MessageGroup.DEADLINES
        case Topic.ESCALATIONS:
            return MessageGroup.ESCALATIONS
        case Topic.REQUESTS:
            return MessageGroup.SIGN_OFF
        case Topic.STAGES | Topic.DECISIONS:
            return MessageGroup.NEWS


def group_news_due(owed: OwedMessage, case: Case) -> bool:
    """False: what it speaks of is over."""
    what = what_of(owed)
    match what:
        case What.STAGE_ENTERED:
            return case.at(str(owed.data.get("stage", ""))) is not None
        case What.CASE_HELD:
            return case.status is CaseStatus.HELD
        case What.CASE_RESUMED:
            return case.status is CaseStatus.OPEN
        case What.OVERDUE | What.ESCALATED:
            return case.status is not CaseStatus.CLOSED and str(owed.data.get("deadline")) in case.deadlines
        case What.UNANSWERED | What.UNFILLED | What.REQUESTED:
            return _still_open(owed, case, what)
        case What.CASE_CLOSED | What.GRANTED | What.REFUSED:
            return True
        case _:
            assert_never(what)


def _still_open(owed: OwedMessage, case: Case, what: What) -> bool:
    name = approval_named(owed)
    approval = case.approvals.get(name) if name else None
    if approval is None or case.status is CaseStatus.CLOSED or approval.state is not ApprovalState.OPEN:
        return False
    return what is not What.UNFILLED or bool(approval.unfilled or approval.gone)


def tell_group(subject: Subject, words: dict[str, Any]) -> Told:
    deadline = subject.deadline()
    late = deadline is not None and deadline.due_at < subject.now
    persons = subject.owed.data.get("persons")
    named = persons if isinstance(persons, list) else []
    told = {
        **words,
        "what": subject.given("what"),
        "item": _item(subject),
        "people": subject.listed(subject.name(PersonId(str(person))) for person in named),
        "late": span(subject.now - deadline.due_at, subject.language) if deadline and late else "",
    }
    return Told(words=told, until=subject.until(deadline) if deadline else "")


def _item(subject: Subject) -> str:
    """The stage, the deadline, the approval or the outcome, as its SOP names it; else the case's stages."""
    given = subject.given
    if given("deadline"):
        return subject.of_deadline()
    named = given("spec") or given("stage") or given("outcome")
    return subject.title(named) if named else ""
