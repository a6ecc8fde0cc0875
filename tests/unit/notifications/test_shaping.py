"""The same words in every chat's dialect, within limits that count bytes."""

from hypothesis import given
from hypothesis import strategies as st

from notifications.messages import Button, Message
from notifications.services.shaping import as_mrkdwn, as_plain, cut, named, spoken, with_links

LINK = Button(label="打开", url="https://gate.example/s/x")


@given(st.text(max_size=300), st.integers(0, 400))
def test_what_is_cut_fits_and_is_no_half_character(text: str, most: int) -> None:
    short = cut(text, most)
    assert len(short.encode()) <= most
    assert short == text or text.startswith(short.removesuffix("…"))


@given(st.text(max_size=3000), st.integers(200, 4096))
def test_links_are_never_cut_and_the_whole_fits(text: str, most: int) -> None:
    whole = with_links(text, [LINK], most)
    assert len(whole.encode()) <= most
    assert whole.endswith("[打开](https://gate.example/s/x)")
    assert "关卡" in whole


@given(st.text(max_size=500), st.integers(20, 600))
def test_our_name_is_in_every_message(text: str, most: int) -> None:
    told = named(text, most)
    assert "关卡" in told
    assert len(told.encode()) <= most


def test_slack_has_stars_and_brackets_of_its_own_and_nothing_of_ours_is_markup() -> None:
    told = as_mrkdwn("# 标题\n**粗** a<b & [打开](https://x.cn/a?b=1)")
    assert told == "*标题*\n*粗* a&lt;b &amp; <https://x.cn/a?b=1|打开>"
    assert as_plain("## 标题\n**粗** [打开](https://x.cn)") == "标题\n粗 打开"


def test_a_text_becomes_a_card_whose_links_are_buttons_named_by_the_line_before() -> None:
    text = "您好：\n\n审批链接：\nhttps://x.cn/s/1\n验证码：4711\nhttps://x.cn/c"
    body, buttons = spoken(Message(subject="s", text=text, html=""))
    assert body == "您好：\n\n验证码：4711"
    assert [(b.label, b.url) for b in buttons] == [
        ("审批链接", "https://x.cn/s/1"),
        ("关卡", "https://x.cn/c"),
    ]


def test_a_card_that_is_there_is_taken_as_it_is() -> None:
    message = Message(subject="s", text="t", html="", markdown="**m**", buttons=(LINK,) * 5)
    assert spoken(message) == ("**m**", (LINK,) * 3)
