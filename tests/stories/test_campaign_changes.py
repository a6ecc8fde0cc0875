"""A campaign that does not go as planned: supervision sends its plan back, and in the end it is called off.

What was approved changes, and ends, only with the consent of the head of marketing.
"""

import pytest
from pydantic import JsonValue

from tests.stories.campaign_team import PLAN, CampaignTeam
from tests.stories.house import House, RunningCase
from tests.stories.people import Refused

ONLY_MEDIA: JsonValue = [{"item": "media", "amount": "60000 CNY"}]


def test_a_problem_sends_the_plan_back_and_at_last_the_campaign_is_cancelled(house: House):
    team = CampaignTeam.moves_into(house)
    gao, yan, head = team.executor, team.superior_manager, team.marketing_head
    campaign = team.has_one_running("春季新品推广")
    house.sees(campaign, stage="evaluate_effect")

    with pytest.raises(Refused, match="预算明细"):  # what was approved binds
        gao.fills(campaign, budget_lines=ONLY_MEDIA)
    team.effect_is_evaluated(campaign, spent="0")
    yan.fills(campaign, adjustment="plan_change", problems="门店客流不足")
    yan.advances(campaign, "optimise_plan", "改以短视频为主")
    head.refuses_from_mail("Change or cancellation", comment="先看三天数据")
    assert "先看三天数据" in yan.gets_mail("未通过").text
    house.sees(campaign, stage="implement")

    house.day_comes("2026-03-12")
    yan.advances(campaign, "optimise_plan", "三天过去，客流仍然不足")
    letter = head.gets_mail("Change or cancellation")
    assert "门店客流不足" in letter.text
    head.decides(letter, "approve")
    house.sees(campaign, stage="make_plan")  # the plan is free again, and supervision goes on
    house.sees(campaign, stage="evaluate_effect")
    team.plan_is_approved(campaign, PLAN | {"budget_lines": ONLY_MEDIA})
    house.sees(campaign, stage="allocate_resources")

    it_is_called_off(team, campaign)
    assert house.moves_of(campaign)[-3:] == ["optimise_plan", "plan_approved", "cancel"]
    house.is_sound()


def it_is_called_off(team: CampaignTeam, campaign: RunningCase) -> None:
    """What was asked for in its name falls with it."""
    gao = team.executor
    request = gao.opens_child(campaign, "over_budget_request", "短视频加投")
    gao.advances(campaign, "cancel", "新品推迟上市")
    team.marketing_head.signs_from_mail("Change or cancellation")
    team.house.sees(campaign, outcome="cancelled")
    team.house.sees(request, outcome="parent_ended")
