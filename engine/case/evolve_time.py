"""What each event of the clocks does to the snapshot."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from engine.case import events as ev
from engine.case.state import Case


def _answered(case: Case, recorded: ev.Recorded, event: ev.AnswerNoted) -> Case:
    return replace(case, answered={**case.answered, event.approval: recorded.at})


CHANGES: Final[Mapping[type, Callable[..., Case]]] = {ev.AnswerNoted: _answered}
