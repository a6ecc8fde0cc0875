"""Milestones: planned, forecast, reached; and what does not count as reaching one."""

from datetime import date
from typing import Any

from engine.case import commands as cmd
from engine.case.listed import Milestone
from tests.factories import Desk, a_desk, a_sop

BRIEFED = {"id": "briefed", "zh": "简报完成", "left": "brief_stage"}
LIVE = {"id": "live_day", "zh": "上线", "entered": "live"}


def _desk(*milestones: dict[str, Any], **parts: Any) -> Desk:
    sop = a_sop(milestones=list(milestones), **parts)
    sop["stages"][0]["tasks"] = []
    sop["transitions"][1]["approvals"] = []
    desk = a_desk(sop)
    desk.start()
    return desk


def _plan(desk: Desk, milestone: str, **dates: Any) -> None:
    answer = desk.do(cmd.PlanMilestone(case_id=desk.case().id, milestone=milestone, **dates))
    assert answer.refusal is None, answer.refusal


def _step(desk: Desk, *transitions: str) -> None:
    for transition in transitions:
        assert desk.advance(transition, reason="因为").refusal is None
        desk.run()


def test_leaving_its_stage_reaches_it_once() -> None:
    desk = _desk(BRIEFED)
    _step(desk, "submit", "rework", "submit")
    assert desk.kinds().count("milestone_reached") == 1
    assert desk.case().milestones["briefed"] == Milestone(id="briefed", reached_on=date(2026, 11, 23))


def test_giving_up_reaches_nothing() -> None:
    desk = _desk(BRIEFED)
    _step(desk, "cancel")
    assert desk.case().milestones == {}


def test_a_forecast_changes_neither_plan_nor_deadline() -> None:
    desk = _desk(LIVE)
    _plan(desk, "live_day", planned=date(2026, 11, 26))
    due = desk.case().deadlines
    _plan(desk, "live_day", forecast=date(2026, 11, 30))
    assert desk.case().milestones["live_day"] == Milestone(
        id="live_day", planned=date(2026, 11, 26), forecast=date(2026, 11, 30)
    )
    assert desk.case().deadlines == due


def test_the_same_plan_again_changes_nothing() -> None:
    desk = _desk(LIVE)
    _plan(desk, "live_day", planned=date(2026, 11, 26))
    version = desk.case().version
    _plan(desk, "live_day", planned=date(2026, 11, 26))
    assert desk.case().version == version


def test_a_plan_made_after_it_was_reached_starts_no_clock() -> None:
    desk = _desk(BRIEFED)
    _step(desk, "submit")
    _plan(desk, "briefed", planned=date(2026, 11, 26))
    assert desk.case().deadlines == {}
    assert desk.case().milestones["briefed"].planned == date(2026, 11, 26)


def test_a_plan_from_a_field_ends_with_the_field() -> None:
    desk = _desk(LIVE | {"planned": "go_live_on"})
    desk.set(go_live_on="2026-11-26")
    assert set(desk.case().deadlines) == {"milestone:live_day"}
    desk.set(go_live_on=None)
    assert (desk.case().deadlines, desk.case().milestones["live_day"]) == ({}, Milestone(id="live_day"))


def test_a_milestone_with_a_field_takes_a_forecast_by_hand_but_no_plan() -> None:
    desk = _desk(LIVE | {"planned": "go_live_on"})
    _plan(desk, "live_day", forecast=date(2026, 11, 30))
    plan = cmd.PlanMilestone(case_id=desk.case().id, milestone="live_day", planned=date(2026, 11, 26))
    refusal = desk.do(plan).refusal
    assert refusal is not None
    assert [(b.code, b.title.zh if b.title else "") for b in refusal.blockers] == [
        ("milestone_by_field", "上线日")
    ]


def test_a_listed_milestone_without_a_day_has_no_clock_until_it_has_one() -> None:
    columns = {"name": "text", "due": "date", "done_on": "date"}
    each = {"field": "steps", "name": "name", "due": "due", "done": "done_on"}
    sop = a_sop(milestones=[{"id": "steps", "each": each}])
    sop["fields"]["steps"] = {"type": "list", "of": {"type": "record", "fields": columns}}
    desk = a_desk(sop)
    desk.start(steps=[{"name": "样稿"}])
    assert desk.case().deadlines == {}
    desk.set(steps=[{"name": "样稿", "due": "2026-11-25"}])
    assert set(desk.case().deadlines) == {"milestone:steps/1"}
    desk.set(steps=None)
    assert desk.case().deadlines == {}
    desk.set(steps=[{"name": "样稿", "due": "2026-11-25"}])
    assert set(desk.case().deadlines) == {"milestone:steps/1"}


def test_a_list_that_changes_beside_its_milestones_leaves_them_alone() -> None:
    desk = _desk(LIVE | {"planned": "go_live_on"})
    desk.set(brief="x")
    assert desk.case().milestones == {}
