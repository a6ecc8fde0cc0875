"""The names a guard may use, and what type each has."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Final, Protocol

from engine.definition.field_spec import FieldSpec, FieldType
from engine.definition.findings import STAND_IN
from engine.definition.guard_nodes import UNTITLED, FieldRef, GroupRef, Node, SettingRef, Sum
from engine.definition.guard_text import GuardFault
from engine.text import Text

_SAME: Final = {FieldType.INT: FieldType.DECIMAL, FieldType.LONGTEXT: FieldType.TEXT}
NUMERIC: Final = frozenset({FieldType.DECIMAL, FieldType.PERCENT, FieldType.MONEY})
_NOT_A_KEY: Final = frozenset({FieldType.LIST, FieldType.RECORD, FieldType.FILE, FieldType.PERIOD})
_PERIOD_DAY: Final = FieldSpec(type=FieldType.DATE)


class HasType(Protocol):
    @property
    def type(self) -> FieldType: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class GuardScope:
    """What the SOP declares; `stages` as `stage` and as `track.stage`, `extra` such as `child.amount`."""

    fields: Mapping[str, FieldSpec] = field(default_factory=dict[str, FieldSpec])
    settings: Mapping[str, HasType] = field(default_factory=dict[str, HasType])
    stages: Collection[str] = ()
    tasks: Collection[str] = ()
    children: Collection[str] = ()
    versions: Collection[str] = ()
    extra: Mapping[str, FieldSpec] = field(default_factory=dict[str, FieldSpec])


@dataclass(frozen=True, slots=True)
class Group:
    """The `per` of a rule: `key`, a column of the list `name`, and the type of its values."""

    name: str
    key: str
    column: FieldSpec


def plain_type(kind: FieldType) -> FieldType:
    """The type a guard computes with: int as decimal, long text as text."""
    return _SAME.get(kind, kind)


def group_of(per: str, scope: GuardScope) -> Group:
    """Reads `list.column`; the column must be required, or records without it would escape the rule."""
    name, _, key = per.partition(".")
    spec = scope.fields.get(name)
    if spec is None or not spec.columns:
        lists = [known for known, found in scope.fields.items() if found.columns]
        raise unknown(Text("记录清单", "list of records"), name, lists, 0)
    column = spec.columns.get(key)
    if column is None:
        raise unknown(Text("栏目", "column"), key, spec.columns, len(name) + 1)
    if column.type in _NOT_A_KEY:
        raise GuardFault(
            f"不能按 {column.type} 类型的栏目分组",
            f"a column of type {column.type} cannot group",
            len(name) + 1,
        )
    if not column.required:
        raise GuardFault(
            f"分组的栏目“{per}”要写 required: true", f"the grouping column {per!r} must say required: true", 0
        )
    return Group(name, key, column)


def unknown(what: Text, name: str, known: Collection[str], offset: int) -> GuardFault:
    """`what` is the kind of thing meant: a field, a stage."""
    known = [one for one in known if STAND_IN not in one]
    near = get_close_matches(name, known, n=1)
    listed = "、".join(sorted(known)[:10])
    tail_zh, tail_en = "", ""
    if known and not near:
        tail_zh, tail_en = f"；可用：{listed}", f"; known: {listed.replace('、', ', ')}"
    return GuardFault(
        f"没有名为“{name}”的{what.zh}{tail_zh}",
        f"there is no {what.en} {name!r}{tail_en}",
        offset,
        near[0] if near else None,
    )


@dataclass(frozen=True, slots=True)
class Found:
    """What a name stands for, and the declaration behind it."""

    node: Node
    spec: HasType


def find(name: str, scope: GuardScope, group: Group | None, start: int) -> Found | None:
    """What a bare or dotted name means. With `per`, the columns of its list come before the case's fields."""
    if name in scope.extra:
        return _field(name, scope.extra[name], start, extra=True)
    if group is not None and (found := _in_group(name, scope, group, start)):
        return found
    root, dot, part = name.partition(".")
    spec = scope.fields.get(root)
    if spec is None or not dot:
        return None if spec is None else _field(name, spec, start)
    if spec.type is FieldType.PERIOD and part in {"start", "end"}:
        return _field(name, _PERIOD_DAY, start)
    inside = spec.fields.get(part)
    return None if inside is None else _field(name, inside, start)


def _field(name: str, spec: FieldSpec, start: int, *, extra: bool = False) -> Found:
    """A dot leads into a record or period, but is part of the name of an extra."""
    root, _, part = (name, "", "") if extra else name.partition(".")
    end = start + len(name)
    node = FieldRef(
        type=plain_type(spec.type),
        start=start,
        end=end,
        name=root,
        part=part or None,
        title=spec.title,
        extra=extra,
    )
    return Found(node, spec)


def _in_group(name: str, scope: GuardScope, group: Group, start: int) -> Found | None:
    end = start + len(name)
    if name == group.key:
        kind = plain_type(group.column.type)
        return Found(
            GroupRef(type=kind, start=start, end=end, name=name, title=group.column.title), group.column
        )
    listed = scope.fields[group.name]
    column = listed.columns.get(name)
    if column is None or plain_type(column.type) not in NUMERIC:
        return None
    node = Sum(
        type=plain_type(column.type), start=start, end=end, name=group.name, column=name, key=group.key,
        key_title=group.column.title,
        title=listed.title, column_title=column.title,
    )  # fmt: skip
    return Found(node, column)


def find_setting(name: str, scope: GuardScope, start: int) -> Found:
    spec = scope.settings.get(name)
    if spec is None:
        raise unknown(Text("设置", "setting"), name, scope.settings, start + 1)
    end = start + 1 + len(name)
    title = spec.title if isinstance(spec, FieldSpec) else UNTITLED
    return Found(SettingRef(type=plain_type(spec.type), start=start, end=end, name=name, title=title), spec)
