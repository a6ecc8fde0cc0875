"""One message in a hundred cannot be sent, ever. The others go at once; each of these is given up after eight
tries, seen by the operator, and sent again when it is mended.
"""

import random
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

from engine.store.tables import OutboxState
from notifications.backing_off import MOST_TRIES
from notifications.channels import SendResult
from notifications.composing import key_of
from notifications.messages import Message
from tests.faults.company import a_sop, behind, gate
from tests.faults.post import SENT, Post, posts

NAME = "D5"
SUBJECT = "Poison among the messages: the others unharmed, each of the poisoned visible and sent again."
GOAL = 10_000
QUICK = 1

CASES, MANY = 2, 625  # of sixteen messages each
SHARE, MOMENT, HOUR, A_DAY = 0.01, timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
SOP = a_sop("poison", {"ask_many": behind(gate("many"))})


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with posts(folder, rng, SOP) as offices:
        for size in chain([CASES], repeat(MANY)):
            for name, post in offices:
                healthy, poisoned = _poisoned(post, size, rng)
                yield {f"{name}_messages": healthy + poisoned, f"{name}_poisoned": poisoned}


def _poisoned(post: Post, size: int, rng: random.Random) -> tuple[int, int]:
    known = {mail.id for mail in post.mails()}
    for _ in range(size):
        post.here.asked("poison", "ask_many")
    mails = [mail for mail in post.mails() if mail.id not in known]
    bad = {mail.id for mail in mails if rng.random() < SHARE} or {mails[0].id}
    keys = {key_of(mail.owed) for mail in mails if mail.owed and mail.id in bad}
    post.sink.answer = lambda message: _broken(message, keys)
    post.run_until(post.here.clock.now() + MOMENT)  # while the database is busy a message waits for seconds
    _unharmed(post, {mail.id for mail in mails} - bad)
    post.run_until(post.here.clock.now() + A_DAY)
    _given_up(post, bad)
    post.sink.answer = lambda _: SENT
    for number in bad:
        assert post.here.store.deliveries.again(number, by=None, now=post.here.clock.now()), (
            f"{number} was not owed again"
        )
    post.deliver()
    left = {
        mail.id: mail.state for mail in post.mails() if mail.id in bad and mail.state is not OutboxState.SENT
    }
    assert not left, f"mended, but not sent: {_few(left)}"
    post.here.clock.advance(HOUR)  # or the next round finds each person's hour full
    return len(mails) - len(bad), len(bad)


def _broken(message: Message, keys: set[str]) -> SendResult:
    if message.key in keys:
        raise RuntimeError("poison")
    return SENT


def _unharmed(post: Post, healthy: set[int]) -> None:
    """Sent in the first pass, at the first try."""
    late = {m.id: m.state for m in post.mails() if m.id in healthy and m.state is not OutboxState.SENT}
    assert not late, f"{len(late)} held up by poison: {_few(late)}"
    ways = post.here.store.mailbox.on_its_way(sorted(healthy))
    tried = {n: [row.attempts for row in way.deliveries] for n, way in ways.items()}
    again = {n: tries for n, tries in tried.items() if tries != [1]}
    assert not again, f"{len(again)} not tried just once: {_few(again)}"


def _few(found: Mapping[int, object]) -> dict[int, object]:
    return dict(list(found.items())[:5])


def _given_up(post: Post, bad: set[int]) -> None:
    dead = {mail.id for mail in post.mails(states=(OutboxState.DEAD,))}
    assert dead == bad, f"given up: {sorted(dead)}, poisoned: {sorted(bad)}"
    for number, way in post.here.store.mailbox.on_its_way(sorted(bad)).items():
        (row,) = way.deliveries
        assert (row.attempts, row.code) == (MOST_TRIES, "fault"), f"{number}: {row}"
