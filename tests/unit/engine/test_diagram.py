"""Pictures of an SOP: nothing of the file can break out of them, and every stage and exit is on them."""

import re
from xml.etree import ElementTree as ET

import pytest

from engine.definition.diagram import mermaid, svg
from engine.definition.loader import load

HOSTILE = """</text><script>alert(1)</script> "x" ; } --> [*] %% #quot; & <b>"""
TEXT = """\
sop: offer
zh: 报价
en: Offer
exits: {won: {zh: 成交, en: Won, success: true}, lost: {zh: 丢单, en: Lost}}
roles: {boss: {zh: 经理}}
stages:
  - {id: draft, zh: 起草, en: Draft}
  - {id: talk, zh: 洽谈, en: Talk, owner: boss}
  - {id: end, zh: 收尾, en: Wrap up}
transitions:
  - {id: send, zh: 发出, from: draft, to: talk}
  - {id: skip, zh: 跳过, from: draft, to: end}
  - id: agree
    zh: 谈妥
    from: talk
    to: end
    approvals: [{id: a, by: [{role: boss}], mode: any, on_reject: stop}]
  - {id: back, zh: 退回, from: [talk, end], to: draft}
  - {id: win, zh: 赢单, from: end, exit: won}
  - {id: lose, zh: 放弃, from: any, exit: lost}
"""
TRACKS = """\
sop: two
zh: 两条线
exits: {done: {zh: 完成}}
tracks: {one: {zh: 甲, start: a}, two: {zh: 乙, start: x, opened_by: go}}
stages: [{id: a, track: one}, {id: b, track: one}, {id: x, track: two}]
transitions:
  - {id: go, from: a, to: b}
  - {id: pull, from: x, moves: {one: a}}
  - {id: meet, from: {one: b, two: x}, exit: done}
"""
PAINT = {"rect", "circle", "path", "polygon", "text", "g", "title", "svg"}


def drawn(text: str, **marks) -> ET.Element:
    return ET.fromstring(svg(load(text, "sop.yaml"), "zh", **marks))


def words(picture: ET.Element) -> str:
    return " ".join(picture.itertext())


def test_every_stage_and_exit_stands_in_the_picture():
    said = words(drawn(TEXT))
    assert [name for name in ("起草", "洽谈", "收尾", "成交", "丢单", "经理") if name not in said] == []


def test_ways_that_are_not_simply_next_are_told_in_words():
    said = words(drawn(TEXT))
    assert "退回：洽谈、收尾 → 起草" in said
    assert "跳过：起草 → 收尾" in said
    assert "放弃：任何阶段" in said


def test_a_gate_is_marked():
    assert "◆ 谈妥" in words(drawn(TEXT))


def test_current_and_done_are_marked_by_signs_and_words_and_not_by_colour_alone():
    said = words(drawn(TEXT, current=["talk"], done=["draft", "nowhere"]))
    assert "● 洽谈" in said
    assert "✓ 起草" in said
    assert "洽谈 (当前阶段)" in said


def test_the_picture_is_named_and_follows_the_page_s_colours():
    picture = drawn(TEXT)
    assert picture.get("role") == "img"
    assert picture.get("aria-label") == "报价"
    assert {value for node in picture.iter() for key, value in node.items() if key in {"fill", "stroke"}} <= {
        "none",
        "currentColor",
    }


@pytest.mark.parametrize("text", [TEXT, TRACKS], ids=["one line", "two tracks"])
def test_the_picture_asks_nothing_of_the_page_s_content_policy(text):
    nodes = list(drawn(text, current=["a"]).iter())
    assert {node.tag.rpartition("}")[2] for node in nodes} <= PAINT
    keys = {key for node in nodes for key in node.attrib}
    assert [key for key in keys if key in {"style", "class", "id", "href"} or key.startswith("on")] == []


def test_hostile_titles_stay_words():
    quoted = HOSTILE.replace("'", "''")
    definition = load(TEXT.replace("zh: 起草", f"zh: '{quoted}'"), "sop.yaml")
    assert "<script" not in svg(definition, "zh")
    ET.fromstring(svg(definition, "zh"))
    line = next(line for line in mermaid(definition, "zh").splitlines() if line.endswith("as stage_draft"))
    assert re.fullmatch(r' +state "(?:[\w .,/+-]|#\d+;)+" as stage_draft', line)


def test_mermaid_says_starts_ways_gates_and_ends():
    lines = [line.strip() for line in mermaid(load(TEXT, "sop.yaml"), "en").splitlines()]
    assert lines[0] == "stateDiagram-v2"
    for line in (
        'state "Draft" as stage_draft',
        "[*] --> stage_draft",
        "stage_talk --> stage_end : 谈妥 ◆",
        "exit_won --> [*]",
        "stage_end --> exit_won : 赢单",
        "any_stage --> exit_lost : 放弃",
    ):
        assert line in lines


def test_mermaid_joins_tracks_and_not_the_stages_within_them():
    lines = [line.strip() for line in mermaid(load(TRACKS, "sop.yaml"), "zh").splitlines()]
    assert 'state "甲" as track_one {' in lines
    assert "track_one --> track_two : go" in lines
    assert "track_two --> track_one : pull" in lines
    assert "track_two --> exit_done : meet" in lines
