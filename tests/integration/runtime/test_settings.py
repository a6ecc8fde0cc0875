"""Settings: defaults, what they become, and one sentence for each that cannot be used."""

import os
import re
from pathlib import Path

import pytest

from notifications.recognising import recognised
from notifications.usable import refuse_unusable
from runtime.log import mask, mask_event
from runtime.settings import BadSetting, read_settings, unknown_settings
from runtime.wakeups import SocketListener, SocketWaker, socket_path


def test_without_any_variable_everything_stays_on_this_machine_in_one_folder():
    settings = read_settings({})
    var = Path.cwd() / "var"
    assert (settings.data_dir, settings.database_url) == (var, f"sqlite:///{var / 'guanka.db'}")
    assert (settings.local_url, settings.public_url) == ("http://127.0.0.1:8000", "http://127.0.0.1:8000")
    assert (settings.language, settings.zone, settings.has_real_channel) == ("zh", "Asia/Shanghai", False)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "http", "GUANKA_PORT: write a port number from 1 to 65535, such as 8000"),
        ("PORT", "0", "GUANKA_PORT: write a port number from 1 to 65535, such as 8000"),
        ("PORT", "８０００", "GUANKA_PORT: write a port number from 1 to 65535, such as 8000"),
        ("PREFECT_PORT", "65536", "GUANKA_PREFECT_PORT: write a port number from 1 to 65535, such as 8000"),
        ("HOST", "a b", "GUANKA_HOST: write a host name or an IP address, such as 127.0.0.1"),
        ("LANGUAGE", "fr", "GUANKA_LANGUAGE: write zh or en"),
        ("ZONE", "Mars/Base", "GUANKA_ZONE: no time zone; write one such as Asia/Shanghai"),
        ("ZONE", "../etc", "GUANKA_ZONE: no time zone; write one such as Asia/Shanghai"),
        ("LOGS", "syslog", "GUANKA_LOGS: write files or stderr"),
        (
            "DATABASE_URL",
            "mysql://u:s3cret@h/d",
            "GUANKA_DATABASE_URL: write sqlite:///file or postgresql://user:password@host/database",
        ),
        (
            "DATABASE_URL",
            "sqlite:///:memory:",
            "GUANKA_DATABASE_URL: write sqlite:///file or postgresql://user:password@host/database",
        ),
        (
            "SMTP_URL",
            "smtp://s3cret@h",
            "GUANKA_SMTP_URL: begin with mailto:// / mailtos:// (an Apprise address)",
        ),
        (
            "PUBLIC_URL",
            "guanka.example.com",
            "GUANKA_PUBLIC_URL: write a whole address, such as https://guanka.example.com",
        ),
        (
            "WEBHOOK_URL",
            "file:///etc/passwd",
            "GUANKA_WEBHOOK_URL: write the address that receives messages, such as https://hooks.example.com/…",
        ),
        ("CASE_PATH", "/cases", "GUANKA_CASE_PATH: begin with / and hold {id}, such as /cases/{id}"),
    ],
)
def test_what_cannot_be_used_is_one_sentence_without_its_value(name: str, value: str, said: str):
    with pytest.raises(BadSetting) as raised:
        read_settings({f"GUANKA_{name}": value})
    assert raised.value.message.en == said
    assert raised.value.message.zh.startswith(f"GUANKA_{name}：")
    assert "s3cret" not in str(raised.value)


LIKE = "mailtos://USER:PASSWORD@smtp.example.cn?from=gate@example.cn"
ESCAPED = f"it cannot be read; write {LIKE}, with special characters of user and password escaped (@ as %40)"


@pytest.mark.parametrize("name", ["SMTP_URL", "WEBHOOK_URL", "ALERT_URL"])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("mailto://s3cret", f"no sender is named; add from, and write {LIKE}"),
        ("mailtos://smtp.s3cret.cn?to=gate@example.cn", f"no sender is named; add from, and write {LIKE}"),
        ("mailtos://smtp.s3cret.cn/gate@example.cn", f"no sender is named; add from, and write {LIKE}"),
        ("mailto://u:s3cret@127.0.0.1", f"no sender is named; add from, and write {LIKE}"),
        ("mailto://u:s3cret@mail?from=gate", f"no sender is named; add from, and write {LIKE}"),
        ("mailto://", f"no mail server is named; write {LIKE}"),
        ("mailtos://u:s3cret@mail_1.cn?from=a@b.cn", f"no mail server is named; write {LIKE}"),
        ("mailtos://u:s3cret@h.cn?mode=tls", "mode has to be one of insecure, ssl, starttls"),
        ("mailtos://u@h.cn:s3cret@smtp.h.cn?from=u@h.cn", ESCAPED),
        ("mailtos://u:s3cret/x@smtp.h.cn?from=u@h.cn", ESCAPED),
        ("mailtos://u:s3cret#x@smtp.h.cn?from=u@h.cn", ESCAPED),
        ("mailtos://u:p@[s3cret?from=u@h.cn", ESCAPED),
        ("mailtos://u:p@h.cn?from=u@h.cn&name=s 3cret", "too long or holds blanks; copy it again"),
        ("mailtos://u:p@h.cn?from=u@h.cn&template=s3cret", "may not name files of this machine"),
    ],
)
def test_a_mail_address_from_which_nothing_could_leave_is_refused_at_start(name: str, value: str, said: str):
    with pytest.raises(BadSetting) as raised:
        read_settings({f"GUANKA_{name}": value})
    told = raised.value.message
    assert told.en.startswith(f"GUANKA_{name}: ")
    assert said in told.en
    assert [secret for secret in ("s3cret", "3cret") if secret in f"{told.zh}{told.en}"] == []


