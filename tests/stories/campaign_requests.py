"""What a running campaign opens beside itself: requests, incidents and claims, each a small case of its own.

How each ends is noted in the campaign.
"""

import pytest
from pydantic import JsonValue

from tests.stories.campaign_team import CampaignTeam
from tests.stories.house import RunningCase
from tests.stories.people import Paper, Refused


def spending(*, media: str) -> list[JsonValue]:
    return [{"item": "media", "amount": f"{media} CNY"}, {"item": "materials", "amount": "15000 CNY"}]


def spending_above_the_budget_needs_consent_first(team: CampaignTeam, campaign: RunningCase) -> None:
    """Media has 40,000 in the budget; 2,000 more are granted, and not a cent above that can be spent."""
    gao, yan = team.executor, team.superior_manager
    gao.fills(campaign, expenses=spending(media="40000"))
    with pytest.raises(Refused, match="超预算申请") as refusal:
        gao.fills(campaign, expenses=spending(media="42000"))
    assert refusal.value.codes == {"rule_broken_for_remedy"}

    request = gao.opens_child(campaign, "over_budget_request", "短视频加投")
    gao.fills(request, item="media", amount="2000 CNY", reason="投放价格上涨")
    team.does_the_work_of(request, "write_request")
    gao.advances(request, "grant")
    letter = yan.gets_mail("超预算审批")
    assert "2,000.00" in letter.text
    yan.decides(letter, "approve")
    team.house.sees(request, outcome="granted")

    team.house.rests()
    with pytest.raises(Refused, match="超预算申请"):
        gao.fills(campaign, expenses=spending(media="42000.01"))
    gao.fills(campaign, expenses=spending(media="42000"))
    assert team.house.moves_of(request) == ["grant"]


def incident_is_reported_and_handled(team: CampaignTeam, campaign: RunningCase) -> None:
    """The superior learns of it by mail and says what to do; who has to do it learns that by mail."""
    gao, yan = team.executor, team.superior_manager
    incident = gao.opens_child(campaign, "incident", "门店跳闸")
    gao.fills(incident, occurred_at="2026-03-16 08:40", reported_at="2026-03-16 08:45", description="停电")
    team.does_the_work_of(incident, "report_incident")
    gao.advances(incident, "report")
    assert "下达处置指示" in yan.gets_mail("上级指示").text
    yan.fills(incident, instruction="改到隔壁门店")
    team.does_the_work_of(incident, "instruct")
    yan.advances(incident, "instruction_given")
    assert "按指示采取措施" in gao.gets_mail("执行指示").text
    gao.fills(incident, measure="半小时内搬完")
    team.does_the_work_of(incident, "carry_out")
    gao.advances(incident, "measure_taken")
    team.wait_for(incident, "review_outcome")
    yan.fills(incident, outcome_note="活动照常进行")
    team.does_the_work_of(incident, "review_outcome")
    yan.advances(incident, "close_incident")

    team.house.sees(incident, outcome="closed")
    team.house.rests()
    noted = gao.looks_at(campaign)
    (told,) = noted["values"]["incidents"]
    assert (told["instruction"], told["measure"]) == ("改到隔壁门店", "半小时内搬完")
    assert noted["counters"]["incidents_handled"] == 1


def change_is_granted_by_the_head(team: CampaignTeam, campaign: RunningCase) -> None:
    gao, head = team.executor, team.marketing_head
    change = gao.opens_child(campaign, "change_request", "换一家门店")
    gao.fills(change, subject="门店", reason="电路要大修", before="一号店", after="隔壁的二号店")
    gao.completes(change)
    gao.advances(change, "grant")
    letter = head.gets_mail("Decision on the change")
    assert "电路要大修" in letter.text
    head.decides(letter, "approve")

    team.house.sees(change, outcome="granted")
    team.house.rests()
    (granted,) = gao.looks_at(campaign)["values"]["changes"]
    assert granted == {"subject": "门店", "reason": "电路要大修", "after": "隔壁的二号店"}


def claim_is_paid(team: CampaignTeam, campaign: RunningCase) -> None:
    """Without its receipt the claim does not even reach the one who decides."""
    gao, wu = team.executor, team.finance
    claim = gao.opens_child(campaign, "expense_claim", "门店物料报销")
    line: JsonValue = {"item": "materials", "amount": "800 CNY", "spent_on": "2026-03-16", "purpose": "搬运"}
    gao.fills(claim, purpose="门店物料", claimed_on="2026-04-03", claim_lines=[line], total="800 CNY")
    team.does_the_work_of(claim, "prepare_claim")
    with pytest.raises(Refused, match="票据"):
        gao.advances(claim, "claim_approved")
    gao.fills(claim, **{"claim_lines.0.receipt": Paper("搬运发票.pdf")})
    gao.advances(claim, "claim_approved")
    team.claim_approver.signs_from_mail("报销审批")

    team.house.sees(claim, stage="pay_claim")
    wu.fills(claim, paid_on="2026-04-03")
    team.does_the_work_of(claim, "pay_claim")
    wu.advances(claim, "claim_paid")
    team.house.sees(claim, outcome="paid")
    team.house.rests()
    (paid,) = gao.looks_at(campaign)["values"]["claims"]
    assert paid["amount"] == {"amount": "800.00", "currency": "CNY"}
