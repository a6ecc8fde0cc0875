"""Calendar addresses from the command line."""

from tests.integration.cli.conftest import Terminal

CASE = "华东精密"


def test_an_address_is_told_once_listed_without_it_and_ended(terminal: Terminal):
    case = terminal.case(CASE)
    said = terminal.run("feed", "add", "--case", case, "--as", "liqiang").stdout
    address = said.splitlines()[0]
    assert "/cal/" in address
    assert "只显示这一次" in said
    listed = terminal.run("feed", "list", "--as", "liqiang").stdout
    assert CASE in listed
    assert address.rpartition("/")[2].removesuffix(".ics") not in listed
    (row,) = terminal.json("feed", "list", "--as", "liqiang")
    terminal.run("feed", "end", row["id"], "--as", "chenjing", code=3)
    terminal.run("feed", "end", row["id"], "--as", "liqiang")
    assert "没有日历地址" in terminal.run("feed", "list", "--as", "liqiang").stdout


def test_an_unknown_case_and_somebody_outside_are_told_so(terminal: Terminal):
    assert terminal.run("feed", "add", "--case", "nosuch", "--as", "liqiang", code=3).stderr.count("\n") >= 1
    assert "不能订阅日历" in terminal.run("feed", "add", "--as", "linyue", code=1).stderr
