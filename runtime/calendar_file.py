"""One calendar file, read: what it says of itself, of hours and of days; faults say where and how to mend.

The same words for days stand in a calendar's `days`, in an imported table and in a government's notice.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, time, timedelta
from typing import Any, Final, cast

from engine.case.workdays import Day, DayKind, Hours, Source, in_order
from engine.definition.yaml_faults import yaml_fault
from engine.errors import GuankaError
from engine.text import Text

WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
YEAR: Final = re.compile(r"[12]\d{3}")
_OWN: Final = ("title", "source", "zone", "hours", "week", "days")
_BASE: Final = (*_OWN, "official", "estimate", "published", "notices")
_EXTENDING: Final = (*_OWN, "extends")
_SPAN: Final = re.compile(r"(\d\d:\d\d)\s*[-–—~]\s*(\d\d:\d\d)")
_RANGE: Final = re.compile(r"(.+?)\s*(?:\.\.|至|~)\s*(.+)")
_LONGEST_RANGE: Final = 366
_KINDS: Final = {
    "off": DayKind.OFF,
    "working": DayKind.WORKING,
    "休": DayKind.OFF,
    "班": DayKind.WORKING,
    "休息": DayKind.OFF,
    "放假": DayKind.OFF,
    "上班": DayKind.WORKING,
    "工作日": DayKind.WORKING,
}


class CalendarFault(GuankaError):
    """A file about a calendar says something that cannot be."""

    def __init__(self, file: str, key: str, wrong: Text) -> None:
        super().__init__(Text(f"{file}：{key}：{wrong.zh}", f"{file}: {key}: {wrong.en}"))
        self.file, self.key, self.wrong = file, key, wrong


class Wrong(Exception):  # carried up to where file and key are known
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.said = Text(zh, en)


def parsed(file: str, content: bytes) -> dict[str, Any]:
    """The keys of a YAML file, every value as text, list or map. Raises CalendarFault."""
    import yaml

    text = ""
    try:
        text = content.decode("utf-8-sig")
        # BaseLoader builds text, lists and maps only: YAML's own types would read 22:30 as 1350.
        found = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506
    except UnicodeError as fault:
        said = Text("不是 UTF-8；请另存为 UTF-8", "is not UTF-8; save it as UTF-8")
        raise CalendarFault(file, "file", said) from fault
    except yaml.YAMLError as fault:
        at, why = yaml_fault(fault, text)
        said = Text(
            f"不是 YAML：第 {at.line} 行第 {at.column} 列：{why.zh}",
            f"is not YAML: line {at.line}, column {at.column}: {why.en}",
        )
        raise CalendarFault(file, "file", said) from fault
    if not isinstance(found, dict):
        said = Text("要有 zone、hours、week 等键", "must hold keys such as zone, hours and week")
        raise CalendarFault(file, "file", said)
    return cast("dict[str, Any]", found)


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFile:
    """One calendar file; its methods each read one key and raise CalendarFault."""

    name: str
    keys: Mapping[str, Any]

    @classmethod
    def read(cls, name: str, content: bytes) -> "CalendarFile":
        keys = parsed(name, content)
        known = _EXTENDING if "extends" in keys else _BASE
        for key in keys:
            if key in (*_EXTENDING, *_BASE) and key not in known:
                said = Text(
                    f"延用其他日历的文件不能写这一项；可用：{'、'.join(known)}",
                    f"stands in the calendar that is extended; known here: {', '.join(known)}",
                )
                raise CalendarFault(name, key, said)
            if key not in known:
                listed = sorted(known)
                said = Text(
                    f"没有这个键；可用：{'、'.join(listed)}", f"unknown key; known: {', '.join(listed)}"
                )
                raise CalendarFault(name, str(key), said)
        return cls(name=name, keys=keys)

    def fault(self, key: str, zh: str, en: str) -> CalendarFault:
        return CalendarFault(self.name, key, Text(zh, en))

    @property
    def extends(self) -> str | None:
        return None if "extends" not in self.keys else str(self.keys["extends"])

    def text(self, key: str) -> Text | None:
        """A wording: one text for both languages, or a map of zh and en."""
        given = self.keys.get(key)
        return None if given is None else wording(given)

    def zone(self) -> str:
        from zoneinfo import ZoneInfo

        zone = self.keys.get("zone", "")
        try:
            return ZoneInfo(zone).key
        except (LookupError, ValueError, OSError, TypeError) as fault:
            raise self.fault(
                "zone",
                f"{zone!r} 不是时区名，例如 Asia/Shanghai",
                f"{zone!r} is not a time zone such as Asia/Shanghai",
            ) from fault

    def hours(self) -> Hours:
        found = tuple(self._told("hours", span, text) for text in self._items("hours"))
        if not in_order(found):
            raise self.fault(
                "hours",
                "时段要按先后排列，例如 09:00-12:00, 13:00-18:00",
                "must be in order, such as 09:00-12:00, 13:00-18:00",
            )
        return found

    def week(self) -> frozenset[int]:
        names = self._items("week")
        for name in names:
            if name not in WEEK:
                known = ", ".join(WEEK)
                raise self.fault(
                    "week", f"{name!r} 不是星期；可用：{known}", f"{name!r} is not a weekday; known: {known}"
                )
        return frozenset(WEEK.index(name) for name in names)

    def days(self) -> dict[date, Day]:
        """The company's own days; a later line wins over an earlier one of the same day."""
        found: dict[date, Day] = {}
        for text, said in self.mapping("days", self.keys.get("days") or {}).items():
            for day in self._told("days", days_of, text):
                try:
                    found[day] = own_day(said)
                except Wrong as wrong:
                    raise self.fault("days", f"{text}：{wrong.said.zh}", f"{text}: {wrong.said.en}") from None
        return found

    def published(self) -> dict[int, tuple[str, date]]:
        """By year: the number and the date of the notice."""
        found: dict[int, tuple[str, date]] = {}
        for year, said in self.mapping("published", self.keys.get("published") or {}).items():
            given = self.mapping(f"published.{year}", said)
            dated = self._told(f"published.{year}", one_date, given.get("date", ""))
            if not YEAR.fullmatch(year):
                raise self.fault("published", f"{year!r} 不是年份", f"{year!r} is not a year such as 2027")
            found[int(year)] = (str(given.get("number", "")), dated)
        return found

    def mapping(self, key: str, given: object) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            raise self.fault(key, "要写成“键: 值”", "must hold keys with values")
        return cast("dict[str, Any]", given)

    def _items(self, key: str) -> list[Any]:
        given = self.keys.get(key)
        if not isinstance(given, list) or not given:
            raise self.fault(key, "要写成至少有一项的列表", "must be a list with at least one entry")
        return cast("list[Any]", given)

    def _told(self, key: str, reader: Any, given: object) -> Any:
        try:
            return reader(given)
        except Wrong as wrong:
            raise CalendarFault(self.name, key, wrong.said) from None


