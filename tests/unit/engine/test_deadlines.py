"""What is due is found once, told to the right people, and stops when handled."""

from datetime import UTC, datetime, timedelta
from typing import Any

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.refusal import Why
from engine.outbox import OwedMessage
from tests.factories import Desk, a_desk, a_sop


def _in_review(sop: dict[str, Any] | None = None, **settings: Any) -> Desk:
    desk = a_desk(sop, **settings)
    desk.start(brief="新品")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.advance("submit")
    desk.run()
    return desk


def _told(desk: Desk) -> list[str]:
    return [o.key.split("/", 2)[2] for o in desk.store.owed if "deadline" in o.key or "task_due" in o.key]


def test_an_unset_duration_means_no_deadline() -> None:
    assert _in_review().case().deadlines == {}


def test_a_deadline_is_reminded_flagged_once_and_escalated_once() -> None:
    desk = _in_review(review_time="2 wd")
    due = desk.case().deadlines["stage:2"]
    assert due.due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    for _ in range(6 * 24):
        desk.clock.advance(timedelta(hours=1))
        desk.sweep()
    assert _told(desk) == ["deadline_reminder/pei", "deadline_overdue/pei", "deadline_escalated/bo"]
    assert desk.case().deadlines["stage:2"].missed_at is not None


def test_after_downtime_the_overtaken_reminder_is_not_sent_any_more() -> None:
    desk = _in_review(review_time="2 wd")
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    assert _told(desk) == ["deadline_overdue/pei", "deadline_escalated/bo"]
    assert desk.sweep().events == ()


def _climbing(*after: str, to: tuple[str, ...] = ("boss",), **settings: Any) -> Desk:
    sop = a_sop()
    rungs = [{"after": span, "to": role} for span, role in zip(after, to * len(after), strict=False)]
    sop["stages"][1]["deadline"] |= {"remind": ["1 wd", "4 h"], "escalate": rungs}
    return _in_review(sop, review_time="2 wd", **settings)


def _rungs(desk: Desk) -> list[tuple[int, bool, tuple[str, ...]]]:
    found = [r.event for r in desk.store.events["c1"] if isinstance(r.event, ev.DeadlineEscalated)]
    return [(rung.level, rung.passed, rung.notify) for rung in found]


def test_after_downtime_only_the_highest_rung_tells_and_the_passed_ones_are_recorded() -> None:
    desk = _climbing("1 wd", "3 wd", "5 wd", "60 wd")
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    assert _rungs(desk) == [(1, True, ()), (2, True, ()), (3, False, ("bo",))]
    assert _told(desk) == ["deadline_overdue/pei", "deadline_escalated/bo"]
    assert desk.case().deadlines["stage:2"].escalated == 3
    desk.clock.advance(timedelta(days=90))
    desk.sweep()
    assert _rungs(desk)[3:] == [(4, False, ("bo",))]


def test_rungs_of_one_instant_all_tell() -> None:
    desk = _climbing("1 wd", "1 wd", to=("boss", "approver"))
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    assert [(level, passed) for level, passed, _ in _rungs(desk)] == [(1, False), (2, False)]


def test_who_is_told_of_the_escalation_is_not_told_as_well_that_it_is_overdue() -> None:
    desk = _climbing("1 wd", to=("planner",))
    desk.clock.advance(timedelta(days=30))
    desk.sweep()
    assert _told(desk) == ["deadline_escalated/pei"]


def test_messages_found_long_after_their_instant_are_marked_as_catching_up() -> None:
    desk = _climbing("1 wd")
    due = desk.case().deadlines["stage:2"]
    desk.clock.set(due.reminders[0] + timedelta(minutes=1))
    desk.sweep()
    desk.clock.set(due.due_at + timedelta(minutes=6))
    desk.sweep()
    marks = [dict(o.data).get("catch_up") for o in desk.store.owed if isinstance(o, OwedMessage)]
    told = [o.kind for o in desk.store.owed if isinstance(o, OwedMessage)]
    assert list(zip(told, marks, strict=True))[-2:] == [
        ("deadline_reminder", None),
        ("deadline_overdue", True),
    ]


