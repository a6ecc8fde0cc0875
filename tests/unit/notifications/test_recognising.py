"""What people write as a channel, and where it may lead."""

import ipaddress
import socket

import pytest

from notifications.egress import Egress, InsideRefused, guarded
from notifications.masking import without_channels
from notifications.recognising import AddressUnknown, recognised, refuse_inside, with_secret
from notifications.usable import refuse_unusable

OPEN = Egress()
HOOK = "0a1b-2c@3d4e-5f/IncomingWebhook/9f8e7d/6c5b-4a"
CONNECTOR = f"contoso.webhook.office.com/webhookb2/{HOOK}"  # of Teams, as its page shows it


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("  https://oapi.dingtalk.com/robot/send?access_token=aB1 ", "dingtalk://aB1/"),
        ("https://oapi.dingtalk.com/robot/send?access_token=a&secret=SECx", "dingtalk://SECx@a/"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/a-b", "feishu://a-b/"),
        ("https://open.larkoffice.com/open-apis/bot/v2/hook/a-b", "lark://a-b/"),
        ("https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=a-b", "wecombot://a-b/"),
        ("https://hooks.slack.com/services/T0/B0/xY", "slack://T0/B0/xY"),
        (f"https://{CONNECTOR}", f"teams://{CONNECTOR}"),
        (f"https://outlook.office.com/webhook/{HOOK}", f"teams://outlook.office.com/webhook/{HOOK}"),
        ("https://ntfy.sh/topic", "ntfys://topic"),
        ("https://a:b@x.example:8/x?Key=A%2B1&method=x#y", "jsons://a:b@x.example:8/x?-Key=A%2B1&-method=x"),
        ("HTTP://hooks.example.com/x?", "json://hooks.example.com/x"),
        ("DINGTALK://s@T/138", "dingtalk://s@T/138"),
    ],
)
def test_an_address_from_the_providers_page_gets_our_form(written: str, kept: str) -> None:
    assert recognised(written).url == kept


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("file:///etc/passwd", "there is no channel file"),
        ("", "there is no channel"),
        ("tgram://1/2", "GUANKA_CHANNEL_SCHEMES"),
        ("https://oapi.dingtalk.com/robot/send", "not the whole webhook address"),
        ("https://hooks.slack.com/triggers/x", "not the whole webhook address"),
        ("https://contoso.webhook.office.com/webhookb2/a@b", "not the whole webhook address"),
        ("dingtalk://a b", "holds blanks"),
        ("json://[::1", "cannot be read"),
        ("slack://T/B/x?template=/etc/passwd", "files of this machine"),
        ("jsons://x.example?attach=file:///etc/shadow", "files of this machine"),
    ],
)
def test_what_cannot_be_a_channel_is_told_without_repeating_it(written: str, why: str) -> None:
    with pytest.raises(AddressUnknown) as told:
        recognised(written)
    assert why in told.value.message.en
    assert "passwd" not in told.value.message.en


def test_an_operator_allows_more_of_apprise() -> None:
    assert recognised("tgram://1/2", frozenset({"tgram"})).kind == "tgram"
    assert recognised("tgram://1/2", frozenset({"any"})).kind == "tgram"


TELEGRAM = "tgram://123456789:AAFabcdefghijklmnopqrstuvwxyz012345678/12315544/"


def test_the_halves_of_a_token_are_no_host_and_no_port() -> None:
    found = recognised(TELEGRAM, frozenset({"tgram"}))
    refuse_inside(recognised(TELEGRAM.replace("123456789", "167772161"), frozenset({"tgram"})), OPEN)
    refuse_unusable(found)
    assert (found.kind, found.url) == ("tgram", TELEGRAM)
    with pytest.raises(AddressUnknown, match="GUANKA_CHANNEL_SCHEMES"):
        recognised(TELEGRAM)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("dbus://", "cannot use this address of dbus"),
        ("serverchan://SCTcanary", "Apprise has no channel serverchan"),
        ("slack://xoxb-1234-5678-canary/#general", "make an incoming webhook"),
        ("slack://T0/B0", "write slack://T…/B…/SECRET"),
        ("dingtalk://中文canary@令牌/", "write dingtalk://[SECRET@]TOKEN/"),
        ("feishu://%E4%B8%ADcanary/", "write feishu://[SECRET@]HOOK/"),
        ("teams://canary.example/path", "write teams://HOST/PATH?QUERY"),
        ("ntfys://", "write ntfys://"),
        ("json://", "write https://HOST/PATH"),
    ],
)
def test_what_no_message_could_be_sent_to_is_refused_before_it_is_kept(written: str, why: str) -> None:
    with pytest.raises(AddressUnknown) as told:
        refuse_unusable(recognised(written, frozenset({"any"})))
    assert why in told.value.message.en
    assert "canary" not in told.value.message.en


