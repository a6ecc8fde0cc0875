"""Two runners live through days in which the clock of one of them, of the whole machine, or of the database
server jumps by an hour or a day and comes back. Nothing is flagged early by a clock of a node, nothing twice
by any, and nothing is lost.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

from engine.ids import CaseId
from runtime.carrying import Carrying
from runtime.wiring import Parts
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY
from tests.faults.ladders import climbed_once, laddered, mails, none_early, owed_once, without_failure
from tests.faults.station import Station, patient
from tests.faults.travel import WrongClock, at_work, prepare, travel

NAME = "C2"
SUBJECT = (
    "A clock jumps by an hour or a day, either way, and back: nothing early, nothing twice, nothing lost."
)
GOAL = 1_000
QUICK = 2

Whose = Literal["node", "machine", "server"]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
JUMPS = (HOUR, -HOUR, DAY, -DAY, timedelta(minutes=-5))
NODES, CASES, STEPS, LONGEST_STEP = 2, 2, 5, 40  # minutes
STILL = timedelta(0)
Jump = tuple[Whose, timedelta]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, laddered("jumps"), size=NODES) as fields:
        now = MONDAY
        for field in fields:
            prepare(field.place)
        while True:
            steps = [timedelta(minutes=rng.uniform(1, LONGEST_STEP)) for _ in range(STEPS)]
            for field in fields:
                jumps = [_jump(field, rng) for _ in steps]
                _lived(field, now, steps, jumps)
                yield {f"{field.name}_jumps": len(jumps), **_counted(field, jumps)}
            now += timedelta(days=7)


def _jump(field: Arena, rng: random.Random) -> Jump:
    """SQLite has no server whose clock could jump."""
    kinds: tuple[Whose, ...] = (
        ("node", "machine") if field.name == "sqlite" else ("node", "machine", "server")
    )
    return rng.choice(kinds), rng.choice(JUMPS)


def _counted(field: Arena, jumps: Sequence[Jump]) -> dict[str, int]:
    return {
        f"{field.name}_of_{kind}": sum(whose == kind for whose, _ in jumps) for kind in {w for w, _ in jumps}
    }


def _lived(field: Arena, now: datetime, steps: Sequence[timedelta], jumps: Sequence[Jump]) -> None:
    here = field.here
    here.clock.set(now)
    cases = [here.asked("jumps", "ask_five")[0] for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    for step, (whose, jump) in zip(steps, jumps, strict=True):
        now += step
        travel(here.store.database, now + (jump if whose == "server" else STILL))
        ahead = {"node": (jump, STILL), "machine": (jump, jump), "server": (STILL, STILL)}[whose]
        field.crew.together(worked, *[(notes, each) for each in ahead])
    for step in (timedelta(hours=5), timedelta(minutes=5)):
        now += step
        travel(here.store.database, now)
        field.crew.together(worked, *[(notes, STILL)] * NODES)
    _nothing_wrong(here, cases, notes, now if all(whose != "server" for whose, _ in jumps) else None)


def worked(here: Station, notes: Path, ahead: timedelta) -> None:
    """One round of a runner that lives on, with what its own clock shows by now."""
    parts, wall = _process(here)
    wall.ahead = ahead
    with parts.store.database.writing() as connection:
        parts.store.clock.within(connection)  # pyright: ignore[reportAttributeAccessIssue]
    acts: list[Callable[[], object]] = [
        Carrying(parts).sweep,
        diary.deliverer(parts, diary.Diary(folder=notes)).deliver_due,
    ]
    with without_failure():
        here.at_once([lambda act=act: patient(act) for act in acts])


def _process(here: Station) -> tuple[Parts, WrongClock]:
    if "process" not in here.kept:
        wall, stack = WrongClock(STILL), ExitStack()
        here.kept["process"] = stack.enter_context(at_work(here.place, wall)), wall
        here.kept["stack"] = stack
    return here.kept["process"]


def _nothing_wrong(here: Station, cases: Sequence[CaseId], notes: Path, now: datetime | None) -> None:
    """`now` None: the server's own clock jumped, and what it shows is believed."""
    owed = mails(here, cases)
    for case_id in cases:
        climbed_once(here, case_id)
        if now is not None:
            none_early(here, case_id, now=now)
    owed_once(owed)
    waiting = [mail.key for mail in owed if mail.due_at is not None]
    assert not waiting, f"still waiting when every clock is right again: {waiting}"
    again = diary.sent_again(owed, list(diary.read(notes)), set())
    assert not again, f"{cases}: {again} messages went out again"
