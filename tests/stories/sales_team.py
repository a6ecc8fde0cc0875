"""The people around a sales project, and the short way into its first stages for stories that begin there."""

from dataclasses import dataclass
from typing import Self

from tests.stories.house import House, RunningCase
from tests.stories.people import Paper, Person

SOP = "sales_project_ten_stage"


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesTeam:
    """Everybody who has a part. The sponsor reads English; the customer has no account, only a mailbox."""

    house: House
    salesperson: Person
    sales_manager: Person
    sponsor: Person
    project_manager: Person
    engineer: Person
    product: Person
    legal: Person
    finance: Person
    signatory: Person
    superior: Person
    customer: Person

    @classmethod
    def moves_into(cls, house: House) -> Self:
        return cls(
            house=house,
            salesperson=house.person("李雷", "salesperson", "account_manager"),
            sales_manager=house.person("韩梅梅", "sales_manager"),
            sponsor=house.person("Ms Wang", "project_sponsor", speaks="en"),
            project_manager=house.person("赵敏", "project_manager"),
            engineer=house.person("钱进", "team_member"),
            product=house.person("孙悦", "product"),
            legal=house.person("周正", "legal"),
            finance=house.person("吴芳", "finance"),
            signatory=house.person("郑总", "company_signatory"),
            superior=house.person("冯总", "superior", "decider", "sop_owner"),
            customer=house.person("陈工", "customer", external=True),
        )

    def has_a_qualified_customer(self, title: str) -> RunningCase:
        """A project whose first conversation went well."""
        li = self.salesperson
        deal = li.starts(SOP, title, target_group="会展主办方", customer="huaxing", in_private_pool=True)
        li.fills(deal, contact_person="陈工", first_contact_on="2026-03-02", initial_need="线上展厅与签到")
        li.fills(deal, development_plan=Paper("客户开发计划.pdf"))
        li.completes(deal)
        li.advances(deal, "qualified")
        return deal

    def asks_for_the_review_of_requirements(self, deal: RunningCase) -> None:
        qian = self.engineer
        qian.fills(deal, customer_agreed=True, review_result="passed", review_on=str(self.house.today))
        qian.fills(deal, requirement_doc=Paper("需求文档.pdf"))
        qian.completes(deal)
        qian.advances(deal, "scope_fixed")

    def asks_the_sponsor(self, deal: RunningCase) -> None:
        """The project is planned, and the sponsor is asked to let it begin."""
        han, zhao, qian = self.sales_manager, self.project_manager, self.engineer
        han.fills(deal, project_name="华星展会系统", goal="秋季展会前上线", scope="线上展厅、签到、数据看板")
        han.fills(deal, feasibility="feasible", feasibility_note="团队与技术均已具备")
        han.fills(
            deal,
            project_manager=zhao.id,
            team=[{"user": qian.id, "role": "工程师", "duty": "实施"}],
            plan=[{"task": "实施", "owner": qian.id, "start": "2026-04-01", "end": "2026-06-30"}],
        )
        han.completes(deal)
        han.attaches(deal, "initiation_document", Paper("立项文档.pdf"))
        han.advances(deal, "go")
