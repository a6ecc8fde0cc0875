"""A round of a track that was not gone in time stands out wherever the case is shown."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from engine.case import commands as cmd
from engine.case.state import Actor, Via
from engine.clock import FixedClock
from engine.ids import CaseId, PersonId
from engine.text import Language
from runtime.settings import read_settings
from runtime.wiring import opened
from tests.integration.cli.conftest import Terminal

ROUNDS = """\
sop: rounds
zh: 周期检查
en: Rounds
roles: {boss: {zh: 主管, en: Boss}}
exits: {done: {zh: 完成, en: Done, success: true}}
tracks:
  watch: {zh: 监督, en: Watch, start: look, cycle: {stages: [look, report], every: 2 d, until: at(rest)}}
stages:
  - {id: look, zh: 检查, en: Look, owner: boss, track: watch}
  - {id: report, zh: 报告, en: Report, owner: boss, track: watch}
  - {id: rest, zh: 休整, en: Rest, owner: boss, track: watch}
transitions:
  - {id: looked, zh: 看过, en: Looked, from: look, to: report}
  - {id: enough, zh: 足够, en: Enough, from: report, to: rest}
  - {id: finish, zh: 结束, en: Finish, from: rest, exit: done}
"""
STARTED = datetime(2026, 3, 2, 1, tzinfo=UTC)
CASE = CaseId("c1")


def with_a_round(terminal: Terminal) -> None:
    """Started long ago, never looked at again."""
    person = PersonId("wangmin")
    with opened(read_settings(terminal.env), clock=FixedClock(STARTED)) as parts:
        parts.store.people.set_holders("boss", [person], sop="rounds")
        parts.store.definitions.publish(ROUNDS, "rounds.yaml", by=person, now=STARTED)
        start = cmd.StartCase(case_id=CASE, sop="rounds", title="Shop")
        assert parts.service.handle(start, actor=Actor(person=person, via=Via.CLI)).refusal is None


def head(terminal: Terminal, language: Language) -> str:
    return terminal.run("show", CASE, "--lang", language).stdout.splitlines()[1]


def test_an_overdue_round_stands_in_the_head_and_among_the_deadlines(terminal: Terminal):
    with_a_round(terminal)
    shown = terminal.json("show", CASE)
    assert (shown["overdue"], [(d["title"], d["kind"], d["overdue"]) for d in shown["deadlines"]]) == (
        True, [("监督", "cycle", True)],
    )  # fmt: skip
    due = datetime.fromisoformat(shown["deadlines"][0]["due_at"])
    assert STARTED < due <= STARTED + timedelta(days=3)
    assert head(terminal, "zh") == f"周期检查 · 进行中 · 已逾期 · 第 {shown['version']} 版"
    assert head(terminal, "en") == f"Rounds · running · OVERDUE · version {shown['version']}"
    terminal.run("sweep")
    assert "监督" in terminal.run("overdue").stdout


def test_the_list_waits_for_whoever_the_overdue_list_names(terminal: Terminal):
    with_a_round(terminal)
    for swept in (False, True):
        if swept:
            terminal.run("sweep")
        (late,) = [one["owners"] for one in terminal.json("overdue") if one["case_id"] == CASE]
        (line,) = [one for one in terminal.json("list")["cases"] if one["id"] == CASE]
        assert line["waits_for"] == late == ["wangmin"]


def test_what_is_not_overdue_is_not_marked(terminal: Terminal):
    case = terminal.case("云峰物流")
    assert terminal.json("show", case)["overdue"] is False
    assert "逾期" not in terminal.run("show", case).stdout.splitlines()[1]


def test_english_has_no_full_width_signs_and_no_seconds(terminal: Terminal, tmp_path: Path):
    with_a_round(terminal)
    acting = ("--as", "wangmin", "--lang", "en")
    with opened(read_settings(terminal.env)) as parts:
        parts.store.anchor(parts.settings.anchor_file, now=STARTED)
    file = tmp_path / "rounds.yaml"
    file.write_text(ROUNDS, encoding="utf-8")
    said = [
        terminal.run("show", CASE, "--lang", "en").stdout,
        terminal.run("comment", CASE, "x", *acting).stdout,
        terminal.run("publish", str(file), *acting).stdout,
        terminal.run("advance", CASE, "looked", "--wait", *acting).stdout,
        terminal.run("verify", "--lang", "en").stdout,
    ]
    assert [re.findall("[\u3000-\u303f\uff00-\uffef]", text) for text in said] == [[], [], [], [], []]
    assert said[-1].splitlines()[-1] == "compared with the anchor of 2026-03-02 09:00"
