"""One cycle of the marketing SOP in seven stages, from the research until the next begins with its lessons.

People work on the pages and through the API. Whoever has to approve something does so from the message that
came by mail: opens its link, types its four digits, decides.
"""

import httpx
import pytest
from pydantic import JsonValue

from engine.store.mailbox import MailFilter
from engine.store.tables import OutboxState
from tests.stories.house import House, RunningCase
from tests.stories.marketing_team import CAMPAIGN, SOP, MarketingTeam
from tests.stories.people import Refused
from tests.waiting import eventually

LESSONS: list[JsonValue] = [
    {"origin": "数据评估", "text": "先做短视频，再做图文", "owner": "content_team", "status": "open"},
    {"origin": "客服", "text": "售后问答写进攻略", "status": "open"},
]


def test_a_marketing_cycle_runs_through_seven_stages_into_the_next(house: House):
    team = MarketingTeam.moves_into(house)
    house.sets(direction_needs_approval=True, approval_time="2 wd", content_remind_before="1 wd")

    cycle = team.analyst.starts(SOP, "2026 华东营销", owner=team.manager.id)
    house.sees(cycle, stage="market_research")
    direction_is_agreed(team, cycle)
    house.sees(cycle, stage="plan_making")
    plan_passes_at_the_second_attempt(team, cycle)
    house.sees(cycle, stage="content_brand")
    content_is_ready(team, cycle)
    house.sees(cycle, stage="online_offline_promotion")

    campaign_is_called_off(team, cycle)
    team.promotion.advances(cycle, "promotion_running_or_done")
    house.sees(cycle, stage="sales_followup_service")
    sales_are_followed_up(team, cycle)
    house.sees(cycle, stage="data_analysis_optimisation")

    tactics_are_adjusted(team, cycle)
    house.sees(cycle, stage="data_analysis_optimisation")
    data_say_it_works(team, cycle)
    house.sees(cycle, stage="continuous_improvement")
    cycle_is_improved_and_ends(team, cycle)
    house.sees(cycle, outcome="completed")
    next_cycle_begins_with_the_lessons(team, cycle)

    assert house.moves_of(cycle) == [
        "research_done", "plan_returned", "plan_approved", "content_ready",
        "promotion_running_or_done", "data_due",
        "adjust_tactics_promotion", "promotion_running_or_done", "data_due",
        "evaluated", "release_sop_version", "next_cycle",
    ]  # fmt: skip
    house.is_sound()
    nothing_was_cancelled_without_a_reason(house)


def direction_is_agreed(team: MarketingTeam, cycle: RunningCase) -> None:
    team.researches_the_market(cycle)
    team.analyst.advances(cycle, "research_done")
    team.head.signs_from_mail("目标与策略方向审批")


def plan_passes_at_the_second_attempt(team: MarketingTeam, cycle: RunningCase) -> None:
    """The leadership sends it back, the manager finds why in her mail and balances it again."""
    team.makes_the_plan(cycle, budget="600000")
    team.is_asked_to_pass_the_plan(cycle)
    team.leadership.refuses_from_mail("Marketing plan with budget", comment="展会预算过高，请压到五十万以内")
    assert "展会预算过高，请压到五十万以内" in team.manager.gets_mail("计划获批 已退回").text
    counted(team, cycle, plan_version=1)

    team.makes_the_plan(cycle, budget="480000")
    with pytest.raises(
        Refused, match="财务结果与公司资源相称"
    ):  # what was judged of the first plan no longer counts
        team.manager.advances(cycle, "plan_approved")
    team.is_asked_to_pass_the_plan(cycle)
    team.leadership.signs_from_mail("Marketing plan with budget", comment="同意")


def content_is_ready(team: MarketingTeam, cycle: RunningCase) -> None:
    """What is to be published has its day, and its makers are reminded of it."""
    team.prepares_content(cycle, publish_on="2026-04-30")
    team.content.advances(cycle, "content_ready")
    team.leader.signs_from_mail("宣传计划审批")
    team.house.day_comes("2026-04-30")
    assert team.content.gets_mail("即将到期：内容发布 亲子路线十选")
    published: JsonValue = {
        "title": "亲子路线十选",
        "form": "guide",
        "publish_on": "2026-04-30",
        "published_on": "2026-04-30",
    }
    team.content.fills(cycle, content_items=[published])


