"""Three-valued logic and exact arithmetic on the values of a guard."""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any, Final, cast

from engine.definition.field_scalars import EXACT
from engine.definition.field_spec import Money


class Sign(Enum):
    EQUAL = "=="
    UNEQUAL = "!="
    LESS = "<"
    AT_MOST = "<="
    MORE = ">"
    AT_LEAST = ">="


_COMPARE: Final[Mapping[Sign, Callable[[Any, Any], bool]]] = {
    Sign.EQUAL: eq, Sign.UNEQUAL: ne, Sign.LESS: lt, Sign.AT_MOST: le, Sign.MORE: gt, Sign.AT_LEAST: ge,
}  # fmt: skip


def compare(sign: Sign, left: object, right: object) -> bool | None:
    """Two values of one type; None where two currencies meet."""
    if isinstance(left, Money) and isinstance(right, Money):
        return _COMPARE[sign](left.amount, right.amount) if one_currency(left, right) else None
    return _COMPARE[sign](cast("Any", left), cast("Any", right))


def multiply(left: object, right: object, *, hundredths: bool) -> object:
    """Money where one of the two is; with `hundredths` a hundredth of the product, exactly."""
    product = EXACT.multiply(amount_of(left), amount_of(right))
    product = EXACT.scaleb(product, -2) if hundredths else product
    money = left if isinstance(left, Money) else right
    return Money(product, money.currency) if isinstance(money, Money) else product


def conjunction(known: Sequence[object | None]) -> bool | None:
    if False in known:
        return False
    return None if None in known else True


def disjunction(known: Sequence[object | None]) -> bool | None:
    if True in known:
        return True
    return None if None in known else False


def amount_of(value: object) -> Decimal:
    return value.amount if isinstance(value, Money) else Decimal(cast("Decimal | int", value))


def add(left: object, right: object) -> object | None:
    """The exact sum of two numbers or two amounts of one currency; None where the currencies differ."""
    total = EXACT.add(amount_of(left), amount_of(right))
    if isinstance(left, Money) and isinstance(right, Money):
        return Money(total, left.currency or right.currency) if one_currency(left, right) else None
    return total


def negative(value: object) -> object:
    amount = EXACT.minus(amount_of(value))
    return Money(amount, value.currency) if isinstance(value, Money) else amount


def one_currency(left: Money, right: Money) -> bool:
    return left.currency == right.currency or not (left.currency and right.currency)
