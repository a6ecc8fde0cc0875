"""`guanka calendar`: what a year looks like, and questions with their reasons."""

import json
from pathlib import Path

from runtime.settings import read_settings
from tests.integration.cli.conftest import Terminal


def test_a_year_shows_days_off_and_made_up_days_with_the_notice(terminal: Terminal):
    shown = terminal.run("calendar", "show", "cn", "2026", "--lang", "zh").stdout
    assert "2026 年通知：国办发明电〔2025〕7号 · 2025-11-04" in shown
    assert "14班15休" in shown
    assert "全年 248 个工作日" in shown
    data = terminal.json("calendar", "show", "2027")
    assert (data["provisional"], data["notice"], data["official_until"]) == (True, None, "2026-12-31")


def test_one_question_is_answered_in_both_languages(terminal: Terminal):
    asked = ("calendar", "due", "2026-02-13 10:00", "2 wd")
    assert (
        terminal.run(*asked, "--lang", "en").stdout.splitlines()[0]
        == "2026-02-24 18:00 Tue Asia/Shanghai (UTC+8)"
    )
    assert "2026-02-15 – 2026-02-23  春节（官方）" in terminal.run(*asked, "--lang", "zh").stdout
    wrong = terminal.run("calendar", "due", "2026-02-13", "2 weeks", "--lang", "en", code=2)
    assert wrong.stderr.startswith("'2 weeks' is not a duration; write a whole number")
    assert terminal.run("calendar", "due", "2026-02-13", "--lang", "en", code=2).stderr.startswith(
        "write both"
    )


def test_a_duration_with_a_dash_is_refused_as_one(terminal: Terminal):
    wrong = terminal.run("calendar", "due", "2026-03-02", "-2 wd", "--lang", "en", code=2).stderr
    assert wrong.startswith("'-2 wd' is not a duration; write a whole number")
    assert "不是期限" in terminal.run("calendar", "before", "2026-03-02", "-2 wd", code=2).stderr


def test_one_working_day_is_no_plural(terminal: Terminal):
    span = ("calendar", "between", "2026-03-02 09:00", "2026-03-03 18:00", "--lang", "en")
    assert terminal.run(*span).stdout.startswith("1 working day; 16:00 of working time\n")


def test_the_last_week_may_move_though_nothing_lies_beyond(terminal: Terminal):
    asked = ("calendar", "due", "2026-12-31 18:00", "0 wd", "--lang")
    assert "2026-12-25 至 2026-12-31 可能被下一年的通知调动" in terminal.run(*asked, "zh").stdout
    assert (
        "next year's notice may move days from 2026-12-25 to 2026-12-31" in terminal.run(*asked, "en").stdout
    )


def test_help_and_page_show_a_line_of_a_file_for_each_question(terminal: Terminal, tmp_path: Path):
    page = (Path(__file__).parents[3] / "docs" / "calendars.md").read_text(encoding="utf-8")
    for ask in ("due", "before", "between"):
        line = page.split(f"calendar {ask} --file", 1)[1].split("a line: ", 1)[1].splitlines()[0]
        shown = "".join(terminal.run("calendar", ask, "--help").stdout.split())
        assert all(f'"{key}"' in shown for key in json.loads(line))
        file = tmp_path / "questions.jsonl"
        file.write_text(line, encoding="utf-8")
        assert json.loads(terminal.run("calendar", ask, "--file", str(file)).stdout)["ask"] == ask


def test_a_file_of_questions_is_answered_line_by_line(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "questions.jsonl"
    file.write_text(
        '{"id": "a", "at": "2026-02-13 10:00", "duration": "1 wd"}\n\n{"at": "?"}\n', encoding="utf-8"
    )
    said = terminal.run("calendar", "due", "--file", str(file), "--lang", "en", code=1).stdout.splitlines()
    first, second = (json.loads(line) for line in said)
    assert (first["line"], first["id"], first["due"]) == (1, "a", "2026-02-14T18:00:00+08:00")
    assert second == {"line": 3, "error": "duration is missing"}
    assert terminal.run("calendar", "due", "--file", str(tmp_path / "none"), code=3).stdout == ""


OFFICE = "zone: {zone}\nhours: ['00:30-23:30']\nweek: [mon, tue, wed, thu, fri, sat, sun]\n"


def calendars_folder(terminal: Terminal) -> Path:
    folder = read_settings(terminal.env).calendars_dir
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def test_an_hour_that_comes_twice_is_told_apart_by_its_offset(terminal: Terminal):
    (calendars_folder(terminal) / "ny.yaml").write_text(OFFICE.format(zone="America/New_York"), "utf-8")
    asked = ("calendar", "due", "2027-11-07 01:30", "--calendar", "ny", "--lang", "en")
    for within, due in (
        ("10 min", "01:40 Sun America/New_York (UTC-4)"),
        ("70 min", "01:40 Sun America/New_York (UTC-5)"),
    ):
        assert terminal.run(*asked[:3], within, *asked[3:]).stdout.startswith(f"2027-11-07 {due}")


def test_one_file_with_a_fault_hides_no_other_calendar(terminal: Terminal):
    folder = calendars_folder(terminal)
    (folder / "night.yaml").write_text("zone: Asia/Shanghai\nhours: ['22:00-24:00']\nweek: [mon]\n", "utf-8")
    (folder / "gbk.yaml").write_bytes("title: 中国\n".encode("gbk"))
    shown = terminal.run("calendar", "list", "--lang", "en", code=1).stdout
    assert "Mainland China" in shown
    assert "gbk.yaml: file: is not UTF-8; save it as UTF-8" in shown
    assert "a day ends at 23:59, a night shift is two spans" in shown
    faults = {one["id"]: one.get("fault", "") for one in terminal.json("calendar", "list", code=1)}
    assert [bool(faults[name]) for name in ("cn", "gbk", "night")] == [False, True, True]
