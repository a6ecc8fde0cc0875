"""E-mail and webhooks through Apprise, against real servers on loopback."""

import logging
from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path
from urllib.parse import parse_qsl

import pytest

from engine.clock import FixedClock
from notifications import channels
from notifications.channels import KEY_HEADER, AppriseChannel, Gates, SendResult, SendState
from notifications.egress import Egress
from notifications.messages import Message
from notifications.recognising import recognised
from notifications.remedies import remedy
from notifications.routing import Address
from tests.integration.notifications.sinks import a_mail_server, a_web_server, free_port

PASSWORD = "p4ssw0rd-canary"
TOKEN = "t0ken-canary"
LINK, CODE = "https://gate.example/s/linkcanary.sig.1", "4711"
MESSAGE = Message(
    subject="请审批：主管同意｜<新品> & 上线",
    text=f"华敏，您好：\n\n审批链接：\n{LINK}\n验证码：{CODE}",
    html=f'<html><body><p>华敏，您好：</p><p><a href="{LINK}">打开审批页</a></p><p>{LINK}</p>'
    f"<p>验证码：{CODE}</p></body></html>",
    key="0123456789abcdef",
    secrets=(LINK, CODE),
)


def mail_url(port: int, *, secure: bool = False, auth: str = f"robot:{PASSWORD}@") -> str:
    return f"mailto{'s' if secure else ''}://{auth}127.0.0.1:{port}?from=gate@guanka.example"


def to(url: str, email: str = "hua@example.cn") -> Address:
    return Address(channel="email", url=url, email=email, name="华敏\r\nBcc: all@example.cn")


def mail(port: int, *, auth: str = "", email: str = "hua@example.cn", secure: bool = False) -> SendResult:
    return AppriseChannel().send(MESSAGE, to(mail_url(port, auth=auth, secure=secure), email))


def post(url: str) -> SendResult:
    return AppriseChannel().send(MESSAGE, Address(channel="webhook", url=url))


def gotify(port: int) -> SendResult:
    """By a service of Apprise's own."""
    way = Address(channel="gotify", url=f"gotify://127.0.0.1:{port}/{TOKEN}")
    return AppriseChannel(frozenset({"gotify"})).send(MESSAGE, way)


def test_a_mail_arrives_with_its_subject_both_parts_link_and_code() -> None:
    with a_mail_server() as server:
        assert mail(server.port) == SendResult(state=SendState.SENT)
        (arrived,) = server.mails
        assert server.recipients == [["hua@example.cn"]]
    assert arrived["Subject"] == MESSAGE.subject
    assert (arrived["From"].addresses[0].addr_spec, arrived["To"].addresses[0].addr_spec) == (
        "gate@guanka.example",
        "hua@example.cn",
    )
    assert arrived["To"].addresses[0].display_name == "华敏 Bcc: all@example.cn"
    assert arrived["Bcc"] is None
    assert (arrived[KEY_HEADER], arrived["Auto-Submitted"]) == (MESSAGE.key, "auto-generated")
    plain, html = (arrived.get_body((kind,)) for kind in ("plain", "html"))
    assert plain is not None
    assert html is not None
    assert html.get_content().strip() == MESSAGE.html
    assert LINK in plain.get_content().splitlines()
    assert f"验证码：{CODE}" in plain.get_content()


def test_mails_of_one_case_form_a_thread_and_a_repeated_one_keeps_its_name() -> None:
    first, second = (replace(MESSAGE, key=key * 32, thread="7" * 32) for key in ("a", "b"))
    with a_mail_server() as server:
        for message in (first, second, first):
            AppriseChannel().send(message, to(mail_url(server.port, auth="")))
        names = [mail["Message-ID"] for mail in server.mails]
        threads = {(mail["References"], mail["In-Reply-To"]) for mail in server.mails}
    assert names == [f"<{key * 32}@guanka.example>" for key in ("a", "b", "a")]
    assert threads == {(f"<case.{'7' * 32}@guanka.example>",) * 2}


def test_a_mail_is_known_as_automatic_by_its_list_and_fetches_nothing_when_opened() -> None:
    with a_mail_server() as server:
        AppriseChannel().send(replace(MESSAGE, html="<p>正文</p>"), to(mail_url(server.port, auth="")))
        (arrived,) = server.mails
    assert arrived["List-Id"] == "Guanka <guanka.guanka.example>"
    assert [len(arrived.get_all(name, [])) for name in ("Message-ID", "Date", "To")] == [1, 1, 1]
    assert arrived.get_content_type() == "multipart/alternative"
    plain = arrived.get_body(("plain",))
    assert plain is not None
    assert plain.get_content().splitlines() == MESSAGE.text.splitlines()
    everything = arrived.as_string().lower()
    assert [
        mark for mark in ("<img", "background=", "url(", "disposition-notification") if mark in everything
    ] == []


