"""Instants and spans in words, as the reader's own clock shows them."""

from datetime import datetime, timedelta, tzinfo
from typing import Final

from engine.text import Language

_DAYS: Final = {"zh": "一二三四五六日", "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def moment(instant: datetime, zone: tzinfo, language: Language, *, opening: bool = False) -> str:
    """`2026年11月23日 周一 18:00`, `Mon 23 Nov 2026, 18:00`. Midnight is the end of the day before: 24:00;
    where something begins (`opening`) it is 00:00.
    """
    local = instant.astimezone(zone)
    time = f"{local:%H:%M}"
    if time == "00:00" and not opening:
        local, time = local - timedelta(hours=1), "24:00"
    day = _DAYS[language][local.weekday()]
    if language == "zh":
        return f"{local.year}年{local.month}月{local.day}日 周{day} {time}"
    return f"{day} {local.day} {_MONTHS[local.month - 1]} {local.year}, {time}"


def span(length: timedelta, language: Language) -> str:
    """How long, in its two largest units, rounded down; what is under a minute counts as one."""
    minutes = max(int(abs(length) // timedelta(minutes=1)), 1)
    days, rest = divmod(minutes, 24 * 60)
    hours, minutes = divmod(rest, 60)
    parts = [part for part in ((days, "day"), (hours, "hour"), (minutes, "minute")) if part[0]][:2]
    if days:
        parts = [part for part in parts if part[1] != "minute"]
    if language == "zh":
        units = {"day": "天", "hour": "小时", "minute": "分钟"}
        return " ".join(f"{amount} {units[unit]}" for amount, unit in parts)
    return " ".join(f"{amount} {unit}{'' if amount == 1 else 's'}" for amount, unit in parts)


def until(due: datetime, now: datetime, zone: tzinfo, language: Language) -> str:
    """The due instant, and how long is left or how late it is."""
    at, length = moment(due, zone, language), span(due - now, language)
    match language, due > now:
        case "zh", True:
            return f"{at}（还有 {length}）"
        case "zh", False:
            return f"{at}（已逾期 {length}）"
        case _, True:
            return f"{at} (in {length})"
        case _:
            return f"{at} ({length} late)"
