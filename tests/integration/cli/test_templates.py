"""guanka template: words shown, checked with place and remedy, kept in versions, taken back."""

from pathlib import Path

import pytest

NAME = "approval_requested.zh"


@pytest.fixture
def file(tmp_path: Path):
    def write(text: str, name: str = f"{NAME}.j2") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_a_template_is_shown_edited_previewed_and_taken_back(terminal, file):
    shown = terminal.run("template", "show", NAME).stdout
    assert shown.startswith("请审批：{{ approval }}｜{{ case }}\n\n")
    path = file(shown.replace("请审批：", "【市场部】请审批："))
    assert terminal.json("template", "edit", path, "--as", "wangmin") == {
        "name": NAME,
        "number": 1,
        "own": True,
    }
    same = terminal.run("template", "edit", path, "--as", "wangmin").stdout
    assert same == "文字没有变化\n"
    assert "<html" in terminal.json("template", "preview", NAME, "--channel", "email")[0]["email"]
    previews = terminal.json("template", "preview", NAME, "--channel", "wecom")
    assert {one["subject"][:5] for one in previews} == {"【市场部】"}
    assert "验证码：**" in previews[0]["wecom"]
    group = terminal.run("template", "preview", NAME, "--group", "--channel", "mailbox").stdout
    assert "验证码" not in group
    assert terminal.run("template", "reset", NAME, "--as", "liqiang").stdout == f"{NAME} 恢复系统默认的文字\n"
    again = ("template", "reset", NAME, "--as", "liqiang")
    assert terminal.run(*again).stdout == f"{NAME} 本来就是系统默认的文字，没有改动\n"
    assert "nothing was changed" in terminal.run(*again, "--lang", "en").stdout
    assert "第 1 版" not in terminal.run("template", "list").stdout
    versions = terminal.json("template", "history", NAME)
    assert [(v["number"], v["changed_by"], v["subject"] is None) for v in versions] == [
        (2, "liqiang", True),
        (1, "wangmin", False),
    ]
    assert terminal.json("template", "show", NAME, "--version", "1")["subject"].startswith("【市场部】")


def test_a_file_that_cannot_be_read_is_told_in_the_readers_language(terminal, tmp_path):
    asked = ("template", "check", str(tmp_path / f"{NAME}.j2"))
    assert terminal.run(*asked, code=2).stderr.strip().endswith("没有这个文件或文件夹）；请检查路径")
    assert "(No such file or directory)" in terminal.run(*asked, "--lang", "en", code=2).stderr
    folder = tmp_path / "zh"
    folder.mkdir()
    assert "这是文件夹" in terminal.run("template", "check", str(folder), "--name", NAME, code=2).stderr


def test_mistakes_are_told_at_the_lines_of_the_file_and_nothing_is_kept(terminal, file):
    path = file("\n请审批 {{ aproval }}\n\n\n第一句\n{% if round > %}x{% endif %}\n")
    told = terminal.run("template", "check", path, code=1).stdout.splitlines()
    assert told[0] == f"{path}:2:8: 没有名称 aproval；是否想写 'approval'？"
    assert told[1].startswith(f"{path}:6:15: ")
    assert any(line.startswith("approval ") for line in told)
    refused = terminal.run("template", "edit", path, "--as", "wangmin", code=1)
    assert refused.stdout == ""
    assert f"{path}:2:8:" in refused.stderr
    assert "没有保存" in refused.stderr
    assert f"{path}:2:8:" in terminal.run("template", "preview", path, code=1).stderr
    found = terminal.json("template", "edit", path, "--as", "wangmin", code=1)
    assert [(one["line"], one["column"]) for one in found["mistakes"]] == [(2, 8), (6, 15)]
    assert terminal.json("template", "history", NAME) == []


def test_whoever_is_outside_the_company_changes_no_wording(terminal, file, parts):
    (outside, *_) = (person.id for person in parts.store.people.all() if person.external)
    path = file("标题\n\n正文\n")
    assert "外部人员" in terminal.run("template", "edit", path, "--as", outside, code=1).stderr
    assert "外部人员" in terminal.run("template", "reset", NAME, "--as", outside, code=1).stderr
    assert terminal.json("template", "history", NAME) == []


def test_control_characters_are_told_at_the_lines_of_the_file(terminal, file):
    path = file("hi\n\nfirst\x0bsentence\nhi \x00 \x1b[31m\n")
    told = terminal.run("template", "edit", path, "--as", "wangmin", code=1).stderr
    assert [place in told for place in (f"{path}:3:6:", f"{path}:4:4:", f"{path}:4:6:")] == [True] * 3
    assert ("U+001B" in told, "\x1b" in told) == (True, False)


def test_what_is_unknown_or_moved_is_said_with_its_exit_code(terminal, file):
    assert "没有消息模板 nix" in terminal.run("template", "show", "nix", code=3).stderr
    path = file("标题\n\n正文\n")
    terminal.run("template", "edit", path, "--as", "wangmin", "--seen", "0")
    assert (
        "刚被他人改动"
        in terminal.run(
            "template", "edit", file("题\n\n文", f"{NAME}.txt"), "--as", "wangmin", "--seen", "0", code=4
        ).stderr
    )
    terminal.run("template", "show", NAME, "--version", "9", code=3)
    terminal.run("template", "edit", path, "--as", "nobody", code=3)
    assert "--name" in terminal.run("template", "check", file("x", "draft.txt"), code=2).stderr
    terminal.run("template", "check", path + ".gone", "--name", NAME, code=2)
    assert terminal.run("template", "names", "approval_news.en").stdout.count('"') == 18


def test_the_doctor_says_which_templates_no_longer_fit(terminal, parts):
    from datetime import UTC, datetime

    from engine.ids import PersonId
    from engine.store.wordings import WordingVersion

    assert not [
        one
        for one in terminal.json("doctor", code=0)["findings"]
        if one["topic"] == "templates" and one["state"] != "ok"
    ]
    version = WordingVersion(
        kind="case_held",
        language="zh",
        number=1,
        subject="{{ name_of_an_earlier_version }}",
        body="x",
        changed_by=PersonId("wangmin"),
        changed_at=datetime(2026, 11, 26, tzinfo=UTC),
    )
    parts.store.wordings.add(version)
    (found,) = [one for one in terminal.json("doctor")["findings"] if one["topic"] == "templates"]
    assert found["state"] == "warning"
    assert "case_held.zh" in terminal.run("doctor").stdout
    assert "已不适用" in terminal.run("template", "list").stdout
