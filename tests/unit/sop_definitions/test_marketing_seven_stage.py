"""The marketing SOP in seven stages against what the method says."""

import pytest
from pydantic import JsonValue

from engine.case import commands as cmd
from engine.ids import CaseId
from tests.unit.sop_definitions.shipped import (
    Company,
    amounts,
    demanded,
    incomplete,
    loops,
    of_stage,
    shipped,
)

NAME = "marketing_seven_stage"
STAGES = (
    "market_research",
    "plan_making",
    "content_brand",
    "online_offline_promotion",
    "sales_followup_service",
    "data_analysis_optimisation",
    "continuous_improvement",
)
# Every field the method's stages ask for, and in which stage the ones that must be given are given.
DEMANDED = {
    "market_research": "target_market demand_summary competition_summary customer_profile buying_habits "
    "goal_direction strategy_direction",
    "plan_making": "goals budget_total strategy activities responsibilities",
    "content_brand": "content_items",
    "online_offline_promotion": "online_channels crm_ready crm_ready_on",
    "sales_followup_service": "leads_received deals_won deals_amount",
    "data_analysis_optimisation": "kpi_actuals effectiveness decision causes",
    "continuous_improvement": "trends customer_feedback improvement_items",
}
FREE = (
    "market_size competitors segments methods research_period owner budget_lines site_changes "
    "brand_awareness followers reads interaction_rate offline_events leads_followed open_tickets "
    "satisfaction first_response_at adjustments opportunities next_cycle_start"
)
JUDGED = {
    "fits_resources": True,
    "meets_expectation": True,
    "budget_balanced": True,
    "review_on": "2026-11-23",
}


def test_every_element_has_both_languages_and_says_where_it_comes_from():
    assert incomplete(shipped(NAME).sop) == []


def test_no_amount_of_time_or_money_is_written_down():
    assert amounts(NAME) == []


def test_seven_stages_stand_in_the_method_s_order_with_three_tasks_each():
    sop = shipped(NAME).sop
    assert tuple(stage.id for stage in sop.stages) == STAGES
    assert of_stage(sop, "S") == dict.fromkeys(STAGES, 3)


def test_a_stage_is_left_only_with_the_fields_the_method_asks_for():
    sop = shipped(NAME).sop
    assert {stage: demanded(sop, stage) for stage in STAGES} == {
        s: set(f.split()) for s, f in DEMANDED.items()
    }
    assert {*" ".join(DEMANDED.values()).split(), *FREE.split()} <= sop.fields.keys()


def test_six_approvals_stand_here_and_the_other_two_in_the_children():
    sop = shipped(NAME).sop
    asked = {a.id: (t.id, [by.role for by in a.by], a.source) for t in sop.transitions for a in t.approvals}
    assert asked == {
        "direction_approval": ("research_done", ["marketing_head"], "I"),
        "plan_approval": ("plan_approved", ["company_leadership"], "B:marketing_dept_regulation"),
        "publicity_approval": ("content_ready", ["leader"], "B:promotion_dept_regulation"),
        "plan_adjustment": ("adjust_plan", ["company_leadership"], "I"),
        "change_or_cancel": ("cancel", ["marketing_head"], "B:marketing_dept_regulation"),
        "sop_version_approval": ("release_sop_version", ["marketing_head"], "I"),
    }
    assert {name: (c.sop, c.at, c.mandatory) for name, c in sop.children.items()} == {
        "campaign": ("campaign_execution_supervision", "online_offline_promotion", True),
        "sales_project": ("sales_project_ten_stage", "sales_followup_service", False),
        "over_budget_request": ("over_budget_request", None, False),
    }


def test_the_loops_lead_back_where_the_method_says():
    sop = shipped(NAME).sop
    assert loops(sop) == {
        ("plan_returned", "plan_making", "plan_making"),
        ("adjust_plan", "data_analysis_optimisation", "plan_making"),
        ("adjust_tactics_content", "data_analysis_optimisation", "content_brand"),
        ("adjust_tactics_promotion", "data_analysis_optimisation", "online_offline_promotion"),
    }
    assert {t.id: t.opens.sop for t in sop.transitions if t.opens} == {"next_cycle": NAME}


def test_a_cycle_ends_completed_or_from_anywhere_cancelled_and_may_be_held_anywhere():
    sop = shipped(NAME).sop
    exits = {t.id: (t.from_, t.exit) for t in sop.transitions if t.exit}
    assert exits == {
        "next_cycle": ("continuous_improvement", "completed"),
        "close_cycle": ("continuous_improvement", "completed"),
        "cancel": ("any", "cancelled"),
    }
    assert sop.hold.stages is None


def test_every_stage_has_its_own_time_limit_as_a_setting():
    limits = {s.id: s.deadline.within if s.deadline else None for s in shipped(NAME).sop.stages}
    assert limits == {stage: f"${stage}_time" for stage in STAGES}


PATH = (
    ("research_done", ("marketing_head",)),
    ("plan_approved", ("company_leadership",)),
    ("content_ready", ("leader",)),
    ("promotion_running_or_done", ()),
    ("data_due", ()),
    ("evaluated", ()),
)


