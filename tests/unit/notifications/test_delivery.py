"""The outbox emptied: what is sent, what waits, what is given up, and that one bad row stops no other."""

import logging
import re
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

import pytest

from engine.case import commands as cmd
from engine.case.refusal import Blocker, Refusal, Why
from engine.case.state import RULE, Actor
from engine.errors import VersionMoved
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, Owed, OwedCommand, OwedMessage
from engine.ports import Answer, ClaimedMessage, Outcome
from notifications.backing_off import MOST_TRIES, chance, wait_after
from notifications.channels import RecordingChannel, SendResult, SendState
from notifications.delivery import BATCH, MOST_BATCHES, Deliverer
from notifications.departing import ENOUGH
from notifications.keys import Keys
from notifications.messages import Message
from notifications.routing import Address, CompanyPace, Contact
from tests.factories import MONDAY
from tests.unit.notifications.office import (
    Office,
    a_composer,
    a_contact,
    an_office,
    asking,
    keys_in,
)
from tests.unit.notifications.post_room import PostRoom

SENT = SendResult(state=SendState.SENT)
RETRY = SendResult(state=SendState.RETRY, code="451", detail="busy")
AT_ONCE = CompanyPace(per_hour=1000, window=timedelta(0))
REJECTED = SendResult(state=SendState.REJECTED, code="550", detail="no such user")


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


@dataclass
class Round:
    """A deliverer with everything around it."""

    office: Office
    queues: PostRoom
    channel: Any
    deliverer: Deliverer

    def owe(self, *owed: Owed) -> "Round":
        self.queues.owe(owed, self.office.desk.clock.now())
        return self

    @property
    def outcomes(self) -> dict[int, list[Outcome]]:
        return self.queues.outcomes


@pytest.fixture
def a_round(keys: Keys) -> Callable[..., Round]:
    def make(channel: Any = None, service: Any = None, review: Any = None, **settings: Any) -> Round:
        office = asking(an_office(review=review))
        office.contacts["hua"] = a_contact(email="hua@x.cn")
        queues, channel = PostRoom(office.desk.clock), channel or RecordingChannel()
        deliverer = Deliverer(
            queues=queues,  # pyright: ignore[reportArgumentType]
            deliveries=queues,
            wishes=queues,
            service=service or office.desk.service,
            composer=a_composer(office, keys, **{"smtp_url": "mailto://smtp", "pace": AT_ONCE, **settings}),
            channel=channel,
            clock=office.desk.clock,
            holder="test",
            draw=lambda: 0.5,
            send_seconds=20,
        )
        return Round(office, queues, channel, deliverer)

    return make


def test_a_request_is_written_for_its_reader_and_sent(a_round: Callable[..., Round]) -> None:
    work = a_round()
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED))
    assert work.deliverer.deliver_due() == 1
    ((message, address),) = work.channel.sent
    assert (message.subject, address.email) == ("请审批：主管同意｜新品上线", "hua@x.cn")
    assert len(message.secrets) == 2
    assert work.outcomes == {1: [Outcome(state="sent", channel="email")]}
    assert work.deliverer.deliver_due() == 0


def test_the_same_message_has_the_same_key_each_time_and_another_has_another(
    a_round: Callable[..., Round],
) -> None:
    work = a_round(RecordingChannel(results=(RETRY, SENT)))
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    work.owe(owed).deliverer.deliver_due()
    work.office.desk.clock.advance(timedelta(hours=1))
    work.owe(replace(owed, key="other")).deliverer.deliver_due()
    first, *others = [message.key for message, _ in work.channel.sent]
    assert first in others
    assert len({first, *others}) == 2
    assert len(first) == 32


