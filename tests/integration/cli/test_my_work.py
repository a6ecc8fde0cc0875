"""What was done to an approval, as `show`, `show --history` and `inbox` tell it."""

import pytest

from tests.integration.cli.conftest import Terminal

LIQIANG, CHENJING, ZHANGWEI = ("--as", "liqiang"), ("--as", "chenjing"), ("--as", "zhangwei")


@pytest.fixture
def case(terminal: Terminal) -> str:
    """Li Qiang is asked about the price, for Zhang Wei."""
    return terminal.case("华东精密")


def test_show_tells_who_looks_at_it_who_was_added_and_what_was_said(terminal: Terminal, case: str):
    act = ("approval",)
    terminal.run(*act, "add", case, "wulan", "--place", "after", "--reason", "看账期", *LIQIANG)
    terminal.run(*act, "copy", case, "wangmin", *ZHANGWEI)
    terminal.run(*act, "nudge", case, *ZHANGWEI)
    terminal.run(*act, "delegate", case, "chenjing", "--reason", "你更熟", *LIQIANG)
    shown = terminal.run("show", case).stdout
    assert "\n    吴岚 …，由 李强 后加签\n" in shown
    assert "\n      委派 陈静 先看：你更熟\n" in shown
    assert "\n    等待：陈静\n" in shown
    assert "\n    抄送：王敏\n" in shown
    assert "催办过，" in shown
    terminal.run(*act, "hand-back", case, "可以让到 12%", *CHENJING)
    assert "\n      陈静 的意见：可以让到 12%\n" in terminal.run("show", case).stdout
    english = terminal.run("show", case, "--lang", "en").stdout
    assert "added by 李强 to sign after" in english
    assert "opinion of 陈静: 可以让到 12%" in english


def test_show_tells_what_is_asked_for_and_what_to_do_after_a_return(terminal: Terminal, case: str):
    terminal.run("approval", "ask", case, "成本明细？", *LIQIANG)
    shown = terminal.run("show", case).stdout
    assert f"李强 要求补充材料：成本明细？（答复：guanka approval give {case} 内容）" in shown
    assert "起停走" in shown
    terminal.run("approval", "return", case, "价格再议", "--straight-back", *LIQIANG)
    shown = terminal.run("show", case).stdout
    assert f"李强 已退回；改好后重新提交：guanka resubmit {case}（之后只再请退回的人）" in shown
    document = terminal.json("show", case)
    request = document["requests"][0]
    assert (request["returned"]["by"], request["waits_for"]) == ("liqiang", ["zhangwei"])


def test_the_history_names_whom_an_act_was_about(terminal: Terminal, case: str):
    terminal.run("approval", "add", case, "wulan", "--place", "before", "--reason", "看账期", *LIQIANG)
    terminal.run("approval", "transfer", case, "chenjing", "--reason", "出差", *LIQIANG)
    texts = [entry["text"] for entry in terminal.json("show", case, "--history")["history"]]
    assert "加签 价格与折扣审批 吴岚 （前） 看账期" in texts
    assert "转交 价格与折扣审批 陈静 出差" in texts


def test_the_inbox_lists_delegations_questions_returned_requests_and_whom_i_wait_for(
    terminal: Terminal, case: str
):
    def kinds(person: str) -> list[str]:
        found = terminal.json("inbox", "--as", person)["concerns"]
        return [one["kind"] for one in found if one["case_id"] == case]

    waiting = terminal.run("inbox", *ZHANGWEI).stdout
    assert "我的申请在等待（guanka approval nudge 案例 催办）" in waiting
    assert "李强" in waiting
    assert "起等待，可催" in waiting
    terminal.run("approval", "delegate", case, "chenjing", "--reason", "你更熟", *LIQIANG)
    delegated = terminal.run("inbox", *CHENJING).stdout
    assert "委派给我先看（guanka approval hand-back 案例 意见）" in delegated
    assert "你更熟" in delegated
    assert kinds("liqiang") == []
    terminal.run("approval", "call-back", case, *LIQIANG)
    terminal.run("approval", "copy", case, "fenglei", *ZHANGWEI)
    assert "抄送我的审批，仅供知悉" in terminal.run("inbox", "--as", "fenglei").stdout
    terminal.run("approval", "ask", case, "成本明细？", *LIQIANG)
    assert sorted(kinds("zhangwei")) == ["material", "waiting"]
    assert "成本明细？" in terminal.run("inbox", *ZHANGWEI).stdout
    terminal.run("approval", "return", case, "价格再议", *LIQIANG)
    returned = terminal.run("inbox", *ZHANGWEI, "--lang", "en").stdout
    assert "Sent back to me (mend it, then guanka resubmit CASE)" in returned
    assert "价格再议" in returned
