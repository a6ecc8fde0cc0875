"""The functions of the guard language: their arguments, checked, made into nodes."""

import ast
from typing import Final, assert_never

from engine.definition.field_spec import FieldSpec, FieldType
from engine.definition.guard_nodes import (
    UNTITLED,
    CaseFact,
    Count,
    Every,
    Fact,
    FieldRef,
    Given,
    Node,
    SettingRef,
    Sum,
)
from engine.definition.guard_parsing import CallBuilder, Parser
from engine.definition.guard_scope import NUMERIC, plain_type, unknown
from engine.text import Text


def build_call(parser: Parser, call: ast.Call) -> Node:
    name = parser.dotted(call.func)
    builder = _FUNCTIONS.get(name or "")
    if builder is None:
        known = sorted(_FUNCTIONS)
        raise unknown(Text("函数", "function"), name or "(...)", known, parser.span(call.func).start)
    most = 2 if name == "sum" else 1
    if call.keywords or not 1 <= len(call.args) <= most:
        names = "1 or 2 names" if most > 1 else "1 name"
        raise parser.refuse(
            call, f"{name} 的括号里最多写 {most} 个名称", f"{name} takes {names} in its brackets"
        )
    return builder(parser, call)


def _list_and_column(parser: Parser, tree: ast.expr) -> tuple[str, FieldSpec, str | None, FieldSpec]:
    """The list, and the column named after the dot; without one, what the list is made of."""
    name, dot, column = (parser.dotted(tree) or "").partition(".")
    lists = {known for known, spec in parser.scope.fields.items() if spec.type is FieldType.LIST}
    start = parser.span(tree).start
    if name not in lists:
        raise unknown(Text("清单字段", "list field"), name or "(...)", lists, start)
    spec = parser.scope.fields[name]
    if not dot:
        return name, spec, None, spec.of or spec
    if column not in spec.columns:
        raise unknown(Text("栏目", "column"), column, spec.columns, start + len(name) + 1)
    return name, spec, column, spec.columns[column]


def _count(parser: Parser, call: ast.Call) -> Node:
    name, spec, column, _ = _list_and_column(parser, call.args[0])
    if column is not None:
        raise parser.refuse(call.args[0], "count 数的是整个清单", "count takes the whole list", name)
    span = parser.span(call)
    return Count(type=FieldType.DECIMAL, start=span.start, end=span.end, name=name, title=spec.title)


def _sum(parser: Parser, call: ast.Call) -> Node:
    name, spec, column, cell = _list_and_column(parser, call.args[0])
    kind = plain_type(cell.type)
    if kind not in NUMERIC:
        suggestion = next(
            (f"{name}.{c}" for c, s in spec.columns.items() if plain_type(s.type) in NUMERIC), None
        )
        raise parser.refuse(
            call.args[0],
            f"sum 只能合计数字或金额，不能合计 {kind}",
            f"sum adds numbers or money, not {kind}",
            suggestion,
        )
    key = _key(parser, call.args[1], name, spec) if call.args[1:] else None
    span = parser.span(call)
    return Sum(
        type=kind, start=span.start, end=span.end, name=name, column=column, title=spec.title,
        column_title=cell.title if column else UNTITLED, key=key,
        key_title=spec.columns[key].title if key else UNTITLED,
    )  # fmt: skip


def _key(parser: Parser, tree: ast.expr, name: str, spec: FieldSpec) -> str:
    """The column of this list that must equal the group; the list may be another than the one `per` names."""
    if parser.group is None:
        raise parser.refuse(tree, "只有写了 per 的规则才能分组合计", "only a rule with 'per' sums by group")
    key = parser.one_of(tree, spec.columns, Text("栏目", "column"))
    if plain_type(spec.columns[key].type) is not plain_type(parser.group.column.type):
        raise parser.refuse(
            tree,
            f"“{name}.{key}”与“{parser.group.name}.{parser.group.key}”类型不同",
            f"{name}.{key} and {parser.group.name}.{parser.group.key} have different types",
        )
    return key


def _every(parser: Parser, call: ast.Call) -> Node:
    name, spec, column, cell = _list_and_column(parser, call.args[0])
    if column is None and cell.type is not FieldType.BOOL:
        raise parser.refuse(call.args[0], "请写明栏目，如 清单.栏目", "name a column, as in list.column")
    span = parser.span(call)
    return Every(
        type=FieldType.BOOL, start=span.start, end=span.end, name=name, column=column, title=spec.title,
        column_title=cell.title if column else UNTITLED, everyone=parser.dotted(call.func) == "all",
        yes_no=cell.type is FieldType.BOOL,
    )  # fmt: skip


def _given(parser: Parser, call: ast.Call) -> Node:
    of = parser.name(call.args[0]) if isinstance(call.args[0], ast.Name | ast.Attribute) else None
    if not isinstance(of, FieldRef | SettingRef):
        raise parser.refuse(call.args[0], "given 要一个字段或设置", "given takes a field or a setting")
    span = parser.span(call)
    return Given(type=FieldType.BOOL, start=span.start, end=span.end, of=of)


def _case_fact(parser: Parser, call: ast.Call) -> Node:
    fact = Fact(parser.dotted(call.func))
    match fact:
        case Fact.DONE | Fact.LEFT | Fact.AT:
            known, what = parser.scope.stages, Text("阶段", "stage")
        case Fact.TASK_DONE:
            known, what = parser.scope.tasks, Text("任务", "task")
        case Fact.CLOSED | Fact.NONE_OPEN:
            known, what = parser.scope.children, Text("子流程", "child")
        case Fact.VERSION:
            known, what = parser.scope.versions, Text("版本计数", "version counter")
        case _:
            assert_never(fact)
    name = parser.one_of(call.args[0], known, what)
    span = parser.span(call)
    kind = FieldType.DECIMAL if fact is Fact.VERSION else FieldType.BOOL
    return CaseFact(type=kind, start=span.start, end=span.end, fact=fact, name=name)


_FUNCTIONS: Final[dict[str, CallBuilder]] = {
    "count": _count,
    "sum": _sum,
    "all": _every,
    "any": _every,
    "given": _given,
    **{fact.value: _case_fact for fact in Fact},
}