def test_who_asked_is_looked_up_once_for_many_messages(
    a_round: Callable[..., Round], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, asked = a_round(), Counter[str]()
    contact = Office.contact

    def counted(self: Office, person: PersonId) -> Contact | None:
        asked[person] += 1
        return contact(self, person)

    monkeypatch.setattr(Office, "contact", counted)
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    work.owe(*(replace(owed, key=f"k{n}") for n in range(9))).deliverer.deliver_due()
    assert all("裴文" in message.text for message, _ in work.channel.sent)
    assert (len(work.channel.sent), asked["pei"]) == (9, 1)


def test_without_a_channel_the_mailbox_has_it(a_round: Callable[..., Round]) -> None:
    work = a_round(smtp_url=None)
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED)).deliverer.deliver_due()
    assert (work.channel.sent, work.outcomes) == ([], {1: [Outcome(state="sent", channel="mailbox")]})


def test_a_shared_webhook_gets_the_news_without_link_and_code(a_round: Callable[..., Round]) -> None:
    work = a_round(smtp_url=None, webhook_url="json://hook")
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED)).deliverer.deliver_due()
    ((message, address),) = work.channel.sent
    assert (address.channel, message.secrets) == ("webhook", ())


def test_what_is_over_is_cancelled_and_what_nobody_knows_is_rejected(a_round: Callable[..., Round]) -> None:
    work = a_round()
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    work.office.desk.sign("hua")
    work.owe(owed, replace(owed, to=PersonId("xia"))).deliverer.deliver_due()
    assert [outcome.state for (outcome,) in work.outcomes.values()] == ["cancelled", "rejected"]
    assert work.channel.sent == []


def test_of_many_urgent_requests_a_few_go_alone_and_the_last_lists_the_rest_with_links(
    a_round: Callable[..., Round],
) -> None:
    pace = CompanyPace(urgent_within=timedelta(days=9))
    work = a_round(review={"within": "1 wd", "on_timeout": {"remind": True}}, pace=pace)
    asked = work.office.owed(MessageKind.APPROVAL_REQUESTED, "hua")
    work.owe(*(replace(asked, key=f"{asked.key}/{n}") for n in range(9)))
    work.deliverer.deliver_due()
    *alone, rest = [message for message, _ in work.channel.sent]
    digits = [bool(re.search(r"验证码：\d{4}", message.text)) for message in (*alone, rest)]
    assert digits == [True, True, True, False]
    assert rest.text.count("https://gate.example/s/") == 6
    assert work.queues.urgent == {1, 2, 3, 10}


def test_an_address_that_refuses_for_good_is_followed_by_the_next(a_round: Callable[..., Round]) -> None:
    work = a_round(RecordingChannel(results=(REJECTED, SENT)))
    work.office.contacts["hua"] = a_contact(email="hua@x.cn", channels=("json://own/hook",))
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED)).deliverer.deliver_due()
    work.deliverer.deliver_due()
    assert [address.channel for _, address in work.channel.sent] == ["webhook", "email"]
    assert work.queues.tried == [("webhook", "rejected", 1), ("email", "sent", 1)]
    assert work.outcomes[1][-1] == Outcome(state="sent", channel="email")


def test_a_refusal_is_recorded_with_the_providers_code_and_not_repeated(
    a_round: Callable[..., Round],
) -> None:
    work = a_round(RecordingChannel(results=(REJECTED,)))
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED)).deliverer.deliver_due()
    refused = Outcome(state="rejected", channel="email", code="550", detail="no such user")
    assert (work.outcomes, work.queues.due) == ({1: [refused]}, {})


@pytest.mark.parametrize("failed", [RETRY, replace(RETRY, state=SendState.UNKNOWN)])
def test_a_passing_failure_is_tried_again_later_and_later_and_given_up_at_the_eighth(
    a_round: Callable[..., Round], failed: SendResult
) -> None:
    work = a_round(RecordingChannel(results=(failed,)))
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED))
    waits = []
    for _ in range(MOST_TRIES):
        assert work.deliverer.deliver_due() == 1
        assert work.deliverer.deliver_due() == 0
        now = work.office.desk.clock.now()
        if again := work.outcomes[1][-1].retry_at:
            waits.append((again - now).total_seconds())
            work.office.desk.clock.set(again)
    assert waits == [15, 30, 60, 120, 240, 480, 960]
    states = [outcome.state for outcome in work.outcomes[1]]
    assert states == [failed.state.value] * 7 + ["dead"]
    assert work.queues.due == {}


