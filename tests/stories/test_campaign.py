"""A campaign from its goal to its archive, carried out and supervised side by side.

People work on the pages and through the API. Whoever has to approve something does so from the message that
came by mail: opens its link, types its four digits, agrees or refuses.
"""

from pydantic import JsonValue

from tests.stories import campaign_requests as requests
from tests.stories.campaign_team import STRATEGY, SUMMARY, CampaignTeam
from tests.stories.house import House, RunningCase
from tests.stories.people import Paper


def test_a_campaign_from_its_goal_to_its_archive(house: House):
    team = CampaignTeam.moves_into(house)
    house.sets(review_every="7 d", approval_time="2 wd", decision_time="2 wd", report_limit="1 h")

    campaign = team.has_a_goal("春季新品推广")
    it_is_planned(team, campaign)
    it_runs_under_supervision(team, campaign)
    it_ends(team, campaign)

    assert house.moves_of(campaign) == [
        "goal_set", "proposal_returned", "proposal_approved", "plan_approved",
        "resources_ready", "start_monitoring",
        "effect_evaluated", "analysis_done", "supervision_cycle",
        "incident_handled", "effect_evaluated", "analysis_done", "supervision_cycle",
        "effect_evaluated", "analysis_done", "supervision_cycle",
        "execution_done", "report_approved", "expenses_settled", "lessons_forward",
    ]  # fmt: skip
    house.is_sound()


def it_is_planned(team: CampaignTeam, campaign: RunningCase) -> None:
    """Supervision begins with the goal, and must know what to measure before anything runs."""
    house = team.house
    house.sees(campaign, stage="make_strategy")
    house.sees(campaign, stage="set_indicators")
    proposal_is_returned_once(team, campaign)
    house.sees(campaign, stage="make_plan")
    team.plan_is_approved(campaign)
    house.sees(campaign, stage="allocate_resources")
    team.indicators_are_set(campaign)
    house.day_comes("2026-03-09")
    team.resources_are_ready(campaign)
    house.sees(campaign, stage="implement")


def it_runs_under_supervision(team: CampaignTeam, campaign: RunningCase) -> None:
    """Two reviews begin by themselves, on their date; the third round is missed, and made up for."""
    house = team.house
    house.sees(campaign, stage="evaluate_effect")
    first_step_is_done(team, campaign)
    team.review_is_held(campaign, progress=30, spent="0")
    requests.spending_above_the_budget_needs_consent_first(team, campaign)

    house.day_comes("2026-03-16")
    house.sees(campaign, stage="evaluate_effect")
    requests.incident_is_reported_and_handled(team, campaign)
    requests.change_is_granted_by_the_head(team, campaign)
    team.review_is_held(campaign, progress=60, spent="42000")

    house.day_comes("2026-03-23")
    house.sees(campaign, stage="evaluate_effect")
    assert house.post.letters(team.superior_manager.email, "已逾期") == []

    house.day_comes("2026-03-30")
    review_was_missed(team, campaign)
    team.review_is_held(campaign, progress=95, spent="42000")
    house.sees(campaign, stage="evaluate_effect")


def it_ends(team: CampaignTeam, campaign: RunningCase) -> None:
    house = team.house
    house.day_comes("2026-04-03")
    both_lines_of_work_join(team, campaign)
    house.sees(campaign, stage="summary_report")
    summary_is_accepted(team, campaign)
    house.sees(campaign, stage="expense_settlement")
    requests.claim_is_paid(team, campaign)
    expenses_are_settled(team, campaign)
    house.sees(campaign, stage="knowledge_archive")
    lessons_go_into_the_next_campaign(team, campaign)


def proposal_is_returned_once(team: CampaignTeam, campaign: RunningCase) -> None:
    lin, qin = team.planner, team.superior_reviewer
    lin.fills(campaign, **STRATEGY | {"audience": "所有人"})
    lin.attaches(campaign, "planning_proposal", Paper("策划方案.pdf"))
    team.does_the_work_of(campaign, "make_strategy")
    lin.advances(campaign, "proposal_approved")
    qin.refuses_from_mail("策划方案审核", comment="受众太宽，请写明是谁")
    assert "受众太宽，请写明是谁" in lin.gets_mail("策划方案通过 已退回").text
    team.house.rests()
    assert lin.looks_at(campaign)["counters"] == {"proposal_version": 1}

    lin.fills(campaign, **STRATEGY)
    lin.attaches(campaign, "planning_proposal", Paper("策划方案-2.pdf"))
    team.does_the_work_of(campaign, "make_strategy")
    lin.advances(campaign, "proposal_approved")
    letter = qin.gets_mail("策划方案审核")
    assert "一二线城市的年轻父母" in letter.text
    qin.decides(letter, "approve")


def first_step_is_done(team: CampaignTeam, campaign: RunningCase) -> None:
    log: JsonValue = {"at": "2026-03-09 10:00", "step": "试用装到店"}
    team.executor.fills(campaign, execution_log=[log], schedule=team.schedule("2026-03-09"))


def review_was_missed(team: CampaignTeam, campaign: RunningCase) -> None:
    """Nobody evaluated in the third week: whose review it is, is told, and everybody can see it."""
    assert "监督" in team.superior_manager.gets_mail("已逾期").subject
    late = [each for each in team.management.looks_up("/overdue") if each["case_id"] == campaign.id]
    assert {each["deadline"] for each in late} == {"cycle:supervision", "milestone:plan_step/2"}
    assert "逾期" in team.management.opens(f"/cases/{campaign.id}").part(".case-head .tag.late")


def both_lines_of_work_join(team: CampaignTeam, campaign: RunningCase) -> None:
    """The films were late; there is a last evaluation before the end."""
    team.executor.fills(campaign, schedule=team.schedule("2026-03-09", "2026-04-01"))
    team.effect_is_evaluated(campaign, spent="57000")
    team.does_the_work_of(campaign, "implement")
    team.executor.advances(campaign, "execution_done")


def summary_is_accepted(team: CampaignTeam, campaign: RunningCase) -> None:
    team.executor.fills(campaign, **SUMMARY)
    team.executor.attaches(campaign, "summary_document", Paper("总结报告.pdf"))
    team.does_the_work_of(campaign, "summary_report")
    team.executor.advances(campaign, "report_approved")
    team.superior_manager.signs_from_mail("总结报告验收")


def expenses_are_settled(team: CampaignTeam, campaign: RunningCase) -> None:
    """Of 60,000 in the budget 57,000 were spent."""
    team.executor.fills(campaign, total_spent="57000 CNY", variance="-3000 CNY")
    team.does_the_work_of(campaign, "expense_settlement")
    team.executor.advances(campaign, "expenses_settled")


def lessons_go_into_the_next_campaign(team: CampaignTeam, campaign: RunningCase) -> None:
    gao = team.executor
    item: JsonValue = {"text": "提前两周拍短视频", "status": "open"}
    gao.fills(campaign, lessons="短视频越早越好", archive_no="HD-2026-003", backup_on="2026-04-03")
    gao.fills(campaign, improvement_items=[item])
    team.does_the_work_of(campaign, "knowledge_archive")
    gao.advances(campaign, "lessons_forward")
    team.house.sees(campaign, outcome="completed")
    team.house.rests()
    (following,) = gao.looks_up("/cases?sop=campaign_execution_supervision")["cases"]
    given = gao.looks_up(f"/cases/{following['id']}")["values"]
    assert given == {"previous_lessons": "短视频越早越好", "carried_items": [item]}