def up_to(stage: str, **settings: object) -> Company:
    """A cycle worked through to this stage; every setting that is not given is unset."""
    company = Company(NAME, "campaign_execution_supervision", "over_budget_request", **settings)
    company.fill(**JUDGED)
    for move, signers in PATH:
        if company.stage == stage:
            return company
        company.work()
        company.take(move, *signers)
    assert company.stage == stage
    return company


def test_a_cycle_runs_through_all_seven_stages_and_opens_the_next_with_its_improvement_items():
    company = up_to("continuous_improvement")
    company.work()
    assert company.take("next_cycle") == "completed"
    opened = [r.event for r in company.desk.store.events["c1"] if r.event.kind == "child_opened"]
    carried = company.desk.case().values["improvement_items"]
    assert [(e.sop, e.values["carried_items"], e.values["crm_ready"]) for e in opened] == [
        (NAME, carried, True)
    ]


def test_the_direction_is_approved_unless_the_company_has_chosen_otherwise():
    company = Company(NAME, direction_needs_approval=False)
    company.work()
    assert company.take("research_done") == "plan_making"


def test_leadership_s_no_returns_the_plan_as_a_new_version_to_be_balanced_again():
    company = up_to("plan_making")
    company.work()
    assert company.take("plan_approved", refused_by="company_leadership") == "plan_making"
    assert company.desk.case().counters == {"plan_version": 1}
    company.work()
    assert company.blocked("plan_approved") == {"field_missing"}


def test_budget_lines_that_exceed_the_total_hold_the_plan():
    company = up_to("plan_making")
    company.work(budget_lines=[{"channel_or_project": "展会", "amount": "101 CNY"}])
    assert company.blocked("plan_approved") == {"guard_false"}


def test_a_crm_that_exists_already_lets_its_task_be_waived_with_a_reason():
    company = up_to("online_offline_promotion")
    for task in ("improve_search_social", "run_offline"):
        company.fill(online_channels=[{"channel": "seo", "spend": "1 CNY"}], crm_ready=True)
        company.do(cmd.CompleteTask(case_id=CaseId("c1"), task=task))
    company.do(cmd.WaiveTask(case_id=CaseId("c1"), task="set_up_crm", reason="上一轮已建成"))
    assert company.take("promotion_running_or_done") == "sales_followup_service"


def test_an_open_campaign_holds_the_promotion_stage():
    company = up_to("online_offline_promotion")
    company.work()
    company.do(cmd.OpenChild(case_id=CaseId("c1"), child="campaign", title="双十一"))
    assert company.blocked("promotion_running_or_done") == {"child_open"}


def test_spending_above_the_budget_is_refused_until_it_is_granted():
    company = up_to("online_offline_promotion")
    over: dict[str, JsonValue] = {
        "online_channels": [{"channel": "sem", "spend": "60 CNY"}],
        "offline_events": [{"name": "展会", "cost": "50 CNY"}],
    }
    refusal = company.desk.do(cmd.SetFields(case_id=CaseId("c1"), values=over)).refusal
    assert refusal is not None
    assert [(b.code, b.subject) for b in refusal.blockers] == [
        ("rule_broken_remedy", "spending_within_budget")
    ]
    company.do(cmd.OpenChild(case_id=CaseId("c1"), child="over_budget_request", title="追加"))
    child = next(iter(company.desk.case().children))
    granted = cmd.RecordChildClosed(
        case_id=CaseId("c1"),
        child=CaseId(child),
        outcome="granted",
        values={"amount": {"amount": "10", "currency": "CNY"}},
    )
    assert company.desk.do(granted, by="rule").refusal is None
    company.fill(**over)


@pytest.mark.parametrize(
    ("decision", "move", "stage", "counter"),
    [
        ("adjust_tactics", "adjust_tactics_content", "content_brand", "tactics_version"),
        ("adjust_tactics", "adjust_tactics_promotion", "online_offline_promotion", "tactics_version"),
        ("adjust_plan", "adjust_plan", "plan_making", "plan_version"),
    ],
)
def test_the_evaluation_s_decision_leads_back(decision: str, move: str, stage: str, counter: str):
    company = up_to("data_analysis_optimisation")
    company.work(decision=decision, adjustments="收缩渠道", within_strategy=True)
    assert company.take(move) == stage
    assert company.desk.case().counters == {counter: 1}


def test_an_adjustment_beyond_the_strategy_asks_leadership_again():
    company = up_to("data_analysis_optimisation")
    company.work(decision="adjust_plan", adjustments="换目标市场", within_strategy=False)
    assert company.take("adjust_plan") == "data_analysis_optimisation"
    assert [a.spec for a in company.desk.case().approvals.values() if a.state == "open"] == [
        "plan_adjustment"
    ]


def test_data_are_due_on_the_review_date_and_not_before():
    company = up_to("sales_followup_service")
    company.work(review_on="2026-11-24")
    assert company.blocked("data_due") == {"guard_false"}


def test_a_new_sop_version_is_released_without_leaving_the_stage():
    company = up_to("continuous_improvement")
    company.fill(sop_changes="合并两张表")
    assert company.take("release_sop_version", "marketing_head") == "continuous_improvement"
    assert company.desk.case().counters == {"sop_releases": 1}


def test_cancelling_asks_the_marketing_head_from_any_stage():
    assert up_to("content_brand").take("cancel", "marketing_head") == "cancelled"
