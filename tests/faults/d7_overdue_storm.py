"""Thousands of things become overdue at once. Nobody gets more than four messages in any hour, and nothing is
left unmentioned.
"""

import random
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from itertools import chain, count, repeat
from pathlib import Path

from engine.case import commands as cmd
from engine.ids import CaseId, PersonId
from engine.store.tables import OutboxState
from runtime.carrying import Carrying
from tests.faults.company import ASKER, MONDAY, ROLES, a_sop
from tests.faults.post import Arrival, Post, posts

NAME = "D7"
SUBJECT = "Thousands of things overdue at once: at most four messages a person and hour, nothing unmentioned."
GOAL = 20_000
QUICK = 2

PER_HOUR, HOURS = 4, 12
CROWD = tuple(PersonId(f"c{number:02}") for number in range(50))
SMALL, LARGE = (6, 8), (100, 50)  # cases, and people they wait for
NUMBERS = count(1)
SOP = a_sop("storm", {}, desk={"deadline": {"within": "1 h"}})


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with posts(folder, rng, SOP, roles={**ROLES, "crowd": CROWD}, per_hour=PER_HOUR) as offices:
        for cases, people in chain([SMALL], repeat(LARGE)):
            for name, post in offices:
                items, messages = _stormed(post, cases, CROWD[:people])
                yield {f"{name}_items": items, f"{name}_messages": messages}


def _stormed(post: Post, cases: int, crowd: tuple[PersonId, ...]) -> tuple[int, int]:
    """How many things were told, in how many messages."""
    here = post.here
    post.sink.arrived.clear()
    here.store.people.set_holders("asker", [ASKER])
    titles = [f"项目{next(NUMBERS):07}" for _ in range(cases)]
    for title in titles:
        here.done(cmd.StartCase(case_id=CaseId(f"storm-{title[2:]}"), sop="storm", title=title))
    post.run_until(here.clock.now() + timedelta(hours=HOURS))
    here.store.people.set_holders("asker", [ASKER, *crowd])
    begun = here.clock.now()
    here.clock.advance(timedelta(hours=2))
    Carrying(here.parts).sweep()
    post.run_until(here.clock.now() + timedelta(hours=HOURS))
    arrived = [one for one in post.sink.arrived if one.at > begun]
    _never_too_many(post.sink.arrived)
    _nothing_unmentioned(post, arrived, titles, crowd)
    return cases * len(crowd), len(arrived)


def _never_too_many(arrived: list[Arrival]) -> None:
    by_person: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in arrived:
        by_person[one.to].append(one.at)
    for person, instants in by_person.items():
        instants.sort()
        for place, at in enumerate(instants):
            within = bisect_right(instants, at + timedelta(hours=1) - timedelta.resolution) - place
            assert within <= PER_HOUR, f"{person} got {within} messages within an hour of {at - MONDAY}"


def _nothing_unmentioned(
    post: Post, arrived: list[Arrival], titles: list[str], crowd: tuple[PersonId, ...]
) -> None:
    told = {f"签批人{person}": "" for person in crowd}
    for one in arrived:
        if one.to in told:
            told[one.to] += one.message.text
    missing = [(name, title) for name, text in told.items() for title in titles if title not in text]
    assert not missing, f"{len(missing)} things were never mentioned, the first: {missing[0]}"
    open_states = {mail.state for mail in post.mails()} - {OutboxState.SENT, OutboxState.CANCELLED}
    assert not open_states, f"messages ended as {open_states}"
