"""Three runners sweep and deliver at once, and their clocks are ten minutes apart. Each rung of each ladder
is climbed once, and nobody is owed the same message twice.
"""

import logging
import os
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from engine.case import events as ev
from engine.ids import CaseId
from engine.store.mailbox import MailFilter
from runtime.carrying import Carrying
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop, behind, gate
from tests.faults.station import Station, patient

NAME = "B5"
SUBJECT = "Three runners whose clocks differ by ten minutes: each escalation once, no message owed twice."
GOAL = 1_000
QUICK = 2

CLOCKS = (timedelta(0), timedelta(minutes=10), timedelta(minutes=-10))
CASES, STEPS, LONGEST_STEP = 4, 8, 30  # minutes
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
        while True:
            steps = [timedelta(minutes=rng.uniform(1, LONGEST_STEP)) for _ in range(STEPS)]
            for field in fields:
                yield {f"{field.name}_{name}": n for name, n in _ran(field, steps).items()}


def _ran(field: Arena, steps: list[timedelta]) -> dict[str, int]:
    cases = [field.here.asked("clocks", "ask_five")[0] for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    now = MONDAY
    for step in [*steps, timedelta(hours=5)]:
        now += step
        field.crew.together(worked, *[(notes, now + ahead) for ahead in CLOCKS])
    for case_id in cases:
        _climbed_once(field.here, case_id)
        _owed_once(field.here, case_id)
    sent = Counter(entry.key for entry in diary.read(notes) if entry.what == "sent")
    return {"rounds": 1, "escalations": CASES * LEVELS, "sent_again": sum(sent.values()) - len(sent)}


def worked(here: Station, notes: Path, now: datetime) -> None:
    """One round of a runner: sweep, fire, deliver; two threads each, as a runner has."""
    here.clock.set(now)
    carrying = Carrying(here.parts, holder=str(os.getpid()))
    delivering = diary.deliverer(here, diary.Diary(folder=notes))
    acts: list[Callable[[], object]] = [carrying.sweep, carrying.fire_ready, delivering.deliver_due]
    failed = _Failures()
    logging.getLogger("guanka.runner").addHandler(failed)
    try:
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


def _owed_once(here: Station, case_id: CaseId) -> None:
    mails = here.store.mailbox.page(MailFilter(case_id=case_id), limit=1000)
    owed = Counter((mail.kind, mail.to_person, str(dict(mail.data))) for mail in mails)
    twice = [what for what, times in owed.items() if times > 1]
    assert not twice, f"{case_id} owes more than once: {twice}"
