"""What an approval's message tells beside the values: what changed for this reader, opinions, questions."""

from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.evolve import replay
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind
from notifications.keys import Keys
from notifications.messages import Message
from tests.unit.notifications.office import Office, a_composer, an_office, asking, keys_in

BOTH = [{"role": "head"}, {"role": "boss"}]


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def told(office: Office, keys: Keys, kind: MessageKind, to: str | None = None) -> Message:
    message = a_composer(office, keys).mailbox_text(office.owed(kind, to))
    assert message is not None
    return message


def test_the_change_told_is_that_since_the_reader_last_answered(keys: Keys) -> None:
    office = asking(an_office(review={"by": BOTH, "mode": "all"}))
    office.desk.sign("hua")
    for amount in ("150000", "180000"):
        office.desk.set(budget={"amount": amount, "currency": "CNY"})
    text = told(office, keys, MessageKind.APPROVAL_REQUESTED, to="hua").text
    assert "- 预算：120,000.00 元 → 180,000.00 元" in text
    text = told(office, keys, MessageKind.APPROVAL_REQUESTED, to="bo").text
    assert "- 预算：150,000.00 元 → 180,000.00 元" in text


def test_a_request_that_comes_again_is_compared_with_the_one_refused(keys: Keys) -> None:
    office = asking(an_office())
    office.desk.sign("hua", "reject", comment="太贵")
    office.desk.set(budget={"amount": "90000", "currency": "CNY"})
    office.desk.advance("go_live")
    text = told(office, keys, MessageKind.APPROVAL_REQUESTED).text
    assert "- 预算：120,000.00 元 → 90,000.00 元" in text
    assert "轮审批" not in text


def test_changed_and_changed_back_is_no_change_for_who_saw_neither(keys: Keys) -> None:
    office = asking(an_office(review={"by": BOTH, "mode": "sequence"}))
    office.desk.sign("hua")
    for amount in ("150000", "120000"):
        office.desk.set(budget={"amount": amount, "currency": "CNY"})
    office.desk.sign("hua")
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED, to="bo")
    assert "现为第 3 轮审批。" in message.text
    assert "变动" not in message.text


def test_who_lent_the_ask_reads_the_opinion_and_everybody_the_open_question(keys: Keys) -> None:
    office = asking(an_office(review={"by": BOTH, "mode": "all"}))
    act_on(office, "hua", sc.DelegateAsk, to=PersonId("ou"), reason="您熟悉客户")
    looking = told(office, keys, MessageKind.APPROVAL_NEWS, to="ou")
    assert "华敏 请您先看" in looking.text
    assert "说明：您熟悉客户" in looking.text
    assert "- 预算：120,000.00 元" in looking.text
    assert len(looking.secrets) == 2
    act_on(office, "ou", sc.HandBack, text="价格合理")
    assert "欧阳 看过后的意见：价格合理" in told(office, keys, MessageKind.APPROVAL_REQUESTED, to="hua").text
    act_on(office, "bo", sc.AskForMaterial, text="报价单？")
    text = told(office, keys, MessageKind.APPROVAL_REQUESTED, to="hua").text
    assert "柏总 已要求补充材料，尚未答复：报价单？" in text


def test_a_burnt_link_of_who_looks_is_replaced_and_says_who_asked(keys: Keys) -> None:
    office = asking(an_office())
    act_on(office, "hua", sc.DelegateAsk, to=PersonId("ou"), reason="先看")
    first = told(office, keys, MessageKind.APPROVAL_NEWS, to="ou")
    act_on(office, "ou", cmd.ReissueLink, person=PersonId("ou"))
    second = told(office, keys, MessageKind.APPROVAL_NEWS, to="ou")
    assert "华敏 请您先看" in second.text
    assert first.secrets[0] != second.secrets[0]
    assert replay(office.desk.store.events[CaseId("c1")]) == office.desk.case()


def act_on(office: Office, by: str, kind: type[Any], **parts: Any) -> None:
    approval = next(iter(office.desk.case().approvals))
    answer = office.desk.do(kind(case_id=CaseId("c1"), approval=approval, **parts), by=by)
    assert answer.refusal is None, answer.refusal
