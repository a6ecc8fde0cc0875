"""The small SOPs a campaign opens: over-budget request, incident, expense claim."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.state import Verdict
from engine.definition.field_spec import FieldSpec
from engine.definition.titled import Titled
from tests.unit.sop_definitions.case_walk import FOLDER, Walk, shipped

SMALL = ("over_budget_request", "incident", "expense_claim")
MARK = re.compile(r"S(-(MR|MD|PD|RV|PM|3P))?|I|STD|B:[a-z_]+")
LANGUAGE = re.compile(r"[\u4e00-\u9fff]")
FILE: JsonValue = {"name": "receipt.pdf", "hash": "b" * 64, "size": 9, "media_type": "application/pdf"}


def titled(sop_id: str) -> Iterator[tuple[str, Titled | FieldSpec]]:
    sop = shipped(sop_id).sop
    yield sop_id, sop
    for group in (sop.settings, sop.roles, sop.fields, sop.counters, sop.exits):
        yield from group.items()
    for stage in sop.stages:
        yield stage.id, stage
        yield from ((thing.id, thing) for thing in (*stage.tasks, *stage.deliverables))
    yield from ((rule.id, rule) for rule in sop.rules)
    for transition in sop.transitions:
        yield transition.id, transition
        yield from ((approval.id, approval) for approval in transition.approvals)


@pytest.mark.parametrize("sop", SMALL)
def test_every_element_is_named_in_both_languages_and_says_where_it_comes_from(sop: str) -> None:
    nameless = [name for name, thing in titled(sop) if not LANGUAGE.search(thing.zh) or not thing.en]
    nowhere = [name for name, thing in titled(sop) if not MARK.fullmatch(thing.source or "")]

    assert (nameless, nowhere) == ([], [])


@pytest.mark.parametrize("sop", SMALL)
def test_an_id_means_one_thing_only(sop: str) -> None:
    names = [name for name, _ in titled(sop)]

    assert [name for name in set(names) if names.count(name) > 1] == []


@pytest.mark.parametrize("sop", SMALL)
def test_no_time_and_no_money_is_written_into_the_file(sop: str) -> None:
    text = (FOLDER / f"{sop}.yaml").read_text(encoding="utf-8")

    assert re.findall(r"\b\d+ ?(wd|wh|d|h|min|CNY|元|%)", text) == []


def test_budget_items_are_the_same_in_every_file() -> None:
    campaign = shipped("campaign_execution_supervision").sop.fields
    lists = [campaign[name].columns["item"] for name in ("budget_lines", "expenses", "releases")]
    lists += [shipped("expense_claim").sop.fields["claim_lines"].columns["item"]]
    request = shipped("over_budget_request").sop.fields["item"]

    assert [item.values for item in lists] == [request.values] * len(lists)


def asked_for() -> Walk:
    walk = Walk("over_budget_request", {"item": "media", "amount": "50 CNY", "reason": "prices rose"})
    walk.work("write_request")
    return walk


@pytest.mark.parametrize(("verdict", "outcome"), [(Verdict.APPROVE, "granted"), (Verdict.REJECT, "refused")])
def test_the_superior_grants_or_refuses_spending_above_budget(verdict: Verdict, outcome: str) -> None:
    walk = asked_for()
    walk.ask("grant")
    walk.decide_all(verdict)

    assert walk.case.outcome == outcome


def test_a_request_can_be_withdrawn() -> None:
    walk = Walk("over_budget_request")
    walk.take("withdraw")

    assert walk.case.outcome == "withdrawn"


def test_money_that_may_be_spent_already_is_not_put_to_the_superior() -> None:
    walk = Walk("over_budget_request", {"item": "media", "amount": "50 CNY", "reason": "prices rose"})

    assert ("task_open", "confirm_unspent") in walk.blocked(walk.request("grant"))


HAPPENED: dict[str, JsonValue] = {
    "occurred_at": "2026-03-02T00:30:00Z",
    "description": "hall flooded",
    "reported_at": "2026-03-02T00:50:00Z",
}


def instructed() -> Walk:
    walk = Walk("incident", HAPPENED)
    walk.work("report_incident")
    walk.take("report")
    walk.give(instruction="move next door")
    walk.work("instruct")
    walk.take("instruction_given")
    return walk


def test_the_superior_is_told_the_moment_an_incident_is_reported() -> None:
    walk = Walk("incident", HAPPENED)
    walk.work("report_incident")
    walk.take("report")
    entered = [event for event in walk.events if isinstance(event, ev.StageEntered)][-1]

    assert (entered.visit.stage, entered.notify) == ("instruct", ("superior_manager",))


def test_an_incident_is_handled_on_instruction_and_closed_once_checked() -> None:
    walk = instructed()
    walk.give(measure="moved next door")
    walk.work("carry_out")
    walk.take("measure_taken")
    walk.give(outcome_note="went on after an hour")
    walk.work("review_outcome")
    walk.take("close_incident")

    assert walk.case.outcome == "closed"


def test_a_measure_that_did_not_help_gets_a_further_instruction() -> None:
    walk = instructed()
    walk.take("instruct_again")

    assert walk.places == {"instruct"}
    assert walk.case.counters == {"further_instructions": 1}
    assert "instruction" not in walk.case.values


def test_the_report_is_due_counted_from_the_occurrence() -> None:
    walk = Walk("incident", settings={"report_limit": "2 h", "escalate_after": "1 h"})
    walk.give(**{name: HAPPENED[name] for name in ("occurred_at", "description")})
    walk.wait(timedelta(hours=3))
    told = [event.role for event in walk.events if isinstance(event, ev.DeadlineEscalated)]

    assert told == ["superior_manager"]


def test_an_incident_is_not_reported_before_it_occurred() -> None:
    walk = Walk("incident", HAPPENED)
    early = cmd.SetFields(case_id=walk.id, values={"reported_at": "2026-03-01T00:00:00Z"})

    assert walk.blocked(early) == {("rule_broken", "reported_after_occurrence")}


def test_what_proves_to_be_no_incident_is_dismissed() -> None:
    walk = Walk("incident", HAPPENED)
    walk.take("dismiss", "a drill")

    assert walk.case.outcome == "not_an_incident"


def claimed(**line: JsonValue) -> Walk:
    lines: JsonValue = [
        {"item": "media", "amount": "40 CNY", "spent_on": "2026-03-01", "purpose": "films", **line}
    ]
    walk = Walk(
        "expense_claim",
        {"purpose": "films", "claimed_on": "2026-03-02", "claim_lines": lines, "total": "40 CNY"},
    )
    walk.work("prepare_claim")
    return walk


def test_a_claim_with_its_receipts_is_approved_and_paid() -> None:
    walk = claimed(receipt=FILE)
    walk.take("claim_approved")
    walk.give(paid_on="2026-03-05")
    walk.work("pay_claim")
    walk.take("claim_paid")

    assert walk.case.outcome == "paid"


def test_a_claim_without_a_receipt_is_not_put_to_approval() -> None:
    walk = claimed()

    assert walk.blocked(walk.request("claim_approved")) == {("guard_false", "claim_approved")}


def test_a_claim_whose_total_is_wrong_is_not_put_to_approval() -> None:
    walk = claimed(receipt=FILE)
    walk.give(total="41 CNY")

    assert walk.blocked(walk.request("claim_approved")) == {("guard_false", "claim_approved")}


def test_a_claim_sent_back_can_be_mended_and_filed_again() -> None:
    walk = claimed(receipt=FILE)
    walk.ask("claim_approved")
    walk.decide_all(Verdict.REJECT)
    assert walk.places == {"prepare_claim"}
    walk.take("claim_approved")

    assert walk.places == {"pay_claim"}


@pytest.mark.parametrize(("transition", "outcome"), [("refuse", "refused"), ("withdraw", "withdrawn")])
def test_a_claim_ends_unpaid_when_refused_or_withdrawn(transition: str, outcome: str) -> None:
    walk = claimed(receipt=FILE)
    walk.take(transition)

    assert walk.case.outcome == outcome
