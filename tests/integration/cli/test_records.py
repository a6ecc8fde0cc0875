"""Contacts and records from the command line: added in one act, written, and checked without a store."""

import json

import pytest

from runtime.signoff import fonts
from runtime.signoff.proof import sealed

ADD = ("contact", "add", "--name", "郑宏", "--email", "zheng@star.example", "--as", "zhangwei")


@pytest.fixture
def case(terminal):
    return terminal.case("华东精密 MES 升级项目")


@pytest.fixture
def signed_case(terminal, case):
    """A case on which somebody has answered."""
    asked = terminal.json("inbox", "--as", "chenjing")["approvals"][0]
    terminal.run("approve", asked["case_id"], "--as", "chenjing", "-m", "可以")
    return asked["case_id"]


def test_a_contact_is_added_once_and_listed(terminal, case):
    words = (*ADD, "--company", "星河连锁", "--role", "customer", case)
    first, again = terminal.json(*words), terminal.json(*words)
    assert (first["person"]["id"], first["known"], again["known"]) == ("customer-star", False, True)
    listed = terminal.json("contact", "list", case)
    assert [(c["person"]["name"], c["own"]) for c in listed] == [("郑宏（星河连锁）", True)]
    assert "customer-star" in terminal.run("contact", "list", case).stdout


def test_a_contact_who_cannot_be_is_refused_and_nobody_stays(terminal, case):
    before = terminal.json("person", "list")
    terminal.run(*ADD, "--role", "salesperson", case, code=2)
    terminal.run("person", "add", "zz", "同事", "--email", "zheng@star.example")
    refused = terminal.json(*ADD, "--role", "customer", case, code=4)
    assert refused["blockers"][0]["code"] == "contact_is_colleague"
    assert len(terminal.json("person", "list")) == len(before) + 1


def test_the_record_is_written_and_found_sound(terminal, signed_case, tmp_path):
    file = tmp_path / "记录.json"
    terminal.run("record", signed_case, "--json", str(file))
    checked = terminal.json("record", "verify", str(file))
    assert (checked["sound"], [s["holds"] for s in checked["steps"]]) == (True, [True] * 6)
    assert json.loads(terminal.run("record", signed_case).stdout)["format"] == "guanka-record/1"


def test_a_forgery_is_told_step_by_step(terminal, signed_case, tmp_path):
    file, other = tmp_path / "record.json", tmp_path / "other.pdf"
    terminal.run("record", "--json", str(file), signed_case)
    record = json.loads(file.read_text(encoding="utf-8"))
    record["rounds"][0]["decisions"][0]["verdict"] = "reject"
    file.write_text(json.dumps(sealed(record)), encoding="utf-8")
    other.write_bytes(b"x")
    said = terminal.run(
        "record", "verify", str(file), "--document", str(other), "--lang", "en", code=1
    ).stdout
    assert "NO   decisions" in said
    assert "is not what its event says" in said
    assert "is none of those that were signed" in said
    assert "ok   seal" in said


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{", '{"format": 1}', '{"a": 1, "a": 2}', "[" * 200_000],
)
def test_what_is_no_record_gets_one_sentence(terminal, tmp_path, text):
    file = tmp_path / "record.json"
    file.write_text(text, encoding="utf-8")
    done = terminal.run("record", "verify", str(file), code=2)
    assert len(done.stderr.strip().splitlines()) == 1


def test_what_cannot_be_found_or_written_is_said(terminal, case, signed_case, tmp_path):
    assert "nope.json" in terminal.run("record", "verify", str(tmp_path / "nope.json"), code=3).stderr
    assert "没有审批" in terminal.run("record", signed_case, "--approval", "zz", code=3).stderr
    terminal.run("record", "nosuchcase", code=3)
    nowhere = str(tmp_path / "no" / "record.json")
    assert nowhere in terminal.run("record", signed_case, "--json", nowhere, code=5).stderr


def test_a_pdf_is_written_or_refused_for_want_of_a_font(terminal, signed_case, tmp_path, monkeypatch):
    file = tmp_path / "record.pdf"
    terminal.run("record", signed_case, "--pdf", str(file), "--lang", "en")
    assert file.read_bytes().startswith(b"%PDF-")
    monkeypatch.setattr(fonts, "FAMILIES", ())
    refused = terminal.run("record", signed_case, "--pdf", str(tmp_path / "second.pdf"), code=5)
    assert "fonts-noto-cjk" in refused.stderr
    assert not (tmp_path / "second.pdf").exists()
    printing = [f for f in terminal.json("doctor")["findings"] if f["topic"] == "printing"]
    assert [f["state"] for f in printing] == ["warning"]
