"""What people do with a running approval besides deciding it, from the command line."""

import pytest

from tests.integration.cli.conftest import Terminal

CASE = "华东精密"  # zhangwei has asked for a transition, and liqiang is asked to sign


@pytest.mark.parametrize(
    ("who", "arguments", "kind"),
    [
        ("liqiang", ("ask", "明细？"), "material_asked"),
        ("liqiang", ("return", "请补", "--straight-back"), "request_returned"),
        ("liqiang", ("comment", "加急"), "approval_commented"),
        ("zhangwei", ("nudge",), "approval_nudged"),
        ("zhangwei", ("copy", "liqiang"), "approval_copied"),
    ],
)
def test_an_act_is_one_event_of_the_case(terminal: Terminal, who: str, arguments: tuple[str, ...], kind: str):
    case = terminal.case(CASE)
    act, *rest = arguments
    terminal.run("approval", act, case, *rest, "--as", who)
    history = terminal.json("show", case, "--history")["history"]
    assert kind in [entry["event"]["kind"] for entry in history]


def test_an_answer_is_taken_back_and_given_again(terminal: Terminal):
    case = terminal.case(CASE)
    terminal.run("approve", case, "--as", "liqiang")
    terminal.run("approval", "take-back", case, "--as", "liqiang")
    terminal.run("approve", case, "--as", "liqiang")


def test_what_was_sent_back_is_put_forward_again(terminal: Terminal):
    case = terminal.case(CASE)
    terminal.run("approval", "return", case, "请补", "--as", "liqiang")
    terminal.run("approve", case, "--as", "liqiang", code=1)
    done = terminal.run("resubmit", case, "--as", "zhangwei")
    assert "已重新提交" in done.stdout
    terminal.run("approve", case, "--as", "liqiang")


@pytest.mark.parametrize(
    ("who", "arguments", "code", "sentence"),
    [
        ("liqiang", ("transfer", "zhangwei", "-r", "x"), 1, "不能审批自己的申请"),
        ("liqiang", ("delegate", "ghost", "-r", "x"), 3, "没有人员 ghost"),
        ("liqiang", ("add", "liqiang", "--place", "after", "-r", "x"), 4, "已在此审批中"),
        ("zhangwei", ("remove", "liqiang", "-r", "x"), 1, "不能审批自己的申请"),
        ("zhangwei", ("hand-back", "好"), 1, "没有委派"),
        ("liqiang", ("call-back",), 1, "没有委派"),
        ("zhangwei", ("give",), 4, "没有要求补充材料"),
        ("liqiang", ("return", "x", "--to", "nowhere"), 1, "不允许退回到"),
    ],
)
def test_a_refused_act_says_why(
    terminal: Terminal, who: str, arguments: tuple[str, ...], code: int, sentence: str
):
    act, *rest = arguments
    done = terminal.run("approval", act, terminal.case(CASE), *rest, "--as", who, code=code)
    assert sentence in done.stderr
