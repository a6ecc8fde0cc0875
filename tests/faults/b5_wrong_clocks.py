"""Three runners sweep and deliver at once, with clocks ten minutes apart, and one or the other is killed.
Each rung of each ladder is climbed once, nobody is owed the same message twice, and none is sent twice but by
a kill between sending and marking.
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from engine.case import events as ev
from engine.ids import CaseId
from engine.store.mailbox import Mail, MailFilter
from runtime.carrying import Carrying
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop, behind, gate
from tests.faults.crew import Gone
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
LADDER = [{"after": "20 min", "to": "boss"}, {"after": "40 min", "to": "two"}]
LEVELS = len(LADDER)
SOP = a_sop(
    "clocks",
    {
        "ask_five": behind(
            gate("five", within="45 min", on_timeout={"escalate": "boss"}, remind=["15 min"]),
        )
    },
    desk={"deadline": {"within": "1 h", "remind": ["30 min"], "escalate": LADDER}},
)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=len(CLOCKS)) as fields:
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
    field.here.clock.set(now)
    cases = [field.here.asked("clocks", "ask_five")[0] for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    killed: set[int] = set()
    for step, fuse in zip([*steps, *LAST_STEPS], [*fuses, *(NO_FUSES for _ in LAST_STEPS)], strict=True):
        now += step
        travel(field.here.store.database, now)
        killed |= _passed(field, notes, fuse)
    mails = [m for c in cases for m in field.here.store.mailbox.page(MailFilter(case_id=c), limit=1000)]
    for case_id in cases:
        _climbed_once(field.here, case_id)
    _owed_once(mails)
    assert all(mail.due_at is None for mail in mails), f"{cases}: messages still wait at {now}"
    again = diary.sent_again(mails, list(diary.read(notes)), killed)
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
    failed = _Failures()
    logging.getLogger("guanka.runner").addHandler(failed)
    try:
        with at_work(here.place, ahead) as parts:
            carrying = Carrying(parts, holder=str(os.getpid()))
            delivering = diary.deliverer(parts, diary.Diary(folder=notes, fuse=fuse))
            acts: list[Callable[[], object]] = [
                carrying.sweep,
                carrying.fire_ready,
                delivering.deliver_due,
                delivering.deliver_due,
            ]
            here.at_once([lambda act=act: patient(act) for act in acts])
    finally:
        logging.getLogger("guanka.runner").removeHandler(failed)
    assert not failed.said, f"a runner could not do its work: {failed.said}"


class _Failures(logging.Handler):
    """What a runner only logs, so that one bad case fails alone; a busy database is no failure."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.said: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if "StoreBusy" not in record.getMessage():
            self.said.append(record.getMessage())


def _climbed_once(here: Station, case_id: CaseId) -> None:
    events = [recorded.event for recorded in here.history(case_id)]
    rungs = Counter((e.deadline, e.level) for e in events if isinstance(e, ev.DeadlineEscalated))
    missed = Counter(e.deadline for e in events if isinstance(e, ev.DeadlineMissed))
    reminded = Counter((e.deadline, e.count) for e in events if isinstance(e, ev.DeadlineReminded))
    timeouts = Counter(e.approval for e in events if isinstance(e, ev.ApprovalTimedOut))
    assert [level for _, level in rungs] == list(range(1, LEVELS + 1)), f"{case_id} climbed {rungs}"
    for what in (rungs, missed, reminded, timeouts):
        assert set(what.values()) <= {1}, f"{case_id} did something twice: {what}"
    assert len(missed) == 2, f"{case_id}: overdue are {missed}, and should be the stage and the approval"


def _owed_once(mails: Sequence[Mail]) -> None:
    owed = Counter((mail.case_id, mail.kind, mail.to_person, str(dict(mail.data))) for mail in mails)
    twice = [what for what, times in owed.items() if times > 1]
    assert not twice, f"owed more than once: {twice}"
