"""Lines, instants and secrets: the small things every message is made of."""

import unicodedata
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.masking import masked, secrets_of
from notifications.moments import moment, span, until
from notifications.one_line import one_line
from notifications.routing import Address, ChannelSettings, addresses
from tests.unit.notifications.office import a_contact

SHANGHAI = ZoneInfo("Asia/Shanghai")


@given(st.text(), st.integers(1, 50))
def test_a_line_is_short_and_holds_nothing_that_steers(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in line}
    assert one_line(line, limit) == line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("新品\r\nBcc: all@x", "新品 Bcc: all@x"),
        ("a\u202egpj.exe", "agpj.exe"),
        ("\u2028a\u00a0\tb\u200b", "a b"),
        ("\ud800x", "x"),
    ],
)
def test_line_breaks_and_marks_of_direction_are_taken_out(text: str, line: str) -> None:
    assert one_line(text) == line


def test_an_instant_is_told_by_the_readers_own_clock() -> None:
    at = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    assert moment(at, SHANGHAI, "zh") == "2026年11月25日 周三 18:00"
    assert moment(at, ZoneInfo("America/New_York"), "en") == "Wed 25 Nov 2026, 05:00"


def test_midnight_is_the_end_of_the_day_before() -> None:
    midnight = datetime(2026, 11, 30, 16, 0, tzinfo=UTC)
    assert moment(midnight, SHANGHAI, "zh") == "2026年11月30日 周一 24:00"
    assert moment(midnight, SHANGHAI, "en") == "Mon 30 Nov 2026, 24:00"


@pytest.mark.parametrize(
    ("minutes", "zh", "en"),
    [
        (0, "1 分钟", "1 minute"),
        (59, "59 分钟", "59 minutes"),
        (60, "1 小时", "1 hour"),
        (125, "2 小时 5 分钟", "2 hours 5 minutes"),
        (24 * 60 + 5, "1 天", "1 day"),
        (2 * 24 * 60 + 9 * 60 + 59, "2 天 9 小时", "2 days 9 hours"),
        (-90, "1 小时 30 分钟", "1 hour 30 minutes"),
    ],
)
def test_a_span_is_told_in_its_two_largest_units(minutes: int, zh: str, en: str) -> None:
    assert span(timedelta(minutes=minutes), "zh") == zh
    assert span(timedelta(minutes=minutes), "en") == en


def test_a_due_instant_says_how_long_is_left_or_how_late_it_is() -> None:
    due = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
    before, after = due - timedelta(hours=3), due + timedelta(days=1)
    assert until(due, before, SHANGHAI, "zh") == "2026年11月25日 周三 18:00（还有 3 小时）"
    assert until(due, after, SHANGHAI, "zh") == "2026年11月25日 周三 18:00（已逾期 1 天）"
    assert until(due, before, SHANGHAI, "en") == "Wed 25 Nov 2026, 18:00 (in 3 hours)"
    assert until(due, after, SHANGHAI, "en") == "Wed 25 Nov 2026, 18:00 (1 day late)"


def test_every_secret_part_of_a_channel_url_is_struck_out() -> None:
    url = "jsons://robot:p%40ssw0rd@hook.example/T0KEN/path-two?sig=s1gnature&x=1#frag-ment"
    said = "robot failed at /T0KEN/path-two: p@ssw0rd, p%40ssw0rd, sig=s1gnature, frag-ment at hook.example"
    assert masked(said, secrets_of(url)) == "*** failed at ***: ***, ***, ***, *** at hook.example"


def test_a_url_that_cannot_be_taken_apart_is_a_secret_as_a_whole() -> None:
    url = "json://[broken/token"
    assert masked(f"cannot read {url}", secrets_of(url)) == "cannot read ***"


def test_a_person_is_reached_by_own_channels_first_and_then_by_mail() -> None:
    contact = a_contact(email="hua@x.cn", channels=("JSON://h/1", "mailto://h", "ntfy://t"))
    settings = ChannelSettings(public_url="https://x", smtp_url="mailto://smtp", webhook_url="json://hook")
    assert addresses(contact, settings) == (
        Address(channel="webhook", url="JSON://h/1", name="华敏", guarded=True),
        Address(channel="email", url="mailto://h", name="华敏", guarded=True),
        Address(channel="ntfy", url="ntfy://t", name="华敏", guarded=True),
        Address(channel="email", url="mailto://smtp", email="hua@x.cn", name="华敏"),
    )


def test_who_has_no_address_is_reached_through_the_companys_webhook_without_secrets() -> None:
    settings = ChannelSettings(public_url="https://x", smtp_url="mailto://smtp", webhook_url="json://hook")
    (only,) = addresses(a_contact(), settings)
    assert (only.channel, only.personal) == ("webhook", False)


def test_without_any_channel_only_the_mailbox_is_left() -> None:
    assert addresses(a_contact(email="hua@x.cn"), ChannelSettings(public_url="https://x")) == ()


def test_an_unknown_zone_reads_as_shanghai() -> None:
    assert [a_contact(zone=zone).clock.key for zone in ("Mars/Base", "../etc", "", "Europe/Berlin")] == [
        "Asia/Shanghai",
        "Asia/Shanghai",
        "Asia/Shanghai",
        "Europe/Berlin",
    ]


def test_settings_contacts_and_addresses_show_no_secret() -> None:
    settings = ChannelSettings(
        public_url="https://x", smtp_url="mailto://s3cret", webhook_url="json://s3cret"
    )
    contact = a_contact(email="hua@x.cn", channels=("json://s3cret",))
    assert "s3cret" not in f"{settings!r} {contact!r} {addresses(contact, settings)!r}"
