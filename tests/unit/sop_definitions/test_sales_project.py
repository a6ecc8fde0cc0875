"""The sales project in ten stages, and the change request it opens, against what the method says."""

from datetime import timedelta

import pytest

from engine.case import commands as cmd
from engine.definition.model import TransitionSpec
from engine.ids import CaseId
from tests.unit.sop_definitions.shipped import (
    Company,
    amounts,
    demanded,
    incomplete,
    loops,
    of_stage,
    shipped,
)

NAME = "sales_project_ten_stage"
STAGES = (
    "customer_development",
    "project_initiation",
    "requirement_analysis",
    "product_solution",
    "business_negotiation",
    "contract_signing",
    "project_execution",
    "acceptance_delivery",
    "closing_summary",
    "customer_maintenance",
)
# Every field the method's stages ask for, and in which stage the ones that must be given are given.
DEMANDED = {
    "customer_development": "target_group development_plan customer contact_person first_contact_on "
    "initial_need in_private_pool",
    "project_initiation": "project_name goal scope feasibility feasibility_note project_manager team plan",
    "requirement_analysis": "requirement_doc customer_agreed review_result review_on",
    "product_solution": "solution_doc customer_confirmed confirmed_on",
    "business_negotiation": "price delivery_date rights_duties agreed",
    "contract_signing": "contract_no contract_file signed_on effective_on amount archived",
    "project_execution": "progress milestones",
    "acceptance_delivery": "acceptance_on checklist result acceptance_report delivered_on",
    "closing_summary": "lessons total_cost total_revenue archive_no",
    "customer_maintenance": "",
}
FREE = (
    "contact_way source resources expected_revenue expected_cost requirements reviewers functions "
    "adjustments price_estimate payment_terms open_points discount products quality_check issues "
    "actual_cost profit attainment visits feedback services events next_visit_on"
)


@pytest.fixture
def transitions() -> dict[str, TransitionSpec]:
    return {t.id: t for t in shipped(NAME).sop.transitions}


@pytest.mark.parametrize("name", [NAME, "change_request"])
def test_every_element_has_both_languages_and_says_where_it_comes_from(name: str):
    assert incomplete(shipped(name).sop) == []


@pytest.mark.parametrize("name", [NAME, "change_request"])
def test_no_amount_of_time_or_money_is_written_down(name: str):
    assert amounts(name) == []


def test_ten_stages_stand_in_the_method_s_order_with_its_thirty_two_tasks():
    sop = shipped(NAME).sop
    assert tuple(stage.id for stage in sop.stages) == STAGES
    assert of_stage(sop, "S") == dict.fromkeys(STAGES, 3) | {"customer_maintenance": 5}


def test_a_stage_is_left_only_with_the_fields_the_method_asks_for():
    sop = shipped(NAME).sop
    assert {stage: demanded(sop, stage) for stage in STAGES} == {
        s: set(f.split()) for s, f in DEMANDED.items()
    }
    assert {*" ".join(DEMANDED.values()).split(), *FREE.split()} <= sop.fields.keys()


def test_nine_approvals_ask_whom_the_method_names(transitions: dict[str, TransitionSpec]):
    asked = {
        a.id: (t.id, a.mode.value, [by.role for by in a.by])
        for t in transitions.values()
        for a in t.approvals
    }
    assert asked == {
        "initiation_go": ("go", "any", ["project_sponsor"]),
        "requirement_review": ("scope_fixed", "all", ["project_manager", "product", "customer"]),
        "solution_confirmation": ("solution_confirmed", "any", ["customer"]),
        "price_terms": ("terms_agreed", "any", ["sales_manager"]),
        "contract_review": ("contract_reviewed", "all", ["legal", "finance"]),
        "contract_signature": ("contract_signed", "all", ["customer", "company_signatory"]),
        "contract_amendment": ("contract_amended", "all", ["customer", "company_signatory", "sales_manager"]),
        "customer_acceptance": ("accepted", "any", ["customer"]),
        "project_closing": ("closed_out", "any", ["superior"]),
    } | {"execution_extension": ("extend_execution", "any", ["project_sponsor"])}  # the tenth is our reading


