"""Every channel is down for hours. People see it said, find all their messages in the mailbox and decide;
what is still worth telling arrives when a channel is back, and nothing else.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

from engine.case import commands as cmd
from engine.case.state import ApprovalState, Verdict
from engine.ids import CaseId, PersonId
from engine.store.tables import OutboxState
from tests.faults.company import FIVE, a_sop, behind, gate
from tests.faults.post import DOWN, SENT, Post, posts

NAME = "D8"
SUBJECT = (
    "All channels down: it is said, every request can be decided, and nothing is lost when they are back."
)
GOAL = 1_000
QUICK = 1

CASES, MANY = 1, 12  # requests at once; five people are asked by each
DOWN_FOR, A_DAY = timedelta(hours=1), timedelta(days=1)
SOP = a_sop("down", {"ask_five": behind(gate("five"))})


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with posts(folder, rng, SOP) as offices:
        for size in chain([CASES], repeat(MANY)):
            for name, post in offices:
                yield {f"{name}_requests": _cut_off(post, size, rng)}


def _cut_off(post: Post, size: int, rng: random.Random) -> int:
    here, decided = post.here, set[str]()
    post.sink.arrived.clear()
    post.sink.answer = lambda _: DOWN
    cases = [here.asked("down", "ask_five")[0] for _ in range(size)]
    post.run_until(here.clock.now() + DOWN_FOR)
    assert not post.sink.arrived, "a message went out though every channel is down"
    assert here.store.mailbox.all_failing_since(here.clock.now()), "nobody is told that the channels are down"
    for case_id in cases:
        approval = here.approval(case_id)
        for person in FIVE:
            _lies_in_the_mailbox(post, person, case_id)
        if rng.random() < 0.5:
            decision = cmd.RecordDecision(case_id=case_id, approval=approval.id, verdict=Verdict.APPROVE)
            here.done(decision, rng.choice(FIVE))
            decided.add(case_id)
    post.sink.answer = lambda _: SENT
    post.run_until(here.clock.now() + A_DAY)
    assert not here.store.mailbox.all_failing_since(here.clock.now()), (
        "the channels are back, and nobody is told"
    )
    for case_id in cases:
        _told_what_is_still_asked(post, case_id, over=case_id in decided)
    return len(cases)


def _lies_in_the_mailbox(post: Post, person: PersonId, case_id: str) -> None:
    """As its reader would get it, link and all."""
    owed = [m.owed for m in post.mails(case_id=case_id, person=person) if m.kind == "approval_requested"]
    message = post.here.parts.composer.mailbox_text(owed[0]) if owed and owed[0] else None
    assert message is not None, f"{case_id}: nothing in the mailbox of {person}"
    assert len(message.secrets) == 2, f"{case_id}: {person} has no link and code there"


def _told_what_is_still_asked(post: Post, case_id: CaseId, *, over: bool) -> None:
    approval = next(iter(post.here.case(case_id).approvals.values()), None)
    still = approval is not None and approval.state is ApprovalState.OPEN
    assert still is not over, f"{case_id}: decided while the channels were down: {over}, open: {still}"
    wanted = OutboxState.CANCELLED if over else OutboxState.SENT
    found = {m.state for m in post.mails(case_id=case_id) if m.kind == "approval_requested"}
    assert found == {wanted}, f"{case_id}: its requests ended as {found}"
