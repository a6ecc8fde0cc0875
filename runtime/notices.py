"""A government's notice of the days off of one year: read, and judged before it is kept."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, cast

from engine.case.workdays import Day, DayKind, Source
from engine.text import Text
from runtime.calendar_file import YEAR, CalendarFault, Wrong, days_of, listed, one_date, parsed, wording
from runtime.public_holidays import made_up

_KEYS: Final = ("calendar", "year", "off", "working", "number", "date", "title", "url")
# What all notices since 2004 had, with some room: 22 days off in 2004, 33 in 2026.
FEWEST_OFF: Final = 15
MOST_OFF: Final = 60
_LATE_DECEMBER: Final = 25
MADE_UP: Final = Text("调休上班", "a made-up day")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`days` lie in `year`, or in the last week before it. `published` is the date of the notice itself."""

    year: int
    days: Mapping[date, Day]
    calendar: str = "cn"
    number: str = ""
    published: date | None = None
    title: str = ""
    url: str = ""

    @property
    def off(self) -> list[date]:
        return sorted(day for day, said in self.days.items() if said.kind is DayKind.OFF)

    @property
    def working(self) -> list[date]:
        return sorted(day for day, said in self.days.items() if said.kind is DayKind.WORKING)


def read_notice(file: str, content: bytes) -> Notice:
    """A notice from YAML. Raises CalendarFault."""
    keys = parsed(file, content)
    for key in keys:
        if key not in _KEYS:
            raise _fault(
                file, key, f"没有这个键；可用：{'、'.join(_KEYS)}", f"unknown key; known: {', '.join(_KEYS)}"
            )
    written = str(keys.get("year", ""))
    if not YEAR.fullmatch(written):
        raise _fault(
            file, "year", f"{written!r} 不是年份，例如 2027", f"{written!r} is not a year such as 2027"
        )
    year = int(written)
    published = keys.get("date")
    try:
        dated = None if published is None else one_date(published)
    except Wrong as wrong:
        raise CalendarFault(file, "date", wrong.said) from None
    return Notice(
        year=year,
        days=days_in(file, "", str(year), {name: keys[name] for name in ("off", "working") if name in keys}),
        calendar=str(keys.get("calendar", "cn")),
        number=str(keys.get("number", "")),
        published=dated,
        title=str(keys.get("title", "")),
        url=str(keys.get("url", "")),
    )


def notice_of_days(file: str, days: Mapping[date, Day]) -> Notice:
    """A notice from a table of days; its year is that of most of them. Raises CalendarFault."""
    years = Counter(day.year for day in days)
    if not years:
        raise _fault(file, "file", "没有任何日期", "names no day")
    year = years.most_common(1)[0][0]
    for day, said in days.items():
        _check_year(file, str(year), year, day)
        if said.hours:
            raise _fault(
                file, str(day), "通知里只有休与班，没有时段", "a notice says off or working, no hours"
            )
    named = {day: _day(said.kind.value, said.note) for day, said in days.items()}
    return Notice(year=year, days=named)


def days_in(file: str, key: str, year: str, given: object) -> dict[date, Day]:
    """`off: [dates]` and `working: [dates]`, or maps from dates to names. Raises CalendarFault."""
    found: dict[date, Day] = {}
    if not isinstance(given, dict):
        raise _fault(file, key, _SHAPE.zh, _SHAPE.en)
    for name, said in cast("dict[str, object]", given).items():
        where = f"{key}.{name}".strip(".")
        if name not in {"off", "working"} or not isinstance(said, list | dict):
            raise _fault(file, key or name, _SHAPE.zh, _SHAPE.en)
        for day, holiday in _each(file, key or name, cast("object", said)):
            _check_year(file, key or where, int(year), day)
            if day in found:
                raise _fault(file, key or where, f"{day} 写了两次", f"{day} is there twice")
            found[day] = _day(name, holiday)
    return found


_SHAPE: Final = Text("写 off: [日期] 与 working: [日期]", "write off: [dates] and working: [dates]")


def _each(file: str, key: str, said: object) -> Iterator[tuple[date, Text]]:
    names = (
        cast("dict[str, object]", said)
        if isinstance(said, dict)
        else dict.fromkeys(cast("list[str]", said), "")
    )
    for text, holiday in names.items():
        try:
            for day in days_of(text):
                yield day, wording(holiday)
        except Wrong as wrong:
            raise CalendarFault(file, key, wrong.said) from None


