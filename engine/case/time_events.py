"""What happened to a case's clocks."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from engine.case.signing_events import Fact, Persons
from engine.case.state import Deadline
from engine.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineSet(Fact):
    """A deadline begins, or its instant moved (same id)."""

    deadline: Deadline
    kind: Literal["deadline_set"] = "deadline_set"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineReminded(Fact):
    """`count` reminders are used up now; several that came due together are one message. `catch_up`, here and
    below: it was found long after its instant, as after downtime.
    """

    deadline: str
    count: int
    notify: Persons = ()
    catch_up: bool = False
    kind: Literal["deadline_reminded"] = "deadline_reminded"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineMissed(Fact):
    deadline: str
    due_at: datetime
    notify: Persons = ()
    catch_up: bool = False
    kind: Literal["deadline_missed"] = "deadline_missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineEscalated(Fact):
    """`level` counts from 1; exactly one event per level. `passed`: a higher one was due by then, and nobody
    is told of this one.
    """

    deadline: str
    level: int
    role: str
    notify: Persons = ()
    catch_up: bool = False
    passed: bool = False
    kind: Literal["deadline_escalated"] = "deadline_escalated"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineChange:
    """A deadline as it is now, and what it was. `notify` is empty where the instant is the same, and only
    reminders, rungs or the mark "provisional" are not.
    """

    deadline: Deadline
    was: datetime
    was_provisional: bool
    was_calendar: str
    notify: Persons = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlinesRecounted(Fact):
    """A calendar had newer data; these deadlines came out otherwise."""

    changes: tuple[DeadlineChange, ...]
    kind: Literal["deadlines_recounted"] = "deadlines_recounted"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineClosed(Fact):
    deadline: str
    kind: Literal["deadline_closed"] = "deadline_closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerNoted(Fact):
    """An approval that a deadline is counted from was decided now, yes or no; named as the SOP names it."""

    approval: str
    kind: Literal["answer_noted"] = "answer_noted"


@dataclass(frozen=True, slots=True, kw_only=True)
class StageWaits(Fact):
    """The stage's clock stands still; the stopped deadlines follow as DeadlineSet. `until`: the SOP's cap."""

    stage: str
    visit: int
    waits_for: str
    reason: str
    until: datetime | None = None
    kind: Literal["stage_waits"] = "stage_waits"
    private: ClassVar[tuple[str, ...]] = ("waits_for", "reason")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageGoesOn(Fact):
    """`used`: the seconds waited in this visit so far. `capped`: by itself, at the SOP's cap."""

    stage: str
    visit: int
    used: int
    capped: bool = False
    notify: Persons = ()
    kind: Literal["stage_goes_on"] = "stage_goes_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadlineExtended(Fact):
    """More time was given, asked for by `by`; the deadline as it is now follows as DeadlineSet."""

    deadline: str
    old: datetime
    new: datetime
    by: PersonId
    reason: str = ""
    kind: Literal["deadline_extended"] = "deadline_extended"
    private: ClassVar[tuple[str, ...]] = ("reason",)


TimeEvent = (
    DeadlineSet
    | DeadlineReminded
    | DeadlineMissed
    | DeadlineEscalated
    | DeadlinesRecounted
    | DeadlineClosed
    | DeadlineExtended
    | AnswerNoted
    | StageWaits
    | StageGoesOn
)
