"""A plain webhook: what its address may say, what arrives, and which answers are a yes."""

import json
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any, cast

import pytest
import requests
from apprise import Apprise, AppriseAsset, NotifyType

from notifications.channels import KEY_HEADER, AppriseChannel, SendResult, SendState
from notifications.messages import Message
from notifications.remedies import remedy
from notifications.routing import Address
from tests.sinks.server import Say, Sink, listening

TOKEN = "t0kenCanary4711"
LINK = "https://gate.example/s/linkcanary.sig.1"
MESSAGE = Message(
    subject="请审批：新品上线",
    text=f"华敏，您好：\n\n{LINK}",
    html="<p>华敏</p>",
    key="0123456789abcdef",
    secrets=(LINK,),
)


def answered(said: Say) -> tuple[SendResult, list[Any]]:
    with listening(Sink(judge=lambda _asked: None, fine=said)) as sink:
        way = Address(channel="webhook", url=f"json://127.0.0.1:{sink.port}/in/{TOKEN}")
        return AppriseChannel().send(MESSAGE, way), sink.arrived


@contextmanager
def noted(monkeypatch: pytest.MonkeyPatch) -> Generator[list[dict[str, Any]]]:
    """What would have been requested."""
    asked: list[dict[str, Any]] = []

    def request(method: str, url: str, **given: Any) -> Any:
        with requests.Session() as session:
            wanted = requests.Request(
                method, url, params=given["params"], headers=given["headers"], auth=given["auth"]
            )
            made = session.prepare_request(wanted)
        told = ("verify", "timeout", "allow_redirects")
        body = json.loads(given["data"])
        asked.append(
            {"made": (made.method, made.url, made.headers), "body": body, "raw": given["data"]}
            | {name: given[name] for name in told}
        )
        raise requests.ConnectTimeout

    with monkeypatch.context() as patch:
        patch.setattr(requests, "request", request)
        yield asked


