"""A thousand and five thousand deadlines pass in one minute. The people who are told are reached by shared
group robots, each with its provider's limit and ban, and by e-mail, at the pace and in the hours the product
comes with. No provider has to refuse anything, nothing is left unmentioned, and nothing is said to be sent
that nobody took. The clock is simulated.
"""

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain, count, cycle
from pathlib import Path

from engine.case import commands as cmd
from engine.ids import CaseId, PersonId
from engine.store.mailbox import Mail, MailFilter
from engine.store.people import Person
from engine.store.tables import OutboxState
from notifications.recognising import recognised
from runtime.carrying import Carrying
from runtime.channel_book import ChannelBook
from tests.faults.company import ROLES, a_sop, found, publish
from tests.faults.places import Place, postgres, sqlite
from tests.faults.post import deliverer, outside
from tests.faults.reception import KINDS, Arrival, Reception, receiving
from tests.faults.station import Station, examined, patient
from tests.sinks.providers import PROVIDERS
from tests.sinks.smtp import ScriptedMail, a_scripted_server

NAME = "D9"
SUBJECT = "Thousands of deadlines pass in one minute: no limit error, everything told, no false 'sent'."
GOAL = 20_000
QUICK = 1

PER_HOUR, GROUP_MINUTES = 4, 10  # as the product comes
CROWD = tuple(
    PersonId(f"c{number:02}") for number in range(100)
)  # twenty to a robot, and some take 18 a minute
SMALL, LARGE = (60, 10), ((1_000, 100), (5_000, 100))  # deadlines, and people they are told
PRESSED, MORE = CROWD[2:4], 30  # by WeCom, and by Slack
OPEN = (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN)
LONGEST = timedelta(days=7)
NUMBERS = count(1)


@dataclass(frozen=True, kw_only=True)
class Round:
    here: Station
    mail: ScriptedMail
    owners: Mapping[str, PersonId]  # by the title of the case

    def mails(self, **wanted: object) -> Sequence[Mail]:
        return self.here.store.mailbox.page(MailFilter(**wanted), limit=1_000_000)  # pyright: ignore[reportArgumentType]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with ExitStack() as stack:
        mail = stack.enter_context(a_scripted_server())
        offices: dict[str, Station] = {}
        plans = chain(
            [(sqlite, SMALL)], cycle((place, size) for size in LARGE for place in (sqlite, postgres))
        )
        for place, (items, people) in plans:
            name = place.__name__
            if name not in offices:
                offices[name] = stack.enter_context(examined(_as_shipped(place(folder), mail)))
                _settle(offices[name])
            counts = _stormed(offices[name], mail, (items, people), rng)
            yield {f"{name}_{what}": n for what, n in counts.items()}


def _as_shipped(place: Place, mail: ScriptedMail) -> Place:
    smtp = f"mailto://robot:p4ss@127.0.0.1:{mail.port}?from=gate@guanka.example"
    return replace(
        place, messages_per_hour=PER_HOUR, quiet_hours=True, group_minutes=GROUP_MINUTES, smtp_url=smtp
    )


def _settle(here: Station) -> None:
    """One robot for all who use the same provider; the fifth of five reads e-mail."""
    found(here.store, roles={**ROLES, "crowd": CROWD})
    book = ChannelBook(people=here.store.people, sealer=here.parts.sealer)
    for place, person in enumerate(CROWD):
        kind = (*KINDS, "email")[place % (len(KINDS) + 1)]
        if kind == "email":
            mailbox = f"{person}@guanka.example"
            here.store.people.put(Person(id=person, name=f"签批人{person}", email=mailbox))
        else:
            url = PROVIDERS[kind](here.clock.now().timestamp).url
            book.add(person, recognised(url))


def _stormed(
    here: Station, mail: ScriptedMail, size: tuple[int, int], rng: random.Random
) -> Mapping[str, int]:
    here.clock.advance(timedelta(hours=rng.randrange(12)))
    items, people = size
    titles = [f"项目{next(NUMBERS):07}" + "新品上市推广" * rng.randrange(15) for _ in range(items)]
    this = Round(here=here, mail=mail, owners={title: _owner(rng, items, people) for title in titles})
    earlier = max((row.id for row in this.mails()), default=0)
    with receiving(here.clock, mail) as reception:
        due = _overdue(this)
        _deliver(this, rng)
        arrived = reception.arrived()
        _nothing_refused(reception)
    _each_mentioned(this, arrived)
    _none_falsely_sent([row for row in this.mails() if row.id > earlier], arrived)
    _never_too_many(arrived)
    minutes = (max(one.at for one in arrived) - due) / timedelta(minutes=1)
    return {"items": items, "messages": len(arrived), "simulated_minutes": round(minutes)}