def test_while_a_channel_takes_nothing_from_anybody_no_message_is_given_up_for_a_day(
    a_round: Callable[..., Round],
) -> None:
    work = a_round(RecordingChannel(results=(RETRY,)))
    work.queues.down.add("email")
    work.owe(work.office.owed(MessageKind.APPROVAL_REQUESTED))
    begun = work.office.desk.clock.now()
    for _ in range(200):
        work.deliverer.deliver_due()
        again = work.outcomes[1][-1].retry_at
        if again is None:
            break
        work.office.desk.clock.set(again)
    assert work.outcomes[1][-1].state == "dead"
    assert timedelta(days=1) <= work.office.desk.clock.now() - begun < timedelta(days=1, hours=1)


def test_the_wait_is_full_jitter_between_a_second_and_an_hour() -> None:
    assert wait_after(1, lambda: 0.0) == timedelta(seconds=1)
    assert wait_after(1, lambda: 0.999) < timedelta(seconds=30)
    assert wait_after(60, lambda: 1.0) == timedelta(hours=1)
    assert all(0.0 <= chance() < 1.0 for _ in range(50))


@dataclass
class Faulty:
    """Fails on some messages, by what `fault` does with the message's key."""

    fault: Callable[[Message], None]
    sent: list[str] = field(default_factory=list)

    def send(self, message: Message, address: Address) -> SendResult:
        self.fault(message)
        self.sent.append(message.key)
        return SENT


def test_a_poisoned_message_stops_no_other(
    a_round: Callable[..., Round], caplog: pytest.LogCaptureFixture
) -> None:
    poisoned: set[str] = set()

    def fault(message: Message) -> None:
        if message.key in poisoned:
            raise RuntimeError("json://robot:s3cret@hook")

    work = a_round(Faulty(fault))
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    many = [replace(owed, key=f"k{n}") for n in range(BATCH * 2)]
    from notifications.composing import key_of

    poisoned |= {key_of(many[0]), key_of(many[9])}
    unwritable = replace(owed, key="bad", data={"approval": "a1", "deadline": "x"}, kind="no_such_kind")
    with caplog.at_level(logging.DEBUG):
        assert work.owe(unwritable, *many).deliverer.deliver_due() == 17
    states = [work.outcomes[n][0].state for n in range(1, 18)]
    assert states == ["retry", "retry", *["sent"] * 8, "retry", *["sent"] * 6]
    assert work.outcomes[2][0].detail == "RuntimeError while sending the message"
    assert "s3cret" not in caplog.text + repr(work.outcomes)


def test_a_server_that_never_answers_is_left_behind_in_time(a_round: Callable[..., Round]) -> None:
    end = threading.Event()

    def fault(message: Message) -> None:
        if message.key == hanging:
            end.wait(30)

    work = a_round(Faulty(fault))
    work.deliverer = replace(work.deliverer, send_seconds=0.3)
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    from notifications.composing import key_of

    hanging = key_of(owed)
    work.owe(owed, replace(owed, key="other")).deliverer.deliver_due()
    end.set()
    (first,), (second,) = work.outcomes.values()
    assert (first.state, first.code, second.state) == ("unknown", "timeout", "sent")
    assert first.retry_at is not None


