"""Group chats of the company, and what is told there: news of a case that concern a role or an SOP. Pure.

A message to a group is owed beside those to persons, under `case/sequence/group_news/group:NAME`, and never
in their place. Which groups there are is the company's, as it stood when the event came about.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from pydantic import JsonValue

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.events import Recorded
from engine.case.state import Approval, Case, Deadline, DeadlineKind
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, PersonId
from engine.outbox import CATCH_UP, MessageKind, OwedMessage

PREFIX: Final = "group:"


class Topic(StrEnum):
    """What a group may want to hear of."""

    STAGES = "stages"
    LATE = "late"
    ESCALATIONS = "escalations"
    DECISIONS = "decisions"
    REQUESTS = "requests"


USUAL: Final = frozenset({Topic.STAGES, Topic.LATE, Topic.ESCALATIONS, Topic.DECISIONS})


class What(StrEnum):
    """What has happened, as the message says it."""

    STAGE_ENTERED = "stage_entered"
    CASE_HELD = "case_held"
    CASE_RESUMED = "case_resumed"
    CASE_CLOSED = "case_closed"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    UNANSWERED = "unanswered"
    UNFILLED = "unfilled"
    GRANTED = "granted"
    REFUSED = "refused"
    REQUESTED = "requested"


TOPICS: Final[Mapping[What, Topic]] = {
    What.STAGE_ENTERED: Topic.STAGES,
    What.CASE_HELD: Topic.STAGES,
    What.CASE_RESUMED: Topic.STAGES,
    What.CASE_CLOSED: Topic.STAGES,
    What.OVERDUE: Topic.LATE,
    What.ESCALATED: Topic.ESCALATIONS,
    What.UNANSWERED: Topic.ESCALATIONS,
    What.UNFILLED: Topic.ESCALATIONS,
    What.GRANTED: Topic.DECISIONS,
    What.REFUSED: Topic.DECISIONS,
    What.REQUESTED: Topic.REQUESTS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a group hears of: of one SOP or of all (""), of what concerns one role or anybody ("")."""

    group: str
    sop: str = ""
    role: str = ""
    topics: frozenset[Topic] = USUAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """What news are judged on. `before` is the case as it was: what ended with this command is named by it.
    `people` holds a role where the case itself names nobody.
    """

    definition: Definition
    before: Case | None
    after: Case
    people: Mapping[str, tuple[PersonId, ...]]

    def holders(self, role: str) -> tuple[PersonId, ...]:
        return self.after.roles.get(role) or self.people.get(role, ())

    @property
    def cases(self) -> tuple[Case, ...]:
        return (self.after,) if self.before is None else (self.after, self.before)

    def approval(self, name: ApprovalId) -> Approval | None:
        return next((case.approvals[name] for case in self.cases if name in case.approvals), None)

    def deadline(self, name: str) -> Deadline | None:
        return next((case.deadlines[name] for case in self.cases if name in case.deadlines), None)

    def requester(self, approval: Approval) -> tuple[PersonId, ...]:
        known = (case.requests.get(approval.request) for case in self.cases)
        return tuple(request.by for request in known if request is not None)[:1]


@dataclass(frozen=True, slots=True, kw_only=True)
class _News:
    """`persons` are named in the message; `beside` it concerns as well, and it names nobody of them."""

    what: What
    roles: frozenset[str] = frozenset()
    persons: Sequence[PersonId] = ()
    beside: Sequence[PersonId] = ()
    data: Mapping[str, JsonValue] = field(default_factory=dict[str, JsonValue])
    catch_up: bool = False


def addressee(group: str) -> PersonId:
    """Under which name a group stands where else a person does."""
    return PersonId(f"{PREFIX}{group}")


def group_named(addressee: str) -> str | None:
    """The group's name; None where it is a person's."""
    return addressee.removeprefix(PREFIX) if addressee.startswith(PREFIX) else None


def news_owed(
    events: Iterable[Recorded], ground: Ground, bindings: Sequence[Binding]
) -> tuple[OwedMessage, ...]:
    """One message for each event and group it concerns, however many of its bindings say so."""
    return (
        tuple(owed for recorded in events for owed in _owed(recorded, ground, bindings)) if bindings else ()
    )


def is_news_of(key: str, recorded: Recorded) -> bool:
    """Whether a message to some group may stand under this key beside this event."""
    group = key.rpartition(PREFIX)[2]
    return isinstance(recorded.event, _TELLING) and bool(group) and key == _key(recorded, group)


def _owed(recorded: Recorded, ground: Ground, bindings: Sequence[Binding]) -> Iterator[OwedMessage]:
    told: set[str] = set()
    for news in _news(recorded.event, ground):
        for binding in bindings:
            if binding.group not in told and _concerns(news, binding, ground):
                told.add(binding.group)
                yield _message(recorded, news, binding.group)


def _concerns(news: _News, binding: Binding, ground: Ground) -> bool:
    if TOPICS[news.what] not in binding.topics or binding.sop not in ("", ground.definition.sop.sop):
        return False
    if not binding.role or binding.role in news.roles:
        return True
    return not {*news.persons, *news.beside}.isdisjoint(ground.holders(binding.role))


