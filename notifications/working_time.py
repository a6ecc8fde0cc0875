"""When a person works, as the deliverer asks for it; `runtime` brings the calendars."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from notifications.routing import Contact


class WorkingTime(Protocol):
    def quiet_until(self, contact: Contact, now: datetime) -> datetime:
        """When the person's quiet hours end; not after `now` while the person works."""
        ...

    def left(self, contact: Contact, now: datetime, until: datetime) -> timedelta:
        """The person's working time between; negative when it is over."""
        ...


@dataclass(frozen=True, slots=True)
class RoundTheClock:
    """Somebody who always works."""

    def quiet_until(self, contact: Contact, now: datetime) -> datetime:  # noqa: ARG002 - the protocol's
        return now

    def left(self, contact: Contact, now: datetime, until: datetime) -> timedelta:  # noqa: ARG002 - as above
        return until - now


ROUND_THE_CLOCK: Final = RoundTheClock()
