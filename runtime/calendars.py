"""Working calendars, read from `sop_definitions/calendars` and the packages that know public holidays.

The packages are imported when the first calendar is read, not with this module: a command that needs no
calendar does not wait for them.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, time
from functools import cache
from pathlib import Path
from typing import Any, Final, cast

from engine.case.calendar import DayKind, WorkCalendar
from runtime.public_holidays import PublishedDays, StatutoryDays, chinese_notices, is_known_country

BUILT_IN: Final = Path(__file__).resolve().parent.parent / "sop_definitions" / "calendars"
_KEYS: Final = {"title", "source", "zone", "hours", "week", "official", "estimate", "notices", "days"}
_WEEK: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN: Final = re.compile(r"(\d\d:\d\d)\s*-\s*(\d\d:\d\d)")
_YEAR: Final = re.compile(r"[12]\d{3}")
_ID: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")


class UnknownCalendar(LookupError):
    """No file describes the calendar asked for."""

    def __init__(self, calendar_id: str, known: tuple[str, ...]) -> None:
        super().__init__(f"there is no calendar {calendar_id!r}; known: {', '.join(known) or 'none'}")
        self.calendar_id = calendar_id
        self.known = known


class CalendarFault(ValueError):
    """A calendar file says something that cannot be."""

    def __init__(self, file: str, key: str, fault: str) -> None:
        super().__init__(f"{file}: {key}: {fault}")
        self.file = file
        self.key = key


def load_calendar(calendar_id: str, folder: Path = BUILT_IN) -> WorkCalendar:
    """The calendar described by `<calendar_id>.yaml` in `folder`, read once per process.

    Raises UnknownCalendar, or CalendarFault for a file that cannot be used.
    """
    return _load(calendar_id, folder)


def known_calendars(folder: Path = BUILT_IN) -> tuple[str, ...]:
    """The ids that `load_calendar` accepts, in order."""
    return tuple(sorted(path.stem for path in folder.glob("*.yaml")))


@cache
def _load(calendar_id: str, folder: Path) -> WorkCalendar:
    path = folder / f"{calendar_id}.yaml"
    if not _ID.fullmatch(calendar_id) or not path.is_file():
        raise UnknownCalendar(calendar_id, known_calendars(folder))
    content = path.read_bytes()
    return _File(name=path.name, keys=_parsed(path.name, content)).calendar(calendar_id, content)


def _parsed(file: str, content: bytes) -> dict[str, Any]:
    import yaml

    try:
        # BaseLoader builds text, lists and maps only: YAML's own types would read 22:30 as 1350.
        found = yaml.load(content, Loader=yaml.BaseLoader)  # noqa: S506
    except (yaml.YAMLError, UnicodeError) as fault:
        raise CalendarFault(file, "file", f"is not YAML: {' '.join(str(fault).split())}") from fault
    if not isinstance(found, dict):
        raise CalendarFault(file, "file", "must hold keys such as zone, hours and week")
    keys = cast("dict[str, Any]", found)
    for key in keys:
        if key not in _KEYS:
            raise CalendarFault(file, str(key), f"unknown key; known: {', '.join(sorted(_KEYS))}")
    return keys


@dataclass(frozen=True, slots=True, kw_only=True)
class _File:
    """One calendar file; its methods each read one key."""

    name: str
    keys: Mapping[str, Any]

    def calendar(self, calendar_id: str, content: bytes) -> WorkCalendar:
        official = self._with_notices(self._published())
        estimated = self._estimated(after=official.last)
        own = f"{calendar_id}-{hashlib.sha256(content).hexdigest()[:8]}"
        versions = (own, official.version, "" if estimated is None else estimated.version)
        zone, hours, week, days = self._zone(), self._hours(), self._week(), self._days()
        try:
            return WorkCalendar(
                id=calendar_id,
                zone=zone,
                hours=hours,
                week=week,
                days={**official.days, **days},
                estimated={} if estimated is None else estimated,
                official_from=official.first,
                official_until=official.last,
                version="+".join(part for part in versions if part),
            )
        except ValueError as fault:
            raise self._fault("hours", "must be in order, such as 09:00-12:00, 13:00-18:00") from fault

    def _fault(self, key: str, fault: str) -> CalendarFault:
        return CalendarFault(self.name, key, fault)

    def _zone(self) -> str:
        from zoneinfo import ZoneInfo

        zone = self.keys.get("zone", "")
        try:
            return ZoneInfo(zone).key
        except (LookupError, ValueError, OSError, TypeError) as fault:
            raise self._fault("zone", f"{zone!r} is not a time zone such as Asia/Shanghai") from fault

    def _hours(self) -> tuple[tuple[time, time], ...]:
        return tuple(self._span(text) for text in self._items("hours"))

    def _span(self, text: object) -> tuple[time, time]:
        found = _SPAN.fullmatch(str(text).strip())
        try:
            opening, closing = found.groups() if found else ("", "")
            return time.fromisoformat(opening), time.fromisoformat(closing)
        except ValueError as fault:
            raise self._fault("hours", f"{text!r} is not a span such as 09:00-12:00") from fault

    def _week(self) -> frozenset[int]:
        names = self._items("week")
        for name in names:
            if name not in _WEEK:
                raise self._fault("week", f"{name!r} is not a weekday; known: {', '.join(_WEEK)}")
        return frozenset(_WEEK.index(name) for name in names)

    def _days(self) -> dict[date, DayKind]:
        kinds = {kind.value: kind for kind in DayKind}
        given = self._mapping("days", self.keys.get("days") or {})
        for day, kind in given.items():
            if kind not in kinds:
                raise self._fault("days", f"{day}: {kind!r} is not known; write working or off")
        return {self._date("days", day): kinds[kind] for day, kind in given.items()}

    def _published(self) -> PublishedDays:
        match self.keys.get("official", ""):
            case "":
                return PublishedDays()
            case "chinesecalendar":
                return chinese_notices()
            case other:
                raise self._fault("official", f"{other!r} is not known; write chinesecalendar or nothing")

    def _with_notices(self, official: PublishedDays) -> PublishedDays:
        """`official` with the file's own notices, which replace those of the package for their years."""
        for year, notice in sorted(self._mapping("notices", self.keys.get("notices") or {}).items()):
            if not _YEAR.fullmatch(year):
                raise self._fault("notices", f"{year!r} is not a year such as 2027")
            following = official.last.year + 1
            if int(year) > following:
                raise self._fault(f"notices.{year}", f"the notice for {following} is missing; add it first")
            kept = {day: kind for day, kind in official.days.items() if str(day.year) != year}
            days = kept | dict(self._notice(year, notice))
            last = date(int(year), 12, 31) if int(year) == following else official.last
            official = replace(official, days=days, last=last)
        return official

    def _notice(self, year: str, notice: object) -> Iterator[tuple[date, DayKind]]:
        key = f"notices.{year}"
        for name, texts in self._mapping(key, notice).items():
            if name not in {"off", "working"} or not isinstance(texts, list):
                raise self._fault(key, "write off: [dates] and working: [dates]")
            for day in (self._date(key, text) for text in cast("list[Any]", texts)):
                if str(day.year) != year:
                    raise self._fault(key, f"{day} is not in {year}; move it to its own year")
                yield day, DayKind(name)

    def _estimated(self, after: date) -> StatutoryDays | None:
        country = self.keys.get("estimate") or ""
        if not country:
            return None
        if not is_known_country(country):
            raise self._fault("estimate", f"{country!r} is not a country of the holidays package, such as CN")
        return StatutoryDays(country, first_year=1 if after == date.max else after.year + 1)

    def _items(self, key: str) -> list[Any]:
        given = self.keys.get(key)
        if not isinstance(given, list) or not given:
            raise self._fault(key, "must be a list with at least one entry")
        return cast("list[Any]", given)

    def _mapping(self, key: str, given: object) -> Mapping[str, Any]:
        if not isinstance(given, dict):
            raise self._fault(key, "must hold keys with values")
        return cast("dict[str, Any]", given)

    def _date(self, key: str, text: object) -> date:
        try:
            return date.fromisoformat(str(text))
        except ValueError as fault:
            raise self._fault(key, f"{text!r} is not a date; write one such as 2026-10-01") from fault
