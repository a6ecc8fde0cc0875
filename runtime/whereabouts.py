"""Where and when a person works, as it was typed: on the command line, on the page, in the API."""

from dataclasses import dataclass
from typing import Literal
from zoneinfo import ZoneInfo

from engine.errors import GuankaError
from engine.ids import PersonId
from engine.store.people import People, Person
from engine.text import Text
from runtime.calendar_file import CalendarFault
from runtime.calendars import Calendars, UnknownCalendar


class WhereaboutsRefused(GuankaError):
    """`field` is what cannot be used."""

    def __init__(self, field: Literal["calendar", "zone"], said: Text) -> None:
        super().__init__(said)
        self.field = field


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What is None stays as it was. An empty `calendar`: the person works by the company's."""

    calendar: str | None = None
    zone: str | None = None


def settle(people: People, calendars: Calendars, person: PersonId, wish: Wish) -> Person:
    """Raises UnknownPerson, and WhereaboutsRefused before anything is changed."""
    known = people.get(person, "person")
    zone = known.zone if wish.zone is None else wish.zone.strip()
    calendar = known.calendar if wish.calendar is None else wish.calendar.strip()
    if wish.zone is not None and (wrong := zone_fault(zone)) is not None:
        raise WhereaboutsRefused("zone", wrong)
    if wish.calendar is not None:
        check_calendar(calendars, calendar)
    people.settle(person, calendar=calendar, zone=zone)
    return people.get(person)


def check_calendar(calendars: Calendars, calendar: str) -> None:
    """Raises WhereaboutsRefused for one there is not, naming those there are, and for a file with faults."""
    if not calendar:
        return
    try:
        calendars(calendar)
    except (UnknownCalendar, CalendarFault) as fault:
        raise WhereaboutsRefused("calendar", fault.message) from fault


def zone_fault(zone: str) -> Text | None:
    """What is wrong with the name of a time zone."""
    try:
        ZoneInfo(zone)
    except (LookupError, ValueError, OSError):
        return Text(
            f"{zone!r} 不是时区名；例如 Asia/Shanghai",
            f"{zone!r} is no time zone; write one such as Asia/Shanghai",
        )
    return None
