"""The campaign SOP says what its catalogue says, and nothing the catalogue does not give."""

import re
from collections.abc import Iterator

import pytest

from engine.definition.field_spec import FieldSpec
from engine.definition.titled import Titled
from tests.unit.sop_definitions.campaigns import SOP
from tests.unit.sop_definitions.case_walk import FOLDER, shipped

TEXT = (FOLDER / f"{SOP}.yaml").read_text(encoding="utf-8")
DEFINITION = shipped(SOP)
CHINESE = re.compile(r"[\u4e00-\u9fff]")
MARK = re.compile(r"S(-(MR|MD|PD|RV|PM|3P))?|I|STD|B:[a-z_]+")


def test_stages_tracks_and_starred_fields_are_those_of_the_catalogue() -> None:
    starred = {
        "define_goal": {"goal_type", "metric", "target", "unit", "goal_due", "target_group", "budget_cap"},
        "make_strategy": {"channels", "audience", "communication", "content", "time_window"},
        "make_plan": {
            "schedule", "place", "participants", "budget_lines",
            "campaign_start", "campaign_end", "publicity_needed", "brand_activity",
        },
        "allocate_resources": {"team", "materials", "funds_ready", "training_needed", "rehearsal_needed"},
        "implement": {"execution_log"},
        "set_indicators": {"indicators"},
        "evaluate_effect": {"period", "adjustment", "spend_to_date"},
        "analyse_improve": {"findings"},
        "report_feedback": {
            "period", "progress", "report_data", "analysis", "management_feedback", "decision",
        },
        "summary_report": {"goal_reached", "attainment", "effect", "problems_met", "suggestions"},
        "expense_settlement": {"total_spent", "variance"},
        "knowledge_archive": {"lessons", "archive_no"},
    }  # fmt: skip
    supervised = {"set_indicators", "evaluate_effect", "analyse_improve", "report_feedback"}

    assert {s.id: set(s.requires) for s in DEFINITION.sop.stages} == starred
    assert {s.id for s in DEFINITION.sop.stages if s.track == "supervision"} == supervised
    assert {s.track for s in DEFINITION.sop.stages} == {"execution", "supervision"}


def test_each_stage_has_at_least_the_tasks_the_catalogue_states() -> None:
    stated = {
        "define_goal": 4, "make_strategy": 5, "make_plan": 7, "allocate_resources": 5, "implement": 6,
        "set_indicators": 2, "evaluate_effect": 4, "analyse_improve": 3, "report_feedback": 2,
        "summary_report": 1, "expense_settlement": 3, "knowledge_archive": 5,
    }  # fmt: skip
    found = {s.id: len([t for t in s.tasks if t.source != "I"]) for s in DEFINITION.sop.stages}

    assert {stage: count for stage, count in stated.items() if found[stage] < count} == {}


def test_gates_are_decided_by_the_roles_the_regulations_name() -> None:
    asked = {
        (t.id, a.id): tuple(by.role for by in a.by) for t in DEFINITION.sop.transitions for a in t.approvals
    }
    head = ("marketing_head",)

    assert asked == {
        ("proposal_approved", "proposal_approval"): ("superior_reviewer",),
        ("plan_approved", "plan_approval"): ("superior_reviewer",),
        ("plan_approved", "budget_approval"): ("budget_approver",),
        ("plan_approved", "publicity_approval"): ("leader",),
        ("resources_ready", "readiness_approval"): ("supervisor",),
        ("report_approved", "report_acceptance"): ("superior_manager",),
        ("change_campaign", "change_approval"): head,
        ("postpone_end", "change_approval"): head,
        ("optimise_strategy", "change_approval"): head,
        ("optimise_plan", "change_approval"): head,
        ("management_to_strategy", "change_approval"): head,
        ("management_to_plan", "change_approval"): head,
        ("stop", "change_approval"): head,
        ("cancel", "change_approval"): head,
    }


@pytest.mark.parametrize("rule", [f"R{n}" for n in range(1, 30)])
def test_each_rule_of_the_register_is_marked_beside_what_carries_it(rule: str) -> None:
    assert re.search(rf"#.*\b{rule}\b", TEXT)


@pytest.mark.parametrize("gate", [f"G{n}" for n in range(12)])
def test_each_gate_is_marked_where_it_stands_or_would_attach(gate: str) -> None:
    assert re.search(rf"#.*\b{gate}\b", TEXT)


def titled() -> Iterator[tuple[str, Titled | FieldSpec]]:
    sop = DEFINITION.sop
    yield SOP, sop
    for group in (sop.settings, sop.roles, sop.fields, sop.counters, sop.exits, sop.tracks, sop.children):
        yield from group.items()
    for stage in sop.stages:
        yield stage.id, stage
        yield from ((thing.id, thing) for thing in (*stage.tasks, *stage.deliverables))
    yield from ((thing.id, thing) for thing in (*sop.milestones, *sop.rules))
    for transition in sop.transitions:
        yield transition.id, transition
        yield from ((approval.id, approval) for approval in transition.approvals)


def test_every_element_is_named_in_both_languages_and_says_where_it_comes_from() -> None:
    nameless = [name for name, thing in titled() if not CHINESE.search(thing.zh) or not thing.en]
    nowhere = [name for name, thing in titled() if not MARK.fullmatch(thing.source or "")]

    assert (nameless, nowhere) == ([], [])


def test_every_column_and_choice_is_named_in_both_languages() -> None:
    columns = {f"{n}.{c}": spec for n, f in DEFINITION.sop.fields.items() for c, spec in f.columns.items()}
    choices = [
        (name, value)
        for name, spec in {**DEFINITION.sop.fields, **columns}.items()
        for value, title in (spec.of or spec).values.items()
        if not (title.zh and title.en)
    ]

    assert [name for name, spec in columns.items() if not (spec.zh and spec.en)] == []
    assert choices == []


def test_an_id_means_one_thing_only() -> None:
    kinds: dict[str, set[tuple[str, str, str]]] = {}
    for name, thing in titled():
        kinds.setdefault(name, set()).add((type(thing).__name__, thing.zh, thing.en))

    assert {name for name, meanings in kinds.items() if len(meanings) > 1} == set()


def test_no_time_and_no_money_is_written_into_the_file() -> None:
    uncommented = "\n".join(
        line.split("  #")[0] for line in TEXT.splitlines() if not line.lstrip().startswith("#")
    )

    assert re.findall(r"\b\d+ ?(wd|wh|d|h|min|CNY|元|%)", uncommented) == []
    assert {spec.type for spec in DEFINITION.sop.settings.values()} == {"duration"}
