"""A whole web application in process, on a real store, with the clockwork of the tests."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser
from selectolax.lexbor import LexborNode as Node
from starlette.testclient import TestClient

from engine.case import commands as cmd
from engine.case.state import RULE, Actor, Case, Via
from engine.clock import FixedClock
from engine.definition.diagram import svg
from engine.ids import CaseId, PersonId, RequestId, SequentialIds
from engine.service import Service
from engine.store.people import Person
from engine.store.store import Store
from notifications.composing import Composer
from notifications.keys import Keys
from notifications.routing import ChannelSettings
from runtime.calendars import load_calendar
from runtime.records import StoreRecords
from web.app import create_app
from web.ports import WebSettings, Wiring

LOCAL = ("127.0.0.1", 40000)
PUBLIC = "http://sign.example"
SOP = """
sop: poster
zh: 海报发布
en: Poster release
calendar: cn
roles:
  designer: {zh: 设计, en: Designer}
  lead: {zh: 主管, en: Lead}
  agency: {zh: 代理商, en: Agency, external: true}
fields:
  headline: {type: text, zh: 标题, en: Headline}
  notes: {type: longtext, zh: 说明, en: Notes}
  copies: {type: int, zh: 数量, en: Copies}
  price: {type: money, zh: 报价, en: Price}
  share: {type: percent, zh: 折扣, en: Discount}
  go_live_on: {type: date, zh: 上线日, en: Go-live date}
  meeting: {type: datetime, zh: 会议, en: Meeting}
  run: {type: period, zh: 投放期, en: Run}
  lead_time: {type: duration, zh: 前置期, en: Lead time}
  paper: {type: enum, zh: 纸张, en: Paper, values: {matt: {zh: 哑光, en: Matt}, gloss: {zh: 光面, en: Gloss}}}
  urgent: {type: bool, zh: 加急, en: Urgent}
  owner: {type: person, zh: 负责人, en: Owner}
  channels: {type: list, zh: 渠道, en: Channels, of: text}
  proof: {type: file, zh: 样张, en: Proof}
  lines:
    type: list
    zh: 明细
    en: Lines
    of:
      type: record
      fields:
        item: {type: text, zh: 项目, en: Item, required: true}
        amount: {type: money, zh: 金额, en: Amount, required: true}
        who: {type: person, zh: 经办, en: Handled by}
exits:
  done: {zh: 完成, en: Done, success: true}
  dropped: {zh: 放弃, en: Dropped}
stages:
  - id: draft
    zh: 起草
    en: Draft
    owner: designer
    deadline: {within: 2 wd, remind: [1 wd], escalate: [{after: 1 wd, to: lead}]}
    requires: [headline, price]
    tasks:
      - {id: sketch, zh: 出草图, en: Make a sketch}
      - {id: pick_font, zh: 选字体, en: Pick a font, waivable: true}
    deliverables:
      - {id: artwork, zh: 成稿, en: Artwork, required: true}
  - id: release
    zh: 发布
    en: Release
    owner: designer
milestones:
  - {id: draft_done, zh: 定稿, en: Draft done, left: draft}
transitions:
  - id: publish
    zh: 提交发布
    en: Submit
    from: draft
    to: release
    approvals:
      - id: sign
        zh: 主管审批
        en: Lead's approval
        by: [{role: lead}]
        mode: any
        on_reject: stop
        shows: [headline, price, lines, artwork]
        within: 1 wd
        on_timeout: {remind: true}
  - {id: finish, zh: 结束, en: Finish, from: release, exit: done}
  - {id: drop, zh: 放弃, en: Drop, from: any, exit: dropped, reason: required}
