"""Several approvals decided at once from the command line, where their SOP allows it."""

from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from engine.case import commands as cmd
from engine.case.state import Actor, Via
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


def ask(parts: Parts, batch: str) -> None:
    parts.store.definitions.publish(
        SOP.replace("BATCH", batch), "claim.yaml", by=PersonId("wangmin"), now=parts.clock.now()
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
