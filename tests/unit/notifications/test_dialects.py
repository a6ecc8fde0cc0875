"""A message as each chat platform takes it: the same facts everywhere, secrets only for one reader."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.ids import PersonId
from engine.outbox import MessageKind
from notifications import dialects
from notifications.keys import Keys
from notifications.messages import Message
from notifications.routing import Contact
from notifications.samples import samples
from tests.unit.notifications.office import Office, a_composer, a_contact, an_office, asking, keys_in

TWO_DAYS = {"within": "2 wd", "on_timeout": {"remind": True}}
ALL = (
    dialects.dingtalk,
    dialects.feishu,
    dialects.wecom,
    dialects.slack,
    dialects.teams,
    dialects.common_mark,
)
MOST = dict(zip(ALL, (15_000, 9_000, 4_000, 2_900, 15_000, 4_000), strict=True))


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
    assert dialects.dingtalk(message).body.split("\n") == [
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
    ]


@pytest.mark.parametrize("dialect", ALL)
def test_every_card_tells_the_facts_the_digits_and_not_to_pass_it_on(keys: Keys, dialect) -> None:
    message = told(changed_office(), keys)
    link, code = message.secrets
    card = dialect(message)
    assert card.title == "请审批：主管同意｜新品上线"
    assert [(button.label, button.url) for button in card.buttons] == [
        ("打开审批页", link),
        ("查看案例", "https://gate.example/cases/c1"),
    ]
    for said in ("150,000", "2026年11月25日", "裴文", "新品发布会", code, "请勿转发本消息"):
        assert said in card.body
    assert (link in card.body) is (dialect is dialects.wecom)


@pytest.mark.parametrize("dialect", ALL)
def test_where_others_read_along_there_are_neither_digits_nor_a_sign_off_button(keys: Keys, dialect) -> None:
    office = changed_office()
    secrets = told(office, keys).secrets
    card = dialect(told(office, keys, personal=False))
    assert [button.label for button in card.buttons] == ["查看案例"]
    assert "请在站内信箱中打开审批链接。" in card.body
    assert not any(secret in f"{card}" for secret in secrets)


def test_slack_has_emphasis_of_its_own(keys: Keys) -> None:
    office = changed_office()
    office.contacts["hua"] = a_contact("hua", language="en")
    body = dialects.slack(told(office, keys)).body
    assert "• Budget: ~120,000.00 CNY~ → *150,000.00 CNY*" in body


def test_feishu_writes_special_characters_as_entities(keys: Keys) -> None:
    office = changed_office()
    office.desk.set(brief="<at id=all></at> **粗体** [点我](https://evil.example) $x$ :OK:")
    body = dialects.feishu(told(office, keys)).body
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
    card = dialect(message)
    assert len(card.body.encode()) <= MOST[dialect]
    for said in (message.secrets[1], "请勿转发本消息", "2026年11月25日", "裴文 ", "c1"):
        assert said in card.body
    if MOST[dialect] < 4_000:
        assert "此处从略" in card.body


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_sample_fits_every_platform(language) -> None:
    for message in (sample.message(language) for sample in samples()):
        for dialect in ALL:
            card = dialect(message)
            assert len(card.body.encode()) <= MOST[dialect]
            assert len(card.title) <= 120
            assert [s for s in message.secrets if "/" not in s and s not in card.body] == []


def test_secrets_of_a_message_do_not_stand_in_what_is_logged_of_it(keys: Keys) -> None:
    message = told(changed_office(), keys)
    assert not any(secret in repr(message.buttons) + repr(message.blocks) for secret in message.secrets)
