"""Laws of the pace: nothing is left out, nobody gets more than they want, nothing goes while they sleep."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from engine.delivering import Manner, Preferences, Slot
from engine.outbox import DIGEST, MessageGroup, MessageKind, group_of
from notifications.pacing import HOUR, PRESSING, Item, Pace, Plan, paced

NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York"]).map(ZoneInfo)
KINDS = st.sampled_from(list(MessageKind))
MINUTES = st.integers(0, 600)


@st.composite
def owed(draw, number):
    kind = draw(KINDS)
    alone = group_of(kind) is MessageGroup.SIGN_OFF
    started = draw(st.booleans()) and draw(st.booleans())
    return Item(
        id=number,
        kind=kind.value,
        group=group_of(kind),
        owed_at=NOON - timedelta(minutes=draw(MINUTES)),
        urgent=draw(st.booleans()) and draw(st.booleans()),
        alone=alone,
        mentioned=alone and not started and draw(st.booleans()),
        started=started,
        size=draw(st.integers(0, 400)),
    )


@st.composite
def several(draw, most=12):
    found = [draw(owed(number)) for number in range(1, draw(st.integers(0, most)) + 1)]
    if draw(st.booleans()):
        morning = Item(id=0, kind=DIGEST, group=MessageGroup.NEWS, owed_at=NOON)
        found.append(morning)
    return found


@st.composite
def paces(draw):
    return Pace(
        preferences=Preferences(
            manners=draw(st.dictionaries(st.sampled_from(MessageGroup), st.sampled_from(Manner))),
            digest_hours=tuple(draw(st.sets(st.integers(0, 23), max_size=3))),
        ),
        zone=draw(ZONES),
        per_hour=draw(st.integers(1, 5)),
        window=timedelta(minutes=draw(st.integers(0, 30))),
        room=draw(st.none() | st.integers(100, 1500)),
    )


SLOTS = st.lists(
    st.builds(
        Slot,
        at=st.integers(0, 59).map(lambda m: NOON - timedelta(minutes=m)),
        kind=KINDS.map(lambda k: k.value),
        urgent=st.booleans(),
    ),
    max_size=6,
)
QUIET = st.one_of(st.none(), st.integers(1, 900).map(lambda m: NOON + timedelta(minutes=m)))


def planned(items, pace, recent, quiet, now=NOON) -> Plan:
    return paced(items, pace, recent, quiet_until=quiet or now, now=now)


@given(several(), paces(), SLOTS, QUIET)
def test_every_item_goes_waits_or_lies_in_the_mailbox_and_is_in_one_place(items, pace, recent, quiet):
    plan = planned(items, pace, recent, quiet)
    places = Counter([*plan.mailbox, *plan.later, *(n for unit in plan.units for n in unit)])
    assert places == Counter(item.id for item in items)
    assert all(at > NOON for at in plan.later.values())


@given(several(), paces(), SLOTS, QUIET)
def test_nobody_gets_more_an_hour_than_they_want_but_for_one_message_that_presses(items, pace, recent, quiet):
    plan = planned(items, pace, recent, quiet)
    calm = [unit for unit in plan.units if plan.urgent.isdisjoint(unit)]
    free = max(pace.per_hour - len(recent), 0)
    assert len(calm) <= free
    assert len(plan.units) <= max(free, 1 if plan.urgent else 0)


@given(several(), paces(), SLOTS, QUIET)
def test_nothing_urgent_waits_for_more_than_a_few_minutes_to_be_told_of(items, pace, recent, quiet):
    plan = planned(items, pace, recent, quiet)
    urgent = {item.id for item in items if item.urgent and not item.mentioned}
    assert all(at <= NOON + PRESSING for n, at in plan.later.items() if n in urgent)


@given(several(), paces(), SLOTS, st.integers(1, 900))
def test_in_quiet_hours_nothing_goes_that_is_not_urgent(items, pace, recent, minutes):
    plan = planned(items, pace, recent, NOON + timedelta(minutes=minutes))
    urgent = {item.id for item in items if item.urgent}
    assert {n for unit in plan.units for n in unit} <= urgent


@given(several(), paces(), SLOTS, QUIET)
def test_planning_again_at_the_same_instant_sends_nothing_more(items, pace, recent, quiet):
    plan = planned(items, pace, recent, quiet)
    kinds = {item.id: item.kind for item in items}
    slots = [
        Slot(at=NOON, kind=kinds[u[0]] if len(u) == 1 else DIGEST, urgent=not plan.urgent.isdisjoint(u))
        for u in plan.units
    ]
    left = [item for item in items if item.id in plan.later]
    assert planned(left, pace, [*recent, *slots], quiet).units == ()


@given(several(), paces(), SLOTS, st.integers(0, 59))
def test_whoever_looks_later_sends_at_least_as_much(items, pace, recent, minutes):
    def gone(now):
        still = [slot for slot in recent if slot.at > now - HOUR]
        return {n for unit in planned(items, pace, still, None, now).units for n in unit}

    assert gone(NOON) <= gone(NOON + timedelta(minutes=minutes))


@given(several(), paces(), SLOTS)
def test_everything_is_told_within_days_and_never_faster_than_wanted(items, pace, recent):
    """As the deliverer does it: what waits is looked at again when the plan said so."""
    slots, now, told, left = list(recent), NOON, Counter[int](), list(items)
    for _ in range(200):
        if not left:
            break
        within = [slot for slot in slots if slot.at > now - HOUR]
        plan = planned(left, pace, within, None, now)
        calm = [unit for unit in plan.units if plan.urgent.isdisjoint(unit)]
        assert len(calm) <= max(pace.per_hour - len(within), 0)
        told.update([*plan.mailbox, *(n for unit in plan.units for n in unit)])
        slots += [Slot(at=now, kind=DIGEST, urgent=not plan.urgent.isdisjoint(u)) for u in plan.units]
        assert sum(slot.at > now - HOUR for slot in slots[len(recent) :]) <= pace.per_hour + HOUR / PRESSING
        left = [item for item in left if item.id in plan.later]
        now = min(plan.later.values(), default=now)
    assert told == Counter(item.id for item in items)
    assert now <= NOON + timedelta(days=3)
