"""Acting on cases from the command line: what is done, what is refused, and what a script learns of it."""

import re
from pathlib import Path

import pytest

from engine.case import events as ev
from engine.ids import CaseId
from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal


def test_a_case_is_started_filled_in_and_shown(terminal: Terminal, tmp_path: Path):
    plan = tmp_path / "plan.txt"
    plan.write_text("plan", encoding="utf-8")
    started = terminal.json(
        "start", "sales_project_ten_stage", "新客户", "--as", "zhangwei", "-f", "contact_person=郑经理"
    )
    case = started["case"]
    terminal.run("field", case, f"development_plan=@{plan}", "in_private_pool=是", "--as", "zhangwei")
    shown = terminal.json("show", case)
    assert (shown["title"], shown["status"], [s["stage"] for s in shown["stages"]]) == (
        "新客户", "open", ["customer_development"],
    )  # fmt: skip
    values = {field["id"]: field["shown"] for field in shown["fields"] if field["value"] is not None}
    assert values == {"contact_person": "郑经理", "development_plan": "plan.txt", "in_private_pool": "是"}


def test_every_fault_of_what_was_typed_is_said_and_nothing_is_kept(terminal: Terminal):
    case = terminal.case("云峰物流")
    before = terminal.json("show", case)["version"]
    done = terminal.run(
        "field",
        case,
        "first_contact_on=2026-13-45",
        "contact_person=李",
        "nosuch=1",
        "--as",
        "zhangwei",
        code=2,
    )
    assert done.stdout == ""
    assert "“首次沟通日期”：“2026-13-45”不是日期" in done.stderr
    assert "没有字段 nosuch" in done.stderr
    assert terminal.json("show", case)["version"] == before


def test_advancing_names_every_blocker_and_who_can_mend_it(terminal: Terminal):
    case = terminal.case("云峰物流")
    refused = terminal.json("advance", case, "qualified", "--as", "zhangwei", code=1)
    assert (refused["error"], refused["why"]) == ("refused", "blocked")
    assert refused["blockers"][0] == {
        "code": "task_open",
        "subject": "choose_targets",
        "zh": "任务“圈定目标客群，排出开发计划”尚未完成",
        "en": "task 'Choose target customers, write a development plan' is not done yet",
        "role": "salesperson",
        "waits_for": ["zhangwei"],
    }


def test_an_approved_transition_without_a_runner_says_what_to_do_and_run_once_does_it(terminal: Terminal):
    case = terminal.case("华东精密")
    done = terminal.run("approve", case, "--as", "liqiang", "-m", "可以")
    assert done.stdout == (
        f"{case}：已同意\n流转已就绪，但执行进程没有运行：启动 guanka up，或运行 guanka run-once 立即执行\n"
    )
    assert terminal.json("run-once")["fired"] == 1
    assert [s["stage"] for s in terminal.json("show", case)["stages"]] == ["contract_signing"]


def test_advance_with_wait_carries_it_out_where_no_runner_is(terminal: Terminal):
    case = terminal.case("华东精密")
    terminal.run("withdraw", case, "--as", "zhangwei")
    terminal.run("field", case, "discount=8", "--as", "zhangwei")
    answer = terminal.json("advance", case, "terms_agreed", "--wait", "--as", "zhangwei")
    assert (answer["state"], answer["stages"]) == ("done", ["contract_signing"])


def test_without_a_name_the_only_way_on_is_taken(terminal: Terminal):
    case = terminal.case("华东精密")
    terminal.run("withdraw", case, "--as", "zhangwei")
    answer = terminal.json("advance", case, "--as", "zhangwei")
    assert (answer["transition"], answer["state"], answer["waits_for"]) == (
        "terms_agreed", "pending", ["liqiang"],
    )  # fmt: skip


def test_a_rejection_needs_a_comment_and_drops_the_request(terminal: Terminal):
    case = terminal.case("华东精密")
    assert terminal.run("reject", case, "--as", "liqiang", code=2).stderr == "请写明意见\n"
    terminal.run("reject", case, "--as", "liqiang", "-m", "折扣太高")
    shown = terminal.json("show", case)
    assert (shown["requests"], [s["stage"] for s in shown["stages"]]) == ([], ["business_negotiation"])


