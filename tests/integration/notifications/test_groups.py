"""Group chats from the event to the robot, on both databases, against providers that enforce their limits."""

import json
import random
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from engine.case import commands as cmd
from engine.groups import Binding, Topic, addressee
from engine.ids import CaseId
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import OutboxRow, OutboxState, table
from notifications.channels import AppriseChannel, SendResult, SendState
from notifications.messages import Message
from notifications.recognising import recognised
from notifications.routing import Address
from runtime.carrying import Carrying
from runtime.group_book import GroupBook, Wish
from tests.faults.company import a_sop, found
from tests.faults.places import Place, postgres, serving, sqlite
from tests.faults.post import deliverer, outside
from tests.faults.station import Station, examined, patient
from tests.sinks.providers import Provider, providing

SALES = addressee("sales-group")
OPEN = (OutboxState.OWED, OutboxState.RETRY, OutboxState.UNKNOWN)
LATE_DESK = {"owner": "asker", "deadline": {"within": "1 h"}}


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    if request.param == "sqlite":
        yield replace(sqlite(tmp_path), messages_per_hour=4, quiet_hours=True, group_minutes=10)
        return
    with serving(request.getfixturevalue("postgres_server")):
        yield replace(postgres(tmp_path), messages_per_hour=4, quiet_hours=True, group_minutes=10)


@contextmanager
def a_company(place: Place, kind: str) -> Iterator[tuple[Station, Provider]]:
    """With a group whose robot is one of these; everything is verified on leaving."""
    with examined(place) as here, providing(kind, lambda: here.clock.now().timestamp()) as provider:
        found(here.store, a_sop("sales", {}, desk=LATE_DESK))
        book = GroupBook(store=here.store, sealer=here.parts.sealer)
        book.add("sales-group", recognised(provider.url), language="zh", zone="Asia/Shanghai")
        yield here, provider


def hears(here: Station, *about: str, role: str = "") -> None:
    wish = Wish(group="sales-group", sop="sales", role=role, about=about)
    GroupBook(store=here.store, sealer=here.parts.sealer).bind(wish)


def started(here: Station, count: int) -> list[str]:
    titles = [f"项目{number:04}" for number in range(count)]
    for title in titles:
        here.done(cmd.StartCase(case_id=CaseId(f"case-{title[2:]}"), sop="sales", title=title))
    return titles


def owed(here: Station, **wanted: object) -> Sequence[Mail]:
    wanted = {"person": SALES, **wanted}
    return here.store.mailbox.page(MailFilter(**wanted), limit=10_000)  # pyright: ignore[reportArgumentType]


@dataclass(frozen=True)
class Robots:
    """What persons would get by the company's webhook is taken here."""

    outside: AppriseChannel

    def send(self, message: Message, address: Address) -> SendResult:
        return self.outside.send(message, address) if address.guarded else SendResult(state=SendState.SENT)


def delivered(here: Station) -> None:
    """From one instant at which something is due to the group to the next, until nothing is owed to it."""
    post = deliverer(here, Robots(outside(here)), draw=random.Random(7).random)
    end = here.clock.now() + timedelta(days=7)
    while True:
        while patient(post.deliver_due):
            pass
        waiting = [row.due_at for row in owed(here, states=OPEN) if row.due_at is not None]
        if not waiting:
            return
        assert min(waiting) < end
        here.clock.set(max(min(waiting), here.clock.now()))


def swept(here: Station, **later: float) -> None:
    here.clock.advance(timedelta(**later))
    carrying = Carrying(here.parts)
    while carrying.sweep().more:
        pass


def arrived(provider: Provider) -> list[str]:
    return [json.dumps(body, ensure_ascii=False) for body in provider.sink.arrived]


@pytest.mark.parametrize("kind", ["dingtalk", "feishu", "wecom", "slack"])
def test_what_is_overdue_is_all_told_in_the_group_within_limit_hour_and_working_time(
    place: Place, kind: str
) -> None:
    with a_company(place, kind) as (here, provider):
        hears(here, "late")
        titles = started(here, 40)
        here.clock.advance(timedelta(hours=12))  # 21:00: nobody works
        swept(here)
        assert {mail.kind for mail in owed(here)} == {"group_news"}
        delivered(here)
        texts = arrived(provider)
        assert len(provider.sink.asked) == len(texts)  # none of them was refused
        assert [title for title in titles if title not in "".join(texts)] == []
        assert not re.search(r"/s/[\w-]|验证码：\d", "".join(texts))
        assert len(texts) <= 8
        assert here.clock.now() > datetime.fromisoformat("2026-11-24T01:00:00+00:00")  # 09:00
        assert {mail.state for mail in owed(here)} == {OutboxState.SENT}
        ways = here.store.mailbox.on_its_way([mail.id for mail in owed(here) if mail.digest])
        assert {one.channel for way in ways.values() for one in way.deliveries} == {kind}


def test_a_robot_that_refuses_for_good_leaves_a_row_with_its_reason(place: Place) -> None:
    with a_company(place, "dingtalk") as (here, provider):
        hears(here)
        provider.sink.told.append(provider.refusal("310000", "keywords not in content"))
        started(here, 1)
        delivered(here)
        (mail,) = owed(here)
        assert (mail.state, mail.code, mail.case_id) == (OutboxState.REJECTED, "310000", "case-0000")
        (row,) = here.store.mailbox.on_its_way([mail.id])[mail.id].deliveries
        assert (row.channel, row.state.value, row.attempts) == ("dingtalk", "rejected", 1)
        assert here.store.deliveries.again(mail.id, by=None, now=here.clock.now())
        delivered(here)
        assert [mail.state for mail in owed(here)] == [OutboxState.SENT]


def test_what_a_group_hears_of_is_changed_replaced_and_ends_with_it(place: Place) -> None:
    with a_company(place, "wecom") as (here, provider):
        groups = here.store.groups
        hears(here)
        hears(here, "late", role="asker")
        hears(here, "requests", role="asker")
        assert groups.bindings() == [
            Binding(group="sales-group", sop="sales"),
            Binding(group="sales-group", sop="sales", role="asker", topics=frozenset({Topic.REQUESTS})),
        ]
        groups.unbind("sales-group", sop="sales", role="asker")
        started(here, 1)
        was = groups.get("sales-group")
        groups.remove("sales-group")
        assert (groups.all(), groups.bindings()) == ([], [])
        groups.put(was)  # another chat may have the name from now on; nothing of the first goes there
        here.done(cmd.HoldCase(case_id=CaseId("case-0000"), reason="等客户"))
        assert [mail.state for mail in owed(here)] == [OutboxState.CANCELLED]
        delivered(here)
        assert arrived(provider) == []


def test_verify_finds_a_message_to_a_group_that_no_event_can_have_owed(place: Place) -> None:
    with a_company(place, "wecom") as (here, _):
        hears(here)
        started(here, 1)
        (mail,) = owed(here)
        outbox = table(OutboxRow)
        real = f"case-0000/2/group_news/{SALES}"
        with here.store.database.writing() as connection:
            connection.execute(
                outbox.update().where(outbox.c.id == mail.id).values(key=f"case-0000/1/group_news/{SALES}")
            )
        (finding,) = here.store.verify().findings
        assert (finding.table, finding.what.en) == ("outbox", "no event owes this message")
        with here.store.database.writing() as connection:
            connection.execute(outbox.update().where(outbox.c.id == mail.id).values(key=real))
