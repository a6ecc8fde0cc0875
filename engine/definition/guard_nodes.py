"""The closed set of nodes a guard is made of, and what each is worth on the data of a case.

A value of None is *unknown*: something it reads is not given. Three-valued logic (Kleene) carries it on.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Final, Protocol, assert_never, cast

from engine.definition.field_spec import FieldType, Money, Period
from engine.definition.guard_arithmetic import (
    Sign,
    add,
    compare,
    conjunction,
    disjunction,
    multiply,
    negative,
)
from engine.text import Text

UNTITLED: Final = Text("")


class GuardData(Protocol):
    """What the engine knows of one case; values are as `fields.typed` gives them, None where not given."""

    def value(self, name: str, /) -> object | None: ...
    def setting(self, name: str, /) -> object | None: ...
    def has_left(self, stage: str, /) -> bool: ...
    def is_at(self, stage: str, /) -> bool: ...
    def task_done(self, task: str, /) -> bool: ...
    def children_open(self, child: str, /) -> int: ...
    def children_total(self, child: str, /) -> int: ...
    def version(self, counter: str, /) -> int: ...
    def today(self) -> date: ...
    def now(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class World:
    """What a node is judged on. `group` is the value of the `per` column a rule is being judged for."""

    data: GuardData
    group: object | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Node(ABC):
    """`type` is as `plain_type` gives it; `start` and `end` are columns in the guard's text."""

    type: FieldType
    start: int
    end: int

    @abstractmethod
    def value(self, world: World) -> object | None:
        """None is unknown."""

    def parts(self) -> tuple["Node", ...]:
        return ()

    def walk(self) -> Iterator["Node"]:
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(frozen=True, slots=True, kw_only=True)
class Constant(Node):
    """`title` is what people call it, where an enum says so."""

    constant: object
    title: Text | None = None

    def value(self, world: World) -> object | None:  # noqa: ARG002
        return self.constant


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRef(Node):
    """A field, or one part of it: a column of a record, the start or end of a period."""

    name: str
    part: str | None = None
    extra: bool = False
    title: Text = UNTITLED

    @property
    def path(self) -> str:
        return self.name if self.part is None else f"{self.name}.{self.part}"

    def value(self, world: World) -> object | None:
        whole = world.data.value(self.name)
        match whole:
            case _ if self.part is None:
                return whole
            case dict():
                return cast("Mapping[str, object]", whole).get(self.part)
            case Period():
                return whole.start if self.part == "start" else whole.end
            case _:
                return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingRef(Node):
    name: str
    title: Text = UNTITLED

    def value(self, world: World) -> object | None:
        return world.data.setting(self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupRef(Node):
    """The value of the `per` column that the rule is being judged for."""

    name: str
    title: Text = UNTITLED

    def value(self, world: World) -> object | None:
        return world.group


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment(Node):
    """`today`, where the type is date; else `now`."""

    def value(self, world: World) -> object | None:
        return world.data.today() if self.type is FieldType.DATE else world.data.now()


@dataclass(frozen=True, slots=True, kw_only=True)
class ListFact(Node):
    """A function over a list field."""

    name: str
    column: str | None = None
    title: Text = UNTITLED
    column_title: Text = UNTITLED

    @property
    def path(self) -> str:
        return self.name if self.column is None else f"{self.name}.{self.column}"

    def items(self, world: World) -> Sequence[object] | None:
        return cast("Sequence[object] | None", world.data.value(self.name))

    def cells(self, world: World) -> list[object | None] | None:
        """The column's value in every record; the items themselves where there is no column."""
        items = self.items(world)
        if items is None or self.column is None:
            return None if items is None else list(items)
        return [cast("Mapping[str, object]", item).get(self.column) for item in items]


@dataclass(frozen=True, slots=True, kw_only=True)
class Count(ListFact):
    def value(self, world: World) -> object | None:
        items = self.items(world)
        return None if items is None else Decimal(len(items))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sum(ListFact):
    """With `key`, only of records whose `key` equals the group. Unknown while an amount or key is missing.

    A list not given yet is unknown; but per group it adds nothing, or a budget nobody wrote down would bind
    nobody.
    """

    key: str | None = None
    key_title: Text = UNTITLED

    def cells(self, world: World) -> list[object | None] | None:
        items = self.items(world)
        if self.key is None:
            return ListFact.cells(self, world)
        if items is None:
            return []
        records = cast("Sequence[Mapping[str, object]]", items)
        if world.group is None or any(record.get(self.key) is None for record in records):
            return None
        return [record.get(self.column or "") for record in records if record[self.key] == world.group]

    def value(self, world: World) -> object | None:
        cells = self.cells(world)
        if cells is None or None in cells:
            return None
        total: object | None = Money(Decimal(0), "") if self.type is FieldType.MONEY else Decimal(0)
        for cell in cells:
            total = None if total is None else add(total, cell)
        return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Every(ListFact):
    """`all` or `any` of a column: given or, in a yes-no column, yes. Neither holds on an empty list."""

    everyone: bool
    yes_no: bool

    def value(self, world: World) -> object | None:
        cells = self.cells(world)
        if not cells:
            return None if cells is None else False
        known = [cell if self.yes_no else cell is not None for cell in cells]
        return conjunction(known) if self.everyone else disjunction(known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given(Node):
    of: FieldRef | SettingRef

    def value(self, world: World) -> object | None:
        return self.of.value(world) is not None

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


class Fact(Enum):
    """A question about the course of the case; its name in a guard."""

    DONE = "done"
    LEFT = "left"
    AT = "at"
    TASK_DONE = "task_done"
    CLOSED = "closed"
    NONE_OPEN = "none_open"
    VERSION = "version"


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseFact(Node):
    fact: Fact
    name: str

    def value(self, world: World) -> object | None:
        data = world.data
        match self.fact:
            case Fact.DONE | Fact.LEFT:
                return data.has_left(self.name)
            case Fact.AT:
                return data.is_at(self.name)
            case Fact.TASK_DONE:
                return data.task_done(self.name)
            case Fact.CLOSED:
                return data.children_total(self.name) > 0 and data.children_open(self.name) == 0
            case Fact.NONE_OPEN:
                return data.children_open(self.name) == 0
            case Fact.VERSION:
                return Decimal(data.version(self.name))
            case _:
                assert_never(self.fact)


@dataclass(frozen=True, slots=True, kw_only=True)
class Add(Node):
    """`left` plus or, with `minus`, less `right`. Unknown where two currencies meet."""

    left: Node
    right: Node
    minus: bool

    def value(self, world: World) -> object | None:
        left, right = self.left.value(world), self.right.value(world)
        if left is None or right is None:
            return None
        return add(left, negative(right) if self.minus else right)

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Times(Node):
    """`hundredths`: one factor is a percentage of the other, so 5 counts as 0.05."""

    left: Node
    right: Node
    hundredths: bool

    def value(self, world: World) -> object | None:
        left, right = self.left.value(world), self.right.value(world)
        if left is None or right is None:
            return None
        return multiply(left, right, hundredths=self.hundredths)

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Negative(Node):
    of: Node

    def value(self, world: World) -> object | None:
        value = self.of.value(world)
        return None if value is None else negative(value)

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Compare(Node):
    """Both sides are of one type. Unknown where two currencies meet."""

    sign: Sign
    left: Node
    right: Node

    def value(self, world: World) -> object | None:
        left, right = self.left.value(world), self.right.value(world)
        if left is None or right is None:
            return None
        return compare(self.sign, left, right)

    def parts(self) -> tuple[Node, ...]:
        return (self.left, self.right)


@dataclass(frozen=True, slots=True, kw_only=True)
class Among(Node):
    of: Node
    choices: tuple[Constant, ...]
    negated: bool

    def value(self, world: World) -> object | None:
        value = self.of.value(world)
        if value is None:
            return None
        return any(value == choice.constant for choice in self.choices) is not self.negated

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Not(Node):
    of: Node

    def value(self, world: World) -> object | None:
        value = self.of.value(world)
        return None if value is None else not value

    def parts(self) -> tuple[Node, ...]:
        return (self.of,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Junction(Node):
    """`and`, or with `either` `or`, of two or more."""

    operands: tuple[Node, ...]
    either: bool

    def value(self, world: World) -> object | None:
        known = [operand.value(world) for operand in self.operands]
        return disjunction(known) if self.either else conjunction(known)

    def parts(self) -> tuple[Node, ...]:
        return self.operands