"""
PEOPLE = (
    Person(id=PersonId("ann"), name="安娜", language="zh"),
    Person(id=PersonId("bob"), name="Bob Lee", language="en"),
    Person(id=PersonId("eve"), name="伊芙", language="zh"),
    Person(id=PersonId("zed"), name="Zed Agency", language="en", external=True),
)


@dataclass
class Site:
    """The application and everything behind it. `browser` is a visitor's browser; `act` what a
    colleague does meanwhile.
    """

    store: Store
    service: Service
    clock: FixedClock
    keys: Keys
    wiring: Wiring
    browser: TestClient = field(init=False)
    made: list[TestClient] = field(default_factory=list)

    def another(self, *, person: str | None = None, **options: Any) -> TestClient:
        options = {"base_url": "http://127.0.0.1", "client": LOCAL, "follow_redirects": False, **options}
        client = TestClient(create_app(self.wiring), **options)
        if person:
            client.cookies.set("guanka_person", person)
        self.made.append(client)
        return client

    def act(self, command: cmd.Command, person: str = "ann") -> Any:
        answer = self.service.handle(command, actor=Actor(person=PersonId(person), via=Via.CLI))
        assert answer.refusal is None, answer.refusal
        return answer

    def case(self, case_id: str) -> Case:
        found = self.store.board.case(CaseId(case_id))
        assert found is not None
        return found

    def fire(self, case_id: CaseId) -> None:
        """What the runner does with a request that is ready."""
        for request in self.case(case_id).requests:
            command = cmd.FireTransition(case_id=case_id, request=RequestId(request))
            assert self.service.handle(command, actor=RULE).refusal is None

    def start(self, case_id: str = "poster-1", title: str = "春季海报", sop: str = "poster") -> CaseId:
        return self.act(cmd.StartCase(case_id=CaseId(case_id), sop=sop, title=title)).case_id

    def asked(self, case_id: str = "poster-1", price: str = "1200", sop: str = "poster") -> CaseId:
        """A case whose way on waits for the lead's approval."""
        case = self.start(case_id, sop=sop)
        values = {
            "headline": "春日上新",
            "price": price,
            "lines": [{"item": "印刷", "amount": "800", "who": "eve"}],
        }
        self.act(cmd.SetFields(case_id=case, values=values))
        self.act(cmd.CompleteTask(case_id=case, task="sketch"))
        self.act(cmd.WaiveTask(case_id=case, task="pick_font", reason="沿用"))
        kept = self.store.blobs.put(b"artwork")
        self.act(
            cmd.AttachDeliverable(
                case_id=case,
                deliverable="artwork",
                name="成稿.pdf",
                hash=kept,
                size=7,
                media_type="application/pdf",
            )
        )
        self.act(cmd.RequestTransition(case_id=case, transition="publish", reason="赶档期"))
        return case

    def letter(self, person: str = "bob") -> tuple[str, str]:
        """Path and code of the newest sign-off link owed to this person."""
        found = self.letters(person)
        assert found, f"no link is owed to {person}"
        return found[0]

    def letters(self, person: str, case_id: str = "") -> list[tuple[str, str]]:
        """Paths and codes of all the links owed to this person, newest first; of one case, or all."""
        from web.letters import letter

        mails = [m for m in self.store.mailbox.page() if m.to_person == person and case_id in ("", m.case_id)]
        found = [letter(self.wiring, mail) for mail in mails]
        return [(one.link.removeprefix(PUBLIC), one.code) for one in found if one and one.link]

    def tables(self) -> dict[str, list[str]]:
        """Everything the database holds."""
        from engine.store.tables import METADATA

        with self.store.database.reading() as connection:
            return {
                each.name: sorted(map(repr, connection.execute(each.select()).all()))
                for each in METADATA.sorted_tables
            }


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    return Keys.open(tmp_path / "keys.json")


@pytest.fixture
def site(sqlite_store: Store, clock: FixedClock, ids: SequentialIds, keys: Keys) -> Iterator[Site]:
    made = a_site(sqlite_store, clock, ids, keys)
    yield made
    for client in made.made:
        client.close()


def a_site(store: Store, clock: FixedClock, ids: SequentialIds, keys: Keys) -> Site:
    """On a store that is migrated and holds nothing yet."""
    for person in PEOPLE:
        store.people.put(person)
    for role, person in (("designer", "ann"), ("lead", "bob"), ("agency", "zed"), ("sop_owner", "eve")):
        store.people.set_holders(role, [PersonId(person)])
    store.definitions.publish(SOP, "poster.yaml", by=PersonId("ann"), now=clock.now())
    store.heartbeats.beat("sweep", now=clock.now())
    service = Service(store.uow, clock, load_calendar)
    settings = ChannelSettings(public_url=PUBLIC, smtp_url=None, webhook_url=None, case_path=None)
    composer = Composer(records=StoreRecords(store, "zh"), keys=keys, clock=clock, settings=settings)
    wiring = Wiring(
        service=service,
        store=store,
        keys=keys,
        clock=clock,
        ids=ids,
        mailbox_text=composer.mailbox_text,
        diagram=svg,
        settings=WebSettings(prefect_url="http://127.0.0.1:4200"),
    )
    made = Site(store=store, service=service, clock=clock, keys=keys, wiring=wiring)
    made.browser = made.another(person="ann")
    return made


def one(html: HTMLParser, selector: str) -> Node:
    """The first such part of a page, which has to be there."""
    found = html.css_first(selector)
    assert found is not None, f"nothing on the page is {selector}"
    return found


@dataclass
class Page:
    """A page as a visitor uses it: reads it, fills in one of its forms, sends it."""

    client: TestClient
    html: HTMLParser
    status: int

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", self.html.body.text(separator=" ")) if self.html.body else ""

    def form(self, action: str, **typed: Any) -> Any:
        """Sends the form with this action as a browser would, with what was typed over its defaults."""
        node = self.html.css_first(f'form[action="{action}"]')
        assert node is not None, f"no form {action}"
        files = {name: value for name, value in typed.items() if isinstance(value, tuple)}
        data = {**defaults(node), **{name: v for name, v in typed.items() if name not in files}}
        return self.client.post(action, data=data, files=files or None)


def defaults(form: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in form.css("input, textarea, select"):
        name, kind = one.attributes.get("name"), one.attributes.get("type")
        if not name or kind == "file" or (kind == "checkbox" and "checked" not in one.attributes):
            continue
        if one.tag == "select":
            chosen = one.css_first("option[selected]") or one.css_first("option")
            value = chosen.attributes.get("value", "") if chosen else ""
        else:
            value = one.text() if one.tag == "textarea" else one.attributes.get("value") or ""
        found[name] = [*found.get(name, []), value]
    return found


@pytest.fixture
def visit(site: Site) -> Callable[..., Page]:
    def look(path: str, *, client: TestClient | None = None, **options: Any) -> Page:
        client = client or site.browser
        answer = client.get(path, **options)
        return Page(client=client, html=HTMLParser(answer.text), status=answer.status_code)

    return look


DAY = timedelta(days=1)
