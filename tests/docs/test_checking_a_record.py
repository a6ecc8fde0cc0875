"""docs/checking-a-record.md: the published procedure is carried out, by a bare Python, on a real record."""

import copy
import hashlib
import json
import subprocess
import sys

import pytest

from runtime.signoff.document import as_file
from runtime.signoff.proof import sealed
from tests.docs.documents import fences
from tests.signer import sign, told

PAGE = "docs/checking-a-record.md"


@pytest.fixture
def folder(site, phone, tmp_path):
    site.asked()
    sign(site, phone, comment='“同意”，见 "附件" \\ 一')
    record = told(site, next(iter(site.case("poster-1").approvals)))
    (tmp_path / "record.json").write_text(as_file(record), encoding="utf-8")
    (tmp_path / "成稿.pdf").write_bytes(b"artwork")
    (program,) = fences(PAGE, "python")
    (tmp_path / "check.py").write_text(program, encoding="utf-8")
    return tmp_path


@pytest.fixture
def bare(tmp_path):
    """The program, and a file that is no record."""
    (program,) = fences(PAGE, "python")
    (tmp_path / "check.py").write_text(program, encoding="utf-8")
    (tmp_path / "record.json").write_text("{}", encoding="utf-8")
    return tmp_path


def run(folder, *words):
    """With the standard library only: neither this project nor its libraries can be imported."""
    command = [sys.executable, "-I", "-S", "check.py", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def changed(folder, path, value):
    """The record with one part replaced and sealed anew, as a forger would leave it."""
    record = copy.deepcopy(json.loads((folder / "record.json").read_text(encoding="utf-8")))
    part = record
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    (folder / "record.json").write_text(json.dumps(sealed(record), ensure_ascii=False), encoding="utf-8")


def test_the_published_program_finds_a_real_record_and_its_document_sound(folder):
    done = run(folder, "record.json", "成稿.pdf")
    seal = json.loads((folder / "record.json").read_text(encoding="utf-8"))["seal"]
    assert (done.returncode, done.stderr, done.stdout.rstrip().endswith(seal)) == (0, "", True)


def test_another_document_is_found(folder):
    (folder / "成稿.pdf").write_bytes(b"artwork, changed afterwards")
    assert run(folder, "record.json", "成稿.pdf").returncode == 1


def test_a_changed_letter_is_found_by_the_seal(folder):
    file = folder / "record.json"
    file.write_text(file.read_text(encoding="utf-8").replace("Bob Lee", "Bob Leo"), encoding="utf-8")
    assert run(folder, "record.json").stderr == "NO: seal\n"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("rounds", 0, "fields", 1, "value"), {"amount": "1.00", "currency": "CNY"}),
        (("rounds", 0, "documents", 0, "sha256"), "0" * 64),
        (("rounds", 0, "text"), "[]"),
        (("rounds", 0, "content"), "0" * 64),
        (("rounds", 0, "decisions", 0, "verdict"), "reject"),
        (("rounds", 0, "decisions", 0, "at"), "2026-01-01T00:00:00+00:00"),
        (("rounds", 0, "decisions", 0, "person", "id"), "eve"),
        (("rounds", 0, "decisions", 0, "client", "address"), "198.51.100.1"),
        (("events", 0, "hash"), "0" * 64),
        (("events", 0, "private", "title", 1), "别的案例"),
    ],
)
def test_what_was_changed_and_sealed_anew_is_found(folder, path, value):
    changed(folder, path, value)
    done = run(folder, "record.json")
    assert (done.returncode, done.stderr.startswith("NO: ") or "Error" in done.stderr) == (1, True)


def test_the_content_can_be_hashed_with_an_editor(folder):
    text = (folder / "record.json").read_text(encoding="utf-8")
    line = next(line for line in text.splitlines() if line.strip().startswith('"text": "'))
    quoted = line.strip().removeprefix('"text": "').removesuffix('",')
    plain, rest = "", quoted
    while rest:
        step = 2 if rest[:2] in ('\\"', "\\\\") else 1
        plain, rest = plain + rest[step - 1], rest[step:]
    content = json.loads(text)["rounds"][0]["content"]
    assert hashlib.sha256(plain.encode()).hexdigest() == content


def without_decisions(record):
    record["rounds"][0]["decisions"] = []


def without_rounds(record):
    record["rounds"] = []


def with_one_twice(record):
    record["rounds"][0]["decisions"] *= 2


def with_other_words(record):
    record["rounds"][0]["decisions"][0]["comment"] = "伪造"


def without_the_event(record):
    record["events"] = [e for e in record["events"] if '"decision_recorded"' not in e["body"]]


@pytest.mark.parametrize(
    "forge", [without_decisions, without_rounds, with_one_twice, with_other_words, without_the_event]
)
def test_what_was_forged_and_sealed_anew_is_found_by_the_published_program(folder, forge):
    file = folder / "record.json"
    record = json.loads(file.read_text(encoding="utf-8"))
    forge(record)
    file.write_text(json.dumps(sealed(record), ensure_ascii=False), encoding="utf-8")
    assert run(folder, "record.json").returncode == 1


NO_RECORD = "record.json is no sign-off record of format guanka-record/1"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{}", NO_RECORD),
        (b"[1, 2]", NO_RECORD),
        (b'{"seal": "x", "format": "guanka-record/2"}', NO_RECORD),
        (
            b'{"format": "guanka-record/1"}',
            "record.json is not built as a sign-off record (KeyError: 'seal')",
        ),
        (b"", "record.json is not JSON in UTF-8"),
        (b"%PDF-1.7", "record.json is not JSON in UTF-8"),
        ('{"format": "记录"}'.encode("gbk"), "record.json is not JSON in UTF-8"),
        (b"[" * 200_000, "record.json is not JSON in UTF-8"),
    ],
)
def test_what_is_no_record_gets_one_sentence_and_no_verdict(bare, content, said):
    (bare / "record.json").write_bytes(content)
    done = run(bare, "record.json")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"CANNOT CHECK: {said}\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "name the record: python3 check.py record.json [document ...]"),
        (("nowhere.json",), "nowhere.json cannot be read: No such file or directory"),
        (("record.json", "nowhere.pdf"), "nowhere.pdf cannot be read: No such file or directory"),
        ((".",), ". cannot be read: Is a directory"),
    ],
)
def test_a_file_that_is_not_there_gets_one_sentence_and_no_verdict(bare, words, said):
    done = run(bare, *words)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"CANNOT CHECK: {said}\n")


MISSHAPEN = [
    (("events",), None),
    (("events", 0), "x"),
    (("events", 0, "sequence"), "1"),
    (("events", 0, "previous"), "no hash"),
    (("events", 0, "private"), []),
    (("events", 0, "private", "title"), ["salt"]),
    (("rounds",), 5),
    (("rounds", 0), None),
    (("rounds", 0, "sequence"), {}),
    (("rounds", 0, "documents"), [1]),
    (("rounds", 0, "decisions", 0, "person"), None),
    (("rounds", 0, "text"), ["a list"]),
]


def test_a_wrong_shape_deep_inside_gets_one_sentence_and_no_verdict(folder):
    whole = (folder / "record.json").read_text(encoding="utf-8")
    for path, value in MISSHAPEN:
        (folder / "record.json").write_text(whole, encoding="utf-8")
        changed(folder, path, value)
        done = run(folder, "record.json")
        assert (path, done.returncode, done.stdout, done.stderr.count("\n")) == (path, 2, "", 1)
        assert done.stderr.startswith("CANNOT CHECK: record.json is not built as a sign-off record (")
