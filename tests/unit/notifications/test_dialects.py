"""A message as each chat platform takes it: the same facts everywhere, secrets only for one reader."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.ids import PersonId
from engine.outbox import MessageKind
from notifications.blocks import Footer, Mention, Mentions, Paragraph, Rest
from notifications.dialects import card_for
from notifications.keys import Keys
from notifications.messages import Button, Message
from notifications.routing import Contact
from notifications.samples import samples
from tests.unit.notifications.office import Office, a_composer, a_contact, an_office, asking, keys_in

TWO_DAYS = {"within": "2 wd", "on_timeout": {"remind": True}}
MOST = {
    "dingtalk": 15_000,
    "dingtalk_calling": 13_000,
    "feishu": 9_000,
    "lark": 9_000,
    "wecom": 4_000,
    "slack": 2_900,
    "teams": 15_000,
    "ntfy": 3_800,
}
ALL = tuple(MOST)
LINKS_INSIDE = ("dingtalk_calling", "wecom")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(Path(tmp_path_factory.mktemp("keys")))


def told(office: Office, keys: Keys, *, personal: bool = True) -> Message:
    composer = a_composer(office, keys, case_path="/cases/{id}")
    draft = composer.draft(office.owed(MessageKind.APPROVAL_REQUESTED))
    assert draft is not None
    return draft.write(personal=personal)


def changed_office() -> Office:
    office = asking(an_office(review=TWO_DAYS))
    office.desk.set(budget={"amount": "150000", "currency": "CNY"})
    return office


def test_a_dingtalk_card_has_heading_lists_and_strong_figures(keys: Keys) -> None:
    message = told(changed_office(), keys)
    code, words = message.secrets[1], message.text.split("\n")
    (
        asks,
        next_,
    ) = (line for line in words if line.startswith(("裴文 ", "接下来：")))
    again = next(line for line in words if "第 2 轮" in line)
    assert card_for("dingtalk", message).body.split("\n") == [
        "### 请审批：主管同意｜新品上线",
        "",
        "华敏，您好：",
        "",
        asks,
        "",
        "申请说明：客户已确认档期",
        "",
        again,
        "",
        "截止时间：**2026年11月25日 周三 18:00（还有 2 天 9 小时）**",
        "",
        "**自您上次答复或收到以来的变动**  ",
        "- 预算：120,000.00 元 → **150,000.00 元**",
        "",
        "**审批内容**  ",
        "- 预算：**150,000.00 元**  ",
        "- 简报：**新品发布会**",
        "",
        next_,
        "",
        f"验证码：**{code}**  ",
        "提交时请输入这四位数字。请勿转发本消息。",
        "",
        "案例：新品上线 (c1)",
        "",
        "关卡 Guanka",
    ]


@pytest.mark.parametrize("dialect", ALL)
def test_every_card_tells_the_facts_the_digits_and_not_to_pass_it_on(keys: Keys, dialect) -> None:
    message = told(changed_office(), keys)
    link, code = message.secrets
    card = card_for(dialect, message)
    assert card.title == "请审批：主管同意｜新品上线"
    links = [("打开审批页", link), ("查看案例", "https://gate.example/cases/c1")]
    if dialect in LINKS_INSIDE:
        assert [f"[{label}]({url})" for label, url in links] == card.body.split()[-2:]
        assert card.buttons == ()
    else:
        assert [(button.label, button.url) for button in card.buttons] == links
    for said in ("150,000", "2026年11月25日", "裴文", "新品发布会", code, "请勿转发本消息"):
        assert said in card.body
    assert (link in card.body) is (dialect in LINKS_INSIDE)
    assert "关卡" in card.body


@pytest.mark.parametrize("dialect", ALL)
def test_where_others_read_along_there_are_neither_digits_nor_a_sign_off_button(keys: Keys, dialect) -> None:
    office = changed_office()
    secrets = told(office, keys).secrets
    card = card_for(dialect, told(office, keys, personal=False))
    assert "查看案例" in (card.body if dialect in LINKS_INSIDE else card.buttons[0].label)
    assert "打开审批页" not in f"{card}"
    assert "请在站内信箱中打开审批链接。" in card.body
    assert not any(secret in f"{card}" for secret in secrets)


def test_slack_has_emphasis_of_its_own(keys: Keys) -> None:
    office = changed_office()
    office.contacts["hua"] = a_contact("hua", language="en")
    body = card_for("slack", told(office, keys)).body
    assert "• Budget: ~120,000.00 CNY~ → *150,000.00 CNY*" in body


def test_feishu_writes_special_characters_as_entities(keys: Keys) -> None:
    office = changed_office()
    office.desk.set(brief="<at id=all></at> **粗体** [点我](https://evil.example) $x$ :OK:")
    body = card_for("feishu", told(office, keys)).body
    assert "&#60;at id&#61;all&#62;" in body
    assert "<" not in body
    assert "](" not in body
    assert "://" not in body
    assert "&#58;OK&#58;" in body


@pytest.mark.parametrize("dialect", ALL)
def test_a_very_long_message_keeps_to_the_platforms_bound_and_loses_nothing_that_matters(
    keys: Keys, dialect
) -> None:
    office = changed_office()
    office.contacts["hua"] = Contact(person=PersonId("hua"), name="华" * 60)
    office.desk.set(brief="&" * 190 + "长" * 500)
    case = office.desk.case()
    (request,) = case.requests.values()
    long = replace(request, reason="<因>" * 160)
    office.desk.store.cases[case.id] = replace(case, title="甲" * 80, requests={request.id: long})
    message = told(office, keys)
    card = card_for(dialect, message)
    assert len(card.body.encode()) <= MOST[dialect]
    for said in (message.secrets[1], "请勿转发本消息", "2026年11月25日", "裴文 ", "c1"):
        assert said in card.body
    if MOST[dialect] < 3_000:
        assert "此处从略" in card.body


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sample_fits_every_platform(language) -> None:
    for message in (sample.message(language) for sample in samples()):
        for dialect in ALL:
            card = card_for(dialect, message)
            assert len(card.body.encode()) <= MOST[dialect]
            assert len(card.title) <= 120
            assert [s for s in message.secrets if "/" not in s and s not in card.body] == []


def test_secrets_of_a_message_do_not_stand_in_what_is_logged_of_it(keys: Keys) -> None:
    message = told(changed_office(), keys)
    assert not any(secret in repr(message.buttons) + repr(message.blocks) for secret in message.secrets)


PAGE = Button(label="打开", url="https://gate.example/s/x")


@pytest.mark.parametrize("dialect", ALL)
def test_a_text_becomes_a_card_whose_links_are_buttons_named_by_the_line_before(dialect) -> None:
    text = "您好：\n\n审批链接：\nhttps://x.cn/s/1\n验证码：4711\nhttps://x.cn/c"
    card = card_for(dialect, Message(subject="s", text=text, html=""))
    if card.buttons:
        assert [(b.label, b.url) for b in card.buttons] == [
            ("审批链接", "https://x.cn/s/1"),
            ("关卡", "https://x.cn/c"),
        ]
    else:
        assert "[审批链接](https://x.cn/s/1)" in card.body
    assert "验证码" in card.body
    assert "4711" in card.body


@pytest.mark.parametrize("dialect", ALL)
def test_a_card_has_three_links_at_most_and_cuts_none(dialect) -> None:
    message = Message(subject="s" * 120, text="长" * 9_000, html="", buttons=(PAGE,) * 5)
    card = card_for(dialect, message)
    assert len(card.buttons) or card.body.count(PAGE.url) == 3
    assert len(card.buttons) in {0, 3}


def test_a_title_that_is_cut_says_so() -> None:
    message = Message(subject="长" * 120, text="x", html="")
    assert card_for("feishu", message).title == "长" * 99 + "…"
    assert card_for("dingtalk", message).title == "长" * 99 + "…"
    assert card_for("dingtalk", message).body.startswith("### " + "长" * 120)
    assert card_for("slack", message).title == "长" * 120


def test_wecom_gets_a_card_without_markup_where_the_words_fit_one() -> None:
    short = Message(subject="请审批", text="新品 *上线*", html="", buttons=(PAGE,))
    card = card_for("wecom", short)
    assert (card.short, card.body) == (True, "新品 ＊上线＊\n\n关卡 Guanka")
    assert not card_for("wecom", replace(short, text="新品上线，" * 40)).short
    assert not card_for("wecom", replace(short, buttons=())).short


def test_ntfy_gets_plain_text_for_not_all_of_its_apps_read_marks(keys: Keys) -> None:
    body = card_for("ntfy", told(changed_office(), keys)).body
    assert "- 预算：120,000.00 元 → 150,000.00 元" in body
    assert not any(mark in body for mark in ("**", "~~", "\\"))


def a_digest(number: int, url: str = "https://gate.example/cases/c1") -> Message:
    lines = tuple(Mention(text=f"事项{place:04}", url=url, note="截止 11月26日") for place in range(number))
    blocks = (
        Paragraph("华敏，您好："),
        Mentions(title=f"已逾期 ({number})", lines=lines),
        Rest(said="还有 {} 件：见信箱", url="https://gate.example/work"),
        Footer("本消息由关卡自动发出。", "此处从略"),
    )
    return Message(subject="摘要", text="", html="", blocks=blocks)


@pytest.mark.parametrize(
    ("dialect", "line"),
    [
        ("dingtalk", "- [事项0000](https://gate.example/cases/c1) · 截止 11月26日"),
        ("feishu", "- [事项0000](https://gate.example/cases/c1) · 截止 11月26日"),
        ("wecom", "- [事项0000](https://gate.example/cases/c1) · 截止 11月26日"),
        ("slack", "• <https://gate.example/cases/c1|事项0000> · 截止 11月26日"),
        ("teams", "- [事项0000](https://gate.example/cases/c1) · 截止 11月26日"),
        ("ntfy", "- 事项0000 · 截止 11月26日"),
    ],
)
def test_each_line_of_a_digest_leads_where_it_says(dialect, line) -> None:
    assert line in [said.rstrip() for said in card_for(dialect, a_digest(2)).body.split("\n")]


@pytest.mark.parametrize("number", [40, 400, 4_000])
@pytest.mark.parametrize("dialect", ALL)
def test_what_a_card_has_no_room_for_is_counted_with_a_link_to_all_of_it(dialect, number) -> None:
    body = card_for(dialect, a_digest(number)).body
    assert len(body.encode()) <= MOST[dialect]
    here = body.count("事项")
    assert all(f"事项{place:04}" in body for place in range(here))
    said = f"还有 {number - here} 件：见信箱"
    assert (said in body) is (here < number)
    if here < number and dialect != "ntfy":
        assert "https://gate.example/work" in body


def test_slack_reads_one_bar_in_a_link() -> None:
    lines = (Mention(text="Please approve: Plan | Autumn", url=PAGE.url),)
    message = Message(subject="s", text="", html="", blocks=(Mentions(title="News", lines=lines),))
    assert f"<{PAGE.url}|Please approve: Plan ｜ Autumn>" in card_for("slack", message).body


def test_a_link_cannot_end_before_its_address_does() -> None:
    evil = "https://gate.example/a)b c<d>|e"
    body = card_for("dingtalk", a_digest(1, evil)).body
    assert "](https://gate.example/a%29b%20c%3Cd%3E%7Ce)" in body
    assert "<https://gate.example/a%29b%20c%3Cd%3E%7Ce|" in card_for("slack", a_digest(1, evil)).body
