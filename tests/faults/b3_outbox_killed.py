"""Four deliverers drain one outbox and some of them are killed on the way. Nothing is lost, and a message
goes out twice only where its deliverer died between sending and marking it.
"""

import os
import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from pathlib import Path

from engine.case import commands as cmd
from engine.case.events import CaseStarted
from engine.ids import CaseId
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import OutboxState
from tests.faults import diary
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop, behind, gate
from tests.faults.crew import Gone
from tests.faults.station import Station, patient

NAME = "B3"
SUBJECT = "Deliverers are killed at any point: no message lost, none sent twice but by a kill."
GOAL = 20_000
QUICK = 2

DELIVERERS, CASES, MOST_PASSES = 4, 3, 12
LONGEST_FUSE = 120
AFTER_THE_LEASE = timedelta(minutes=2)
CHILD = a_sop("outbox_child", {})
SOP = a_sop("outbox", {"ask_many": behind(gate("many"))}) | {
    "children": {"errand": {"sop": "outbox_child", "zh": "子流程", "en": "Errand"}}
}


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, CHILD, SOP, size=DELIVERERS) as fields:
        while True:
            for field in fields:
                yield {f"{field.name}_{name}": n for name, n in _drained(field, rng).items()}


def _drained(field: Arena, rng: random.Random) -> dict[str, int]:
    cases = [_owing(field.here) for _ in range(CASES)]
    notes = field.place.folder / f"notes-{cases[0]}"
    notes.mkdir()
    killed: set[int] = set()
    for number in range(MOST_PASSES):
        killed |= _passed(field, notes, number, rng)
        rows = _rows(field.here, cases)
        if all(row.due_at is None for row in rows):
            break
    else:
        raise AssertionError(f"{cases}: rows still wait after {MOST_PASSES} passes")
    for case_id in cases:
        _opened_once(field.here, case_id)
    for row in rows:
        assert row.state is OutboxState.SENT, f"{row.key} ended as {row.state}: {row.code} {row.detail}"
    again = diary.sent_again(rows, list(diary.read(notes)), killed)
    return {"rows": len(rows), "kills": len(killed), "sent_again": again}


def _owing(here: Station) -> CaseId:
    """A case that owes sixteen people a message, and another case its beginning."""
    case_id, _ = here.asked("outbox", "ask_many")
    here.done(cmd.OpenChild(case_id=case_id, child="errand", title="跑腿"))
    return case_id


def delivered(here: Station, notes: Path, later: timedelta, fuse: int | None) -> int:
    """Everything due then, until nothing is; who it was."""
    here.clock.set(MONDAY + later)
    doing = diary.deliverer(here.parts, diary.Diary(folder=notes, fuse=fuse))
    here.start()
    while patient(doing.deliver_due):
        pass
    return os.getpid()


def _passed(field: Arena, notes: Path, number: int, rng: random.Random) -> set[int]:
    """All deliverers at work, some with a fuse that is lit; those that died of it are replaced."""
    crew, dead = field.crew, set[int]()
    for hand in crew.hands:
        fuse = rng.randrange(1, LONGEST_FUSE) if number < MOST_PASSES // 2 and rng.random() < 0.4 else None
        hand.order(delivered, notes, number * AFTER_THE_LEASE, fuse)
    for place, hand in enumerate(crew.hands):
        try:
            hand.answer()
        except Gone:
            dead.add(hand.pid)
            hand.kill()
            crew.hands[place] = crew.another()
    return dead


def _rows(here: Station, cases: Sequence[CaseId]) -> list[Mail]:
    """Everything these cases owe, messages and commands."""
    wanted = [MailFilter(case_id=case_id, commands=None) for case_id in cases]
    return [row for each in wanted for row in here.store.mailbox.page(each, limit=1000)]


def _opened_once(here: Station, case_id: CaseId) -> None:
    """The command in the outbox was handled, and handled once."""
    (child,) = here.case(case_id).children
    starts = [r for r in here.history(CaseId(child)) if isinstance(r.event, CaseStarted)]
    assert len(starts) == 1, f"{child} was started {len(starts)} times"
