"""The schema editors are given accepts what the loader accepts, and sees the slips an editor can see."""

from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from engine.definition.findings import Findings
from engine.definition.model import Sop
from engine.definition.nodes import compose
from engine.definition.schema import DIALECT, json_schema
from engine.definition.shape import data_of

SHIPPED = sorted((Path(__file__).parents[3] / "sop_definitions").glob("*.yaml"))
SMALL: dict[str, Any] = {
    "sop": "offer",
    "zh": "报价",
    "fields": {"price": "money", "open_points": {"type": "list", "of": "text"}},
    "stages": [{"id": "draft"}],
}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    Draft202012Validator.check_schema(json_schema())
    return Draft202012Validator(json_schema())


def test_it_says_which_dialect_it_is_written_in():
    assert json_schema()["$schema"] == DIALECT


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_every_shipped_sop_fits(validator, file):
    tree = compose(file.read_text(encoding="utf-8"), Findings(file.name))  # editors read YAML 1.2, as we do
    data = data_of(tree, Sop)
    assert [error.message for error in validator.iter_errors(data)] == []


def test_short_forms_of_fields_fit(validator):
    assert list(validator.iter_errors(SMALL)) == []


@pytest.mark.parametrize(
    "slip",
    [
        {"titel": "x"},
        {"stages": [{"id": "Draft"}]},
        {"stages": None},
        {"fields": {"price": "mony"}},
        {"fields": {"Price": "money"}},
        {"transitions": [{"id": "go", "from_": "draft"}]},
        {"exits": {"won": {"success": "yes"}}},
    ],
    ids=str,
)
def test_a_slip_is_seen_while_typing(validator, slip):
    assert not validator.is_valid({**SMALL, **slip})