def test_a_persons_channel_does_not_lead_inside_unless_the_operator_lets_it() -> None:
    with a_web_server() as server:
        url = f"json://localhost:{server.port}/x"
        guarded = Address(channel="webhook", url=url, guarded=True)
        refused = AppriseChannel().send(MESSAGE, guarded)
        assert (refused.state, refused.code, server.requests) == (SendState.REJECTED, "inside", [])
        let_in = Gates(egress=Egress(allowed=(ip_network("127.0.0.0/8"), ip_network("::1/128"))))
        assert AppriseChannel(gates=let_in).send(MESSAGE, guarded).state is SendState.SENT
        assert post(url).state is SendState.SENT


@pytest.mark.parametrize(
    ("option", "name"), [("", "关卡"), ("&name=市场部", "市场部"), ("&name=Gate", "Gate")]
)
def test_the_sender_has_the_name_the_operator_gave(option: str, name: str) -> None:
    with a_mail_server() as server:
        AppriseChannel().send(MESSAGE, to(mail_url(server.port, auth="") + option))
        (arrived,) = server.mails
    assert arrived["From"].addresses[0].display_name == name


def test_a_mail_server_that_asks_for_a_password_gets_it() -> None:
    with a_mail_server(PASSWORD) as server:
        assert mail(server.port, auth=f"robot:{PASSWORD}@").state is SendState.SENT
        assert len(server.mails) == 1


def test_a_wrong_password_is_the_operators_to_mend_so_the_message_waits() -> None:
    with a_mail_server("another") as server:
        result = mail(server.port, auth=f"robot:{PASSWORD}@")
    assert (result.state, result.code) == (SendState.RETRY, "535")


@pytest.mark.parametrize("stage", ["RCPT", "DATA"])
def test_a_passing_refusal_waits_and_a_lasting_one_is_final(stage: str) -> None:
    with a_mail_server(**{stage: "451 4.7.1 try later"}) as server:
        assert mail(server.port) == SendResult(state=SendState.RETRY, code="451", detail="4.7.1 try later")
    with a_mail_server(**{stage: "550 5.1.1 no such user"}) as server:
        result = mail(server.port)
        assert result == SendResult(state=SendState.REJECTED, code="550", detail="5.1.1 no such user")
        assert server.mails == []


def test_a_mail_server_that_is_down_is_tried_again() -> None:
    result = mail(free_port())
    assert (result.state, result.code) == (SendState.RETRY, "unreachable")


def test_a_mail_server_without_the_login_that_was_set_is_the_operators_to_mend() -> None:
    with a_mail_server() as server:
        result = mail(server.port, auth=f"robot:{PASSWORD}@")
    assert (result.state, result.code) == (SendState.RETRY, "unsupported")


def test_a_connection_cut_after_the_message_was_handed_over_may_have_delivered_it() -> None:
    with a_mail_server(DATA="cut") as server:
        result = mail(server.port)
    assert (result.state, result.code) == (SendState.UNKNOWN, "no_answer")


def test_without_the_promised_encryption_nothing_is_sent() -> None:
    with a_mail_server() as server:
        assert mail(server.port, auth=f"robot:{PASSWORD}@", secure=True).code == "unsupported"
        assert server.mails == []


@pytest.mark.parametrize(
    "address",
    ["hua@example.cn,all@example.cn", "hua@example.cn?bcc=x@y.cn", "hua", "a b@x.cn", "a@x\r\nDATA"],
)
def test_what_is_not_one_address_reaches_nobody(address: str) -> None:
    with a_mail_server() as server:
        result = mail(server.port, email=address)
        assert server.recipients == []
    assert (result.state, result.code) == (SendState.REJECTED, "url")


def test_a_webhook_gets_subject_text_and_key_as_json() -> None:
    with a_web_server() as server:
        assert post(f"json://127.0.0.1:{server.port}/hook/{TOKEN}") == SendResult(state=SendState.SENT)
        (request,) = server.requests
    assert request.path == f"/hook/{TOKEN}"
    assert request.headers[KEY_HEADER] == MESSAGE.key
    assert (request.body["title"], request.body["message"], request.body["key"]) == (
        MESSAGE.subject,
        MESSAGE.text,
        MESSAGE.key,
    )