def test_the_loops_lead_back_where_the_method_says(transitions: dict[str, TransitionSpec]):
    assert loops(shipped(NAME).sop) == {
        ("review_returned", "requirement_analysis", "requirement_analysis"),
        ("solution_adjusted", "product_solution", "product_solution"),
        ("requirement_changed", "product_solution", "requirement_analysis"),
        ("terms_change_solution", "business_negotiation", "product_solution"),
        ("text_disputed", "contract_signing", "business_negotiation"),
        ("draft_disputed", "contract_signing", "business_negotiation"),
        ("contract_amended", "project_execution", "contract_signing"),
        ("acceptance_failed", "acceptance_delivery", "project_execution"),
    }
    assert {t.id for t in transitions.values() if t.stay} == {
        "contract_reviewed", "contract_signed", "issue_adjusted", "new_need", "extend_execution",
    }  # fmt: skip


def test_exits_and_hold_are_open_in_the_stages_the_method_gives_them():
    sop = shipped(NAME).sop
    exits = {t.exit: (t.from_, t.reason) for t in sop.transitions if t.exit is not None}
    assert exits == {
        "disqualified": (STAGES[0], "required"),
        "no_go": (STAGES[1], "required"),
        "lost": (STAGES[2:6], "required"),
        "terminated": (STAGES[6:8], "required"),
        "closed": (STAGES[9], "required"),
    }
    assert sop.hold.stages == STAGES[:8]


def test_every_stage_but_the_endless_one_has_its_own_time_limit_as_a_setting():
    limits = {s.id: s.deadline.within if s.deadline else None for s in shipped(NAME).sop.stages}
    assert limits == {stage: f"${stage}_time" for stage in STAGES[:9]} | {STAGES[9]: None}


def up_to(stage: str, **settings: str) -> Company:
    """A project with every other setting unset, worked through to this stage."""
    company = Company(NAME, "change_request", **settings)
    for move, signers in PATH:
        if company.stage == stage:
            return company
        company.work()
        if company.stage == "contract_signing":
            company.take("contract_reviewed", "legal", "finance")
            company.take("contract_signed", "customer", "company_signatory")
            company.desk.run()
        else:
            company.take(move, *signers)
    assert company.stage == stage
    return company


PATH = (
    ("qualified", ()),
    ("go", ("project_sponsor",)),
    ("scope_fixed", ("project_manager", "product", "customer")),
    ("solution_confirmed", ("customer",)),
    ("terms_agreed", ("sales_manager",)),
    ("contract_effective", ()),
    ("execution_done", ()),
    ("accepted", ("customer",)),
    ("closed_out", ("superior",)),
)


def test_a_project_runs_through_all_ten_stages_with_every_setting_unset():
    assert up_to("customer_maintenance").take("end_maintenance") == "closed"


def test_an_unset_discount_limit_asks_the_sales_manager():
    company = up_to("business_negotiation")
    company.work(discount="1")
    assert company.desk.advance("terms_agreed").refusal is None
    assert [a.spec for a in company.desk.case().approvals.values() if a.state == "open"] == ["price_terms"]


def test_a_contract_waits_for_its_effective_date_and_then_takes_effect_by_itself():
    company = up_to("contract_signing")
    company.work(effective_on="2026-12-01")
    company.take("contract_reviewed", "legal", "finance")
    assert company.take("contract_signed", "customer", "company_signatory") == "contract_signing"
    company.desk.clock.advance(timedelta(days=8))
    company.desk.sweep()
    company.desk.run()
    assert company.stage == "project_execution"


def test_nobody_signs_a_contract_that_was_not_reviewed():
    company = up_to("contract_signing")
    company.work()
    assert company.blocked("contract_signed") == {"guard_false"}


def test_a_signatory_s_no_sends_the_text_back_and_its_review_is_void():
    company = up_to("contract_signing")
    company.work()
    company.take("contract_reviewed", "legal", "finance")
    assert company.take("contract_signed", refused_by="customer") == "business_negotiation"
    company.work()
    assert company.take("terms_agreed", "sales_manager") == "contract_signing"
    company.work()
    assert company.blocked("contract_signed") == {"guard_false"}
    company.take("contract_reviewed", "legal", "finance")
    assert company.blocked("contract_signed") == set()


