"""What may be asked of a case's clocks, beside hold and resume."""

from dataclasses import dataclass
from typing import Literal

from engine.ids import CaseId


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitOutside:
    """Stops the clock of a stage the case stands in, while `waits_for`, somebody outside, has to act."""

    case_id: CaseId
    stage: str
    waits_for: str
    reason: str
    kind: Literal["wait_outside"] = "wait_outside"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """The wait is over: the stage's clock runs on with what was left."""

    case_id: CaseId
    stage: str
    kind: Literal["go_on"] = "go_on"


@dataclass(frozen=True, slots=True, kw_only=True)
class AskMoreTime:
    """Asks for a deadline at `until`, written as the SOP's date field takes it, by the transition of this
    name, or the only one that extends here.
    """

    case_id: CaseId
    until: str
    reason: str = ""
    transition: str = ""
    kind: Literal["ask_more_time"] = "ask_more_time"


TimeCommand = WaitOutside | GoOn | AskMoreTime