def test_leaving_the_stage_ends_its_deadline() -> None:
    desk = _in_review(review_time="2 wd")
    desk.advance("rework", reason="改")
    assert "stage:2" not in desk.run().deadlines


def test_a_deadline_on_a_field_moves_with_the_field() -> None:
    sop = a_sop()
    sop["stages"][1]["deadline"] = {"on": "go_live_on"}
    desk = _in_review(sop)
    assert desk.case().deadlines == {}
    desk.set(go_live_on="2026-11-25")
    assert desk.case().deadlines["stage:2"].due_at == datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    desk.set(go_live_on="2026-11-27")
    assert desk.case().deadlines["stage:2"].due_at == datetime(2026, 11, 27, 10, 0, tzinfo=UTC)
    desk.set(go_live_on=None)
    assert desk.case().deadlines == {}


def test_a_hold_stops_the_clock_and_what_was_left_is_left_again() -> None:
    desk = _in_review(review_time="2 wd")
    before = desk.case().deadlines["stage:2"].due_at
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"))
    assert desk.case().deadlines["stage:2"].next_at is None
    desk.clock.advance(timedelta(days=7))
    assert desk.sweep().events == ()
    desk.do(cmd.ResumeCase(case_id=desk.case().id))
    assert desk.case().deadlines["stage:2"].due_at == before + timedelta(days=7)


def test_a_held_case_accepts_comment_resume_and_cancel_only() -> None:
    desk = _in_review()
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"))
    refusal = desk.set(budget="1 CNY").refusal
    assert refusal is not None
    assert (refusal.why, refusal.blockers[0].code) == (Why.BLOCKED, "case_held")
    assert desk.do(cmd.AddComment(case_id=desk.case().id, text="还在等")).refusal is None
    assert desk.advance("go_live").refusal is not None
    assert desk.advance("cancel", reason="不等了").refusal is None
    assert desk.run().outcome == "cancelled"


def test_a_hold_with_a_date_resumes_by_itself() -> None:
    from datetime import date

    desk = _in_review(review_time="2 wd")
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户", resume_on=date(2026, 11, 30)))
    desk.clock.set(datetime(2026, 11, 29, 16, 0, tzinfo=UTC))
    desk.sweep()
    assert desk.case().status == "open"


def test_what_was_ready_when_the_hold_began_is_ready_again_after_it() -> None:
    desk = _in_review()
    desk.advance("go_live")
    desk.sign("hua")
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="等客户"))
    desk.run()
    assert desk.case().at("live") is None
    desk.do(cmd.ResumeCase(case_id=desk.case().id))
    assert desk.run().at("live") is not None


def test_a_recurring_task_comes_round_and_a_missed_round_is_told() -> None:
    sop = a_sop()
    sop["stages"][1]["tasks"] = [{"id": "call", "zh": "回访", "every": "1 wd"}]
    desk = _in_review(sop)
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="call"))
    desk.clock.advance(timedelta(days=1, hours=10))
    desk.sweep()
    assert (desk.case().tasks["call"].occurrence, desk.case().tasks["call"].state) == (2, "open")
    desk.clock.advance(timedelta(days=10))
    desk.sweep()
    recurred = [e.event for e in desk.store.events["c1"] if isinstance(e.event, ev.TaskRecurred)]
    assert [(e.occurrence, e.missed) for e in recurred] == [(2, False), (3, True)]
    assert _told(desk) == ["task_due/pei", "task_due/pei"]


def _with_milestone(**parts: Any) -> dict[str, Any]:
    spec = {"id": "launch_day", "zh": "上线", "entered": "live", "planned": "go_live_on", "owner": "planner"}
    return a_sop(
        milestones=[{**spec, "remind": ["1 wd"], "escalate": [{"after": "1 wd", "to": "boss"}], **parts}]
    )


def test_a_milestone_goes_overdue_is_flagged_once_reminded_and_escalated() -> None:
    desk = _in_review(_with_milestone())
    desk.set(go_live_on="2026-11-25")
    for _ in range(10):
        desk.clock.advance(timedelta(hours=12))
        desk.sweep()
    assert _told(desk) == ["deadline_reminder/pei", "deadline_overdue/pei", "deadline_escalated/bo"]


