"""guanka check, diagram and schema, without the screen."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cli.definitions import FAULTY, MISUSED, OK, check, diagram, schema

SOUND = "sop: a\nzh: 甲\nexits: {e: {zh: 完}}\nstages: [{id: s}]\ntransitions: [{id: t, from: s, exit: e}]\n"


@pytest.fixture
def sound(tmp_path) -> Path:
    file = tmp_path / "sound.yaml"
    file.write_text(SOUND, encoding="utf-8")
    return file


@pytest.fixture
def faulty(tmp_path) -> Path:
    file = tmp_path / "faulty.yaml"
    file.write_text(SOUND.replace("from: s", "from: r"), encoding="utf-8")
    return file


def test_a_sound_file_is_counted(sound):
    assert check([sound], "en") == (OK, ["1 file checked, no faults"])
    assert check([sound], "zh") == (OK, ["已检查 1 个文件，没有错误"])


def test_faults_stand_with_their_place_before_the_count(sound, faulty):
    assert check([sound, faulty], "en") == (
        FAULTY,
        [f"{faulty}:5:29: transition 't': unknown stage 'r'; known: s", "1 fault in 2 files"],
    )


def test_a_folder_stands_for_its_files(sound, faulty):
    assert check([sound.parent], "zh")[1][-1] == "2 个文件，1 处错误"


def test_a_missing_file_is_a_fault_and_a_sentence(tmp_path):
    missing = tmp_path / "nowhere.yaml"
    assert check([missing], "en") == (
        FAULTY,
        [f"{missing}: there is no such file; look at the path", "1 fault in 1 file"],
    )


def test_nothing_to_check_is_misuse(tmp_path):
    assert check([tmp_path], "en") == (MISUSED, ["nothing to check; name a file or a folder"])


def test_a_sound_sop_is_drawn_in_either_form(sound):
    assert diagram(sound, "zh")[1].startswith("stateDiagram-v2\n")
    code, picture = diagram(sound, "zh", "svg")
    assert (code, picture[:4], picture[-6:]) == (OK, "<svg", "</svg>")


def test_a_faulty_sop_is_not_drawn_but_explained(faulty):
    code, said = diagram(faulty, "en")
    assert code == FAULTY
    assert said.startswith(f"{faulty}:5:29:")


def test_the_schema_is_json():
    code, text = schema()
    assert code == OK
    assert json.loads(text)["title"] == "Guanka SOP"


def test_looking_at_files_loads_no_heavy_library():
    heavy = "[m for m in ('prefect', 'sqlmodel', 'sqlalchemy', 'fastapi', 'typer') if m in sys.modules]"
    code = f"import sys, cli.definitions; print({heavy})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
