"""sop_definitions/README.md explains every key, its example is sound, and the stored schema is fresh."""

import re
from pathlib import Path
from typing import get_args

import pytest
from pydantic import BaseModel

from engine.definition import model
from engine.definition.approval_model import ApprovalSpec, Approver, OnTimeout
from engine.definition.field_spec import FieldSpec, FieldType
from engine.definition.loader import load
from engine.definition.schema import schema_text
from engine.definition.shape import choices, keys

ROOT = Path(__file__).parents[2]
README = (ROOT / "sop_definitions" / "README.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL))
SHARED = {"zh", "en", "source"}
HEADINGS: dict[type[BaseModel], str] = {
    model.Sop: "The file",
    FieldSpec: "`fields` and `settings`",
    model.RoleSpec: "`roles`",
    model.ExitSpec: "`exits`",
    model.TrackSpec: "`tracks`",
    model.Cycle: "`cycle`",
    model.StageSpec: "`stages`",
    model.DeadlineSpec: "`deadline`",
    model.Pausable: "`pausable`",
    model.Escalation: "`escalate`",
    model.TaskSpec: "`tasks`",
    model.DeliverableSpec: "`deliverables`",
    model.MilestoneSpec: "`milestones`",
    model.EachRecord: "`each`",
    model.TransitionSpec: "`transitions`",
    ApprovalSpec: "`approvals`",
    Approver: "`by`",
    OnTimeout: "`on_timeout`",
    model.Extension: "`extends`",
    model.Successor: "`opens`",
    model.ChildSpec: "`children`",
    model.ChildEffect: "`on_child`",
    model.RuleSpec: "`rules`",
    model.HoldSpec: "`hold`",
}


def models_within(kind: object) -> set[type[BaseModel]]:
    found: set[type[BaseModel]] = set()
    waiting = [kind]
    while waiting:
        for one in choices(waiting.pop()):
            if not isinstance(one, type) or not issubclass(one, BaseModel):
                waiting += get_args(one)
            elif one not in found:
                found.add(one)
                waiting += keys(one).values()
    return found


def explained(heading: str) -> set[str]:
    rows = re.findall(r"^\| (`[^|]*`) \|", SECTIONS[heading], re.MULTILINE)
    return {key for row in rows for key in re.findall(r"`(\w+)`", row)}


def test_every_part_of_the_model_has_a_section():
    assert models_within(model.Sop) - {model.Titled} == set(HEADINGS)
    assert set(SECTIONS) == set(HEADINGS.values())


@pytest.mark.parametrize("part", HEADINGS, ids=lambda part: part.__name__)
def test_the_readme_explains_exactly_the_keys_of(part):
    expected = set(keys(part)) if part is model.Sop else set(keys(part)) - SHARED
    assert explained(HEADINGS[part]) == expected


def test_the_readme_names_every_field_type():
    assert {kind.value for kind in FieldType} <= set(re.findall(r"`(\w+)`", SECTIONS[HEADINGS[FieldSpec]]))


def test_the_readme_s_example_is_a_sound_sop():
    (example,) = re.findall(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert load(example, "README.md").sop.sop == "offer_approval"


def test_the_schema_beside_the_files_is_the_one_the_model_makes():
    stored = (ROOT / "sop_definitions" / "sop.schema.json").read_text(encoding="utf-8")
    assert stored == schema_text(), "run: guanka schema > sop_definitions/sop.schema.json"