def test_a_milestone_reached_is_recorded_once_and_its_clock_ends() -> None:
    desk = _in_review(_with_milestone())
    desk.set(go_live_on="2026-11-25")
    desk.advance("go_live")
    desk.sign("hua")
    case = desk.run()
    assert str(case.milestones["launch_day"].reached_on) == "2026-11-23"
    assert "milestone:launch_day" not in case.deadlines


def test_milestones_people_list_in_a_field_each_have_their_clock() -> None:
    columns = {"name": "text", "due": "date", "done_on": "date"}
    sop = a_sop(
        milestones=[
            {"id": "steps", "each": {"field": "steps", "name": "name", "due": "due", "done": "done_on"}}
        ]
    )
    sop["fields"]["steps"] = {"type": "list", "of": {"type": "record", "fields": columns}}
    desk = _in_review(sop)
    desk.set(steps=[{"name": "样稿", "due": "2026-11-24"}, {"name": "终稿", "due": "2026-11-25"}])
    assert set(desk.case().deadlines) == {"milestone:steps/1", "milestone:steps/2"}
    desk.set(steps=[{"name": "样稿", "due": "2026-11-24", "done_on": "2026-11-23"}])
    case = desk.case()
    assert set(case.deadlines) == set()
    assert case.milestones["steps/1"].reached_on is not None


def test_a_planned_date_without_a_field_is_given_by_hand() -> None:
    from datetime import date

    desk = _in_review(a_sop(milestones=[{"id": "launch_day", "zh": "上线", "entered": "live"}]))
    desk.do(cmd.PlanMilestone(case_id=desk.case().id, milestone="launch_day", planned=date(2026, 11, 26)))
    assert "milestone:launch_day" in desk.case().deadlines


def _cycling(**settings: Any) -> Desk:
    sop = a_sop(
        tracks={
            "work": {"start": "brief_stage"},
            "watch": {"start": "check", "cycle": {"stages": ["check", "report"], "every": "$review_time"}},
        }
    )
    for stage in sop["stages"]:
        stage["track"] = "work"
    sop["stages"] += [
        {"id": "check", "zh": "检查", "track": "watch", "owner": "boss"},
        {"id": "report", "zh": "汇报", "track": "watch", "owner": "boss"},
    ]
    sop["transitions"].append({"id": "checked", "from": "check", "to": "report"})
    desk = a_desk(sop, **settings)
    desk.start()
    return desk


def test_a_repeating_track_goes_round_on_its_date() -> None:
    desk = _cycling(review_time="2 wd")
    desk.advance("checked")
    desk.run()
    desk.clock.set(desk.case().deadlines["cycle:watch"].due_at)
    desk.sweep()
    visit = desk.run().at("check")
    assert visit is not None
    assert desk.case().deadlines["cycle:watch"].due_at > desk.clock.now()


def test_a_round_that_is_not_finished_on_its_date_is_flagged_and_catches_up_later() -> None:
    desk = _cycling(review_time="2 wd")
    desk.clock.set(desk.case().deadlines["cycle:watch"].due_at)
    desk.sweep()
    assert _told(desk) == ["deadline_overdue/bo"]
    desk.advance("checked")
    desk.run()
    assert desk.run().at("check") is not None


def test_a_round_finished_before_its_date_is_never_called_late() -> None:
    desk = _cycling(review_time="2 wd")
    desk.advance("checked")
    desk.run()
    desk.clock.set(desk.case().deadlines["cycle:watch"].due_at)
    desk.sweep()
    desk.clock.advance(timedelta(minutes=1))
    desk.sweep()
    assert _told(desk) == []
    assert desk.run().at("check") is not None


def test_without_a_cadence_the_next_round_is_taken_by_hand() -> None:
    desk = _cycling()
    desk.advance("checked")
    desk.run()
    assert desk.advance("watch_cycle").refusal is None
    assert desk.run().at("check") is not None


def test_a_track_that_ends_has_no_next_round_to_be_late_for() -> None:
    desk = _cycling(review_time="2 wd")
    desk.advance("cancel", reason="x")
    assert desk.run().deadlines == {}
