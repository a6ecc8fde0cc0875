"""What each event of the clocks does to the snapshot."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from engine.case import events as ev
from engine.case.standing_still import Wait
from engine.case.state import Case


def _answered(case: Case, recorded: ev.Recorded, event: ev.AnswerNoted) -> Case:
    return replace(case, answered={**case.answered, event.approval: recorded.at})


def _waits(case: Case, recorded: ev.Recorded, event: ev.StageWaits) -> Case:
    visit = str(event.visit)
    before = case.waits.get(visit, Wait(stage=event.stage))
    wait = replace(
        before,
        since=recorded.at,
        by=recorded.actor.person,
        waits_for=event.waits_for,
        reason=event.reason,
        until=event.until,
    )
    return replace(case, waits={**case.waits, visit: wait})


def _goes_on(case: Case, _: ev.Recorded, event: ev.StageGoesOn) -> Case:
    return replace(case, waits={**case.waits, str(event.visit): Wait(stage=event.stage, used=event.used)})


def _extended(case: Case, _: ev.Recorded, event: ev.DeadlineExtended) -> Case:
    times = case.extended.get(event.deadline, 0) + 1
    return replace(case, extended={**case.extended, event.deadline: times})


CHANGES: Final[Mapping[type, Callable[..., Case]]] = {
    ev.AnswerNoted: _answered,
    ev.StageWaits: _waits,
    ev.StageGoesOn: _goes_on,
    ev.DeadlineExtended: _extended,
}
