"""Whom to tell around a due instant: in working time, and never without end."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.case import commands as cmd
from engine.case.calendar import last_working_instant
from engine.case.facts import Facts
from engine.case.ladders import MOST, reached, reminders, rungs
from engine.case.state import RULE
from engine.definition.model import Escalation, Ladder
from tests.factories import MONDAY, a_calendar, a_sop
from tests.unit.engine.test_calendar import CN, beijing, examples
from tests.unit.engine.waiting_desk import C1, in_review

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)


def facts(**parts: Any) -> Facts:
    return Facts(**{"now": LONG_AGO, "actor": RULE, "calendar": CN, **parts})


def ladder(**parts: Any) -> Ladder:
    return Ladder.model_validate(parts)


@pytest.mark.parametrize(("due", "written", "at", "rule"), examples("ladder"))
def test_the_page_tells_when_people_are_told(due: str, written: str, at: str, rule: str) -> None:
    what, _, span = written.partition(" ")
    if what == "remind":
        found = tuple(at for at, _ in reminders(facts(), CN, beijing(due), ladder(remind=[span])))
    else:
        climbs = ladder(escalate=[{"after": span, "to": "boss"}], urgent=what == "urgent")
        found = tuple(rung.at for rung in rungs(facts(), CN, beijing(due), climbs))
    assert found == (beijing(at),), f"rule {rule}"


def test_a_rung_repeats_as_often_as_the_sop_says_and_no_oftener() -> None:
    climbs = ladder(escalate=[{"after": "1 wd", "to": "boss", "every": "1 wd", "most": 3}])
    found = rungs(facts(), CN, beijing("2026-03-10 18:00"), climbs)
    days = ("2026-03-11 18:00", "2026-03-12 18:00", "2026-03-13 18:00")
    assert [rung.at for rung in found] == [beijing(day) for day in days]


def test_one_deadline_has_a_bounded_number_of_rungs_whatever_the_sop_says() -> None:
    one = {"after": "1 wd", "to": "boss", "every": "1 h", "most": 10}
    assert len(rungs(facts(), CN, MONDAY, ladder(escalate=[one] * 10))) == MOST


@pytest.mark.parametrize("written", [{"every": "1 wd"}, {"most": 3}])
def test_a_rung_that_repeats_says_how_often_and_how_many_times(written: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'every' and 'most' are written together"):
        Escalation.model_validate({"after": "1 wd", "to": "boss", **written})


@given(st.integers(0, 350 * 24 * 60).map(lambda minutes: LONG_AGO + timedelta(minutes=minutes)))
def test_people_are_reached_at_work_and_as_soon_as_they_can_be(at: datetime) -> None:
    calendar = a_calendar()
    found = reached(calendar, at)
    assert found >= at
    assert last_working_instant(calendar, found) == found
    assert found == at or last_working_instant(calendar, at) < at


def test_after_a_pause_rungs_still_come_while_people_work() -> None:
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"within": "6 h", "escalate": [{"after": "1 h", "to": "boss"}]}
    desk = in_review(sop)
    desk.do(cmd.HoldCase(case_id=C1, reason="等"))
    desk.clock.advance(timedelta(hours=5))
    desk.do(cmd.ResumeCase(case_id=C1))
    found = desk.case().deadlines["stage:2"]
    assert found.due_at == MONDAY + timedelta(hours=11)  # 20:00: elapsed time does not ask who is there
    assert [rung.at for rung in found.rungs] == [MONDAY + timedelta(hours=24)]


def test_of_two_rungs_to_one_role_only_the_urgent_one_comes_at_night() -> None:
    climbs = ladder(escalate=[{"after": "2 h", "to": "boss"}, {"after": "3 h", "to": "boss", "urgent": True}])
    found = rungs(facts(), CN, beijing("2026-03-10 18:00"), climbs)
    wanted = {(beijing("2026-03-10 21:00"), True), (beijing("2026-03-11 09:00"), False)}
    assert {(rung.at, rung.urgent) for rung in found} == wanted