def _message(recorded: Recorded, news: _News, group: str) -> OwedMessage:
    persons: list[JsonValue] = [*dict.fromkeys(news.persons)]
    late: dict[str, JsonValue] = {CATCH_UP: True} if news.catch_up else {}
    return OwedMessage(
        key=_key(recorded, group),
        kind=MessageKind.GROUP_NEWS,
        to=addressee(group),
        case_id=recorded.case_id,
        sequence=recorded.sequence,
        data={"what": news.what.value, "persons": persons, **news.data, **late},
    )


def _key(recorded: Recorded, group: str) -> str:
    return f"{recorded.case_id}/{recorded.sequence}/{MessageKind.GROUP_NEWS}/{addressee(group)}"


_TELLING: Final = (
    ev.StageEntered,
    ev.CaseHeld,
    ev.CaseResumed,
    ev.CaseClosed,
    ev.DeadlineMissed,
    ev.DeadlineEscalated,
    ev.ApprovalTimedOut,
    ev.ApprovalOpened,
    ev.ApprovalClosed,
    se.SignersGone,
)


def _news(event: ev.Event, ground: Ground) -> Iterator[_News]:
    """Never what is between an approver and the requester, nor words anybody wrote."""
    match event:
        case ev.StageEntered():
            owner = ground.definition.stages[event.visit.stage].owner
            roles = frozenset({owner} if owner else ())
            data: dict[str, JsonValue] = {"stage": event.visit.stage}
            yield _News(what=What.STAGE_ENTERED, roles=roles, persons=event.notify, data=data)
        case ev.CaseHeld():
            yield _of_all(What.CASE_HELD, ground)
        case ev.CaseResumed():
            yield _of_all(What.CASE_RESUMED, ground)
        case ev.CaseClosed():
            yield _of_all(What.CASE_CLOSED, ground, {"outcome": event.outcome})
        case ev.DeadlineMissed() | ev.DeadlineEscalated():
            yield from _of_deadline(event, ground)
        case _:
            yield from _of_approval(event, ground)


def _of_all(what: What, ground: Ground, data: Mapping[str, JsonValue] | None = None) -> _News:
    """What concerns whoever has a role in the SOP."""
    return _News(what=what, roles=frozenset(ground.definition.sop.roles), data=data or {})


def _of_deadline(event: ev.DeadlineMissed | ev.DeadlineEscalated, ground: Ground) -> Iterator[_News]:
    """Overdue is told also where the persons hear it by another message of the same sweep."""
    due, roles, persons = ground.deadline(event.deadline), frozenset[str](), event.notify
    if due is not None and due.kind is DeadlineKind.APPROVAL:
        approval = ground.approval(ApprovalId(due.subject))
        roles = frozenset(ask.role for ask in approval.asks) if approval else roles
    elif due is not None and due.owner is not None:
        roles, persons = frozenset({due.owner}), persons or ground.holders(due.owner)
    data: dict[str, JsonValue] = {"deadline": event.deadline}
    if isinstance(event, ev.DeadlineMissed):
        yield _News(what=What.OVERDUE, roles=roles, persons=persons, data=data, catch_up=event.catch_up)
    elif not event.passed:
        data["level"] = event.level
        roles |= {event.role}
        yield _News(
            what=What.ESCALATED, roles=roles, persons=event.notify, data=data, catch_up=event.catch_up
        )


def _of_approval(event: ev.Event, ground: Ground) -> Iterator[_News]:
    """What went wrong before what is only asked for: of one event a group is told once."""
    match event:
        case ev.ApprovalOpened():
            found, asked = event.approval, event.notify
            if event.alert:
                yield _about(What.UNFILLED, found, ground, event.alert)
            if asked:
                yield _about(What.REQUESTED, found, ground, asked)
        case se.SignersGone() if event.alert and (gone := ground.approval(event.approval)):
            yield _about(What.UNFILLED, gone, ground, event.alert)
        case ev.ApprovalTimedOut(action="escalate") if late := ground.approval(event.approval):
            news = _about(What.UNANSWERED, late, ground, event.notify, role=event.role)
            yield replace(news, catch_up=event.catch_up)
        case ev.ApprovalClosed() if closed := ground.approval(event.approval):
            what = What.GRANTED if event.granted else What.REFUSED
            yield _about(what, closed, ground, ground.requester(closed))
        case _:
            return


def _about(
    what: What, approval: Approval, ground: Ground, persons: Sequence[PersonId], *, role: str | None = None
) -> _News:
    """`spec` names it when it has gone."""
    asked = {*(ask.role for ask in approval.asks), *approval.unfilled, *((role,) if role else ())}
    data: dict[str, JsonValue] = {"approval": approval.id, "spec": approval.spec}
    return _News(
        what=what,
        roles=frozenset(asked),
        persons=persons,
        beside=(*ground.requester(approval), *(ask.person for ask in approval.asks)),
        data=data,
    )
