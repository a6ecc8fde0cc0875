"""The people around a campaign, what they write down, and the rounds in which it is supervised."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Self

from pydantic import JsonValue

from tests.stories.house import House, RunningCase
from tests.stories.people import Paper, Person
from tests.waiting import eventually

SOP = "campaign_execution_supervision"
GOAL: dict[str, JsonValue] = {
    "goal_type": "sales_growth",
    "metric": "春季新品销量",
    "baseline": "8000",
    "target": "10000",
    "unit": "件",
    "goal_due": "2026-04-30",
    "target_group": "有幼儿的年轻家庭",
    "budget_cap": "60000 CNY",
    "strategy_approved_on": "2026-01-15",
}
STRATEGY: dict[str, JsonValue] = {
    "channels": ["social", "offline_event"],
    "audience": "一二线城市的年轻父母",
    "communication": "短视频与门店体验",
    "content": "春季新品试用",
    "time_window": {"start": "2026-03-09", "end": "2026-04-03"},
    "research_basis": "去年冬季问卷",
}
PLAN: dict[str, JsonValue] = {
    "campaign_start": "2026-03-09",
    "campaign_end": "2026-04-03",
    "place": "线上与十家门店",
    "participants": "老会员与新客",
    "budget_lines": [{"item": "media", "amount": "40000 CNY"}, {"item": "materials", "amount": "20000 CNY"}],
    "publicity_needed": True,
    "brand_activity": False,
}
STEPS = (("试用装到店", "2026-03-13"), ("短视频上线", "2026-03-27"))
RESOURCES: dict[str, JsonValue] = {
    "team": [{"member": "executor", "duty": "统筹执行"}],
    "materials": [{"name": "试用装", "quantity": 3000, "ready": True}],
    "funds_ready": "60000 CNY",
    "training_needed": True,
    "training_done_on": "2026-03-02",
    "rehearsal_needed": False,
}
SUMMARY: dict[str, JsonValue] = {
    "goal_reached": True,
    "attainment": "104",
    "effect": "新品销量 10400 件",
    "problems_met": ["第三轮评估晚了"],
    "suggestions": [{"text": "评估日提前写进日历"}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignTeam:
    """Everybody who has a part, each under the name of the role. The head of marketing reads English."""

    house: House
    planner: Person
    executor: Person
    superior_reviewer: Person
    superior_manager: Person
    leader: Person
    marketing_head: Person
    management: Person
    promotion_department: Person
    data_team: Person
    budget_approver: Person
    supervisor: Person
    claim_approver: Person
    finance: Person

    @classmethod
    def moves_into(cls, house: House) -> Self:
        return cls(
            house=house,
            planner=house.person("林悦", "planner"),
            executor=house.person("高翔", "executor", "applicant"),
            superior_reviewer=house.person("秦岚", "superior_reviewer"),
            superior_manager=house.person("严立", "superior_manager", "superior"),
            leader=house.person("何沛", "leader"),
            marketing_head=house.person("Ms Liu", "marketing_head", speaks="en"),
            management=house.person("马总", "management", "sop_owner"),
            promotion_department=house.person("苏晴", "promotion_department"),
            data_team=house.person("江波", "data_team"),
            budget_approver=house.person("钱颖", "budget_approver"),
            supervisor=house.person("沈静", "supervisor"),
            claim_approver=house.person("丁慧", "claim_approver"),
            finance=house.person("吴芳", "finance"),
        )

    def does_the_work_of(self, case: RunningCase, *stages: str) -> None:
        """The checklists of these stages are worked off, each task by whoever's it is."""
        states = {task["id"]: task["state"] for task in self.executor.looks_at(case)["tasks"]}
        for stage in (case.definition.stages[name] for name in stages):
            for task in (each for each in stage.tasks if states[each.id] == "open"):
                self.who_is(task.role or stage.owner).completes(case, task.id)

    def who_is(self, role: str | None) -> Person:
        return getattr(self, role or "executor")

    def wait_for(self, case: RunningCase, stage: str) -> None:
        """A move was asked for that needs nobody's consent: it is made in a moment."""

        def is_there() -> bool:
            return stage in {each["stage"] for each in self.executor.looks_at(case)["positions"]}

        eventually(is_there, f"{case.title} to stand in {stage}", limit=30)

    def has_a_goal(self, title: str) -> RunningCase:
        campaign = self.planner.starts(SOP, title, **GOAL)
        self.does_the_work_of(campaign, "define_goal")
        self.planner.advances(campaign, "goal_set")
        return campaign

    def has_one_running(self, title: str) -> RunningCase:
        """The short way to a campaign that has begun, all of whose gates were opened from the mail."""
        campaign = self.has_a_goal(title)
        self.wait_for(campaign, "make_strategy")
        self.planner.fills(campaign, **STRATEGY)
        self.planner.attaches(campaign, "planning_proposal", Paper("策划方案.pdf"))
        self.does_the_work_of(campaign, "make_strategy")
        self.planner.advances(campaign, "proposal_approved")
        self.superior_reviewer.signs_from_mail("策划方案审核")
        self.wait_for(campaign, "make_plan")
        self.plan_is_approved(campaign)
        self.wait_for(campaign, "allocate_resources")
        self.indicators_are_set(campaign)
        self.house.day_comes("2026-03-09")
        self.resources_are_ready(campaign)
        return campaign

    def indicators_are_set(self, campaign: RunningCase) -> None:
        sales: JsonValue = {"name": "sales_volume", "source": "system_data", "target": "10000"}
        self.supervisor.fills(campaign, indicators=[sales])
        self.does_the_work_of(campaign, "set_indicators")

    def resources_are_ready(self, campaign: RunningCase) -> None:
        self.executor.fills(campaign, **RESOURCES)
        self.does_the_work_of(campaign, "allocate_resources")
        self.executor.advances(campaign, "resources_ready")
        self.supervisor.signs_from_mail("就绪确认")

    def schedule(self, *done_on: str) -> list[JsonValue]:
        """The steps of the plan; those that have been done say when."""
        steps: list[JsonValue] = []
        for (step, end), done in zip_longest(STEPS, done_on):
            row: dict[str, JsonValue] = {"step": step, "owner": self.executor.id, "start": "2026-03-09"}
            steps.append(row | {"end": end} | ({"done_on": done} if done else {}))
        return steps

    def plan_is_approved(self, campaign: RunningCase, plan: Mapping[str, JsonValue] = PLAN) -> None:
        """The plan, its budget and its publicity each have somebody of their own who agrees."""
        by: JsonValue = {"department": "销售部", "by": self.superior_manager.id, "on": "2026-03-02"}
        self.executor.fills(campaign, **plan, schedule=self.schedule(), departments_confirmed=[by])
        self.does_the_work_of(campaign, "make_plan")
        for paper in ("execution_plan", "budget_application", "publicity_plan"):
            self.executor.attaches(campaign, paper, Paper(f"{paper}.pdf"))
        self.executor.advances(campaign, "plan_approved")
        self.superior_reviewer.signs_from_mail("执行计划审核")
        self.budget_approver.signs_from_mail("预算审批")
        self.leader.signs_from_mail("宣传计划书审批")

    def review_is_held(self, campaign: RunningCase, *, progress: int, spent: str) -> None:
        """One round of supervision: evaluated, analysed, reported; management lets the campaign go on."""
        self.effect_is_evaluated(campaign, spent=spent)
        self.superior_manager.advances(campaign, "effect_evaluated")
        self.wait_for(campaign, "analyse_improve")
        self.data_team.fills(campaign, findings="短视频带来的试用最多")
        self.does_the_work_of(campaign, "analyse_improve")
        self.data_team.advances(campaign, "analysis_done")
        self.wait_for(campaign, "report_feedback")
        figures: JsonValue = [{"name": "销量", "value": str(100 * progress), "unit": "件"}]
        report = self.promotion_department
        report.fills(campaign, progress=str(progress), report_data=figures, analysis="按计划推进")
        report.attaches(campaign, "status_report", Paper(f"汇报-{progress}.pdf"))
        self.management.fills(campaign, management_feedback="继续", decision="continue")
        self.does_the_work_of(campaign, "report_feedback")

    def effect_is_evaluated(self, campaign: RunningCase, *, spent: str) -> None:
        yan, period = self.superior_manager, {"start": "2026-03-09", "end": str(self.house.today)}
        yan.fills(campaign, period=period, adjustment="none", spend_to_date=f"{spent} CNY")
        self.does_the_work_of(campaign, "evaluate_effect")
