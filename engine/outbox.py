"""Which messages and which commands to other cases an event owes. Pure: the same event always owes the same.

A key is made of facts, `case/sequence/kind/recipient`, and is unique in the store: owed exactly once. What
belongs to no case is owed under `about/kind/recipient`, by whoever changes what it is about.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.absence import StandIn
from engine.case.commands import Command
from engine.case.events import Recorded
from engine.case.state import DeadlineKind, ParentRef
from engine.clock import as_utc
from engine.definition.model import PARENT_ENDED
from engine.ids import CaseId, PersonId


class MessageKind(StrEnum):
    APPROVAL_REQUESTED = "approval_requested"
    APPROVAL_REMINDER = "approval_reminder"
    APPROVAL_ESCALATED = "approval_escalated"
    APPROVAL_UNFILLED = "approval_unfilled"
    APPROVAL_NEWS = "approval_news"
    TRANSITION_FIRED = "transition_fired"
    TRANSITION_DROPPED = "transition_dropped"
    STAGE_ENTERED = "stage_entered"
    TASK_DUE = "task_due"
    DEADLINE_REMINDER = "deadline_reminder"
    DEADLINE_OVERDUE = "deadline_overdue"
    DEADLINE_ESCALATED = "deadline_escalated"
    DEADLINE_MOVED = "deadline_moved"
    WORK_HANDED_OVER = "work_handed_over"
    CLOCK_GOES_ON = "clock_goes_on"
    CASE_HELD = "case_held"
    CASE_RESUMED = "case_resumed"
    CASE_CLOSED = "case_closed"
    GROUP_NEWS = "group_news"  # owed by engine.groups


class NoticeKind(StrEnum):
    """What a person is told that belongs to no case."""

    STAND_IN_ARRANGED = "stand_in_arranged"
    STAND_IN_ENDED = "stand_in_ended"


class MessageGroup(StrEnum):
    """What people choose a manner for; in the order in which their messages go first."""

    SIGN_OFF = "sign_off"
    DEADLINES = "deadlines"
    ESCALATIONS = "escalations"
    NEWS = "news"


def group_of(kind: MessageKind | NoticeKind) -> MessageGroup:
    match kind:
        case MessageKind.APPROVAL_REQUESTED | MessageKind.APPROVAL_REMINDER:
            return MessageGroup.SIGN_OFF
        case (
            MessageKind.DEADLINE_REMINDER
            | MessageKind.DEADLINE_OVERDUE
            | MessageKind.DEADLINE_MOVED
            | MessageKind.TASK_DUE
        ):
            return MessageGroup.DEADLINES
        case MessageKind.APPROVAL_ESCALATED | MessageKind.APPROVAL_UNFILLED | MessageKind.DEADLINE_ESCALATED:
            return MessageGroup.ESCALATIONS
        case _:
            return MessageGroup.NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedMessage:
    """A message to one person. `data` names what it is about (ids only); the text is made when it is sent."""

    key: str
    kind: MessageKind
    to: PersonId
    case_id: CaseId
    sequence: int
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedNotice:
    """A message to one person that belongs to no case. `about` names its subject, such as `stand_in:ID`, one
    name for each occasion; `data` are the facts as they were then (ids, instants and numbers, no words).
    """

    kind: NoticeKind
    to: PersonId
    about: str
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])

    @property
    def key(self) -> str:
        return f"{self.about}/{self.kind}/{self.to}"

    @property
    def subject(self) -> str:
        """The id behind the sort: `ID` of `stand_in:ID`."""
        return self.about.partition(":")[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedCommand:
    """A command for another case, handled once under its key by the rule actor."""

    key: str
    command: Command
    case_id: CaseId
    sequence: int


Owed = OwedMessage | OwedCommand  # by an event; a notice is owed by what it is about
CATCH_UP: Final = "catch_up"  # in the data of a message that is late because the sweep was
_Clocked = (
    ev.DeadlineReminded | ev.DeadlineMissed | ev.DeadlineEscalated | ev.TaskRecurred | ev.ApprovalTimedOut
)
DIGEST: Final = "digest"  # the kind of such a row; no event owes one


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedDigest:
    """One message that mentions several owed ones; its row lists them. `morning`: it also tells what waits
    for the person.
    """

    key: str
    to: PersonId
    morning: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notice:
    """What one event tells its persons."""

    kind: MessageKind
    to: Sequence[PersonId]
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])


def messages_owed(recorded: Recorded) -> tuple[Owed, ...]:
    """Everything this event owes, in a fixed order; the same event gives the same keys for ever."""
    messages = [
        _to(recorded, notice, person)
        for told in (_of_approval, _of_asks, _of_signers, _of_deadline, _of_case)
        for notice in told(recorded.event)
        for person in notice.to
    ]
    return (*messages, *_commands(recorded))


def _of_approval(event: ev.Event) -> Iterator[_Notice]:
    match event:
        case ev.ApprovalOpened():
            data = {"approval": event.approval.id}
            yield _Notice(kind=MessageKind.APPROVAL_REQUESTED, to=event.notify, data=data)
            yield _Notice(kind=MessageKind.APPROVAL_UNFILLED, to=event.alert, data=data)
            if event.approval.round == 1:
                yield _news(event.approval.id, "copied", event.approval.copies)
        case ev.ApprovalClosed():
            yield _news(event.approval, "granted" if event.granted else "refused", event.notify)
        case ev.ApprovalAsked():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_REQUESTED, to=event.notify, data=data)
        case ev.LinkReissued(looks=True):
            yield _news(event.approval, "delegated", (event.person,))
        case ev.LinkReissued():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_REQUESTED, to=(event.person,), data=data)
        case ev.ApprovalTimedOut() if event.action in _TIMEOUTS:
            data = {"approval": event.approval}
            yield _late(event, _Notice(kind=_TIMEOUTS[event.action], to=event.notify, data=data))
        case _:
            return


def _of_asks(event: ev.Event) -> Iterator[_Notice]:
    match event:
        case se.AskTransferred() | se.StandInsSet():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_REQUESTED, to=event.notify, data=data)
        case se.AskHandedBack():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_REQUESTED, to=(event.person,), data=data)
        case se.ApprovalNudged():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_REMINDER, to=event.notify, data=data)
        case se.SignersGone():
            data = {"approval": event.approval}
            yield _Notice(kind=MessageKind.APPROVAL_UNFILLED, to=event.alert, data=data)
        case se.WorkHandedOver():
            data = {"person": event.person}
            yield _Notice(kind=MessageKind.WORK_HANDED_OVER, to=event.notify, data=data)
        case _:
            return


def _of_signers(event: ev.Event) -> Iterator[_Notice]:
    match event:
        case se.AskDelegated():
            yield _news(event.approval, "delegated", (event.to,))
        case se.AskCalledBack() | se.SignersRemoved():
            yield _news(event.approval, "released", event.notify)
        case se.DecisionTakenBack():
            yield _news(event.approval, "taken_back", event.notify)
        case se.MaterialAsked():
            yield _news(event.approval, "material_asked", event.notify)
        case se.MaterialGiven():
            yield _news(event.approval, "material_given", event.notify)
        case se.RequestReturned():
            yield _news(event.approval, "returned", event.notify)
        case se.ApprovalCopied():
            yield _news(event.approval, "copied", event.persons)
        case _:
            return


def _news(approval: str, what: str, to: Sequence[PersonId]) -> _Notice:
    return _Notice(kind=MessageKind.APPROVAL_NEWS, to=to, data={"approval": approval, "what": what})


def _of_deadline(event: ev.Event) -> Iterator[_Notice]:
    match event:
        case ev.DeadlineReminded():
            of_approval = event.deadline.startswith(f"{DeadlineKind.APPROVAL}:")
            kind = MessageKind.APPROVAL_REMINDER if of_approval else MessageKind.DEADLINE_REMINDER
            data: dict[str, JsonValue] = {"deadline": event.deadline}
            yield _late(event, _Notice(kind=kind, to=event.notify, data=data))
        case ev.DeadlineMissed():
            data = {"deadline": event.deadline}
            yield _late(event, _Notice(kind=MessageKind.DEADLINE_OVERDUE, to=event.notify, data=data))
        case ev.DeadlineEscalated():
            data = {"deadline": event.deadline, "level": event.level}
            yield _late(event, _Notice(kind=MessageKind.DEADLINE_ESCALATED, to=event.notify, data=data))
        case ev.DeadlinesRecounted():
            yield from _moved(event)
        case ev.StageGoesOn():
            yield _Notice(kind=MessageKind.CLOCK_GOES_ON, to=event.notify, data={"stage": event.stage})
        case ev.TaskRecurred():
            data = {"task": event.task, "missed": event.missed}
            yield _late(event, _Notice(kind=MessageKind.TASK_DUE, to=event.notify, data=data))
        case _:
            return


def _late(event: _Clocked, notice: _Notice) -> _Notice:
    """What was found long after its instant says so: many such may go out as one."""
    return replace(notice, data={**notice.data, CATCH_UP: True}) if event.catch_up else notice


def _moved(event: ev.DeadlinesRecounted) -> Iterator[_Notice]:
    """One message for each person, whatever the number of their deadlines in this case."""
    for person in dict.fromkeys(one for change in event.changes for one in change.notify):
        moved: list[JsonValue] = [
            {
                "deadline": change.deadline.id,
                "from": change.was.isoformat(),
                "to": change.deadline.due_at.isoformat(),
            }
            for change in event.changes
            if person in change.notify
        ]
        yield _Notice(kind=MessageKind.DEADLINE_MOVED, to=(person,), data={"moved": moved})


def _of_case(event: ev.Event) -> Iterator[_Notice]:
    match event:
        case ev.TransitionDropped():
            data = {"transition": event.transition, "why": event.why}
            yield _Notice(kind=MessageKind.TRANSITION_DROPPED, to=event.notify, data=data)
        case ev.TransitionFired():
            data = {"transition": event.transition}
            yield _Notice(kind=MessageKind.TRANSITION_FIRED, to=event.notify, data=data)
        case ev.StageEntered():
            yield _Notice(kind=MessageKind.STAGE_ENTERED, to=event.notify, data={"stage": event.visit.stage})
        case ev.CaseHeld():
            yield _Notice(kind=MessageKind.CASE_HELD, to=event.notify)
        case ev.CaseResumed():
            yield _Notice(kind=MessageKind.CASE_RESUMED, to=event.notify)
        case ev.CaseClosed():
            yield _Notice(kind=MessageKind.CASE_CLOSED, to=event.notify, data={"outcome": event.outcome})
        case _:
            return


_TIMEOUTS = {
    "escalate": MessageKind.APPROVAL_ESCALATED,
    "transfer": MessageKind.APPROVAL_REQUESTED,
    "remind": MessageKind.APPROVAL_REMINDER,
}


def _to(recorded: Recorded, notice: _Notice, person: PersonId) -> OwedMessage:
    return OwedMessage(
        key=f"{recorded.case_id}/{recorded.sequence}/{notice.kind}/{person}",
        kind=notice.kind,
        to=person,
        case_id=recorded.case_id,
        sequence=recorded.sequence,
        data=notice.data,
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
                cmd.CloseByParent(case_id=c, outcome=PARENT_ENDED) for c in closed.cancels
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


def notices_of_period(
    kind: NoticeKind, period: str, rule: StandIn, *, by: PersonId
) -> tuple[OwedNotice, ...]:
    """What a stand-in's period owes when it is arranged or ended by this person, who knows of it already."""
    told = dict.fromkeys((rule.stand_in, rule.principal))
    sops: list[JsonValue] = [*sorted(rule.sops)]
    data: dict[str, JsonValue] = {
        "principal": rule.principal,
        "stand_in": rule.stand_in,
        "begins": as_utc(rule.begins).isoformat(),
        "ends": as_utc(rule.ends).isoformat(),
        "sops": sops,
        "by": by,
    }
    about = f"stand_in:{period}"
    return tuple(OwedNotice(kind=kind, to=to, about=about, data=data) for to in told if to != by)