def test_a_webhook_pasted_as_it_is_gets_every_argument_of_its_address() -> None:
    given = "Token=aB%2B1%3D&format=x&method=GET&attach=y&%E9%94%AE=%E5%80%BC&empty="
    with a_web_server() as server:
        pasted = recognised(f"http://127.0.0.1:{server.port}/hook?{given}")
        assert post(pasted.url) == SendResult(state=SendState.SENT)
        (request,) = server.requests
    path, _, query = request.path.partition("?")
    assert (path, parse_qsl(query, keep_blank_values=True)) == (
        "/hook",
        parse_qsl(given, keep_blank_values=True),
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (400, SendState.REJECTED),
        (404, SendState.REJECTED),
        (408, SendState.RETRY),
        (429, SendState.RETRY),
        (500, SendState.RETRY),
        (503, SendState.RETRY),
    ],
)
def test_a_webhooks_answer_tells_whether_to_try_again(status: int, state: SendState) -> None:
    with a_web_server(status) as server:
        result = post(f"json://127.0.0.1:{server.port}/{TOKEN}")
    assert result == SendResult(state=state, code=str(status), detail="the other side refused the request")


@pytest.mark.parametrize(
    ("status", "wait"), [(429, "17"), (503, "17"), (429, "Sun, 01 Mar 2026 00:00:17 GMT")]
)
def test_a_webhook_that_says_for_how_long_is_left_in_peace(status: int, wait: str) -> None:
    clock = FixedClock(datetime(2026, 3, 1, tzinfo=UTC))
    with a_web_server(status, wait=wait) as server:
        way = Address(channel="webhook", url=f"json://127.0.0.1:{server.port}/{TOKEN}")
        result = AppriseChannel(clock=clock).send(MESSAGE, way)
    assert (result.state, result.code, result.retry_after_seconds) == (SendState.LATER, str(status), 17.0)


@pytest.mark.parametrize("status", [429, 503])
def test_a_service_of_apprises_own_that_says_for_how_long_is_left_in_peace_too(status: int) -> None:
    with a_web_server(status, wait="17") as server:
        result = gotify(server.port)
    assert (result.state, result.code, result.retry_after_seconds) == (SendState.LATER, str(status), 17.0)


def test_how_long_another_answer_asked_to_wait_is_not_taken_over() -> None:
    with a_web_server(429, wait="17") as busy, a_web_server(503) as broken:
        gotify(busy.port)
        assert gotify(broken.port).state is SendState.RETRY
    assert gotify(free_port()).code == "unreachable"


def test_what_a_service_of_apprises_own_could_not_hand_over_may_have_arrived() -> None:
    with a_web_server(0) as server:
        assert gotify(server.port).state is SendState.UNKNOWN
    with a_web_server(404) as server:
        assert gotify(server.port) == SendResult(
            state=SendState.REJECTED, code="404", detail="the other side refused the request"
        )


@pytest.mark.parametrize("wish", ["", "?redirect=yes&retry=3"])
def test_a_redirect_is_not_followed_whatever_the_address_asks_for(wish: str) -> None:
    with a_web_server() as inside, a_web_server(302, f"http://127.0.0.1:{inside.port}/x") as server:
        result = post(f"json://127.0.0.1:{server.port}/{TOKEN}{wish}")
        assert len(server.requests) == 1
        assert (result.state, result.code, inside.requests) == (SendState.REJECTED, "302", [])


def test_a_webhook_that_hangs_up_may_have_got_it_and_one_that_is_down_has_not() -> None:
    with a_web_server(0) as server:
        assert post(f"json://127.0.0.1:{server.port}/{TOKEN}").state is SendState.UNKNOWN
    assert post(f"json://127.0.0.1:{free_port()}/{TOKEN}").state is SendState.RETRY


def test_a_webhook_that_never_answers_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    import threading

    end = threading.Event()
    monkeypatch.setattr(channels, "READ_SECONDS", 0.2)

    def waiting() -> int:
        end.wait(10)
        return 200

    with a_web_server(waiting) as server:
        result = post(f"json://127.0.0.1:{server.port}/{TOKEN}")
        end.set()
    assert (result.state, result.code) == (SendState.UNKNOWN, "no_answer")


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("file:///etc/passwd", "scheme"),
        ("gotify://host/token", "scheme"),
        ("", "scheme"),
        ("json://", "url"),
        ("mailto://", "url"),
        ("json://127.0.0.1/?method=BREW", "url"),
        ("mailto://127.0.0.1?from=nobody", "url"),
        ("mailto://u:p@no_host?from=a@b.cn", "url"),
        ("mailto://127.0.0.1?template=/etc/passwd", "url"),
    ],
)
def test_a_channel_that_is_not_allowed_or_cannot_be_read_is_refused_for_good(url: str, code: str) -> None:
    result = AppriseChannel().send(MESSAGE, Address(channel="x", url=url, guarded=True))
    assert (result.state, result.code) == (SendState.REJECTED, code)
    said = remedy("x", result.code, result.detail)
    assert said is not None
    assert "GUANKA" not in said.en


