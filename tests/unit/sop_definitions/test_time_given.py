"""Where the shipped SOPs let a clock stand still or give more time, and who agrees to that."""

from engine.case import events as ev
from engine.case.time_commands import AskMoreTime, WaitOutside
from engine.ids import CaseId
from tests.unit.sop_definitions.campaigns import SOP, running
from tests.unit.sop_definitions.case_walk import MANAGER
from tests.unit.sop_definitions.shipped import FOLDER, shipped
from tests.unit.sop_definitions.test_sales_project import NAME, up_to

C1 = CaseId("c1")
WITH_CUSTOMER = [
    "requirement_analysis",
    "product_solution",
    "business_negotiation",
    "contract_signing",
    "acceptance_delivery",
]


def test_a_sales_project_waits_for_the_customer_where_the_customer_has_a_part() -> None:
    stages = shipped(NAME).sop.stages
    assert [stage.id for stage in stages if stage.pausable is not None] == WITH_CUSTOMER
    assert {s.pausable.most for s in stages if s.pausable} == {"$customer_wait_time"}


def test_no_other_shipped_sop_stops_a_clock() -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.yaml"))
    assert [n for n in names if any(s.pausable for s in shipped(n).sop.stages)] == [NAME]
    assert [n for n in names if any(t.extends for t in shipped(n).sop.transitions)] == [SOP, NAME]


def test_the_solution_waits_for_the_customer_as_long_as_the_company_allows() -> None:
    company = up_to("product_solution", product_solution_time="5 wd", customer_wait_time="2 wd")
    waits = WaitOutside(case_id=C1, stage="product_solution", waits_for="客户", reason="客户在核对方案")
    assert company.desk.do(waits).refusal is None
    (wake,) = [d for d in company.desk.case().deadlines.values() if d.kind == "resume"]
    company.desk.clock.set(wake.due_at)
    company.desk.sweep()
    assert company.desk.last(ev.StageGoesOn).capped


def test_while_the_longest_wait_is_not_set_it_ends_by_hand() -> None:
    company = up_to("business_negotiation")
    waits = WaitOutside(case_id=C1, stage="business_negotiation", waits_for="客户", reason="等总部批复")
    assert company.desk.do(waits).refusal is None
    assert [wait.until for wait in company.desk.case().waits.values()] == [None]


def test_execution_gets_more_time_once_the_sponsor_agrees() -> None:
    company = up_to("project_execution", project_execution_time="20 wd")
    before = next(d for d in company.desk.case().deadlines.values() if d.kind == "stage")
    asks = AskMoreTime(case_id=C1, until="2027-03-31", reason="现场条件未具备")
    assert company.desk.do(asks).refusal is None
    assert company.desk.run().deadlines[before.id].due_at == before.due_at
    assert company.desk.sign("project_sponsor").refusal is None
    assert company.desk.run().deadlines[before.id].due_at > before.due_at


def test_without_a_time_limit_there_is_nothing_to_extend() -> None:
    company = up_to("project_execution")
    refusal = company.desk.do(AskMoreTime(case_id=C1, until="2027-03-31", reason="现场条件未具备")).refusal
    assert refusal is not None
    assert [blocker.code for blocker in refusal.blockers] == ["nothing_to_extend"]


def test_the_end_of_a_campaign_is_postponed_only_with_the_heads_consent() -> None:
    walk = running()
    (before,) = [d for d in walk.case.deadlines.values() if d.kind == "stage" and d.track == "execution"]
    walk.do(AskMoreTime(case_id=walk.id, until="2026-06-12", reason="场地改期"), MANAGER)
    asked = [ask.person for a in walk.case.approvals.values() for ask in a.asks]
    assert asked == ["marketing_head"]
    walk.decide_all()
    after = walk.case.deadlines[before.id]
    assert (before.due_at.date().isoformat(), after.due_at.date().isoformat()) == ("2026-05-29", "2026-06-12")
    assert "implement" in walk.places
