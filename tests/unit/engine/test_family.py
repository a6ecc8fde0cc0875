"""SOPs checked together are held against one another."""

from pathlib import Path

from cli.definitions import check

PARENT = """sop: parent
zh: 母流程
fields: {granted: money}
exits: {done: {zh: 完成}}
stages: [{id: work, zh: 干活}]
transitions: [{id: finish, zh: 结束, from: work, exit: done}]
children:
  ask:
    sop: kid
    zh: 子流程
    values: {amuont: granted}
    on_child:
      granted: {set: {granted: child.amout}}
      grantde: {set: {granted: child.amount}}
"""
KID = """sop: kid
zh: 子流程
fields: {amount: money}
exits: {granted: {zh: 批准}}
stages: [{id: asking, zh: 申请}]
transitions: [{id: grant, zh: 批准, from: asking, exit: granted}]
"""


def test_what_a_parent_says_of_its_child_is_held_against_the_childs_file(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    (tmp_path / "kid.yaml").write_text(KID, encoding="utf-8")
    code, lines = check([tmp_path / "parent.yaml", tmp_path / "kid.yaml"], "en")
    assert code == 1
    assert [line.split("parent.yaml:")[1].split(": ", 1)[0] for line in lines[:-1]] == [
        "11:14",
        "13:32",
        "14:7",
    ]
    assert all("did you mean" in line for line in lines[:-1])


def test_the_shipped_sops_fit_one_another() -> None:
    assert check([Path("sop_definitions")], "zh")[0] == 0


def test_a_child_that_is_not_beside_is_not_judged(tmp_path: Path) -> None:
    (tmp_path / "parent.yaml").write_text(PARENT, encoding="utf-8")
    assert check([tmp_path / "parent.yaml"], "en")[0] == 0
