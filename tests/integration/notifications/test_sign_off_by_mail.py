"""From a request to a decision by mail: store, outbox, SMTP and link together, nothing in between faked."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from engine.case import commands as cmd
from engine.case.state import Actor, Verdict, Via
from engine.clock import FixedClock
from engine.definition.approval_model import Assurance
from engine.ids import ApprovalId, CaseId, PersonId
from engine.outbox import MessageKind
from engine.service import Service
from engine.store.people import Person
from engine.store.store import Store
from notifications.channels import AppriseChannel
from notifications.composing import Composer
from notifications.delivery import Deliverer
from notifications.keys import Keys
from notifications.links import LinkState, check, code_matches, read_link
from notifications.routing import ChannelSettings
from runtime.records import StoreRecords
from tests.factories import a_calendar
from tests.integration.notifications.sinks import a_mail_server, free_port

SOP = """\
sop: price_offer
zh: 报价
en: Price offer
roles:
  sales: {zh: 销售}
  boss: {zh: 主管}
fields:
  price: {type: money, zh: 价格, en: Price}
exits:
  won: {zh: 成交, en: Won, success: true}
stages:
  - {id: talk, zh: 商谈, owner: sales}
  - {id: sign, zh: 签约, owner: sales}
transitions:
  - id: agreed
    zh: 谈妥
    from: talk
    to: sign
    approvals:
      - {id: price_ok, zh: 价格审批, by: [{role: boss}], mode: any, on_reject: stop, shows: [price]}
  - {id: done, zh: 完成, from: sign, exit: won}
"""
LI = Actor(person=PersonId("li"), via=Via.WEB)
CASE = CaseId("case0001")


class Company:
    """One store with everything around it."""

    def __init__(self, store: Store, folder: Path, clock: FixedClock) -> None:
        self.store, self.clock = store, clock
        self.service = Service(store.uow, self.clock, lambda _: a_calendar())
        self.keys = Keys.open(folder / "link-keys.json")
        store.definitions.publish(SOP, "price_offer.yaml", by=PersonId("admin"), now=clock.now())
        for person, name in (("li", "李销售"), ("wang", "王主管")):
            store.people.put(Person(id=PersonId(person), name=name, email=f"{person}@example.cn"))
        store.people.set_holders("sales", [PersonId("li")])
        store.people.set_holders("boss", [PersonId("wang")])

    def do(self, command: cmd.Command, actor: Actor = LI) -> Any:
        answer = self.service.handle(command, actor=actor)
        assert answer.refusal is None, answer.refusal
        return answer

    def ask(self) -> None:
        price: dict[str, Any] = {"price": {"amount": "1200.00", "currency": "CNY"}}
        self.do(cmd.StartCase(case_id=CASE, sop="price_offer", title="华东新品", values=price))
        self.do(cmd.RequestTransition(case_id=CASE, transition="agreed"))

    def deliverer(self, port: int) -> Deliverer:
        settings = ChannelSettings(
            public_url="https://gate.example", smtp_url=f"mailto://127.0.0.1:{port}?from=gate@guanka.example"
        )
        records = StoreRecords(self.store, "zh")
        return Deliverer(
            queues=self.store.queues,
            deliveries=self.store.deliveries,
            wishes=self.store.preferences,
            service=self.service,
            composer=Composer(records=records, keys=self.keys, clock=self.clock, settings=settings),
            channel=AppriseChannel(),
            clock=self.clock,
            holder="test",
            draw=lambda: 0.5,
        )

    def outbox(self) -> list[tuple[str, str, str, str]]:
        wanted = text("SELECT kind, to_person, state, channel FROM outbox WHERE NOT is_command ORDER BY id")
        with self.store.database.reading() as connection:
            return [tuple(row) for row in connection.execute(wanted)]


@pytest.fixture
def company(sqlite_store: Store, tmp_path: Path, clock: FixedClock) -> Company:
    return Company(sqlite_store, tmp_path, clock)


def test_a_request_arrives_by_mail_and_its_link_and_code_decide_it(company: Company) -> None:
    company.ask()
    with a_mail_server() as server:
        company.deliverer(server.port).deliver_due()
    (mail,) = [m for m in server.mails if "wang@example.cn" in m["To"]]
    body = mail.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert (mail["Subject"], "价格：1,200.00 元" in words) == ("请审批：价格审批｜华东新品", True)
    token = re.findall(r"https://gate\.example/s/(\S+)", words)[0]
    claim = read_link(token, company.keys)
    assert claim is not None
    assert code_matches(company.keys, claim, re.findall(r"验证码：(\d{4})", words)[0])
    case = company.store.board.case(claim.case)
    assert case is not None
    definition = company.store.definitions.by_digest(case.definition)
    assert check(claim, case, definition) is LinkState.LIVE
    decision = cmd.RecordDecision(
        case_id=claim.case,
        approval=claim.approval,
        verdict=Verdict.APPROVE,
        round=claim.round,
        content=case.approvals[claim.approval].content,
        assurance=Assurance.CODE,
    )
    company.do(decision, Actor(person=claim.person, via=Via.LINK))
    decided = company.store.board.case(claim.case)
    assert decided is not None
    assert check(claim, decided, definition) is not LinkState.LIVE


def test_while_the_mail_server_is_down_messages_wait_and_then_arrive_once(company: Company) -> None:
    company.ask()
    company.deliverer(free_port()).deliver_due()
    assert {state for _, _, state, _ in company.outbox()} == {"retry"}
    company.clock.advance(timedelta(minutes=5))
    with a_mail_server() as server:
        deliverer = company.deliverer(server.port)
        deliverer.deliver_due()
        deliverer.deliver_due()
    assert len([m for m in server.mails if "wang@example.cn" in m["To"]]) == 1
    assert {state for _, _, state, _ in company.outbox()} == {"sent"}


def test_neither_link_nor_code_stands_in_the_database(company: Company) -> None:
    company.ask()
    with a_mail_server() as server:
        company.deliverer(server.port).deliver_due()
    body = next(m for m in server.mails if "wang@example.cn" in m["To"]).get_body(("plain",))
    assert body is not None
    token = re.findall(r"/s/(\S+)", body.get_content())[0]
    with company.store.database.reading() as connection:
        rows = connection.execute(text("SELECT data, detail, code, channel FROM outbox")).all()
    assert token.split(".")[1] not in repr(rows)
    assert token.split(".")[0] not in repr(rows)


def test_a_message_that_is_over_before_it_left_is_cancelled(company: Company) -> None:
    company.ask()
    case = company.store.board.case(CASE)
    assert case is not None
    (approval,) = case.approvals
    decision = cmd.RecordDecision(case_id=CASE, approval=ApprovalId(approval), verdict=Verdict.APPROVE)
    company.do(decision, Actor(person=PersonId("wang"), via=Via.WEB))
    with a_mail_server() as server:
        company.deliverer(server.port).deliver_due()
    states = {(kind, state) for kind, _, state, _ in company.outbox()}
    assert (MessageKind.APPROVAL_REQUESTED.value, "cancelled") in states
    assert [m for m in server.mails if "wang@example.cn" in m["To"]] == []
