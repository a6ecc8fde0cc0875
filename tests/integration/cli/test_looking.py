"""Looking at things: lists, inbox, mailbox, people, settings; in both languages and as JSON."""

import re

import pytest

from tests.integration.cli.conftest import Terminal

COMMANDS = (
    ("list",), ("list", "--closed"), ("overdue",), ("mailbox",), ("sops",), ("person", "list"), ("role",),
    ("setting", "list"), ("setting", "list", "--unset"), ("inbox", "--as", "liqiang"),
    ("doctor",), ("verify",),
    ("check", "sop_definitions"), ("schema",), ("diagram", "incident"),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_list_speaks_chinese_english_and_json(terminal: Terminal, words: tuple[str, ...]):
    chinese = terminal.run(*words, "--lang", "zh").stdout
    english = terminal.run(*words, "--lang", "en").stdout
    assert chinese.strip()
    assert english.strip()
    assert terminal.json(*words) is not None


def test_the_list_is_complete_and_the_late_ones_come_first(terminal: Terminal):
    listed = terminal.json("list")
    late = [case["overdue"] for case in listed["cases"]]
    assert (listed["total"], late) == (8, sorted(late, reverse=True))
    assert "星河连锁 门店数字化一期" in [c["title"] for c in terminal.json("list", "--overdue")["cases"]]
    closed = terminal.json("list", "--closed")["cases"]
    assert [case["title"] for case in closed if case["status"] == "closed"] == ["北岭食品 产销协同"]


def test_the_overdue_list_names_what_whose_and_since_when(terminal: Terminal):
    text = terminal.run("overdue").stdout
    assert re.search(
        r"星河连锁 门店数字化一期 +执行里程碑 收银接口联调完成 +王敏 +\d{4}-\d\d-\d\d 18:00", text
    )


def test_the_inbox_holds_what_waits_for_this_person(terminal: Terminal):
    inbox = terminal.json("inbox", "--as", "liqiang")
    assert [(a["spec"], a["case_id"]) for a in inbox["approvals"]] == [
        ("price_terms", terminal.case("华东精密"))
    ]
    assert terminal.run("inbox", "--as", "fenglei").stdout == "没有待办\n"
    assert terminal.run("inbox", "--as", "nosuch", code=3).stderr.startswith("没有编号为 nosuch 的人员")


def test_the_inbox_lists_what_is_overdue_like_overdue_itself(terminal: Terminal):
    late = terminal.json("overdue", "--person", "wangmin")
    assert late
    assert terminal.json("inbox", "--as", "wangmin")["overdue"] == late
    chinese, english = (
        terminal.run("inbox", "--as", "wangmin", "--lang", each).stdout for each in ("zh", "en")
    )
    assert chinese.startswith("已逾期")
    assert "执行里程碑 收银接口联调完成" in chinese
    assert english.startswith("Overdue")
    assert terminal.json("inbox", "--as", "fenglei")["overdue"] == []


def test_the_mailbox_shows_the_message_with_its_link_and_code(terminal: Terminal):
    mails = terminal.json("mailbox", "--person", "liqiang", "--case", terminal.case("华东精密"))
    asked = next(mail for mail in mails if mail["kind"] == "approval_requested")
    text = terminal.run("mailbox", str(asked["id"])).stdout
    assert "价格与折扣审批" in text
    assert "12%" in text
    assert re.search(r"http://127\.0\.0\.1:8000/s/\S+", text)
    assert re.search(r"\b\d{4}\b", text)


def test_settings_are_set_checked_and_taken_away(terminal: Terminal):
    assert terminal.run("setting", "set", "discount_limit", "abc", code=2).stderr.startswith(
        "discount_limit："
    )
    negative = terminal.run("setting", "set", "discount_limit", "--", "-5", code=2)
    assert negative.stderr == "discount_limit：不能小于零，这里是 -5\n"
    near = terminal.run("setting", "set", "discount_limt", "5", code=3).stderr
    assert near.startswith("没有设置 discount_limt；是否要写 discount_limit？")
    terminal.run("setting", "set", "visit_interval", "20 wd")
    kept = {(s["sop"], s["setting"]): s["value"] for s in terminal.json("setting", "list")}
    assert kept["sales_project_ten_stage", "visit_interval"] == "20 wd"
    terminal.run("setting", "set", "visit_interval", "")
    unset = [s["setting"] for s in terminal.json("setting", "list", "--unset")]
    assert "visit_interval" in unset


def test_people_and_roles_are_added(terminal: Terminal):
    terminal.run("person", "add", "gaoyuan", "高远", "--email", "gaoyuan@example.com")
    terminal.run("role", "legal", "fenglei", "gaoyuan")
    people = {p["id"]: p for p in terminal.json("person", "list")}
    assert (people["gaoyuan"]["name"], people["gaoyuan"]["roles"]) == ("高远", ["legal"])
    assert terminal.run("person", "add", "a b", "x", code=2).stderr.startswith("'a b' 不能作编号")
    assert "是否要写 legal？" in terminal.run("role", "leagl", "fenglei", code=3).stderr


def test_a_role_no_sop_has_is_not_found(terminal: Terminal):
    assert terminal.run("role", "leagl", code=3).stderr == "已发布的流程里没有角色 leagl；是否要写 legal？\n"
    english = terminal.run("role", "nosuch", "--lang", "en", code=3)
    assert (english.stdout, english.stderr) == ("", "no published SOP has a role nosuch\n")
    there = terminal.run("role", "legal", "--sop", "incident", "--lang", "en", code=3)
    assert there.stderr == "SOP incident has no role legal\n"
    assert "徐玲" in terminal.run("role", "sop_owner", "--sop", "incident").stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--name", ""), "the name is empty; write one"),
        (("--name", " "), "the name is empty; write one"),
        (("--name", "长" * 201), "the name has 201 characters; write 200 at most"),
        (("--email", "gao"), "'gao' is no e-mail address; write one such as wangmin@example.com"),
        (("--email", "@x"), "'@x' is no e-mail address; write one such as wangmin@example.com"),
        (("--zone", "Mars/Base"), "'Mars/Base' is no time zone; write one such as Asia/Shanghai"),
        (("--speaks", "fr"), "--speaks is zh or en"),
    ],
)
def test_a_person_nobody_could_reach_is_refused(terminal: Terminal, words: tuple[str, str], said: str):
    option, value = words
    name, more = (value, []) if option == "--name" else ("Gao", [option, value])
    done = terminal.run("person", "add", "gaoyuan", name, *more, "--lang", "en", code=2)
    assert (done.stdout, done.stderr) == ("", said + "\n")
    assert "gaoyuan" not in [p["id"] for p in terminal.json("person", "list")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("list", "--sop", "incidnt"), "there is no SOP incidnt; did you mean incident? (known: "),
        (("list", "--stage", "business_negotiaton"), "there is no stage business_negotiaton; did you mean"),
        (("list", "--stage", "zzz"), "there is no stage zzz\n"),
        (("list", "--person", "liqian"), "there is no person liqian; did you mean liqiang? (known: liqiang"),
        (("mailbox", "--person", "liqian"), "there is no person liqian; did you mean liqiang? (known: "),
        (("mailbox", "--case", "c0"), "there is no case c0; guanka list shows the cases\n"),
    ],
)
def test_a_list_of_what_is_not_there_is_refused(terminal: Terminal, words: tuple[str, ...], said: str):
    done = terminal.run(*words, "--lang", "en", code=3)
    assert (done.stdout, done.stderr[: len(said)]) == ("", said)


def test_show_reads_as_a_page(terminal: Terminal):
    text = terminal.run("show", terminal.case("华东精密")).stdout
    assert "▶ 商务谈判（负责：张伟；" in text
    assert "  价格与折扣审批（" in text
    assert "“商务条款谈妥”待审批“价格与折扣审批”（等待：李强）" in text


def test_it_says_which_version_it_is(terminal: Terminal):
    assert re.fullmatch(r"guanka \d+\.\d+\.\d+\n", terminal.run("--version").stdout)


def test_help_is_there_for_every_command(terminal: Terminal):
    listed = terminal.run("--help").stdout
    names = re.findall(r"^  ([a-z-]+)  +\S", listed.partition("Commands:")[2], re.MULTILINE)
    assert {"up", "check", "start", "advance", "approve", "doctor", "backup", "restore"} <= set(names)
    for name in names:
        assert terminal.run(name, "--help").stdout.startswith("Usage:")
