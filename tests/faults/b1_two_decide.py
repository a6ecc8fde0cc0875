"""Two processes with eight threads each decide one approval. Exactly one decision counts; everybody else is
told honestly that it came too late.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from engine.case.events import DecisionRecorded
from engine.case.state import Verdict, Via
from tests.faults.arena import Arena, arenas
from tests.faults.company import SIGNERS, a_sop, behind, gate
from tests.faults.presses import TOO_LATE, Press, pressed, shared

NAME = "B1"
SUBJECT = "Two processes decide the same approval: exactly one wins, the others are told so."
GOAL = 10_000
QUICK = 24

PROCESSES, THREADS = 2, 8
SOP = a_sop("two_decide", {"of_one": behind(gate("one")), "of_many": behind(gate("many"))})
FACES = (Via.WEB, Via.LINK, Via.API, Via.CLI)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=PROCESSES) as fields:
        while True:
            for field in fields:
                kind = rng.choice([_one_person, _one_key, _many_persons])
                told = _race(field, kind(rng, _opened(field, kind)))
                yield {f"{field.name}_races": 1, f"{field.name}_told_too_late": told}


def _opened(field: Arena, kind: object) -> Press:
    """A press on a fresh approval, by the one person who may decide it or by the first of many."""
    way = "of_many" if kind is _many_persons else "of_one"
    case_id, approval = field.here.asked("two_decide", way)
    return Press(
        case_id=case_id,
        approval=approval.id,
        person=SIGNERS[0],
        verdict=Verdict.APPROVE,
        via=Via.WEB,
        seen=field.here.case(case_id).version,
    )


def _one_person(rng: random.Random, base: Press) -> list[Press]:
    """Through several faces, now yes and now no; some say what version they saw."""
    return [
        replace(
            base, verdict=rng.choice(list(Verdict)), via=rng.choice(FACES), seen=rng.choice([None, base.seen])
        )
        for _ in range(PROCESSES * THREADS)
    ]


def _one_key(rng: random.Random, base: Press) -> list[Press]:
    """The same request sent again and again, as a client does that got no answer."""
    key = f"key-{base.case_id}"
    return [replace(base, via=rng.choice(FACES), key=key, seen=None) for _ in range(PROCESSES * THREADS)]


def _many_persons(rng: random.Random, base: Press) -> list[Press]:
    """Any of them may decide for all."""
    return [replace(base, person=person, verdict=rng.choice(list(Verdict)), seen=None) for person in SIGNERS]


def _race(field: Arena, presses: Sequence[Press]) -> int:
    """How many were told that they came too late."""
    told = sorted(each for part in field.crew.together(pressed, *shared(presses, PROCESSES)) for each in part)
    case_id = presses[0].case_id
    others = [each for each in told if each != "won"]
    assert told.count("won") == 1, f"{case_id}: not exactly one won: {told}"
    fair = {"repeated"} if presses[0].key else TOO_LATE
    assert set(others) <= fair, f"{case_id}: somebody was told something else: {told}"
    events = [recorded.event for recorded in field.here.history(case_id)]
    decided = [event for event in events if isinstance(event, DecisionRecorded)]
    assert len(decided) == 1, f"{case_id}: {len(decided)} decisions stand in the history"
    return len(others)
