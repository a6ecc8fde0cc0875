"""A company of a few people in memory: what messages are read from, and queues that hold what is owed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.case import commands as cmd
from engine.case.absence import StandIn
from engine.case.events import Recorded
from engine.case.state import Case
from engine.clock import Clock
from engine.definition.compiled import Definition
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind, Owed, OwedCommand, OwedMessage, OwedNotice
from engine.ports import ClaimedMessage, Outcome
from engine.text import Language, Text
from notifications.composing import Composer
from notifications.keys import Keys
from notifications.routing import ChannelSettings, Contact
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
    wordings: dict[tuple[MessageKind, Language], Wording] = field(default_factory=dict)

    def wording(self, kind: MessageKind, language: Language) -> Wording | None:
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


@dataclass
class MemoryQueues:
    """Rows under leases, in a list; the parts of engine.ports.Queues a deliverer uses."""

    clock: Clock
    rows: list[ClaimedMessage] = field(default_factory=list)
    due: dict[int, datetime] = field(default_factory=dict)
    outcomes: dict[int, list[Outcome]] = field(default_factory=dict)

    def owe(self, owed: Iterable[Owed | OwedNotice], now: datetime) -> None:
        for each in owed:
            row = ClaimedMessage(id=len(self.rows) + 1, owed=each, attempts=0, token=0)
            self.rows.append(row)
            self.due[row.id] = now

    def claim_messages(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ClaimedMessage]:
        return self._claim(limit, messages=True)

    def claim_commands(self, *, limit: int, holder: str, lease_seconds: float) -> Sequence[ClaimedMessage]:
        return self._claim(limit, messages=False)

    def _claim(self, limit: int, *, messages: bool) -> Sequence[ClaimedMessage]:
        claimed, now = [], self.clock.now()
        for n, row in enumerate(self.rows):
            wanted = isinstance(row.owed, OwedCommand) is not messages and row.id in self.due
            if wanted and self.due[row.id] <= now and len(claimed) < limit:
                self.rows[n] = replace(row, attempts=row.attempts + 1, token=row.token + 1)
                claimed.append(self.rows[n])
                del self.due[row.id]
        return claimed

    def finish(self, claimed: ClaimedMessage, outcome: Outcome, *, now: datetime) -> bool:
        self.outcomes.setdefault(claimed.id, []).append(outcome)
        if outcome.retry_at is not None:
            self.due[claimed.id] = outcome.retry_at
        return True


def keys_in(folder: Path) -> Keys:
    return Keys.open(folder / "link-keys.json")
