"""A calendar on the screen: what it rests on, a year with its days off and made up, answers with reasons."""

import calendar as months
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from cli.screen import Screen
from engine.case.calendar import UNSETTLED
from engine.case.wall_clock import ahead_of_utc, local_time
from engine.case.workdays import (
    DAY,
    Day,
    DayKind,
    Source,
    day_of,
    hours_on,
    is_working_day,
    local_date,
    weekday_name,
)
from engine.text import Language, Text

if TYPE_CHECKING:
    from runtime.calendar_questions import Answered
    from runtime.calendars import Described

SOURCES: Final = {
    Source.WEEK: Text("每周", "weekly"),
    Source.ESTIMATE: Text("推算，预计", "by rule, provisional"),
    Source.OFFICIAL: Text("官方", "official"),
    Source.COMPANY: Text("公司", "company"),
}
_ABREAST: Final = 3
_WEEKS: Final = 6
_CELL: Final = 4
MOST_LINES: Final = 40


@dataclass(frozen=True, slots=True)
class CalendarView:
    described: "Described"
    year: int
    language: Language

    def data(self) -> dict[str, Any]:
        described, calendar = self.described, self.described.calendar
        days = list(_days(self.year))
        return {
            "id": calendar.id,
            "title": described.title.in_(self.language),
            "source": described.source.in_(self.language),
            "files": [str(path) for path in described.files],
            "version": calendar.version,
            "zone": calendar.zone,
            "hours": [f"{a:%H:%M}-{b:%H:%M}" for a, b in calendar.hours],
            "official_from": None if calendar.official_from == date.min else calendar.official_from,
            "official_until": None if calendar.official_until == date.max else calendar.official_until,
            "notice": self._notice(),
            "year": self.year,
            "provisional": self.provisional,
            "working_days": sum(is_working_day(calendar, day) for day in days),
            "days": [
                self._day(day, day_of(calendar, day)) for day in days if _stands_out(day_of(calendar, day))
            ],
        }

    @property
    def provisional(self) -> bool:
        calendar = self.described.calendar
        return not calendar.official_from.year <= self.year <= calendar.official_until.year

    def _notice(self) -> dict[str, Any] | None:
        """Where this year's official days come from; None where there are none."""
        described = self.described
        if self.provisional or not described.package:
            return None
        kept = next((notice for notice in described.notices if notice.year == self.year), None)
        if kept is not None:
            said = {"number": kept.number, "date": kept.published, "url": kept.url}
            return {"from": f"notices/{kept.calendar}/{kept.year}.yaml", **said}
        number, dated = described.published.get(self.year, ("", None))
        return {"from": described.package, "number": number, "date": dated, "url": ""}

    def _day(self, day: date, said: Day) -> dict[str, Any]:
        return {
            "day": day,
            "kind": said.kind,
            "note": said.note.in_(self.language),
            "source": said.source,
            "hours": [f"{a:%H:%M}-{b:%H:%M}" for a, b in said.hours],
        }

    def show(self, screen: Screen) -> None:
        data, say = self.data(), screen.say
        screen.title(f"{data['title']}  [{data['id']}]  {self.year}")
        for line in self._head(screen, data):
            screen.line(line)
        screen.line()
        for first in range(1, 13, _ABREAST):
            for line in self._months(screen, range(first, first + _ABREAST)):
                screen.line(line.rstrip())
            screen.line()
        marks = say(
            "休 = 节假日休息，班 = 周末上班，· = 周末", "- = holiday, + = made-up working day, . = weekend"
        )
        half = say("，* = 当天另有上班时段", ", * = hours of its own")
        screen.line(marks + half)
        screen.line(say(f"全年 {data['working_days']} 个工作日", f"{data['working_days']} working days"))
        for line in _spelled(self.described, self.year, screen):
            screen.line(line)

    def _head(self, screen: Screen, data: dict[str, Any]) -> Iterator[str]:
        say = screen.say
        yield screen.pair(say("来源", "source"), data["source"])
        yield screen.pair(say("文件", "files"), ", ".join(data["files"]))
        yield screen.pair(say("版本", "version"), data["version"])
        yield screen.pair(say("上班", "hours"), f"{', '.join(data['hours'])} {data['zone']}")
        if data["official_until"] is not None:
            span = f"{data['official_from']} – {data['official_until']}"
            yield screen.pair(say("法定安排覆盖", "official days cover"), span)
        if self.provisional:
            yield say(
                f"{self.year} 年没有公布的安排：按法定节日推算，一律为“预计”",
                f"no notice for {self.year}: worked out from the statute, everything is provisional",
            )
        if data["notice"] is not None:
            yield screen.pair(
                say(f"{self.year} 年通知", f"notice for {self.year}"), _said_of(screen, data["notice"])
            )

    def _months(self, screen: Screen, numbers: range) -> Iterator[str]:
        blocks = [list(self._month(screen, number)) for number in numbers]
        for row in zip(*blocks, strict=True):
            yield "   ".join(row)

    def _month(self, screen: Screen, number: int) -> Iterator[str]:
        width = 7 * _CELL
        yield _padded(screen.say(f"{number} 月", months.month_name[number]), width)
        yield "".join(_padded(name, _CELL) for name in _weekdays(screen))
        weeks = months.Calendar().monthdatescalendar(self.year, number)
        for week in weeks:
            yield "".join(_padded(self._cell(screen, day, number), _CELL) for day in week)
        for _ in range(_WEEKS - len(weeks)):
            yield " " * width

    def _cell(self, screen: Screen, day: date, month: int) -> str:
        return f"{day.day:>2}{self._mark(screen, day)}" if day.month == month else ""

    def _mark(self, screen: Screen, day: date) -> str:
        said = day_of(self.described.calendar, day)
        if said.source is Source.WEEK:
            return "" if said.kind is DayKind.WORKING else screen.say("·", ".")
        if said.kind is DayKind.OFF:
            return screen.say("休", "-")
        return "*" if said.hours else screen.say("班", "+")


