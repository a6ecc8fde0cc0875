"""What the calendars lack: a year nobody has published data for, a file that cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from engine.errors import GuankaError
from engine.text import Text
from runtime.calendars import Calendars, Described
from runtime.notices import differences
from runtime.public_holidays import chinese_notices

State = Literal["ok", "warning", "fault"]
# The notice for 2024 came out in October, most others in November; a plan made now reaches into next year.
ASKED_FROM: Final = 11


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFinding:
    calendar: str
    state: State
    said: Text


def health(calendars: Calendars, now: datetime, zone: str) -> Iterator[CalendarFinding]:
    """One finding for each calendar, or more where there is more to say."""
    today = now.astimezone(ZoneInfo(zone)).date()
    for name in calendars.known():
        try:
            described = calendars.described(name)
        except GuankaError as fault:
            yield CalendarFinding(calendar=name, state="fault", said=fault.message)
            continue
        yield _coverage(described, today)
        yield from _superseded(described)


def _coverage(described: Described, today: date) -> CalendarFinding:
    name, last = described.calendar.id, described.calendar.official_until
    if last == date.max:
        said = Text(
            "没有法定安排，只按每周与公司自己的日子", "no official days, only the week and the company's own"
        )
        return CalendarFinding(calendar=name, state="ok", said=said)
    if last < today:
        known = Text(f"法定安排只到 {last}", f"official days are known until {last} only")
    elif last.year == today.year and today.month >= ASKED_FROM:
        known = Text(
            f"还没有 {last.year + 1} 年的法定安排", f"there are no official days for {last.year + 1} yet"
        )
    else:
        said = Text(f"法定安排到 {last}", f"official days until {last}")
        return CalendarFinding(calendar=name, state="ok", said=said)
    remedy = Text(
        f"{known.zh}，之后的期限按推算并标为“预计”；国务院公布后运行 guanka calendar update 通知文件 "
        f"--calendar {described.base}",
        f"{known.en}; later due dates are estimated and marked provisional; once the notice is published run"
        f" guanka calendar update NOTICE --calendar {described.base}",
    )
    return CalendarFinding(calendar=name, state="warning", said=remedy)


def _superseded(described: Described) -> Iterator[CalendarFinding]:
    """A kept notice that the package knows by now, and says otherwise."""
    package = chinese_notices() if described.notices else None
    for notice in described.notices:
        if package is None or notice.year > package.last.year:
            continue
        theirs = {day: said for day, said in package.days.items() if day.year == notice.year}
        ours = {day: said for day, said in notice.days.items() if day.year == notice.year}
        differing = differences(ours, theirs)
        if differing:
            listed = ", ".join(str(day) for day, _, _ in differing[:6])
            yield CalendarFinding(
                calendar=described.calendar.id,
                state="warning",
                said=Text(
                    f"{notice.year} 年：自备通知与软件包不同（{listed}），以自备通知为准；请核对",
                    f"{notice.year}: the kept notice, which is used, and the package differ"
                    f" ({listed}); check it",
                ),
            )
