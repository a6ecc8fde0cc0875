"""Week after week of a company at work, on a clock that goes from one instant with work to do to the next.
Two runners sweep and deliver at once; now and then everything stands still, for minutes up to two days.

Whatever was late was flagged, once and in time; every face says the same of it; everybody was told of
everything, at a decent hour and not too often.
"""

import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from sqlalchemy import func, select

from engine.case import events as ev
from engine.case.calendar import next_working_instant
from engine.case.overdue import is_overdue
from engine.case.state import Case, CaseStatus, Deadline
from engine.ids import CaseId, PersonId
from engine.store.board import RUNNING, BoardFilter
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import DeadlineRow, OutboxState, table
from notifications.composing import key_of
from notifications.delivery import Deliverer
from runtime.carrying import Carrying
from runtime.nightly import Nightly
from runtime.working_time import PersonsHours
from tests.faults.company import MONDAY, found
from tests.faults.ladders import without_failure
from tests.faults.office_life import an_act, moments, settle, sop
from tests.faults.places import Place, postgres, sqlite
from tests.faults.post import Arrival, Sink, deliverer, next_message
from tests.faults.station import Station, examined, patient

NAME = "D10"
SUBJECT = (
    "Weeks of work on a moved clock: what is late flagged once and in time, everybody told, none at night."
)
GOAL = 1_000
QUICK = 1

PER_HOUR, GROUP_MINUTES, RUNNERS = 4, 10, 2  # as the product comes
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
STEP, MOST_STEPS = timedelta(seconds=2), 2_000  # runners look again after so long, and rest in between
LONGEST_REST: Final = timedelta(days=12)  # of a message: the longest holidays and their weekends
WEEK = 7


@dataclass(kw_only=True)
class Life:
    """`asleep` are the spans in which no runner was at work, each with its end."""

    here: Station
    sink: Sink
    deliverers: Sequence[Deliverer]
    named: Mapping[str, PersonId]
    asleep: list[tuple[datetime, datetime]] = field(default_factory=list)
    seen: int = 0  # reminders, misses and rungs so far

    @property
    def now(self) -> datetime:
        return self.here.clock.now()

    def mails(self) -> Sequence[Mail]:
        return self.here.store.mailbox.page(MailFilter(), limit=1_000_000)

    def cases(self) -> list[Case]:
        lines = self.here.store.board.page(BoardFilter(statuses=tuple(CaseStatus)), limit=1_000_000)
        return [self.here.case(line.id) for line in lines.cases]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    with ExitStack() as opened:
        lives = [_begun(opened, place(folder), rng) for place in (sqlite, postgres)]
        days = 1
        while True:
            for life in lives:
                yield {f"{life.here.place.name}_{what}": n for what, n in _lived(life, rng, days).items()}
            days = WEEK


def _begun(opened: ExitStack, place: Place, rng: random.Random) -> Life:
    paced = replace(place, messages_per_hour=PER_HOUR, quiet_hours=True, group_minutes=GROUP_MINUTES)
    here = opened.enter_context(examined(paced))
    found(here.store, sop())
    settle(here, rng)
    here.clock.set(MONDAY - timedelta(hours=9))
    sink = Sink(here=here)
    deliverers = [deliverer(here, sink, draw=rng.random, holder=f"runner-{n}") for n in range(RUNNERS)]
    named = {person.name: person.id for person in here.store.people.all()}
    return Life(here=here, sink=sink, deliverers=deliverers, named=named)


def _lived(life: Life, rng: random.Random, days: int) -> Mapping[str, int]:
    arrived, seen = len(life.sink.arrived), life.seen
    for _ in range(days):
        _a_day(life, rng)
    life.seen = sum(_each_once(life, case.id) for case in life.cases())
    _nothing_forgotten(life)
    _faces_agree(life)
    _told(life)
    _decent(life)
    return {"days": days, "messages": len(life.sink.arrived) - arrived, "clock_events": life.seen - seen}


def _a_day(life: Life, rng: random.Random) -> None:
    morning = life.now.replace(minute=0) + timedelta(hours=8, minutes=30)  # local midnight, as the day begins
    acts = [*((at, True) for at in moments(rng, (life.now + timedelta(hours=8)).date())), (morning, False)]
    if rng.random() < 0.2:
        fell = life.now + timedelta(minutes=rng.uniform(0, 1440))
        life.asleep.append((fell, fell + timedelta(minutes=10 * 288 ** rng.random())))
    for at, by_people in sorted(acts):
        _work_until(life, at)
        life.here.clock.set(max(at, life.now))
        if by_people:
            command, by = an_act(life.here, rng)
            life.here.do(command, by)
        elif _awake(life, life.now) == life.now:
            Nightly(life.here.parts).digest()
    midnight = morning - timedelta(hours=8, minutes=30) + DAY
    _work_until(life, midnight)
    life.here.clock.set(midnight)


def _work_until(life: Life, end: datetime) -> None:
    """From one instant at which there is something to do to the next."""
    for _ in range(MOST_STEPS):
        at = _awake(life, max(_next(life) or end, life.now))
        if at >= end:
            return
        life.here.clock.set(at)
        _work(life)
        life.here.clock.advance(STEP)
    raise AssertionError(f"the runners do not come to rest at {life.now}")


def _work(life: Life) -> None:
    acts: list[Callable[[], object]] = [
        Carrying(life.here.parts, holder=f"r{n}").sweep for n in range(RUNNERS)
    ]
    with without_failure():
        life.here.at_once([lambda act=act: patient(act) for act in acts])
        ready = Carrying(life.here.parts)
        for one in ready.take_ready(limit=100):
            ready.fire(one, flow_run=None)
        acts = [lambda d=d: _all_of(d) for d in life.deliverers]
        life.here.at_once(acts)


