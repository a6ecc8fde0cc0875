"""What ARCHITECTURE.md and CONTRIBUTING.md name is there: modules, tests, layers, make targets."""

import re
import tomllib

import pytest

from tests.docs.documents import ROOT, text_of

PAGE = text_of("ARCHITECTURE.md")
GUIDE = text_of("CONTRIBUTING.md")
NAMED_TESTS = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)
FOLDERS = "engine|flows|notifications|runtime|web|cli|sop_definitions|docs|tests"
NAMED_PATHS = set(re.findall(rf"`((?:{FOLDERS})/[\w./]*)`", PAGE + GUIDE))
PATHS = sorted(path for path in NAMED_PATHS if "NNNN" not in path)


@pytest.mark.parametrize(("file", "test"), NAMED_TESTS)
def test_the_test_that_guards_an_invariant_is_there(file, test):
    assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8")


def test_every_invariant_names_its_test():
    table = PAGE.split("## What always holds")[1].split("\n## ")[0]
    rows = [line for line in table.splitlines() if line.startswith("| ")][1:]
    assert len(rows) == len(NAMED_TESTS) >= 20


@pytest.mark.parametrize("path", PATHS)
def test_a_path_that_is_named_is_there(path):
    assert (ROOT / path).exists()


@pytest.mark.parametrize("row", re.findall(r"^\| `(\w[\w/]*)` \|.*\| (.+) \|$", PAGE, re.MULTILINE))
def test_the_entry_points_of_the_map_are_there(row):
    package, points = row
    names = re.findall(r"`(\w+\.py)`", points)
    assert [name for name in names if not (ROOT / package / name).exists()] == []


def test_the_layers_are_those_the_import_contracts_enforce():
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    for contract in contracts[:2]:
        assert " ─▶ ".join(contract["layers"]) in PAGE


def test_the_page_keeps_to_one_page():
    assert len(PAGE.splitlines()) <= 140


def test_every_make_target_that_is_named_is_there():
    targets = set(re.findall(r"^(\w+):.*## ", text_of("Makefile"), re.MULTILINE))
    named = set(re.findall(r"`make (\w+)", GUIDE + text_of("README.md") + text_of("README.zh.md")))
    assert named - targets == set()


def test_the_folders_of_tests_are_explained():
    folders = {
        path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and any(path.rglob("test_*.py"))
    }
    explained = set(re.findall(r"`tests/(\w+)`", GUIDE))
    assert folders - explained == set()
