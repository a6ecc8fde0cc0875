"""Three runners sweep and deliver at once, with clocks ten minutes apart, and one or the other is killed.
Each rung of each ladder is climbed once, nobody is owed the same message twice, and none is sent twice but by
a kill between sending and marking.
"""

import os
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from runtime.carrying import Carrying
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY
from tests.faults.crew import Gone
from tests.faults.ladders import LEVELS, climbed_once, laddered, mails, none_early, owed_once, without_failure
from tests.faults.station import Station, patient
from tests.faults.travel import at_work, prepare, travel

NAME = "B5"
SUBJECT = "Three runners whose clocks differ by ten minutes: each escalation once, each message sent once."
GOAL = 1_000
QUICK = 2

CLOCKS = (timedelta(0), timedelta(minutes=10), timedelta(minutes=-10))
CASES, STEPS, LONGEST_STEP = 4, 8, 30  # minutes
LAST_STEPS = (timedelta(hours=5), timedelta(minutes=3), timedelta(minutes=3))  # for what the dead had in hand
KILLED, LONGEST_FUSE = 0.1, 60
NO_FUSES: list[int | None] = [None for _ in CLOCKS]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, laddered("clocks"), size=len(CLOCKS)) as fields:
        now = MONDAY
        for field in fields:
            prepare(field.place)
        while True:
            steps = [timedelta(minutes=rng.uniform(1, LONGEST_STEP)) for _ in range(STEPS)]
            fuses = [_fuses(rng) for _ in steps]
            for field in fields:
                yield {f"{field.name}_{name}": n for name, n in _ran(field, now, steps, fuses).items()}
            now += timedelta(days=1)


def _fuses(rng: random.Random) -> list[int | None]:
    return [rng.randrange(1, LONGEST_FUSE) if rng.random() < KILLED else None for _ in CLOCKS]


def _ran(
    field: Arena, now: datetime, steps: list[timedelta], fuses: list[list[int | None]]
) -> dict[str, int]:
    here = field.here
    here.clock.set(now)
    cases = [here.asked("clocks", "ask_five")[0] for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    killed: set[int] = set()
    for step, fuse in zip([*steps, *LAST_STEPS], [*fuses, *(NO_FUSES for _ in LAST_STEPS)], strict=True):
        now += step
        travel(here.store.database, now)
        killed |= _passed(field, notes, fuse)
    owed = mails(here, cases)
    for case_id in cases:
        climbed_once(here, case_id)
        none_early(here, case_id, now=now)
    owed_once(owed)
    assert all(mail.due_at is None for mail in owed), f"{cases}: messages still wait at {now}"
    again = diary.sent_again(owed, list(diary.read(notes)), killed)
    return {"rounds": 1, "escalations": CASES * LEVELS, "kills": len(killed), "sent_again": again}


def _passed(field: Arena, notes: Path, fuses: list[int | None]) -> set[int]:
    """All runners at work; those that died of it are replaced."""
    crew, dead = field.crew, set[int]()
    for hand, ahead, fuse in zip(crew.hands, CLOCKS, fuses, strict=True):
        hand.order(worked, notes, ahead, fuse)
    for place, hand in enumerate(crew.hands):
        try:
            hand.answer()
        except Gone:
            dead.add(hand.pid)
            hand.kill()
            crew.hands[place] = crew.another()
    return dead


def worked(here: Station, notes: Path, ahead: timedelta, fuse: int | None) -> None:
    """One round of a runner just started: sweep, fire, deliver; a thread each, as a runner has."""
    with without_failure(), at_work(here.place, ahead) as parts:
        carrying = Carrying(parts, holder=str(os.getpid()))
        delivering = diary.deliverer(parts, diary.Diary(folder=notes, fuse=fuse))
        acts: list[Callable[[], object]] = [
            carrying.sweep,
            carrying.fire_ready,
            delivering.deliver_due,
            delivering.deliver_due,
        ]
        here.at_once([lambda act=act: patient(act) for act in acts])