def campaign_is_called_off(team: MarketingTeam, cycle: RunningCase) -> None:
    """A promotion is a case of its own, and the stage waits for its end, whichever that is."""
    luo = team.promotion
    campaign = luo.opens_child(cycle, "campaign", "五一亲子季")
    team.promotes(cycle, spent="120000")
    with pytest.raises(Refused, match=f"“推广活动”（{campaign.id}）尚未结束") as refused:
        luo.advances(cycle, "promotion_running_or_done")
    assert refused.value.codes == {"child_open"}

    goal = {
        "goal_type": "loyalty",
        "metric": "到场家庭",
        "target": "300",
        "unit": "户",
        "goal_due": "2026-05-05",
    }
    luo.fills(
        campaign, **goal, target_group="亲子家庭", budget_cap="80000 CNY", strategy_approved_on="2026-03-02"
    )
    luo.completes(campaign)
    luo.advances(campaign, "goal_set")
    team.house.sees(campaign, stage="make_strategy")
    luo.advances(campaign, "cancel", reason="场地因天气关闭")
    team.head.signs_from_mail("活动变更或取消审批", comment="同意取消，线上照常")
    team.house.sees(campaign, outcome="cancelled")
    assert campaign.definition.sop.sop == CAMPAIGN
    assert team.house.moves_of(campaign) == ["goal_set", "cancel"]
    assert luo.looks_at(cycle)["children"] == {campaign.id: "cancelled"}


def sales_are_followed_up(team: MarketingTeam, cycle: RunningCase) -> None:
    team.follows_up_sales(cycle, won=60)
    team.salesperson.advances(cycle, "data_due")


def tactics_are_adjusted(team: MarketingTeam, cycle: RunningCase) -> None:
    """The numbers are poor: back to the promotion, with other means inside the same plan."""
    team.judges_the_result(cycle, reached="18", effectiveness="partly", decision="adjust_tactics")
    team.analyst.fills(cycle, adjustments="图文减半，短视频加倍", within_strategy=True)
    team.analyst.advances(cycle, "adjust_tactics_promotion")
    counted(team, cycle, plan_version=1, tactics_version=1)

    waive = team.promotion.opens(f"/cases/{cycle.id}").form("/tasks/set_up_crm/waive")
    assert waive.send({"reason": "系统上一轮已建成"}).status == httpx.codes.OK
    team.promotes(cycle, spent="210000")
    team.promotion.advances(cycle, "promotion_running_or_done")
    team.house.sees(cycle, stage="sales_followup_service")
    team.follows_up_sales(cycle, won=115)
    team.salesperson.advances(cycle, "data_due")


def data_say_it_works(team: MarketingTeam, cycle: RunningCase) -> None:
    team.judges_the_result(cycle, reached="31", effectiveness="effective", decision="continue")
    team.analyst.advances(cycle, "evaluated")


def cycle_is_improved_and_ends(team: MarketingTeam, cycle: RunningCase) -> None:
    """The process itself is renewed, and the head of marketing signs that; then the next cycle is opened."""
    he = team.manager
    he.fills(
        cycle, trends="亲子游预订提前到两周", customer_feedback="希望有雨天备选", improvement_items=LESSONS
    )
    he.completes(cycle)
    he.fills(cycle, sop_changes="内容阶段先做短视频")
    he.advances(cycle, "release_sop_version")
    team.head.signs_from_mail("SOP新版本审批")
    counted(team, cycle, plan_version=1, tactics_version=1, sop_releases=1)
    he.advances(cycle, "next_cycle")


def next_cycle_begins_with_the_lessons(team: MarketingTeam, cycle: RunningCase) -> None:
    """It is a case of its own, which knows the one it comes from, as that one knows it."""
    house, lin = team.house, team.analyst
    house.rests()
    (opened,) = [child for child, outcome in lin.looks_at(cycle)["children"].items() if outcome is None]
    following = house.running_case(opened)
    house.sees(following, stage="market_research")
    assert lin.looks_at(following)["values"] == {
        "carried_items": LESSONS,
        "target_market": "华东亲子家庭",
        "owner": team.manager.id,
        "crm_ready": True,
        "crm_ready_on": "2026-04-20",
    }
    (line,) = lin.looks_up(f"/cases?sop={SOP}")["cases"]
    assert (line["id"], line["parent"]) == (following.id, cycle.id)
    assert lin.opens(f"/cases/{following.id}").tree.css_first(f".case-head a[href='/cases/{cycle.id}']")
    assert lin.opens(f"/cases/{cycle.id}").tree.css_first(f"#children a[href='/cases/{following.id}']")


def counted(team: MarketingTeam, cycle: RunningCase, **versions: int) -> None:
    """Waits until the case has come round so often."""
    eventually(
        lambda: team.manager.looks_at(cycle)["counters"] == versions,
        f"{cycle.title} to count {versions}",
        limit=30,
    )


def nothing_was_cancelled_without_a_reason(house: House) -> None:
    stopped = MailFilter(states=[OutboxState.CANCELLED], commands=None)
    assert [mail.key for mail in house.parts.store.mailbox.page(stopped, limit=1000) if not mail.detail] == []
