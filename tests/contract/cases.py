"""Small cases made of real events through the real fold, so that the store is tested without the rules."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from engine.case.events import (
    ApprovalOpened,
    CaseStarted,
    Commented,
    Event,
    FieldsSet,
    Recorded,
    StageEntered,
    TransitionRequested,
)
from engine.case.evolve import replay
from engine.case.state import Actor, Approval, Ask, Case, Task, Via, Visit
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.outbox import MessageKind, Owed, OwedMessage
from engine.store.store import Store

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
LI = Actor(person=PersonId("li"), via=Via.WEB)
ID = CaseId("case0001")
SOP_TEXT = """\
sop: mini
zh: 迷你流程
en: Mini
roles:
  sales: {zh: 销售}
  boss: {zh: 主管}
fields:
  price: {type: money, zh: 价格}
stages:
  - id: talk
    zh: 商谈
    owner: sales
    tasks:
      - {id: agree, zh: 谈妥}
      - {id: note, zh: 记录, role: boss, optional: true}
  - id: sign
    zh: 签约
    owner: sales
transitions:
  - id: agreed
    from: talk
    to: sign
    approvals:
      - {id: price_ok, zh: 价格审批, by: [{role: boss}], mode: any, on_reject: stop}
  - {id: done, from: sign, exit: won}
exits:
  won: {zh: 成交}
"""


def published(store: Store) -> str:
    """The digest of the little SOP, published in this store."""
    return store.definitions.publish(SOP_TEXT, "mini.yaml", by=PersonId("admin"), now=START).version.digest


def started(digest: str, *, title: str = "华东新品上市") -> list[Event]:
    return [
        CaseStarted(sop="mini", definition=digest, title=title, values={"agreed": True}),
        StageEntered(
            visit=Visit(number=1, track="main", stage="talk", entered_at=START),
            tasks=(Task(id="agree", visit=1), Task(id="note", visit=1)),
        ),
    ]


def recorded(
    events: Sequence[Event], *, case_id: CaseId = ID, first: int = 1, actor: Actor = LI
) -> tuple[Recorded, ...]:
    """The events one after the other, a minute apart."""
    return tuple(
        Recorded(case_id=case_id, sequence=n, at=START + timedelta(minutes=n), actor=actor, event=event)
        for n, event in enumerate(events, first)
    )


def add(
    store: Store,
    events: Sequence[Event],
    *,
    case_id: CaseId = ID,
    actor: Actor = LI,
    owed: Sequence[Owed] = (),
) -> Case:
    """What the service does, without rules: load, fold, save in one transaction."""
    with store.uow.begin(case_id) as work:
        old = work.case(case_id)
        new = recorded(events, case_id=case_id, first=1 + (old.version if old else 0), actor=actor)
        case = replay(new, old)
        assert case is not None
        work.save(work.definition(case.definition), case, new, owed)
    return case


def a_case(store: Store, *more: Event, case_id: CaseId = ID) -> Case:
    return add(store, [*started(published(store)), *more], case_id=case_id)


def a_message(case_id: CaseId, sequence: int, to: str = "wang") -> OwedMessage:
    return OwedMessage(
        key=f"{case_id}/{sequence}/stage_entered/{to}",
        kind=MessageKind.STAGE_ENTERED,
        to=PersonId(to),
        case_id=case_id,
        sequence=sequence,
        data={"stage": "talk"},
    )


def commented(text: str = "客户很满意") -> Commented:
    return Commented(text=text)


def priced(amount: str = "10.00") -> FieldsSet:
    return FieldsSet(values={"price": {"amount": amount, "currency": "CNY"}})


def asked(*people, opened=START):
    """The price approval of a request, asked of these persons."""
    approval = Approval(
        id=ApprovalId("a1"),
        spec="price_ok",
        request=RequestId("r1"),
        opened_at=opened,
        content="hash",
        asks=tuple(Ask(person=person, role="boss") for person in people),
    )
    return [
        TransitionRequested(request=RequestId("r1"), transition="agreed", tracks=("main",)),
        ApprovalOpened(approval=approval, notify=tuple(people)),
    ]
