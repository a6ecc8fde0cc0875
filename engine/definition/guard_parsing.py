"""From the text of a guard to typed nodes; the only place where Python's parser is used, and only to read.

Whatever is not listed here is refused. Nothing is ever run: the tree is read, checked and thrown away.
"""

import ast
from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Final, cast

from engine.definition.field_spec import FieldSpec, FieldType
from engine.definition.guard_arithmetic import Sign, negative
from engine.definition.guard_constants import alike
from engine.definition.guard_nodes import (
    Add,
    Among,
    Compare,
    Constant,
    Junction,
    Moment,
    Negative,
    Node,
    Not,
    Times,
)
from engine.definition.guard_scope import (
    NUMERIC,
    Found,
    Group,
    GuardScope,
    find,
    find_setting,
    unknown,
)
from engine.definition.guard_slips import unreadable
from engine.definition.guard_text import MOST_CHARACTERS, GuardFault, Unreadable, prepare
from engine.text import Text

MOST_NODES: Final = 200
MOST_DEPTH: Final = 40
_UNCOUNTED: Final = (ast.expr_context, ast.boolop, ast.operator, ast.unaryop, ast.cmpop)
_ORDERED: Final = NUMERIC | {FieldType.DATE, FieldType.DATETIME}
_EQUALLED: Final = frozenset({
    FieldType.TEXT, FieldType.ENUM, FieldType.BOOL, FieldType.PERSON, FieldType.REFERENCE, FieldType.DURATION,
})  # fmt: skip
_SIGNS: Final[dict[type[ast.cmpop], Sign]] = {
    ast.Eq: Sign.EQUAL, ast.NotEq: Sign.UNEQUAL, ast.Lt: Sign.LESS, ast.LtE: Sign.AT_MOST, ast.Gt: Sign.MORE,
    ast.GtE: Sign.AT_LEAST,
}  # fmt: skip
_YES_NO: Final = {"true": True, "false": False}


CallBuilder = Callable[["Parser", ast.Call], Node]


@dataclass(frozen=True, slots=True)
class Span:
    start: int
    end: int


