"""Five people are asked, each reached by another provider, and one of the providers is out of order for a
while. Only what was not taken is tried again: the other four get their message once.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from engine.store.mailbox import MailFilter
from engine.store.tables import OutboxState
from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Message
from notifications.recognising import recognised
from notifications.routing import Address
from runtime.channel_book import ChannelBook
from tests.faults.company import FIVE, a_sop, behind, found, gate
from tests.faults.places import sqlite
from tests.faults.post import deliverer, outside
from tests.faults.station import Station, examined, patient
from tests.sinks.providers import Provider, providing
from tests.sinks.server import Say

NAME = "D6"
SUBJECT = "One of five providers is out of order: the healthy four get each message once."
GOAL = 1_000
QUICK = 2

KINDS = ("dingtalk", "feishu", "wecom", "slack", "ntfy")
SOP = a_sop("five", {"ask_five": behind(gate("five", mode="all"))})
BROKEN = (Say(status=500), Say(status=503), Say(cut=True), Say(body="<html>"), Say(status=429))
PASSES_BROKEN, MOST_PASSES = 2, 8
LATER = timedelta(minutes=20)


@dataclass(frozen=True)
class OwnChannels:
    """The product's channel for people's own addresses; what goes to the company's webhook is no matter
    here.
    """

    channel: AppriseChannel

    def send(self, message: Message, address: Address) -> SendResult:
        return self.channel.send(message, address) if address.guarded else SendResult(state=SendState.SENT)


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with ExitStack() as stack:
        here = stack.enter_context(examined(sqlite(folder)))
        found(here.store, SOP)
        there = [stack.enter_context(providing(kind, lambda: here.clock.now().timestamp())) for kind in KINDS]
        book = ChannelBook(people=here.store.people, sealer=here.parts.sealer)
        for person, provider in zip(FIVE, there, strict=True):
            book.add(person, recognised(provider.url))
        while True:
            yield _round(here, there, rng)


def _round(here: Station, there: Sequence[Provider], rng: random.Random) -> Mapping[str, int]:
    before = [len(each.sink.arrived) for each in there]
    sick = rng.choice(there)
    sick.sink.always = rng.choice(BROKEN)
    case_id, _ = here.asked("five", "ask_five")
    doing = deliverer(here, OwnChannels(outside(here)))
    for number in range(MOST_PASSES):
        if number == PASSES_BROKEN:
            _all_healthy(there, sick, before)
            sick.sink.always = None
        here.clock.advance(LATER)
        while patient(doing.deliver_due):
            pass
    rows = here.store.mailbox.page(MailFilter(case_id=case_id), limit=100)
    wrong = [(row.to_person, row.state, row.code) for row in rows if row.state is not OutboxState.SENT]
    assert wrong == [], f"{case_id}: {wrong}"
    more = [len(each.sink.arrived) - had for each, had in zip(there, before, strict=True)]
    assert more == [1] * len(there), f"{case_id}: {dict(zip(KINDS, more, strict=True))}, sick: {sick.kind}"
    return {"messages": sum(more), "tries_in_vain": len([a for a in rows if a.attempts > 1])}


def _all_healthy(there: Sequence[Provider], sick: Provider, before: Sequence[int]) -> None:
    for each, had in zip(there, before, strict=True):
        wanted = 0 if each is sick else 1
        got = len(each.sink.arrived) - had
        assert got == wanted, f"{each.kind} has {got} messages while {sick.kind} is out of order"
