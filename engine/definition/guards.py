"""Guards: conditions on a case, in a closed grammar of our own; never run as Python.

Read once by `parse_guard`, judged as often as needed by `judge`. What is not yet given is *unknown*: a guard
then does not hold, and its verdict names the field. docs/guards.md describes the language.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, cast

from engine.definition.field_spec import FieldSpec, FieldType, Money
from engine.definition.guard_functions import build_call
from engine.definition.guard_nodes import (
    Compare,
    Every,
    FieldRef,
    GuardData,
    Junction,
    ListFact,
    Moment,
    Node,
    SettingRef,
    Sum,
    World,
)
from engine.definition.guard_parsing import Parser
from engine.definition.guard_rendering import Wording
from engine.definition.guard_scope import GuardScope, HasType, group_of, plain_type
from engine.definition.guard_text import GuardFault
from engine.text import Language, Text

__all__ = [
    "Atom",
    "Expression",
    "Guard",
    "GuardData",
    "GuardFault",
    "GuardScope",
    "HasType",
    "Verdict",
    "evaluate",
    "groups",
    "judge",
    "moments",
    "parse_guard",
    "parse_value",
    "render",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """`reads` are fields of the case, `settings` company settings; neither names an `extra` of the scope.

    `dates` are the dates and instants compared with today or now; see `moments`. `per` is the list and column
    by whose values a rule is judged.
    """

    text: str
    node: Node
    reads: frozenset[str]
    settings: frozenset[str]
    dates: frozenset[str]
    per: str | None = None

    @property
    def type(self) -> FieldType:
        """An int counts as decimal, a longtext as text."""
        return self.node.type

    def fits(self, spec: FieldSpec) -> bool:
        """Whether a field of this kind may take the value; `fields.canonical` still judges the value."""
        return plain_type(spec.type) is self.node.type


class Guard(Expression):
    """An expression that is yes, no or unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Atom:
    """One part of a guard that does not hold (False) or cannot be judged (None), as written.

    `missing_fields` may name a column, `list.column`; `currencies` are those that met and do not mix.
    """

    text: str
    holds: bool | None
    missing_fields: tuple[str, ...] = ()
    missing_settings: tuple[str, ...] = ()
    currencies: tuple[str, ...] = ()
    node: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """None is unknown. `atoms` says why it does not hold; empty where it does."""

    holds: bool | None
    atoms: tuple[Atom, ...] = ()


# A list holds at most 1,000 records: with the nodes themselves, judging stays below 10,000 steps.
MOST_LIST_WALKS: Final = 9
_HOLDS: Final = Verdict(holds=True)


def parse_guard(text: str, scope: GuardScope, *, per: str | None = None) -> Guard:
    """Raises GuardFault for anything that is not a yes-or-no expression over the names of `scope`."""
    node = _parse(text, scope, per)
    if node.type is not FieldType.BOOL:
        raise GuardFault(
            f"条件要能回答是或否，而这是 {node.type}",
            f"a guard answers yes or no, this is {node.type}",
            node.start,
        )
    reads, settings, dates = _names(node, per)
    return Guard(text=text, node=node, per=per, reads=reads, settings=settings, dates=dates)


def parse_value(text: str, scope: GuardScope) -> Expression:
    """An expression of any type, such as `child.amount`. Raises GuardFault."""
    node = _parse(text, scope, None)
    reads, settings, dates = _names(node, None)
    return Expression(text=text, node=node, reads=reads, settings=settings, dates=dates)


def _parse(text: str, scope: GuardScope, per: str | None) -> Node:
    group = None if per is None else group_of(per, scope)
    node = Parser(text, scope, group, build_call).parse()
    if sum(isinstance(part, Sum | Every) for part in node.walk()) > MOST_LIST_WALKS:
        raise GuardFault(
            f"sum、all、any 最多用 {MOST_LIST_WALKS} 次",
            f"sum, all and any stand at most {MOST_LIST_WALKS} times",
            0,
        )
    return node


