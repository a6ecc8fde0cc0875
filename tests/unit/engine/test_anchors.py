"""Deadlines are counted from what the SOP names, and follow it when it moves."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from tests.factories import Desk, a_desk, a_sop
from tests.unit.engine.test_calendar import beijing, examples

LAUNCH = {"id": "launch_day", "zh": "上线", "entered": "live", "owner": "planner"}
BRIEFED = {"id": "briefed", "zh": "简报完成", "left": "brief_stage", "owner": "planner"}


def closing(day: str) -> datetime:
    """18:00 in Shanghai."""
    return datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC).replace(hour=10)


def in_review(deadline: dict[str, Any], **parts: Any) -> Desk:
    sop = a_sop(milestones=[LAUNCH, BRIEFED], **parts)
    sop["stages"][1]["deadline"] = deadline
    desk = a_desk(sop)
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


@pytest.mark.parametrize(("origin", "written", "at", "rule"), examples("origin"))
def test_the_page_tells_what_a_deadline_hangs_on(origin: str, written: str, at: str, rule: str) -> None:
    key, _, span = written.partition(" ")
    linked = {"within": "from", "ahead": "of"}
    deadline = {key: span, linked[key]: "origin"} if span else {key: "origin"}
    fields = {"origin": {"type": "date" if len(origin) == 10 else "datetime", "zh": "依据"}}
    desk = in_review(deadline, fields={**a_sop()["fields"], **fields})
    value = origin if len(origin) == 10 else beijing(origin).isoformat()
    assert desk.set(origin=value).refusal is None
    assert due(desk, "stage:2") == beijing(at), f"rule {rule}"


def plans(desk: Desk, **dates: str) -> None:
    days: dict[str, Any] = {name: date.fromisoformat(day) for name, day in dates.items()}
    desk.do(cmd.PlanMilestone(case_id=desk.case().id, milestone="launch_day", **days))


def due(desk: Desk, name: str) -> datetime | None:
    found = desk.case().deadlines.get(name)
    return found.due_at if found else None


def test_a_deadline_ahead_of_a_planned_milestone_moves_with_the_plan() -> None:
    desk = in_review({"ahead": "2 wd", "of": "milestone:launch_day.planned"})
    assert due(desk, "stage:2") is None
    plans(desk, planned="2026-12-04")
    assert due(desk, "stage:2") == closing("2026-12-02")
    plans(desk, planned="2026-12-07")
    assert due(desk, "stage:2") == closing("2026-12-03")


def test_a_forecast_counts_only_where_it_is_named() -> None:
    planned = in_review({"within": "1 wd", "from": "milestone:launch_day.planned"})
    forecast = in_review({"within": "1 wd", "from": "milestone:launch_day.forecast"})
    for desk in (planned, forecast):
        plans(desk, planned="2026-12-01")
        assert due(desk, "stage:2") == closing("2026-12-02")
        plans(desk, forecast="2026-12-03")
    assert due(planned, "stage:2") == closing("2026-12-02")
    assert due(forecast, "stage:2") == closing("2026-12-04")


def test_a_deadline_on_a_milestone_is_due_when_that_day_ends() -> None:
    desk = in_review({"on": "milestone:launch_day.planned"})
    plans(desk, planned="2026-12-05")  # a Saturday named by people keeps its date
    assert due(desk, "stage:2") == closing("2026-12-05")


def test_a_milestone_reached_in_the_same_move_starts_the_clock_of_the_stage_it_leads_to() -> None:
    desk = in_review({"within": "3 wd", "from": "milestone:briefed"})
    assert due(desk, "stage:2") == closing("2026-11-26")


def test_an_approvals_answer_starts_a_clock_and_a_second_answer_lays_it_anew() -> None:
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"within": "1 wd", "from": "approval:head_agrees"}
    desk = in_review({"within": "1 wd", "from": "approval:head_agrees"})
    assert due(desk, "stage:2") is None
    desk.advance("go_live")
    desk.sign("hua", "reject", comment="先改预算")
    assert due(desk, "stage:2") == closing("2026-11-24")
    desk.clock.advance(timedelta(days=1))
    desk.advance("go_live")
    desk.sign("hua", "reject", comment="再改")
    assert due(desk, "stage:2") == closing("2026-11-25")


def test_a_stage_entered_later_is_counted_from_the_answer_that_let_it_be_entered() -> None:
    sop = a_sop()
    sop["stages"][2]["deadline"] = {"within": "2 wd", "from": "approval:head_agrees"}
    desk = a_desk(sop)
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    desk.advance("go_live")
    desk.sign("hua")
    desk.clock.advance(timedelta(days=1))  # carried a day later
    desk.run()
    assert due(desk, "stage:3") == closing("2026-11-25")


def test_an_answer_nobody_counts_from_is_not_noted() -> None:
    desk = in_review({"within": "1 wd"})
    desk.advance("go_live")
    desk.sign("hua")
    assert "answer_noted" not in desk.kinds()
    assert desk.case().answered == {}


def test_a_milestone_may_have_a_deadline_from_the_opening_of_the_case() -> None:
    sop = a_sop(milestones=[{**LAUNCH, "deadline": {"within": "5 wd"}, "remind": ["1 wd"]}])
    desk = a_desk(sop)
    desk.start()
    found = desk.case().deadlines["milestone:launch_day"]
    assert (found.due_at, found.owner) == (closing("2026-11-30"), "planner")
    assert found.reminders == (closing("2026-11-27"),)


def test_a_milestone_hangs_on_another_and_ends_when_it_is_reached() -> None:
    launch = {**LAUNCH, "deadline": {"within": "2 wd", "from": "milestone:briefed", "remind": ["1 wd"]}}
    sop = a_sop(milestones=[launch, BRIEFED])
    desk = a_desk(sop)
    desk.start(brief="新品")
    assert due(desk, "milestone:launch_day") is None
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert due(desk, "milestone:launch_day") == closing("2026-11-25")
    desk.advance("go_live")
    desk.sign("hua")
    desk.run()
    assert due(desk, "milestone:launch_day") is None


def with_task(**deadline: Any) -> Desk:
    sop = a_sop()
    sop["stages"][0]["tasks"][0]["deadline"] = deadline
    desk = a_desk(sop)
    desk.start(brief="新品")
    return desk


def test_a_task_of_its_own_deadline_is_flagged_and_told_to_whoever_does_it() -> None:
    desk = with_task(within="1 wd", escalate=[{"after": "1 wd", "to": "boss"}])
    assert desk.case().deadlines["task:write_brief"].owner == "planner"
    for _ in range(3):
        desk.clock.advance(timedelta(days=1))
        desk.sweep()
    told = [o.key.split("/", 2)[2] for o in desk.store.owed if "deadline" in o.key]
    assert told == ["deadline_overdue/pei", "deadline_escalated/bo"]
    assert "task_recurred" not in desk.kinds()


def test_a_task_done_has_no_deadline_and_reopened_it_has_it_again() -> None:
    desk = with_task(within="1 wd")
    task = {"case_id": desk.case().id, "task": "write_brief"}
    desk.do(cmd.CompleteTask(**task))
    assert due(desk, "task:write_brief") is None
    desk.clock.advance(timedelta(days=3))
    desk.do(cmd.ReopenTask(**task))
    assert due(desk, "task:write_brief") == closing("2026-11-24")


def test_the_same_date_said_twice_lays_no_second_deadline() -> None:
    desk = with_task(on="go_live_on")
    desk.set(go_live_on="2026-12-01")
    desk.set(go_live_on="2026-12-01", by="pei")
    sets = [e for e in desk.store.events["c1"] if isinstance(e.event, ev.DeadlineSet)]
    assert len(sets) == 1
