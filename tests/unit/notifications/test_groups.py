"""What a group chat reads: what happened and whom it concerns, nothing that is for one reader; and when."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.definition.compiled import Definition
from engine.groups import Binding, Topic, What, addressee
from engine.ids import CaseId
from engine.outbox import MessageKind, OwedMessage
from notifications.channels import RecordingChannel
from notifications.delivery import Deliverer
from notifications.keys import Keys
from notifications.relevance import still_due
from notifications.routing import ChannelSettings, CompanyPace, Contact, addresses
from tests.factories import MONDAY
from tests.unit.notifications.office import Office, a_composer, an_office, asking, keys_in
from tests.unit.notifications.post_room import PostRoom

SALES = addressee("销售群")
ROBOT = "dingtalk://t0ken/"
ESCALATE = {"within": "2 wd", "on_timeout": {"escalate": "boss"}}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def a_group(**parts: Any) -> Contact:
    return Contact(person=SALES, name="销售群", channels=(ROBOT,), shared=True, **parts)


def listening(**review: Any) -> Office:
    office = an_office(review=review)
    office.desk.store.groups = (Binding(group="销售群", topics=frozenset(Topic)),)
    office.contacts[SALES] = a_group()
    return asking(office)


def news(office: Office) -> list[OwedMessage]:
    return [owed for owed in office.desk.store.owed if isinstance(owed, OwedMessage) and owed.to == SALES]


def text_of(office: Office, keys: Keys, what: What) -> str:
    owed = [owed for owed in news(office) if owed.data["what"] == what][-1]
    message = a_composer(office, keys, case_path="/cases/{id}").mailbox_text(owed)
    assert message is not None
    return message.text


def test_a_group_is_told_who_is_waited_for_and_led_to_the_case_only(keys: Keys) -> None:
    office = listening(**ESCALATE)
    text = text_of(office, keys, What.REQUESTED)
    assert text.startswith("各位好：")
    assert "案例“新品上线”的“主管同意”等待 华敏 审批" in text
    assert "https://gate.example/cases/c1" in text
    assert "120000" not in text
    assert "客户已确认档期" not in text


def everything_that_happens() -> Office:
    office = listening(**ESCALATE)
    desk = office.desk
    desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="秘密原因"), by="bo")
    desk.do(cmd.ResumeCase(case_id=CaseId("c1")), by="bo")
    for _ in range(9):
        desk.clock.advance(timedelta(hours=20))
        desk.sweep()
    desk.sign("hua", "reject", comment="秘密意见")
    desk.advance("cancel", reason="秘密缘由", by="bo")
    desk.run()
    return office


def test_nothing_a_group_reads_decides_anything_or_repeats_what_somebody_wrote(keys: Keys) -> None:
    office = everything_that_happens()
    composer = a_composer(office, keys, case_path="/cases/{id}")
    told = {str(owed.data["what"]) for owed in news(office)}
    assert told >= {"stage_entered", "requested", "overdue", "escalated", "unanswered", "refused"}
    for owed in news(office):
        message = composer.mailbox_text(owed)
        assert message is not None
        everything = f"{message.subject}{message.text}{message.html}{message.blocks}{message.buttons}"
        assert message.secrets == ()
        assert "/s/" not in everything
        assert not re.search(r"验证码|秘密", everything)
        assert [button.url for button in message.buttons] == ["https://gate.example/cases/c1"]


def test_in_english_too(keys: Keys) -> None:
    office = listening(**ESCALATE)
    office.contacts[SALES] = a_group(language="en")
    text = text_of(office, keys, What.REQUESTED)
    assert text.startswith("Hello all,")
    assert "waits for 华敏 to decide" in text


@pytest.mark.parametrize(
    ("what", "before", "after"),
    [
        (What.REQUESTED, True, False),
        (What.UNANSWERED, True, False),
        (What.OVERDUE, True, False),
        (What.STAGE_ENTERED, True, False),
        (What.REFUSED, True, True),
    ],
)
def test_what_is_over_is_not_told_any_more(what: What, before: bool, after: bool) -> None:
    office = listening(**ESCALATE)
    office.desk.clock.advance(timedelta(days=4))
    office.desk.sweep()
    known = [owed for owed in news(office) if owed.data["what"] == what]
    owed = known[-1] if known else replace(news(office)[-1], data={"what": what.value, "spec": "head_agrees"})

    def due() -> bool:
        case = office.desk.case()
        return still_due(owed, case, office.definition(case.definition), None, now=office.desk.clock.now())

    assert due() is before
    office.desk.sign("hua", "reject", comment="不行")
    office.desk.advance("cancel", reason="不做了", by="bo")
    office.desk.run()
    assert due() is after


def test_a_group_has_its_robot_and_no_other_way() -> None:
    company = ChannelSettings(public_url="x", smtp_url="mailto://smtp", webhook_url="json://all")
    (robot,) = addresses(a_group(email="sales@x.cn"), company)
    assert (robot.url, robot.personal, robot.guarded) == (ROBOT, False, True)
    assert addresses(replace(a_group(), channels=()), company) == ()


@dataclass
class Hours:
    """Quiet until some instant, by the calendar that is asked for."""

    until: dict[str, datetime]
    asked: list[str] = field(default_factory=list)

    def quiet_until(self, contact: Contact, now: datetime) -> datetime:
        self.asked.append(contact.calendar)
        return self.until.get(contact.calendar, now)

    def left(self, contact: Contact, now: datetime, until: datetime) -> timedelta:
        return until - now


@pytest.fixture
def posted(keys: Keys) -> Callable[..., tuple[PostRoom, RecordingChannel, Deliverer]]:
    def make(office: Office, hours: Hours) -> tuple[PostRoom, RecordingChannel, Deliverer]:
        room, channel = PostRoom(office.desk.clock), RecordingChannel()
        composer = a_composer(office, keys, case_path="/cases/{id}", pace=CompanyPace())
        deliverer = Deliverer(
            queues=room,  # pyright: ignore[reportArgumentType]
            deliveries=room,
            wishes=room,
            service=office.desk.service,
            composer=replace(composer, working=hours),
            channel=channel,
            clock=office.desk.clock,
            holder="test",
            draw=lambda: 0.5,
        )
        return room, channel, deliverer

    return make


def test_a_group_works_by_the_calendar_of_the_sop_and_gets_what_waited_in_one_message(posted: Any) -> None:
    office = listening()
    hours = Hours({"cn": MONDAY + timedelta(hours=3)})
    room, channel, deliverer = posted(office, hours)
    room.owe(news(office), MONDAY)
    deliverer.deliver_due()
    assert (channel.sent, set(hours.asked)) == ([], {"cn"})
    office.desk.clock.advance(timedelta(hours=3))
    hours.until.clear()
    deliverer.deliver_due()
    ((message, address),) = channel.sent
    assert (message.text.startswith("各位好："), address.personal) == (True, False)
    assert message.text.count("https://gate.example/cases/c1") == 2  # the stage that was left is over
    assert "/s/" not in message.text


def test_news_of_sops_with_different_calendars_wait_each_for_its_own(posted: Any) -> None:
    office = listening()
    room, channel, deliverer = posted(office, Hours({"cn": MONDAY + timedelta(hours=3)}))
    case = office.desk.case()
    abroad = office.definition(case.definition)
    elsewhere = Definition(abroad.sop.model_copy(update={"calendar": "abroad"}), "other")
    office.desk.store.definitions["other"] = elsewhere
    office.desk.store.cases["c2"] = replace(case, id=CaseId("c2"), definition="other", title="海外上市")
    mine = [owed for owed in news(office) if owed.data["what"] == "requested"]
    theirs = [replace(owed, case_id=CaseId("c2"), key=f"other {owed.key}") for owed in mine]
    room.owe([*mine, *theirs], MONDAY)
    deliverer.deliver_due()
    (message,) = [message for message, _ in channel.sent]
    assert "海外上市" in message.text
    assert list(room.due.values()) == [MONDAY + timedelta(hours=3)]


def test_what_is_owed_to_a_group_that_is_gone_is_cancelled(posted: Any) -> None:
    office = listening()
    room, channel, deliverer = posted(office, Hours({}))
    room.owe(news(office)[-1:], MONDAY)
    del office.contacts[SALES]
    deliverer.deliver_due()
    ((outcome,),) = room.outcomes.values()
    assert (outcome.state, outcome.code, channel.sent) == ("cancelled", "gone", [])


def test_a_group_is_never_urgent_and_has_the_bound_of_the_hour(posted: Any) -> None:
    office = listening(**ESCALATE)
    room, channel, deliverer = posted(office, Hours({}))
    asked = next(owed for owed in news(office) if owed.data["what"] == "requested")
    room.owe([replace(asked, key=f"{asked.key}/{n}") for n in range(30)], MONDAY)
    deliverer.deliver_due()
    assert (len(channel.sent), room.urgent) == (1, set())
    assert channel.sent[0][0].text.count("https://gate.example/cases/c1") == 30
    assert asked.kind is MessageKind.GROUP_NEWS