MAIL_THAT_LEAVES = [
    "mailtos://gate%40example.cn:s3cret@smtp.example.cn?from=gate@example.cn&name=关卡",
    "mailtos://gate:s3cret@example.cn",
    "mailto://gate@localhost",
    "mailto://u:p@h.cn?from=a@b.cn&from=c",
    "mailto://localhost:2525?from=gate%2Bsop@example.cn",
    "mailto://127.0.0.1:25?FROM=关卡<gate@example.cn>",
    "mailto://u:p@[::1]:25?from=gate@example.cn",
    "mailto://?smtp=mail.example.cn&from=gate@example.cn",
    "mailto://mail-host?user=gate%40example.cn&pass=p&from=gate@example.cn&mode=SSL",
]


@pytest.mark.parametrize("url", MAIL_THAT_LEAVES)
def test_a_mail_address_that_apprise_can_use_is_taken_as_it_is(url: str):
    assert read_settings({"GUANKA_SMTP_URL": url}).smtp_url == url
    refuse_unusable(recognised(url))


def test_an_empty_variable_counts_as_not_set():
    assert read_settings({"GUANKA_PORT": " ", "GUANKA_SMTP_URL": ""}) == read_settings({})


def test_what_channels_may_do_is_read_from_three_settings():
    given = {
        "CHANNEL_SCHEMES": "tgram://, Discord",
        "PRIVATE_TARGETS": "10.1.2.3/16",
        "MAILS_PER_MINUTE": "30",
    }
    settings = read_settings({f"GUANKA_{name}": value for name, value in given.items()})
    assert settings.channel_schemes == {"tgram", "discord"}
    assert (settings.egress.lets("10.1.9.9"), settings.egress.lets("10.2.0.1")) == (True, False)
    assert read_settings({"GUANKA_PRIVATE_TARGETS": "any"}).egress.lets("127.0.0.1")
    assert settings.mails_per_minute == 30


def test_a_group_robots_address_is_a_webhook_too():
    page = "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=s3cret"
    assert read_settings({"GUANKA_WEBHOOK_URL": page}).webhook_url == "wecombot://s3cret/"


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("CHANNEL_SCHEMES", "tgram;x", "parted by commas, such as tgram,discord, or any"),
        ("PRIVATE_TARGETS", "s3cret.example", "such as 10.1.2.0/24; any allows them all"),
        ("MAILS_PER_MINUTE", "0", "write how many mails a minute at most, such as 30"),
    ],
)
def test_a_channel_setting_that_cannot_be_used_says_how_to_write_it(name: str, value: str, said: str):
    with pytest.raises(BadSetting, match=re.escape(said)):
        read_settings({f"GUANKA_{name}": value})


def test_secrets_never_show():
    settings = read_settings(
        {
            "GUANKA_DATABASE_URL": "postgres://guanka:s3cret@db.example.com:5433/guanka",
            "GUANKA_SMTP_URL": "mailtos://u:s3cret@mail.example.com",
            "GUANKA_WEBHOOK_URL": "https://hooks.example.com/s3cret",
        }
    )
    assert "s3cret" not in repr(settings)
    assert settings.database_shown == "postgresql://db.example.com:5433/guanka"
    assert settings.webhook_url == "jsons://hooks.example.com/s3cret"
    assert settings.links_lead_nowhere


@pytest.mark.parametrize(
    ("locale", "language"),
    [("en_GB.UTF-8", "en"), ("zh_CN.UTF-8", "zh"), ("C.UTF-8", "zh"), ("", "zh"), ("de_DE", "zh")],
)
def test_the_language_follows_the_system_unless_it_is_set(locale: str, language: str):
    assert read_settings({"LANG": locale}).language == language
    assert read_settings({"LANG": locale, "GUANKA_LANGUAGE": "EN"}).language == "en"


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_listening_everywhere_the_pages_are_still_found_here(host: str):
    assert read_settings({"GUANKA_HOST": host}).local_url == "http://127.0.0.1:8000"


def test_a_misspelt_variable_is_named():
    assert unknown_settings({"GUANKA_PROT": "1", "GUANKA_PORT": "1", "PATH": ""}) == ["GUANKA_PROT"]


def test_logs_hide_links_and_passwords():
    assert mask("GET /s/eyJh.sig.1?lang=en 200") == "GET /s/***?lang=en 200"
    assert (
        mask("to mailtos://u:p@h/x and postgresql://a:b@c/d")
        == "to mailtos://***@h/x and postgresql://***@c/d"
    )
    event = {
        "event": "/s/abc",
        "path": "/s/abc",
        "token": "t",
        "smtp_url": "x",
        "code": "1234",
        "status": 200,
    }
    assert mask_event(None, "", event) == {
        "event": "/s/***", "path": "/s/***", "token": "***", "smtp_url": "***", "code": "***", "status": 200,
    }  # fmt: skip


@pytest.mark.parametrize("folder", ["short", "a-very-long-name-of-a-folder-" * 4])
def test_a_wake_up_reaches_the_listener_however_deep_the_folder(tmp_path: Path, folder: str):
    data_dir = tmp_path / folder
    data_dir.mkdir()
    path = socket_path(data_dir)
    assert len(os.fsencode(path)) <= 100
    listening = SocketListener(path)
    try:
        wake = SocketWaker(path)
        for _ in range(3):
            wake()
        listening.wait(30)  # the test would take that long if nothing came
    finally:
        listening.close()
    SocketWaker(path)()  # nobody is there: no complaint
    assert not path.exists()
