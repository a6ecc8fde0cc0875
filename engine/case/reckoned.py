"""What a deadline keeps beside its instant: how that came about, and the rungs of its ladder."""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """`after` is how long after the due instant, as written; then `times` times `every`. `urgent`: told at
    once, whoever sleeps.
    """

    at: datetime
    role: str
    after: str = ""
    every: str = ""
    times: int = 0
    urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoning:
    """How a due instant came about, so that it can be counted again on newer data: `within` from `start`, or
    `ahead` of it, or `worked` seconds of working time from it, or `elapsed` seconds, or the closing of `day`,
    or the beginning of `morning`; then what it stood still (from, to), in order.

    `wall` is what the clocks of `zone` showed at the due instant when it was counted.
    """

    calendar: str
    zone: str
    wall: str
    start: datetime | None = None
    within: str = ""
    ahead: str = ""
    day: date | None = None
    morning: date | None = None
    worked: int | None = None
    elapsed: int | None = None
    pauses: tuple[tuple[datetime, datetime], ...] = ()
