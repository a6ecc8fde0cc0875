"""Why clocks stand still: the whole case is on hold."""

from dataclasses import dataclass
from datetime import date, datetime

from engine.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    since: datetime
    by: PersonId
    reason: str
    resume_on: date | None = None
