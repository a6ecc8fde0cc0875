"""What a mail server refuses with: judged as the table of codes says, and with a remedy."""

from dataclasses import replace

import pytest

from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Message
from notifications.remedies import remedy
from notifications.routing import Address
from notifications.services.codes import Meaning, known
from notifications.services.receipt import Verdict
from tests.integration.notifications.sinks import a_mail_server
from tests.sinks.smtp import a_scripted_server

ROWS = known("email")
ACCOUNT = ("530", "534", "535", "538")
STATES = {Verdict.PERMANENT: SendState.REJECTED, Verdict.TRANSIENT: SendState.RETRY}
MESSAGE = Message(subject="请审批", text="正文", html="<p>正文</p>", key="0123456789abcdef")


def mail(login: str = "", **script: str) -> SendResult:
    with a_scripted_server(**script) as server:
        url = f"mailto://{login}127.0.0.1:{server.port}?from=gate@guanka.example"
        return AppriseChannel().send(MESSAGE, Address(channel="email", url=url, email="hua@example.cn"))


def test_every_code_that_mail_servers_often_give_has_a_remedy() -> None:
    codes = ["421", "450", "451", "452", *ACCOUNT, "550", "551", "552", "553", "554"]
    assert list(dict.fromkeys(row.code for row in ROWS)) == codes


@pytest.mark.parametrize("command", ["RCPT", "DATA", "END"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.code} {row.said}".strip())
def test_a_refusal_is_judged_as_its_row_says_wherever_it_comes(row: Meaning, command: str) -> None:
    result = mail(**{command: f"{row.code} 4.0.0 because of {row.said}"})
    if (row.code, command) == ("421", "END"):  # the message was there, and may be kept
        assert (result.state, result.code) == (SendState.UNKNOWN, "no_answer")
        return
    assert (result.state, result.code) == (STATES[row.verdict], row.code)
    assert remedy("email", result.code, result.detail) == row.remedy


@pytest.mark.parametrize("code", ACCOUNT)
def test_a_login_that_is_refused_is_the_operators_to_mend(code: str) -> None:
    result = mail("robot:p4ss@", AUTH=f"{code} 5.7.8 not so")
    assert (result.state, result.code) == (SendState.RETRY, code)
    said = remedy("email", result.code, result.detail)
    assert said is not None
    assert ("GUANKA_SMTP_URL" in said.zh, "GUANKA_SMTP_URL" in said.en) == (True, True)


def test_greylisting_is_no_code_for_developers() -> None:
    result = mail(RCPT="451 greylisted, try again in 300 seconds")
    said = remedy("email", result.code, result.detail)
    assert said is not None
    assert ("灰名单" in said.zh, "greylisting" in said.en) == (True, True)


def test_a_subject_of_several_lines_is_one_line_of_the_mail() -> None:
    with a_mail_server() as server:
        address = Address(
            channel="email",
            url=f"mailto://127.0.0.1:{server.port}?from=gate@guanka.example",
            email="hua@example.cn",
        )
        result = AppriseChannel().send(replace(MESSAGE, subject="请审批\r\nBcc: all@example.cn"), address)
    assert result.state is SendState.SENT
    assert [(one["Subject"], one["Bcc"]) for one in server.mails] == [("请审批 Bcc: all@example.cn", None)]


def test_of_a_message_tried_by_several_channels_the_remedy_is_of_the_one_that_gave_the_code() -> None:
    assert remedy("email, dingtalk", "550") == remedy("email", "550")
    assert remedy("dingtalk, email", "400102") == remedy("dingtalk", "400102")
    assert remedy("dingtalk, email", "987654") is None
