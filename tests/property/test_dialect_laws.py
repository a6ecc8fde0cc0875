"""Whatever people write into names and values stays plain words in every chat dialect."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notifications import dialects
from notifications.blocks import Digits, Entry, Fact, Footer, Listing, Paragraph
from notifications.dialects import _DINGTALK, _FEISHU, _TEAMS, _WECOM
from notifications.escaping import WORD_JOINER, backslashes, entities, full_width, mrkdwn
from notifications.marking import COMMON_MARK, Markup, marked
from notifications.messages import Button, Message
from notifications.one_line import one_line
from notifications.subject import Table

WORDS = Path(__file__).parents[1] / "data" / "hostile_words.txt"
HOSTILE = WORDS.read_text(encoding="utf-8").splitlines()
pieces = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=12), st.sampled_from(list("*_~`[]()<>@!#|:/\\&$.- +=1"))
)
hostile = st.lists(pieces, min_size=1, max_size=6).map(lambda parts: one_line("".join(parts), 200) or "x")
CALLS = re.compile(r"<at|<!|<@|@(all|所有人|\d)|://|\]\(|(?<=[\w-])\.[A-Za-z]")
PLAIN = re.compile(r"[*_~`\[\]<>\\#@!|$&^{}]")


def seen(text: str) -> str:
    """As the reader sees it: the invisible left out, full-width signs as what they stand for."""
    narrow = "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text)
    return narrow.replace(WORD_JOINER, "")


@given(hostile)
def test_where_no_escape_is_documented_no_sign_of_markup_is_left(text: str) -> None:
    said = full_width(text)
    assert not PLAIN.search(said)
    assert not CALLS.search(said)
    assert not re.match(r"\s*(\d+[.)]|[-+=](?!\d))", said)
    assert not re.search(r"(?<!\d):[\w+'-]+:", said)
    assert seen(said) == seen(text)


@given(hostile)
def test_feishu_gets_every_special_character_as_an_entity(text: str) -> None:
    said = entities(text)
    assert not re.search(r"[*_~`<>#$:+\-\[\]()!@\\|]", re.sub(r"&#\d{2,3};", "", said))
    assert "://" not in html.unescape(said)
    assert seen(html.unescape(said)) == seen(text)


@given(hostile)
def test_slack_gets_no_angle_bracket_and_no_emphasis(text: str) -> None:
    said = mrkdwn(text)
    assert not re.search(r"[<>*_~`@]", said)
    assert not re.search(r"&(?!(amp|lt|gt);)", said)
    assert "://" not in said
    assert seen(html.unescape(said)) == seen(text) or "&" in text


@given(hostile)
def test_common_mark_reads_what_was_written_as_text_and_nothing_else(text: str) -> None:
    (paragraph, inline, close) = MarkdownIt("gfm-like", {"linkify": False}).parse(backslashes(text))
    assert (paragraph.type, close.type) == ("paragraph_open", "paragraph_close")
    assert {child.type for child in inline.children or ()} <= {"text", "text_special"}
    assert seen("".join(child.content for child in inline.children or ())) == seen(text.strip())


@given(label=hostile, value=hostile, old=hostile, cell=hostile)
def test_a_whole_message_has_the_same_shape_whatever_stands_in_it(
    label: str, value: str, old: str, cell: str
) -> None:
    assert shape(a_body(label, value, old, cell)) == shape(a_body("甲", "乙", "丙", "丁"))


@pytest.mark.parametrize("markup", [_DINGTALK, _FEISHU, _WECOM, _TEAMS])
@given(label=hostile, value=hostile, old=hostile, cell=hostile)
def test_nor_has_a_card_another_shape(markup: Markup, label: str, value: str, old: str, cell: str) -> None:
    wide = replace(markup, most=1_000_000)
    plain = marked(blocks("甲", "乙", "丙", "丁"), wide)
    assert shape(marked(blocks(label, value, old, cell), wide)) == shape(plain)


@given(hostile)
def test_cards_call_nobody_and_lead_nowhere_but_to_us(text: str) -> None:
    message = replace(_MESSAGE, subject=text, blocks=blocks(text, text, text, text))
    for dialect in (dialects.dingtalk, dialects.feishu, dialects.wecom, dialects.slack, dialects.teams):
        body = dialect(message).body
        ours = body.replace("[打开审批页](https://gate.example/s/x)", "")
        assert not CALLS.search(ours)
        assert not re.search(r"[<>@]", ours)


def a_body(label: str, value: str, old: str, cell: str) -> str:
    return marked(blocks(label, value, old, cell), replace(COMMON_MARK, most=1_000_000))


def blocks(label: str, value: str, old: str, cell: str):
    table = Table(head=(label, cell), rows=((cell, value),))
    return (
        Paragraph(value, needed=True),
        Fact(f"{label}：", value),
        Listing(
            title=label,
            entries=(
                Entry(label=f"{label}：", value=value, old=old),
                Entry(label=f"{label}: ", value=value, table=table),
            ),
        ),
        Digits(label="验证码：", code="1234", use="请勿转发本消息。"),
        Footer(f"案例：{label} (c1)", "此处从略。"),
    )


def shape(body: str) -> list[str]:
    """The kinds of everything a Markdown parser finds, without the words."""
    found: list[str] = []
    for token in MarkdownIt("commonmark").enable("strikethrough").parse(body):
        found.append(token.type)
        found += [child.type for child in token.children or () if not child.type.startswith("text")]
    return found


_MESSAGE = Message(
    subject="s",
    text="",
    html="",
    buttons=(Button("打开审批页", "https://gate.example/s/x"),),
)
