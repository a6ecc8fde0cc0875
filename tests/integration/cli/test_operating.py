"""Keeping it running: publishing, backup and restore, verifying, and commands as processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from notifications.keys import Keys
from runtime.settings import read_settings
from tests.integration.cli.conftest import Terminal

ROOT = Path(__file__).resolve().parents[3]
SMALL = """\
sop: small
zh: 小流程
en: Small
roles: {boss: {zh: 主管, en: Boss}}
exits: {done: {zh: 完成, en: Done, success: true}}
stages:
  - {id: only, zh: 唯一, en: Only, owner: boss}
transitions:
  - {id: finish, zh: 结束, en: Finish, from: only, exit: done}
"""


def test_a_sop_is_checked_published_once_and_drawn(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(SMALL, encoding="utf-8")
    first = terminal.json("publish", str(file), "--as", "xuling")["published"]
    second = terminal.json("publish", str(file), "--as", "xuling")["published"]
    assert [(p["sop"], p["version"], p["new"]) for p in (*first, *second)] == [
        ("small", 1, True), ("small", 1, False),
    ]  # fmt: skip
    assert terminal.run("diagram", str(file)).stdout.startswith("stateDiagram-v2\n")
    assert terminal.run("diagram", str(file), "--svg").stdout.startswith("<svg")
    drawn = terminal.run("diagram", str(file)).stdout
    file.unlink()
    assert terminal.run("diagram", "small").stdout == drawn
    assert terminal.run("diagram", "smal", "--lang", "en", code=3).stderr.startswith(
        "there is no SOP smal; did you mean small? (known: "
    )


def test_a_faulty_sop_is_refused_with_every_line(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "small.yaml"
    file.write_text(
        SMALL.replace("from: only", "from: onyl").replace("owner: boss", "owner: bos"), encoding="utf-8"
    )
    checked = terminal.json("check", str(file), code=1)
    assert [line.partition(": ")[0] for line in checked["faults"]] == [f"{file}:7:41", f"{file}:9:44"]
    refused = terminal.run("publish", str(file), "--as", "xuling", code=1)
    assert "onyl" in refused.stderr
    assert "small" not in [s["sop"] for s in terminal.json("sops")]


def test_backup_and_restore_bring_everything_back_but_no_old_link(terminal: Terminal, tmp_path: Path):
    made = terminal.json("backup", str(tmp_path / "all.tar"))
    before = terminal.json("list", "--closed")
    keys = Keys.open(read_settings(terminal.env).keys_file)
    epoch = keys.epoch
    elsewhere = Terminal(terminal.env | {"GUANKA_DATA_DIR": str(tmp_path / "other")})
    restored = elsewhere.json("restore", made["file"])
    assert (restored["sound"], restored["cases"]) == (True, before["total"])
    assert elsewhere.json("list", "--closed") == before
    again = terminal.json("restore", made["file"], "--replace")
    assert again["epoch"] == epoch + 1
    assert terminal.json("list", "--closed") == before
    with (tmp_path / "all.tar").open("rb") as file:
        assert keys.ring.newest.secret.hex().encode() not in file.read()


def test_restore_never_overwrites_by_accident_and_takes_no_damaged_backup(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "all.tar"
    terminal.run("backup", str(file))
    assert "--replace" in terminal.run("restore", str(file), code=5).stderr
    data = bytearray(file.read_bytes())
    data[20_000] ^= 1
    file.write_bytes(bytes(data))
    before = terminal.json("list")
    assert "不是完好的备份" in terminal.run("restore", str(file), "--replace", code=5).stderr
    assert terminal.json("list") == before
    assert terminal.run("restore", str(tmp_path / "none.tar"), code=3).stderr.startswith("没有文件")


def test_verify_finds_what_somebody_changed_behind_our_back(terminal: Terminal):
    import sqlite3

    assert terminal.json("verify")["sound"] is True
    connection = sqlite3.connect(str(read_settings(terminal.env).database_file))
    connection.execute("UPDATE case_ SET title = 'x' WHERE title LIKE '云峰%'")
    connection.commit()
    connection.close()
    found = terminal.json("verify", code=1)
    assert (found["sound"], [f["table"] for f in found["findings"]]) == (False, ["case_"])


def test_without_a_store_every_command_says_how_to_make_one(empty: Terminal):
    done = empty.run("list", code=5)
    assert done.stderr.startswith("这里还没有数据（")
    assert "guanka up" in done.stderr
    assert empty.json("migrate")["published"] != []
    assert empty.json("list") == {"total": 0, "cases": []}
    assert empty.json("migrate")["published"] == []


def test_the_demonstration_goes_into_an_empty_store_only(terminal: Terminal):
    assert terminal.run("demo", code=4).stderr.startswith("库里已有数据")


def test_an_exported_case_holds_its_whole_history(terminal: Terminal, tmp_path: Path):
    case = terminal.case("星河连锁")
    terminal.run("export", case, "-o", str(tmp_path / "case.json"))
    document = json.loads((tmp_path / "case.json").read_text(encoding="utf-8"))
    sequences = [entry["sequence"] for entry in document["history"]]
    assert sequences == list(range(1, document["case"]["version"] + 1))
    assert document["definition"]["text"].startswith("# 销售项目十阶段")


def test_a_wrong_setting_is_one_sentence(terminal: Terminal):
    done = terminal.run("list", code=2, GUANKA_PORT="http")
    assert done.stderr == "GUANKA_PORT：要写 1 到 65535 之间的端口号，例如 8000\n"


def run(*arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        env={"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **env},
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
        cwd=ROOT,
    )


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("nosuch",), 2, "No such command 'nosuch'. (help: guanka --help)\n"),
        (("show",), 2, "Missing argument 'CASE'. (help: guanka show --help)\n"),
    ],
)
def test_misuse_is_one_sentence(words: tuple[str, ...], code: int, said: str):
    done = run(*words, GUANKA_LANGUAGE="en")
    assert (done.returncode, done.stdout, done.stderr) == (code, "", said)


def test_a_program_that_reads_only_the_beginning_is_no_fault(terminal: Terminal):
    shell = f"{sys.executable} -m cli.main schema | head -1"
    done = subprocess.run(
        ["bash", "-c", shell],
        env={"PATH": "/usr/bin:/bin"},
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert (done.stdout, done.stderr) == ("{\n", "")


HEAVY = ("prefect", "sqlmodel", "sqlalchemy", "apprise", "fastapi", "alembic")
LIGHT = [["--help"], ["check", "sop_definitions"], ["diagram", "incident"], ["schema"]]


@pytest.mark.parametrize("words", LIGHT, ids=" ".join)
def test_looking_at_files_loads_no_heavy_library(words: list[str]):
    said = loaded_by(words)
    assert said == []


def test_looking_at_cases_loads_no_prefect(terminal: Terminal):
    assert set(loaded_by(["list"], **terminal.env)) <= {"sqlmodel", "sqlalchemy"}


def loaded_by(words: list[str], **env: str) -> list[str]:
    """Which heavy libraries a command has loaded by its end."""
    code = f"""
import sys
sys.argv[1:] = {words!r}
from cli.main import main
try:
    main()
except SystemExit as end:
    assert not end.code, end.code
print(sorted(set({HEAVY!r}) & set(sys.modules)), file=sys.stderr)
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PATH": "/usr/bin:/bin", **env},
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    return list(json.loads(done.stderr.splitlines()[-1].replace("'", '"')))
