"""Our services against imitations of their providers: what is said to be sent was taken, and nothing else."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import quote

import pytest

from engine.clock import FixedClock
from notifications import channels
from notifications.blocks import Fact, Paragraph
from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Button, Message
from notifications.recognising import recognised, with_secret
from notifications.routing import Address
from notifications.services.codes import kinds, known
from notifications.services.receipt import Verdict
from tests.sinks.providers import PROVIDERS, SECRET, TOKEN, Provider, connector, providing
from tests.sinks.server import Say

LINK = "https://gate.example/s/linkcanary.sig.1"
MESSAGE = Message(
    subject="请审批：主管同意｜新品 & 上线",
    text="华敏，您好：\n新品上线需要您审批。",
    html="<p>华敏</p>",
    blocks=(Paragraph("新品上线需要您审批。"), Fact("截止：", "11 月 30 日 18:00")),
    buttons=(Button(label="打开审批页", url=LINK), Button(label="查看案例", url="https://gate.example/c/1")),
    key="0123456789abcdef",
    secrets=(LINK,),
)
STATES = {
    Verdict.PERMANENT: SendState.REJECTED,
    Verdict.TRANSIENT: SendState.RETRY,
    Verdict.LIMIT: SendState.LATER,
}
KINDS = list(PROVIDERS)


def send(provider: Provider, message: Message = MESSAGE, url: str = "", clock=None) -> SendResult:
    return AppriseChannel(clock=clock).send(message, Address(channel=provider.kind, url=url or provider.url))


@pytest.mark.parametrize("kind", KINDS)
def test_a_card_arrives_signed_with_its_words_and_its_links(kind: str) -> None:
    with providing(kind) as provider:
        assert send(provider) == SendResult(state=SendState.SENT)
        (arrived,) = provider.sink.arrived
    said = str(arrived)
    assert [part for part in (LINK, "打开审批页", "新品上线", "请审批", "关卡") if part not in said] == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_message_that_brings_no_card_has_one_made_from_its_text(kind: str) -> None:
    plain = Message(
        subject="请审批", text=f"您好：\n\n审批链接：\n{LINK}\n[假](https://evil.example)", html=""
    )
    with providing(kind) as provider:
        assert send(provider, plain).state is SendState.SENT
        said = str(provider.sink.arrived)
    assert LINK in said
    assert "审批链接" in said
    assert "](https://evil" not in said
    assert "https://evil" not in said


ROWS = [(kind, row) for kind in kinds() if kind in PROVIDERS for row in known(kind)]


def test_a_message_without_words_is_refused_as_that_and_not_as_a_place_out_of_reach() -> None:
    with providing("wecom") as provider:
        blank = Message(subject=" ", text=" \n", html="", key="k")
        result = AppriseChannel().send(blank, Address(channel="wecom", url=provider.url))
        assert (result.state, result.code, provider.sink.arrived) == (SendState.REJECTED, "empty", [])


@pytest.mark.parametrize("kind", KINDS)
def test_what_people_write_mentions_nobody_in_what_is_sent(kind: str) -> None:
    with providing(kind) as provider:
        evil = "<at id=all></at> <@all> @all <!here> [x](https://evil.example)"
        message = Message(subject=evil, text=evil, html="", blocks=(Paragraph(evil),), key="k")
        sent = AppriseChannel().send(message, Address(channel=kind, url=provider.url))
        assert sent.state is SendState.SENT
        told = json.dumps(provider.sink.arrived, ensure_ascii=False, default=str)
        assert not any(bad in told for bad in ("<@all>", "](https://evil", "https://evil"))


def test_at_least_forty_codes_are_known_beside_those_of_mail() -> None:
    assert len(ROWS) >= 40
    assert set(kinds()) - set(PROVIDERS) == {"email"}  # see test_mail_codes
    assert len({(kind, row.code, row.said) for kind, row in ROWS}) == len(ROWS)


@pytest.mark.parametrize(("kind", "row"), ROWS, ids=lambda part: getattr(part, "code", part))
def test_every_known_code_is_a_refusal_of_its_kind(kind: str, row) -> None:
    with providing(kind) as provider:
        provider.sink.always = provider.refusal(row.code, f"because: {row.said} {TOKEN}")
        result = send(provider)
        assert provider.sink.arrived == []
    assert (result.state, result.code) == (STATES[row.verdict], row.code)
    assert TOKEN not in repr(result)


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "lark", "wecom"])
def test_a_code_nobody_knows_is_tried_again_and_shown_as_it_came(kind: str) -> None:
    with providing(kind) as provider:
        provider.sink.always = provider.refusal("987654", "something quite new")
        result = send(provider)
    assert (result.state, result.code, result.detail) == (SendState.RETRY, "987654", "something quite new")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("say", "state", "code"),
    [
        (Say(status=500, body="boom"), SendState.RETRY, "500"),
        (Say(status=503), SendState.RETRY, "503"),
        (Say(status=404, body="<html>"), SendState.REJECTED, "404"),
        (Say(status=302, headers={"Location": "http://127.0.0.1:9/x"}), SendState.REJECTED, "302"),
        (Say(status=429, headers={"Retry-After": "17"}), SendState.LATER, "429"),
        (Say(status=503, headers={"Retry-After": "17"}), SendState.LATER, "503"),
        (Say(cut=True), SendState.UNKNOWN, "no_answer"),
        (Say(body='{"errcode": 0', missing=9), SendState.UNKNOWN, "no_answer"),
    ],
    ids=lambda part: str(getattr(part, "status", part)),
)
def test_a_broken_answer_is_never_taken_for_a_yes(kind: str, say: Say, state: SendState, code: str) -> None:
    with providing(kind) as provider:
        provider.sink.always = say
        result = send(provider)
    assert (result.state, result.code) == (state, code)
    assert result.retry_after_seconds == (17.0 if state is SendState.LATER else None)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "body", ["", "<html>all fine</html>", '{"errcode": 0', "[]", b"\xff\xfe", "x" * 70_000, "{}"]
)
def test_success_without_the_providers_word_is_not_success(kind: str, body: object) -> None:
    with providing(kind) as provider:
        provider.sink.always = Say(body=body)
        assert send(provider).state is SendState.UNKNOWN


@pytest.mark.parametrize(
    ("status", "body", "state", "code"),
    [
        (200, "1", SendState.SENT, ""),
        (202, "", SendState.SENT, ""),
        (200, connector("429"), SendState.LATER, "429"),
        (200, connector("503"), SendState.RETRY, "503"),
        (200, connector("403"), SendState.REJECTED, "403"),
        (200, "Webhook message delivery failed", SendState.UNKNOWN, "bad_answer"),
        (202, "<html>", SendState.UNKNOWN, "bad_answer"),
    ],
)
def test_a_connector_of_teams_that_fails_with_success_is_not_believed(
    status: int, body: str, state: SendState, code: str
) -> None:
    with providing("teams") as provider:
        provider.sink.always = Say(status=status, body=body)
        result = send(provider)
    assert (result.state, result.code) == (state, code)


def test_who_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(channels, "READ_SECONDS", 0.2)
    with providing("dingtalk") as provider:
        provider.sink.always = Say(hang=True)
        assert send(provider).state is SendState.UNKNOWN


def test_a_wrong_secret_token_or_clock_is_told_apart() -> None:
    with providing("dingtalk") as provider:
        wrong = [
            send(provider, url=f"dingtalk://SECwrong@{TOKEN}/"),
            send(provider, url=f"dingtalk://{SECRET}@other/"),
            send(provider, clock=FixedClock(datetime(2020, 1, 1, tzinfo=UTC))),
        ]
    assert [(r.state, r.code) for r in wrong] == [
        (SendState.REJECTED, "310000"),
        (SendState.REJECTED, "300005"),
        (SendState.RETRY, "310000"),
    ]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", ["字" * 30_000, "\U0001f600" * 20_000, "a" * 90_000])
def test_a_message_of_any_length_arrives_whole_at_its_links(kind: str, body: str) -> None:
    long = replace(MESSAGE, subject="标题" * 60, blocks=(Paragraph(body),) * 90)
    with providing(kind) as provider:
        assert send(provider, long).state is SendState.SENT
        said = str(provider.sink.arrived)
    assert LINK in said
    assert "\ufffd" not in said


def test_somebody_is_called_by_the_mobile_in_the_address() -> None:
    with providing("dingtalk") as provider:
        assert send(provider, url=f"{provider.url}13800001111").state is SendState.SENT
        (arrived,) = provider.sink.arrived
    assert arrived["at"]["atMobiles"] == ["13800001111"]
    assert "@13800001111" in arrived["markdown"]["text"]


def test_a_short_message_is_a_card_at_wecom_and_a_long_one_markdown() -> None:
    short = replace(MESSAGE, subject="请审批", blocks=(Paragraph("新品上线"),))
    with providing("wecom") as provider:
        send(provider, short)
        send(provider, replace(short, blocks=(Paragraph("新品上线，" * 40),)))
        kinds_sent = [body["msgtype"] for body in provider.sink.arrived]
    assert kinds_sent == ["template_card", "markdown"]


@pytest.mark.parametrize(
    ("page", "kind"),
    [
        (f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}", "dingtalk"),
        (f"https://open.feishu.cn/open-apis/bot/v2/hook/{TOKEN}", "feishu"),
        (f"https://open.larksuite.com/open-apis/bot/v2/hook/{TOKEN}", "lark"),
        (f"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={TOKEN}", "wecom"),
        (f"https://hooks.slack.com/services/T0/B0/{TOKEN}", "slack"),
    ],
)
def test_an_address_copied_from_the_providers_page_works(page: str, kind: str) -> None:
    found = recognised(page)
    if kind in ("dingtalk", "feishu", "lark"):
        found = with_secret(found, SECRET)
    with providing(kind) as provider:
        assert found.robot == recognised(provider.url).robot
        assert send(provider, url=found.url).state is SendState.SENT


def test_a_teams_address_keeps_every_letter_of_its_signature() -> None:
    path = "workflows/w/triggers/manual/paths/invoke?api-version=1&sig="
    signed = f"https://prod-01.logic.azure.com:443/{path}{quote('a/b+c=')}"
    assert recognised(signed).url == signed.replace("https", "teams")
