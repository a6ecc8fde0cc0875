"""People's channels from the command line, and that their addresses show nowhere."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from cli.main import app
from engine.definition.diagram import svg
from engine.ids import PersonId
from engine.store.people import Person
from notifications.messages import Button, Message
from notifications.recognising import recognised
from notifications.routing import Address
from notifications.sealing import is_sealed
from runtime.channel_book import ChannelBook
from runtime.settings import read_settings
from runtime.wiring import Parts, opened
from tests.integration.cli.conftest import Terminal
from tests.integration.notifications.sinks import a_mail_server, free_port
from tests.sinks.providers import PROVIDERS, SECRET, TOKEN, providing
from tests.sinks.server import Asked, Say
from web.app import create_app
from web.ports import WebSettings, Wiring
from web.visitor import PERSON_COOKIE

INSIDE = {"GUANKA_PRIVATE_TARGETS": "127.0.0.0/8"}


def piped(terminal: Terminal, typed: str, *arguments: str, code: int = 0) -> str:
    env = terminal.env | (INSIDE if code == 0 else {})
    done = CliRunner().invoke(app, ["channel", *arguments], env=env, input=typed)
    assert done.exit_code == code, done.stderr
    return done.stdout + done.stderr


def somebody(terminal: Terminal) -> str:
    terminal.run("person", "add", "hua", "华敏", "--email", "hua@example.cn")
    return "hua"


def test_an_address_that_is_piped_in_is_kept_sealed_and_never_shown(terminal: Terminal, parts: Parts) -> None:
    hua = somebody(terminal)
    page = f"https://oapi.dingtalk.com/robot/send?access_token={TOKEN}"
    said = piped(terminal, f"{page}\n{SECRET}\n", "add", hua) + terminal.run("channel", "list").stdout
    shown = terminal.json("channel", "list", hua)
    assert [(one["name"], one["kind"], one["readable"]) for one in shown] == [("dingtalk", "dingtalk", True)]
    assert TOKEN not in said + str(shown) + str(terminal.json("person", "list"))
    (kept,) = parts.store.people.get(PersonId(hua)).channels.values()
    assert is_sealed(str(kept))
    assert parts.sealer.opened(str(kept)) == f"dingtalk://{SECRET}@{TOKEN}/"


def test_a_change_of_the_name_leaves_the_channels_alone(terminal: Terminal) -> None:
    hua = somebody(terminal)
    piped(terminal, f"wecombot://{TOKEN}\n", "add", hua)
    terminal.run("person", "add", hua, "华敏敏")
    assert [one["kind"] for one in terminal.json("channel", "list", hua)] == ["wecom"]


def test_a_test_tells_what_the_provider_said_and_what_to_do(terminal: Terminal) -> None:
    hua = somebody(terminal)
    piped(terminal, f"dingtalk://SECwrong@{TOKEN}/\n", "add", hua)
    with providing("dingtalk") as provider:
        said = terminal.run("channel", "test", hua, code=1, **INSIDE).stdout
        told = json.loads(terminal.run("channel", "test", hua, "--json", code=1, **INSIDE).stdout)[0]
        good = piped(terminal, f"{provider.url}\n", "test")
    assert ("被拒绝" in said, "310000" in said, "检查加签密钥" in said) == (True, True, True)
    assert (told["state"], told["code"], TOKEN in str(told)) == ("rejected", "310000", False)
    assert "已送出，对方已接受" in good


def test_a_channel_that_takes_the_place_of_another_says_so(terminal: Terminal) -> None:
    hua = somebody(terminal)
    assert "已为 hua 添加渠道 team" in piped(terminal, "slack://T/B/x\n", "add", hua, "--name", "team")
    assert "已替换 hua 原有的渠道 team" in piped(terminal, "slack://T/B/y\n", "add", hua, "--name", "team")
    assert len(terminal.json("channel", "list", hua)) == 1


@pytest.mark.parametrize(
    ("status", "state", "remedy"),
    [
        (302, "被拒绝", "转到别处"),
        (418, "被拒绝", "改用下一个渠道"),
        (503, "没有送出，稍后可再试", "HTTP 503：对方暂时不可用"),
    ],
)
def test_what_is_said_of_real_messages_agrees_with_what_becomes_of_them(
    terminal: Terminal, status: int, state: str, remedy: str
) -> None:
    with providing("ntfy") as provider:
        provider.sink.always = Say(status=status)
        env = terminal.env | INSIDE
        done = CliRunner().invoke(app, ["channel", "test"], env=env, input=f"{provider.url}\n")
    assert (done.exit_code, state in done.stdout, remedy in done.stdout) == (1, True, True)


def test_both_parts_of_a_mail_on_trial_lead_to_the_pages(terminal: Terminal) -> None:
    hua = somebody(terminal)
    with a_mail_server() as server:
        url = f"mailto://127.0.0.1:{server.port}?from=a@guanka.example"
        terminal.run("channel", "test", hua, code=0, GUANKA_SMTP_URL=url)
    (mail,) = server.mails
    parts = [mail.get_body((kind,)) for kind in ("plain", "html")]
    assert [part is not None and "http://127.0.0.1:8000" in part.get_content() for part in parts] == [
        True,
        True,
    ]


@pytest.mark.parametrize("kind", ["ntfy", "webhook"])
def test_a_robot_whose_provider_asks_to_wait_for_years_waits_for_hours_and_can_be_reopened(
    terminal: Terminal, parts: Parts, kind: str
) -> None:
    hua = somebody(terminal)
    with providing("ntfy") as provider:
        url = provider.url
        if kind == "webhook":
            url, provider.sink.judge = f"json://{url.rpartition('@')[2]}", lambda _asked: None
        piped(terminal, f"{url}\n", "add", hua)
        provider.sink.told.append(Say(status=429, headers={"Retry-After": "99999999"}))
        said = terminal.run("channel", "test", hua, code=1, **INSIDE).stdout
        assert kind != "webhook" or "对方回答：429  对方拒绝了请求" in said
        told = json.loads(terminal.run("channel", "test", hua, "--json", code=1, **INSIDE).stdout)[0]
        assert 5 * 3600 < told["retry_after_seconds"] <= 6 * 3600
        (kept,) = terminal.json("channel", "list", hua)
        assert datetime.fromisoformat(kept["shut_until"]) <= parts.clock.now() + timedelta(hours=6)
        assert "对方要求等到" in terminal.run("channel", "list").stdout
        lift = f"guanka channel reopen {kept['robot'][:8]}"
        findings = terminal.json("doctor")["findings"]
        seen = [one["text"] for one in findings if one["topic"] == "shut_robot"]
        assert [(f"hua/{kind}" in one, lift in one) for one in seen] == [(True, True)]
        assert "没有停用的机器人" in terminal.run("channel", "reopen", "nope", code=3).stderr
        terminal.run("channel", "reopen", kept["robot"][:8])
        terminal.run("channel", "test", hua, code=0, **INSIDE)
    assert [one["shut_until"] for one in terminal.json("channel", "list", hua)] == [None]


def test_what_cannot_be_a_channel_is_one_sentence(terminal: Terminal) -> None:
    hua = somebody(terminal)
    assert "指向内网或本机" in piped(terminal, "http://10.0.0.1/x\n", "add", hua, code=2)
    assert "不是 hooks.slack.com 的完整" in piped(terminal, "https://hooks.slack.com/x\n", "add", hua, code=2)
    assert "请给出渠道地址" in piped(terminal, "\n", "add", hua, code=2)
    assert "没有编号为 nobody 的人员" in piped(terminal, "slack://a/b/c\n", "add", "nobody", code=3)
    assert "没有名为 x 的渠道" in terminal.run("channel", "remove", hua, "x", code=3).stderr
    assert "没有渠道" in terminal.run("channel", "test", hua, code=3).stderr
    for _ in range(10):
        piped(terminal, "slack://a/b/c\n", "add", hua)
    assert "最多 10 个渠道" in piped(terminal, "slack://a/b/c\n", "add", hua, code=3)


def test_a_lost_key_file_is_told_by_list_test_and_doctor(terminal: Terminal) -> None:
    hua = somebody(terminal)
    piped(terminal, f"slack://a/b/{TOKEN}\n", "add", hua)
    terminal.run("channel", "seal-anew", "--yes")
    (Path(terminal.env["GUANKA_DATA_DIR"]) / "channel_keys.json").unlink()
    assert "无法解密" in terminal.run("channel", "list").stdout
    assert "channel_keys.json" in terminal.run("channel", "test", hua, code=1).stdout
    assert "hua 的渠道无法解密" in terminal.run("doctor", code=1).stdout


def canaries() -> Iterator[tuple[str, list[str]]]:
    """Addresses of every kind with the secrets that stand in them; two hundred secrets in all."""
    number = 0
    while number < 200:
        a, b = f"canary{number:04d}a", f"canary{number:04d}b"
        for url, found in (
            (f"dingtalk://SEC{a}@{b}/", [a, b]),
            (f"feishu://{a}@{b}/", [a, b]),
            (f"lark://{a}@{b}/", [a, b]),
            (f"wecombot://{a}{b}/", [a, b]),
            (f"slack://T0/{a}/{b}", [a, b]),
            (f"ntfy://{a}:{b}@127.0.0.1:{free_port()}/topic{a}", [a, b]),
            (f"json://{a}:{b}@127.0.0.1:{free_port()}/{a}?-sig={b}", [a, b]),
            (f"teams://127.0.0.1:{free_port()}/workflows/{a}/invoke?sig={b}", [a, b]),
        ):
            place = "".join(letter for letter in url.partition(":")[0])
            yield url.replace("canary", f"canary{place}"), [f"canary{place}{each[6:]}" for each in found]
            number += 2


def echo(asked: Asked) -> Say:
    """A provider that repeats everything it was told."""
    said = f"{asked.path} {dict(asked.query)} {dict(asked.headers)} {str(asked.body)[:50]}"
    return Say(body={"errcode": 310000, "code": 19021, "errmsg": said, "msg": said, "error": said})


@pytest.fixture
def loud(tmp_path: Path) -> Iterator[Path]:
    """Everything that is logged anywhere, down to the last detail."""
    file = tmp_path / "everything.log"
    handler, root = logging.FileHandler(file), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(1)
    names = ("apprise", "urllib3", "urllib3.connectionpool", "requests", "guanka", "notifications")
    levels = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(1)
    yield file
    root.removeHandler(handler)
    root.setLevel(before)
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    handler.close()


def test_of_two_hundred_secrets_none_shows_anywhere(terminal: Terminal, loud: Path, tmp_path: Path) -> None:
    seeded = list(canaries())
    secrets = [secret for _, found in seeded for secret in found]
    settings = read_settings(terminal.env | INSIDE)
    said: list[str] = []
    with ExitStack() as stack:
        for kind in PROVIDERS:
            stack.enter_context(providing(kind)).sink.judge = echo
        with opened(settings) as parts:
            people = parts.store.people.all()
            plain = {f"old{n}": url for n, (url, _) in enumerate(seeded[:5])}
            parts.store.people.put(Person(id=PersonId("legacy"), name="旧", channels=plain))
        with opened(settings, migrate=True) as parts:
            book = ChannelBook(people=parts.store.people, sealer=parts.sealer)
            for number, (url, _) in enumerate(seeded[5:]):
                book.add(people[number % len(people)].id, recognised(url))
            said += _sent(parts)
            said += _pages(parts, people[0].id)
        env = {**INSIDE, "GUANKA_SMTP_URL": f"mailto://u:{secrets[0]}@127.0.0.1:{free_port()}?from=a@b.cn"}
        for arguments in (
            ("deliver",),
            ("channel", "list", "--json"),
            ("channel", "test", people[0].id, "--json"),
            ("person", "list", "--json"),
            ("doctor", "--json"),
            ("verify", "--json"),
            ("backup", str(tmp_path / "kept.tar")),
        ):
            done = CliRunner().invoke(app, list(arguments), env=terminal.env | env)
            said += [done.stdout, done.stderr, str(done.exception)]
    (tmp_path / "said.txt").write_text("\n".join(said), encoding="utf-8")
    content = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert len(secrets) >= 200
    assert b"310000" in content
    assert [secret for secret in secrets if secret.encode() in content] == []


def _sent(parts: Parts) -> list[str]:
    """What came of one message to every channel there is."""
    page = Button(label="打开", url="https://gate.example/s/x.y.1")
    message = Message(subject="请审批", text="正文", html="<p>正文</p>", buttons=(page,), key="k")
    channel = parts.channel
    return [
        repr(channel.send(message, Address(channel="x", url=str(kept), guarded=True)))
        for person in parts.store.people.all()
        for kept in person.channels.values()
    ]


def _pages(parts: Parts, person: str) -> list[str]:
    web = WebSettings(
        prefect_url=None, public_url=parts.settings.public_url, anchor_file=parts.settings.anchor_file
    )
    site = create_app(
        Wiring(
            service=parts.service,
            store=parts.store,
            keys=parts.keys,
            clock=parts.clock,
            ids=parts.ids,
            mailbox_text=parts.composer.mailbox_text,
            diagram=svg,
            settings=web,
        )
    )
    client = TestClient(site, base_url="http://127.0.0.1:8000", client=("127.0.0.1", 5000))
    client.cookies.set(PERSON_COOKIE, person)
    paths = ("/", "/work", "/people", "/mailbox", "/operations", "/api/v1/cases", "/api/v1/inbox")
    return [client.get(path).text for path in paths]


def test_seeds_are_what_they_are_said_to_be() -> None:
    assert all(json.dumps(url).count("canary") >= 2 for url, _ in canaries())
