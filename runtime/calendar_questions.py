"""Questions to a calendar, as a person or a program writes them, and their answers with the reasons."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final, Literal, cast

from engine.case.calendar import Due, add, are_settled, before, working_time_between
from engine.case.wall_clock import instant_at, local_time
from engine.case.workdays import (
    Day,
    DayKind,
    Source,
    WorkCalendar,
    day_of,
    days_off,
    local_date,
    working_days_between,
)
from engine.definition.durations import Duration, Unit, parse_duration
from engine.errors import GuankaError
from engine.text import Text

Ask = Literal["due", "before", "between"]
ASKS: Final[tuple[Ask, ...]] = ("due", "before", "between")
_INSTANT: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?))?\s*(Z|[+-]\d{2}:?\d{2})?")
_KEYS: Final = ("ask", "at", "duration", "until", "calendar", "id")


class BadQuestion(GuankaError):
    """A question that cannot be read: what, and how it is written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """`due` and `before` have a duration, `between` an end."""

    ask: Ask
    at: str
    duration: str = ""
    until: str = ""
    calendar: str = "cn"
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Consecutive days nobody works, for one reason."""

    first: date
    last: date
    why: Day


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """`due` for due and before; `working_days` and `working_time` for between. All of it in `calendar`."""

    question: Question
    calendar: WorkCalendar
    first: datetime
    last: datetime
    due: Due | None = None
    working_days: int = 0
    working_time: timedelta = timedelta(0)
    skipped: tuple[Skipped, ...] = ()
    made_up: tuple[tuple[date, Day], ...] = field(default=())

    @property
    def provisional(self) -> bool:
        return self.due.provisional if self.due is not None else not self._settled

    @property
    def _settled(self) -> bool:
        first, last = sorted((local_date(self.calendar, self.first), local_date(self.calendar, self.last)))
        return are_settled(self.calendar, first, last)


def answered(question: Question, calendars: Callable[[str], WorkCalendar]) -> Answered:
    """Raises BadQuestion, UnknownCalendar, CalendarFault, OutsideTime."""
    calendar = calendars(question.calendar)
    start = instant(question.at, calendar.zone)
    if question.ask == "between":
        end = instant(question.until, calendar.zone)
        return _explained(
            Answered(
                question=question,
                calendar=calendar,
                first=start,
                last=end,
                working_days=working_days_between(
                    calendar, local_date(calendar, start), local_date(calendar, end)
                ),
                working_time=working_time_between(calendar, start, end),
            )
        )
    count = add if question.ask == "due" else before
    due = count(calendar, start, duration(question.duration))
    return _explained(Answered(question=question, calendar=calendar, first=start, last=due.at, due=due))


def _explained(answer: Answered) -> Answered:
    """With the days skipped: only where days are counted by the calendar are any."""
    counted = answer.due is None or duration(answer.question.duration).unit in {
        Unit.WORKING_DAYS,
        Unit.WORKING_HOURS,
    }
    if not counted:
        return answer
    calendar = answer.calendar
    first, last = sorted((local_date(calendar, answer.first), local_date(calendar, answer.last)))
    return Answered(
        **{name: getattr(answer, name) for name in ("question", "calendar", "first", "last", "due")},
        working_days=answer.working_days,
        working_time=answer.working_time,
        skipped=tuple(_grouped(days_off(calendar, first, last))),
        made_up=tuple(_worked_at_odds(calendar, first, last)),
    )


def _worked_at_odds(calendar: WorkCalendar, first: date, last: date) -> Iterator[tuple[date, Day]]:
    """Days worked though the week says otherwise, or with hours of their own."""
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        said = day_of(calendar, day)
        if said.kind is DayKind.WORKING and said.source is not Source.WEEK:
            yield day, said


def _grouped(days: Iterator[tuple[date, Day]]) -> Iterator[Skipped]:
    """Neighbours for the same reason together; a weekend is one reason."""
    group: Skipped | None = None
    for day, said in days:
        reason = Day(said.kind, said.source, WEEKEND) if said.source is Source.WEEK else said
        if group is not None and group.why == reason and day - group.last == timedelta(days=1):
            group = Skipped(first=group.first, last=day, why=reason)
            continue
        if group is not None:
            yield group
        group = Skipped(first=day, last=day, why=reason)
    if group is not None:
        yield group


WEEKEND: Final = Text("周末", "weekend")


def instant(text: str, zone: str) -> datetime:
    """2026-03-02 10:00, as the clocks of `zone` show it, or with an offset; a day alone is its midnight.

    A time skipped by the clocks is the first instant after the gap, one shown twice its first occurrence.
    Raises BadQuestion.
    """
    found = _INSTANT.fullmatch(text.strip())
    try:
        day, wall, offset = found.groups() if found else ("", None, None)
        local = datetime.fromisoformat(f"{day}T{wall or '00:00'}")
        if offset is None:
            return instant_at(zone, local.date(), local.time())
        return datetime.fromisoformat(
            f"{local.isoformat()}{'+00:00' if offset == 'Z' else offset}"
        ).astimezone(UTC)
    except (ValueError, OverflowError):
        raise BadQuestion(
            Text(
                f"{text!r} 不是时刻；写法如 2026-03-02 10:00（日历所在地的时间）或 2026-03-02T10:00+08:00",
                f"{text!r} is not an instant; write one such as 2026-03-02 10:00 (the calendar's own time) or"
                " 2026-03-02T10:00+08:00",
            )
        ) from None


def duration(text: str) -> Duration:
    """Raises BadQuestion."""
    try:
        return parse_duration(text)
    except ValueError:
        raise BadQuestion(
            Text(
                f"{text!r} 不是期限；写 0 到 10000 的整数加单位：wd（工作日）、wh（工作小时）、d（天）、"
                "h（小时）、min（分钟）",
                f"{text!r} is not a duration; write a whole number up to 10000 and a unit: wd (working days),"
                " wh (working hours), d (days), h (hours), min (minutes)",
            )
        ) from None


def question_of(line: str, ask: Ask, calendar: str) -> Question:
    """One line of a file of questions; what it leaves out is as given here. Raises BadQuestion."""
    try:
        given: Any = json.loads(line)
    except ValueError:
        given = None
    if not isinstance(given, dict):
        raise BadQuestion(
            Text(
                '每行要是一个 JSON 对象，例如 {"at": "2026-03-02 10:00", "duration": "3 wd"}',
                'every line is a JSON object, such as {"at": "2026-03-02 10:00", "duration": "3 wd"}',
            )
        )
    said = {str(key): str(value) for key, value in cast("dict[Any, Any]", given).items()}
    return _question(said, ask, calendar)


def _question(said: Mapping[str, str], ask: Ask, calendar: str) -> Question:
    for key in said:
        if key not in _KEYS:
            known = ", ".join(_KEYS)
            raise BadQuestion(
                Text(f"没有 {key!r} 这个键；可用：{known}", f"unknown key {key!r}; known: {known}")
            )
    asked = said.get("ask", ask)
    if asked not in ASKS:
        known = ", ".join(ASKS)
        raise BadQuestion(Text(f"ask 是 {asked!r}；可写：{known}", f"ask is {asked!r}; write one of {known}"))
    kind = asked
    needed = ("at", "until") if kind == "between" else ("at", "duration")
    for key in needed:
        if key not in said:
            raise BadQuestion(Text(f"缺少 {key}", f"{key} is missing"))
    return Question(
        ask=kind,
        at=said["at"],
        duration=said.get("duration", ""),
        until=said.get("until", ""),
        calendar=said.get("calendar", calendar),
        id=said.get("id", ""),
    )


def as_data(answer: Answered) -> dict[str, Any]:
    """The answer for programs: instants in the calendar's own time with their offset."""
    calendar, question = answer.calendar, answer.question

    def local(at: datetime) -> str:
        return local_time(calendar.zone, at).isoformat()

    data: dict[str, Any] = {"id": question.id} if question.id else {}
    data |= {"ask": question.ask, "calendar": calendar.id, "version": calendar.version, "zone": calendar.zone}
    if answer.due is not None:
        data |= {
            "at": local(answer.first),
            "duration": str(duration(question.duration)),
            "due": local(answer.due.at),
        }
    else:
        seconds = int(answer.working_time.total_seconds())
        data |= {"at": local(answer.first), "until": local(answer.last)}
        data |= {"working_days": answer.working_days, "working_minutes": seconds / 60}
    data["provisional"] = answer.provisional
    data["skipped"] = [
        {
            "from": each.first,
            "to": each.last,
            "why": each.why.note.zh,
            "why_en": each.why.note.en,
            "source": each.why.source,
        }
        for each in answer.skipped
    ]
    data["worked"] = [
        {
            "day": day,
            "why": said.note.zh,
            "why_en": said.note.en,
            "source": said.source,
            "hours": [f"{a:%H:%M}-{b:%H:%M}" for a, b in said.hours],
        }
        for day, said in answer.made_up
    ]
    return data
