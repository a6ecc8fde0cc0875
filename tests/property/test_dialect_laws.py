"""Whatever people write into names and values stays plain words in every chat dialect."""

import html
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from notifications.blocks import Digits, Entry, Fact, Footer, Listing, Mention, Mentions, Paragraph, Rest
from notifications.dialects import _DINGTALK, _FEISHU, _PLAIN, _SLACK, _TEAMS, _WECOM, Card, card_for
from notifications.escaping import WORD_JOINER, entities, full_width, mrkdwn, unlinked, unsigned
from notifications.marking import Markup, marked
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
def test_plain_text_and_slacks_headings_read_as_written_and_lead_nowhere(text: str) -> None:
    for said in (unlinked(text), unsigned(text)):
        assert not re.search(r"@|://|(?<=[\w-])\.[A-Za-z]", said)
        assert seen(said) == seen(text)
    assert not re.search(r"[<>&*_~`]", unsigned(text))


@pytest.mark.parametrize("markup", [_DINGTALK, _FEISHU, _WECOM, _TEAMS])
@given(label=hostile, value=hostile, old=hostile, cell=hostile)
def test_nor_has_a_card_another_shape(markup: Markup, label: str, value: str, old: str, cell: str) -> None:
    wide = replace(markup, most=1_000_000)
    plain = marked(blocks("甲", "乙", "丙", "丁"), wide)
    assert shape(marked(blocks(label, value, old, cell), wide)) == shape(plain)


@given(label=hostile, value=hostile, old=hostile, cell=hostile)
def test_slack_shows_our_marks_our_links_and_nothing_else(
    label: str, value: str, old: str, cell: str
) -> None:
    """Its own signs are few: what is left of a body without the words has to be that of harmless words."""
    wide = replace(_SLACK, most=1_000_000)
    plain = marked(blocks("甲", "乙", "丙", "丁"), wide)
    assert slack_shape(marked(blocks(label, value, old, cell), wide)) == slack_shape(plain)


@given(label=hostile, value=hostile, old=hostile, cell=hostile)
def test_no_word_is_lost_where_there_is_room(label: str, value: str, old: str, cell: str) -> None:
    for markup in (_SLACK, _PLAIN):
        body = marked(blocks(label, value, old, cell), replace(markup, most=1_000_000))
        told = seen(html.unescape(body) if markup is _SLACK else body)
        for word in (label, value, old, cell):
            assert seen(word).strip() in told


@given(label=hostile, value=hostile)
def test_plain_text_has_no_sign_that_nobody_wrote(label: str, value: str) -> None:
    wide = replace(_PLAIN, most=1_000_000)
    body, plain = (marked(blocks(x, y, y, x), wide) for x, y in ((label, value), ("甲", "乙")))
    for sign in "\\*_~`<>[]()#|":
        wrote = plain.count("甲") * label.count(sign) + plain.count("乙") * value.count(sign)
        assert body.count(sign) == plain.count(sign) + wrote


DIALECTS = ("dingtalk", "dingtalk_calling", "feishu", "wecom", "slack", "teams", "ntfy")
# Where brackets mean nothing they may stand.
CALLED = {
    "slack": re.compile(r"[@]|<[^|>]*>|://|(?<=[\w-])\.[A-Za-z]"),
    "ntfy": re.compile(r"@|://|(?<=[\w-])\.[A-Za-z]"),
}


@pytest.mark.parametrize("dialect", DIALECTS)
@given(hostile)
def test_cards_call_nobody_and_lead_nowhere_but_to_us(dialect: str, text: str) -> None:
    nobody_is_called(dialect, text)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_nor_do_they_for_any_of_the_words_that_once_did(dialect: str) -> None:
    for text in HOSTILE:
        nobody_is_called(dialect, text)


def nobody_is_called(dialect: str, text: str) -> None:
    message = replace(_MESSAGE, subject=text, blocks=blocks(text, text, text, text))
    card = card_for(dialect, message)
    ours = without_our_links(card)
    assert not CALLED.get(dialect, CALLS).search(ours)
    assert dialect == "ntfy" or not re.search(r"[<>@]", ours)
    assert not re.search(r"@|://", card.title)
    if dialect in {"slack", "teams"}:
        assert not re.search(r"[<>*_`]", card.title)


def without_our_links(card: Card) -> str:
    """Fails to take out whatever is not exactly as we write a link."""
    body = card.body.replace(f"[打开审批页]({OURS})", "")
    body = re.sub(r"\[([^\]\n]*)\]\(" + re.escape(OURS) + r"\)", r"\1", body)
    return re.sub("<" + re.escape(OURS) + r"\|([^<>\n]*)>", r"\1", body)


def slack_shape(body: str) -> list[str]:
    return re.findall(r"<[^|>]*\||[<>*_~`\n•]|&(?!amp;|lt;|gt;)", body)


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
        Mentions(title=label, lines=(Mention(text=value, url=OURS, note=cell), Mention(text=label))),
        Rest(said="还有 {} 件", url=OURS),
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


OURS = "https://gate.example/s/x"
_MESSAGE = Message(
    subject="s",
    text="",
    html="",
    buttons=(Button("打开审批页", OURS),),
)
