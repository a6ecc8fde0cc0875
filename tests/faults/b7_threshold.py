"""Three of five votes are enough, and all five come at once: the threshold is crossed once, and the move is
made once.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import Verdict, Via
from engine.ids import CaseId, RequestId
from tests.faults.arena import Arena, arenas
from tests.faults.company import FIVE, a_sop, behind, gate
from tests.faults.presses import TOO_LATE, Press, pressed, shared
from tests.faults.station import Station

NAME = "B7"
SUBJECT = "Three of five votes at once: the threshold is crossed exactly once."
GOAL = 5_000
QUICK = 16

PROCESSES, ENOUGH = 2, 3
VOTE = gate("five", mode="votes", threshold=ENOUGH) | {"on_reject": "wait_all"}
SOP = a_sop("threshold", {"ask_five": behind(VOTE)})


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=PROCESSES) as fields:
        while True:
            noes = rng.choice([0, 0, 1, 2, 3])
            for field in fields:
                yield {f"{field.name}_{name}": n for name, n in _vote(field, rng, noes).items()}


def _vote(field: Arena, rng: random.Random, noes: int) -> dict[str, int]:
    case_id, approval = field.here.asked("threshold", "ask_five")
    verdicts = [Verdict.REJECT] * noes + [Verdict.APPROVE] * (len(FIVE) - noes)
    rng.shuffle(verdicts)
    presses = [
        Press(case_id=case_id, approval=approval.id, person=person, verdict=verdict, via=Via.WEB)
        for person, verdict in zip(FIVE, verdicts, strict=True)
    ]
    told = [each for part in field.crew.together(pressed, *shared(presses, PROCESSES)) for each in part]
    assert set(told) <= {"won", *TOO_LATE}, f"{case_id}: somebody was told something else: {told}"
    granted = noes <= len(FIVE) - ENOUGH
    _decided_once(field, case_id, acknowledged=told.count("won"), granted=granted)
    if granted:
        _moved_once(field, case_id, approval.request)
    return {"votes": 1, "granted": int(granted), "told_too_late": len(told) - told.count("won")}


def _decided_once(field: Arena, case_id: CaseId, *, acknowledged: int, granted: bool) -> None:
    events = [recorded.event for recorded in field.here.history(case_id)]
    kinds = Counter(event.kind for event in events)
    closed = [event for event in events if isinstance(event, ev.ApprovalClosed)]
    assert [event.granted for event in closed] == [granted], f"{case_id}: the outcomes are {closed}"
    assert kinds["decision_recorded"] == acknowledged, f"{case_id}: {kinds} for {acknowledged} acknowledged"
    after = events[events.index(closed[0]) :]
    assert not any(isinstance(event, ev.DecisionRecorded) for event in after), f"{case_id}: a vote too late"
    ended = (
        ("transition_ready", "transition_dropped") if granted else ("transition_dropped", "transition_ready")
    )
    assert (kinds[ended[0]], kinds[ended[1]]) == (1, 0), f"{case_id}: it ended as {kinds}"


def fired(here: Station, case_id: CaseId, request: RequestId) -> Sequence[bool]:
    """Two runners of this process try to make the move."""
    command = cmd.FireTransition(case_id=case_id, request=request)
    return here.at_once([lambda: here.do(command, "rule").refusal is None] * 2)


def _moved_once(field: Arena, case_id: CaseId, request: RequestId) -> None:
    order = (case_id, request)
    answers = [each for part in field.crew.together(fired, *[order] * PROCESSES) for each in part]
    assert answers.count(True) == 1, f"{case_id}: of the runners that fired it, {answers.count(True)} did"
    moves = [r for r in field.here.history(case_id) if isinstance(r.event, ev.TransitionFired)]
    assert len(moves) == 1, f"{case_id}: it moved {len(moves)} times"