MAIL_TO_NOBODY_KNOWN = f"mailto://robot:{PASSWORD}@smtp?mode={TOKEN}"


@pytest.mark.parametrize(
    ("address", "setting"),
    [
        (to(MAIL_TO_NOBODY_KNOWN), "GUANKA_SMTP_URL"),
        (to("mailto://bad"), "GUANKA_SMTP_URL"),
        (to("mailto://u:p@h.cn?template=/etc/passwd"), "GUANKA_SMTP_URL"),
        (Address(channel="webhook", url=f"json://127.0.0.1/{TOKEN}?method=BREW"), "GUANKA_WEBHOOK_URL"),
        (Address(channel="slack", url=f"slack://{TOKEN}"), "GUANKA_WEBHOOK_URL"),
        (Address(channel="alarm", url=MAIL_TO_NOBODY_KNOWN), "GUANKA_ALERT_URL"),
    ],
)
def test_what_the_operator_set_and_nobody_can_read_waits_until_it_is_mended(
    address: Address, setting: str
) -> None:
    result = AppriseChannel().send(MESSAGE, address)
    assert (result.state, result.code) == (SendState.RETRY, "url")
    mend = remedy(address.channel, result.code, result.detail)
    assert mend is not None
    assert (setting in mend.zh, setting in mend.en) == (True, True)
    assert [secret for secret in (PASSWORD, TOKEN) if secret in repr(result)] == []


def test_an_operator_may_allow_more_kinds_of_channels() -> None:
    address = Address(channel="gotify", url=f"gotify://127.0.0.1:{free_port()}/token")
    assert AppriseChannel().send(MESSAGE, address).code == "scheme"
    assert AppriseChannel(frozenset({"gotify"})).send(MESSAGE, address).code == "unreachable"


def test_no_secret_stands_in_any_result_or_log(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    results: list[SendResult] = []
    caplog.set_level(1)
    for name in ("apprise", "urllib3", "requests", "notifications"):
        caplog.set_level(1, logger=name)
    echo = f"550 5.7.1 {PASSWORD} {LINK} {CODE} rejected"
    for answers in ({}, {"RCPT": echo}, {"DATA": echo.replace("550", "451")}, {"DATA": "cut"}):
        with a_mail_server(PASSWORD, **answers) as server:
            results.append(mail(server.port, auth=f"robot:{PASSWORD}@"))
            results.append(mail(server.port, auth=f"robot:{PASSWORD}@", secure=True))
    with a_mail_server("other") as server:
        results.append(mail(server.port, auth=f"robot:{PASSWORD}@"))
    for status in (200, 404, 500, 0):
        with a_web_server(status) as web:
            results.append(post(f"json://robot:{PASSWORD}@127.0.0.1:{web.port}/{TOKEN}?-sig={TOKEN}"))
    results.append(post(f"json://robot:{PASSWORD}@127.0.0.1:{free_port()}/{TOKEN}"))
    results.append(post(f"json://robot:{PASSWORD}@127.0.0.1/{TOKEN}?method=BREW"))
    results.append(post(f"mailto://robot:{PASSWORD}@x?from=nobody&mode={TOKEN}"))
    ours = [r.getMessage() for r in caplog.records if r.name != "mail.log"]  # which is the server's own
    said = "\n".join(ours) + repr(results)
    assert [s for s in (PASSWORD, TOKEN, LINK, "linkcanary", "4711 rejected") if s in said] == []
    assert any("*** *** *** rejected" in result.detail for result in results)


def test_others_in_this_process_still_hear_apprises_warnings(caplog: pytest.LogCaptureFixture) -> None:
    with a_web_server() as server:
        post(f"json://127.0.0.1:{server.port}/{TOKEN}")
    logging.getLogger("apprise").warning("a warning of somebody else")
    logging.getLogger("apprise").debug("a detail of somebody else")
    logging.getLogger("urllib3.connectionpool").warning("a request of somebody else")
    assert [r.getMessage() for r in caplog.records if "somebody else" in r.getMessage()] == [
        "a warning of somebody else",
        "a request of somebody else",
    ]
