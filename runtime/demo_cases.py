"""The cases of the demonstration. Dates lie around the present day, so that something is always late and
something soon.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from pydantic import JsonValue

from runtime.demo_walk import SHANGHAI, Walk
from runtime.wiring import Parts

SALES: Final = "sales_project_ten_stage"
MARKETING: Final = "marketing_seven_stage"
CAMPAIGN: Final = "campaign_execution_supervision"
Values = Mapping[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Days:
    """Days counted from today."""

    today: date

    def on(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def period(self, first: int, last: int) -> dict[str, JsonValue]:
        return {"start": self.on(first), "end": self.on(last)}


def open_all(parts: Parts) -> None:
    days = Days(parts.clock.now().astimezone(SHANGHAI).date())
    for case in CASES:
        case(parts, days)


def negotiation(parts: Parts, days: Days) -> None:
    """Waits for the sales manager: the discount is beyond what needs no approval."""
    walk = _confirmed(parts, days, "华东精密 MES 升级项目", since=46)
    walk.on(3).give(
        {
            "price": "1860000 CNY",
            "discount": "12",
            "delivery_date": days.on(120),
            "payment_terms": "预付 30%，验收 60%，质保 10%",
            "rights_duties": "甲方提供现场与数据接口，乙方负责实施、培训与一年质保。",
            "agreed": True,
        }
    ).work()
    walk.on(1).ask("terms_agreed", by="zhangwei")
    walk.comment("客户希望本周内给出最终价格，请尽快审批。", by="zhangwei")


def execution(parts: Parts, days: Days) -> None:
    """Under way, with one milestone long due."""
    walk = _confirmed(parts, days, "星河连锁 门店数字化一期", since=88)
    walk.on(50).give(
        {
            "price": "960000 CNY",
            "discount": "5",
            "delivery_date": days.on(30),
            "payment_terms": "按里程碑付款",
            "rights_duties": "甲方开放收银接口，乙方完成 40 家门店的上线与培训。",
            "agreed": True,
        }
    ).work().take("terms_agreed", by="zhangwei")
    walk.on(44).give(
        {
            "contract_no": "HT-2026-0912",
            "contract_file": walk.file("门店数字化合同.pdf"),
            "amount": "960000 CNY",
        }
    )
    walk.give({"effective_on": days.on(-40)}).take("contract_reviewed", by="zhangwei")
    walk.on(41).take("contract_signed", by="zhangwei")
    walk.give({"signed_on": days.on(-41), "archived": True}).work()
    walk.on(40).sweep()
    walk.on(39).give(
        {
            "milestones": [
                {"name": "首批 5 店试点上线", "due": days.on(-25), "done_on": days.on(-24)},
                {"name": "收银接口联调完成", "due": days.on(-12)},
                {"name": "40 店全部上线", "due": days.on(25)},
            ],
            "payment_plan": [
                {"name": "首付款", "due": days.on(-30), "amount": "288000 CNY", "paid_on": days.on(-29)},
                {"name": "试点验收款", "due": days.on(12), "amount": "288000 CNY"},
            ],
            "progress": "45",
        }
    )
    walk.on(5).comment("对方收银供应商换了版本，联调推迟，正在协调。", by="zhoujie")


def prospect(parts: Parts, _days: Days) -> None:
    walk = Walk(parts, SALES, "云峰物流 仓储管理系统", days_ago=4)
    walk.give(
        {
            "target_group": "华南第三方仓储企业",
            "customer": "K-2031",
            "contact_person": "郑经理",
            "source": "campaign",
        }
    )


def lost(parts: Parts, days: Days) -> None:
    walk = _initiated(parts, days, "北岭食品 产销协同", since=70)
    walk.on(30).give({"lost_reason": "no_budget"}).take("lose", "客户年度预算冻结", by="zhoujie")


def plan(parts: Parts, days: Days) -> None:
    """The yearly plan waits for the company's leadership."""
    walk = _planned(parts, days, "新品上市整合营销", since=20)
    walk.on(1).ask("plan_approved", by="wangmin")


