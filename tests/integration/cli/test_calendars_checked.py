"""`guanka check` tells of working calendars there are not, as publishing would."""

from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal

SOP = """sop: small
zh: 小流程
calendar: cn
exits: {done: {zh: 完}}
stages:
  - id: first  # calendar: not this one
    calendar: dtuy
transitions: [{id: close, from: first, exit: done}]
"""
DUTY = "extends: cn\nweek: [sat, sun]\n"


@pytest.fixture
def sop(tmp_path: Path) -> Path:
    file = tmp_path / "small.yaml"
    file.write_text(SOP, encoding="utf-8")
    return file


def have_duty(folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    (folder / "duty.yaml").write_text(DUTY, encoding="utf-8")


def mended(sop: Path) -> str:
    sop.write_text(SOP.replace("dtuy", "duty"), encoding="utf-8")
    return str(sop)


def test_beside_an_installation_it_is_a_fault_with_its_place_and_a_hint(
    terminal: Terminal, sop: Path
) -> None:
    have_duty(Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars")
    done = terminal.run("check", str(sop), "--lang", "en", code=1).stdout
    assert done.splitlines() == [
        f"{sop}:7:15: there is no calendar 'dtuy'; did you mean 'duty'?",
        "1 fault in 1 file",
    ]
    assert f"{sop}:7:15: 没有日历 'dtuy'；是否想写 'duty'？" in terminal.run("check", str(sop), code=1).stdout
    assert terminal.run("check", mended(sop), "--lang", "en").stdout == "1 file checked, no faults\n"


def test_publishing_says_the_same(terminal: Terminal, sop: Path) -> None:
    said = terminal.run("check", str(sop), "--lang", "en", code=1).stdout
    refused = terminal.run("publish", str(sop), "--as", "xuling", "--lang", "en", code=1).stderr
    assert refused.startswith(said.splitlines()[0])
    assert said.splitlines()[0].endswith("there is no calendar 'dtuy'; known: cn")


def test_a_calendar_whose_file_cannot_be_used_is_not_published_with(terminal: Terminal, sop: Path) -> None:
    folder = Path(terminal.env["GUANKA_DATA_DIR"]) / "calendars"
    folder.mkdir()
    (folder / "duty.yaml").write_text("extends: cn\nweek: [someday]\n", encoding="utf-8")
    refused = terminal.run("publish", mended(sop), "--as", "xuling", "--lang", "en", code=1)
    assert refused.stderr.startswith("duty.yaml: week:")


def test_without_an_installation_it_is_only_doubtful(empty: Terminal, sop: Path) -> None:
    done = empty.run("check", str(sop), "--lang", "en").stdout
    assert done.splitlines() == [
        f"{sop}:7:15: warning: there is no calendar 'dtuy'; known: cn; ignore this if the company has it",
        "1 file checked, no faults",
    ]
    assert "提醒：没有日历 'dtuy'" in empty.run("check", str(sop)).stdout
    assert len(empty.json("check", str(sop))["warnings"]) == 1


def test_without_an_installation_the_folder_beside_the_file_counts(empty: Terminal, sop: Path) -> None:
    have_duty(sop.parent / "calendars")
    assert empty.run("check", mended(sop), "--lang", "en").stdout == "1 file checked, no faults\n"


def test_other_faults_come_with_it_all_at_once(terminal: Terminal, sop: Path) -> None:
    sop.write_text(SOP.replace("from: first", "from: frist"), encoding="utf-8")
    lines = terminal.run("check", str(sop), "--lang", "en", code=1).stdout.splitlines()
    assert [line.split(": ", 1)[0] for line in lines[:2]] == [f"{sop}:7:15", f"{sop}:8:33"]
