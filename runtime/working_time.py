"""Each person's working hours: their own calendar, or the company's by their own clock."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from engine.case.calendar import WorkCalendar, next_working_instant, working_time_between
from notifications.pacing import spread
from notifications.routing import Contact
from runtime.calendars import UnknownCalendar

SHIPPED: Final = "cn"


@dataclass(frozen=True, slots=True)
class PersonsHours:
    """`engine.case.calendar` for one person; `spread` keeps people from getting their messages all at
    once. `company` is the calendar of whoever has none.
    """

    calendars: Callable[[str], WorkCalendar]
    company: str = SHIPPED

    def quiet_until(self, contact: Contact, now: datetime) -> datetime:
        opens = next_working_instant(self.calendar_of(contact), now)
        return opens + spread(contact.person) if opens > now else now

    def left(self, contact: Contact, now: datetime, until: datetime) -> timedelta:
        return working_time_between(self.calendar_of(contact), now, until)

    def calendar_of(self, contact: Contact) -> WorkCalendar:
        """A calendar of one's own has its zone; one that is gone must not keep a message from leaving."""
        if contact.calendar:
            with suppress(UnknownCalendar):
                return self.calendars(contact.calendar)
        return replace(company_calendar(self.calendars, self.company), zone=contact.clock.key)


def company_calendar(calendars: Callable[[str], WorkCalendar], name: str) -> WorkCalendar:
    """The shipped one where there is none of that name: nothing must stand still for a setting."""
    with suppress(UnknownCalendar):
        return calendars(name)
    return calendars(SHIPPED)
