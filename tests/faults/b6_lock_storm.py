"""Sixteen writers on one SQLite file. Each is answered within a bounded time, at worst that the database is
busy, and what was answered is what is there.
"""

import random
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from engine.case import commands as cmd
from engine.case.events import Commented
from engine.ids import CaseId
from engine.store.errors import StoreBusy
from tests.faults.arena import arena
from tests.faults.company import ASKER, a_sop
from tests.faults.places import sqlite
from tests.faults.station import Station, actor

NAME = "B6"
SUBJECT = "Sixteen writers on one SQLite file: nothing unhandled, busy at worst, no answer that never comes."
GOAL = 100_000
QUICK = 2

PROCESSES, THREADS, WRITES, CASES = 8, 2, 10, 3
BUCKETS_MS = (10, 100, 500, 2_000, 10_000)  # counted, not asserted: how long the answers took
SOP = a_sop("storm", {})


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    case_id: CaseId
    text: str
    saved: bool
    seconds: float


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arena(sqlite(folder), SOP, size=PROCESSES) as field:
        number = 0
        while True:
            number += 1
            cases = [field.here.started("storm") for _ in range(CASES)]
            orders = [(cases, f"{number}/{writer}/{rng.random()}") for writer in range(PROCESSES)]
            told = [each for part in field.crew.together(stormed, *orders) for each in part]
            _as_answered(field.here, cases, told)
            busy = sum(not each.saved for each in told)
            yield {"sqlite_writes": len(told), "busy": busy, **_within(told)}


def stormed(here: Station, cases: list[CaseId], name: str) -> list[Written]:
    """Everything the writers of this process were told."""
    writers = [random.Random(f"{name}/{thread}") for thread in range(THREADS)]
    lines = here.at_once(
        [lambda rng=rng: [_wrote(here, cases, rng) for _ in range(WRITES)] for rng in writers]
    )
    return [each for line in lines for each in line]


def _wrote(here: Station, cases: list[CaseId], rng: random.Random) -> Written:
    case_id, text = rng.choice(cases), f"第 {rng.random()} 条"
    begun = time.perf_counter()
    try:
        comment = cmd.AddComment(case_id=case_id, text=text)
        answer = here.parts.service.handle(comment, actor=actor(ASKER))
        assert answer.refusal is None, f"{text} was refused: {answer.refusal}"
        saved = True
    except StoreBusy:
        saved = False
    return Written(case_id=case_id, text=text, saved=saved, seconds=time.perf_counter() - begun)


def _as_answered(here: Station, cases: list[CaseId], told: list[Written]) -> None:
    for case_id in cases:
        events = [recorded.event for recorded in here.history(case_id)]
        there = Counter(event.text for event in events if isinstance(event, Commented))
        saved = Counter(each.text for each in told if each.case_id == case_id and each.saved)
        assert there == saved, f"{case_id}: acknowledged were {saved}, there are {there}"


def _within(told: list[Written]) -> dict[str, int]:
    """How many were answered within each time, the slower ones not counted again."""
    counts = Counter[str]()
    for each in told:
        fits = next((most for most in BUCKETS_MS if each.seconds * 1000 <= most), None)
        counts["slower" if fits is None else f"within_{fits}_ms"] += 1
    return dict(sorted(counts.items()))