def _owner(rng: random.Random, items: int, people: int) -> PersonId:
    """Some thirty lie with two whose cards hold least: more than one card takes."""
    return rng.choice(PRESSED if rng.random() < MORE / items else CROWD[:people])


def _overdue(this: Round) -> datetime:
    """The instant at which all of it is due and known to be. Nobody has a role until then, so nobody hears
    that it began.
    """
    here, cases = this.here, list[CaseId]()
    owners = sorted(set(this.owners.values()))
    for owner in owners:
        _emptied(here, owner)
    for title, owner in this.owners.items():
        case_id = CaseId(f"storm-{title[2:9]}")
        here.done(cmd.StartCase(case_id=case_id, sop=f"storm_{owner}", title=title))
        cases.append(case_id)
    for owner in owners:
        here.store.people.set_holders(f"desk_{owner}", [owner])
    instants = {deadline.due_at for case_id in cases for deadline in here.case(case_id).deadlines.values()}
    assert len(instants) == 1, f"not due together: {sorted(map(str, instants))}"
    early = Counter((row.to_person, row.kind) for row in this.mails(states=OPEN))
    assert not early, f"owed before anything is overdue: {early.most_common(5)}"
    here.clock.set(max(instants) + timedelta(seconds=1))
    carrying = Carrying(here.parts)
    while carrying.sweep().more:
        pass
    owed = len(this.mails(states=OPEN))
    assert owed == len(cases), f"{len(cases)} are overdue, {owed} messages are owed"
    return here.clock.now()


def _emptied(here: Station, owner: PersonId) -> None:
    """Each person's desk is an SOP and a role of their own."""
    role, sop = f"desk_{owner}", f"storm_{owner}"
    here.store.people.set_holders(role, [])
    if sop not in here.kept:
        desk = {"owner": role, "deadline": {"within": "1 h"}}
        here.kept[sop] = publish(here.store, a_sop(sop, {}, roles=(*ROLES, role), desk=desk))


def _deliver(this: Round, rng: random.Random) -> None:
    """From one instant at which something is due to the next, until nothing is owed."""
    here = this.here
    post = deliverer(here, outside(here), draw=rng.random)
    end = here.clock.now() + LONGEST
    while True:
        while patient(post.deliver_due):
            pass
        waiting = [row.due_at for row in this.mails(states=OPEN) if row.due_at is not None]
        if not waiting:
            return
        assert min(waiting) < end, f"{len(waiting)} messages are still owed after {LONGEST}"
        here.clock.set(max(min(waiting), here.clock.now()))


def _nothing_refused(reception: Reception) -> None:
    for provider in reception.providers:
        official, sink = provider.official, provider.sink
        assert official is not None
        assert official.refused == 0, f"{provider.kind}: {official.refused} limit errors"
        refused = len(sink.asked) - len(sink.arrived)
        assert refused == 0, f"{provider.kind} refused {refused} messages"


def _each_mentioned(this: Round, arrived: Sequence[Arrival]) -> None:
    told: defaultdict[str, str] = defaultdict(str)
    for one in arrived:
        told[one.to] += one.text
    missing = [
        (owner, title) for title, owner in this.owners.items() if title[:9] not in told[f"签批人{owner}"]
    ]
    assert not missing, f"{len(missing)} of {len(this.owners)} were never mentioned, the first: {missing[0]}"


def _none_falsely_sent(rows: Sequence[Mail], arrived: Sequence[Arrival]) -> None:
    """What went by itself or is a digest was taken by its channel, one for one; nothing ended otherwise."""
    ends = Counter(row.state for row in rows)
    assert set(ends) == {OutboxState.SENT}, f"messages ended as {dict(ends)}"
    said = Counter((row.to_person, row.channel) for row in rows if row.code != "digest")
    taken = Counter((PersonId(one.to.removeprefix("签批人")), one.channel) for one in arrived)
    assert said == taken, f"said to be sent, and not taken: {said - taken}; the other way: {taken - said}"


def _never_too_many(arrived: Sequence[Arrival]) -> None:
    by_person: defaultdict[str, list[datetime]] = defaultdict(list)
    for one in arrived:
        by_person[one.to].append(one.at)
    for person, instants in by_person.items():
        instants.sort()
        for place, at in enumerate(instants):
            within = bisect_right(instants, at + timedelta(hours=1) - timedelta(seconds=1)) - place
            assert within <= PER_HOUR, f"{person} got {within} messages in the hour from {at}"
