"""A campaign's money: the budget binds each item, more is granted beforehand, claims are settled first."""

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from tests.unit.sop_definitions.campaigns import in_settlement, running
from tests.unit.sop_definitions.case_walk import ONLY


def spending(item: str, *amounts: str) -> cmd.SetFields:
    lines: JsonValue = [{"item": item, "amount": amount} for amount in amounts]
    return cmd.SetFields(case_id=ONLY, values={"expenses": lines})


def test_spending_stops_at_the_budget_of_its_item_until_more_is_granted() -> None:
    walk = running()
    walk.do(spending("media", "400 CNY", "200 CNY"))
    over = spending("media", "400 CNY", "250 CNY")
    assert walk.blocked(over) == {("rule_broken_for_remedy", "within_budget")}
    child = walk.open_child("over_budget_request")
    walk.close_child(
        child, "granted", item="media", amount={"amount": "50", "currency": "CNY"}, reason="prices rose"
    )
    walk.do(over)

    assert walk.blocked(spending("media", "651 CNY")) == {("rule_broken_for_remedy", "within_budget")}


def test_a_release_for_one_item_does_not_help_another() -> None:
    walk = running()
    child = walk.open_child("over_budget_request")
    walk.close_child(
        child, "granted", item="media", amount={"amount": "50", "currency": "CNY"}, reason="prices rose"
    )

    assert walk.blocked(spending("staffing", "401 CNY")) == {("rule_broken_for_remedy", "within_budget")}
    assert walk.blocked(spending("research", "1 CNY")) == {("rule_broken_for_remedy", "within_budget")}


def test_a_refused_request_releases_nothing() -> None:
    walk = running()
    child = walk.open_child("over_budget_request")
    walk.close_child(
        child, "refused", item="media", amount={"amount": "50", "currency": "CNY"}, reason="prices rose"
    )

    assert walk.blocked(spending("media", "601 CNY")) == {("rule_broken_for_remedy", "within_budget")}


def test_an_over_budget_request_is_told_the_budget_and_the_spending() -> None:
    walk = running()
    walk.do(spending("media", "400 CNY"))
    walk.open_child("over_budget_request")
    opened = next(event for event in walk.events if isinstance(event, ev.ChildOpened))

    assert dict(opened.values) == {"budget_total": "1000.00 CNY", "spent_so_far": "400.00 CNY"}


def test_claims_are_settled_before_the_archive() -> None:
    walk = in_settlement()
    walk.do(spending("media", "400 CNY"))
    child = walk.open_child("expense_claim")
    walk.give(total_spent="400 CNY", variance="-600 CNY")
    walk.work("expense_settlement")
    assert walk.blocked(walk.request("expenses_settled")) == {("guard_false", "expenses_settled")}
    walk.close_child(
        child, "paid", purpose="films", total={"amount": "400", "currency": "CNY"}, claimed_on="2026-06-02"
    )
    walk.take("expenses_settled")

    assert walk.case.values["claims"] == [
        {"purpose": "films", "amount": {"amount": "400.00", "currency": "CNY"}, "claimed_on": "2026-06-02"}
    ]


def test_totals_that_do_not_add_up_are_not_settled() -> None:
    walk = in_settlement()
    walk.do(spending("media", "400 CNY"))
    walk.give(total_spent="300 CNY", variance="-700 CNY")
    walk.work("expense_settlement")

    assert walk.blocked(walk.request("expenses_settled")) == {("guard_false", "expenses_settled")}
