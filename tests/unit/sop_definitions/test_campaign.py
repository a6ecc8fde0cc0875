"""A campaign walked through: two tracks side by side, its loops, its exits, its children."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import CaseStatus, Verdict
from tests.unit.sop_definitions.campaigns import (
    EVALUATION,
    GOAL,
    INDICATORS,
    SOP,
    STRATEGY,
    in_archive,
    in_plan,
    in_report,
    in_summary,
    ready_to_start,
    running,
)
from tests.unit.sop_definitions.case_walk import Walk


def test_setting_the_goal_opens_supervision_beside_the_strategy() -> None:
    walk = Walk(SOP, GOAL)
    walk.work("define_goal")
    walk.take("goal_set")

    assert walk.places == {"make_strategy", "set_indicators"}


def test_indicators_without_a_goal_are_refused() -> None:
    walk = Walk(SOP)

    assert walk.blocked(cmd.SetFields(case_id=walk.id, values={"indicators": INDICATORS})) == {
        ("rule_broken", "goal_before_indicators")
    }


def test_a_proposal_turned_down_is_reworked_under_a_new_version() -> None:
    walk = Walk(SOP, {**GOAL, **STRATEGY})
    walk.work("define_goal")
    walk.take("goal_set")
    walk.work("make_strategy")
    walk.ask("proposal_approved")
    walk.decide_all(Verdict.REJECT)

    assert walk.places == {"make_strategy", "set_indicators"}
    assert walk.case.counters == {"proposal_version": 1}


def test_the_goal_can_be_set_anew_while_supervision_stays_open() -> None:
    walk = Walk(SOP, GOAL)
    walk.work("define_goal")
    walk.take("goal_set")
    walk.take("goal_reopened")
    assert walk.places == {"define_goal", "set_indicators"}
    walk.work("define_goal")
    walk.take("goal_set")

    assert walk.places == {"make_strategy", "set_indicators"}


def test_the_leader_is_asked_only_where_publicity_is_needed() -> None:
    walk = in_plan()
    without = walk.ask("plan_approved")
    walk.give(publicity_needed=True)
    asked = {a.spec for a in walk.case.approvals.values()}

    assert without == {"plan_approval", "budget_approval"}
    assert asked == {"plan_approval", "budget_approval", "publicity_approval"}


def test_a_plan_above_the_ceiling_is_not_put_to_approval() -> None:
    walk = in_plan()
    walk.give(budget_cap="900 CNY")

    assert walk.blocked(walk.request("plan_approved")) == {("guard_false", "plan_approved")}


def test_one_refused_gate_sends_the_plan_back() -> None:
    walk = in_plan()
    walk.ask("plan_approved")
    walk.decide_all(Verdict.REJECT)

    assert walk.places == {"make_plan", "set_indicators"}
    assert walk.case.counters["plan_version"] == 1


def test_nothing_starts_before_the_indicators_are_set() -> None:
    walk = ready_to_start()

    assert ("field_missing", "indicators") in walk.blocked(walk.request("resources_ready"))


def test_monitoring_starts_by_itself_once_the_campaign_runs() -> None:
    assert running().places == {"implement", "evaluate_effect"}


def test_a_training_that_is_needed_must_have_been_held() -> None:
    walk = ready_to_start()
    walk.give(indicators=INDICATORS, training_needed=True)
    walk.work("set_indicators")
    assert ("field_missing", "training_done_on") in walk.blocked(walk.request("resources_ready"))
    walk.give(training_done_on="2026-04-30")
    walk.take("resources_ready")

    assert "implement" in walk.places


def test_a_review_leads_through_analysis_and_report_to_the_next_review() -> None:
    walk = in_report("continue")
    walk.take("supervision_cycle")

    assert walk.places == {"implement", "evaluate_effect"}
    assert "adjustment" not in walk.case.values


def test_the_next_review_begins_by_itself_when_its_date_has_come() -> None:
    walk = in_report("continue", {"review_every": "7 d"})
    walk.wait(timedelta(days=6))
    assert "report_feedback" in walk.places
    walk.wait(timedelta(days=2))

    assert "evaluate_effect" in walk.places


@pytest.mark.parametrize(
    ("transition", "stage"), [("optimise_strategy", "make_strategy"), ("optimise_plan", "make_plan")]
)
def test_a_problem_moves_execution_back_while_supervision_goes_on(transition: str, stage: str) -> None:
    walk = running()
    assert walk.blocked(walk.request(transition, "why")) >= {("field_missing", "adjustment")}
    walk.give(**EVALUATION | {"adjustment": "plan_change", "problems": "nobody watches"})
    walk.take(transition)

    assert walk.places == {stage, "evaluate_effect"}


def test_a_campaign_sent_back_to_its_plan_gets_running_and_closes_again() -> None:
    walk = running()
    walk.give(**EVALUATION | {"adjustment": "plan_change", "problems": "nobody watches"})
    walk.take("optimise_plan")
    for stage, transition in (("make_plan", "plan_approved"), ("allocate_resources", "resources_ready")):
        walk.work(stage)
        walk.take(transition)
    walk.work("implement", "evaluate_effect")
    walk.take("execution_done")

    assert walk.places == {"summary_report"}


@pytest.mark.parametrize(
    ("transition", "stage"),
    [
        ("management_to_strategy", "make_strategy"),
        ("management_to_plan", "make_plan"),
        ("management_to_execution", "implement"),
    ],
)
def test_management_adjusts_strategy_plan_or_execution(transition: str, stage: str) -> None:
    walk = in_report("adjust")
    walk.take(transition)

    assert walk.places == {stage, "report_feedback"}


def test_the_campaign_stops_only_on_the_decision_to_stop_and_with_consent() -> None:
    walk = in_report("continue")
    assert ("guard_false", "stop") in walk.blocked(walk.request("stop", "why"))
    walk.give(decision="stop")
    assert walk.ask("stop") == {"change_approval"}
    walk.decide_all()

    assert (walk.case.status, walk.case.outcome) == (CaseStatus.CLOSED, "stopped")


@pytest.mark.parametrize("start", [in_plan, running, in_summary])
def test_a_campaign_is_cancelled_from_anywhere_with_the_heads_consent(start: Callable[[], Walk]) -> None:
    walk = start()
    walk.ask("cancel")
    walk.decide_all()

    assert walk.case.outcome == "cancelled"


def test_a_cancellation_the_head_refuses_leaves_the_campaign_where_it_is() -> None:
    walk = running()
    walk.ask("cancel")
    walk.decide_all(Verdict.REJECT)

    assert walk.places == {"implement", "evaluate_effect"}


@pytest.mark.parametrize("start", [in_plan, running, in_summary])
def test_a_campaign_can_be_put_on_hold_at_any_time(start: Callable[[], Walk]) -> None:
    walk = start()
    walk.do(cmd.HoldCase(case_id=walk.id, reason="storm"))

    assert walk.case.status is CaseStatus.HELD


def test_an_open_incident_keeps_the_campaign_running_until_it_is_handled() -> None:
    walk = running()
    child = walk.open_child("incident")
    walk.give(**EVALUATION)
    walk.work("implement", "evaluate_effect")
    assert walk.blocked(walk.request("execution_done")) == {("guard_false", "execution_done")}
    told: dict[str, JsonValue] = {
        "occurred_at": "2026-05-05T02:00:00Z",
        "reported_at": "2026-05-05T02:10:00Z",
        "description": "hall flooded",
        "instruction": "move",
        "measure": "moved next door",
    }
    walk.close_child(child, "closed", **told)
    assert walk.case.counters["incidents_handled"] == 1
    assert walk.case.values["incidents"] == [told]
    walk.take("execution_done")

    assert walk.places == {"summary_report"}


def test_feedback_must_be_answered_before_the_campaign_ends() -> None:
    walk = running()
    walk.give(**EVALUATION, feedback=[{"at": "2026-05-05 10:00", "text": "too long"}])
    walk.work("implement", "evaluate_effect")
    assert walk.blocked(walk.request("execution_done")) == {("guard_false", "execution_done")}
    walk.give(feedback=[{"at": "2026-05-05 10:00", "text": "too long", "answered_at": "2026-05-05 11:00"}])
    walk.take("execution_done")

    assert walk.places == {"summary_report"}


def test_the_end_needs_a_last_evaluation_of_its_own() -> None:
    walk = in_report("continue")
    walk.take("supervision_cycle")
    walk.work("implement")

    assert walk.blocked(walk.request("execution_done")) >= {
        ("task_open", "compare_with_goal"),
        ("field_missing", "adjustment"),
    }


def test_a_campaign_without_any_expense_closes() -> None:
    walk = in_archive()
    walk.take("close")

    assert (walk.case.status, walk.case.outcome) == (CaseStatus.CLOSED, "completed")


def test_lessons_open_the_next_campaign_with_its_improvement_items() -> None:
    walk = in_archive()
    items: JsonValue = [{"text": "films earlier", "status": "open"}]
    assert walk.blocked(walk.request("lessons_forward")) == {("field_missing", "improvement_items")}
    walk.give(improvement_items=items)
    walk.take("lessons_forward")
    opened = [event for event in walk.events if isinstance(event, ev.ChildOpened)][-1]
    successor = Walk(SOP, opened.values)

    assert opened.sop == SOP
    assert walk.case.outcome == "completed"
    assert successor.case.values == {"previous_lessons": "films early", "carried_items": items}


def test_a_step_of_the_approved_plan_is_reported_done_though_the_plan_binds() -> None:
    walk = running()
    step: dict[str, JsonValue] = {"step": "Films online", "owner": "lin", "start": "2026-05-04"}
    step["end"] = "2026-05-08"
    walk.give(schedule=[step | {"done_on": "2026-05-07"}])

    assert str(walk.case.milestones["plan_step/1"].reached_on) == "2026-05-07"
    later = cmd.SetFields(case_id=walk.id, values={"schedule": [step | {"end": "2026-05-15"}]})
    assert walk.blocked(later) == {("field_locked", "schedule")}


def test_milestones_are_planned_from_the_plan_and_reached_once() -> None:
    walk = in_summary()
    known = walk.case.milestones

    assert {name for name, milestone in known.items() if milestone.planned} == {
        "campaign_started",
        "execution_finished",
        "plan_step/1",
    }
    assert known["campaign_started"].reached_on == known["execution_finished"].reached_on == walk.now.date()