def test_a_mark_that_fails_leaves_the_row_to_its_lease(
    a_round: Callable[..., Round], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    work = a_round()
    finish = PostRoom.finish

    def broken(self: PostRoom, claimed: ClaimedMessage, outcome: Outcome, **more: Any) -> bool:
        if claimed.id == 1:
            raise OSError("disk full")
        return finish(self, claimed, outcome, **more)

    monkeypatch.setattr(PostRoom, "finish", broken)
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    work.owe(owed, replace(owed, key="other")).deliverer.deliver_due()
    assert list(work.outcomes) == [2]
    assert "outbox 1 could not be marked: OSError" in caplog.text


def test_a_long_queue_is_left_off_after_a_while(a_round: Callable[..., Round]) -> None:
    work = a_round(smtp_url=None)
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    many = range(BATCH * MOST_BATCHES + 1)
    work.owe(*(replace(owed, key=f"k{n}", to=PersonId(f"p{n}")) for n in many))
    assert work.deliverer.deliver_due() == BATCH * MOST_BATCHES
    assert work.deliverer.deliver_due() == 1


def test_where_one_person_gets_very_many_the_next_ones_turn_comes_after_and_counts_once(
    a_round: Callable[..., Round],
) -> None:
    work = a_round()
    work.office.contacts["bo"] = a_contact("bo", email="bo@x.cn")
    owed = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    to_bo = replace(work.office.owed(MessageKind.STAGE_ENTERED), to=PersonId("bo"))
    many = [replace(owed, key=f"k{n}") for n in range(ENOUGH)]
    work.owe(many[0], to_bo, *many[1:])
    assert work.deliverer.deliver_due() == ENOUGH + 1
    assert [address.email for _, address in work.channel.sent] == [*["hua@x.cn"] * ENOUGH, "bo@x.cn"]
    assert {row.attempts for row in work.queues.rows.values()} == {1}


# Commands owed to other cases.


@dataclass
class Door:
    """Answers commands as told."""

    answer: Callable[[], Answer]
    asked: list[tuple[cmd.Command, Actor, str | None]] = field(default_factory=list)

    def handle(
        self, command: cmd.Command, *, actor: Actor, key: str | None = None, if_version: int | None = None
    ) -> Answer:
        self.asked.append((command, actor, key))
        return self.answer()


A_COMMAND = OwedCommand(
    key="c1/9/close_by_parent/c2",
    command=cmd.CloseByParent(case_id=CaseId("c2"), outcome="done"),
    case_id=CaseId("c1"),
    sequence=9,
)


def refused() -> Answer:
    blocker = Blocker(code="no_such_case", subject="c2")
    refusal = Refusal(why=Why.NOT_FOUND, blockers=(blocker,))
    return Answer(case_id=CaseId("c2"), version=0, refusal=refusal)


def moved() -> Answer:
    raise VersionMoved("c2")


def crashed() -> Answer:
    raise RuntimeError("postgresql://user:s3cret@host")


def test_a_command_owed_to_another_case_is_handled_by_rule_under_the_rows_key(
    a_round: Callable[..., Round],
) -> None:
    door = Door(lambda: Answer(case_id=CaseId("c2"), version=3))
    work = a_round(service=door).owe(A_COMMAND)
    assert work.deliverer.deliver_due() == 1
    assert door.asked == [(A_COMMAND.command, RULE, A_COMMAND.key)]
    assert work.outcomes == {1: [Outcome(state="sent", channel="case")]}


def test_a_refused_command_is_dead_and_says_why(a_round: Callable[..., Round]) -> None:
    work = a_round(service=Door(refused)).owe(A_COMMAND)
    work.deliverer.deliver_due()
    detail = "没有案例 c2；用 guanka list 查看现有案例"
    assert work.outcomes == {1: [Outcome(state="dead", channel="case", code="not_found", detail=detail)]}


@pytest.mark.parametrize(("answer", "detail"), [(moved, "案例 c2 刚被他人更新"), (crashed, "RuntimeError")])
def test_a_command_that_could_not_be_handled_is_tried_again(
    a_round: Callable[..., Round], answer: Callable[[], Answer], detail: str
) -> None:
    work = a_round(service=Door(answer)).owe(A_COMMAND)
    work.deliverer.deliver_due()
    again = MONDAY + timedelta(seconds=15)
    assert work.outcomes == {1: [Outcome(state="retry", code="fault", detail=detail, retry_at=again)]}


def test_messages_and_commands_of_one_queue_are_both_taken(a_round: Callable[..., Round]) -> None:
    work = a_round(service=Door(lambda: Answer(case_id=CaseId("c2"), version=1)))
    owed: OwedMessage = work.office.owed(MessageKind.APPROVAL_REQUESTED)
    assert work.owe(owed, A_COMMAND).deliverer.deliver_due() == 2