def test_legal_s_no_sends_the_draft_back_and_one_review_is_enough_afterwards():
    company = up_to("contract_signing")
    company.work()
    assert company.take("contract_reviewed", "finance", refused_by="legal") == "business_negotiation"
    company.work()
    company.take("terms_agreed", "sales_manager")
    company.work()
    company.take("contract_reviewed", "legal", "finance")
    assert company.blocked("contract_signed") == set()


def test_an_amended_contract_is_reviewed_and_signed_anew():
    company = up_to("project_execution")
    amended = company.take("contract_amended", "customer", "company_signatory", "sales_manager")
    assert amended == "contract_signing"
    company.work()
    assert company.blocked("contract_effective") == {"guard_false"}
    assert company.blocked("contract_signed") == {"guard_false"}
    company.take("contract_reviewed", "legal", "finance")
    company.take("contract_signed", "customer", "company_signatory")
    company.desk.run()
    assert company.stage == "project_execution"


def test_a_reviewer_s_no_returns_the_requirements_and_counts_a_new_scope_version():
    company = up_to("requirement_analysis")
    company.work()
    assert company.take("scope_fixed", "product", refused_by="customer") == "requirement_analysis"
    case = company.desk.case()
    assert case.counters == {"scope_version": 1}
    assert case.values.get("customer_agreed") is None


def test_the_fixed_scope_opens_only_with_a_granted_change_request():
    company = up_to("product_solution")
    assert "guard_false" in company.blocked("requirement_changed")
    company.do(cmd.OpenChild(case_id=CaseId("c1"), child="change_request", title="改需求"))
    child = next(iter(company.desk.case().children))
    closed = cmd.RecordChildClosed(case_id=CaseId("c1"), child=CaseId(child), outcome="granted")
    assert company.desk.do(closed, by="rule").refusal is None
    assert company.take("requirement_changed") == "requirement_analysis"
    assert company.desk.case().values.get("scope_change_granted") is None


def test_a_refused_change_request_leaves_the_scope_fixed():
    company = up_to("product_solution")
    company.do(cmd.OpenChild(case_id=CaseId("c1"), child="change_request", title="改需求"))
    child = next(iter(company.desk.case().children))
    closed = cmd.RecordChildClosed(case_id=CaseId("c1"), child=CaseId(child), outcome="refused")
    assert company.desk.do(closed, by="rule").refusal is None
    assert company.blocked("requirement_changed") == {"field_missing"}


def test_a_failed_acceptance_goes_back_to_work_and_is_asked_for_anew():
    company = up_to("acceptance_delivery")
    company.work(result="failed")
    assert company.blocked("accepted") == {"guard_false"}
    assert company.take("acceptance_failed") == "project_execution"
    values = company.desk.case().values
    assert {name for name in ("result", "acceptance_on", "progress") if values.get(name) is not None} == set()


def test_a_passed_acceptance_does_not_hide_a_criterion_that_failed():
    company = up_to("acceptance_delivery")
    company.work(checklist=[{"criterion": "性能", "contract_clause": "5.1", "passed": False}])
    assert company.blocked("accepted") == {"guard_false"}


def test_a_lost_project_says_why():
    company = up_to("product_solution")
    assert company.blocked("lose") == {"field_missing"}
    company.fill(lost_reason="price")
    assert company.take("lose") == "lost"


def test_a_new_need_opens_a_project_that_knows_the_customer():
    company = up_to("customer_maintenance")
    company.fill(next_need="二期扩容")
    assert company.take("new_need") == "customer_maintenance"
    opened = [r.event for r in company.desk.store.events["c1"] if r.event.kind == "child_opened"]
    assert [(e.sop, e.values["initial_need"], e.values["customer"]) for e in opened] == [
        (NAME, "二期扩容", "r1")
    ]


@pytest.mark.parametrize(("refused_by", "outcome"), [("", "granted"), ("decider", "refused")])
def test_a_change_request_ends_with_the_decider_s_answer(refused_by: str, outcome: str):
    company = Company("change_request")
    company.work()
    signers = () if refused_by else ("decider",)
    assert company.take("grant", *signers, refused_by=refused_by) == outcome


def test_a_change_request_can_be_withdrawn():
    assert Company("change_request").take("withdraw") == "withdrawn"
