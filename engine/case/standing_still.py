"""Why clocks stand still: the whole case is on hold, or a stage waits for somebody outside."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    since: datetime
    by: PersonId
    reason: str
    resume_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """The waits of one visit: the present one, and what those before it used up.

    `since` is None while the clock runs. `until`: it runs on by itself then. `held`: the holds (from, to)
    that came meanwhile and are over. `used` counts seconds: of working time where the SOP caps it in working
    days or hours, else of elapsed time; never those of a hold.
    """

    stage: str
    since: datetime | None = None
    by: PersonId | None = None
    waits_for: str = ""
    reason: str = ""
    until: datetime | None = None
    held: tuple[tuple[datetime, datetime], ...] = ()
    used: int = 0
