"""A deal that is lost: the reason is on record, and whoever was still asked for something is told kindly."""

import pytest

from tests.stories.house import House
from tests.stories.people import Refused
from tests.stories.sales_team import SalesTeam


def test_a_lost_deal_says_why_and_lets_open_questions_rest(any_house: House):
    house = any_house
    team = SalesTeam.moves_into(house)
    deal = team.has_a_qualified_customer("远航年会")
    house.sees(deal, stage="project_initiation")
    team.asks_the_sponsor(deal)
    team.sponsor.signs_from_mail("Project initiation")
    house.sees(deal, stage="requirement_analysis")
    team.asks_for_the_review_of_requirements(deal)
    team.product.signs_from_mail("需求评审")
    question = team.customer.gets_mail("需求评审")

    li = team.salesperson
    with pytest.raises(Refused, match="丢单原因"):
        li.advances(deal, "lose", reason="对方选了更便宜的供应商")
    li.fills(deal, lost_reason="price")
    li.advances(deal, "lose", reason="对方选了更便宜的供应商")
    house.sees(deal, outcome="lost", status="closed")
    assert li.looks_at(deal)["values"]["lost_reason"] == "price"

    answer = team.customer.opens_link(question)
    assert answer.status == 200
    assert "案例已结束" in answer.text
    assert "不再需要您的意见" in answer.text
    with pytest.raises(Refused, match="已结束"):
        li.fills(deal, lost_reason="timing")
    assert house.moves_of(deal) == ["qualified", "go", "lose"]
    house.is_sound()