def content(parts: Parts, days: Days) -> None:
    """Content is being made; one publication is late."""
    walk = _planned(parts, days, "老客户关怀季", since=40)
    walk.on(25).take("plan_approved", by="wangmin")
    items = (
        ("客户故事：三年省下的一百万", "case_study", "公众号", -8, -8),
        ("保养指南短视频", "short_video", "视频号", -12, None),
        ("会员日预告", "article", "公众号", 6, None),
    )
    walk.on(20).give({"content_items": [_item(days, item) for item in items]})


def _item(days: Days, item: tuple[str, str, str, int, int | None]) -> dict[str, JsonValue]:
    """Title, form, platform, day to publish on, day of publication."""
    title, form, platform, due, done = item
    planned: dict[str, JsonValue] = {"title": title, "form": form, "platform": platform}
    planned["publish_on"] = days.on(due)
    return planned if done is None else {**planned, "published_on": days.on(done)}


def research(parts: Parts, _days: Days) -> None:
    walk = Walk(parts, MARKETING, "西南市场进入调研", days_ago=6)
    walk.give(
        {"target_market": "西南地区中型制造企业", "demand_summary": "设备联网需求上升，预算集中在下半年。"}
    )


def campaign(parts: Parts, days: Days) -> None:
    """On air, and being watched."""
    walk = _strategy(parts, days, "秋冬新品社交媒体推广", since=45)
    walk.on(36).work().take("proposal_approved", by="wangmin")
    walk.on(33).give(_plan_of_campaign(days)).work().take("plan_approved", by="liufang")
    walk.on(22).give(
        {
            "team": [{"member": "liufang", "duty": "内容"}, {"member": "sunyue", "duty": "投放"}],
            "materials": [{"name": "短视频 6 条", "quantity": 6, "ready": True}],
            "funds_ready": "180000 CNY",
            "training_needed": False,
            "rehearsal_needed": False,
            "indicators": [{"name": "sales_volume", "target": "3000", "unit": "单", "frequency": "weekly"}],
        }
    ).work().take("resources_ready", by="liufang")
    walk.on(14).give(
        {
            "execution_log": [
                {"at": f"{days.on(-14)} 10:00", "step": "首批短视频上线", "result": "24 小时播放 12 万"}
            ]
        }
    )


def strategy(parts: Parts, days: Days) -> None:
    """A proposal waits for its reviewer."""
    walk = _strategy(parts, days, "年终答谢会", since=9)
    walk.on(2).work().ask("proposal_approved", by="wangmin")


def _initiated(parts: Parts, days: Days, title: str, *, since: int) -> Walk:
    """In the analysis of requirements, `since` days after its beginning."""
    walk = Walk(parts, SALES, title, days_ago=since)
    customer = title.split(" ", 1)[0]
    walk.give(
        {
            "target_group": "年营收 1–10 亿的制造与零售企业",
            "development_plan": walk.file("客户开发计划.txt"),
            "customer": f"K-{1000 + since}",
            "contact_person": "林越",
            "first_contact_on": days.on(2 - since),
            "initial_need": f"{customer}希望打通订单、库存与交付，减少手工对账。",
            "in_private_pool": True,
            "source": "referral",
        }
    ).work().on(since - 4).take("qualified", by="zhangwei")
    walk.on(since - 6).give(
        {
            "project_name": title,
            "goal": "六个月内上线，订单准交率提高到 95%",
            "scope": "订单、库存、交付三个模块；不含财务",
            "feasibility": "feasible",
            "feasibility_note": "标准产品覆盖八成需求，接口两处需要开发。",
            "project_manager": "wangmin",
            "team": [{"user": "zhoujie", "role": "实施", "duty": "方案与交付"}],
            "plan": [
                {
                    "task": "需求与方案",
                    "owner": "zhoujie",
                    "start": days.on(8 - since),
                    "end": days.on(20 - since),
                },
                {
                    "task": "实施与上线",
                    "owner": "zhoujie",
                    "start": days.on(30 - since),
                    "end": days.on(120 - since),
                },
            ],
        }
    ).work().take("go", by="liqiang")
    return walk


def _confirmed(parts: Parts, days: Days, title: str, *, since: int) -> Walk:
    """The solution is confirmed; the negotiation begins."""
    return _with_solution(_initiated(parts, days, title, since=since), days, since)


