"""Everything people and the rule may do to one request, done by several processes at once. What comes out is
one linear history: judged at its place in it, each command gets the very answer that was given.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case.decide import decide
from engine.case.events import Recorded
from engine.case.evolve import replay
from engine.case.refusal import Refusal
from engine.case.state import Actor, Case
from engine.ids import CaseId
from tests.faults.acts import an_act
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop, behind, gate
from tests.faults.station import Station, actor, patient

NAME = "B2"
SUBJECT = "Approve, reject, hand on, take back, time out and cancel at once: one linear history."
GOAL = 50_000
QUICK = 8

PROCESSES, THREADS, ACTS = 3, 2, 4
ASKED_AGAIN = 0.2  # of what was acknowledged, as by somebody whose answer was lost
LONGEST_WAIT = timedelta(minutes=40)  # longer than an approval may take, so that the sweep finds it late
TIMES_OUT: dict[str, Any] = {"within": "30 min"}
RETURNS: dict[str, Any] = {"return_to": ["requester", "earlier"], "shows": ["brief"]}
SOP = a_sop(
    "histories",
    {
        "any_then_one": behind(
            gate("five", name="first", **RETURNS, **TIMES_OUT, on_timeout={"escalate": "boss"}),
            gate("one", name="second", **RETURNS),
        ),
        "everybody": behind(
            gate("one", "two", mode="all", **RETURNS, **TIMES_OUT, on_timeout={"transfer": "boss"})
        ),
        "in_turn": behind(
            gate("one", "two", "boss", mode="sequence", **RETURNS, **TIMES_OUT, on_timeout={"reject": True})
        ),
        "by_votes": behind(
            gate("five", mode="votes", threshold="60%", **RETURNS, **TIMES_OUT, on_timeout={"approve": True})
        ),
    },
)
WAYS = ("any_then_one", "everybody", "in_turn", "by_votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One command as it was sent, and its answer: the events it made, or the refusal and the version it was
    judged on.

    `before` and `after` are the versions seen around the call; the answer belongs somewhere between them.
    """

    command: cmd.Command
    actor: Actor
    now: datetime
    before: int
    after: int
    version: int
    events: tuple[Recorded, ...]
    refusal: Refusal | None


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, SOP, size=PROCESSES) as fields:
        while True:
            way, seed = rng.choice(WAYS), rng.randrange(2**31)
            for field in fields:
                yield _history(field, way, seed)


def _history(field: Arena, way: str, seed: int) -> dict[str, int]:
    case_id, _ = field.here.asked("histories", way, brief="新品")
    begun = field.here.case(case_id).version
    orders = [(case_id, f"{seed}/{number}") for number in range(PROCESSES)]
    said = [each for part in field.crew.together(acted, *orders) for each in part]
    events = field.here.history(case_id)
    _nothing_lost_nothing_doubled(events, begun, said)
    _linear(field.here, case_id, events, said)
    won = sum(bool(each.events) for each in said)
    counts = {"histories": 1, "commands": len(said), "acknowledged": won}
    return {f"{field.name}_{name}": n for name, n in counts.items()}


def acted(here: Station, case_id: CaseId, seed: str) -> list[Said]:
    """What this process does to the case, in threads; no two of their clocks agree."""
    doers = [random.Random(f"{seed}/{number}") for number in range(THREADS)]
    lines = here.at_once([lambda rng=rng: [_act(here, case_id, rng) for _ in range(ACTS)] for rng in doers])
    return [each for line in lines for each in line]


def _act(here: Station, case_id: CaseId, rng: random.Random) -> Said:
    case = here.case(case_id)
    command, by = an_act(rng, case)
    who, now = actor(by), MONDAY + rng.random() * LONGEST_WAIT
    door, key = here.service_at(now), str(rng.random())
    answer = patient(lambda: door.handle(command, actor=who, key=key))
    after = here.case(case_id).version
    if answer.events and rng.random() < ASKED_AGAIN:
        again = patient(lambda: door.handle(command, actor=who, key=key))
        assert (again.repeated, again.version) == (True, answer.version), f"{command} was done again: {again}"
    return Said(
        command=command,
        actor=who,
        now=now,
        before=case.version,
        after=after,
        version=answer.version,
        events=answer.events,
        refusal=answer.refusal,
    )


def _nothing_lost_nothing_doubled(events: Sequence[Recorded], begun: int, said: Sequence[Said]) -> None:
    """The history after its beginning is what was acknowledged, and nothing else."""
    acknowledged = sorted((e for each in said for e in each.events), key=lambda recorded: recorded.sequence)
    there = list(events[begun:])
    assert acknowledged == there, (
        f"acknowledged were the events {[(e.sequence, e.event.kind) for e in acknowledged]}, "
        f"in the history stand {[(e.sequence, e.event.kind) for e in there]}"
    )


def _linear(here: Station, case_id: CaseId, events: Sequence[Recorded], said: Sequence[Said]) -> None:
    """Each answer, also each refusal, is the one its command gets at its place in the history."""
    cases = _versions(events)
    for each in said:
        judged_on = each.version - len(each.events)
        assert each.before <= judged_on, f"{case_id}: {each} was judged on what was over when it was sent"
        assert each.version <= each.after, f"{case_id}: {each} was judged on what came after its answer"
        made = _decided(here, cases[judged_on], each)
        assert made == (each.refusal or each.events), (
            f"{case_id}: at version {judged_on} {each.command} by {each.actor.person} makes {made}, "
            f"and was answered with {each.refusal or each.events}"
        )


def _versions(events: Sequence[Recorded]) -> dict[int, Case]:
    found: dict[int, Case] = {}
    case: Case | None = None
    for recorded in events:
        case = replay([recorded], case)
        assert case is not None
        found[recorded.sequence] = case
    return found


def _decided(here: Station, case: Case, said: Said) -> tuple[Recorded, ...] | Refusal:
    definition = here.store.definitions.by_digest(case.definition)
    company = here.store.people.company(case.sop)
    facts = here.service_at(said.now).facts(definition, company, said.actor)
    return decide(definition, case, said.command, facts)