def test_who_is_not_asked_decides_nothing(terminal: Terminal):
    case = terminal.case("华东精密")
    assert terminal.run("approve", case, "--as", "fenglei", code=1).stderr == "这里没有等您决定的审批\n"
    assert terminal.run("approve", case, "price_terms", "--as", "fenglei", code=1).stderr != ""


def test_the_same_key_counts_once_and_another_command_under_it_is_refused(terminal: Terminal, parts: Parts):
    case = terminal.case("云峰物流")
    words = ("comment", case, "周三拜访", "--as", "zhangwei", "--key", "k1")
    first, second = terminal.json(*words), terminal.json(*words)
    assert (first["repeated"], second["repeated"], second["version"]) == (False, True, first["version"])
    other = terminal.run("comment", case, "周四拜访", "--as", "zhangwei", "--key", "k1", code=4)
    assert other.stderr == "幂等键 k1 已用于另一条命令，请换一个键\n"
    events = [r.event for r in parts.store.history.read_events(CaseId(case))]
    assert [e.text for e in events if isinstance(e, ev.Commented)] == ["周三拜访"]


def test_starting_twice_under_one_key_starts_one_case(terminal: Terminal):
    words = ("start", "incident", "停电", "--as", "liufang", "--key", "k2")
    first, second = terminal.json(*words), terminal.json(*words)
    assert (second["case"], second["repeated"]) == (first["case"], True)


def test_the_os_user_stands_beside_the_person_claimed(terminal: Terminal):
    case = terminal.case("云峰物流")
    terminal.run("comment", case, "你好", "--as", "zhangwei")
    last = terminal.json("show", case, "--history")["history"][-1]
    assert (last["person"], last["via"], bool(last["os_user"])) == ("zhangwei", "cli", True)


def test_tasks_are_done_reopened_and_waived(terminal: Terminal):
    case = terminal.case("云峰物流")
    terminal.run("field", case, "initial_need=扫码入库", "--as", "zhangwei")
    terminal.run("task", "done", case, "learn_needs", "--as", "zhangwei")
    states = {t["id"]: t["state"] for t in terminal.json("show", case)["tasks"]}
    assert states["learn_needs"] == "done"
    terminal.run("task", "reopen", case, "learn_needs", "--as", "zhangwei")
    refused = terminal.run("task", "waive", case, "learn_needs", "-r", "已知", "--as", "zhangwei", code=1)
    assert "不可豁免" in refused.stderr


def test_hold_resume_and_a_deliverable(terminal: Terminal, tmp_path: Path):
    case = terminal.case("华东精密")
    sheet = tmp_path / "条款.txt"
    sheet.write_text("条款", encoding="utf-8")
    terminal.run("attach", case, "terms_sheet", str(sheet), "--as", "zhangwei")
    terminal.run("hold", case, "-r", "客户放假", "--as", "zhangwei")
    assert terminal.json("show", case)["status"] == "held"
    stands = terminal.run("show", case).stdout.splitlines()
    assert any(re.fullmatch(r"⏸ 张伟 于 \d{4}-\d\d-\d\d \d\d:\d\d 暂停（客户放假）", one) for one in stands)
    terminal.run("resume", case, "--as", "zhangwei")
    shown = terminal.json("show", case)
    versions = {d["id"]: [v["name"] for v in d["versions"]] for d in shown["deliverables"]}
    assert (shown["status"], versions["terms_sheet"]) == ("open", ["条款.txt"])


def test_show_tells_who_holds_a_case_since_when_and_until_when(terminal: Terminal):
    case = terminal.case("云峰")
    terminal.run("hold", case, "-r", "春节", "--until", "2099-02-20", "--as", "zhangwei")
    assert "暂停（春节）；定于 2099-02-20 恢复\n" in terminal.run("show", case).stdout
    english = terminal.run("show", case, "--lang", "en").stdout
    assert re.search(r"⏸ on hold since [\d: -]+ \(张伟: 春节\); to be resumed on 2099-02-20\n", english)
    told = [entry["text"] for entry in terminal.json("show", case, "--history")["history"]]
    assert told[-1] == "届时自动处理：2099-02-20 00:00"
    terminal.run("resume", case, "--as", "zhangwei")
    assert "不再自动处理" in terminal.run("show", case, "--history").stdout