def _names(node: Node, per: str | None) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The fields and settings read, and the dates compared with the clock."""
    parts = list(node.walk())
    fields = {part.name for part in parts if isinstance(part, ListFact)}
    fields |= {part.name for part in parts if isinstance(part, FieldRef) and not part.extra}
    fields |= {per.partition(".")[0]} if per else set[str]()
    settings = frozenset(part.name for part in parts if isinstance(part, SettingRef))
    return (
        frozenset(fields),
        settings,
        frozenset(ref.path for ref in _timed(node) if isinstance(ref, FieldRef)),
    )


def _timed(node: Node) -> Iterator[Node]:
    """What is compared with today or now."""
    for part in node.walk():
        if isinstance(part, Compare):
            if isinstance(part.left, Moment):
                yield part.right
            if isinstance(part.right, Moment):
                yield part.left


def moments(guard: Expression, data: GuardData) -> tuple[date | datetime, ...]:
    """The given days and instants at which the answer may change by itself; a day counts from its start.

    With `<=` or `>` against today the answer changes on the day after, so look again then too.
    """
    found = (ref.value(World(data)) for ref in _timed(guard.node))
    return tuple(value for value in found if isinstance(value, date))


def groups(guard: Expression, data: GuardData) -> tuple[object, ...]:
    """The values of the `per` column, each once, in the order of the list; empty without `per` or list."""
    name, _, key = (guard.per or "").partition(".")
    records = cast("Sequence[Mapping[str, object]] | None", data.value(name)) if name else None
    found = (record.get(key) for record in records or ())
    return tuple(dict.fromkeys(value for value in found if value is not None))


def judge(guard: Guard, data: GuardData, *, group: object | None = None) -> Verdict:
    """`group` is one of `groups`, for a guard with `per`."""
    world = World(data, group)
    holds = cast("bool | None", guard.node.value(world))
    if holds:
        return _HOLDS
    return Verdict(holds=holds, atoms=tuple(_atoms(guard, guard.node, world)))


def _atoms(guard: Guard, node: Node, world: World) -> Iterator[Atom]:
    holds = cast("bool | None", node.value(world))
    if holds:
        return
    if isinstance(node, Junction):
        for operand in node.operands:
            yield from _atoms(guard, operand, world)
        return
    parts = list(node.walk())
    missing = [path for part in parts if (path := _missing(part, world))]
    yield Atom(
        text=guard.text[node.start : node.end],
        holds=holds,
        missing_fields=tuple(dict.fromkeys(path for path in missing if not path.startswith("$"))),
        missing_settings=tuple(dict.fromkeys(path[1:] for path in missing if path.startswith("$"))),
        currencies=() if missing or holds is False else _currencies(parts, world),
        node=node,
    )


def _missing(node: Node, world: World) -> str | None:
    match node:
        case FieldRef():
            return node.path if node.value(world) is None else None
        case SettingRef():
            return f"${node.name}" if node.value(world) is None else None
        case ListFact():
            return _missing_in_list(node, world)
        case _:
            return None


def _missing_in_list(node: ListFact, world: World) -> str | None:
    items = node.items(world)
    if items is None:
        return node.name
    cells = node.cells(world)
    return node.path if cells is None or (node.column is not None and None in cells) else None


def _currencies(parts: Sequence[Node], world: World) -> tuple[str, ...]:
    found: list[object] = []
    for part in parts:
        if isinstance(part, ListFact):
            found += part.cells(world) or []
        elif not part.parts():
            found.append(part.value(world))
    codes = dict.fromkeys(value.currency for value in found if isinstance(value, Money) and value.currency)
    return tuple(sorted(codes)) if len(codes) > 1 else ()


def evaluate(expression: Expression, data: GuardData, *, currency: str = "CNY") -> object | None:
    """The typed value; None where something it reads is not given, or currencies meet.

    The sum of no amounts at all is zero of `currency`.
    """
    value = expression.node.value(World(data))
    return (
        Money(Decimal(value.amount), currency) if isinstance(value, Money) and not value.currency else value
    )


def render(guard: Expression | Atom, language: Language, titles: Mapping[str, Text]) -> str:
    """A sentence such as `已达成一致 且 未决事项数 = 0`.

    `titles` is keyed as the guard writes the names: `field`, `list.column`, `$setting`, a stage, task, child,
    counter. What it leaves out is called by the title of its declaration, or by its name.
    """
    return Wording(language, titles).say(guard.node)
