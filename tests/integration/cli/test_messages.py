"""`guanka message` and `guanka preferences`, and the list of the morning."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, insert, select

from cli.runner_work import deliverer
from engine.clock import FixedClock
from engine.ids import PersonId
from engine.store.tables import DeliveryRow, OutboxRow, table
from notifications.channels import RecordingChannel, SendResult, SendState
from notifications.shown import channel_names
from runtime.nightly import Nightly
from runtime.settings import read_settings
from runtime.wiring import Parts, opened
from tests.integration.cli.conftest import Terminal

BAD = SendResult(state=SendState.REJECTED, code="310000", detail="签名错误")
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def failed(terminal: Terminal) -> Terminal:
    """Everything owed to everybody was refused."""
    with opened(read_settings({**terminal.env, "GUANKA_WEBHOOK_URL": "jsons://hook.example/x"})) as parts:
        at_work = FixedClock(datetime(2099, 6, 1, 10, 0, tzinfo=SHANGHAI))
        refused = replace(deliverer(parts), channel=RecordingChannel(results=(BAD,)), clock=at_work)
        refused.deliver_due()
    return terminal


def test_what_failed_is_listed_with_its_reason_shown_and_sent_again(failed: Terminal):
    (first, *_) = failed.json("message", "list", "--state", "rejected")
    assert (first["code"], first["targets"][0]["address"]) == ("310000", "hook.example")
    number = str(first["id"])
    assert "310000 签名错误" in failed.run("message", "list", "--state", "rejected").stdout
    shown = failed.run("message", "show", number, "--lang", "en").stdout
    assert "rejected webhook" in shown
    assert "310000 签名错误" in shown
    assert failed.run("message", "again", number).stdout == f"{number} 将重发\n"
    assert failed.run("message", "again", number, code=1).stdout.startswith(f"{number} 待发")
    assert failed.run("message", "cancel", number).stdout == f"{number} 已取消\n"


def test_who_stopped_a_message_or_sent_it_again_is_shown_the_operator_without_a_name(failed: Terminal):
    (first, *_) = failed.json("message", "list", "--state", "rejected")
    number = str(first["id"])
    assert first["by_hand"] is None
    failed.run("message", "again", number)
    shown = failed.run("message", "show", number, "--lang", "en").stdout
    assert "by hand: sent again by the operator, " in shown
    assert failed.json("message", "show", number)["by_hand"]["by"] is None
    failed.run("message", "cancel", number, "--as", first["to"])
    told = failed.json("message", "show", number)["by_hand"]
    assert (told["act"], told["by"]) == ("stopped", first["to"])
    assert "人工处理：" in failed.run("message", "show", number).stdout


def test_whoever_is_named_stops_only_what_they_are_told_or_own(failed: Terminal):
    first, *others = failed.json("message", "list", "--state", "rejected")
    number, other = (str(one["id"]) for one in (first, next(o for o in others if o["to"] != first["to"])))
    failed.run("person", "add", "hua", "华敏")
    for act in ("again", "cancel"):
        refused = failed.run("message", act, number, "--as", "hua", "--lang", "en", code=1)
        assert f"only whoever message {number} goes to" in refused.stderr
        assert "外部人员" in failed.run("message", act, number, "--as", "linyue", code=1).stderr
    failed.run("message", "again", number, other, "--as", first["to"], code=1)
    assert failed.json("message", "show", number)["by_hand"] is None  # all of them, or none
    failed.run("message", "again", number, "--as", first["to"])
    failed.run("message", "again", other, "--as", "xuling")  # owns the SOPs
    assert failed.json("message", "show", other)["by_hand"]["by"] == "xuling"
    assert "华敏" not in failed.run("message", "show", number).stdout


def test_the_help_says_what_sending_again_does_with_a_channel_that_refused(terminal: Terminal):
    said = " ".join(terminal.run("message", "again", "--help", COLUMNS="200").stdout.split())
    assert "永久拒绝过的渠道保留原来的位置，再试一次" in said


def tried(parts: Parts, person: str, **how: Any) -> int:
    """The number of a message to this person as it stands after a try that ended so, or did not end."""
    known = parts.store.people.get(PersonId(person))
    targets = list(channel_names(known.channels)) or ["webhook:1"]
    with parts.store.database.writing() as connection:
        outbox = table(OutboxRow)
        number = connection.scalar(select(func.max(outbox.c.id)).where(outbox.c.to_person == person))
        for place, target in enumerate(targets):
            row = {"message": number, "target": target, "channel": target.partition(":")[0], "place": place}
            row |= {"address": "", "attempts": 1, "code": "", "detail": "", "fallback": False}
            connection.execute(insert(table(DeliveryRow)).values({**row, "repeated": False, **how}))
    return int(number or 0)


def test_while_a_try_is_under_way_the_row_says_so_too(terminal: Terminal, parts: Parts):
    number = tried(parts, "liqiang", state="unknown", code="under_way")
    (row,) = [one for one in terminal.json("message", "list") if one["id"] == number]
    assert (row["state"], row["fate"]) == ("owed", "unknown")
    shown = terminal.run("message", "show", str(number)).stdout
    assert shown.splitlines()[0].split() == [str(number), "未知是否送达"]
    assert "已开始发送，还没有结果" in shown
    assert "under_way" not in shown + terminal.run("message", "list").stdout
    assert "begun, no answer yet" in terminal.run("message", "show", str(number), "--lang", "en").stdout


def test_two_robots_of_one_person_are_told_apart_by_their_names(terminal: Terminal, parts: Parts):
    channels = {"组里": "dingtalk://s3cr3tone/", "自己": "dingtalk://s3cr3ttwo/"}
    parts.store.people.put(replace(parts.store.people.get(PersonId("liqiang")), channels=channels))
    gone = "this address is no longer used for this person"
    number = tried(parts, "liqiang", state="cancelled", code="over", detail=gone)
    shown = terminal.run("message", "show", str(number)).stdout
    assert [name in shown for name in channels] == [True, True]
    assert "此人不再使用这个地址" in shown
    assert ("over" in shown, "s3cr3t" in shown) == (False, False)
    assert gone in terminal.run("message", "show", str(number), "--lang", "en").stdout
    targets = terminal.json("message", "show", str(number))["targets"]
    assert [(one["name"], one["address"]) for one in targets] == [("组里", ""), ("自己", "")]


def test_what_only_lay_in_the_mailbox_is_not_called_sent(terminal: Terminal, parts: Parts):
    replace(deliverer(parts), clock=FixedClock(datetime(2099, 6, 1, 10, 0, tzinfo=SHANGHAI))).deliver_due()
    (first, *_) = terminal.json("message", "list")
    assert (first["state"], first["fate"]) == ("sent", "mailbox")
    listed = terminal.run("message", "list", "--limit", "1").stdout
    assert "仅站内信箱" in listed
    assert "没有别的渠道可发" in listed
    assert "已发" not in listed
    shown = terminal.run("message", "show", str(first["id"]), "--lang", "en").stdout
    assert "mailbox only" in shown
    assert "there is no other channel to send it by" in shown
    assert "仅站内信箱" in terminal.run("mailbox", str(first["id"])).stdout


def test_a_list_that_cannot_be_meant_is_told_in_one_sentence(terminal: Terminal):
    assert "没有状态 lost" in terminal.run("message", "list", "--state", "lost", code=2).stderr
    assert "不是日期" in terminal.run("message", "list", "--since", "soon", code=2).stderr
    assert "没有消息 99999" in terminal.run("message", "show", "99999", code=3).stderr


def test_preferences_are_shown_and_changed_one_by_one(terminal: Terminal, parts: Parts):
    act = ("preferences", "liqiang")
    assert terminal.json(*act)["news"] == "now"
    put = replace(
        parts.store.people.get(PersonId("liqiang")), email="li@x.cn", channels={"d": "dingtalk://t/"}
    )
    parts.store.people.put(put)
    terminal.run(*act, "--news", "digest", "--digest-at", "16,9", "--channels", "email,dingtalk")
    after = terminal.json(*act, "--any-time", "--per-hour", "3")
    assert (after["news"], after["digest_at"], after["quiet"]) == ("digest", [9, 16], False)
    assert (after["per_hour"], after["channels"]) == (3, ["email", "dingtalk"])
    assert "每小时上限：3" in terminal.run(*act).stdout
    assert "write hours from 0 to 23" in terminal.run(*act, "--digest-at", "x", "--lang", "en", code=2).stderr
    assert "现有：dingtalk, email" in terminal.run(*act, "--channels", "nope", code=2).stderr


def test_whoever_is_named_changes_their_own_preferences_only(terminal: Terminal):
    act = ("preferences", "liqiang", "--news", "off")
    terminal.run("person", "add", "hua", "华敏")
    assert "只有 liqiang 本人" in terminal.run(*act, "--as", "hua", code=1).stderr
    assert "外部人员" in terminal.run(*act, "--as", "linyue", code=1).stderr
    assert terminal.json("preferences", "liqiang")["news"] == "now"
    terminal.run(*act, "--as", "liqiang")
    assert terminal.json("preferences", "liqiang")["news"] == "off"


def test_in_the_morning_everybody_with_something_to_do_is_owed_one_list(parts: Parts, terminal: Terminal):
    for person in parts.store.people.all():
        parts.store.people.put(replace(person, email=f"{person.id}@example.cn"))
    env = {**terminal.env, "GUANKA_SMTP_URL": "mailto://smtp.example?from=gate@guanka.example"}
    now = parts.clock.now()
    with opened(read_settings(env), clock=FixedClock(now)) as open_today:
        Nightly(open_today).digest()
        assert Nightly(open_today).digest() == 0
        sunday = datetime(2026, 11, 29, 8, 30, tzinfo=SHANGHAI)
    with opened(read_settings(env), clock=FixedClock(sunday)) as on_sunday:
        assert Nightly(on_sunday).digest() == 0
    monday = datetime(2026, 11, 30, 8, 30, tzinfo=SHANGHAI)
    with opened(read_settings(env), clock=FixedClock(monday)) as on_monday:
        owed = Nightly(on_monday).digest()
        assert owed > 3
        sent = RecordingChannel()
        at_work = FixedClock(datetime(2026, 11, 30, 10, 0, tzinfo=SHANGHAI))
        composer = replace(on_monday.composer, clock=at_work)
        replace(deliverer(on_monday), channel=sent, clock=at_work, composer=composer).deliver_due()
    lists = {a.email: m.text for m, a in sent.sent if m.subject.startswith("关卡今日待办")}
    assert len(lists) == owed
    assert any("等您审批 (" in text for text in lists.values())
