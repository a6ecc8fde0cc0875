"""Stand-ins and leavers from the command line."""

import pytest

from engine.case.state import Actor, Via
from engine.ids import PersonId
from runtime.leaving import HandingOver, HandOverRefused, Leaving
from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal

CASE = "华东精密"  # zhangwei has asked for a transition, and liqiang is asked to sign
DAYS = ("--from", "2020-01-01", "--to", "2099-12-31")


def test_a_stand_in_signs_what_already_lies_there(terminal: Terminal):
    case = terminal.case(CASE)
    said = terminal.run("stand-in", "add", "chenjing", *DAYS, "-m", "出差", "--as", "liqiang").stdout
    assert "李强 → 陈静" in said
    assert "可由 陈静 代" in terminal.run("show", case).stdout
    told = terminal.run("mailbox", "--person", "chenjing").stdout
    assert "请您代 李强 审批" in told
    terminal.run("approve", case, "--as", "chenjing")
    history = terminal.run("show", case, "--history").stdout
    assert "（代 李强）" in history


def test_whoever_comes_after_the_stand_in_is_told_who_decided_and_for_whom(terminal: Terminal):
    case = terminal.case(CASE)
    for stand_in in ("chenjing", "wulan"):
        terminal.run("stand-in", "add", stand_in, *DAYS, "--as", "liqiang")
    terminal.run("approve", case, "--as", "chenjing")
    late = terminal.run("approve", case, "--as", "liqiang", code=4).stderr
    assert late.startswith("这里没有等您决定的审批：“价格与折扣审批”已由 陈静 代 李强 同意（20")
    english = terminal.run("reject", case, "-m", "x", "--as", "wulan", "--lang", "en", code=4).stderr
    assert "陈静 approved" in english
    assert "for 李强 on 20" in english
    own = terminal.run("approve", case, "--as", "chenjing", code=4).stderr
    assert "已由 您 代 李强 同意" in own
    assert terminal.run("approve", case, "--as", "fenglei", code=1).stderr == "这里没有等您决定的审批\n"


def test_the_inbox_says_for_whom_one_stands_in(terminal: Terminal):
    terminal.run("stand-in", "add", "chenjing", *DAYS, "--as", "liqiang")
    assert "代 李强" in terminal.run("inbox", "--as", "chenjing").stdout
    assert "for 李强" in terminal.run("inbox", "--as", "chenjing", "--lang", "en").stdout
    assert "代 " not in terminal.run("inbox", "--as", "liqiang").stdout
    asks = terminal.json("inbox", "--as", "chenjing")["approvals"]
    case = terminal.case(CASE)
    (lent,) = [one for one in asks if one["case_id"] == case]
    assert (lent["principal"], lent["principal_name"]) == ("liqiang", "李强")


def test_periods_are_listed_and_ended(terminal: Terminal):
    terminal.run("stand-in", "add", "chenjing", *DAYS, "--as", "liqiang", "--sop", "sales_project_ten_stage")
    (row,) = terminal.json("stand-in", "list", "--of", "chenjing")
    assert (row["from"], row["until"], row["sops"]) == (
        "2020-01-01",
        "2099-12-31",
        ["sales_project_ten_stage"],
    )
    terminal.run("stand-in", "end", row["id"], "--as", "liqiang")
    terminal.run("approve", terminal.case(CASE), "--as", "chenjing", code=1)
    assert "没有代理" in terminal.run("stand-in", "list").stdout
    assert terminal.run("stand-in", "end", row["id"], "--as", "liqiang", code=3).stderr.count("\n") == 1


def test_a_slip_is_one_sentence(terminal: Terminal):
    wrong = ("--from", "morgen", "--to", "2026-12-01")
    assert "不是日期" in terminal.run("stand-in", "add", "chenjing", *wrong, "--as", "liqiang", code=2).stderr
    itself = terminal.run("stand-in", "add", "liqiang", *DAYS, "--as", "liqiang", code=1)
    assert "不能请自己代理" in itself.stderr
    ghost = terminal.run("stand-in", "add", "chenjing", *DAYS, "--sop", "ghost", "--as", "liqiang", code=1)
    assert "流程 ghost 尚未发布" in ghost.stderr
    nobody = terminal.run("stand-in", "add", "ghost", *DAYS, "--as", "liqiang", code=3)
    assert "没有编号为 ghost 的人员" in nobody.stderr


def test_everything_of_a_leaver_goes_to_the_successor(terminal: Terminal):
    case = terminal.case(CASE)
    over = ("hand-over", "liqiang", "--to", "chenjing", "-m", "离职", "--as", "xuling")
    assert case in terminal.run(*over, "--dry-run").stdout
    terminal.run("approve", case, "--as", "chenjing", code=1)
    done = terminal.json(*over)
    assert done["gone"] is True
    assert case in done["cases"]
    terminal.run("approve", case, "--as", "chenjing")
    terminal.run("advance", case, "lost", "--reason", "x", "--as", "liqiang", code=3)


def test_whoever_is_put_down_as_gone_with_work_in_hand_is_told_of(terminal: Terminal):
    case = terminal.case(CASE)
    said = terminal.run("person", "add", "liqiang", "李强", "--inactive").stdout
    assert case in said
    assert "guanka hand-over liqiang" in said
    assert "李强 已离开，通不过" in terminal.run("show", case).stdout
    told = terminal.run("mailbox", "--person", "xuling").stdout
    assert "无人可审批" in told
    terminal.run("person", "add", "liqiang", "李强")
    assert "已离开" not in terminal.run("show", case).stdout


def test_what_the_successor_may_not_take_stays_and_is_told(terminal: Terminal):
    case = terminal.case(CASE)
    over = ("hand-over", "liqiang", "--to", "zhangwei", "-m", "离职", "--as", "xuling")
    told = terminal.run(*over, code=1)
    assert f"未交接 {case}" in told.stdout
    assert "请另选一人接手此案例" in told.stdout
    rest = terminal.json(
        "hand-over", "liqiang", "--to", "chenjing", "-m", "离职", "--case", case, "--as", "xuling"
    )
    assert (rest["cases"], rest["gone"]) == ([case], True)


def test_nobody_arranges_the_absence_or_the_leaving_of_another(terminal: Terminal):
    own = ("stand-in", "add", "zhangwei", *DAYS, "--for", "zhaolei", "--as", "zhangwei")
    assert "只有 zhaolei 本人或流程负责人" in terminal.run(*own, code=1).stderr
    over = ("hand-over", "liqiang", "--to", "zhangwei", "-m", "x", "--as", "zhangwei")
    assert "只有 liqiang 本人或流程负责人" in terminal.run(*over, code=1).stderr


def test_what_no_case_would_take_moves_no_role_either(terminal: Terminal):
    before = terminal.json("role")
    for to, why in (("liqiang", "x"), ("linyue", "x"), ("chenjing", " ")):
        terminal.run("hand-over", "liqiang", "--to", to, "-m", why, "--as", "xuling", code=1)
    assert terminal.json("role") == before


def test_a_refused_hand_over_is_told_as_one(terminal: Terminal, parts: Parts):
    desk = HandingOver(store=parts.store, service=parts.service, clock=parts.clock)
    itself = Leaving(person=PersonId("liqiang"), to=PersonId("liqiang"), reason="离职")
    with pytest.raises(HandOverRefused, match="nobody takes over from themselves"):
        desk.carry_out(itself, actor=Actor(person=PersonId("xuling"), via=Via.CLI))
