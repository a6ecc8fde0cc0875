"""Numbers, money, dates and instants as people write them.

Every reader raises Unreadable; its caller knows the place in the case.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, date, datetime, tzinfo
from decimal import Context, Decimal, InvalidOperation
from typing import Final, cast

from engine.definition.field_spec import Money, Period
from engine.text import Text

MOST_DIGITS: Final = 18
MOST_PLACES: Final = 8
MONEY_PLACES: Final = 6
FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 2199
_LONGEST: Final = 100
# Wide enough that no sum or product a guard can write is ever rounded.
EXACT: Final = Context(prec=8_000)
_NUMBER: Final = re.compile(r"[+-]?([0-9]{1,3}(,[0-9]{3})+|[0-9]+)(\.[0-9]+)?")
_MONEY: Final = re.compile(r"([^0-9+\-.,\s]*)\s*([+-]?[0-9][0-9.,]*)\s*([^0-9+\-.,\s]*)")
_DATE: Final = re.compile(
    r"([0-9]{4})(?:-([0-9]{1,2})-|/([0-9]{1,2})/|\.([0-9]{1,2})\.|年([0-9]{1,2})月)([0-9]{1,2})日?"
)
_PERIOD: Final = re.compile(r"(\S+)\s*(?:\.\.|~|至|到|\sto\s|–|—)\s*(\S+)")
_CURRENCY_WORDS: Final = {
    "¥": "CNY", "元": "CNY", "RMB": "CNY", "人民币": "CNY", "圆": "CNY",
    "$": "USD", "US$": "USD", "美元": "USD", "€": "EUR", "欧元": "EUR",
}  # fmt: skip


class Unreadable(Exception):
    def __init__(self, zh: str, en: str) -> None:
        self.message = Text(zh, en)
        super().__init__(en)


def _written(raw: str) -> str:
    return unicodedata.normalize("NFKC", raw).strip()


def _shown(raw: object) -> str:
    return str(raw)[:40] if isinstance(raw, str | float | Decimal) else ""


def as_number(raw: object, *, places: int = MOST_PLACES) -> Decimal:
    """A finite number of at most 18 digits before the point and `places` after it."""
    value = _decimal(raw)
    if value is None or not value.is_finite():
        raise Unreadable(
            f"“{_shown(raw)}”不是数字；请写成 12000 或 12,000.50",
            f"'{_shown(raw)}' is not a number; write it like 12000 or 12,000.50",
        )
    if value and value.adjusted() >= MOST_DIGITS:
        raise Unreadable(
            f"数字太大；小数点前最多 {MOST_DIGITS} 位",
            f"too large; at most {MOST_DIGITS} digits before the point",
        )
    lean = value.normalize(EXACT)
    exponent = cast("int", lean.as_tuple().exponent)
    if -exponent > places and places == 0:
        raise Unreadable("请写整数，不带小数", "write a whole number, without decimals")
    if -exponent > places:
        raise Unreadable(f"小数最多 {places} 位", f"at most {places} digits after the point")
    return lean


def _decimal(raw: object) -> Decimal | None:
    if isinstance(raw, bool):
        return None
    if isinstance(raw, Decimal):
        return raw
    if isinstance(raw, int):
        # Longer ones would only be refused; Python itself refuses to print them.
        return Decimal(raw) if abs(raw) < 10 ** (MOST_DIGITS + 1) else Decimal(10) ** (MOST_DIGITS + 1)
    if isinstance(raw, float):
        return Decimal(repr(raw))
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        return None
    text = _written(raw)
    try:
        return Decimal(text.replace(",", "")) if _NUMBER.fullmatch(text) else None
    except InvalidOperation:  # pragma: no cover - the pattern lets through only what Decimal reads
        return None


def plain(value: Decimal) -> str:
    """The shortest way to write a number: no exponent, no trailing zeros, no minus zero."""
    lean = value.normalize(EXACT)
    return format(lean, "f") if lean else "0"


def as_money(raw: object, currency: str) -> Money:
    """`currency` is meant where none is written; empty means that one must be written."""
    match raw:
        case Money():
            return _priced(raw.amount, raw.currency or currency)
        case dict():
            parts = cast("Mapping[str, object]", raw)
            if not parts.keys() <= {"amount", "currency"} or not isinstance(parts.get("currency", ""), str):
                raise Unreadable("金额写成 {amount, currency}", "write money as {amount, currency}")
            return _priced(parts.get("amount"), str(parts.get("currency", "")) or currency)
        case str() if len(raw) <= _LONGEST:
            found = _MONEY.fullmatch(_written(raw))
            if found is not None and not (found[1] and found[3] and _code(found[1]) != _code(found[3])):
                return _priced(found[2], found[1] or found[3] or currency)
            raise Unreadable(
                f"“{_shown(raw)}”不是金额；请写成 12000 或 12,000.50 CNY",
                f"'{_shown(raw)}' is not an amount of money; write it like 12000 or 12,000.50 CNY",
            )
        case _:
            return _priced(raw, currency)


def _code(written: str) -> str:
    word = _written(written).upper()
    return _CURRENCY_WORDS.get(word, word)


def _priced(amount: object, currency: str) -> Money:
    code = _code(currency)
    if not code:
        raise Unreadable("金额要写明币种，如 12000 CNY", "write the currency too, as in 12000 CNY")
    if not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - ISO 4217
        raise Unreadable(
            f"“{currency[:20]}”不是币种；请用三个字母的代码，如 CNY（金额请写全数字，不写“万”）",
            f"'{currency[:20]}' is not a currency; use a three-letter code such as CNY, "
            "and write the amount in full digits",
        )
    return Money(as_number(amount, places=MONEY_PLACES), code)


def money_json(money: Money) -> dict[str, str]:
    """At least two digits after the point: {"amount": "1200.00", "currency": "CNY"}."""
    whole, _, fraction = plain(money.amount).partition(".")
    return {"amount": f"{whole}.{fraction.ljust(2, '0')}", "currency": money.currency}


def as_date(raw: object) -> date:
    value = raw if isinstance(raw, date) and not isinstance(raw, datetime) else _typed_date(raw)
    if value is None:
        raise Unreadable(
            f"“{_shown(raw)}”不是日期；请写成 2026-03-31",
            f"'{_shown(raw)}' is not a date; write it like 2026-03-31",
        )
    _within_years(value.year)
    return value


def _within_years(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Unreadable(
            f"年份应在 {FIRST_YEAR} 到 {LAST_YEAR} 之间",
            f"the year lies between {FIRST_YEAR} and {LAST_YEAR}",
        )


def _typed_date(raw: object) -> date | None:
    found = _DATE.fullmatch(_written(raw)) if isinstance(raw, str) and len(raw) <= _LONGEST else None
    if found is None:
        return None
    year, *months, day = found.groups()
    try:
        return date(int(year), int(next(month for month in months if month)), int(day))
    except ValueError:
        return None


def as_instant(raw: object, zone: tzinfo) -> datetime:
    """In UTC. A time without zone is meant in `zone`; a day without time is refused."""
    value = raw if isinstance(raw, datetime) else _typed_instant(raw)
    if value is None:
        raise Unreadable(
            f"“{_shown(raw)}”不是日期和时间；请写成 2026-03-31 18:00",
            f"'{_shown(raw)}' is not a date with a time; write it like 2026-03-31 18:00",
        )
    _within_years(value.year)
    return (value if value.tzinfo else value.replace(tzinfo=zone)).astimezone(UTC)


def _typed_instant(raw: object) -> datetime | None:
    text = _written(raw) if isinstance(raw, str) and len(raw) <= _LONGEST else ""
    try:
        return datetime.fromisoformat(text) if ":" in text else None
    except ValueError:
        return None


def instant_text(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


def as_period(raw: object) -> Period:
    match raw:
        case Period():
            start, end = raw.start, raw.end
        case dict() if cast("dict[object, object]", raw).keys() == {"start", "end"}:
            parts = cast("Mapping[str, object]", raw)
            start, end = as_date(parts["start"]), as_date(parts["end"])
        case _:
            found = (
                _PERIOD.fullmatch(_written(raw)) if isinstance(raw, str) and len(raw) <= _LONGEST else None
            )
            if found is None:
                raise Unreadable(
                    "请写起止日期，如 2026-03-01..2026-03-31",
                    "write both dates, as in 2026-03-01..2026-03-31",
                )
            start, end = as_date(found[1]), as_date(found[2])
    if end < start:
        raise Unreadable(
            "结束日期早于开始日期；请对调或改正", "the end lies before the start; correct one of them"
        )
    return Period(start, end)
