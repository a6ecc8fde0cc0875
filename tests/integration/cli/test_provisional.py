"""A due instant that rests on days off not yet published says so wherever it shows."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from engine.case.workdays import working_days_between
from runtime.calendars import load_calendar
from runtime.public_holidays import chinese_notices
from runtime.settings import read_settings
from runtime.wiring import opened
from tests.integration.cli.conftest import Terminal

NEXT = chinese_notices().last.year + 1
LENGTH = working_days_between(load_calendar("cn"), datetime.now(UTC).date(), date(NEXT, 3, 15))
SOP = f"""\
sop: small
zh: 小流程
en: Small
roles: {{boss: {{zh: 主管, en: Boss}}, worker: {{zh: 执行, en: Worker}}}}
exits: {{done: {{zh: 完成, en: Done, success: true}}}}
stages:
  - id: only
    zh: 唯一
    en: Only
    owner: worker
    deadline: {{within: {LENGTH} wd}}
    tasks: [{{id: write, zh: 撰写, en: Write, optional: true, deadline: {{within: {LENGTH} wd}}}}]
transitions:
  - id: finish
    zh: 结束
    en: Finish
    from: only
    exit: done
    approvals:
      - id: gate
        zh: 主管同意
        en: Gate
        by: [{{role: boss}}]
        mode: any
        on_reject: stop
        within: {LENGTH} wd
        on_timeout: {{remind: true}}
"""


@pytest.fixture
def case(terminal: Terminal, tmp_path: Path) -> str:
    (tmp_path / "small.yaml").write_text(SOP, encoding="utf-8")
    terminal.run("publish", str(tmp_path / "small.yaml"), "--as", "xuling")
    terminal.run("role", "boss", "chenjing", "--sop", "small", "--as", "xuling")
    terminal.run("role", "worker", "wangmin", "--sop", "small", "--as", "xuling")
    found: str = terminal.json("start", "small", "春季上新", "--as", "xuling")["case"]
    terminal.run("advance", found, "finish", "--as", "xuling")
    return found


def test_on_the_command_line(terminal: Terminal, case: str) -> None:
    (line,) = [one for one in terminal.json("list")["cases"] if one["id"] == case]
    assert line["provisional"]
    assert {due["provisional"] for due in terminal.json("show", case)["deadlines"]} == {True}
    assert terminal.json("show", case)["requests"][0]["approvals"][0]["provisional"]
    shown = {
        "list": terminal.run("list", "--lang", "zh").stdout,
        "show": terminal.run("show", case, "--lang", "zh").stdout,
        "asks": terminal.run("inbox", "--as", "chenjing", "--lang", "zh").stdout,
        "tasks": terminal.run("inbox", "--as", "wangmin", "--lang", "zh").stdout,
        "waiting": terminal.run("inbox", "--as", "xuling", "--lang", "zh").stdout,
    }
    assert {name for name, text in shown.items() if "预计" not in text} == set()


def test_in_every_message_that_names_a_date(terminal: Terminal, case: str) -> None:
    with opened(read_settings(terminal.env)) as parts:
        mails = [mail for mail in parts.store.mailbox.page(limit=50) if mail.case_id == case]
        texts = {mail.kind: parts.composer.mailbox_text(mail.owed) for mail in mails if mail.owed}
    said = {kind: "，预计" in message.text for kind, message in texts.items() if message is not None}
    assert {kind: said[kind] for kind in ("approval_requested", "stage_entered")} == {
        "approval_requested": True,
        "stage_entered": True,
    }