def wording(given: object) -> Text:
    if isinstance(given, dict):
        both = cast("dict[str, object]", given)
        return Text(str(both.get("zh", "")).strip(), str(both.get("en", "")).strip())
    said = str(given).strip()
    return Text(said, said)


def one_date(text: object) -> date:
    """2026-10-01, also 2026/10/1 and 2026年10月1日. Raises Wrong."""
    numbers = re.split(r"[-/.年月]", str(text).strip().removesuffix("日"))
    try:
        year, month, day = (int(number) for number in numbers)
        if len(numbers[0]) == 4:  # noqa: PLR2004 - a year of two digits would be guesswork
            return date(year, month, day)
    except ValueError:
        pass
    raise Wrong(
        f"{text!r} 不是日期；写法如 2026-10-01", f"{text!r} is not a date; write one such as 2026-10-01"
    )


def days_of(text: object) -> tuple[date, ...]:
    """One day, or a span `2026-10-01..2026-10-07` with both ends. Raises Wrong."""
    between = _RANGE.fullmatch(str(text).strip())
    if between is None:
        return (one_date(text),)
    first, last = (one_date(end) for end in between.groups())
    if not 0 <= (last - first).days <= _LONGEST_RANGE:
        raise Wrong(
            f"{text!r} 的起止日期颠倒，或超过一年",
            f"{text!r} ends before it begins, or is longer than a year",
        )
    return tuple(first + timedelta(days=n) for n in range((last - first).days + 1))


def span(text: object) -> tuple[time, time]:
    """09:00-12:00. Raises Wrong."""
    found = _SPAN.fullmatch(str(text).strip())
    try:
        opening, closing = found.groups() if found else ("", "")
        return time.fromisoformat(opening), time.fromisoformat(closing)
    except ValueError:
        raise Wrong(
            f"{text!r} 不是时段，例如 09:00-12:00；一天写到 23:59，夜班分成两段",
            f"{text!r} is not a span such as 09:00-12:00; a day ends at 23:59, a night shift is two spans",
        ) from None


def spans(given: object) -> Hours:
    """The hours of one day: a list, or one text with commas between. Raises Wrong."""
    parts = cast("list[object]", given) if isinstance(given, list) else re.split(r"[,，、;；]", str(given))
    found = tuple(span(part) for part in parts)
    if not in_order(found):
        raise Wrong(f"{given!r} 的时段要按先后排列", f"the spans of {given!r} must be in order")
    return found


def kind_of(text: object) -> DayKind | None:
    return _KINDS.get(str(text).strip().lower())


def own_day(said: object) -> Day:
    """A company day: off, working, its hours, or a map of `kind`, `hours` and `note`. Raises Wrong."""
    if isinstance(said, dict):
        given = cast("dict[str, object]", said)
        if not set(given) <= {"kind", "hours", "note"} or not {"kind", "hours"} & set(given):
            raise Wrong("写 kind 或 hours，可加 note", "write kind or hours, and perhaps a note")
        day = own_day(given.get("kind", "working"))
        hours = spans(given["hours"]) if "hours" in given else day.hours
        if hours and day.kind is DayKind.OFF:
            raise Wrong("休息日没有上班时段", "a day off has no hours")
        return replace(day, hours=hours, note=wording(given.get("note", "")))
    kind = kind_of(said)
    if kind is not None:
        return Day(kind, Source.COMPANY)
    if isinstance(said, list) or _SPAN.match(str(said).strip()):
        return Day(DayKind.WORKING, Source.COMPANY, hours=spans(cast("object", said)))
    raise Wrong(
        f"{said!r} 无法识别；写 working（班）、off（休）或时段如 09:00-12:00",
        f"{said!r} is not known; write working or off, or hours such as 09:00-12:00",
    )


def text_of(day: Day) -> Any:
    """A day as `own_day` reads it again."""
    kind: Any = day.kind.value
    hours = ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in day.hours)
    if not day.note.zh and not day.note.en:
        return hours or kind
    note = day.note.zh if day.note.zh == day.note.en else {"zh": day.note.zh, "en": day.note.en}
    return ({"hours": hours} if hours else {"kind": kind}) | {"note": note}


def listed(days: Sequence[date]) -> Iterator[tuple[date, date]]:
    """Days in order as spans of consecutive ones."""
    first = last = None
    for day in days:
        if last is not None and first is not None and day - last != timedelta(days=1):
            yield first, last
            first = day
        first, last = first or day, day
    if first is not None and last is not None:
        yield first, last
