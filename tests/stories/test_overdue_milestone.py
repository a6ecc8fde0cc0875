"""A milestone that is missed: announced before, flagged once, told to others, and to be seen everywhere."""

from tests.stories.house import House, RunningCase
from tests.stories.sales_team import SalesTeam

TRIAL_RUN = {"name": "试运行", "due": "2026-03-20"}


def test_a_missed_milestone_is_announced_flagged_once_escalated_and_cleared(house: House):
    house.sets(milestone_remind_before="3 wd", milestone_escalate_after="2 wd")
    team = SalesTeam.moves_into(house)
    zhao = team.project_manager
    deal = team.has_a_qualified_customer("星河发布会")
    house.sees(deal, stage="project_initiation")
    zhao.fills(deal, milestones=[TRIAL_RUN])

    house.day_comes("2026-03-18")  # three working days before a Friday evening
    assert "即将到期" in zhao.gets_mail("试运行").subject
    assert zhao.looks_up("/overdue") == []

    house.day_comes("2026-03-23")
    assert "已逾期" in zhao.gets_mail("试运行").subject
    everybody_sees_it(house, team, deal)

    house.day_comes("2026-03-25")  # two working days later it is no longer his affair alone
    letter = team.sponsor.gets_mail("试运行")
    assert "Escalation, level 1" in letter.subject
    assert "赵敏" in letter.text
    house.sweeps()
    assert len(house.happened(deal, "deadline_missed")) == 1
    assert len(house.happened(deal, "deadline_escalated")) == 1
    assert len(house.post.letters(zhao.email, "已逾期")) == 1

    zhao.fills(deal, milestones=[{**TRIAL_RUN, "done_on": "2026-03-25"}])
    nobody_sees_it_any_more(house, team, deal)
    house.is_sound()


def everybody_sees_it(house: House, team: SalesTeam, deal: RunningCase) -> None:
    zhao, li = team.project_manager, team.salesperson
    assert "试运行" in li.opens("/").part(".late-list", deal.title)
    assert "逾期" in li.opens("/").part(".card", deal.title)
    assert "overdue" in li.opens("/", language="en").part(".card", deal.title)
    assert "逾期" in li.opens(f"/cases/{deal.id}").part(".case-head")
    assert "试运行" in li.opens(f"/cases/{deal.id}").part("#deadlines")
    assert "试运行" in zhao.opens("/work").part(".late-list", deal.title)
    (late,) = zhao.looks_up("/overdue?mine=true")
    assert (late["case_id"], late["kind"]) == (deal.id, "milestone")
    assert "试运行" in house.types("overdue", "--lang", "zh")
    assert "逾期" in house.types("show", deal.id, "--lang", "zh")


def nobody_sees_it_any_more(house: House, team: SalesTeam, deal: RunningCase) -> None:
    li = team.salesperson
    assert li.looks_up("/overdue") == []
    assert li.opens("/").part(".late-list") == ""
    assert "逾期" not in li.opens(f"/cases/{deal.id}").part(".case-head")
    assert "已于 2026-03-25 达成" in li.opens(f"/cases/{deal.id}").part("#milestones li", "试运行")
    assert "试运行" not in house.types("overdue", "--lang", "zh")
