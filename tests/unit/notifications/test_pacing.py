"""When messages leave: what goes by itself, what goes together, what waits and until when."""

from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from engine.delivering import Manner, Preferences, Slot
from engine.outbox import DIGEST, MessageGroup
from notifications.pacing import MOST_TOGETHER, PRESSING, Item, Pace, Plan, next_digest, paced, spread
from tests.factories import MONDAY  # 09:00 in Shanghai

SHANGHAI = ZoneInfo("Asia/Shanghai")
HOUR, WINDOW = timedelta(hours=1), timedelta(minutes=10)
SIGN, LATE, NEWS = "approval_requested", "deadline_overdue", "stage_entered"
GROUPS = {
    SIGN: MessageGroup.SIGN_OFF,
    LATE: MessageGroup.DEADLINES,
    NEWS: MessageGroup.NEWS,
    DIGEST: MessageGroup.NEWS,
}


def items(*kinds, first=1, **more):
    return [
        Item(id=n, kind=kind, group=GROUPS[kind], owed_at=MONDAY, alone=kind == SIGN, **more)
        for n, kind in enumerate(kinds, first)
    ]


def plan(owed, *recent, quiet=None, now=MONDAY, per_hour=4, window=WINDOW, room=None, **wishes) -> Plan:
    pace = Pace(preferences=Preferences(**wishes), zone=SHANGHAI, per_hour=per_hour, window=window, room=room)
    slots = [one if isinstance(one, Slot) else Slot(at=one[0], kind=one[1]) for one in recent]
    return paced(owed, pace, slots, quiet_until=quiet or now, now=now)


def ago(minutes):
    return MONDAY - timedelta(minutes=minutes)


def test_what_there_is_room_for_goes_by_itself():
    assert plan(items(SIGN, LATE, NEWS)).units == ((1,), (2,), (3,))


def test_messages_of_one_kind_go_together_but_each_request_to_sign_alone():
    assert plan(items(LATE, SIGN, LATE, SIGN, LATE)).units == ((2,), (4,), (1, 3, 5))


def test_without_a_window_each_goes_by_itself_while_there_is_room():
    assert plan(items(LATE, LATE), window=timedelta(0)).units == ((1,), (2,))
    assert plan(items(*[LATE] * 6), window=timedelta(0)).units == ((1, 2, 3, 4, 5, 6),)


def test_requests_to_sign_come_first_and_the_last_place_mentions_all_the_rest():
    owed = items(NEWS, LATE, *[SIGN] * 6)
    assert plan(owed).units == ((3,), (4,), (5,), (6, 7, 8, 2, 1))


def test_nothing_is_mentioned_twice_by_a_digest():
    owed = [*items(*[SIGN] * 3), *items(*[SIGN] * 3, first=4, mentioned=True)]
    found = plan(owed)
    assert found.units == ((1,), (2,), (3,), (4,))
    assert set(found.later) == {5, 6}


def test_where_the_hour_is_full_everything_waits_until_there_is_room():
    slots = [(ago(minutes), NEWS) for minutes in (50, 40, 30, 20)]
    assert plan(items(SIGN, LATE), *slots) == Plan(later={1: ago(50) + HOUR, 2: ago(50) + HOUR})


def test_a_person_may_want_fewer_messages_an_hour():
    assert plan(items(SIGN, LATE), per_hour=1).units == ((1, 2),)


def test_in_quiet_hours_only_what_is_urgent_goes():
    opens = MONDAY + timedelta(hours=3)
    owed = [*items(SIGN, NEWS), *items(SIGN, first=3, urgent=True)]
    assert plan(owed, quiet=opens) == Plan(units=((3,),), later={1: opens, 2: opens}, urgent=frozenset({3}))


def test_what_is_urgent_goes_though_the_hour_is_full_and_takes_its_place():
    slots = [(ago(minutes), NEWS) for minutes in (50, 40, 30)]
    found = plan([*items(LATE), *items(SIGN, first=2, urgent=True)], *slots)
    assert (found.units, found.later) == (((2,),), {1: ago(50) + HOUR})


def test_many_urgent_requests_take_the_places_of_the_hour_and_the_last_tells_of_the_rest():
    found = plan([*items(NEWS), *items(*[SIGN] * 9, first=2, urgent=True)])
    assert found.units == ((2,), (3,), (4,), (5, 6, 7, 8, 9, 10))
    assert found.later == {1: MONDAY + HOUR}


def test_in_quiet_hours_urgent_requests_keep_the_bound_as_well():
    opens = MONDAY + timedelta(hours=3)
    found = plan(items(*[SIGN] * 9, urgent=True), quiet=opens)
    assert [len(unit) for unit in found.units] == [1, 1, 1, 6]


def test_where_the_hour_is_full_one_message_tells_all_that_is_urgent_and_the_next_comes_soon():
    full = [(ago(minutes), NEWS) for minutes in (50, 40, 30, 20)]
    assert plan(items(*[SIGN] * 3, urgent=True), *full).units == ((1, 2, 3),)
    assert plan(items(SIGN, urgent=True), *full).units == ((1,),)
    pressed = Slot(at=ago(4), kind=SIGN, urgent=True)
    assert plan(items(SIGN, urgent=True), *full, pressed).later == {1: ago(4) + PRESSING}
    assert plan(items(SIGN, urgent=True), *full, replace(pressed, at=ago(10))).units == ((1,),)


