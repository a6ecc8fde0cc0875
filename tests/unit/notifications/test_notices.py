"""What belongs to no case: who is told of a stand-in's period, in which words, and until when."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from engine.case.absence import StandIn
from engine.ids import PersonId
from engine.outbox import NoticeKind, OwedNotice, notices_of_period
from notifications.delivery import Deliverer
from notifications.keys import Keys
from notifications.messages import Message
from notifications.wordings import Wording
from tests.unit.notifications.office import (
    Office,
    a_composer,
    a_contact,
    an_office,
    keys_in,
)
from tests.unit.notifications.post_room import PostRoom

HUA, BO, OU = PersonId("hua"), PersonId("bo"), PersonId("ou")
FROM = datetime(2026, 11, 29, 16, tzinfo=UTC)  # midnight in Shanghai
RULE = StandIn(principal=HUA, stand_in=BO, begins=FROM, ends=FROM + timedelta(days=5))
ARRANGED, ENDED = NoticeKind.STAND_IN_ARRANGED, NoticeKind.STAND_IN_ENDED
EVIL = "<script>alert(1)</script>\r\nBcc: all@x.cn\u202e{{ 7*7 }}"


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def owed(kind: NoticeKind, *, by: PersonId, to: PersonId, **parts: Any) -> OwedNotice:
    found = notices_of_period(kind, "p1", replace(RULE, **parts), by=by)
    return next(notice for notice in found if notice.to == to)


def told(office: Office, keys: Keys, notice: OwedNotice) -> Message:
    message = a_composer(office, keys, case_path="/cases/{id}").mailbox_text(notice)
    assert message is not None
    return message


def an_office_with(rule: StandIn | None = RULE) -> Office:
    office = an_office()
    office.periods = {} if rule is None else {"p1": rule}
    return office


@pytest.mark.parametrize(("by", "hears"), [(HUA, ["bo"]), (OU, ["bo", "hua"]), (BO, ["hua"])])
def test_whoever_did_it_is_not_told_of_their_own_act(by: PersonId, hears: list[str]) -> None:
    for kind in NoticeKind:
        assert [n.to for n in notices_of_period(kind, "p1", RULE, by=by)] == hears


def test_a_companys_own_words_are_used_and_ours_where_they_do_not_fit(keys: Keys) -> None:
    office, notice = an_office_with(), owed(ARRANGED, by=HUA, to=BO)
    office.wordings[ARRANGED, "zh"] = Wording(subject="代理 {{ principal }}", body="至 {{ ends }}")
    message = told(office, keys, notice)
    assert (message.subject, message.passed_over) == ("代理 华敏", False)
    assert "至 2026年12月4日 周五 24:00" in message.text
    office.wordings[ARRANGED, "zh"] = Wording(subject="{{ case }}", body="x")
    message = told(office, keys, notice)
    assert message.subject.startswith("请您代 华敏 审批")
    assert message.passed_over


def test_each_notice_has_a_key_of_its_own_made_of_facts() -> None:
    notices = [n for kind in NoticeKind for n in notices_of_period(kind, "p1", RULE, by=OU)]
    assert [n.key for n in notices] == [
        "stand_in:p1/stand_in_arranged/bo",
        "stand_in:p1/stand_in_arranged/hua",
        "stand_in:p1/stand_in_ended/bo",
        "stand_in:p1/stand_in_ended/hua",
    ]


def test_the_stand_in_reads_for_whom_from_when_to_when_where_by_whom_and_how_to_end_it(keys: Keys) -> None:
    message = told(an_office_with(), keys, owed(ARRANGED, by=HUA, to=BO, sops=frozenset({"launch"})))
    assert message.subject == "请您代 华敏 审批：2026年11月30日 周一 00:00 起"
    assert message.text.split("\n") == [
        "柏总，您好：",
        "",
        "华敏 请您在其外出期间代为审批。",
        "",
        "时间：2026年11月30日 周一 00:00 至 2026年12月4日 周五 24:00",
        "",
        "适用流程：上线",
        "",
        "期间请 华敏 签的审批也会发给您，已在等待的也在内；您与本人都可作答，以先作的决定为准。",
        "",
        "您可以随时提前结束：在人员页的“代理”中点“立即结束”，或运行 guanka stand-in end p1。",
        "",
        "本消息由关卡自动发出。",
    ]
    assert message.secrets == ()


def test_the_principal_reads_it_in_their_language_and_by_their_clock(keys: Keys) -> None:
    office = an_office_with()
    office.contacts["hua"] = a_contact("hua", language="en", zone="Europe/Berlin")
    message = told(office, keys, owed(ARRANGED, by=OU, to=HUA))
    assert message.subject == "柏总 will stand in for you from Sun 29 Nov 2026, 17:00"
    assert "欧阳 has arranged that 柏总 answers approvals in your stead." in message.text
    assert "From Sun 29 Nov 2026, 17:00 until Fri 4 Dec 2026, 17:00" in message.text
    assert "In these SOPs: all" in message.text
    assert "guanka stand-in end p1" in message.html


@pytest.mark.parametrize(
    ("begins", "subject"),
    [(FROM, "代理已取消：柏总 代 华敏"), (FROM - timedelta(days=8), "代理已提前结束：柏总 代 华敏")],
)
def test_both_hear_that_it_was_ended_or_called_off(keys: Keys, begins: datetime, subject: str) -> None:
    for to, line in ((BO, "您已作的决定仍然有效。"), (HUA, "由您自己作答")):
        message = told(an_office_with(), keys, owed(ENDED, by=OU, to=to, begins=begins))
        assert message.subject == subject
        assert line in message.text


def test_a_sop_that_is_gone_is_called_by_its_name_and_an_old_notice_says_that_it_is_over(keys: Keys) -> None:
    message = told(an_office_with(None), keys, owed(ARRANGED, by=OU, to=BO, sops=frozenset({"old"})))
    assert "适用流程：old" in message.text
    assert "此代理现已结束。" in message.text


@pytest.mark.parametrize(
    ("kind", "rule", "after", "due"),
    [
        (ARRANGED, RULE, timedelta(0), True),
        (ARRANGED, RULE, timedelta(days=20), False),
        (ARRANGED, replace(RULE, ends=FROM), timedelta(0), False),  # called off before it began
        (ARRANGED, None, timedelta(0), False),
        (ENDED, replace(RULE, ends=FROM), timedelta(0), True),
        (ENDED, replace(RULE, ends=FROM), timedelta(days=20), False),
    ],
)
def test_it_is_cancelled_once_the_period_is_over(
    keys: Keys, kind: NoticeKind, rule: StandIn | None, after: timedelta, due: bool
) -> None:
    office = an_office_with(rule)
    office.desk.clock.advance(after)
    queues = PostRoom(office.desk.clock)
    queues.owe([owed(kind, by=OU, to=BO)], office.desk.clock.now())
    post = Deliverer(
        queues=queues,  # pyright: ignore[reportArgumentType]
        deliveries=queues,
        wishes=queues,
        service=office.desk.service,
        composer=a_composer(office, keys),
        channel=None,  # pyright: ignore[reportArgumentType] - nobody has an address: the mailbox only
        clock=office.desk.clock,
        holder="t",
    )
    post.deliver_due()
    assert [o.state for tries in queues.outcomes.values() for o in tries] == ["sent" if due else "cancelled"]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", NoticeKind)
def test_every_kind_is_told_whole_and_nothing_breaks_out_of_it(
    keys: Keys, kind: NoticeKind, language: Any
) -> None:
    office = an_office_with()
    office.contacts = {n: replace(a_contact(n), name=EVIL, language=language) for n in ("hua", "bo", "ou")}
    for to in (HUA, BO):
        message = told(office, keys, owed(kind, by=OU, to=to))
        assert message.subject
        assert len(message.subject) <= 120
        assert not set("\r\n\u202e") & set(message.subject)
        assert "<script" not in message.html
        assert "\nBcc" not in message.text
        assert "\u202e" not in message.text + message.html
        assert "49" not in message.subject
        assert "/cases/" not in message.text


def test_somebody_unknown_gets_none(keys: Keys) -> None:
    notice = replace(owed(ARRANGED, by=OU, to=BO), to=PersonId("xia"))
    assert a_composer(an_office_with(), keys).mailbox_text(notice) is None
