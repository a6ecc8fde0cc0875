"""What an SOP may say: the frozen model a definition file is read into.

Shapes only. `loader` turns YAML text into these, `checks` judges the whole, `compiled` prepares it for the
core. A duration is written "3 wd", or "$name" for a company setting; a role, field, stage or setting is
named by its id.
"""

from typing import Literal, Self

from pydantic import Field, ValidationInfo, model_validator

from engine.definition.approval_model import ApprovalSpec
from engine.definition.fields import FieldSpec
from engine.definition.titled import Model, Name, Titled, told

MAIN_TRACK = "main"
ANY_STAGE = "any"
PARENT_ENDED = "parent_ended"
"""The outcome of a case that ended because the one that opened it did; no SOP declares it."""


class RoleSpec(Titled):
    external: bool = False


class Escalation(Model):
    """One rung of the ladder: so long after the due instant, tell this role; `every` so often again, `most`
    times in all. `urgent`: also outside working hours.
    """

    after: str
    to: Name
    urgent: bool = False
    every: str | None = None
    most: int | None = Field(default=None, ge=2, le=10)

    @model_validator(mode="after")
    def _bounded(self, info: ValidationInfo) -> Self:
        if not told(info) and (self.every is None) != (self.most is None):
            raise ValueError("'every' and 'most' are written together")
        return self


class Ladder(Model):
    """Whom to tell, and when, around a due instant; `urgent`: also while nobody works."""

    remind: tuple[str, ...] = ()
    escalate: tuple[Escalation, ...] = ()
    urgent: bool = False


class DeadlineSpec(Ladder):
    """Due `within` a duration, counted from entering the stage or from what `from` names; a duration `ahead`
    `of` something; or `on` it. What may be named: see `origins`.

    Of a milestone, `within` alone is counted from the opening of the case.
    """

    within: str | None = None
    from_: str | None = Field(default=None, alias="from")
    ahead: str | None = None
    of: str | None = None
    on: str | None = None

    @property
    def origin(self) -> str | None:
        """What it is counted from, as written; None: from entering the stage."""
        return self.from_ or self.of or self.on

    @model_validator(mode="after")
    def _one_anchor(self, info: ValidationInfo) -> Self:
        if told(info):
            return self
        if sum(given is not None for given in (self.within, self.ahead, self.on)) != 1:
            raise ValueError("write one of 'within', 'ahead' (durations) and 'on' (a date)")
        if self.from_ is not None and self.within is None:
            raise ValueError("'from' goes with 'within', and only there")
        if (self.of is None) != (self.ahead is None):
            raise ValueError("'ahead' and 'of' are written together")
        return self


class TaskSpec(Titled):
    """`every` makes it recur on a cadence; `keep` carries a completed task into the next visit of its
    stage. `deadline` is one of its own, within that of its stage.
    """

    id: Name
    requires: tuple[Name, ...] = ()
    role: Name | None = None
    optional: bool = False
    waivable: bool = False
    every: str | None = None
    keep: bool = False
    deadline: DeadlineSpec | None = None

    @model_validator(mode="after")
    def _one_clock(self, info: ValidationInfo) -> Self:
        if not told(info) and self.every is not None and self.deadline is not None:
            raise ValueError("'every' and 'deadline' do not go together")
        return self


class DeliverableSpec(Titled):
    id: Name
    kind: Literal["file"] = "file"
    required: bool = False


class Pausable(Model):
    """The stage's clock may stand still for somebody outside: in one visit `most` so long, or without end."""

    most: str | None = None


