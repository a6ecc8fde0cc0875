"""A company of a few people in memory: what messages are read from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case.absence import StandIn
from engine.case.events import Recorded
from engine.case.state import Case
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from engine.text import Language, Text
from notifications.composing import Composer, Waiting
from notifications.keys import Keys
from notifications.routing import ChannelSettings, Contact
from notifications.wording_names import Kind
from notifications.wordings import Wording
from tests.factories import Desk, a_desk, a_sop, an_approval

PUBLIC = "https://gate.example"
NAMES = {"pei": "裴文", "hua": "华敏", "bo": "柏总", "ou": "欧阳", "ke": "客户甲"}


def a_contact(name: str = "hua", **parts: Any) -> Contact:
    return Contact(person=PersonId(name), **{"name": NAMES.get(name, name), **parts})


@dataclass
class Office:
    """Records over a desk's store; `contacts` may say more of a person than the name."""

    desk: Desk
    contacts: dict[str, Contact] = field(default_factory=dict)
    periods: dict[str, StandIn] = field(default_factory=dict)
    wordings: dict[tuple[Kind, Language], Wording] = field(default_factory=dict)

    waits: dict[str, Sequence[Waiting]] = field(default_factory=dict)

    def wording(self, kind: Kind, language: Language) -> Wording | None:
        return self.wordings.get((kind, language))

    def case(self, case_id: CaseId) -> Case | None:
        return self.desk.store.cases.get(case_id)

    def definition(self, digest: str) -> Definition:
        return self.desk.store.definitions[digest]

    def event(self, case_id: CaseId, sequence: int) -> Recorded | None:
        events = self.desk.store.events.get(case_id, [])
        return next((e for e in events if e.sequence == sequence), None)

    def history(self, case_id: CaseId) -> Sequence[Recorded]:
        return self.desk.store.events.get(case_id, [])

    def contact(self, person: PersonId) -> Contact | None:
        return self.contacts.get(person) or (a_contact(person) if person in NAMES else None)

    def period(self, period: str) -> StandIn | None:
        return self.periods.get(period)

    def sop_title(self, sop: str) -> Text | None:
        found = self.desk.store.current.get(sop)
        return found.sop.title if found else None

    def holders(self, case: Case, role: str) -> tuple[PersonId, ...]:
        return case.roles.get(role) or tuple(PersonId(p) for p in self.desk.store.people.get(role, ()))

    def waiting(self, person: PersonId, *, now: datetime) -> Sequence[Waiting]:
        return self.waits.get(person, ())

    def owed(self, kind: MessageKind, to: str | None = None) -> OwedMessage:
        """The last message of this kind that is owed, to anybody or to this person."""
        return [
            owed
            for owed in self.desk.store.owed
            if isinstance(owed, OwedMessage) and owed.kind is kind and to in {None, owed.to}
        ][-1]


def a_composer(office: Office, keys: Keys, **settings: Any) -> Composer:
    return Composer(
        records=office,
        keys=keys,
        clock=office.desk.clock,
        settings=ChannelSettings(**{"public_url": PUBLIC, **settings}),
    )


def an_office(*, review: dict[str, Any] | None = None, **settings: Any) -> Office:
    """A case that stands before its review; nothing is asked of anybody yet."""
    sop = a_sop()
    sop["transitions"][1]["approvals"] = [an_approval(**(review or {}))]
    return Office(a_desk(sop, review_time="3 wd", **settings))


def asking(office: Office) -> Office:
    """The same, with the go-live asked for."""
    desk = office.desk
    desk.start(brief="新品发布会", budget={"amount": "120000", "currency": "CNY"})
    desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="write_brief"))
    desk.advance("submit")
    desk.run()
    assert desk.advance("go_live", reason="客户已确认档期").refusal is None
    return office


def keys_in(folder: Path) -> Keys:
    return Keys.open(folder / "link-keys.json")
