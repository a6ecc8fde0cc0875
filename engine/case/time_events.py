"""What happened to a case's clocks beside being set, missed and closed."""

from dataclasses import dataclass
from typing import Literal

from engine.case.signing_events import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerNoted(Fact):
    """An approval that a deadline is counted from was decided now, yes or no; named as the SOP names it."""

    approval: str
    kind: Literal["answer_noted"] = "answer_noted"


TimeEvent = AnswerNoted

__all__ = ["AnswerNoted", "TimeEvent"]
