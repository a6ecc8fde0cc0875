"""What guards see of a case, and what goes over to a child."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.view import CaseView
from engine.definition.guards import evaluate
from tests.factories import Desk, a_desk, a_sop, person


def _under_way() -> Desk:
    sop = a_sop(children={"side": {"sop": "side"}}, counters={"briefs": {"zh": "版本"}})
    sop["transitions"][0]["bump"] = "briefs"
    desk = a_desk(sop, a_sop(sop="side"), budget_limit={"amount": "100.00", "currency": "CNY"})
    desk.start(brief="新品", budget="5 CNY")
    desk.do(cmd.CompleteTask(case_id=desk.case().id, task="write_brief"))
    desk.do(cmd.OpenChild(case_id=desk.case().id, child="side", title="x"))
    desk.advance("submit")
    desk.run()
    return desk


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("left(brief_stage)", True),
        ("left(main.brief_stage)", True),
        ("left(review)", False),
        ("at(review)", True),
        ("at(main.live)", False),
        ("task_done(write_brief)", True),
        ("none_open(side)", False),
        ("closed(side)", False),
        ("version(briefs) == 1", True),
        ("budget <= $budget_limit", True),
        ("given(go_live_on)", False),
        ("go_live_on", None),
        ("today >= '2026-11-23'", True),
        ("now >= '2026-11-23T00:00:00Z'", True),
    ],
)
def test_a_case_answers_what_a_guard_asks(expression: str, expected: object) -> None:
    desk = _under_way()
    definition = desk.store.current["launch"]
    facts = desk.service.facts(definition, desk.store.company("launch"), person("pei"))
    assert evaluate(definition.expression(expression), CaseView(definition, desk.case(), facts)) == expected


@pytest.mark.parametrize(
    ("expression", "passed"),
    [
        ("brief", "新品"),
        ("budget", {"amount": "5.00", "currency": "CNY"}),
        ("budget * 2", "10.00 CNY"),
        ("given(budget)", True),
        ("today", "2026-11-23"),
        ("go_live_on", None),
    ],
)
def test_what_the_sop_passes_is_computed_when_the_child_opens(expression: str, passed: Any) -> None:
    sop = a_sop(children={"side": {"sop": "side", "values": {"got": expression}}})
    desk = a_desk(sop, a_sop(sop="side"))
    desk.start(brief="新品", budget="5 CNY")
    for _ in range(2):
        desk.do(cmd.OpenChild(case_id=desk.case().id, child="side", title="x"))
        values = desk.last(ev.ChildOpened).values
        assert values == ({} if passed is None else {"got": passed})


def test_a_condition_plainly_false_names_itself_and_not_a_column_some_record_lacks() -> None:
    lines = {"type": "list", "of": {"type": "record", "fields": {"item": "text", "ok": "bool"}}}
    sop = a_sop()
    sop["fields"]["lines"] = lines
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0]["guard"] = "all(lines.ok)"
    desk = a_desk(sop)
    desk.start(lines=[{"item": "x"}, {"item": "y", "ok": False}])
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert [b.code for b in refusal.blockers] == ["guard_false"]


def test_the_wake_that_is_set_already_is_not_set_again() -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0] |= {"guard": "go_live_on <= today", "auto": True}
    desk = a_desk(sop)
    desk.start(go_live_on="2026-11-25")
    desk.set(brief="x")
    assert desk.kinds().count("deadline_set") == 1