def test_an_urgent_request_that_was_told_of_waits_for_room_to_go_by_itself():
    full = [(ago(minutes), NEWS) for minutes in (50, 40, 30, 20)]
    owed = [*items(SIGN, urgent=True, mentioned=True), *items(SIGN, first=2, urgent=True)]
    found = plan(owed, *full)
    assert (found.units, found.later) == (((2,),), {1: ago(40) + HOUR})


def test_what_is_urgent_and_too_long_for_one_message_is_told_a_few_minutes_later():
    full = [(ago(minutes), NEWS) for minutes in (50, 40, 30, 20)]
    found = plan(items(*[SIGN] * 5, urgent=True, size=300), *full, room=1000)
    assert (found.units, found.later) == (((1, 2, 3),), dict.fromkeys((4, 5), MONDAY + PRESSING))


def test_a_second_message_of_a_kind_waits_for_the_end_of_the_window_and_a_request_to_sign_does_not():
    found = plan(items(LATE, SIGN, NEWS), (ago(4), LATE), (ago(4), SIGN), per_hour=5)
    assert (found.units, found.later) == (((2,), (3,)), {1: ago(4) + WINDOW})


def test_news_leaves_the_last_place_of_the_hour_to_what_goes_first_and_only_waits_for_its_window():
    found = plan(items(LATE, SIGN, NEWS), (ago(4), LATE), (ago(4), SIGN))
    assert (found.units, found.later) == (((2,),), dict.fromkeys((1, 3), ago(4) + WINDOW))
    then = plan(items(LATE, NEWS), (ago(10), LATE), (ago(10), SIGN), (ago(6), SIGN))
    assert (then.units, then.later) == (((1, 2),), {})


def test_what_is_turned_off_stays_in_the_mailbox_also_when_urgent():
    off = {MessageGroup.NEWS: Manner.OFF}
    found = plan([*items(NEWS, LATE), *items(NEWS, first=3, urgent=True)], manners=off)
    assert (found.mailbox, found.units) == ((1, 3), ((2,),))


def test_what_is_for_the_digest_waits_for_the_persons_next_hour_and_goes_in_one_message():
    both = dict.fromkeys((MessageGroup.DEADLINES, MessageGroup.NEWS), Manner.DIGEST)
    owed = items(LATE, NEWS)
    assert plan(owed, manners=both, digest_hours=(11, 16)).later == dict.fromkeys(
        (1, 2), MONDAY + timedelta(hours=2)
    )
    assert plan(owed, manners=both, digest_hours=(11,), now=MONDAY + timedelta(hours=2)).units == ((1, 2),)


def test_what_is_urgent_waits_for_no_digest():
    found = plan(items(SIGN, urgent=True), manners={MessageGroup.SIGN_OFF: Manner.DIGEST})
    assert found.units == ((1,),)


def test_the_list_of_the_morning_takes_what_waited_for_the_digest_along():
    news = {MessageGroup.NEWS: Manner.DIGEST}
    now = MONDAY + timedelta(days=1)
    owed = [*items(NEWS, LATE), *items(DIGEST, first=3)]
    assert plan(owed, manners=news, now=now).units == ((2,), (1, 3))


def test_what_was_begun_goes_on_first():
    owed = [*items(*[SIGN] * 5), *items(NEWS, first=6, started=True)]
    assert plan(owed).units == ((6,), (1,), (2,), (3, 4, 5))


def test_a_digest_mentions_so_many_and_the_next_the_rest():
    found = plan(items(*[LATE] * (MOST_TOGETHER + 1)))
    assert sorted(len(unit) for unit in found.units) == [1, MOST_TOGETHER]


def test_a_digest_holds_no_more_than_the_persons_channels_take_and_the_next_holds_the_rest():
    found = plan(items(*[LATE] * 7, size=300), room=1000)
    assert found.units == ((7,), (1, 2, 3), (4, 5, 6))
    assert plan(items(*[LATE] * 2, size=3000), room=1000).units == ((1,), (2,))


def test_what_no_digest_of_this_hour_has_room_for_waits_and_is_not_lost():
    found = plan(items(*[LATE] * 30, size=300), room=1000)
    assert [len(unit) for unit in found.units] == [3, 3, 3, 3]
    assert sorted(found.later) == list(range(13, 31))


@pytest.mark.parametrize(
    ("hours", "after", "local"),
    [
        ((9,), "2026-03-02 08:59", "2026-03-02 09:00"),
        ((9,), "2026-03-02 09:00", "2026-03-03 09:00"),
        ((9, 17), "2026-03-02 12:00", "2026-03-02 17:00"),
        ((), "2026-03-02 12:30", "2026-03-02 13:00"),
        ((0,), "2026-12-31 23:59", "2027-01-01 00:00"),
    ],
)
def test_the_next_digest_is_at_the_next_of_the_persons_hours(hours, after, local):
    from datetime import datetime

    at = datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
    assert f"{next_digest(at, hours, SHANGHAI):%Y-%m-%d %H:%M}" == local


def test_people_have_their_own_place_in_the_first_minutes_of_the_day():
    assert spread("wang") == spread("wang")
    places = {spread(f"person-{n}") for n in range(200)}
    assert len(places) > 100
    assert max(places) < timedelta(minutes=5)
