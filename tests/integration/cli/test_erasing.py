"""Forgetting from the command line: only when it is confirmed, and the record stays sound."""

from tests.integration.cli.conftest import Terminal

CLOSED = "北岭食品"


def everything_written(terminal: Terminal) -> str:
    return terminal.run("export", terminal.case("云峰物流"), "--json").stdout


def test_a_person_is_forgotten_and_the_record_stays_sound(terminal: Terminal):
    terminal.run("comment", terminal.case("云峰物流"), "周三拜访老友", "--as", "zhangwei")
    assert "周三拜访老友" in everything_written(terminal)
    erased = terminal.json("erase", "person", "zhangwei", "--yes")
    assert (erased["person"], erased["events"] > 0) == ("zhangwei", True)
    people = {p["id"]: p for p in terminal.json("person", "list")}
    assert ("张伟" in people["zhangwei"]["name"], people["zhangwei"]["active"]) == (False, False)
    assert (people["zhangwei"]["email"], people["zhangwei"]["roles"]) == ("", [])
    assert "周三拜访老友" not in everything_written(terminal)
    assert terminal.json("verify")["sound"] is True


def test_the_contents_of_an_ended_case_are_forgotten_and_the_record_stays_sound(terminal: Terminal):
    case = terminal.case(CLOSED)
    erased = terminal.json("erase", "case", case, "--yes")
    assert (erased["case"], erased["events"] > 0) == (case, True)
    assert CLOSED not in terminal.run("export", case, "--json").stdout
    assert terminal.json("verify")["sound"] is True


def test_without_a_confirmation_nothing_is_erased(terminal: Terminal):
    case = terminal.case(CLOSED)
    done = terminal.run("erase", "case", case, "--lang", "en", code=2)
    assert done.stderr.startswith(f"this erases the contents of case {case} '{CLOSED}")
    assert done.stderr.endswith("for good; confirm it with --yes\n")
    assert terminal.run("erase", "person", "zhangwei", code=2).stderr == (
        "将抹除人员 张伟（zhangwei），不可恢复；确认请加 --yes\n"
    )
    assert terminal.case(CLOSED) == case


def test_what_is_running_or_unknown_is_not_erased(terminal: Terminal):
    assert terminal.run("erase", "case", terminal.case("云峰物流"), "--yes", code=1).stderr != ""
    assert terminal.run("erase", "case", "nosuch", "--yes", code=3).stderr.startswith("没有案例 nosuch")
    assert terminal.run("erase", "person", "nosuch", "--yes", code=3).stderr.startswith("没有编号为 nosuch")


def test_an_approval_that_waits_for_who_was_erased_is_told_of_in_the_same_act(terminal: Terminal):
    case = terminal.case("华东精密")
    terminal.run("erase", "person", "liqiang", "--yes")
    told = terminal.json("message", "list", "--case", case)
    assert "approval_unfilled" in [message["kind"] for message in told]
