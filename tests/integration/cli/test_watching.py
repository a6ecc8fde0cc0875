"""`guanka watch` for cron and monitors: a line, an exit code, and the alarm by its own way."""

from datetime import UTC, datetime, timedelta

import pytest

from runtime.wiring import Parts
from tests.integration.cli.conftest import Terminal
from tests.integration.notifications.sinks import a_mail_server, a_web_server
from tests.sinks.server import Say, Sink, listening


def swept(parts: Parts, ago: timedelta) -> None:
    parts.store.heartbeats.beat("sweep", now=parts.clock.now() - ago)


def test_a_sweep_that_comes_round_is_well(terminal: Terminal, parts: Parts) -> None:
    swept(parts, timedelta(seconds=20))
    assert "到期扫描：2" in terminal.run("watch").stdout
    told = terminal.json("watch")
    assert (told["status"], 20 <= told["silent_seconds"] < 120) == ("ok", True)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_without_an_address_the_line_and_the_exit_code_are_all(
    terminal: Terminal, parts: Parts, language: str
) -> None:
    swept(parts, timedelta(hours=2))
    done = terminal.run("watch", "--lang", language, code=1)
    assert {"zh": "120 分钟没有扫描到期事项", "en": "nothing was swept for 120 minutes"}[
        language
    ] in done.stdout
    assert "GUANKA_ALERT_URL" in terminal.run("doctor", code=1).stdout


def test_one_outage_is_mailed_once_and_its_end_once(terminal: Terminal, parts: Parts) -> None:
    swept(parts, timedelta(hours=2))
    with a_mail_server() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=a@guanka.example&to=ops@guanka.example"
        for _ in range(2):
            terminal.run("watch", code=1, GUANKA_ALERT_URL=url)
        swept(parts, timedelta(0))
        for _ in range(2):
            terminal.run("watch", GUANKA_ALERT_URL=url)
    assert [mail["Subject"] for mail in server.mails] == [
        "关卡告警：到期扫描已停 120 分钟",
        "关卡：到期扫描已恢复",
    ]
    assert server.recipients == [["ops@guanka.example"]] * 2
    body = server.mails[0].get_body(("plain",))
    assert body is not None
    assert "逾期标记、提醒与上报都会缺失" in body.get_content()


def test_an_alarm_reaches_a_web_address(terminal: Terminal, parts: Parts) -> None:
    swept(parts, timedelta(hours=2))
    with a_web_server() as server:
        terminal.run("watch", "--lang", "en", code=1, GUANKA_ALERT_URL=f"http://127.0.0.1:{server.port}/hook")
    (request,) = server.requests
    assert "到期扫描已停" in str(request.body)


def test_the_address_of_the_alarm_can_be_tried(terminal: Terminal, parts: Parts) -> None:
    swept(parts, timedelta(hours=2))
    assert "没有设置 GUANKA_ALERT_URL" in terminal.run("watch", "--test", code=2).stderr
    with a_web_server() as server:
        url = f"http://127.0.0.1:{server.port}/hook"
        assert "对方已接受" in terminal.run("watch", "--test", code=0, GUANKA_ALERT_URL=url).stdout
    assert ["试发一条告警" in str(request.body) for request in server.requests] == [True]
    with a_web_server(503) as server:
        url = f"http://127.0.0.1:{server.port}/hook"
        said = terminal.run("watch", "--test", code=1, GUANKA_ALERT_URL=url).stdout
    assert ("没有送到：503 对方拒绝了请求。" in said, "HTTP 503：对方暂时不可用" in said) == (True, True)
    with a_web_server(429) as server:
        url = f"http://127.0.0.1:{server.port}/hook"
        said = terminal.run("watch", "--test", code=1, GUANKA_ALERT_URL=url).stdout
    assert ("没有送到：429 对方拒绝了请求。" in said, "告警会稍后自动再发" in said) == (True, True)


def test_a_receiver_that_refuses_with_success_has_not_taken_the_alarm(
    terminal: Terminal, parts: Parts
) -> None:
    swept(parts, timedelta(hours=2))
    refused = Say(body={"errcode": 310000, "errmsg": "keywords not in content"})
    with listening(Sink(judge=lambda _asked: None, fine=refused)) as sink:
        url = f"{sink.address}/hook"
        said = terminal.run("watch", "--test", code=1, GUANKA_ALERT_URL=url).stdout
        terminal.run("watch", code=1, GUANKA_ALERT_URL=url)
    assert "没有送到：310000 keywords not in content。怎么办：消息里没有机器人要求的关键词" in said
    claim = parts.store.alarms.begun(
        "sweep", since=datetime(2026, 1, 1, tzinfo=UTC), holder="x", lease_seconds=1
    )
    assert claim is None  # it rests for a minute, and is not forgotten


def test_an_alarm_that_was_not_taken_is_told_again_later(terminal: Terminal, parts: Parts) -> None:
    swept(parts, timedelta(hours=2))
    with a_web_server(500) as server:
        for _ in range(2):
            terminal.run("watch", code=1, GUANKA_ALERT_URL=f"http://127.0.0.1:{server.port}/hook")
    assert len(server.requests) == 1
    claim = parts.store.alarms.begun(
        "sweep", since=datetime(2026, 1, 1, tzinfo=UTC), holder="x", lease_seconds=1
    )
    assert claim is None  # it rests for a minute, and is not forgotten
