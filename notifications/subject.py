"""What a message is about: the case, the event behind it, the reader; and how each thing is named to them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final

from engine.case import events as ev
from engine.case import waking
from engine.case.events import Event, Recorded
from engine.case.listed import spec_of
from engine.case.milestones import name_then
from engine.case.state import RULE_PERSON, Approval, Case, Deadline, DeadlineKind
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, PersonId
from engine.outbox import OwedMessage
from engine.text import Language, Text
from notifications.moments import until
from notifications.one_line import one_line

_RULE: Final = Text("系统按规则", "the rules")
_NOBODY: Final = Text("无人", "nobody")
_PROVISIONAL: Final = Text("，预计", ", provisional")
_A_STAGE: Final = Text("已离开的阶段", "a stage left since")


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The first records of a list, as people read them. `more`: how many are not here, in words."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    more: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    label: str
    value: str
    table: Table | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    label: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`words` fill the template of the kind; the rest is set out below. `more`: not all rows are here.
    `outlook`: what happens next.
    """

    words: Mapping[str, Any]
    until: str = ""
    rows: tuple[Row, ...] = ()
    changes: tuple[Changed, ...] = ()
    more: bool = False
    outlook: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """In whose language and by whose clock it is told, and how people are called to them."""

    language: Language
    zone: tzinfo
    now: datetime
    name_of: Callable[[PersonId], str]

    def name(self, person: PersonId) -> str:
        return _RULE.in_(self.language) if person == RULE_PERSON else one_line(self.name_of(person), 60)

    def names(self, persons: Iterable[PersonId]) -> str:
        return self.listed(self.name(person) for person in persons) or _NOBODY.in_(self.language)

    def listed(self, items: Iterable[str]) -> str:
        return ("、" if self.language == "zh" else ", ").join(items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject(Reader):
    """`history` reads all events of the case."""

    owed: OwedMessage
    case: Case
    definition: Definition
    recorded: Recorded | None
    holders: Callable[[str], tuple[PersonId, ...]]
    history: Callable[[], Sequence[Recorded]]

    @property
    def event(self) -> Event | None:
        return self.recorded.event if self.recorded else None

    @property
    def actor(self) -> str:
        return self.name(self.recorded.actor.person) if self.recorded else ""

    def given(self, name: str) -> str:
        """A part of the owed message's data, as text."""
        return str(self.owed.data.get(name, ""))

    def title(self, name: str) -> str:
        return one_line(self.definition.title_of(name).in_(self.language))

    def deadline(self) -> Deadline | None:
        return self.case.deadlines.get(self.given("deadline"))

    def until(self, deadline: Deadline) -> str:
        """The due instant, how long is left or how late it is, and whether it may still move."""
        due = until(deadline.due_at, self.now, self.zone, self.language)
        return due + (_PROVISIONAL.in_(self.language) if deadline.provisional else "")

    def of_deadline(self, name: str = "") -> str:
        """What a deadline, else the one named in the message, hangs on, for people; its id where that has
        gone.
        """
        kind, _, about = (name or self.given("deadline")).partition(":")
        match kind:
            case DeadlineKind.STAGE:
                visit = next((v for v in self.case.positions.values() if str(v.number) == about), None)
                return self.title(visit.stage) if visit else _A_STAGE.in_(self.language)
            case DeadlineKind.RESUME:
                stages = {str(v.number): v.stage for v in self.case.positions.values()}
                stage = self.definition.title_of(stages.get(waking.visit_of(about), ""))
                return waking.title(about, stage).in_(self.language)
            case DeadlineKind.MILESTONE:
                return f"{self.title(spec_of(about))} {one_line(self._name_of(about), 80)}".strip()
            case DeadlineKind.APPROVAL:
                approval = self.case.approvals.get(about) or approval_of(self.owed, self.case, self.event)
                return self.title(approval.spec) if approval else about
            case _:
                return self.title(about)

    def _name_of(self, milestone: str) -> str:
        """As it was called when this was told of, whatever has become of it since."""
        if spec_of(milestone) == milestone:
            return ""
        known = self.case.milestones.get(milestone)
        then = name_then(self.history(), milestone, self.recorded.sequence) if self.recorded else ""
        return then or (known.name if known else "")


def approval_named(owed: OwedMessage) -> ApprovalId | None:
    """The approval a message is about, by its own name or by that of its deadline."""
    kind, _, about = str(owed.data.get("deadline", "")).partition(":")
    named = owed.data.get("approval") or (about if kind == DeadlineKind.APPROVAL else "")
    return ApprovalId(str(named)) if named else None


def approval_of(owed: OwedMessage, case: Case, event: Event | None) -> Approval | None:
    """That approval as it stands; else as it was when it opened; else None."""
    name = approval_named(owed)
    found = case.approvals.get(name) if name else None
    if found is None and isinstance(event, ev.ApprovalOpened):
        return event.approval
    return found
