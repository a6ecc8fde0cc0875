"""The ladder spends no rung while people sleep: Berlin begins work two hours before Shanghai closes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.case import events as ev
from engine.case.facts import Whereabouts
from engine.case.state import Deadline
from engine.ids import PersonId
from engine.service import Service
from tests.factories import Desk, a_calendar, a_sop
from tests.unit.engine.waiting_desk import in_review

BERLIN = Whereabouts("", "Europe/Berlin")
DUE = datetime(2026, 11, 25, 10, tzinfo=UTC)  # Wednesday, closing in Shanghai; 11:00 in Berlin


def desk_of(escalate: list[dict[str, Any]], lives: dict[str, Whereabouts], **ladder: Any) -> Desk:
    """In review, which is due by the calendar of Shanghai."""
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"within": "2 wd", "escalate": escalate, **ladder}
    desk = in_review(sop)
    desk.store.whereabouts = {PersonId(name): where for name, where in lives.items()}
    return desk


def climb(desk: Desk, hours: int) -> list[tuple[int, datetime]]:
    """The rungs that tell within so many hours after the due instant, and when; a sweep each half hour."""
    desk.clock.set(DUE)
    for _ in range(2 * hours):
        desk.clock.advance(timedelta(minutes=30))
        desk.sweep()
    told = [
        r for r in desk.store.events["c1"] if isinstance(r.event, ev.DeadlineEscalated) and r.event.notify
    ]
    return [(r.event.level, r.at) for r in told if isinstance(r.event, ev.DeadlineEscalated)]


def test_where_all_work_alike_rungs_come_as_they_were_laid() -> None:
    desk = desk_of([{"after": "2 wh", "to": "boss"}], {"boss": Whereabouts("", "Asia/Shanghai")})
    laid = desk.case().deadlines["stage:2"].rungs
    assert climb(desk, 24) == [(1, datetime(2026, 11, 26, 3, tzinfo=UTC))]
    assert desk.case().deadlines["stage:2"].rungs == laid


def test_a_rung_waits_for_the_morning_of_who_is_told() -> None:
    """Two hours of work after closing is 11:00 in Shanghai, and 04:00 in Berlin: work begins at nine."""
    desk = desk_of([{"after": "2 wh", "to": "boss"}], {"bo": BERLIN})
    assert climb(desk, 24) == [(1, datetime(2026, 11, 26, 8, tzinfo=UTC))]


@pytest.mark.parametrize(
    ("head", "at"),
    [
        (BERLIN, datetime(2026, 11, 26, 13, tzinfo=UTC)),
        (
            Whereabouts("", "Asia/Shanghai"),
            datetime(2026, 11, 27, 1, tzinfo=UTC),
        ),  # 21:00 there: next morning
    ],
)
def test_the_next_rung_leaves_them_the_working_time_the_ladder_promises(
    head: Whereabouts, at: datetime
) -> None:
    """Four hours lie between the rungs: nine to twelve and thirteen to fourteen in Berlin."""
    escalate = [{"after": "2 wh", "to": "boss"}, {"after": "6 wh", "to": "head"}]
    desk = desk_of(escalate, {"bo": BERLIN, "hua": head})
    assert climb(desk, 48) == [(1, datetime(2026, 11, 26, 8, tzinfo=UTC)), (2, at)]


def test_the_first_rung_leaves_that_time_to_whose_deadline_it_is() -> None:
    """Told at 11:00 in Berlin, two hours of work are over at 14:00, when the boss in Shanghai sleeps."""
    desk = desk_of([{"after": "2 h", "to": "boss", "urgent": False}], {"pei": BERLIN})
    (told,) = climb(desk, 24)
    assert told[1] >= datetime(2026, 11, 26, 1, tzinfo=UTC)


@pytest.mark.parametrize("urgent", ["ladder", "rung"])
def test_what_is_urgent_waits_for_nobody(urgent: str) -> None:
    rung = {"after": "2 wh", "to": "boss", **({"urgent": True} if urgent == "rung" else {})}
    ladder = {"urgent": True} if urgent == "ladder" else {}
    desk = desk_of([rung], {"bo": BERLIN}, **ladder)
    assert climb(desk, 24) == [(1, datetime(2026, 11, 26, 3, tzinfo=UTC))]


def test_one_of_several_who_works_is_enough() -> None:
    desk = desk_of([{"after": "2 wh", "to": "boss"}], {"bo": BERLIN})
    desk.store.people["boss"] = ("bo", "xia")
    assert climb(desk, 24)[0][1] == datetime(2026, 11, 26, 3, tzinfo=UTC)


def test_a_sweep_after_downtime_finds_the_rung_come_if_they_worked_meanwhile() -> None:
    desk = desk_of([{"after": "2 wh", "to": "boss"}], {"bo": BERLIN})
    desk.clock.set(DUE + timedelta(days=2))
    desk.sweep()
    assert desk.last(ev.DeadlineEscalated).notify == ("bo",)
    assert desk.sweep().events == ()


def test_a_calendar_of_their_own_with_a_day_off_is_waited_for() -> None:
    desk = desk_of([{"after": "2 wh", "to": "boss"}], {"bo": Whereabouts("late", "Asia/Shanghai")})
    late = replace(a_calendar(), id="late", version="late-1", week=frozenset({4, 5, 6}))
    calendars = {"cn": a_calendar(), "late": late}
    desk = Desk(desk.store, desk.clock, Service(desk.store, desk.clock, calendars.__getitem__))
    assert climb(desk, 48) == [(1, datetime(2026, 11, 27, 1, tzinfo=UTC))]


def test_moved_rungs_stay_in_order_and_bounded() -> None:
    escalate = [{"after": f"{n} wh", "to": "boss", "every": "1 wh", "most": 5} for n in range(1, 5)]
    desk = desk_of(escalate, {"bo": BERLIN})
    climb(desk, 24)
    due: Deadline = desk.case().deadlines["stage:2"]
    assert len(due.rungs) == 20
    assert list(due.rungs) == sorted(due.rungs, key=lambda rung: rung.at)
