"""The rules about files notice what they are there for, and this checkout keeps them."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.shape import PACKAGES, long_modules, loose_lock_lines

ROOT = Path(__file__).parents[2]
SHA = "0" * 64


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def locked_versions() -> dict[str, str]:
    lines = (ROOT / "requirements.lock").read_text(encoding="utf-8").splitlines()
    pins = [line.split(" ")[0].partition("==") for line in lines if not line.startswith(" ")]
    return {canonicalize_name(name.partition("[")[0]): version for name, _, version in pins}


def test_no_module_of_this_checkout_is_too_long():
    assert list(long_modules(ROOT)) == []


def test_a_module_of_401_lines_is_named_with_its_length(tmp_path):
    (tmp_path / "engine").mkdir()
    (tmp_path / "engine" / "fits.py").write_text("\n" * 400)
    (tmp_path / "engine" / "grown.py").write_text("\n" * 401)
    assert list(long_modules(tmp_path)) == [
        "engine/grown.py has 401 lines, at most 400 are allowed; split it by what it knows"
    ]


def test_the_lock_file_holds_nothing_but_pins_and_hashes():
    assert list(loose_lock_lines(ROOT / "requirements.lock")) == []


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://example.org/simple",
        "--find-links wheels",
        "thing @ file:///tmp/thing.whl",
        "thing>=1 \\",
        "thing==1",
        "# from a mirror",
    ],
)
def test_a_lock_line_that_is_no_pin_is_refused_with_its_number(tmp_path, line):
    lock = tmp_path / "requirements.lock"
    lock.write_text(f"good==1.0 \\\n    --hash=sha256:{SHA}\n{line}\n")
    faults = list(loose_lock_lines(lock))
    assert [fault.split(": ")[0] for fault in faults] == ["requirements.lock:3"]


def test_the_lock_satisfies_every_requirement_of_the_project(project):
    declared = [*project["project"]["dependencies"], *project["project"]["optional-dependencies"]["dev"]]
    locked = locked_versions()
    unmet = [
        text
        for text in declared
        if not (wanted := Requirement(text)).specifier.contains(
            locked.get(canonicalize_name(wanted.name), "")
        )
    ]
    assert unmet == []


def test_every_package_is_built_checked_and_measured(project):
    tools = project["tool"]
    built = {pattern.rstrip("*") for pattern in tools["setuptools"]["packages"]["find"]["include"]}
    assert built == set(PACKAGES)
    assert set(tools["importlinter"]["root_packages"]) == set(PACKAGES)
    assert set(tools["basedpyright"]["include"]) == {*PACKAGES, "tests"}