@pytest.mark.parametrize(
    "written",
    [
        "dingtalk://SECx@tok/13800000000",
        "feishu://s@hook/",
        "lark://hook/",
        "wecombot://key",
        "slack://T0/B0/x",
        "teams://h.example/workflows/w?sig=1",
        f"https://{CONNECTOR}",
        "ntfys://topic",
        "mailtos://u:p@smtp.example?from=a@b.cn&to=c@d.cn",
        "https://hooks.example.com/x",
        "schan://SCTcanary",
    ],
)
def test_what_can_be_sent_to_is_kept(written: str) -> None:
    refuse_unusable(recognised(written, frozenset({"any"})))


def test_the_same_robot_has_one_name_whatever_its_secret_and_whomever_it_calls() -> None:
    names = {recognised(u).robot for u in ("dingtalk://t/", "dingtalk://s@t/138", "dingtalk://z@t")}
    assert len(names) == 1
    assert recognised("dingtalk://u/").robot not in names
    assert "t0ken" not in repr(recognised("dingtalk://t0ken/"))


def test_a_signing_secret_takes_the_place_of_the_one_before() -> None:
    old = recognised("dingtalk://old@t/138")
    assert with_secret(old, "SEC/+ new").url == "dingtalk://SEC%2F%2B%20new@t/138"


def forms(number: str) -> list[str]:
    """Ways to write one IPv4 address."""
    value = int(ipaddress.IPv4Address(number))
    a, b, c, d = number.split(".")
    return [
        number,
        str(value),
        hex(value),
        f"0x{int(a):x}.{b}.{c}.{d}",
        f"0{int(a):o}.{b}.{c}.{d}",
        f"{a}.{(int(b) << 16) + (int(c) << 8) + int(d)}",
        f"[::ffff:{number}]",
        f"[::{number}]",
        f"[64:ff9b::{value >> 16:x}:{value & 0xFFFF:x}]",
        f"[2002:{value >> 16:x}:{value & 0xFFFF:x}::1]",
    ]


INSIDE = ("127.0.0.1", "127.8.9.10", "10.1.2.3", "172.16.0.9", "192.168.1.1", "169.254.169.254", "100.64.1.1")


@pytest.mark.parametrize(
    "host", [f for number in INSIDE for f in forms(number)] + ["localhost", "[fe80::1]", "0"]
)
def test_no_way_of_writing_it_leads_inside(host: str) -> None:
    for scheme in ("json", "jsons", "ntfy", "mailto"):
        with pytest.raises(AddressUnknown, match="leads to this machine or a private network"):
            refuse_inside(recognised(f"{scheme}://{host}:80/topic?from=a@b.cn"), OPEN)


def test_the_internet_and_what_the_operator_allows_are_open() -> None:
    allowed = Egress(allowed=(ipaddress.ip_network("10.1.0.0/16"),))
    for host, egress in (("8.8.8.8", OPEN), ("hooks.example.com", OPEN), ("10.1.2.3", allowed)):
        refuse_inside(recognised(f"json://{host}/x"), egress)
    with pytest.raises(AddressUnknown):
        refuse_inside(recognised("json://10.2.2.3/x"), allowed)


def test_a_connection_inside_is_refused_where_it_is_opened_and_at_no_other_moment() -> None:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        place = listening.getsockname()
        with guarded(OPEN), pytest.raises(InsideRefused):
            socket.create_connection(place)
        with guarded(OPEN) as watched:
            with pytest.raises(InsideRefused):
                socket.create_connection(("localhost", place[1]))
            assert watched.refused in ("127.0.0.1", "::1")
        with guarded(Egress(anywhere=True)):
            socket.create_connection(place).close()
        socket.create_connection(place).close()


def test_logs_hold_no_address_of_a_robot() -> None:
    text = (
        "sent dingtalk://SECa@tok1/138, https://oapi.dingtalk.com/robot/send?access_token=tok2&sign=tok3,"
        " https://open.feishu.cn/open-apis/bot/v2/hook/tok4 or https://hooks.slack.com/services/T/B/tok5,"
        " https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=tok6"
        " https://x.webhook.office.com/webhookb2/tok7/IncomingWebhook/tok8/tok9"
    )
    assert "tok" not in without_channels(text).replace("access_token", "")
