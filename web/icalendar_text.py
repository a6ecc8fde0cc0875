"""Deadlines and milestones as an iCalendar file (RFC 5545), the same bytes for the same facts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from icalendar import Calendar, Event

SHOWN: Final = timedelta(minutes=30)  # an event without length is a hairline in most calendars
REFRESH: Final = timedelta(hours=1)
MAKER: Final = "-//Guanka//Deadlines//EN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """`uid` stays the same while the deadline moves; `when` is a due instant or a whole day.

    `tentative`: provisional, or only planned. `touched` is when the case changed last, `version` how often.
    """

    uid: str
    when: datetime | date
    title: str
    note: str
    address: str
    touched: datetime
    version: int
    tentative: bool = False


def calendar_text(name: str, entries: Sequence[Entry]) -> bytes:
    """Instants are in UTC; every calendar shows them in its reader's zone."""
    made = Calendar()
    made.add("prodid", MAKER)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("name", name)
    made.add("x-wr-calname", name)
    made.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    made.add("x-published-ttl", "PT1H")
    for entry in entries:
        made.add_component(_event(entry))
    return made.to_ical(sorted=False)


def _event(entry: Entry) -> Event:
    event = Event()
    event.add("uid", f"{entry.uid}@guanka")
    event.add("dtstamp", entry.touched)
    event.add("last-modified", entry.touched)
    event.add("sequence", entry.version)
    whole_day = not isinstance(entry.when, datetime)
    event.add("dtstart", entry.when if whole_day else entry.when - SHOWN)
    event.add("dtend", entry.when + timedelta(days=1) if whole_day else entry.when)
    event.add("summary", entry.title)
    if entry.note:
        event.add("description", entry.note)
    if entry.address:
        event.add("url", entry.address)
    event.add("status", "TENTATIVE" if entry.tentative else "CONFIRMED")
    event.add("transp", "TRANSPARENT")  # a deadline leaves its owner free
    return event
