"""What happened to a case's clocks beside being set, missed and closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from engine.case.signing_events import Fact, Persons
from engine.ids import PersonId


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


TimeEvent = AnswerNoted | StageWaits | StageGoesOn | DeadlineExtended
