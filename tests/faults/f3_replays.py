"""The same form is sent many times at once, from two processes, and again later: the first press counts, and
nothing else ever does.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path

from engine.case.events import DecisionRecorded
from tests.faults.arena import Arena, arenas
from tests.faults.pages import form_token, get, press
from tests.faults.signing import SOP, Linked, linked
from tests.faults.station import Station

NAME = "F3"
SUBJECT = "Double clicks, replays and changed minds on one link: the first press counts, once."
GOAL = 10_000
QUICK = 8

PROCESSES = 2
PRESSES = {"by_code": 4, "by_link": 8}  # five tries at the digits are all there are, right ones too
SEEN, RECORDED, TOO_LATE = 303, 200, 409
VERDICTS = ("approve", "reject")


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=PROCESSES) as fields:
        while True:
            way, mixed = rng.choice(list(PRESSES)), rng.random() < 0.5
            for field in fields:
                presses = [rng.choice(VERDICTS) if mixed else "approve" for _ in range(PRESSES[way])]
                _pressed_once(field, linked(field.here, way), presses)
                yield {f"{field.name}_replays": len(presses) + 3, f"{field.name}_links": 1}


def pressed(here: Station, one: Linked, verdicts: Sequence[str]) -> list[tuple[str, int]]:
    """Verdict and status of each press."""
    token = form_token(get(here.app, one.letter.path))
    acts = [partial(_press, here, one, token, verdict) for verdict in verdicts]
    return here.at_once(acts)


def _press(here: Station, one: Linked, token: str, verdict: str) -> tuple[str, int]:
    typed = {"token": token, "verdict": verdict, "code": one.letter.code, "comment": ""}
    return verdict, press(here.app, one.letter.path, typed).status


def _pressed_once(field: Arena, one: Linked, verdicts: Sequence[str]) -> None:
    orders = [(one, verdicts[number::PROCESSES]) for number in range(PROCESSES)]
    told = [each for part in field.crew.together(pressed, *orders) for each in part]
    counted = _only_decision(field.here, one)
    for verdict, status in told:
        fair = {SEEN, RECORDED} if verdict == counted else {TOO_LATE}
        assert status in fair, f"{one.case_id} was decided as {counted}, and {verdict} was answered {status}"
    assert any(status == SEEN for _, status in told), f"{one.case_id}: nobody was told it is done: {told}"
    other = next(verdict for verdict in VERDICTS if verdict != counted)
    for verdict, status in ((counted, RECORDED), (other, TOO_LATE), (counted, RECORDED)):
        (later,) = field.crew.hands[0].ask(replayed, one, verdict)
        assert later == status, f"{one.case_id}: {verdict} again was answered {later}, not {status}"
    assert _only_decision(field.here, one) == counted


def replayed(here: Station, one: Linked, verdict: str) -> list[int]:
    """The old form once more, as after the back button."""
    return [_press(here, one, "kept from before", verdict)[1]]


def _only_decision(here: Station, one: Linked) -> str:
    events = [recorded.event for recorded in here.history(one.case_id)]
    made = [event for event in events if isinstance(event, DecisionRecorded)]
    assert len(made) == 1, f"{one.case_id}: {len(made)} decisions stand in the history"
    return str(made[0].verdict)
