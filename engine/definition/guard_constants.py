"""Constants in a guard take the type of what stands beside them."""

from dataclasses import replace
from decimal import Decimal
from typing import Final

from engine.definition.field_forms import typed
from engine.definition.field_reading import canonical
from engine.definition.field_spec import FieldFault, FieldSpec, FieldType, Money
from engine.definition.guard_nodes import Constant, Node
from engine.definition.guard_text import GuardFault

_READ_FROM_TEXT: Final = frozenset({
    FieldType.MONEY, FieldType.PERCENT, FieldType.DATE, FieldType.DATETIME, FieldType.DURATION,
    FieldType.PERSON, FieldType.REFERENCE,
})  # fmt: skip


def alike(left: Node, right: Node) -> tuple[Node, Node]:
    """Both sides, a constant read as if it had been typed into the field beside it."""
    if isinstance(right, Constant):
        return left, _read_as(right, left.type)
    return (_read_as(left, right.type), right) if isinstance(left, Constant) else (left, right)


def _read_as(constant: Constant, kind: FieldType) -> Constant:
    match constant.type, kind:
        case FieldType.DECIMAL, FieldType.PERCENT:
            return replace(constant, type=kind)
        case FieldType.DECIMAL, FieldType.MONEY if constant.constant == 0:
            return replace(constant, type=kind, constant=Money(Decimal(0), ""))
        case FieldType.DECIMAL, FieldType.MONEY:
            raise GuardFault(
                "金额要带币种并加引号；也可改用金额设置",
                "an amount needs its currency and quotes, or use a setting of type money",
                constant.start,
                f'"{constant.constant} CNY"',
            )
        case FieldType.TEXT, _ if kind in _READ_FROM_TEXT:
            return replace(constant, type=kind, constant=_from_text(constant, kind))
        case _:
            return constant


def _from_text(constant: Constant, kind: FieldType) -> object:
    spec = FieldSpec(type=kind)
    try:
        return typed(spec, canonical(spec, constant.constant, currency=""))
    except FieldFault as fault:
        raise GuardFault(fault.message.zh, fault.message.en, constant.start) from None
