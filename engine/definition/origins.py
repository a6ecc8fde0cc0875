"""From what a deadline is counted, as written after `from`, `of` and `on`: a date field, a milestone's date,
or an approval's answer.
"""

from dataclasses import dataclass
from enum import StrEnum


class OriginKind(StrEnum):
    FIELD = "field"
    MILESTONE = "milestone"
    APPROVAL = "approval"


class MilestoneDate(StrEnum):
    """`forecast` is the planned date until somebody forecasts another; `reached` is the actual one."""

    PLANNED = "planned"
    FORECAST = "forecast"
    REACHED = "reached"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """`date` is as written after the point, and empty where nothing is; only a milestone has several."""

    kind: OriginKind
    name: str
    date: str = ""

    @property
    def milestone_date(self) -> MilestoneDate:
        return MilestoneDate(self.date) if self.date else MilestoneDate.REACHED


def read_origin(written: str) -> Origin:
    """`go_live_on`, `milestone:draft_done`, `milestone:launch.planned` or `approval:budget_agreed`.

    Reads whatever is written; whether the names are declared is judged where the whole SOP is.
    """
    kind, colon, rest = written.partition(":")
    if not colon or kind not in (OriginKind.MILESTONE, OriginKind.APPROVAL):
        return Origin(kind=OriginKind.FIELD, name=written)
    name, _, date = rest.partition(".")
    return Origin(kind=OriginKind(kind), name=name, date=date)
