"""Everything stands still for a minute up to thirty days, then several runners start at once. Each item is
made up once, with one message at most to each of its people, and none is forgotten.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from engine.case import commands as cmd
from engine.case import events as ev
from engine.ids import CaseId
from engine.store.mailbox import Mail
from runtime.carrying import Carrying
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop
from tests.faults.ladders import mails, without_failure
from tests.faults.station import Station, patient
from tests.faults.travel import at_work, prepare, travel

NAME = "C3"
SUBJECT = (
    "After a minute up to thirty days of standing still: each item made up once, none missed, none twice."
)
GOAL = 10_000
QUICK = 2

RUNNERS, CASES = 2, 20
LONGEST = timedelta(days=30)
CATCH_UP = timedelta(minutes=5)
RUNGS = (timedelta(minutes=20), timedelta(hours=2), timedelta(days=3))
LADDER = [{"after": "20 min", "to": "boss"}, {"after": "2 h", "to": "two"}, {"after": "3 d", "to": "one"}]
SOP = a_sop(
    "asleep",
    {},
    desk={
        "deadline": {"urgent": True, "within": "1 h", "remind": ["40 min", "10 min"], "escalate": LADDER},
        "tasks": [{"id": "call", "zh": "回访", "en": "Call", "every": "6 h"}],
    },
)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=RUNNERS) as fields:
        now = MONDAY
        for field in fields:
            prepare(field.place)
        while True:
            asleep = timedelta(minutes=(LONGEST / timedelta(minutes=1)) ** rng.random())
            begun = timedelta(minutes=rng.uniform(0, 120))  # so long it ran before
            for field in fields:
                yield {f"{field.name}_items": _slept(field, now, begun, asleep)}
            now += 2 * LONGEST


def _slept(field: Arena, now: datetime, begun: timedelta, asleep: timedelta) -> int:
    """How many items there were."""
    here = field.here
    here.clock.set(now)
    cases = [here.started("asleep") for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    known = {case_id: here.case(case_id).deadlines["stage:1"].due_at for case_id in cases}
    travel(here.store.database, now + begun)
    field.crew.together(worked, *[(notes,)] * RUNNERS)
    before = {mail.key for mail in mails(here, cases)}
    now += begun + asleep
    travel(here.store.database, now)
    field.crew.together(worked, *[(notes,)] * RUNNERS)
    owed = mails(here, cases)
    for case_id, due_at in known.items():
        _made_up(here, case_id, due_at, now)
        made_up = [mail for mail in owed if mail.case_id == case_id and mail.key not in before]
        _one_message_each(case_id, made_up, asleep)
    waiting = [mail.key for mail in owed if mail.due_at is not None]
    assert not waiting, f"still waiting: {waiting}"
    again = diary.sent_again(owed, list(diary.read(notes)), set())
    assert not again, f"{again} messages went out again"
    here.clock.set(now)
    assert not here.store.sweeps.due(limit=1), f"something is still due after {asleep}"
    for case_id in cases:
        here.done(cmd.RequestTransition(case_id=case_id, transition="cancel", reason="演练结束"))
    return CASES


def worked(here: Station, notes: Path) -> None:
    """A runner that starts: everything that is due, then everything owed."""
    with without_failure(), at_work(here.place, timedelta(0)) as parts:
        carrying, delivering = Carrying(parts), diary.deliverer(parts, diary.Diary(folder=notes))
        acts: list[Callable[[], object]] = [carrying.sweep]
        here.at_once([lambda act=act: patient(act) for act in acts])
        here.start()
        while patient(delivering.deliver_due):
            pass


def _made_up(here: Station, case_id: CaseId, due_at: datetime, now: datetime) -> None:
    """What has come by now is recorded, each once, and nothing else."""
    events = [recorded.event for recorded in here.history(case_id)]
    missed = [e for e in events if isinstance(e, ev.DeadlineMissed)]
    rungs = [e.level for e in events if isinstance(e, ev.DeadlineEscalated)]
    come = [level for level, after in enumerate(RUNGS, 1) if due_at + after <= now]
    assert len(missed) == (due_at <= now), f"{case_id}: overdue since {due_at}, flagged {len(missed)} times"
    assert rungs == come, f"{case_id}: rungs {rungs} were climbed, {come} have come"


def _one_message_each(case_id: CaseId, made_up: Sequence[Mail], asleep: timedelta) -> None:
    told = Counter((mail.to_person, "task" if "task" in mail.data else "stage") for mail in made_up)
    twice = {who: times for who, times in told.items() if times > 1}
    assert not twice, f"{case_id}: {twice} got more than one message after {asleep}"
    if asleep > 2 * LONGEST / 3:
        unmarked = [mail.key for mail in made_up if not mail.data.get("catch_up")]
        assert not unmarked, f"{case_id}: not marked as catching up: {unmarked}"
