"""`guanka check --people`: looking ahead with today's people."""

from pathlib import Path

from tests.integration.cli.conftest import Terminal

CLAIM = "sop_definitions/expense_claim.yaml"


def test_in_the_demonstration_everything_can_be_signed(terminal: Terminal):
    assert terminal.json("check", "--people")["ok"] is True
    doctor = {f["topic"]: f for f in terminal.json("doctor")["findings"]}
    assert doctor["approvals"]["state"] == "ok"


def test_the_published_sops_are_looked_through_and_what_nobody_could_sign_ends_with_one(terminal: Terminal):
    _take_the_address_away(terminal)
    found = {sop["sop"]: sop for sop in terminal.json("check", "--people", code=1)["sops"]}
    sales = found["sales_project_ten_stage"]
    lost = {f["approval"] for f in sales["findings"] if f["code"] == "out_of_reach"}
    assert "customer_acceptance" in lost
    assert (found["incident"]["ok"], sales["ok"], sales["cases_held_up_too"]) == (True, False, 1)
    text = terminal.run("check", "--people", "--lang", "zh", code=1).stdout
    assert "请的林越收不到消息或已停用；登记邮箱：guanka person add" in text
    assert "    transitions.accepted.approvals.customer_acceptance.by\n" in text
    english = terminal.run("check", "--people", "--lang", "en", code=1).stdout
    assert "7 SOPs: 5 approvals nobody could sign, 0 warnings, " in english


def test_once_mended_it_is_silent_about_it(terminal: Terminal):
    _take_the_address_away(terminal)
    doctor = {f["topic"]: f for f in terminal.json("doctor")["findings"]}
    assert doctor["approvals"]["state"] != "ok"
    terminal.run("person", "add", "linyue", "林越", "--email", "linyue@example.com", "--external")
    assert terminal.json("check", "--people")["ok"] is True
    doctor = {f["topic"]: f for f in terminal.json("doctor")["findings"]}
    assert doctor["approvals"]["state"] == "ok"


def _take_the_address_away(terminal: Terminal) -> None:
    """The customer of the demonstration is asked from outside, and then reached by nothing."""
    terminal.run("person", "add", "linyue", "林越", "--external")


def test_a_file_is_judged_by_this_companys_people(terminal: Terminal):
    assert terminal.json("check", "--people", CLAIM)["ok"] is True
    terminal.run("role", "claim_approver", "--clear")
    found = terminal.json("check", "--people", CLAIM, code=1)["sops"][0]
    assert [(f["code"], f["path"]) for f in found["findings"]] == [
        ("role_empty", "transitions.claim_approved.approvals.claim_approval.by")
    ]
    doctor = {f["topic"]: f for f in terminal.json("doctor")["findings"]}
    assert "claim_approval" in doctor["approvals"]["text"]


def test_a_faulty_file_is_told_its_faults_first(terminal: Terminal, tmp_path: Path):
    file = tmp_path / "bad.yaml"
    file.write_text("sop: bad\n", encoding="utf-8")
    done = terminal.run("check", "--people", str(file), code=1)
    assert f"{file}:1:1: " in done.stdout


def test_a_case_whose_own_people_cannot_sign_is_listed(terminal: Terminal):
    _take_the_address_away(terminal)
    case = terminal.case("西南市场进入调研")
    terminal.run("role", "marketing_head", "linyue", "--case", case, "--as", "wangmin")
    found = {sop["sop"]: sop for sop in terminal.json("check", "--people", code=1)["sops"]}
    held = found["marketing_seven_stage"]["cases"]
    assert [(one["case"], one["findings"][0]["approval"]) for one in held] == [(case, "direction_approval")]
    text = terminal.run("check", "--people", code=1).stdout
    assert f"✗ 案例 {case}“西南市场进入调研”：“目标与策略方向审批”无人可签：请的林越收不到消息" in text


def test_without_files_and_without_people_there_is_nothing_to_check(terminal: Terminal):
    done = terminal.run("check", code=2)
    assert done.stderr == "没有可检查的文件；请写出文件或文件夹\n"


def test_where_nothing_is_published_it_says_so(empty: Terminal):
    assert "这里还没有数据" in empty.run("check", "--people", code=5).stderr
