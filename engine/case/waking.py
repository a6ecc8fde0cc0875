"""The instants at which a clock that stands still runs on by itself, as people name them."""

from datetime import datetime
from typing import Final

from engine.case.state import Case, DeadlineKind
from engine.text import Text

HOLD: Final = f"{DeadlineKind.RESUME}:hold"  # the id of the deadline that ends a hold


def ended_at(case: Case, wake: str, now: datetime) -> datetime:
    """When what `wake` ends was over: now, or when it came, where nobody was there to see it."""
    found = case.deadlines.get(wake)
    return now if found is None else min(found.due_at, now)


def wake_of(visit: int | str) -> str:
    """The id of the deadline that ends the wait of a visit."""
    return f"{DeadlineKind.RESUME}:wait/{visit}"


def title(subject: str, stage: Text) -> Text:
    """`subject` is "hold", or "wait/<visit>" of a visit to `stage`."""
    if subject == "hold":
        return Text("暂停结束", "end of the hold")
    return Text(f"“{stage.zh}”等外部的最长期限", f"end of the longest wait in “{stage.en}”")


def visit_of(subject: str) -> str:
    """The number of the visit that waits; empty for a hold."""
    return subject.partition("/")[2]