def test_the_history_says_which_deadline_was_set_or_is_over_and_when(terminal: Terminal):
    case = terminal.case("华东精密")
    told = [entry["text"] for entry in terminal.json("show", case, "--history")["history"]]
    assert any(re.fullmatch(r"“商务谈判”的时限定为 \d{4}-\d\d-\d\d 18:00", one) for one in told)
    assert any(re.fullmatch(r"“价格与折扣审批”的时限定为 \d{4}-\d\d-\d\d 18:00", one) for one in told)
    assert "“客户确认方案”的时限结束" in told
    assert "逾期 商务谈判" in told
    english = terminal.run("show", case, "--history", "--lang", "en").stdout
    assert "deadline of “Business negotiation” set: 20" in english


def test_a_child_is_opened_by_its_parent_and_both_know_each_other(terminal: Terminal):
    case = terminal.case("秋冬新品社交媒体推广")
    terminal.run("child", "open", case, "incident", "场地停电", "--as", "liufang")
    terminal.run("run-once")
    (child,) = terminal.json("show", case)["children"]
    assert terminal.json("show", child["id"])["parent"] == case


def test_a_milestone_gets_its_forecast(terminal: Terminal):
    case = terminal.case("华东精密")
    terminal.run("milestone", "plan", case, "project_closed", "--forecast", "2027-05-01", "--as", "wangmin")
    found = {m["id"]: m["forecast"] for m in terminal.json("show", case)["milestones"]}
    assert found["project_closed"] == "2027-05-01"


def test_a_role_is_given_in_one_case_only(terminal: Terminal):
    case = terminal.case("云峰物流")
    terminal.run("role", "salesperson", "wangmin", "--case", case, "--as", "zhangwei")
    assert terminal.json("show", case)["roles"] == {"salesperson": ["wangmin"]}
    held = terminal.json("role", "salesperson", "--sop", "sales_project_ten_stage")
    assert held[0]["persons"] == ["zhangwei"]


NEAR = "没有流程 sales_project；是否要写 sales_project_ten_stage？"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("show", "nosuch"), 3, "没有案例 nosuch；用 guanka list 查看现有案例\n"),
        (("start", "sales_project", "x", "--as", "zhangwei"), 3, NEAR),
        (("start", "incident", "x", "--as", "nobody"), 3, "不认识人员 nobody；请先登记\n"),
        (
            ("start", "incident", "x", "-f", "novalue", "--as", "liufang"),
            2,
            "字段要写成 名称=值，这里是 'novalue'\n",
        ),
        (("start", "incident", "x"), 2, "请说明以谁的身份操作：--as 人员编号"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_one_sentence_with_its_exit_code(
    terminal: Terminal, words: tuple[str, ...], code: int, said: str
):
    done = terminal.run(*words, code=code)
    assert (done.stdout, done.stderr[: len(said)]) == ("", said)


def test_a_listed_milestone_takes_a_forecast_by_the_id_that_is_shown_and_loses_it(terminal: Terminal):
    case = terminal.case("星河连锁")
    plan = ("milestone", "plan", case, "execution_milestones/2")
    said = terminal.run(*plan, "--forecast", "2027-05-01", "--as", "wangmin", "--lang", "en").stdout
    assert "the date is set" in said
    assert _forecast(terminal, case) == "2027-05-01"
    for words in ("the date is cleared", "nothing changed"):
        said = terminal.run(*plan, "--forecast", "", "--as", "wangmin", "--lang", "en").stdout
        assert said.strip().endswith(words)
        assert _forecast(terminal, case) is None
    refused = terminal.run(*plan, "--planned", "2027-05-01", "--as", "wangmin", "--lang", "en", code=2)
    assert "change them there" in refused.stderr


def _forecast(terminal: Terminal, case: str) -> str | None:
    found = {m["id"]: m["forecast"] for m in terminal.json("show", case)["milestones"]}
    return found["execution_milestones/2"]
