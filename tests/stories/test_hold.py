"""A project on hold: its clocks stand still, nothing but a word, going on or giving up is possible."""

from datetime import timedelta

import pytest

from tests.stories.house import House
from tests.stories.people import Refused
from tests.stories.sales_team import SalesTeam


def test_a_hold_stops_the_clock_and_everything_but_words(house: House):
    house.sets(project_initiation_time="10 wd", approval_time="2 wd")
    team = SalesTeam.moves_into(house)
    li, han = team.salesperson, team.sales_manager
    deal = team.has_a_qualified_customer("海川峰会")
    house.sees(deal, stage="project_initiation")
    house.day_comes("2026-03-04")
    team.asks_the_sponsor(deal)
    question = team.sponsor.gets_mail("Project initiation")
    before = han.deadlines(deal)

    han.holds(deal, "客户内部调整，暂缓两周")
    house.sees(deal, stage="project_initiation", status="held")
    house.day_comes("2026-03-18")  # both limits would have passed by now
    assert house.happened(deal, "deadline_missed") == []
    with pytest.raises(Refused, match="暂停"):
        li.fills(deal, contact_way="138 0000 0000")
    assert "on hold" in team.sponsor.opens_link(question).text
    li.comments(deal, "客户说月底前定下来")

    han.resumes(deal)
    house.sees(deal, stage="project_initiation", status="open")
    two_weeks = timedelta(days=14)  # ten working days, as many as the hold lasted
    assert han.deadlines(deal) == {name: due + two_weeks for name, due in before.items()}

    team.sponsor.decides(question, "approve")  # the same letter still does
    house.sees(deal, stage="requirement_analysis")
    assert house.moves_of(deal) == ["qualified", "go"]
    house.is_sound()