def _weekdays(screen: Screen) -> list[str]:
    monday = date(2024, 1, 1)
    names = [weekday_name(monday + timedelta(days=n)).in_(screen.language) for n in range(7)]
    return [f" {name.removeprefix('周')[:2]}" for name in names]


def _padded(text: str, width: int) -> str:
    from rich.cells import cell_len

    return text + " " * (width - cell_len(text))


def _days(year: int) -> Iterator[date]:
    day = date(year, 1, 1)
    while day.year == year:
        yield day
        day += timedelta(days=1)


def _stands_out(said: Day) -> bool:
    return said.source is not Source.WEEK


def _said_of(screen: Screen, notice: dict[str, Any]) -> str:
    dated = str(notice["date"]) if notice["date"] else screen.say("日期未登记", "date not on file")
    return " · ".join(part for part in (notice["number"], dated, notice["from"], notice["url"]) if part)


def _spelled(described: "Described", year: int, screen: Screen) -> Iterator[str]:
    """The days that stand out, neighbours with the same reason on one line."""
    groups: list[tuple[date, date, Day]] = []
    for day in _days(year):
        said = day_of(described.calendar, day)
        if not _stands_out(said):
            continue
        if groups and groups[-1][2] == said and day - groups[-1][1] == timedelta(days=1):
            groups[-1] = (groups[-1][0], day, said)
        else:
            groups.append((day, day, said))
    for first, last, said in groups:
        mark = screen.say("休", "off") if said.kind is DayKind.OFF else screen.say("班", "work")
        hours = " " + ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in said.hours) if said.hours else ""
        yield f"  {mark:<4} {span_of(first, last)}{hours}  {reason(screen, said)}"


def span_of(first: date, last: date) -> str:
    return str(first) if first == last else f"{first} – {last}"


def reason(screen: Screen, said: Day) -> str:
    note, source = said.note.in_(screen.language), SOURCES[said.source].in_(screen.language)
    if said.source is Source.WEEK:
        return note
    bracketed = screen.say(f"（{source}）", f" ({source})")
    return f"{note}{bracketed}" if note else source


def show_answer(screen: Screen, answer: "Answered") -> None:
    say, calendar = screen.say, answer.calendar
    estimated = f"  {say('预计', 'PROVISIONAL')}" if answer.provisional else ""
    if answer.due is not None:
        local = local_time(calendar.zone, answer.due.at)
        named = weekday_name(local.date()).in_(screen.language)
        offset = f"UTC{ahead_of_utc(local)}"  # an hour that comes twice is told apart by it
        screen.line(f"{local:%Y-%m-%d %H:%M} {named} {calendar.zone} ({offset}){estimated}", style="bold")
    else:
        minutes = int(answer.working_time.total_seconds() // 60)
        hours = f"{'-' if minutes < 0 else ''}{abs(minutes) // 60}:{abs(minutes) % 60:02}"
        days = answer.working_days
        told = say(
            f"{days} 个工作日；工作时间 {hours}",
            f"{days} working {'day' if abs(days) == 1 else 'days'}; {hours} of working time",
        )
        screen.line(f"{told}{estimated}", style="bold")
    if answer.provisional:
        screen.line(_why_provisional(answer).in_(screen.language))
    screen.line(screen.pair(say("日历", "calendar"), f"{calendar.id}  {calendar.version}"))
    _show_days(screen, answer)


def _why_provisional(answer: "Answered") -> Text:
    calendar = answer.calendar
    earliest = min(local_date(calendar, answer.first), local_date(calendar, answer.last))
    if earliest < calendar.official_from:
        return Text(
            f"法定安排从 {calendar.official_from} 起才有；之前按 holidays 软件包所知",
            f"official days begin on {calendar.official_from}; before it is what the holidays package knows",
        )
    if max(local_date(calendar, answer.first), local_date(calendar, answer.last)) <= calendar.official_until:
        week = calendar.official_until - UNSETTLED + DAY
        return Text(
            f"{week} 至 {calendar.official_until} 可能被下一年的通知调动，公布后会重算",
            f"next year's notice may move days from {week} to {calendar.official_until}; to be counted again",
        )
    return Text(
        f"法定安排只公布到 {calendar.official_until}；之后按推算，公布后会重算",
        f"official days end on {calendar.official_until}; beyond it is by rule, to be counted again",
    )


def _show_days(screen: Screen, answer: "Answered") -> None:
    lines = [f"  {span_of(each.first, each.last)}  {reason(screen, each.why)}" for each in answer.skipped]
    if lines:
        screen.line(screen.say("跳过的日子", "days skipped"))
    for line in lines[:MOST_LINES]:
        screen.line(line)
    if len(lines) > MOST_LINES:
        rest = len(lines) - MOST_LINES
        screen.line(
            screen.say(f"  另有 {rest} 段（--json 全部列出）", f"  and {rest} more (all of them with --json)")
        )
    worked = [(day, said) for day, said in answer.made_up if hours_on(answer.calendar, day)]
    if worked:
        screen.line(screen.say("照常上班的日子", "days worked after all"))
    for day, said in worked[:MOST_LINES]:
        hours = " " + ", ".join(f"{a:%H:%M}-{b:%H:%M}" for a, b in said.hours) if said.hours else ""
        screen.line(f"  {day}{hours}  {reason(screen, said)}")
