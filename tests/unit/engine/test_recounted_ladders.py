"""Every anchor and every ladder is gone through again when a calendar has newer data."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.workdays import Day, DayKind, Source, WorkCalendar
from engine.service import Service
from tests.factories import Desk, a_calendar, a_desk, a_sop
from tests.unit.engine.test_extension import asks, with_extension
from tests.unit.engine.test_recounting import OFF_WEDNESDAY, in_review, newer, recount, the_change
from tests.unit.engine.waiting_desk import C1, a_pausable_sop, waits


def due_on(day: str, hour: int = 10) -> datetime:
    """18:00 in Shanghai, unless told otherwise."""
    return datetime.fromisoformat(day).replace(hour=hour, tzinfo=UTC)


def with_deadline(**spec: Any) -> dict[str, Any]:
    sop = a_sop()
    sop["stages"][1]["deadline"] = spec
    return sop


def noon_on(day: date) -> dict[date, Day]:
    return {day: Day(DayKind.WORKING, Source.COMPANY, hours=((time(9), time(12)),))}


def test_a_deadline_ahead_of_a_date_is_counted_back_again() -> None:
    desk = in_review(with_deadline(ahead="1 wd", of="go_live_on"))
    desk.set(go_live_on="2026-11-26")
    assert desk.case().deadlines["stage:2"].due_at == due_on("2026-11-25")
    assert the_change(recount(desk, OFF_WEDNESDAY)).deadline.due_at == due_on("2026-11-24")


def test_a_task_of_its_own_deadline_is_counted_again() -> None:
    sop = a_sop()
    sop["stages"][1]["tasks"] = [{"id": "check", "zh": "核对", "en": "Check", "deadline": {"within": "2 wd"}}]
    change = the_change(recount(in_review(sop), OFF_WEDNESDAY))
    assert (change.deadline.id, change.deadline.due_at) == ("task:check", due_on("2026-11-26"))


def test_rungs_that_repeat_are_counted_again_one_after_the_other() -> None:
    climbs = [{"after": "1 wd", "to": "boss", "every": "1 wd", "most": 3}]
    desk = in_review(with_deadline(within="1 wd", escalate=climbs))
    rungs = desk.case().deadlines["stage:2"].rungs
    assert [rung.at for rung in rungs] == [due_on(f"2026-11-{day}") for day in (25, 26, 27)]
    desk = in_review(with_deadline(within="2 wd", escalate=climbs))
    rungs = the_change(recount(desk, OFF_WEDNESDAY)).deadline.rungs
    assert [rung.at for rung in rungs] == [due_on(day) for day in ("2026-11-27", "2026-11-30", "2026-12-01")]


@pytest.mark.parametrize(
    ("urgent", "at"), [(False, due_on("2026-11-26", 1)), (True, due_on("2026-11-25", 19))]
)
def test_counted_again_people_are_still_left_in_peace_unless_it_is_urgent(
    *, urgent: bool, at: datetime
) -> None:
    desk = in_review(with_deadline(within="2 wd", remind=["15 h"], urgent=urgent))
    after = the_change(recount(desk, OFF_WEDNESDAY)).deadline
    assert after.reminders == (at,)


def test_more_time_that_was_given_is_kept_and_takes_that_days_closing() -> None:
    desk = in_review(with_extension(), review_time="2 wd")
    assert asks(desk, "2026-11-27") == ()
    desk.run()
    noon = replace(a_calendar(), layers=(noon_on(date(2026, 11, 27)),), version="noon")
    assert the_change(recount(desk, noon)).deadline.due_at == due_on("2026-11-27", 4)
    assert desk.case().extended == {"stage:2": 1}


def test_the_same_date_by_another_way_is_counted_again_by_that_way() -> None:
    """One working day after Saturday, and after Sunday, is Monday; once Sunday is worked they differ."""
    desk = in_review(with_deadline(within="1 wd", **{"from": "go_live_on"}))
    desk.set(go_live_on="2026-11-28")
    desk.set(go_live_on="2026-11-29")
    assert desk.case().deadlines["stage:2"].due_at == due_on("2026-11-30")
    assert recount(desk, newer(d2026_11_29=DayKind.WORKING)) == ()


def on_duty(sop: dict[str, Any], duty: WorkCalendar) -> Desk:
    """In review, where the calendar `duty` counts in place of the SOP's."""
    sop["stages"][1]["calendar"] = "duty"
    desk = a_desk(sop, review_time="2 wd")
    calendars = {"cn": a_calendar(), "duty": replace(duty, id="duty")}
    desk = Desk(desk.store, desk.clock, Service(desk.store, desk.clock, calendars.__getitem__))
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=C1, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def test_a_wait_counts_by_the_calendar_of_the_stage() -> None:
    desk = on_duty(a_pausable_sop(most="3 wd"), OFF_WEDNESDAY)
    waits(desk)
    assert desk.case().waits["2"].until == due_on("2026-11-26")


def test_more_time_is_given_and_its_people_reached_by_the_calendar_of_the_stage() -> None:
    sop = with_extension()
    sop["stages"][1]["deadline"]["escalate"] = [{"after": "1 wd", "to": "boss"}]
    days_off = {date(2026, 11, 30): Day(DayKind.OFF, Source.COMPANY)}
    desk = on_duty(sop, replace(a_calendar(), layers=(noon_on(date(2026, 11, 27)) | days_off,)))
    assert asks(desk, "2026-11-27") == ()
    found = desk.run().deadlines["stage:2"]
    assert found.due_at == due_on("2026-11-27", 4)
    assert [rung.at for rung in found.rungs] == [due_on("2026-12-01")]
