"""What every channel promises, whatever it speaks: one try, an answer, no exception, no secret, a
stable key.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from notifications.channels import (
    KEY_HEADER,
    AppriseChannel,
    Channel,
    RecordingChannel,
    SendResult,
    SendState,
)
from notifications.messages import Message
from notifications.routing import Address
from tests.integration.notifications.sinks import a_mail_server, a_web_server, free_port

SECRET = "s3cret-canary"
MESSAGE = Message(
    subject="审批：主管同意",
    text="第一行\n第二行",
    html="<p>第一行</p><p>第二行</p>",
    key="k" * 32,
    secrets=(SECRET,),
)


@dataclass
class Way:
    """A channel with an address that answers as asked for, and what arrived there, as (subject, key)."""

    channel: Channel
    address: Address
    arrived: list[tuple[str, str]] = field(default_factory=list)

    def send(self) -> SendResult:
        return self.channel.send(MESSAGE, self.address)


@contextmanager
def by_mail(state: SendState) -> Generator[Way]:
    answers = {SendState.RETRY: {"RCPT": f"451 {SECRET}"}, SendState.REJECTED: {"RCPT": f"550 {SECRET}"}}
    with a_mail_server(**answers.get(state, {})) as server:
        url = f"mailto://127.0.0.1:{server.port}?from=gate@guanka.example"
        way = Way(AppriseChannel(), Address(channel="email", url=url, email="hua@example.cn"))
        yield way
        way.arrived += [(mail["Subject"], mail[KEY_HEADER]) for mail in server.mails]


@contextmanager
def by_webhook(state: SendState) -> Generator[Way]:
    status = {SendState.SENT: 200, SendState.RETRY: 503, SendState.REJECTED: 403}[state]
    with a_web_server(status) as server:
        way = Way(
            AppriseChannel(), Address(channel="webhook", url=f"json://127.0.0.1:{server.port}/{SECRET}")
        )
        yield way
        if state is SendState.SENT:
            way.arrived += [(r.body["title"], r.headers[KEY_HEADER]) for r in server.requests]


@contextmanager
def by_recording(state: SendState) -> Generator[Way]:
    channel = RecordingChannel(results=(SendResult(state=state, code="1", detail="as told"),))
    way = Way(channel, Address(channel="test", url="test://"))
    yield way
    if state is SendState.SENT:
        way.arrived += [(message.subject, message.key) for message, _ in channel.sent]


WAYS = [by_mail, by_webhook, by_recording]


@pytest.mark.parametrize("way", WAYS)
def test_what_is_said_to_be_sent_has_arrived_once_under_the_messages_key(way) -> None:
    with way(SendState.SENT) as sending:
        assert sending.send().state is SendState.SENT
    assert sending.arrived == [(MESSAGE.subject, MESSAGE.key)]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("state", [SendState.RETRY, SendState.REJECTED])
def test_a_refusal_is_told_with_its_code_without_secrets_and_nothing_arrives(way, state: SendState) -> None:
    with way(state) as sending:
        result = sending.send()
    assert (result.state, sending.arrived) == (state, [])
    assert result.code
    assert SECRET not in repr(result)


@pytest.mark.parametrize("way", WAYS)
def test_a_message_may_be_sent_again_under_the_same_key(way) -> None:
    with way(SendState.SENT) as sending:
        assert [sending.send().state for _ in range(2)] == [SendState.SENT] * 2
    assert sending.arrived == [(MESSAGE.subject, MESSAGE.key)] * 2


@pytest.mark.parametrize("scheme", ["mailto", "json"])
def test_a_place_that_is_not_there_is_tried_again(scheme: str) -> None:
    url = f"{scheme}://robot:{SECRET}@127.0.0.1:{free_port()}?from=a@b.cn"
    result = AppriseChannel().send(MESSAGE, Address(channel="x", url=url))
    assert (result.state, result.code) == (SendState.RETRY, "unreachable")
