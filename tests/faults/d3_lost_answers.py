"""The other side takes a message and its answer is lost. It is sent again under the same key, at most once
for each lost answer, and its row says that it may have arrived twice.
"""

import random
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path

from engine.store.tables import OutboxState
from notifications.channels import SendResult, SendState
from notifications.composing import key_of
from notifications.messages import Message
from tests.faults.company import a_sop, behind, gate
from tests.faults.post import SENT, Post, posts

NAME = "D3"
SUBJECT = (
    "Answers are lost after a message was taken: none lost, one repetition a lost answer, and it says so."
)
GOAL = 1_000
QUICK = 1

CASES, SHARE, MOST_LOST, A_DAY = 1, 0.5, 3, timedelta(days=1)
SILENT = SendResult(state=SendState.UNKNOWN, code="no_answer")
SOP = a_sop("lost_answers", {"ask_many": behind(gate("many"))})


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with posts(folder, rng, SOP) as offices:
        while True:
            for name, post in offices:
                messages, lost = _lost(post, rng)
                yield {f"{name}_messages": messages, f"{name}_lost_answers": lost}


def _lost(post: Post, rng: random.Random) -> tuple[int, int]:
    post.sink.arrived.clear()
    cases = [post.here.asked("lost_answers", "ask_many")[0] for _ in range(CASES)]
    mails = [mail for case_id in cases for mail in post.mails(case_id=case_id)]
    keys = {mail.id: key_of(mail.owed) for mail in mails if mail.owed is not None}
    losing = Counter({key: rng.randint(1, MOST_LOST) for key in keys.values() if rng.random() < SHARE})
    to_lose = Counter(losing)
    post.sink.answer = lambda message: _answered(message, to_lose)
    post.run_until(post.here.clock.now() + A_DAY)
    times = Counter(one.message.key for one in post.sink.arrived)
    ways = post.here.store.mailbox.on_its_way(sorted(keys))
    states = {mail.id: mail.state for mail in post.mails()}
    for number, key in keys.items():
        assert states[number] is OutboxState.SENT, f"{number} ended as {states[number]}"
        assert times[key] == losing[key] + 1, (
            f"{number} arrived {times[key]} times, {losing[key]} answers lost"
        )
        (row,) = ways[number].deliveries
        assert row.repeated is bool(losing[key]), f"{number}: {losing[key]} answers lost, and it says {row}"
    return len(keys), losing.total()


def _answered(message: Message, to_lose: Counter[str]) -> SendResult:
    if to_lose[message.key]:
        to_lose[message.key] -= 1
        return SILENT
    return SENT
