"""What stops a transition, asked for without trying it: what pages and buttons show."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.blockers import blockers
from engine.case.wording import say
from tests.factories import Desk, a_desk, a_sop, person


def _first(**parts: Any) -> dict[str, Any]:
    sop = a_sop()
    sop["stages"][0]["tasks"] = []
    sop["transitions"][0] |= parts
    return sop


def _seen(desk: Desk, transition: str, by: str = "pei") -> list[tuple[str, str]]:
    definition = desk.store.definitions[desk.case().definition]
    company = desk.store.company(definition.sop.sop)
    facts = desk.service.facts(definition, company, person(by))
    return [
        (b.code, b.subject)
        for b in blockers(definition, desk.case(), definition.transitions[transition], facts)
    ]


def test_what_is_free_has_no_blocker_and_a_reason_to_come_is_none() -> None:
    desk = a_desk(_first())
    desk.start()
    assert _seen(desk, "submit") == []
    assert _seen(desk, "cancel") == []


def test_a_closed_case_says_how_it_ended() -> None:
    desk = a_desk()
    desk.start()
    desk.advance("cancel", reason="x")
    desk.run()
    assert _seen(desk, "submit") == [("case_closed", "cancelled")]


def test_a_held_case_stops_everything_but_giving_up() -> None:
    desk = a_desk(_first())
    desk.start()
    desk.do(cmd.HoldCase(case_id=desk.case().id, reason="x"))
    assert (_seen(desk, "submit"), _seen(desk, "cancel")) == ([("case_held", "c1")], [])


LINES = {
    "type": "list",
    "zh": "清单",
    "en": "Lines",
    "of": {"type": "record", "fields": {"item": "text", "ok": {"type": "bool", "zh": "可", "en": "OK"}}},
}


@pytest.mark.parametrize("guard", ["all(lines.ok)", "any(lines.ok)", "not all(lines.ok)"])
def test_a_guard_that_cannot_be_known_for_want_of_a_column_blocks_and_names_the_column(guard: str) -> None:
    sop = _first(guard=guard)
    sop["fields"]["lines"] = LINES
    desk = a_desk(sop)
    desk.start(lines=[{"item": "x"}])
    refusal = desk.advance("submit").refusal
    assert refusal is not None
    assert [say(b, "zh") for b in refusal.blockers] == ["字段“清单·可”（lines.ok）尚未填写"]
    assert [say(b, "en") for b in refusal.blockers] == ["field 'Lines: OK' (lines.ok) is not filled in yet"]


def test_a_missing_field_is_named_once_however_often_it_is_asked_for() -> None:
    sop = _first(guard="given(brief) and budget > '1 CNY'", requires=["budget"])
    sop["stages"][0]["requires"] = ["budget"]
    desk = a_desk(sop)
    desk.start(brief="x")
    assert _seen(desk, "submit") == [("field_missing", "budget")]


def test_an_optional_task_and_a_recurring_one_hold_nothing() -> None:
    sop = _first()
    sop["stages"][0]["tasks"] = [
        {"id": "nice", "optional": True, "requires": ["budget"]},
        {"id": "daily", "every": "1 wd"},
    ]
    desk = a_desk(sop)
    desk.start()
    assert _seen(desk, "submit") == []


def test_a_field_the_stage_itself_asks_for_is_not_excused_by_a_waived_task() -> None:
    sop = _first()
    sop["stages"][0] |= {
        "requires": ["brief"],
        "tasks": [{"id": "write", "waivable": True, "requires": ["brief", "budget"]}],
    }
    desk = a_desk(sop)
    desk.start()
    desk.do(cmd.WaiveTask(case_id=desk.case().id, task="write", reason="x"))
    assert _seen(desk, "submit") == [("field_missing", "brief")]


def test_a_move_without_a_target_of_its_own_asks_for_no_checklist() -> None:
    sop = a_sop()
    sop["transitions"].append({"id": "note_it", "from": "brief_stage", "stay": True})
    desk = a_desk(sop)
    desk.start()
    assert _seen(desk, "note_it") == []


@pytest.mark.parametrize(("checklist", "expected"), [(True, [("task_open", "write_brief")]), (False, [])])
def test_whether_the_checklist_counts_may_be_written(checklist: bool, expected: list[Any]) -> None:
    sop = a_sop()
    sop["stages"][0]["tasks"][0]["requires"] = []
    sop["transitions"][4]["checklist"] = checklist
    sop["transitions"][0]["checklist"] = checklist
    desk = a_desk(sop)
    desk.start()
    assert (_seen(desk, "cancel"), _seen(desk, "submit")) == (expected, expected)


def test_an_open_child_without_a_say_holds_nothing() -> None:
    sop = _first() | {"children": {"side": {"sop": "side"}}}
    desk = a_desk(sop, a_sop(sop="side"))
    desk.start()
    desk.do(cmd.OpenChild(case_id=desk.case().id, child="side", title="x"))
    assert _seen(desk, "submit") == []
