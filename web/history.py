"""What happened, in words: one sentence for each event of a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from engine.case import events as ev
from engine.case.events import Recorded
from engine.case.listed import spec_of
from engine.case.milestones import name_then
from engine.case.naming import deadline_title
from engine.case.state import Deadline, DeadlineKind, Verdict, Via
from engine.case.wording import say
from engine.definition.compiled import Definition
from engine.ids import PersonId
from web import signer_history, time_history
from web.phrases import mark
from web.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One line of the history. `quiet` lines are the clockwork, shown only on demand."""

    sequence: int
    at: datetime
    who: str
    via: Via
    text: str
    note: str = ""
    flow_run: str | None = None
    quiet: bool = False


QUIET = (
    ev.DeadlineSet,
    ev.DeadlineClosed,
    ev.AnswerNoted,
    ev.StageLeft,
    ev.TransitionReady,
    ev.CounterBumped,
)


def told(events: Sequence[Recorded], definition: Definition, visitor: Visitor) -> list[Told]:
    """Newest first."""
    teller = Teller(definition, events, visitor)
    lines = [teller.line(recorded) for recorded in events]
    return lines[::-1]


class Teller:
    def __init__(self, definition: Definition, events: Sequence[Recorded], visitor: Visitor) -> None:
        self._definition = definition
        self._events, self._upto = events, 0
        self._visitor = visitor
        self._t = visitor.t
        self._specs = _approval_specs(events)
        entered = (r.event.visit for r in events if isinstance(r.event, ev.StageEntered))
        self._children = {r.event.child: r.event.title for r in events if isinstance(r.event, ev.ChildOpened)}
        self._stages = {str(visit.number): visit.stage for visit in entered}

    def line(self, recorded: Recorded) -> Told:
        event, self._upto = recorded.event, recorded.sequence
        return Told(
            sequence=recorded.sequence,
            at=recorded.at,
            who=self._who(recorded),
            via=recorded.actor.via,
            text=self._say(event),
            note=self._note(event),
            flow_run=event.flow_run if isinstance(event, ev.TransitionFired) else None,
            quiet=isinstance(event, QUIET),
        )

    def _who(self, recorded: Recorded) -> str:
        event = recorded.event
        carried = isinstance(event, ev.DecisionRecorded) and event.carried_from is not None
        return self._visitor.name("rule") if carried else self._visitor.by_whom(recorded)

    def _title(self, name: str) -> str:
        return self._definition.title_of(name).in_(self._visitor.language)

    def _approval(self, approval: str) -> str:
        return self._title(self._specs.get(approval, approval))

    def _names(self, persons: Sequence[PersonId]) -> str:
        return self._t(", ").join(self._visitor.name(person) for person in persons)

    def _deadline(self, name: str) -> str:
        """The name of a deadline for people: its subject's, whatever kind it is of."""
        kind, _, subject = name.partition(":")
        if kind == DeadlineKind.MILESTONE:
            return self._milestone(subject)
        title = deadline_title(self._definition, name, stages=self._stages, specs=self._specs)
        return title.in_(self._visitor.language)

    def _milestone(self, milestone: str) -> str:
        """By the name it had at the event that is being told."""
        return name_then(self._events, milestone, self._upto) or self._title(spec_of(milestone))

    def _say(self, event: ev.Event) -> str:  # noqa: C901, PLR0911 - one case for each event
        t = self._t
        match event:
            case ev.CaseStarted():
                return t("started the case “{title}”", title=event.title)
            case ev.StageEntered():
                return t("entered stage “{stage}”", stage=self._title(event.visit.stage))
            case ev.StageLeft():
                return t("left stage “{stage}”", stage=self._title(event.stage))
            case ev.FieldsSet():
                names = t(", ").join(f"“{self._title(name)}”" for name in event.values)
                return t("filled in {names}", names=names)
            case ev.FieldsLocked():
                names = t(", ").join(f"“{self._title(name)}”" for name in event.fields)
                words = "{names} now bind and change no more" if event.until else "{names} may change again"
                return t(words, names=names)
            case ev.TaskCompleted():
                return t("completed task “{task}”", task=self._title(event.task))
            case ev.TaskReopened():
                return t("reopened task “{task}”", task=self._title(event.task))
            case ev.TaskWaived():
                return t("waived task “{task}”", task=self._title(event.task))
            case ev.TaskRecurred():
                return t("task “{task}” is due again", task=self._title(event.task))
            case ev.DeliverableAttached():
                return t(
                    "attached “{name}” as “{deliverable}”, version {version}",
                    name=event.name,
                    deliverable=self._title(event.deliverable),
                    version=event.version,
                )
            case ev.TransitionRequested():
                return t("asked for “{transition}”", transition=self._title(event.transition))
            case _:
                return self._say_approval(event)

    def _say_approval(self, event: ev.Event) -> str:
        t = self._t
        match event:
            case ev.ApprovalOpened():
                key = mark("asks again for approval “{approval}” (round {round}): {people}")
                first = mark("asks for approval “{approval}”: {people}")
                return t(
                    first if event.approval.round == 1 else key,
                    approval=self._title(event.approval.spec),
                    round=event.approval.round,
                    people=self._names([a.person for a in event.approval.asks]) or t("nobody holds the role"),
                )
            case ev.ApprovalAsked():
                who = self._names(event.notify)
                return t(
                    "it is {people}’s turn for “{approval}”",
                    people=who,
                    approval=self._approval(event.approval),
                )
            case ev.DecisionRecorded() if event.carried_from is not None:
                return t(
                    "the yes of {person} counts for “{approval}” too",
                    person=self._visitor.name(event.person),
                    approval=self._approval(event.approval),
                )
            case ev.DecisionRecorded():
                words = (
                    mark("approved “{approval}”")
                    if event.verdict is Verdict.APPROVE
                    else mark("rejected “{approval}”")
                )
                return t(words, approval=self._approval(event.approval))
            case ev.ApprovalClosed():
                words = (
                    mark("approval “{approval}” is granted")
                    if event.granted
                    else mark("approval “{approval}” is refused")
                )
                return t(words, approval=self._approval(event.approval))
            case ev.ApprovalTimedOut():
                words = mark("nobody decided “{approval}” in time: {people} told")
                return t(words, approval=self._approval(event.approval), people=self._names(event.notify))
            case ev.LinkReissued():
                return t("a new link was sent to {people}", people=self._names([event.person]))
            case _:
                told_here = signer_history.said(event, t, self._names, self._approval)
                return self._say_move(event) if told_here is None else told_here

    def _say_move(self, event: ev.Event) -> str:
        t = self._t
        match event:
            case ev.TransitionReady():
                return t("everything is agreed; the move is under way")
            case ev.TransitionDropped():
                why = {
                    "withdrawn": mark("withdrew the request for “{transition}”"),
                    "rejected": mark("the request for “{transition}” was rejected"),
                    "returned": mark("the request for “{transition}” was sent back"),
                    "blocked": mark("“{transition}” could no longer be taken"),
                    "closed": mark("the request for “{transition}” ended with the case"),
                }[event.why]
                return t(why, transition=self._title(event.transition))
            case ev.TransitionFired():
                return t("took “{transition}”", transition=self._title(event.transition))
            case ev.CounterBumped():
                return t("“{counter}” is now {value}", counter=self._title(event.counter), value=event.value)
            case _:
                return self._say_time(event)

    def _escalated(self, event: ev.DeadlineEscalated) -> str:
        subject = self._deadline(event.deadline)
        if event.passed:
            words = mark(
                "level {level} of the escalation of “{subject}” had passed; only the highest was told"
            )
            return self._t(words, level=event.level, subject=subject)
        people = self._names(event.notify) or self._title(event.role)
        return self._t("escalated to {people}: “{subject}”", people=people, subject=subject)

    def _instant(self, deadline: Deadline) -> str:
        """When it is due; told apart where the days off until then are not published yet."""
        due = self._visitor.times.at(deadline.due_at)
        return self._t("{instant} (estimated)", instant=due) if deadline.provisional else due

    def _set(self, deadline: Deadline) -> str:
        if deadline.kind in (DeadlineKind.WAKE, DeadlineKind.RESUME):
            return self._t("will be looked at by itself: {instant}", instant=self._instant(deadline))
        subject, instant = self._deadline(deadline.id), self._instant(deadline)
        return self._t("deadline of “{subject}” set: {instant}", subject=subject, instant=instant)

    def _closed(self, name: str) -> str:
        if name.partition(":")[0] in (DeadlineKind.WAKE, DeadlineKind.RESUME):
            return self._t("will not be looked at by itself any more")
        return self._t("deadline of “{subject}” over", subject=self._deadline(name))

    def _say_recounted(self, event: ev.DeadlinesRecounted) -> str:
        t, times = self._t, self._visitor.times
        moves = [
            t(
                "“{subject}” from {old} to {new}",
                subject=self._deadline(change.deadline.id),
                old=times.at(change.was),
                new=self._instant(change.deadline),
            )
            for change in event.changes
            if change.deadline.due_at != change.was
        ]
        settled = len(event.changes) - len(moves)
        if settled:
            moves.append(t("{count} due as before, with other reminders, rungs or marks", count=settled))
        return t("the working calendar was updated: {moves}", moves=t(", ").join(moves))

    def _say_time(self, event: ev.Event) -> str:
        t = self._t
        match event:
            case ev.DeadlineSet():
                return self._set(event.deadline)
            case ev.DeadlineReminded():
                return t(
                    "{people} were reminded of “{subject}”",
                    people=self._names(event.notify),
                    subject=self._deadline(event.deadline),
                )
            case ev.DeadlineMissed():
                return t("overdue: “{subject}”", subject=self._deadline(event.deadline))
            case ev.DeadlineEscalated():
                return self._escalated(event)
            case ev.DeadlinesRecounted():
                return self._say_recounted(event)
            case ev.DeadlineClosed():
                return self._closed(event.deadline)
            case _:
                return self._say_milestone(event)

    def _say_milestone(self, event: ev.Event) -> str:
        t = self._t
        match event:
            case ev.MilestonePlanned():
                return self._planned(event)
            case ev.MilestoneReached():
                name = self._milestone(event.milestone)
                return t("milestone “{name}” reached on {day}", name=name, day=event.on)
            case ev.MilestoneNotReached():
                return t("milestone “{name}” not reached after all", name=self._milestone(event.milestone))
            case ev.MilestoneDropped():
                return t("milestone “{name}” left its list", name=self._milestone(event.milestone))
            case _:
                return self._say_case(event)

    def _planned(self, event: ev.MilestonePlanned) -> str:
        t, name, day = self._t, self._milestone(event.milestone), event.planned or "—"
        if event.forecast is None:
            return t("milestone “{name}” planned for {day}", name=name, day=day)
        words = mark("milestone “{name}” planned for {day}, forecast {forecast}")
        return t(words, name=name, day=day, forecast=event.forecast)

    def _say_case(self, event: ev.Event) -> str:
        t = self._t
        match event:
            case ev.ChildOpened():
                return t("opened “{title}”", title=event.title)
            case ev.ChildClosed():
                return t("“{title}” ended", title=self._children.get(event.child, event.child))
            case ev.CaseHeld():
                return t("put the case on hold")
            case ev.CaseResumed():
                return t("resumed the case")
            case ev.CaseClosed():
                return t("the case ended: {outcome}", outcome=self._title(event.outcome))
            case ev.Commented():
                return t("commented")
            case ev.RolesAssigned():
                parts = [(self._title(role), self._names(who) or "—") for role, who in event.roles.items()]
                return t("assigned roles: {roles}", roles=t("; ").join(t(": ").join(one) for one in parts))
            case _:
                return (
                    time_history.said(event, self._visitor.times, self._title, self._deadline) or event.kind
                )

    def _note(self, event: ev.Event) -> str:
        match event:
            case ev.Commented():
                return event.text
            case ev.DecisionRecorded():
                return event.comment
            case (
                ev.TaskWaived()
                | ev.TransitionRequested()
                | ev.CaseHeld()
                | ev.StageWaits()
                | ev.DeadlineExtended()
            ):
                return event.reason
            case ev.FieldsSet():
                return self._values(event.values)
            case ev.TransitionDropped():
                said = [say(b, self._visitor.language, self._visitor.name) for b in event.reasons]
                return " ".join(part for part in (*said, event.comment) if part)
            case _:
                return signer_history.note(event)

    def _values(self, values: Mapping[str, JsonValue]) -> str:
        fields = self._definition.sop.fields
        parts = [
            self._t(": ").join((self._title(name), self._visitor.value(fields[name], value)))
            for name, value in values.items()
            if name in fields
        ]
        return self._t("; ").join(parts)


def _approval_specs(events: Sequence[Recorded]) -> dict[str, str]:
    opened = (r.event.approval for r in events if isinstance(r.event, ev.ApprovalOpened))
    return {approval.id: approval.spec for approval in opened}
