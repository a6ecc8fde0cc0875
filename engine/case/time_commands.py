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


TimeCommand = WaitOutside | GoOn
