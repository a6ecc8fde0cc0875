"""Many messages are due at once for one robot, and two processes send them. The provider enforces its
official limit and shuts the robot out for minutes: it never has to, unless somebody else uses the robot too,
and then nobody writes until it opens again. The clock is simulated.
"""

import heapq
import random
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from engine.clock import FixedClock
from engine.store.store import Store, open_store
from notifications.channels import AppriseChannel, Gates, SendState
from notifications.limits import BUDGETS, Limits, budgets
from notifications.messages import Message
from notifications.routing import Address
from tests.faults.company import MONDAY
from tests.faults.places import Place, both
from tests.sinks.providers import Provider, providing

NAME = "D2"
SUBJECT = "A thousand messages due at once: no limit error, everything arrives, also after a ban."
GOAL = 10_000
QUICK = 2

KINDS = ("dingtalk", "wecom", "feishu", "slack")
FEW, MANY, EVERY = 60, 1_000, 6  # every sixth round is a big one


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    clock = FixedClock(MONDAY)
    with ExitStack() as stack:
        places = both(folder)
        there = {
            kind: stack.enter_context(providing(kind, lambda: clock.now().timestamp())) for kind in KINDS
        }
        crews = [(place, _processes(stack, place)) for place in places]
        number = 0
        while True:
            for place, stores in crews:
                number += 1
                provider = there[KINDS[number % len(KINDS)] if number > 1 else "dingtalk"]
                size = MANY if number % EVERY == 0 else FEW
                disturbed = provider.kind == "dingtalk"
                counted = _round(provider, stores, clock, (size, disturbed), rng)
                yield {f"{place.name}_{name}": n for name, n in counted.items()}
                clock.advance(timedelta(hours=1))


def _processes(stack: ExitStack, place: Place) -> list[Store]:
    stores = [open_store(place.url, place.folder) for _ in range(2)]
    for store in stores:
        stack.callback(store.close)
    return stores


def _round(
    provider: Provider, stores: list[Store], clock: FixedClock, plan: tuple[int, bool], rng: random.Random
) -> Mapping[str, int]:
    size, disturbed = plan
    official = provider.official
    assert official is not None
    before, refused = len(provider.sink.arrived), official.refused
    channels = [
        AppriseChannel(gates=Gates(limits=Limits(books=s.send_slots, budgets=budgets())), clock=clock)
        for s in stores
    ]
    due = [(clock.now(), n, f"{rng.getrandbits(64):016x}") for n in range(size)]
    waited = bans = 0
    while due:
        at, number, key = heapq.heappop(due)
        clock.set(max(at, clock.now()))
        if disturbed and not bans and len(provider.sink.arrived) - before == size // 2:
            official.taken += [clock.now().timestamp()] * 20  # somebody else has used the robot up
            bans = 1
        message = Message(subject="逾期", text=f"事项 {number}", html="", key=key)
        result = rng.choice(channels).send(message, Address(channel=provider.kind, url=provider.url))
        assert result.state in (SendState.SENT, SendState.LATER), f"{provider.kind}: {result}"
        if result.state is SendState.LATER:
            waited += 1
            late = rng.random()  # the runner looks once a second
            again = clock.now() + timedelta(seconds=(result.retry_after_seconds or 0) + late)
            heapq.heappush(due, (again, number, key))
    errors = official.refused - refused
    assert errors <= bans, f"{provider.kind}: {errors} limit errors, {bans} bans by others"
    arrived = len(provider.sink.arrived) - before
    assert arrived == size, f"{provider.kind}: {size} were due, {arrived} arrived"
    if not bans:
        _within(provider.kind, official.taken[-size:])
    return {"messages": size, "waits": waited, "limit_errors": errors}


def _within(kind: str, taken: list[float]) -> None:
    """By the provider's own clock no window held more than our budget."""
    for most, seconds in BUDGETS[kind].windows:
        for first, last in zip(taken, taken[most:], strict=False):
            assert last - first >= seconds - 1e-3, f"{kind}: {most + 1} messages in {last - first:.3f} s"
