"""A robot is reopened: what waits for it goes at once, what waits for another of its kind keeps its time."""

from datetime import timedelta

import pytest

from engine.delivering import Delivery, TargetState
from engine.ids import PersonId
from engine.outbox import OwedDigest
from engine.ports import Outcome
from engine.store.people import Person
from notifications.limits import Limits
from notifications.recognising import recognised
from notifications.routing import Address, addresses
from notifications.targets import target_of
from runtime.channel_book import ChannelBook
from runtime.records import StoreRecords
from runtime.settings import read_settings
from runtime.shut_robots import reopen
from runtime.wiring import Parts, channel_settings, opened

OURS, OTHERS = "ntfys://ours.example/alerts", "ntfys://others.example/alerts"
MAIL = "mailto://127.0.0.1:25?from=gate@guanka.example"
WAIT = timedelta(hours=5)


@pytest.fixture
def parts(tmp_path):
    given = {"GUANKA_DATA_DIR": str(tmp_path), "GUANKA_SMTP_URL": MAIL}
    with opened(read_settings(given), migrate=True) as parts:
        yield parts


def somebody(parts: Parts, person: str, url: str = "", email: str = "") -> Address:
    """Where messages to this person go."""
    parts.store.people.put(Person(id=PersonId(person), name=person, email=email))
    if url:
        ChannelBook(people=parts.store.people, sealer=parts.sealer).add(PersonId(person), recognised(url))
    contact = StoreRecords(parts.store, "zh").contact(PersonId(person))
    assert contact is not None
    return addresses(contact, channel_settings(parts.settings))[0]


def waiting(parts: Parts, ways: dict[str, Address]) -> None:
    """One message to each, which its channel took not yet."""
    now, deliveries = parts.clock.now(), parts.store.deliveries
    deliveries.owe_morning([PersonId(person) for person in ways], day="2026-03-02", now=now)
    for row in parts.store.queues.claim_messages(limit=9, holder="one", lease_seconds=60):
        assert isinstance(row.owed, OwedDigest)
        way = ways[row.owed.to]
        again = Delivery(
            target=target_of(way),
            channel=way.channel,
            address="",
            place=1,
            state=TargetState.RETRY,
            first_at=now,
            last_at=now,
            due_at=now + WAIT,
        )
        retry = Outcome(state="retry", code="limit", retry_at=now + WAIT)
        assert deliveries.record(row, [again], retry, now=now)


def hurried(parts: Parts) -> set[str]:
    return {
        row.owed.to
        for row in parts.store.queues.claim_messages(limit=9, holder="two", lease_seconds=60)
        if isinstance(row.owed, OwedDigest)
    }


def shut(parts: Parts, url: str) -> str:
    robot = recognised(url).robot
    Limits(books=parts.store.send_slots, budgets={}).shut(robot, 3600, now=parts.clock.now())
    return robot


def test_only_what_waits_for_that_robot_goes_at_once(parts: Parts) -> None:
    people = {"hua": OURS, "wang": OTHERS, "zhao": OURS}
    waiting(parts, {person: somebody(parts, person, url) for person, url in people.items()})
    reopen(parts, shut(parts, OURS))
    assert hurried(parts) == {"hua", "zhao"}


def test_the_mail_server_of_the_company_is_one_robot_for_everybody_with_a_mailbox(parts: Parts) -> None:
    ways = {person: somebody(parts, person, email=f"{person}@example.cn") for person in ("hua", "zhao")}
    waiting(parts, {**ways, "wang": somebody(parts, "wang", OTHERS)})
    reopen(parts, shut(parts, MAIL))
    assert hurried(parts) == {"hua", "zhao"}


def test_a_channel_that_cannot_be_opened_any_more_is_passed_over(parts: Parts) -> None:
    waiting(parts, {"hua": somebody(parts, "hua", OURS)})
    parts.store.people.put(Person(id=PersonId("wang"), name="wang", channels={"odd": "sealed:ntfy:x"}))
    reopen(parts, shut(parts, OURS))
    assert hurried(parts) == {"hua"}
