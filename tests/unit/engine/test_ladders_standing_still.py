"""Holds and waits on a ladder: what has come before is told, what was left until the next rung is left again.

Entered on Monday 23 November 2026, `in_review` is due at closing on Wednesday the 25th, its rung a working
day after that.
"""

from datetime import UTC, datetime, timedelta

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.reckoned import Rung
from engine.case.state import RULE_PERSON
from tests.factories import Desk, a_sop
from tests.unit.engine.waiting_desk import C1, goes_on, in_review, waits

CLOSING = {day: datetime(2026, 11, day, 10, 0, tzinfo=UTC) for day in (25, 26, 27, 30)}


def holds(desk: Desk) -> None:
    assert desk.do(cmd.HoldCase(case_id=C1, reason="等客户")).refusal is None


def resumes(desk: Desk) -> None:
    assert desk.do(cmd.ResumeCase(case_id=C1)).refusal is None


def at(desk: Desk, instant: datetime) -> None:
    desk.clock.set(instant)


def rung(desk: Desk) -> Rung:
    return desk.case().deadlines["stage:2"].rungs[0]


STOPS = pytest.mark.parametrize(("stop", "start"), [(holds, resumes), (waits, goes_on)], ids=["hold", "wait"])


@STOPS
def test_what_passed_before_the_clock_stops_is_flagged_then_though_nobody_swept(stop, start) -> None:
    desk = in_review()
    at(desk, CLOSING[25] + timedelta(hours=1))
    stop(desk)
    missed = next(e for e in desk.store.events[C1] if isinstance(e.event, ev.DeadlineMissed))
    assert missed.at == desk.clock.now()
    assert missed.actor.person == RULE_PERSON
    assert desk.case().deadlines["stage:2"].missed_at == desk.clock.now()
    start(desk)
    desk.sweep()
    assert desk.kinds().count("deadline_missed") == 1


@STOPS
def test_a_rung_to_come_keeps_the_working_time_that_was_left(stop, start) -> None:
    desk = in_review()
    at(desk, CLOSING[25])
    desk.sweep()
    assert rung(desk).at == CLOSING[26]
    at(desk, CLOSING[26] - timedelta(hours=3))
    stop(desk)
    at(desk, CLOSING[27] - timedelta(hours=1))
    desk.sweep()
    start(desk)
    desk.sweep()
    assert desk.kinds().count("deadline_escalated") == 0
    assert rung(desk).at == CLOSING[30] - timedelta(hours=7)  # an hour on Friday, two on Monday
    at(desk, rung(desk).at)
    desk.sweep()
    assert desk.kinds().count("deadline_escalated") == 1


@STOPS
def test_rungs_are_counted_anew_from_an_instant_that_moved(stop, start) -> None:
    desk = in_review()
    stop(desk)
    at(desk, desk.clock.now() + timedelta(days=2))
    start(desk)
    due = desk.case().deadlines["stage:2"].due_at
    assert CLOSING[26] < due <= CLOSING[27]
    assert rung(desk).at == CLOSING[30]


def on_a_date(day: str) -> Desk:
    """Live on a day people chose; its rung a working day after that."""
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"on": "go_live_on", "escalate": [{"after": "1 wd", "to": "boss"}]}
    sop["stages"][1]["pausable"] = {}
    desk = in_review(sop)
    desk.set(go_live_on=day)
    return desk


@STOPS
@pytest.mark.parametrize("pause", [timedelta(seconds=5), timedelta(days=2)], ids=str)
@pytest.mark.parametrize("day", ["2026-11-28", "2026-11-30"], ids=["Saturday", "Monday"])
def test_a_date_given_by_people_is_not_moved(stop, start, pause, day) -> None:
    desk = on_a_date(day)
    before = desk.case().deadlines["stage:2"]
    stop(desk)
    at(desk, desk.clock.now() + pause)
    start(desk)
    assert desk.case().deadlines["stage:2"] == before


@STOPS
def test_a_date_that_passed_meanwhile_is_overdue_when_the_clock_goes_on_and_its_rungs_count_from_then(
    stop, start
) -> None:
    desk = on_a_date("2026-11-25")
    stop(desk)
    at(desk, CLOSING[27] - timedelta(hours=1))
    desk.sweep()
    assert "deadline_missed" not in desk.kinds()
    start(desk)
    desk.sweep()
    assert desk.last(ev.DeadlineMissed).due_at == CLOSING[25]
    assert "deadline_escalated" not in desk.kinds()
    assert rung(desk).at == CLOSING[30]


def test_what_comes_due_during_a_hold_and_recurs_is_left_to_the_sweep() -> None:
    sop = a_sop()
    sop["stages"][1]["tasks"] = [{"id": "call", "zh": "回访", "en": "Call", "every": "1 d", "optional": True}]
    desk = in_review(sop)
    at(desk, desk.clock.now() + timedelta(days=1, hours=1))
    holds(desk)
    assert "task_recurred" not in desk.kinds()
    assert "deadline_missed" not in desk.kinds()
