"""The people who take a year's marketing through its seven stages, and how they do the work of each stage."""

from dataclasses import dataclass
from typing import Self

from pydantic import JsonValue

from tests.stories.house import House, RunningCase
from tests.stories.people import Paper, Person

SOP = "marketing_seven_stage"
CAMPAIGN = "campaign_execution_supervision"


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketingTeam:
    """Everybody who has a part. The company's leadership reads English."""

    house: House
    analyst: Person
    manager: Person
    head: Person
    leadership: Person
    leader: Person
    content: Person
    promotion: Person
    salesperson: Person
    service: Person

    @classmethod
    def moves_into(cls, house: House) -> Self:
        return cls(
            house=house,
            analyst=house.person("林晓", "analyst"),
            manager=house.person("何静", "marketing_manager", "finance"),
            head=house.person("许岚", "marketing_head", "sop_owner"),
            leadership=house.person("Mr Chen", "company_leadership", speaks="en"),
            leader=house.person("杜平", "leader"),
            content=house.person("叶子", "content_team"),
            promotion=house.person("罗军", "promotion_department", "planner", "executor"),
            salesperson=house.person("李雷", "salesperson"),
            service=house.person("白露", "customer_service"),
        )

    def researches_the_market(self, cycle: RunningCase) -> None:
        lin = self.analyst
        lin.fills(
            cycle,
            target_market="华东亲子家庭",
            demand_summary="周末短途游",
            competition_summary="三家同行，均重价格",
        )
        lin.fills(cycle, customer_profile="30–40 岁父母", buying_habits="周三比价，周五下单")
        lin.fills(cycle, goal_direction="提高复购", strategy_direction="以内容带动口碑")
        lin.completes(cycle)
        lin.attaches(cycle, "research_report", Paper("市场调研报告.pdf"))

    def makes_the_plan(self, cycle: RunningCase, *, budget: str) -> None:
        he = self.manager
        goal: JsonValue = {
            "metric": "复购率",
            "target": "30",
            "unit": "%",
            "due": "2026-12-31",
            "owner": he.id,
        }
        he.fills(cycle, goals=[goal], budget_total=f"{budget} CNY", strategy="内容先行，线下承接")
        he.fills(cycle, activities=[{"name": "五一亲子季"}])
        he.fills(cycle, responsibilities=[{"role": "内容", "user": self.content.id, "duty": "每周两篇"}])
        he.completes(cycle)
        he.attaches(cycle, "marketing_plan", Paper(f"营销计划书-{budget}.pdf"))

    def is_asked_to_pass_the_plan(self, cycle: RunningCase) -> None:
        """The plan meeting has held the plan against the company's means; the leadership now decides."""
        self.manager.fills(cycle, fits_resources=True, meets_expectation=True, budget_balanced=True)
        self.manager.advances(cycle, "plan_approved")

    def prepares_content(self, cycle: RunningCase, *, publish_on: str) -> None:
        ye = self.content
        ye.fills(cycle, content_items=[{"title": "亲子路线十选", "form": "guide", "publish_on": publish_on}])
        ye.completes(cycle)
        ye.attaches(cycle, "publicity_plan", Paper("宣传计划书.pdf"))

    def promotes(self, cycle: RunningCase, *, spent: str) -> None:
        luo = self.promotion
        luo.fills(
            cycle, online_channels=[{"channel": "social", "platform": "小红书", "spend": f"{spent} CNY"}]
        )
        luo.fills(cycle, crm_ready=True, crm_ready_on="2026-04-20")
        luo.completes(cycle)

    def follows_up_sales(self, cycle: RunningCase, *, won: int) -> None:
        li = self.salesperson
        li.fills(cycle, leads_received=420, deals_won=won, deals_amount=f"{won * 2000} CNY")
        li.completes(cycle, "handle_enquiries", "follow_leads", "agree_lead_standard")
        self.service.completes(cycle, "serve_after_sales")

    def judges_the_result(
        self, cycle: RunningCase, *, reached: str, effectiveness: str, decision: str
    ) -> None:
        lin = self.analyst
        lin.fills(cycle, kpi_actuals=[{"metric": "复购率", "target": "30", "actual": reached}])
        lin.fills(cycle, effectiveness=effectiveness, causes="短视频带来一半成交", decision=decision)
        lin.completes(cycle)
