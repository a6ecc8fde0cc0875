"""The operator's own channels: what cannot be used is said at start or by the doctor, and never repeated."""

import json

import pytest
from typer.testing import CliRunner

from cli.main import app
from tests.integration.cli.conftest import Terminal

TOKEN = "t0kenCanary4711"
NAMES = ("GUANKA_SMTP_URL", "GUANKA_WEBHOOK_URL", "GUANKA_ALERT_URL")
SOUND = {
    "GUANKA_SMTP_URL": "mailtos://gate%40example.cn:p4ss@smtp.example.cn?from=gate@example.cn",
    "GUANKA_WEBHOOK_URL": "https://hooks.example.com/x",
    "GUANKA_ALERT_URL": "mailto://127.0.0.1?from=gate@example.cn&to=ops@example.cn",
}


def channels(terminal: Terminal, **env: str) -> list[tuple[str, str]]:
    told = CliRunner().invoke(app, ["doctor", "--lang", "en", "--json"], env=terminal.env | env)
    found = json.loads(told.stdout)["findings"]
    return [(one["state"], one["text"]) for one in found if one["topic"] == "channels"]


@pytest.mark.parametrize("name", NAMES)
def test_mail_without_a_sender_is_refused_before_anything_is_sent(terminal: Terminal, name: str) -> None:
    said = terminal.run("deliver", code=2, **{name: f"mailto://{TOKEN}"}).stderr
    assert (f"{name}：没有写明发件地址；加上 from" in said, TOKEN in said) == (True, False)


def test_the_doctor_calls_those_sound_that_can_send(terminal: Terminal) -> None:
    assert channels(terminal, **SOUND) == [("ok", "SMTP, webhook")]


@pytest.mark.parametrize("name", NAMES[1:])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"jsons://hooks.example.com/{TOKEN}?method=BREW", "no address of a webhook channel"),
        (f"slack://{TOKEN}", "no address of a slack channel"),
        (f"teams://flow.example.com/{TOKEN}", "no address of a teams channel"),
    ],
)
def test_the_doctor_names_the_setting_whose_service_cannot_use_it(
    terminal: Terminal, name: str, url: str, said: str
) -> None:
    found = channels(terminal, **SOUND | {name: url})
    assert [state for state, _ in found] == ["fault", "ok"]
    assert (found[0][1].startswith(f"{name}: "), said in found[0][1]) == (True, True)
    assert TOKEN not in str(found)
    assert ("webhook" in found[1][1]) == (name == "GUANKA_ALERT_URL")
