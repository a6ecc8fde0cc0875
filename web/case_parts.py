"""The parts a case page is made of, in words and ready to be shown."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from engine.case.state import Attachment, DeadlineKind, TaskState


class StepState(StrEnum):
    DONE = "done"
    CURRENT = "current"
    BLOCKED = "blocked"
    FUTURE = "future"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    title: str
    state: StepState
    entered_at: datetime | None = None
    owner: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One track and its stages in file order."""

    title: str
    steps: Sequence[Step]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hindrance:
    """One blocker in words, and where on the page it is mended."""

    text: str
    mend: str = ""
    who: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A transition that starts from where the case stands. `forward`: it goes on, or ends the case well."""

    id: str
    title: str
    target: str
    hindrances: Sequence[Hindrance]
    needs_reason: bool
    forward: bool
    approvals: Sequence[str]

    @property
    def possible(self) -> bool:
        return not self.hindrances


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    id: str
    title: str
    stage: str
    state: TaskState
    optional: bool
    waivable: bool
    recurring: bool
    who: str
    by: str
    at: datetime | None
    missing: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    id: str
    title: str
    stage: str
    required: bool
    versions: Sequence[Attachment]
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A stage here that waits for somebody outside, or could. `left`: of its deadline then."""

    stage: str
    title: str
    since: datetime | None = None
    by: str = ""
    whom: str = ""
    reason: str = ""
    until: datetime | None = None
    provisional: bool = False
    left: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreTime:
    """A way to ask for more time: the transition, and the input `name` of `kind` that takes the date."""

    id: str
    title: str
    name: str
    label: str
    kind: str
    needs_reason: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    title: str
    kind: DeadlineKind
    due: datetime
    late: bool
    provisional: bool
    paused: bool
    who: str