class Parser:
    """Builds nodes for one text. The functions of the language stand in `guard_functions`."""

    def __init__(self, text: str, scope: GuardScope, group: Group | None, call: CallBuilder) -> None:
        self.scope = scope
        self.group = group
        self._call = call
        prepared = prepare(text)
        self._written = text
        self._dollars = prepared.dollars
        self._text = prepared.python
        self._lead = len(prepared.python) - len(prepared.python.lstrip())
        self._bytes = prepared.python.lstrip().encode()

    def parse(self) -> Node:
        tree = self._tree()
        self._refuse_large(tree)
        return self.build(tree)

    def _tree(self) -> ast.expr:
        try:
            return ast.parse(self._bytes, mode="eval").body
        except SyntaxError as fault:
            # It counts from 1; without one, or past the end, something is missing at the end.
            offset = min((fault.offset or MOST_CHARACTERS) - 1 + self._lead, len(self._text))
            raise unreadable(self._written, offset) from None
        except (RecursionError, MemoryError, ValueError):
            raise Unreadable("条件太复杂；请拆开", "the guard is too deep; split it", 0) from None

    def _refuse_large(self, tree: ast.expr) -> None:
        nodes, waiting = 0, [(cast("ast.AST", tree), 1)]
        while waiting:
            node, depth = waiting.pop()
            nodes += 1
            if nodes > MOST_NODES or depth > MOST_DEPTH:
                raise Unreadable(
                    f"条件太复杂（最多 {MOST_NODES} 个部分、{MOST_DEPTH} 层）；请拆开",
                    f"the guard is too large (at most {MOST_NODES} parts, {MOST_DEPTH} deep); split it",
                    0,
                )
            inside = (part for part in ast.iter_child_nodes(node) if not isinstance(part, _UNCOUNTED))
            waiting += [(part, depth + 1) for part in inside]

    def span(self, tree: ast.expr) -> Span:
        """Python counts columns in bytes; people count characters."""
        end = tree.end_col_offset if tree.end_col_offset is not None else tree.col_offset
        start = len(self._bytes[: tree.col_offset].decode())
        return Span(self._lead + start, self._lead + len(self._bytes[:end].decode()))

    def refuse(self, tree: ast.expr, zh: str, en: str, suggestion: str | None = None) -> GuardFault:
        return GuardFault(zh, en, self.span(tree).start, suggestion)

    def build(self, tree: ast.expr) -> Node:
        builder = _BUILDERS.get(type(tree))
        if builder is None:
            raise self.refuse(tree, "条件里没有这种写法", "a guard cannot say this")
        return builder(self, tree)

    def yes_no(self, tree: ast.expr) -> Node:
        node = self.build(tree)
        if node.type is not FieldType.BOOL:
            raise self.refuse(
                tree,
                f"这里要一个是非判断，而这是 {node.type}；可写 given(…) 或作比较",
                f"a yes or no is needed here, this is {node.type}; write given(...) or compare it",
            )
        return node

    def dotted(self, tree: ast.expr) -> str | None:
        """`name` or `name.name` as written; None for anything else, settings included."""
        match tree:
            case ast.Name(id=name) if self.span(tree).start not in self._dollars:
                return name
            case ast.Attribute(value=ast.Name(id=name), attr=part) if (
                self.span(tree).start not in self._dollars
            ):
                return f"{name}.{part}"
            case _:
                return None

    def found(self, tree: ast.expr) -> Found | None:
        """What the name stands for; None where it stands for nothing, or is no name."""
        start = self.span(tree).start
        if isinstance(tree, ast.Name) and start in self._dollars:
            return find_setting(tree.id[1:], self.scope, start)
        name = self.dotted(tree)
        return None if name is None else find(name, self.scope, self.group, start)

    def name(self, tree: ast.expr) -> Node:
        written = self.dotted(tree)
        if written in {"today", "now"}:
            span = self.span(tree)
            kind = FieldType.DATE if written == "today" else FieldType.DATETIME
            return Moment(type=kind, start=span.start, end=span.end)
        if written in _YES_NO:
            return self._constant(tree, FieldType.BOOL, _YES_NO[written])
        found = self.found(tree)
        if found is not None:
            return found.node
        if written is None:
            raise self.refuse(tree, "点号只用来引用名称", "dots only join names")
        known = {*self.scope.fields, *self.scope.extra, *self._parts(written.partition(".")[0])}
        raise unknown(Text("字段", "field"), written, known, self.span(tree).start)

    def _parts(self, root: str) -> list[str]:
        spec = self.scope.fields.get(root)
        if spec is None:
            return []
        inside = ["start", "end"] if spec.type is FieldType.PERIOD else list(spec.fields)
        return [f"{root}.{part}" for part in inside]

    def _constant(
        self, tree: ast.expr, kind: FieldType, value: object, title: Text | None = None
    ) -> Constant:
        span = self.span(tree)
        return Constant(type=kind, start=span.start, end=span.end, constant=value, title=title)

    def literal(self, tree: ast.expr) -> Node:
        value = cast("ast.Constant", tree).value
        if isinstance(value, bool):
            return self._constant(tree, FieldType.BOOL, value)
        if isinstance(value, str):
            return self._constant(tree, FieldType.TEXT, value)
        span = self.span(tree)
        # Python would make a float of 0.1; the text is read again, and exactly.
        written = self._text[span.start : span.end]
        if not all(part.isdigit() for part in written.split(".")):
            raise self.refuse(tree, "数字请写成 12 或 0.5", "write a number like 12 or 0.5")
        return self._constant(tree, FieldType.DECIMAL, Decimal(written))

    def junction(self, tree: ast.expr) -> Node:
        both = cast("ast.BoolOp", tree)
        operands = tuple(self.yes_no(value) for value in both.values)
        return self._join(tree, operands, either=isinstance(both.op, ast.Or))

    def _join(self, tree: ast.expr, operands: tuple[Node, ...], *, either: bool) -> Node:
        span = self.span(tree)
        return Junction(type=FieldType.BOOL, start=span.start, end=span.end, operands=operands, either=either)

    def unary(self, tree: ast.expr) -> Node:
        signed = cast("ast.UnaryOp", tree)
        span = self.span(tree)
        if isinstance(signed.op, ast.Not):
            return Not(type=FieldType.BOOL, start=span.start, end=span.end, of=self.yes_no(signed.operand))
        of = self.build(signed.operand)
        if not isinstance(signed.op, ast.USub) or of.type not in NUMERIC:
            raise self.refuse(tree, "正负号只用于数字和金额", "a sign goes with numbers and money")
        if isinstance(of, Constant):
            return self._constant(tree, of.type, negative(of.constant))
        return Negative(type=of.type, start=span.start, end=span.end, of=of)

    def arithmetic(self, tree: ast.expr) -> Node:
        both = cast("ast.BinOp", tree)
        left, right = self.build(both.left), self.build(both.right)
        span = self.span(tree)
        if left.type not in NUMERIC or right.type not in NUMERIC:
            raise self.refuse(
                tree,
                f"{left.type} 与 {right.type} 不能计算",
                f"{left.type} and {right.type} cannot be computed with",
            )
        if isinstance(both.op, ast.Mult):
            return self._times(tree, left, right)
        if not isinstance(both.op, ast.Add | ast.Sub):
            raise self.refuse(tree, "只能用 + - *", "only + - * can be used")
        left, right = alike(left, right)
        if left.type is not right.type:
            raise self.refuse(
                tree,
                f"{left.type} 与 {right.type} 不能相加减",
                f"{left.type} and {right.type} cannot be added",
            )
        return Add(
            type=left.type,
            start=span.start,
            end=span.end,
            left=left,
            right=right,
            minus=isinstance(both.op, ast.Sub),
        )

    def _times(self, tree: ast.expr, left: Node, right: Node) -> Node:
        """A percentage of a number or of money is a share of it; a constant times one is a percentage."""
        kinds = {left.type, right.type}
        if left.type is right.type is FieldType.MONEY:
            raise self.refuse(tree, "金额不能与金额相乘", "money is not multiplied by money")
        constant = isinstance(left, Constant) or isinstance(right, Constant)
        if FieldType.MONEY in kinds:
            kind = FieldType.MONEY
        elif kinds == {FieldType.DECIMAL, FieldType.PERCENT} and not constant:
            kind = FieldType.DECIMAL
        else:
            kind = FieldType.PERCENT if FieldType.PERCENT in kinds else FieldType.DECIMAL
        shares = (left.type is FieldType.PERCENT) + (right.type is FieldType.PERCENT)
        span = self.span(tree)
        return Times(
            type=kind, start=span.start, end=span.end, left=left, right=right,
            hundredths=shares > (kind is FieldType.PERCENT),
        )  # fmt: skip

    def comparison(self, tree: ast.expr) -> Node:
        """`a < b < c` is `a < b and b < c`, each judged and reported for itself."""
        chain = cast("ast.Compare", tree)
        sides = [chain.left, *chain.comparators]
        whole, last = self.span(tree), len(chain.ops) - 1
        pairs: list[Node] = []
        for at, op in enumerate(chain.ops):
            start = whole.start if at == 0 else self._with_brackets(sides[at]).start
            end = whole.end if at == last else self._with_brackets(sides[at + 1]).end
            pairs.append(self._pair(op, sides[at], sides[at + 1], span=Span(start, end)))
        return pairs[0] if last == 0 else self._join(tree, tuple(pairs), either=False)

    def _with_brackets(self, tree: ast.expr) -> Span:
        """Python's columns leave out the brackets around an operand."""
        span = self.span(tree)
        before, after = self._text[: span.start], self._text[span.end :]
        opening = before[len(before.rstrip(" (")) :].lstrip()
        closing = after[: len(after) - len(after.lstrip(" )"))].rstrip()
        return Span(span.start - len(opening), span.end + len(closing))

    def _pair(self, op: ast.cmpop, left: ast.expr, right: ast.expr, *, span: Span) -> Node:
        if isinstance(op, ast.In | ast.NotIn):
            return self._among(left, right, span=span, negated=isinstance(op, ast.NotIn))
        one, other = alike(*self.sides(left, right))
        sign = _SIGNS[type(op)]
        if one.type is not other.type:
            raise self.refuse(
                left,
                f"{one.type} 不能与 {other.type} 比较",
                f"{one.type} cannot be compared with {other.type}",
            )
        if one.type not in _ORDERED | _EQUALLED:
            raise self.refuse(
                left,
                f"{one.type} 不能比较；请用 given 或 count",
                f"{one.type} is not compared; use given or count",
            )
        if one.type in _EQUALLED and sign not in {Sign.EQUAL, Sign.UNEQUAL}:
            raise self.refuse(left, f"{one.type} 只能用 == 或 !=", f"{one.type} is compared by == or != only")
        return Compare(type=FieldType.BOOL, start=span.start, end=span.end, sign=sign, left=one, right=other)

    def _among(self, item: ast.expr, choices: ast.expr, *, span: Span, negated: bool) -> Node:
        if not isinstance(choices, ast.Tuple | ast.List) or not choices.elts:
            raise self.refuse(
                choices, "in 之后写圆括号里的选项，如 (a, b)；只有一项时也要逗号",
                "after 'in' stand choices in brackets, as in (a, b); a single one keeps its comma",
            )  # fmt: skip
        of = self.build(item)
        found: list[Constant] = []
        for choice in choices.elts:
            _, node = alike(*self.sides(item, choice))
            if not isinstance(node, Constant) or node.type is not of.type or of.type is FieldType.MONEY:
                raise self.refuse(
                    choice, f"这里要一个 {of.type} 常量", f"a constant of type {of.type} is needed here"
                )
            found.append(node)
        return Among(
            type=FieldType.BOOL, start=span.start, end=span.end, of=of, choices=tuple(found), negated=negated
        )

    def sides(self, left: ast.expr, right: ast.expr) -> tuple[Node, Node]:
        """Beside an enum a bare or quoted word is one of its values."""
        for one, other, turned in ((left, right, False), (right, left, True)):
            found = self._enum(one)
            if found is not None and (value := self._enum_value(other, found)) is not None:
                return (value, found.node) if turned else (found.node, value)
        one, other = self.build(left), self.build(right)
        if (
            one.type is other.type is FieldType.ENUM
            and self._values(left).keys() != self._values(right).keys()
        ):
            raise self.refuse(right, "两个字段的选项不同", "the two fields have different values")
        return one, other

    def _enum(self, tree: ast.expr) -> Found | None:
        found = self.found(tree)
        return found if found is not None and found.node.type is FieldType.ENUM else None

    def _values(self, tree: ast.expr) -> dict[str, Text]:
        found = self._enum(tree)
        return found.spec.values if found is not None and isinstance(found.spec, FieldSpec) else {}

    def _enum_value(self, tree: ast.expr, enum: Found) -> Constant | None:
        """None where the word is the name of something else."""
        quoted = isinstance(tree, ast.Constant) and isinstance(tree.value, str)
        word = str(tree.value) if isinstance(tree, ast.Constant) and quoted else self.dotted(tree)
        if word is None:
            return None
        values = enum.spec.values if isinstance(enum.spec, FieldSpec) else {}
        if word in values:
            return self._constant(tree, FieldType.ENUM, word, values[word])
        if not quoted and (self.found(tree) is not None or word in {"today", "now", *_YES_NO}):
            return None
        near = get_close_matches(word, values, n=1)
        listed = ", ".join(list(values)[:20])
        raise self.refuse(
            tree, f"“{word}”不是选项；可选：{listed}", f"{word!r} is not one of the values {listed}",
            near[0] if near else None,
        )  # fmt: skip

    def call(self, tree: ast.expr) -> Node:
        return self._call(self, cast("ast.Call", tree))

    def one_of(self, tree: ast.expr, known: Collection[str], what: Text) -> str:
        written = self.dotted(tree)
        if written is None or written not in known:
            span = self.span(tree)
            raise unknown(what, written or self._text[span.start : span.end][:40], known, span.start)
        return written


_BUILDERS: Final[dict[type[ast.expr], Callable[[Parser, ast.expr], Node]]] = {
    ast.BoolOp: Parser.junction,
    ast.UnaryOp: Parser.unary,
    ast.BinOp: Parser.arithmetic,
    ast.Compare: Parser.comparison,
    ast.Call: Parser.call,
    ast.Constant: Parser.literal,
    ast.Name: Parser.name,
    ast.Attribute: Parser.name,
}
