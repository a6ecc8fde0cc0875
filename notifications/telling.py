"""What each kind of message tells: the words its template needs, and what is set out below its sentences.

Everything is read from the case as it stands when the message is made. What is gone by then is named as well
as it still can be: old messages stay readable in the mailbox.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final, assert_never, cast

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.state import DeadlineKind, TaskState
from engine.case.wording import say
from engine.ids import PersonId
from engine.outbox import MessageKind
from engine.text import Text
from notifications.asking import of_approval
from notifications.group_telling import tell_group
from notifications.moments import moment, span
from notifications.one_line import one_line
from notifications.subject import Subject, Told, approval_of

MOST_TASKS: Final = 8
_SEVERAL: Final = Text("多项期限", "several deadlines")
_LATER: Final = Text(
    "“{what}”由 {was} 改为 {now}（推迟 {by}{still}）。",
    "“{what}” was due {was} and is now due {now} ({by} later{still}).",
)
_EARLIER: Final = Text(
    "“{what}”由 {was} 改为 {now}（提前 {by}{still}）。",
    "“{what}” was due {was} and is now due {now} ({by} earlier{still}).",
)
_STILL_PROVISIONAL: Final = Text("，仍为预计", ", still provisional")


def tell(subject: Subject) -> Told:  # noqa: C901, PLR0911 - one answer for each family of kinds
    words = _common(subject)
    match subject.owed.kind:
        case MessageKind.APPROVAL_REQUESTED | MessageKind.APPROVAL_REMINDER:
            return of_approval(subject, words)
        case MessageKind.APPROVAL_ESCALATED | MessageKind.APPROVAL_UNFILLED:
            return of_approval(subject, words)
        case MessageKind.APPROVAL_NEWS:
            return of_approval(subject, {**words, **_of_news(subject)})
        case MessageKind.DEADLINE_REMINDER | MessageKind.DEADLINE_OVERDUE | MessageKind.DEADLINE_ESCALATED:
            return _of_deadline(subject, words)
        case MessageKind.DEADLINE_MOVED:
            return Told(words={**words, **_of_moves(subject)})
        case MessageKind.TRANSITION_FIRED | MessageKind.TRANSITION_DROPPED:
            return Told(words={**words, **_of_transition(subject)})
        case MessageKind.STAGE_ENTERED | MessageKind.CLOCK_GOES_ON:
            return _of_stage(subject, words)
        case MessageKind.TASK_DUE:
            task = {
                "task": subject.title(subject.given("task")),
                "missed": bool(subject.owed.data.get("missed")),
            }
            return Told(words={**words, **task})
        case (
            MessageKind.WORK_HANDED_OVER
            | MessageKind.CASE_HELD
            | MessageKind.CASE_RESUMED
            | MessageKind.CASE_CLOSED
        ):
            return Told(words={**words, **_of_case(subject)})
        case MessageKind.GROUP_NEWS:
            return tell_group(subject, words)
        case _:
            assert_never(subject.owed.kind)


def _common(subject: Subject) -> dict[str, Any]:
    case = subject.case
    return {
        "case": one_line(case.title, 80) or case.id,
        "sop": one_line(subject.definition.sop.title.in_(subject.language), 80),
        "actor": subject.actor,
        "stages": subject.listed(subject.title(visit.stage) for visit in case.positions.values()),
    }


def _of_news(subject: Subject) -> dict[str, Any]:
    """What was written with it: a question, an answer, a reason."""
    event = subject.event
    words = ""
    if isinstance(event, se.MaterialAsked | se.MaterialGiven):
        words = event.text
    elif isinstance(event, se.AskDelegated | se.SignersRemoved | se.DecisionTakenBack):
        words = event.reason
    elif isinstance(event, se.RequestReturned):
        words = event.comment
    approval = approval_of(subject.owed, subject.case, event)
    lent = next((ask for ask in (approval.asks if approval else ()) if ask.looks == subject.owed.to), None)
    asker = subject.name(lent.person) if lent else subject.actor
    if lent is not None and lent.delegation is not None:
        words = lent.delegation.reason
    return {"what": subject.given("what"), "words": one_line(words, 500), "asker": asker}


def _of_deadline(subject: Subject, words: Mapping[str, Any]) -> Told:
    """Of an approval's deadline, also what is to be signed."""
    deadline = subject.deadline()
    late = {"late": "", "owners": "", "level": subject.owed.data.get("level", 1)}
    told = Told(words=words)
    if subject.given("deadline").startswith(f"{DeadlineKind.APPROVAL}:"):
        told = of_approval(subject, words)
        late["owners"] = told.words["waiting"]
    if deadline is None:
        return Told(words={**told.words, **late, "what": subject.of_deadline()})
    if deadline.owner is not None:
        late["owners"] = f"{subject.title(deadline.owner)} {subject.names(subject.holders(deadline.owner))}"
    if deadline.due_at < subject.now:
        late["late"] = span(subject.now - deadline.due_at, subject.language)
    return Told(
        words={**told.words, **late, "what": subject.of_deadline()},
        until=subject.until(deadline),
        rows=told.rows,
        more=told.more,
    )