def _with_solution(walk: Walk, days: Days, since: int) -> Walk:
    walk.on(since - 16).give(
        {
            "requirement_doc": walk.file("需求文档.txt"),
            "customer_agreed": True,
            "review_result": "passed",
            "review_on": days.on(16 - since),
        }
    ).work().take("scope_fixed", by="zhangwei")
    walk.on(since - 26).give(
        {
            "solution_doc": walk.file("产品方案.txt"),
            "functions": ["订单中心", "库存同步", "交付看板"],
            "customer_confirmed": True,
            "confirmed_on": days.on(26 - since),
            "price_estimate": "1000000 CNY",
        }
    ).work().take("solution_confirmed", by="zhangwei")
    return walk


def _planned(parts: Parts, days: Days, title: str, *, since: int) -> Walk:
    """A marketing cycle whose plan is written."""
    walk = Walk(parts, MARKETING, title, days_ago=since)
    walk.give(
        {
            "target_market": "华东、华中地级市以上",
            "demand_summary": "替换需求为主，看重交付周期与服务。",
            "competition_summary": "两家全国品牌降价抢份额，本地品牌靠关系。",
            "customer_profile": "35–50 岁，设备或采购负责人，重视案例。",
            "buying_habits": "先看同行案例，再约演示，决策两到三个月。",
            "goal_direction": "线索量翻倍",
            "strategy_direction": "以客户案例带动口碑",
        }
    ).work().on(since - 8).take("research_done", by="heping")
    walk.on(since - 12).give(
        {
            "goals": [
                {"metric": "有效线索", "target": "1200", "unit": "条", "due": days.on(90), "owner": "wangmin"}
            ],
            "budget_total": "600000 CNY",
            "budget_lines": [
                {"channel_or_project": "社交媒体", "amount": "260000 CNY"},
                {"channel_or_project": "行业展会", "amount": "240000 CNY"},
            ],
            "strategy": "案例先行：每月两篇客户故事，展会现场签到送样。",
            "activities": [
                {"name": "秋季展会", "kind": "trade_fair", "owner": "sunyue", "period": days.period(30, 33)}
            ],
            "responsibilities": [{"role": "投放", "user": "sunyue", "duty": "渠道与预算"}],
            "fits_resources": True,
            "meets_expectation": True,
            "budget_balanced": True,
        }
    ).work()
    return walk


def _strategy(parts: Parts, days: Days, title: str, *, since: int) -> Walk:
    """A campaign with its goal set and its strategy written."""
    walk = Walk(parts, CAMPAIGN, title, days_ago=since)
    walk.give(
        {
            "goal_type": "sales_growth",
            "metric": "新客订单",
            "baseline": "1800",
            "target": "3000",
            "unit": "单",
            "goal_due": days.on(60),
            "target_group": "关注性价比的年轻家庭，常看短视频，周末下单。",
            "budget_cap": "200000 CNY",
            "strategy_approved_on": days.on(-since - 30),
        }
    ).work().on(since - 3).take("goal_set", by="wangmin")
    walk.on(since - 5).give(
        {
            "channels": ["social", "search"],
            "audience": "一二线城市年轻家庭",
            "communication": "达人短视频与门店体验结合",
            "content": "新品开箱、限时优惠、老客推荐有礼",
            "time_window": days.period(-40, 50),
            "research_basis": "上季度问卷：六成新客来自短视频",
        }
    )
    return walk


def _plan_of_campaign(days: Days) -> Values:
    return {
        "schedule": [{"step": "短视频投放", "owner": "liufang", "start": days.on(-14), "end": days.on(20)}],
        "campaign_start": days.on(-14),
        "campaign_end": days.on(30),
        "place": "线上，门店同步",
        "participants": "内容、推广与 12 家门店",
        "budget_lines": [
            {"item": "media", "amount": "150000 CNY"},
            {"item": "materials", "amount": "30000 CNY"},
        ],
        "departments_confirmed": [{"department": "门店运营"}],
        "publicity_needed": False,
        "brand_activity": False,
    }


CASES: Final[tuple[Callable[[Parts, Days], None], ...]] = (
    negotiation,
    execution,
    prospect,
    lost,
    plan,
    content,
    research,
    campaign,
    strategy,
)