class StageSpec(Titled):
    id: Name
    track: Name = MAIN_TRACK
    owner: Name | None = None
    calendar: Name | None = None
    deadline: DeadlineSpec | None = None
    pausable: Pausable | None = None
    requires: tuple[Name, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    deliverables: tuple[DeliverableSpec, ...] = ()


class Successor(Model):
    """A new case opened when the transition fires, e.g. the next cycle; `values` maps its fields to our
    expressions.
    """

    sop: Name
    values: dict[Name, str] = {}


class Extension(Model):
    """More time for a deadline, until the date in a field: at most `most` times, each time at most `longest`
    beyond the present due instant. `deadline`: of the `stage` it starts from, `task:ID` or `milestone:ID`.
    """

    deadline: str = "stage"
    until: Name
    most: int | None = Field(default=None, ge=1, le=100)
    longest: str | None = None


class TransitionSpec(Titled):
    """An allowed move. Exactly one of `to`, `exit`, `stay`; `moves` moves other tracks along.

    `by`: the roles whose holders may ask for it; without it, anybody inside the company. `locks`: fields
    that bind once it has fired, until a stage it starts from is entered again. `checklist`: whether the
    left stages' required tasks, fields and deliverables must be there. Without it: yes when the move goes
    forward in file order, or out through a success exit; no when it goes back, stays or gives up.
    """

    id: Name
    from_: str | tuple[str, ...] | dict[Name, Name] = Field(alias="from")
    to: Name | None = None
    exit: Name | None = None
    stay: bool = False
    moves: dict[Name, Name] = {}
    guard: str | None = None
    requires: tuple[Name, ...] = ()
    by: tuple[Name, ...] = ()
    reason: Literal["optional", "required"] = "optional"
    checklist: bool | None = None
    approvals: tuple[ApprovalSpec, ...] = ()
    bump: Name | None = None
    clears: tuple[Name, ...] = ()
    locks: tuple[Name, ...] = ()
    auto: bool = False
    opens: Successor | None = None
    extends: Extension | None = None

    @property
    def needs(self) -> tuple[str, ...]:
        """The fields it cannot do without."""
        return self.requires if self.extends is None else (*self.requires, self.extends.until)

    @model_validator(mode="after")
    def _one_target(self, info: ValidationInfo) -> Self:
        if told(info):
            return self
        if sum((self.to is not None, self.exit is not None, self.stay)) > 1 or not (
            self.to or self.exit or self.stay or self.moves
        ):
            raise ValueError("write one of 'to', 'exit', 'stay: true' (or 'moves')")
        if self.extends is not None and not self.stay:
            raise ValueError("'extends' goes with 'stay: true'")
        return self


class Cycle(Model):
    """The track goes round these stages: from the last to the first `every` so often, `until` the guard
    holds.
    """

    stages: tuple[Name, ...] = Field(min_length=2)
    every: str
    until: str | None = None


class TrackSpec(Titled):
    """A parallel line of stages; opened with the case, or by a transition (fork)."""

    start: Name
    opened_by: Name | None = None
    cycle: Cycle | None = None


class ExitSpec(Titled):
    """A way a case ends. `success` exits demand the checklist of the stage they leave."""

    success: bool = False


class ChildEffect(Model):
    """What a child's outcome does to the parent; expressions read `child.<field>`."""

    set: dict[Name, str] = {}
    append: dict[Name, dict[Name, str]] = {}
    fire: Name | None = None


class ChildSpec(Titled):
    """Cases this case may open. `mandatory`: open ones hold every transition that leaves stage `at`.

    `roles` maps a role of the child to the role here whose holders take it, as they are when the child opens.
    """

    sop: Name
    at: tuple[Name, ...] | Name | None = None
    mandatory: bool = False
    values: dict[Name, str] = {}
    roles: dict[Name, Name] = {}
    on_child: dict[Name, ChildEffect] = {}
    on_parent_end: Literal["cancel", "leave"] = "cancel"


class RuleSpec(Titled):
    """What must hold after every command; `per` judges it for each value of a record column, e.g.
    expenses.item.
    """

    id: Name
    per: str | None = None
    always: str
    remedy: Name | None = None


class EachRecord(Model):
    """Milestones listed by people in a field: which columns hold name, planned and actual date."""

    field: Name
    name: Name
    due: Name
    done: Name


class MilestoneSpec(Ladder, Titled):
    """A point reached, recorded once: stage `entered` or `left`, or one `each` record of a list field.

    `deadline`: when it must be reached; without it, at closing on the planned date.
    """

    id: Name
    planned: Name | None = None
    entered: Name | None = None
    left: Name | None = None
    each: EachRecord | None = None
    owner: Name | None = None
    deadline: DeadlineSpec | None = None

    @property
    def ladder(self) -> Ladder:
        """That of the deadline where one is written there, else its own."""
        inner = self.deadline
        return inner if inner is not None and (inner.remind or inner.escalate) else self

    @model_validator(mode="after")
    def _one_kind(self, info: ValidationInfo) -> Self:
        if told(info):
            return self
        if sum(v is not None for v in (self.entered, self.left, self.each)) != 1:
            raise ValueError("write exactly one of 'entered', 'left', 'each'")
        return self


class HoldSpec(Model):
    """Stages in which a case may be put on hold; without `stages`, all of them."""

    stages: tuple[Name, ...] | None = None


class Sop(Titled):
    sop: Name
    zh: str  # pyright: ignore[reportGeneralTypeIssues] - optional on every other thing, required here
    calendar: Name = "cn"
    currency: str = "CNY"
    owner: Name = "sop_owner"
    settings: dict[Name, FieldSpec] = {}
    roles: dict[Name, RoleSpec] = {}
    fields: dict[Name, FieldSpec] = {}
    counters: dict[Name, Titled] = {}
    exits: dict[Name, ExitSpec] = {}
    tracks: dict[Name, TrackSpec] = {}
    stages: tuple[StageSpec, ...] = Field(min_length=1)
    milestones: tuple[MilestoneSpec, ...] = ()
    transitions: tuple[TransitionSpec, ...] = ()
    children: dict[Name, ChildSpec] = {}
    rules: tuple[RuleSpec, ...] = ()
    hold: HoldSpec = HoldSpec()