def _day(kind: str, holiday: Text) -> Day:
    if kind == "off":
        return Day(DayKind.OFF, Source.OFFICIAL, holiday if holiday.zh else Text("放假", "a public holiday"))
    if "上班" in holiday.zh:
        return Day(DayKind.WORKING, Source.OFFICIAL, holiday)
    return made_up(holiday) if holiday.zh else Day(DayKind.WORKING, Source.OFFICIAL, MADE_UP)


def _check_year(file: str, key: str, year: int, day: date) -> None:
    before = day.year == year - 1 and day.month == 12 and day.day >= _LATE_DECEMBER  # noqa: PLR2004 - December
    if day.year != year and not before:
        raise _fault(
            file,
            key,
            f"{day} 不在 {year} 年，也不在其前一年 12 月 25 日以后；请移到它自己的年份",
            f"{day} is not in {year}, nor in the last week before it; move it to its own year",
        )


def objections(notice: Notice, statutory: Mapping[date, Day]) -> list[Text]:
    """What makes the notice implausible. `statutory`: the days the law itself frees, by rule."""
    return [*_of_counts(notice), *_of_festivals(notice, statutory), *_of_made_up(notice)]


def _of_festivals(notice: Notice, statutory: Mapping[date, Day]) -> Iterator[Text]:
    """A day in lieu may be moved by the notice; the festivals themselves may not be missing."""
    for day, said in sorted(statutory.items()):
        kept = notice.days.get(day)
        if "（补假）" not in said.note.zh and (kept is None or kept.kind is not DayKind.OFF):
            yield Text(
                f"{day} 是法定节日（{said.note.zh}），通知里却不放假",
                f"{day} is a statutory holiday ({said.note.en}), but is not off",
            )


def _of_made_up(notice: Notice) -> Iterator[Text]:
    for day in notice.working:
        if day.weekday() < 5:  # noqa: PLR2004 - Monday to Friday
            yield Text(
                f"{day} 不是周末，不能作为调休上班日",
                f"{day} is no weekend day, so nobody makes up time on it",
            )


def _of_counts(notice: Notice) -> Iterator[Text]:
    off = len(notice.off)
    if not FEWEST_OFF <= off <= MOST_OFF:
        yield Text(
            f"放假 {off} 天（含周末），历年为 22 至 33 天；是否漏写或多写？",
            f"{off} days off (weekends counted), in past years it was 22 to 33; is something missing,"
            " or too much?",
        )
    gained = sum(day.weekday() < 5 for day in notice.off)  # noqa: PLR2004 - Monday to Friday
    if len(notice.working) > gained:
        yield Text(
            f"调休上班 {len(notice.working)} 天，多于换来的 {gained} 个工作日休息",
            f"{len(notice.working)} days are made up, more than the {gained} weekdays freed",
        )


def differences(
    new: Mapping[date, Day], old: Mapping[date, Day]
) -> list[tuple[date, Day | None, Day | None]]:
    """The days on which two notices differ, with what each says (`old`, then `new`)."""
    return [
        (day, old.get(day), new.get(day))
        for day in sorted({*new, *old})
        if (old.get(day) and old[day].kind) != (new.get(day) and new[day].kind)
    ]


def as_yaml(notice: Notice) -> str:
    """The notice as `read_notice` reads it again."""
    import yaml

    keys: dict[str, Any] = {"calendar": notice.calendar, "year": notice.year}
    keys |= {name: getattr(notice, name) for name in ("number", "title", "url") if getattr(notice, name)}
    if notice.published is not None:
        keys["date"] = notice.published.isoformat()
    keys["off"] = _spelled(notice.days, notice.off)
    keys["working"] = _spelled(notice.days, notice.working)
    return yaml.safe_dump(keys, allow_unicode=True, sort_keys=False)


def _spelled(days: Mapping[date, Day], which: Sequence[date]) -> dict[str, Any]:
    return {
        (first.isoformat() if first == last else f"{first}..{last}"): _named(days[first].note)
        for group in _by_name(days, which)
        for first, last in listed(group)
    }


def _by_name(days: Mapping[date, Day], which: Sequence[date]) -> Iterator[list[date]]:
    names = dict.fromkeys(days[day].note for day in which)
    return ([day for day in which if days[day].note == name] for name in names)


def _named(note: Text) -> Any:
    return {"zh": note.zh, "en": note.en} if note.zh != note.en else note.zh


def _fault(file: str, key: str, zh: str, en: str) -> CalendarFault:
    return CalendarFault(file, key, Text(zh, en))
