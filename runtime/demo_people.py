"""The people of the demonstration, who signs what, and what their company has set."""

from typing import Final

from engine.ids import PersonId
from engine.store.people import Person

_HOLDS: Final[dict[str, tuple[str, str, tuple[str, ...]]]] = {
    "wangmin": ("王敏", "项目经理", ("project_manager", "marketing_manager", "planner", "applicant")),
    "liqiang": ("李强", "销售经理", ("sales_manager", "decider", "claim_approver", "superior_manager")),
    "zhangwei": ("张伟", "销售", ("salesperson", "account_manager")),
    "chenjing": ("陈静", "市场总监", ("marketing_head", "leader", "superior_reviewer", "management")),
    "zhaolei": (
        "赵磊",
        "总经理",
        ("project_sponsor", "superior", "company_leadership", "company_signatory", "budget_approver"),
    ),
    "liufang": ("刘芳", "内容与策划", ("content_team", "executor")),
    "sunyue": ("孙悦", "市场推广", ("promotion_department", "supervisor")),
    "heping": ("何平", "数据分析", ("analyst", "data_team")),
    "zhoujie": ("周洁", "产品与实施", ("product", "team_member")),
    "wulan": ("吴岚", "财务", ("finance",)),
    "fenglei": ("冯磊", "法务", ("legal",)),
    "xuling": ("徐玲", "客服与流程管理", ("customer_service", "sop_owner")),
    "linyue": ("林越", "客户：华东精密", ("customer",)),
}
EXTERNAL: Final = {"linyue": "linyue@example.com"}
"""With the address sign-off links go to; colleagues can be reached without one, in the mailbox."""

SETTINGS: Final[dict[str, str | bool]] = {
    "approval_time": "2 wd",
    "customer_answer_time": "5 wd",
    "remind_before": "1 wd",
    "escalate_after": "1 wd",
    "milestone_remind_before": "2 wd",
    "milestone_escalate_after": "1 wd",
    "discount_limit": "10",
    "customer_development_time": "15 wd",
    "requirement_analysis_time": "10 wd",
    "business_negotiation_time": "10 wd",
    "project_execution_time": "60 wd",
    "market_research_time": "10 wd",
    "plan_making_time": "10 wd",
    "strategy_time": "5 wd",
    "plan_time": "8 wd",
    "review_every": "5 wd",
    "direction_needs_approval": True,
}
"""The rest is left unset, as on a first day: `guanka doctor` and the pages show it as such."""


def people() -> tuple[Person, ...]:
    return tuple(
        Person(id=PersonId(person), name=name, email=EXTERNAL.get(person, ""), external=person in EXTERNAL)
        for person, (name, _, _) in _HOLDS.items()
    )


def holders() -> dict[str, tuple[PersonId, ...]]:
    """By role, for the whole company."""
    return {role: (PersonId(person),) for person, (_, _, roles) in _HOLDS.items() for role in roles}


def post_of(person: str) -> str:
    return _HOLDS[person][1] if person in _HOLDS else ""
