"""Group chats on the command line: a robot added, what it hears of, a message on trial, and gone again."""

from notifications.sealing import is_sealed
from runtime.calendars import BUILT_IN
from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal
from tests.integration.cli.test_channels import INSIDE, piped
from tests.sinks.providers import TOKEN, providing

SHIPPED = BUILT_IN.parent
ROBOT = f"dingtalk://{TOKEN}/"
SOP = "sales_project_ten_stage"


def test_a_group_is_added_hears_of_things_and_is_listed(terminal: Terminal, parts: Parts) -> None:
    said = piped(terminal, f"{ROBOT}\n\n", "add", "sales-group", "--group")
    assert "群 sales-group 有了机器人（dingtalk）" in said
    assert "guanka channel bind sales-group" in said
    bound = terminal.run("channel", "bind", "sales-group", "--sop", SOP, "--role", "salesperson").stdout
    assert f"{SOP} · salesperson: 阶段变化, 逾期, 上报, 审批结果" in bound
    listed = terminal.run("channel", "list").stdout
    assert "sales-group" in listed
    (kept,) = [one for one in terminal.json("channel", "list") if one.get("group")]
    assert kept["hears"] == [
        {
            "group": "sales-group",
            "sop": SOP,
            "role": "salesperson",
            "about": ["stages", "late", "escalations", "decisions"],
        }
    ]
    assert (kept["readable"], TOKEN in said + listed + str(kept)) == (True, False)
    assert is_sealed(parts.store.groups.get("sales-group").channel)
    assert "own_channels 0 个个人渠道，1 个群" in terminal.run("doctor").stdout


def test_one_command_says_where_and_what(terminal: Terminal) -> None:
    typed = ("add", "sales-group", "--sop", SOP, "--about", "late,escalations", "--speaks", "en")
    piped(terminal, f"{ROBOT}\n\n", *typed)
    (kept,) = terminal.json("channel", "list", "sales-group")
    assert (kept["language"], kept["hears"][0]["about"]) == ("en", ["late", "escalations"])
    said = piped(terminal, "wecombot://another/\n", "add", "sales-group")
    assert "已替换群 sales-group 原有的机器人（wecom）" in said
    (kept,) = terminal.json("channel", "list", "group:sales-group")
    assert (kept["kind"], kept["language"], len(kept["hears"])) == ("wecom", "en", 1)
    terminal.run("channel", "unbind", "sales-group", "--sop", SOP)
    assert terminal.json("channel", "list", "sales-group")[0]["hears"] == []
    terminal.run("channel", "remove", "sales-group")
    assert terminal.run("channel", "list", "sales-group", code=3).stderr.startswith("没有编号为 sales-group")


def test_a_mistyped_person_becomes_no_group(terminal: Terminal) -> None:
    assert "若是一个群，请加 --group" in piped(terminal, f"{ROBOT}\n", "add", "zhangwie", code=3)
    assert terminal.json("channel", "list") == []


def test_what_cannot_be_meant_is_one_sentence_and_keeps_nothing(terminal: Terminal) -> None:
    def refused(*typed: str, code: int = 2) -> str:
        return piped(terminal, f"{ROBOT}\n\n", *typed, code=code)

    assert "没有流程 sales_projct；是不是 " in refused("add", "g", "--sop", "sales_projct")
    assert "没有角色 salespersn；是不是 salesperson？" in refused(
        "add", "g", "--sop", SOP, "--role", "salespersn"
    )
    assert "没有类别 lates；是不是 late？" in refused("add", "g", "--about", "lates")
    assert "about 是空的；请至少写一类：stages、late" in refused("add", "g", "--about", "")
    assert "至少写一类" in terminal.run("channel", "bind", "g", "--about", " ，", code=2).stderr
    assert "是某个人员的编号" in refused("add", "zhangwei", "--group")
    assert "群名只能用文字、数字" in refused("add", "a/b", "--group")
    assert "没有时区 Mars" in refused("add", "g", "--group", "--zone", "Mars")
    assert "fr 不可用" in refused("add", "g", "--group", "--speaks", "fr")
    assert terminal.json("channel", "list") == []
    assert "没有名为 g 的群" in terminal.run("channel", "bind", "g", code=3).stderr
    assert "没有这项订阅" in terminal.run("channel", "unbind", "g", code=3).stderr


def test_a_group_is_tried_like_a_person(terminal: Terminal) -> None:
    with providing("dingtalk") as provider:
        piped(terminal, f"{provider.url}\n", "add", "sales-group", "--group")
        assert "已送出，对方已接受" in terminal.run("channel", "test", "sales-group", code=0, **INSIDE).stdout
    assert len(provider.sink.arrived) == 1


def test_a_fresh_key_seals_the_robots_of_groups_too(terminal: Terminal) -> None:
    piped(terminal, f"{ROBOT}\n\n", "add", "sales-group", "--group")
    assert terminal.json("channel", "seal-anew", "--yes") == {"sealed": 1}
    assert terminal.json("channel", "list")[0]["readable"] is True


def test_a_person_cannot_have_the_name_of_a_group(terminal: Terminal) -> None:
    piped(terminal, f"{ROBOT}\n\n", "add", "lim", "--group")
    said = terminal.run("person", "add", "lim", "Lim", "--lang", "en", code=4).stderr
    assert said == "lim is the name of a group; give this person another id\n"


def test_who_is_outside_changes_no_role_of_the_company_and_publishes_nothing(terminal: Terminal) -> None:
    for words in (
        ("role", "sop_owner", "linyue"),
        ("role", "sop_owner", "--clear"),
        ("publish", str(SHIPPED / f"{SOP}.yaml")),
    ):
        assert "外部人员" in terminal.run(*words, "--as", "linyue", code=1).stderr
    assert terminal.json("role", "sop_owner")[0]["persons"] == ["xuling"]


def test_what_was_owed_to_a_group_that_is_gone_is_named_in_words(terminal: Terminal, parts: Parts) -> None:
    piped(terminal, f"{ROBOT}\n\n", "add", "sales-group", "--sop", SOP)
    terminal.run("start", SOP, "华南", "--as", "zhangwei")
    terminal.run("channel", "remove", "sales-group")
    said = terminal.run("mailbox").stdout
    assert ("群消息" in said, "group_news" in said) == (True, False)
    assert "Group message" in terminal.run("mailbox", "--lang", "en").stdout
