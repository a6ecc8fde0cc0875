"""Several approvals decided at once from the command line, where their SOP allows it."""

from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from engine.case import commands as cmd
from engine.case.state import Actor, Case, Via
from engine.ids import CaseId, PersonId
from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal

SOP = """
sop: claim
zh: 小额报销
roles: {staff: {zh: 员工}, boss: {zh: 主管}}
fields: {amount: {type: money, zh: 金额}}
exits: {paid: {zh: 已付, success: true}}
stages: [{id: claim, zh: 申请, owner: staff, requires: [amount]}]
transitions:
  - id: pay
    from: claim
    exit: paid
    approvals: [{id: sign, zh: 主管审批, by: [{role: boss}], mode: any, on_reject: stop, BATCH}]
"""
CASES = ("claim-1", "claim-2")


def ask(parts: Parts, batch: str, sop: str = SOP) -> None:
    parts.store.definitions.publish(
        sop.replace("BATCH", batch), "claim.yaml", by=PersonId("wangmin"), now=parts.clock.now()
    )
    parts.store.people.set_holders("staff", [PersonId("wangmin")])
    parts.store.people.set_holders("boss", [PersonId("liqiang")])
    by = Actor(person=PersonId("wangmin"), via=Via.CLI)
    for number, case in enumerate(CASES):
        values: dict[str, Any] = {"amount": {"amount": f"{number + 1}00.00", "currency": "CNY"}}
        for command in (
            cmd.StartCase(case_id=CaseId(case), sop="claim", title=f"报销{number + 1}", values=values),
            cmd.RequestTransition(case_id=CaseId(case), transition="pay"),
        ):
            assert parts.service.handle(command, actor=by).refusal is None


def case(parts: Parts, name: str) -> Case:
    found = parts.store.board.case(CaseId(name))
    assert found is not None
    return found


def test_all_that_were_seen_are_decided(terminal: Terminal, parts: Parts):
    ask(parts, "batch: true")
    told = terminal.json("approval", "together", "approve", *CASES, "--seen", "--as", "liqiang")
    assert [(one["case"], one["decided"]) for one in told] == [("claim-1", True), ("claim-2", True)]


def test_each_is_set_out_and_only_what_was_looked_at_is_decided(terminal: Terminal, parts: Parts):
    ask(parts, "batch: true")
    words = ["approval", "together", "reject", *CASES, "-m", "太贵", "--as", "liqiang"]
    done = CliRunner().invoke(app, words, env=terminal.env, input="y\nn\n")
    assert done.exit_code == 0
    assert "报销1 (claim-1) · 主管审批" in done.stderr
    assert "金额: 200.00 元" in done.stderr
    assert "claim-1" in done.stdout
    assert "claim-2" not in done.stdout
    nothing = CliRunner().invoke(
        app, ["approval", "together", "approve", "claim-2", "--as", "liqiang"], env=terminal.env, input="n\n"
    )
    assert (nothing.exit_code, "一项也没有看过" in nothing.stderr) == (1, True)


@pytest.mark.parametrize("batch", ["batch: false", "comment: on_reject"])
def test_where_the_sop_does_not_allow_it_each_is_refused(terminal: Terminal, parts: Parts, batch: str):
    ask(parts, batch)
    done = terminal.run("approval", "together", "approve", *CASES, "--seen", "--as", "liqiang", code=1)
    assert done.stdout.count("须逐项决定") == 2


TWO = SOP.replace(
    "approvals: [{id: sign, zh: 主管审批, by: [{role: boss}], mode: any, on_reject: stop, BATCH}]",
    "approvals:\n"
    "      - {id: sign, zh: 主管审批, by: [{role: boss}], mode: any, on_reject: stop, batch: true}\n"
    "      - {id: budget, zh: 预算审批, by: [{role: boss}], mode: any, on_reject: stop, batch: true}",
)
LIQIANG = ("--seen", "--as", "liqiang")
TOGETHER = ("approval", "together", "approve")


def test_of_several_approvals_in_one_case_each_is_named(terminal: Terminal, parts: Parts):
    ask(parts, "", TWO)
    unclear = terminal.run(*TOGETHER, "claim-1", *LIQIANG, code=2).stdout
    names = [f"claim-1/{a.id} ({a.spec}" for a in case(parts, "claim-1").approvals.values()]
    assert [name in unclear for name in names] == [True, True]
    told = terminal.json(*TOGETHER, "claim-1/budget", "claim-1/sign", "claim-2/sign", *LIQIANG)
    assert [(one["item"], one["decided"]) for one in told] == [
        ("claim-1/budget", True),
        ("claim-1/sign", True),
        ("claim-2/sign", True),
    ]
    again = terminal.run(*TOGETHER, "claim-2", *LIQIANG).stdout
    assert again == "claim-2：已同意\n"


def test_what_cannot_be_decided_is_told_and_the_others_go_on(terminal: Terminal, parts: Parts):
    ask(parts, "batch: true")
    wrong = ("nowhere", "claim-1/sgin", "claim-1", "claim-1/sign")
    done = terminal.run(*TOGETHER, *wrong, "claim-2", *LIQIANG, code=3)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("nowhere：没有案例 nowhere")
    assert lines[1].startswith("claim-1/sgin：没有进行中的审批 sgin；是否要写 sign？")
    assert lines[2:] == ["claim-1：已同意", "claim-2：已同意"]
    late = terminal.run(*TOGETHER, "nowhere", "claim-2", *LIQIANG, code=1).stdout
    assert "claim-2：这里没有等您决定的审批：“主管审批”已由 您 同意" in late


@pytest.mark.parametrize("answers", ["", "y\n"])
def test_input_that_ends_early_decides_nothing_and_says_so(terminal: Terminal, parts: Parts, answers: str):
    ask(parts, "batch: true")
    words = [*TOGETHER, *CASES, "--as", "liqiang", "--lang", "en"]
    done = CliRunner().invoke(app, words, env=terminal.env, input=answers)
    said = f"the input ended at item {len(answers) // 2 + 1} of 2, and none is decided"
    assert (done.exit_code, said in done.stderr) == (2, True)
    assert terminal.run(*TOGETHER, *CASES, *LIQIANG).stdout.count("已同意") == 2


def test_the_help_says_how_an_approval_is_named(terminal: Terminal):
    assert "CASE[/APPROVAL]" in terminal.run("approval", "together", "--help").stdout
