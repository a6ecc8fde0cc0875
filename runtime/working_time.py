"""Each person's working hours: the company's calendar by the person's own clock."""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

from engine.case.calendar import WorkCalendar, next_working_instant, working_time_between
from notifications.pacing import spread
from notifications.routing import Contact
from runtime.calendars import load_calendar

COMPANY_CALENDAR: Final = "cn"


class PersonsHours:
    """`engine.case.calendar` for one person; `spread` keeps people from getting their messages all at
    once.
    """

    def quiet_until(self, contact: Contact, now: datetime) -> datetime:
        opens = next_working_instant(calendar_of(contact), now)
        return opens + spread(contact.person) if opens > now else now

    def left(self, contact: Contact, now: datetime, until: datetime) -> timedelta:
        return working_time_between(calendar_of(contact), now, until)


def calendar_of(contact: Contact) -> WorkCalendar:
    return _in_zone(contact.clock.key)


@cache
def _in_zone(zone: str) -> WorkCalendar:
    return replace(load_calendar(COMPANY_CALENDAR), zone=zone)
