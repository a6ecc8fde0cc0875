"""A worker is stopped in the middle of its work until its lease has run out and another has the work; what it
writes when it wakes is refused.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic
from typing import Literal, assert_never

from engine.case import commands as cmd
from engine.ports import ClaimedMessage, Outcome, ReadyRequest
from tests.faults.arena import Arena, arenas
from tests.faults.company import MONDAY, a_sop, behind, gate
from tests.faults.station import Station, patient
from tests.waiting import eventually

NAME = "B4"
SUBJECT = "A worker sleeps past its lease and wakes: its late write is refused."
GOAL = 500
QUICK = 12

Kind = Literal["message", "command", "ready"]
KINDS: tuple[Kind, ...] = ("message", "command", "ready")
LEASE_SECONDS = 0.05
LONG_SECONDS = 600.0
SENT = Outcome(state="sent", channel="mailbox")
CHILD = a_sop("paused_child", {})
SOP = a_sop("paused", {"ask_one": behind(gate("one"))}) | {
    "children": {"errand": {"sop": "paused_child", "zh": "跑腿", "en": "Errand"}}
}


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with arenas(folder, CHILD, SOP, size=1) as fields:
        while True:
            kind, done_before = rng.choice(KINDS), rng.random() < 0.5
            for field in fields:
                _slept(field, kind, done_before=done_before)
                yield {f"{field.name}_pauses": 1, f"{field.name}_{kind}": 1}


def _slept(field: Arena, kind: Kind, *, done_before: bool) -> None:
    """`done_before`: the other has written already when the sleeper wakes; else it writes afterwards."""
    sleeper, here = field.crew.hands[0], field.here
    while claimed(here, kind, LONG_SECONDS):
        written(here, kind)  # what earlier rounds left behind
    _owing(here, kind)
    name = sleeper.ask(claimed, kind, LEASE_SECONDS)
    sleeper.pause()
    sleeper.order(written, kind)
    eventually(
        lambda: claimed(here, kind, LONG_SECONDS) == name, f"the lease of {name} to run out", every=0.005
    )
    if done_before:
        assert written(here, kind), f"{name}: who holds the lease could not write"
    sleeper.go_on()
    assert not sleeper.answer(), f"{name}: the late write of the paused worker was accepted"
    if not done_before:
        assert written(here, kind), f"{name}: who holds the lease could not write any more"


def _owing(here: Station, kind: Kind) -> None:
    """One thing to take, and nothing else of its kind."""
    case_id = here.started("paused")
    match kind:
        case "message":
            here.done(cmd.RequestTransition(case_id=case_id, transition="ask_one"))
        case "command":
            here.done(cmd.OpenChild(case_id=case_id, child="errand", title="跑腿"))
        case "ready":
            here.done(cmd.RequestTransition(case_id=case_id, transition="finish"))


def _now() -> datetime:
    """One clock for all processes, which nobody sets."""
    return MONDAY + timedelta(seconds=monotonic())


def claimed(here: Station, kind: Kind, lease_seconds: float) -> str:
    """The name of what was taken under a lease and is kept to be written; empty where nothing was there."""
    queues = here.store.queues
    match kind:
        case "message":
            claim = queues.claim_messages
        case "command":
            claim = queues.claim_commands
        case "ready":
            claim = queues.take_ready
        case _:
            assert_never(kind)
    lease = {"limit": 1, "holder": str(id(here)), "lease_seconds": lease_seconds}
    here.clock.set(_now())
    rows = patient(lambda: claim(**lease))
    if not rows:
        return ""
    here.kept[kind] = rows[0]
    return _name(rows[0])


def _name(row: ClaimedMessage | ReadyRequest) -> str:
    return f"{row.case_id}/{row.request}" if isinstance(row, ReadyRequest) else row.owed.key


def written(here: Station, kind: Kind) -> bool:
    """Whether the end of the work was taken down."""
    held: ClaimedMessage | ReadyRequest = here.kept.pop(kind)
    if isinstance(held, ClaimedMessage):
        return patient(lambda: here.store.queues.finish(held, SENT, now=_now()))
    here.clock.set(_now())
    patient(lambda: here.store.queues.renew_ready([held], lease_seconds=LONG_SECONDS))
    return patient(lambda: here.store.queues.release_ready(held, retry_at=_now() + timedelta(days=1)))
