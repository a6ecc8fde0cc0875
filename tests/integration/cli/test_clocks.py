"""`guanka wait`, `go-on`, `extend` and `overdue --by` on a real store, in both languages."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Terminal

SOP = """sop: review
zh: 评审
en: Review
roles: {boss: {zh: 主管, en: Boss}, chief: {zh: 总监, en: Chief}}
fields: {new_date: {type: date, zh: 新日期, en: New date}}
exits: {done: {zh: 完成, en: Done, success: true}}
stages:
  - {id: look, zh: 审看, en: Look, owner: boss, pausable: {most: 20 wd}, deadline: {within: 5 d},
     tasks: [{id: check, zh: 核对, en: Check}]}
  - {id: plain, zh: 收尾, en: Wind up, owner: boss, deadline: {within: 5 d}}
transitions:
  - {id: on, zh: 看完, en: Looked, from: look, to: plain, checklist: false}
  - {id: close, zh: 结束, en: Close, from: plain, exit: done}
  - id: more_time
    zh: 申请延期
    en: Ask for more time
    from: look
    stay: true
    reason: required
    extends: {until: new_date, most: 1}
    approvals:
      - {id: agreed, zh: 同意延期, en: Extension agreed, by: [{role: chief}], mode: any, on_reject: stop}
"""
AS = ("--as", "wangmin")
EN = ("--lang", "en")
LATER = str(date.today() + timedelta(days=20))  # noqa: DTZ011 - far enough for any zone


@pytest.fixture
def case(terminal: Terminal, tmp_path: Path) -> str:
    file = tmp_path / "review.yaml"
    file.write_text(SOP, encoding="utf-8")
    terminal.run("publish", str(file), "--as", "xuling")
    for role, person in (("boss", "wangmin"), ("chief", "zhaolei")):
        terminal.run("role", role, person, "--sop", "review", "--as", "xuling")
    return terminal.json("start", "review", "样册", *AS)["case"]


def due(terminal: Terminal, case: str) -> str:
    return next(d["due_at"] for d in terminal.json("show", case)["deadlines"] if d["kind"] == "stage")


def test_a_wait_is_begun_shown_and_ended(terminal: Terminal, case: str) -> None:
    done = terminal.run("wait", case, "--for", "印刷厂", "-r", "等打样", *AS).stdout
    assert done == f"{case}：停住时间，等印刷厂\n"
    twice = ("wait", case, "--for", "印刷厂", "-r", "等打样", *AS)
    assert "请继续计时（案例页，或 guanka go-on）" in terminal.run(*twice, code=4).stderr
    assert "(the case page, or guanka go-on)" in terminal.run(*twice, *EN, code=4).stderr
    assert "印刷厂" in terminal.run("show", case).stdout
    (wait,) = terminal.json("show", case)["waiting"]
    assert (wait["stage"], wait["waits_for"], wait["by"]) == ("look", "印刷厂", "wangmin")
    assert terminal.run("go-on", case, *AS, *EN).stdout == f"{case}: the clock runs on\n"
    assert terminal.json("show", case)["waiting"] == []


@pytest.mark.parametrize(
    ("arguments", "code", "zh", "en"),
    [
        (("--for", " ", "-r", "等打样"), 2, "请填写等谁", "whom"),
        (("--for", "印刷厂", "-r", "等", "--stage", "lok"), 3, "是否想写 'look'", "did you mean 'look'"),
        (("--for", "印刷厂", "-r", "等", "--stage", "plain"), 1, "当前不在阶段", "does not stand in"),
    ],
)
def test_a_wait_that_cannot_be_says_why(
    terminal: Terminal, case: str, arguments: tuple[str, ...], code: int, zh: str, en: str
) -> None:
    assert zh in terminal.run("wait", case, *arguments, *AS, code=code).stderr
    assert en in terminal.run("wait", case, *arguments, *AS, *EN, code=code).stderr


def test_the_longest_wait_is_listed_with_what_newer_days_move(
    terminal: Terminal, case: str, tmp_path: Path
) -> None:
    terminal.run("wait", case, "--for", "印刷厂", "-r", "等打样", *AS)
    days = tmp_path / "days.csv"
    first = date.today() + timedelta(days=3)  # noqa: DTZ011 - far enough for any zone
    rows = [f"{first + timedelta(days=n)},off,retreat" for n in range(7)]
    days.write_text("\n".join(["date,type,note", *rows]), encoding="utf-8")
    found = terminal.json("calendar", "import", str(days), "--apply")["moves"]
    (wait,) = [move for move in found if (move["case"], move["deadline"]) == (case, "resume:wait/1")]
    assert (wait["subject"], wait["told"]) == ("“审看”等外部的最长期限", ["wangmin"])
    assert terminal.json("show", case)["waiting"][0]["until"] == wait["to"] != wait["from"]
    moves = " ".join(terminal.run("calendar", "moves", *EN).stdout.split())
    assert "end of the longest" in moves


def test_waiting_twice_and_going_on_twice_are_conflicts(terminal: Terminal, case: str) -> None:
    wait = ("wait", case, "--for", "印刷厂", "-r", "等打样", *AS)
    terminal.run(*wait)
    assert "已在等印刷厂" in terminal.run(*wait, code=4).stderr
    terminal.run("go-on", case, *AS)
    assert "waits for nobody; its clock runs" in terminal.run("go-on", case, *AS, *EN, code=4).stderr


def test_a_stage_without_pausable_says_what_to_do_instead(terminal: Terminal, case: str) -> None:
    terminal.run("advance", case, "on", "--wait", *AS)
    refused = terminal.run("wait", case, "--for", "印刷厂", "-r", "等", *AS, *EN, code=1).stderr
    assert "does not let stage 'Wind up' wait; put the case on hold" in refused


def test_more_time_is_asked_for_in_one_step_and_moves_the_deadline_once_signed(
    terminal: Terminal, case: str
) -> None:
    before = due(terminal, case)
    asked = terminal.run("extend", case, "--to", LATER, "-r", "印刷厂改期", *AS).stdout
    assert asked.splitlines()[:2] == ["已申请“申请延期”，等待审批：", "  同意延期：赵磊"]
    assert due(terminal, case) == before
    terminal.run("approve", case, "--as", "zhaolei")
    terminal.run("run-once")
    assert due(terminal, case).startswith(LATER)
    refused = terminal.run("extend", case, "--to", LATER, "-r", "再改", *AS, *EN, code=1).stderr
    assert "1 extensions at most, and they are used up" in refused


@pytest.mark.parametrize(
    ("arguments", "code", "zh", "en"),
    [
        (("--to", "soon", "-r", "改期"), 2, "新日期", "New date"),
        (("--to", "2020-01-01", "-r", "改期"), 1, "须晚于现在和原期限", "must lie after now"),
        (("--to", LATER), 1, "理由", "reason"),
        (("--to", LATER, "-r", "改", "--transition", "more_tme"), 3, "是否想写 'more_time'", "'more_time'"),
    ],
)
def test_more_time_that_cannot_be_asked_for_says_why_and_keeps_nothing(
    terminal: Terminal, case: str, arguments: tuple[str, ...], code: int, zh: str, en: str
) -> None:
    assert zh in terminal.run("extend", case, *arguments, *AS, code=code).stderr
    assert en in terminal.run("extend", case, *arguments, *AS, *EN, code=code).stderr
    assert terminal.json("show", case)["requests"] == []
    assert "new_date" not in str(terminal.json("export", case)["case"]["values"])


def test_the_inbox_says_for_whom_a_task_waits_and_since_when(terminal: Terminal, case: str) -> None:
    assert "停走" not in terminal.run("inbox", *AS).stdout
    terminal.run("wait", case, "--for", "印刷厂", "-r", "等打样", *AS)
    assert "起停走，等印刷厂" in terminal.run("inbox", *AS).stdout
    assert "waiting for 印刷厂" in " ".join(terminal.run("inbox", *AS, *EN).stdout.split())


def test_where_nothing_extends_the_way_that_does_is_named(terminal: Terminal, case: str) -> None:
    terminal.run("advance", case, "on", "--wait", *AS)
    arguments = ("extend", case, "--to", LATER, "-r", "改期", *AS)
    assert "“申请延期”在 审看 可用；或请流程负责人" in terminal.run(*arguments, code=1).stderr
    assert "'Ask for more time' is there in Look; or have" in terminal.run(*arguments, *EN, code=1).stderr


def test_the_same_key_asks_once(terminal: Terminal, case: str) -> None:
    arguments = ("extend", case, "--to", LATER, "-r", "改期", *AS, "--key", "k1")
    first = terminal.json(*arguments)
    again = terminal.json(*arguments)
    assert (first["repeated"], again["repeated"], again["version"]) == (False, True, first["version"])


@pytest.mark.parametrize(
    ("by", "zh", "en"),
    [
        ("owner", ("李强（1）",), ("李强 (1)",)),
        ("sop", ("销售项目十阶段（2）",), ("Sales project in ten stages (2)",)),
    ],
)
def test_overdue_is_grouped_by_owner_and_by_sop(
    terminal: Terminal, by: str, zh: tuple[str, ...], en: tuple[str, ...]
) -> None:
    shown, english = (terminal.run("overdue", "--by", by, *lang).stdout for lang in ((), EN))
    assert [head for head in zh if head not in shown] == []
    assert [head for head in en if head not in english] == []


def test_overdue_by_something_else_is_misuse(terminal: Terminal) -> None:
    assert "--by" in terminal.run("overdue", "--by", "colour", code=2).stderr