def _all_of(deliverer: Deliverer) -> None:
    while patient(deliverer.deliver_due):
        pass


def _next(life: Life) -> datetime | None:
    with life.here.store.database.reading() as connection:
        deadline = connection.scalar(select(func.min(table(DeadlineRow).c.next_at)))
    return min((at for at in (deadline, next_message(life.here)) if at is not None), default=None)


def _awake(life: Life, at: datetime) -> datetime:
    """`at` itself, or when the runners are up again."""
    for fell, woke in life.asleep:
        if fell <= at < woke:
            return _awake(life, woke)
    return at


def _each_once(life: Life, case_id: CaseId) -> int:
    """Follows the clocks through the history: nothing early, nothing twice, nothing late. How often."""
    laid: dict[str, tuple[Deadline, datetime]] = {}
    seen = 0
    for recorded in life.here.history(case_id):
        event, at = recorded.event, recorded.at
        match event:
            case ev.DeadlineSet():
                laid[event.deadline.id] = event.deadline, at
                continue
            case ev.CaseResumed():  # what people gave as a date stood still as well, and is where it was
                laid = {name: (old, at) for name, (old, _) in laid.items()}
                continue
            case ev.DeadlineReminded():
                old, since = laid[event.deadline]
                new, due = replace(old, reminded=event.count), old.reminders[event.count - 1]
                assert event.count > old.reminded, f"{case_id}: reminded twice: {event}"
            case ev.DeadlineMissed():
                old, since = laid[event.deadline]
                new, due = replace(old, missed_at=at), old.due_at
                assert old.missed_at is None, f"{case_id}: flagged twice: {event}"
            case ev.DeadlineEscalated():
                old, since = laid[event.deadline]
                new, due = replace(old, escalated=event.level), old.rungs[event.level - 1].at
                assert event.level == old.escalated + 1, f"{case_id}: {event} after rung {old.escalated}"
            case _:
                continue
        seen += 1
        laid[event.deadline] = new, since
        _in_time(life, max(due, since), at, f"{case_id}: {event}")
    return seen


def _in_time(life: Life, due: datetime, at: datetime, what: str) -> None:
    latest = _awake(life, due) + MINUTE
    assert due <= at <= latest, f"{what} came at {at}; it was due at {due}, the runners could at {latest}"


def _nothing_forgotten(life: Life) -> None:
    """What passed while the runners were up is flagged."""
    if _awake(life, life.now) != life.now:
        return
    late = [
        (case.id, one.id, one.due_at)
        for case in life.cases()
        for one in case.deadlines.values()
        if is_overdue(one, life.now - MINUTE) and one.missed_at is None
    ]
    assert not late, f"{len(late)} are overdue at {life.now} and not flagged, the first: {late[0]}"


def _faces_agree(life: Life) -> None:
    store, now = life.here.store, life.now
    running = [case for case in life.cases() if case.status in RUNNING]
    known = {(c.id, d.id) for c in running for d in c.deadlines.values() if is_overdue(d, now)}
    listed = {(due.case_id, due.deadline) for due in store.inbox.overdue(now=now)}
    assert listed == known, f"the list of what is overdue differs: {listed ^ known}"
    flagged = store.board.page(BoardFilter(overdue=True), limit=1_000_000, now=now).cases
    assert {line.id for line in flagged} == {case_id for case_id, _ in known}, "the board differs"


def _told(life: Life) -> None:
    """Every message ended as it should, or waits no longer than it may; what was sent has arrived, once."""
    rows, open_ = life.mails(), (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN)
    ends = Counter(row.state for row in rows if row.state not in open_)
    assert set(ends) <= {OutboxState.SENT, OutboxState.CANCELLED}, f"messages ended as {dict(ends)}"
    old = [row for row in rows if row.state in open_ and life.now - row.created_at > LONGEST_REST]
    assert not old, f"{len(old)} messages have waited for {LONGEST_REST}, the first: {old[0]}"
    sent = Counter(
        (row.to_person, key_of(row.digest or row.owed))  # pyright: ignore[reportArgumentType]
        for row in rows
        if row.state is OutboxState.SENT and row.code not in ("digest", "off")
    )
    arrived = Counter((life.named[one.to], one.message.key) for one in life.sink.arrived)
    assert sent == arrived, f"sent and not arrived: {sent - arrived}; the other way: {arrived - sent}"
    assert set(arrived.values()) <= {1}, f"arrived twice: {arrived.most_common(1)}"


def _decent(life: Life) -> None:
    """But for what is urgent: within the reader's working hours, and never too many in an hour."""
    urgent = {key_of(row.owed) for row in life.mails() if row.urgent_at and row.owed}
    calm: defaultdict[PersonId, list[Arrival]] = defaultdict(list)
    for one in life.sink.arrived:
        if one.message.key not in urgent:
            calm[life.named[one.to]].append(one)
    hours = PersonsHours(life.here.parts.calendar)
    for person, arrived in calm.items():
        contact = life.here.parts.composer.records.contact(person)
        assert contact is not None
        calendar = hours.calendar_of(contact)
        at_night = [one.at for one in arrived if next_working_instant(calendar, one.at) != one.at]
        assert not at_night, f"{person} got {len(at_night)} messages outside working hours: {at_night[:3]}"
        _never_too_many(person, [one.at for one in arrived])


def _never_too_many(person: str, instants: Sequence[datetime]) -> None:
    for place, at in enumerate(instants):
        within = bisect_right(instants, at + timedelta(hours=1) - timedelta(seconds=1)) - place
        assert within <= PER_HOUR, f"{person} got {within} messages in the hour from {at}"
