"""A campaign that can be taken to any of its stages; its values are those of one small spring campaign."""

from pydantic import JsonValue

from tests.unit.sop_definitions.case_walk import Walk

SOP = "campaign_execution_supervision"

GOAL: dict[str, JsonValue] = {
    "goal_type": "sales_growth",
    "metric": "orders",
    "target": "1000",
    "unit": "orders",
    "goal_due": "2026-06-30",
    "target_group": "young families",
    "budget_cap": "1000 CNY",
    "strategy_approved_on": "2026-01-05",
}
STRATEGY: dict[str, JsonValue] = {
    "channels": ["social"],
    "audience": "parents",
    "communication": "short films",
    "content": "spring offers",
    "time_window": {"start": "2026-05-01", "end": "2026-05-31"},
    "research_basis": "survey of the winter",
}
PLAN: dict[str, JsonValue] = {
    "schedule": [{"step": "Films online", "owner": "lin", "start": "2026-05-04", "end": "2026-05-08"}],
    "campaign_start": "2026-05-04",
    "campaign_end": "2026-05-29",
    "place": "online",
    "participants": "customers",
    "budget_lines": [{"item": "media", "amount": "600 CNY"}, {"item": "staffing", "amount": "400 CNY"}],
    "departments_confirmed": [{"department": "sales"}],
    "publicity_needed": False,
    "brand_activity": False,
}
RESOURCES: dict[str, JsonValue] = {
    "team": [{"member": "lin", "duty": "films"}],
    "materials": [{"name": "films", "ready": True}],
    "funds_ready": "1000 CNY",
    "training_needed": False,
    "rehearsal_needed": False,
}
INDICATORS: JsonValue = [{"name": "sales_volume", "target": "1000"}]
LOG: JsonValue = [{"at": "2026-05-04 10:00", "step": "Films online"}]
EVALUATION: dict[str, JsonValue] = {
    "period": {"start": "2026-05-04", "end": "2026-05-10"},
    "adjustment": "none",
    "spend_to_date": "100 CNY",
}
REPORT: dict[str, JsonValue] = {
    "progress": "40",
    "report_data": [{"name": "orders", "value": "400"}],
    "analysis": "on course",
    "management_feedback": "good",
}


def in_plan(settings: dict[str, JsonValue] | None = None) -> Walk:
    walk = Walk(SOP, {**GOAL, **STRATEGY, **PLAN}, settings=settings)
    for stage, transition in (("define_goal", "goal_set"), ("make_strategy", "proposal_approved")):
        walk.work(stage)
        walk.take(transition)
    walk.work("make_plan")
    return walk


def ready_to_start(settings: dict[str, JsonValue] | None = None) -> Walk:
    walk = in_plan(settings)
    walk.take("plan_approved")
    walk.give(**RESOURCES)
    walk.work("allocate_resources")
    return walk


def running(settings: dict[str, JsonValue] | None = None) -> Walk:
    walk = ready_to_start(settings)
    walk.give(indicators=INDICATORS)
    walk.work("set_indicators")
    walk.take("resources_ready")
    walk.give(execution_log=LOG)
    return walk


def in_report(decision: str, settings: dict[str, JsonValue] | None = None) -> Walk:
    walk = running(settings)
    walk.give(**EVALUATION)
    walk.work("evaluate_effect")
    walk.take("effect_evaluated")
    walk.give(findings="films work")
    walk.work("analyse_improve")
    walk.take("analysis_done")
    walk.give(**REPORT, decision=decision)
    walk.work("report_feedback")
    return walk


def in_summary() -> Walk:
    walk = running()
    walk.give(**EVALUATION)
    walk.work("implement", "evaluate_effect")
    walk.take("execution_done")
    return walk


def in_settlement() -> Walk:
    walk = in_summary()
    walk.give(goal_reached=True, attainment="104", effect="more orders", problems_met=[], suggestions=[])
    walk.work("summary_report")
    walk.take("report_approved")
    return walk


def in_archive() -> Walk:
    walk = in_settlement()
    walk.give(total_spent="0 CNY", variance="-1000 CNY")
    walk.work("expense_settlement")
    walk.take("expenses_settled")
    walk.give(lessons="films early", archive_no="A-1", backup_on="2026-06-20")
    walk.work("knowledge_archive")
    return walk
