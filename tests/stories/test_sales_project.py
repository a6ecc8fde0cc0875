"""A sales project in ten stages, from the first conversation until the customer is looked after for good.

People work on the pages and through the API. Whoever has to approve something does so from the message that
came by mail: opens its link, types its four digits, agrees.
"""

from tests.stories.house import House, RunningCase
from tests.stories.people import Paper
from tests.stories.sales_team import SalesTeam


def test_a_sales_project_from_first_contact_to_maintenance(house: House):
    team = SalesTeam.moves_into(house)
    house.sets(discount_limit="5", approval_time="2 wd", customer_answer_time="5 wd", visit_interval="30 d")

    deal = from_first_contact_to_a_contract(team)
    the_contract_waits_for_its_date(team, deal)
    the_contract_is_amended(team, deal)
    the_work_is_accepted_at_the_second_try(team, deal)
    the_project_is_closed_and_the_customer_looked_after(team, deal)

    assert house.moves_of(deal) == [
        "qualified", "go", "scope_fixed", "solution_confirmed", "terms_agreed",
        "contract_reviewed", "contract_signed", "contract_effective",
        "contract_amended", "contract_reviewed", "contract_signed", "contract_effective",
        "execution_done", "acceptance_failed", "execution_done", "accepted", "closed_out",
    ]  # fmt: skip
    house.is_sound()


def from_first_contact_to_a_contract(team: SalesTeam) -> RunningCase:
    deal = team.has_a_qualified_customer("华星展会系统")
    team.house.sees(deal, stage="project_initiation")
    team.asks_the_sponsor(deal)
    team.sponsor.signs_from_mail("Project initiation")
    team.house.sees(deal, stage="requirement_analysis")
    team.asks_for_the_review_of_requirements(deal)
    for reviewer in (team.project_manager, team.product, team.customer):
        reviewer.signs_from_mail("需求评审")
    team.house.sees(deal, stage="product_solution")
    solution_is_confirmed(team, deal)
    team.house.sees(deal, stage="business_negotiation")
    discount_is_granted(team, deal)
    team.house.sees(deal, stage="contract_signing")
    return deal


def the_contract_waits_for_its_date(team: SalesTeam, deal: RunningCase) -> None:
    """Signed in March, in force from the first of April: then the project moves on by itself."""
    contract_is_signed(team, deal, amount="460000", effective_on="2026-04-01")
    team.house.day_comes("2026-03-31")
    team.house.sees(deal, stage="contract_signing")
    team.house.day_comes("2026-04-01")
    team.house.sees(deal, stage="project_execution")


def the_contract_is_amended(team: SalesTeam, deal: RunningCase) -> None:
    """The customer wants more: both parties and the sales manager agree, and the new text is signed anew."""
    team.project_manager.advances(deal, "contract_amended", reason="增加数据看板，金额与交期随之变更")
    for party in (team.customer, team.signatory, team.sales_manager):
        party.signs_from_mail("合同变更审批")
    team.house.sees(deal, stage="contract_signing")
    contract_is_signed(team, deal, amount="520000", effective_on="2026-04-01")
    team.house.sees(deal, stage="project_execution")


def the_work_is_accepted_at_the_second_try(team: SalesTeam, deal: RunningCase) -> None:
    for passed in (False, True):
        work_is_done(team, deal)
        team.house.sees(deal, stage="acceptance_delivery")
        checked = {"criterion": "签到 1 秒内完成", "contract_clause": "5.1", "passed": passed}
        team.engineer.fills(deal, acceptance_on=str(team.house.today), checklist=[checked])
        if not passed:
            team.engineer.fills(deal, result="failed")
            team.engineer.advances(deal, "acceptance_failed", reason="签到太慢")
            team.house.sees(deal, stage="project_execution")
    acceptance_is_asked_for(team, deal)
    team.customer.signs_from_mail("客户验收")
    team.house.sees(deal, stage="closing_summary")


def the_project_is_closed_and_the_customer_looked_after(team: SalesTeam, deal: RunningCase) -> None:
    project_is_closed(team, deal)
    team.house.sees(deal, stage="customer_maintenance")
    li = team.salesperson
    li.completes(deal, "visit_customer")
    assert li.task(deal, "visit_customer") == ("done", 1)
    team.house.time_passes(days=30)
    assert li.gets_mail("定期回访")
    assert li.task(deal, "visit_customer") == ("open", 2)


def solution_is_confirmed(team: SalesTeam, deal: RunningCase) -> None:
    team.product.fills(
        deal, functions=["线上展厅", "签到"], customer_confirmed=True, confirmed_on="2026-03-12"
    )
    team.product.fills(deal, solution_doc=Paper("产品方案.pdf"))
    team.product.completes(deal)
    team.product.advances(deal, "solution_confirmed")
    team.customer.signs_from_mail("客户确认方案", comment="同意，请尽快报价")


def discount_is_granted(team: SalesTeam, deal: RunningCase) -> None:
    """Eight percent is more than the five the company lets a salesperson give."""
    li = team.salesperson
    li.fills(
        deal,
        price="460000 CNY",
        discount="8",
        delivery_date="2026-06-30",
        rights_duties="见条款清单",
        agreed=True,
    )
    li.completes(deal)
    li.advances(deal, "terms_agreed")
    team.sales_manager.signs_from_mail("价格与折扣审批")


def contract_is_signed(team: SalesTeam, deal: RunningCase, *, amount: str, effective_on: str) -> None:
    """First legal and finance look at the text, then both parties sign it."""
    li = team.salesperson
    li.fills(deal, contract_no="HX-2026-018", amount=f"{amount} CNY", effective_on=effective_on)
    li.fills(deal, contract_file=Paper(f"合同-{amount}.pdf"))
    li.advances(deal, "contract_reviewed")
    for reviewer in (team.legal, team.finance):
        reviewer.signs_from_mail("法务与财务审核合同")
    li.waits_until_it_may(deal, "contract_signed")
    li.advances(deal, "contract_signed")
    for party in (team.customer, team.signatory):
        party.signs_from_mail("双方签署合同")
    li.fills(deal, signed_on=str(team.house.today), archived=True)
    li.completes(deal)


def work_is_done(team: SalesTeam, deal: RunningCase) -> None:
    qian = team.engineer
    qian.fills(
        deal, progress="100", milestones=[{"name": "上线", "due": "2026-06-15", "done_on": "2026-04-01"}]
    )
    qian.completes(deal)
    qian.advances(deal, "execution_done")


def acceptance_is_asked_for(team: SalesTeam, deal: RunningCase) -> None:
    qian = team.engineer
    qian.fills(deal, result="passed", delivered_on=str(team.house.today))
    qian.fills(deal, acceptance_report=Paper("验收报告.pdf"))
    qian.completes(deal)
    qian.advances(deal, "accepted")


def project_is_closed(team: SalesTeam, deal: RunningCase) -> None:
    lesson = {"kind": "failure", "text": "签到的性能太晚才测", "improvement": "第一周就做压力测试"}
    team.finance.fills(deal, total_cost="310000 CNY", total_revenue="520000 CNY", profit="210000 CNY")
    team.finance.completes(deal, "account_cost_revenue")
    team.project_manager.fills(deal, lessons=[lesson], archive_no="XM-2026-007")
    team.project_manager.completes(deal)
    team.project_manager.advances(deal, "closed_out")
    team.superior.signs_from_mail("结项审批")