@pytest.mark.parametrize(
    "url",
    [
        "json://hooks.example.com",
        "jsons://hooks.example.com:8443/a/b?-sig=x%2By&-empty=",
        "jsons://user:p%40ss%3A@hooks.example.com/a%20b/",
        "json://hooks.example.com/x?method=put&+X-Token=t0ken&+content-type=application/x-own",
        "json://hooks.example.com/x?:room=7&:message=text&:title=subject&:version=&:type=",
        "jsons://hooks.example.com/?verify=no&redirect=yes&rto=99&cto=99",
        "json://[::1]:8080/x",
    ],
)
def test_an_address_says_all_that_it_could_say_to_apprises_own_service(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = cast("Any", Apprise).instantiate(url, asset=AppriseAsset(app_id="Guanka"))
    own.redirects = False
    own.socket_connect_timeout, own.socket_read_timeout = 8.0, 10.0
    own.headers |= {KEY_HEADER: MESSAGE.key, "Auto-Submitted": "auto-generated"}
    own.payload_extras |= {"key": MESSAGE.key}
    with noted(monkeypatch) as apprises:
        own.send(body=MESSAGE.text, title=MESSAGE.subject, notify_type=NotifyType.INFO)
    with noted(monkeypatch) as ours:
        result = AppriseChannel().send(MESSAGE, Address(channel="webhook", url=url))
    assert result.code == "unreachable"
    assert [one | {"raw": bytes(one["raw"])} for one in ours] == [
        one | {"raw": one["raw"].encode()} for one in apprises
    ]


def test_a_user_without_a_password_or_with_a_chinese_name_logs_in(monkeypatch: pytest.MonkeyPatch) -> None:
    with noted(monkeypatch) as asked:
        for login in ("user", "%E5%8D%8E:%E6%95%8F"):
            url = f"json://{login}@hooks.example.com"
            AppriseChannel().send(MESSAGE, Address(channel="webhook", url=url))
    assert [one["made"][2]["Authorization"] for one in asked] == ["Basic dXNlcjo=", "Basic 5Y2OOuaVjw=="]


def test_a_field_that_takes_the_name_of_the_key_does_not_take_its_place(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with noted(monkeypatch) as asked:
        url = "json://hooks.example.com?:title=key&:key=other"
        AppriseChannel().send(MESSAGE, Address(channel="webhook", url=url))
    assert asked[0]["body"]["key"] == MESSAGE.key


def test_the_form_of_the_text_may_be_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    with noted(monkeypatch) as asked:
        AppriseChannel().send(MESSAGE, Address(channel="webhook", url="json://hooks.example.com?format=html"))
    assert asked[0]["body"]["message"] == MESSAGE.html


@pytest.mark.parametrize(
    "said",
    [
        Say(),
        Say(status=201, body="created"),
        Say(status=202),
        Say(status=204),
        Say(body="<html>Welcome</html>"),
        Say(body="[]"),
        Say(body="{}"),
        Say(body=b"\xff\xfe\x00"),
        Say(body="x" * 70_000),
        Say(body={"errcode": 0, "errmsg": "ok"}),
        Say(body={"errcode": "0"}),
        Say(body={"errcode": None, "errmsg": None}),
        Say(body={"code": 19024, "msg": "of a kind nobody promised"}),
    ],
    ids=lambda said: str(said.body)[:20] or str(said.status),
)
def test_any_success_without_an_error_code_is_a_yes(said: Say) -> None:
    result, arrived = answered(said)
    assert (result, len(arrived)) == (SendResult(state=SendState.SENT), 1)


@pytest.mark.parametrize(
    ("code", "words", "state", "mend"),
    [
        (310000, "keywords not in content", SendState.REJECTED, "加入关键词“关卡”"),
        ("310000", "description:sign not match", SendState.REJECTED, "加签密钥"),
        (130101, "send too fast", SendState.LATER, "停用 10 分钟"),
        (45009, "api freq out of limit", SendState.LATER, "每分钟最多 20 条"),
        (93000, "invalid webhook url", SendState.REJECTED, "重新添加并复制地址"),
        (987654, "something quite new", SendState.RETRY, ""),
        (-1, "busy", SendState.RETRY, ""),
        (404, "of its own", SendState.RETRY, "没有这个地址"),
        (True, "an error", SendState.RETRY, ""),
        ({"a": 1}, {"b": 2}, SendState.RETRY, ""),
    ],
)
def test_a_success_with_an_error_code_is_judged_as_that_code_and_its_words_are_kept(
    code: object, words: object, state: SendState, mend: str
) -> None:
    result, _ = answered(Say(body={"errcode": code, "errmsg": words}))
    assert (result.state, result.code, result.detail) == (state, str(code), str(words))
    found = remedy("webhook", result.code, result.detail)
    assert (found is not None) == bool(mend)
    assert found is None or mend in found.zh
    assert (result.retry_after_seconds is not None) == (state is SendState.LATER)


def test_what_an_answer_repeats_of_a_secret_is_struck_out_and_cut_short() -> None:
    result, _ = answered(Say(body={"errcode": "9" * 500, "errmsg": f"{LINK} {TOKEN} " + "x" * 5000}))
    assert (TOKEN in repr(result), "linkcanary" in repr(result)) == (False, False)
    assert (len(result.code), len(result.detail) <= 300) == (60, True)


@pytest.mark.parametrize(
    ("said", "state", "code"),
    [
        (Say(status=400, body={"errcode": 0}), SendState.REJECTED, "400"),
        (Say(status=403, body={"errcode": 310000}), SendState.REJECTED, "403"),
        (Say(status=307, headers={"Location": "http://127.0.0.1:1/"}), SendState.REJECTED, "307"),
        (Say(status=425), SendState.RETRY, "425"),
        (Say(status=502, body="bad gateway"), SendState.RETRY, "502"),
        (Say(cut=True), SendState.UNKNOWN, "no_answer"),
        (Say(body='{"errcode": 31', missing=9), SendState.UNKNOWN, "no_answer"),
    ],
)
def test_what_is_no_success_counts_by_its_status(said: Say, state: SendState, code: str) -> None:
    result, _ = answered(said)
    assert (result.state, result.code) == (state, code)


def test_without_sound_encryption_nothing_is_sent() -> None:
    with listening(Sink(judge=lambda _asked: None, fine=Say())) as sink:
        way = Address(channel="webhook", url=f"jsons://127.0.0.1:{sink.port}/x")
        result = AppriseChannel().send(MESSAGE, way)
    assert (result.state, result.code, sink.asked) == (SendState.RETRY, "tls", [])


def test_a_header_that_cannot_be_sent_is_a_fault_of_the_address() -> None:
    way = Address(channel="webhook", url="json://127.0.0.1?%2BX-A=a%0D%0Ab")
    result = AppriseChannel().send(MESSAGE, way)
    assert (result.state, result.code) == (SendState.RETRY, "url")


def test_of_a_text_in_several_parts_none_may_be_refused() -> None:
    long = Message(subject="s", text="字" * 40_000, html="", key="k")
    with listening(Sink(judge=lambda _asked: None, fine=Say())) as sink:
        sink.told.append(Say(status=500))
        way = Address(channel="webhook", url=f"json://127.0.0.1:{sink.port}/x?overflow=split")
        assert AppriseChannel().send(long, way).code == "500"
        assert len(sink.asked) > 1
