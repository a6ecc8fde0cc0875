"""The two other faces of a canonical value: the Python value guards compute with, and what people read."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, tzinfo
from decimal import Decimal
from typing import Final, cast

from pydantic import JsonValue

from engine.definition.durations import Duration, parse_duration
from engine.definition.field_reading import SHANGHAI
from engine.definition.field_spec import FieldSpec, FieldType, Money, Period
from engine.text import Language, Text

MOST_SHOWN: Final = 5
_GROUPED_FROM: Final = 10_000
NOT_GIVEN: Final = Text("未填写", "not given")
_YES: Final = Text("是", "yes")
_NO: Final = Text("否", "no")


def typed(spec: FieldSpec, value: JsonValue) -> object:
    """int, Decimal (percent: 5 is 5 %), Money, date, aware datetime, Period, Duration, str, bool, list, dict.

    `value` must be canonical; a file stays the mapping it is.
    """
    if value is None:
        return None
    match spec.type:
        case FieldType.LIST:
            of = cast("FieldSpec", spec.of)
            return [typed(of, item) for item in cast("list[JsonValue]", value)]
        case FieldType.RECORD:
            parts = cast("dict[str, JsonValue]", value)
            return {name: typed(column, parts.get(name)) for name, column in spec.fields.items()}
        case _:
            read = _TYPED.get(spec.type)
            return value if read is None else read(value)


def _typed_money(value: JsonValue) -> Money:
    parts = cast("dict[str, str]", value)
    return Money(Decimal(parts["amount"]), parts["currency"])


def _typed_period(value: JsonValue) -> Period:
    parts = cast("dict[str, str]", value)
    return Period(date.fromisoformat(parts["start"]), date.fromisoformat(parts["end"]))


_TYPED: Final[Mapping[FieldType, Callable[[JsonValue], object]]] = {
    FieldType.DECIMAL: lambda value: Decimal(cast("str", value)),
    FieldType.PERCENT: lambda value: Decimal(cast("str", value)),
    FieldType.MONEY: _typed_money,
    FieldType.DATE: lambda value: date.fromisoformat(cast("str", value)),
    FieldType.DATETIME: lambda value: datetime.fromisoformat(cast("str", value)),
    FieldType.PERIOD: _typed_period,
    FieldType.DURATION: lambda value: parse_duration(cast("str", value)),
}


def shown(spec: FieldSpec, value: JsonValue, language: Language, *, zone: tzinfo = SHANGHAI) -> str:
    """A canonical value for people; an instant in `zone`, a long list or one of records by its count."""
    if value is None:
        return NOT_GIVEN.in_(language)
    match spec.type:
        case FieldType.LIST:
            return _shown_list(cast("FieldSpec", spec.of), cast("list[JsonValue]", value), language, zone)
        case FieldType.RECORD:
            return _shown_record(spec, cast("dict[str, JsonValue]", value), language, zone)
        case FieldType.ENUM:
            title = spec.values.get(cast("str", value))
            return (title.in_(language) if title else "") or cast("str", value)
        case FieldType.BOOL:
            return (_YES if value else _NO).in_(language)
        case FieldType.FILE:
            return cast("str", cast("dict[str, JsonValue]", value)["name"])
        case _:
            return shown_value(
                typed(spec, value), language, percent=spec.type is FieldType.PERCENT, zone=zone
            )


def shown_value(value: object, language: Language, *, percent: bool = False, zone: tzinfo = SHANGHAI) -> str:
    """A typed scalar for people."""
    match value:
        case Money():
            return _shown_money(value, language)
        case bool():
            return (_YES if value else _NO).in_(language)
        case int() | Decimal():
            return _shown_number(value) + ("%" if percent else "")
        case Period():
            return f"{value.start} {Text('至', 'to').in_(language)} {value.end}"
        case datetime():
            return value.astimezone(zone).strftime("%Y-%m-%d %H:%M")
        case Duration():
            return value.title(language)
        case _:
            return str(value)


def _shown_number(value: Decimal | int) -> str:
    """Thousands are set apart from 10,000 on, so that a year stays 2026."""
    grouped = abs(value) >= _GROUPED_FROM
    if isinstance(value, int):
        return f"{value:,}" if grouped else str(value)
    return f"{value:,f}" if grouped else f"{value:f}"


def _shown_money(money: Money, language: Language) -> str:
    if not money.currency:
        return f"{money.amount:,f}"
    places = max(2, -cast("int", money.amount.as_tuple().exponent))
    amount = f"{money.amount:,.{places}f}"
    if language == "zh" and money.currency == "CNY":
        return f"{amount} 元"
    return f"{amount} {money.currency}"


def _shown_list(of: FieldSpec, items: list[JsonValue], language: Language, zone: tzinfo) -> str:
    if not items:
        return Text("无", "none").in_(language)
    if of.type in {FieldType.RECORD, FieldType.LIST}:
        return Text(f"{len(items)} 条", "1 entry" if len(items) == 1 else f"{len(items)} entries").in_(
            language
        )
    first = (
        Text("、", ", ")
        .in_(language)
        .join(shown(of, item, language, zone=zone) for item in items[:MOST_SHOWN])
    )
    more = Text(f" 等 {len(items)} 项", f" and {len(items) - MOST_SHOWN} more").in_(language)
    return first + (more if len(items) > MOST_SHOWN else "")


def _shown_record(spec: FieldSpec, parts: dict[str, JsonValue], language: Language, zone: tzinfo) -> str:
    between, after = Text("；", "; ").in_(language), Text("：", ": ").in_(language)
    return between.join(
        f"{column.title.in_(language) or name}{after}{shown(column, parts[name], language, zone=zone)}"
        for name, column in spec.fields.items()
        if parts.get(name) is not None
    )