def _of_moves(subject: Subject) -> dict[str, Any]:
    """A sentence for each deadline of this reader that came out otherwise."""
    moves = cast("list[dict[str, str]]", subject.owed.data.get("moved", []))
    named = [subject.of_deadline(move["deadline"]) for move in moves]
    what = named[0] if len(named) == 1 else _SEVERAL.in_(subject.language)
    return {"what": what, "moved": tuple(map(partial(_moved, subject), moves, named))}


def _moved(subject: Subject, move: Mapping[str, str], what: str) -> str:
    was, now = datetime.fromisoformat(move["from"]), datetime.fromisoformat(move["to"])
    known = subject.case.deadlines.get(move["deadline"])
    still = known is not None and known.provisional
    return (
        (_LATER if now > was else _EARLIER)
        .in_(subject.language)
        .format(
            what=what,
            was=moment(was, subject.zone, subject.language),
            now=moment(now, subject.zone, subject.language),
            by=span(now - was, subject.language),
            still=_STILL_PROVISIONAL.in_(subject.language) if still else "",
        )
    )


def _of_transition(subject: Subject) -> dict[str, Any]:
    event = subject.event
    words: dict[str, Any] = {
        "transition": subject.title(subject.given("transition")),
        "why": subject.given("why"),
        "reasons": (),
        "comment": "",
    }
    if isinstance(event, ev.TransitionDropped):
        reasons = (say(blocker, subject.language, subject.name) for blocker in event.reasons)
        words |= {"reasons": [one_line(r, 300) for r in reasons], "comment": one_line(event.comment, 500)}
    return words


def _of_stage(subject: Subject, words: Mapping[str, Any]) -> Told:
    stage = subject.given("stage")
    visit = subject.case.at(stage)
    number = visit.number if visit else None
    tasks = [t.id for t in subject.case.tasks.values() if t.visit == number and t.state is TaskState.OPEN]
    deadline = subject.case.deadlines.get(f"{DeadlineKind.STAGE}:{number}")
    due = subject.until(deadline) if deadline else ""
    listed = subject.listed(subject.title(task) for task in tasks[:MOST_TASKS])
    work = {"stage": subject.title(stage), "tasks": listed, "more_tasks": max(len(tasks) - MOST_TASKS, 0)}
    return Told(words={**words, **work}, until=due)


def _of_leaver(subject: Subject) -> dict[str, Any]:
    event = subject.event
    handed = event if isinstance(event, se.WorkHandedOver) else None
    roles = subject.listed(subject.title(role) for role in handed.roles) if handed else ""
    return {
        "leaver": subject.name(PersonId(subject.given("person"))),
        "roles": roles,
        "reason": one_line(handed.reason, 500) if handed else "",
    }


def _of_case(subject: Subject) -> dict[str, Any]:
    event = subject.event
    if subject.owed.kind is MessageKind.WORK_HANDED_OVER:
        return _of_leaver(subject)
    held = event if isinstance(event, ev.CaseHeld) else None
    return {
        "reason": one_line(held.reason, 500) if held else "",
        "resume_on": str(held.resume_on) if held and held.resume_on else "",
        "outcome": subject.title(subject.given("outcome")),
    }
