"""Values that are valid by default; a test names only what it is about."""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, TypeVar

from engine.case import commands as cmd
from engine.case.absence import StandIn
from engine.case.contacts import Newcomer
from engine.case.events import Recorded
from engine.case.facts import Whereabouts
from engine.case.state import RULE, Actor, Case, Via
from engine.case.workdays import Day, DayKind, Source, WorkCalendar
from engine.clock import FixedClock
from engine.definition.compiled import Definition
from engine.definition.model import Sop
from engine.errors import VersionMoved
from engine.groups import Binding
from engine.ids import CaseId, PersonId
from engine.outbox import Owed
from engine.ports import Answer, Company, KeyRecord
from engine.service import Service

MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)  # 09:00 in Shanghai
RUNNER = RULE
E = TypeVar("E")


def a_calendar(**days: DayKind) -> WorkCalendar:
    """Monday to Friday, 9–12 and 13–18, Shanghai, nothing special."""
    return WorkCalendar(
        id="cn",
        zone="Asia/Shanghai",
        hours=((time(9), time(12)), (time(13), time(18))),
        week=frozenset(range(5)),
        layers=({date.fromisoformat(day): Day(kind, Source.COMPANY) for day, kind in days.items()},),
        version="test",
    )


def a_sop_with_steps(**parts: Any) -> dict[str, Any]:
    """That SOP, with milestones that people list in the field `steps`."""
    each = {"field": "steps", "name": "name", "due": "due", "done": "done_on"}
    sop = a_sop(milestones=[{"id": "steps", "zh": "步骤", "en": "Steps", "each": each, **parts}])
    columns = {"name": "text", "due": "date", "done_on": "date"}
    sop["fields"]["steps"] = {"type": "list", "of": {"type": "record", "fields": columns}}
    return sop


def a_sop(**parts: Any) -> dict[str, Any]:
    """A three-stage SOP: brief, review (one approval), live; as the YAML would say it."""
    sop: dict[str, Any] = {
        "sop": "launch",
        "zh": "上线",
        "en": "Launch",
        "settings": {
            "review_time": {"type": "duration", "zh": "评审时限", "en": "Review time"},
            "budget_limit": {"type": "money", "zh": "预算限额", "en": "Budget limit"},
        },
        "roles": {
            "planner": {"zh": "策划", "en": "Planner"},
            "head": {"zh": "主管", "en": "Head"},
            "boss": {"zh": "老板", "en": "Boss"},
            "customer": {"zh": "客户", "en": "Customer", "external": True},
        },
        "fields": {
            "brief": {"type": "text", "zh": "简报", "en": "Brief"},
            "budget": {"type": "money", "zh": "预算", "en": "Budget"},
            "go_live_on": {"type": "date", "zh": "上线日", "en": "Go-live date"},
        },
        "exits": {
            "done": {"zh": "完成", "en": "Done", "success": True},
            "cancelled": {"zh": "取消", "en": "Cancelled"},
        },
        "stages": [
            {
                "id": "brief_stage",
                "zh": "写简报",
                "en": "Write the brief",
                "owner": "planner",
                "tasks": [
                    {"id": "write_brief", "zh": "写简报", "en": "Write the brief", "requires": ["brief"]}
                ],
            },
            {
                "id": "review",
                "zh": "评审",
                "en": "Review",
                "owner": "planner",
                "deadline": {
                    "within": "$review_time",
                    "remind": ["1 wd"],
                    "escalate": [{"after": "1 wd", "to": "boss"}],
                },
            },
            {"id": "live", "zh": "上线", "en": "Live", "owner": "head"},
        ],
        "transitions": [
            {"id": "submit", "zh": "提交", "en": "Submit", "from": "brief_stage", "to": "review"},
            {
                "id": "go_live",
                "zh": "上线",
                "en": "Go live",
                "from": "review",
                "to": "live",
                "approvals": [an_approval()],
            },
            {
                "id": "rework",
                "zh": "返工",
                "en": "Rework",
                "from": "review",
                "to": "brief_stage",
                "reason": "required",
            },
            {"id": "finish", "zh": "结束", "en": "Finish", "from": "live", "exit": "done"},
            {
                "id": "cancel",
                "zh": "取消",
                "en": "Cancel",
                "from": "any",
                "exit": "cancelled",
                "reason": "required",
            },
        ],
    }
    sop.update(parts)
    return sop


def an_approval(**parts: Any) -> dict[str, Any]:
    return {
        "id": "head_agrees",
        "zh": "主管同意",
        "en": "Head agrees",
        "by": [{"role": "head"}],
        "mode": "any",
        "on_reject": "stop",
        "shows": ["brief", "budget"],
        **parts,
    }


def a_definition(sop: Mapping[str, Any] | None = None) -> Definition:
    raw = dict(sop or a_sop())
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    return Definition(Sop.model_validate(raw), digest)


def person(name: str) -> Actor:
    return Actor(person=PersonId(name), via=Via.WEB)


PEOPLE: dict[str, tuple[str, ...]] = {
    "planner": ("pei",),
    "head": ("hua",),
    "boss": ("bo",),
    "customer": ("ke",),
    "sop_owner": ("ou",),
}


@dataclass
class MemoryStore:
    """A unit of work in memory, for tests of the core; one process, no lock."""

    definitions: dict[str, Definition] = field(default_factory=dict)
    current: dict[str, Definition] = field(default_factory=dict)
    cases: dict[str, Case] = field(default_factory=dict)
    events: dict[str, list[Recorded]] = field(default_factory=dict)
    owed: list[Owed] = field(default_factory=list)
    keys: dict[tuple[str, str], KeyRecord] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=lambda: dict(PEOPLE))
    external: frozenset[str] = frozenset({"ke"})
    same_as: dict[str, str] = field(default_factory=dict)
    stand_ins: tuple[StandIn, ...] = ()
    groups: tuple[Binding, ...] = ()
    left: frozenset[str] = frozenset()  # people who were known once
    whereabouts: dict[PersonId, Whereabouts] = field(default_factory=dict)

    def publish(self, definition: Definition) -> None:
        self.definitions[definition.digest] = definition
        self.current[definition.sop.sop] = definition

    @contextmanager
    def begin(self, case_id: CaseId) -> Iterator["MemoryStore"]:
        yield self

    def case(self, case_id: CaseId) -> Case | None:
        return self.cases.get(case_id)

    def definition(self, digest: str) -> Definition:
        return self.definitions[digest]

    def latest(self, sop: str) -> Definition | None:
        return self.current.get(sop)

    def company(self, sop: str) -> Company:
        known = (
            {p for persons in self.people.values() for p in persons}
            | self.external
            | {"xia", "yan", "zhu", "lu"}
        )
        return Company(
            settings=self.settings,
            people=self.people,  # pyright: ignore[reportArgumentType]
            external=self.external,  # pyright: ignore[reportArgumentType]
            known=frozenset(known - self.left),  # pyright: ignore[reportArgumentType]
            sops=frozenset(self.current),
            same_as=self.same_as,  # pyright: ignore[reportArgumentType]
            stand_ins=self.stand_ins,
            whereabouts=self.whereabouts,
            groups=self.groups,
        )

    def used_key(self, person: PersonId, key: str) -> KeyRecord | None:
        return self.keys.get((person, key))

    def remember(self, person: PersonId, key: str, body_hash: str, answer: Answer, *, now: datetime) -> None:
        self.keys[person, key] = KeyRecord(body_hash=body_hash, answer=answer)

    def introduce(self, newcomer: Newcomer) -> None:
        if newcomer.id in self.external:
            raise VersionMoved(CaseId(""))
        self.external |= {newcomer.id}

    def save(
        self, definition: Definition, case: Case, events: Sequence[Recorded], owed: Sequence[Owed]
    ) -> None:
        stored = self.cases.get(case.id)
        if (stored.version if stored else 0) != case.version - len(events):
            raise VersionMoved(case.id)
        self.cases[case.id] = case
        self.events.setdefault(case.id, []).extend(events)
        self.owed.extend(owed)


@dataclass
class Desk:
    """The service with everything around it, and short words for what people do in tests."""

    store: MemoryStore
    clock: FixedClock
    service: Service

    def do(self, command: cmd.Command, by: str = "pei") -> Answer:
        actor = RULE if by == "rule" else person(by)
        return self.service.handle(command, actor=actor)

    def start(self, sop: str = "launch", case_id: str = "c1", **values: Any) -> Case:
        answer = self.do(cmd.StartCase(case_id=CaseId(case_id), sop=sop, title="新品上线", values=values))
        assert answer.refusal is None, answer.refusal
        return self.case(case_id)

    def case(self, case_id: str = "c1") -> Case:
        return self.store.cases[case_id]

    def run(self, case_id: str = "c1") -> Case:
        """Fires whatever is ready, as the runner would, and handles commands owed to other cases."""
        for request in list(self.case(case_id).requests.values()):
            if request.state == "ready":
                self.do(cmd.FireTransition(case_id=CaseId(case_id), request=request.id), by="rule")
        return self.case(case_id)

    def set(self, case_id: str = "c1", by: str = "pei", **values: Any) -> Answer:
        return self.do(cmd.SetFields(case_id=CaseId(case_id), values=values), by=by)

    def advance(self, transition: str, case_id: str = "c1", by: str = "pei", reason: str = "") -> Answer:
        asked = cmd.RequestTransition(case_id=CaseId(case_id), transition=transition, reason=reason)
        return self.do(asked, by=by)

    def sign(self, by: str, verdict: str = "approve", case_id: str = "c1", comment: str = "") -> Answer:
        """Answers the open approval that asks this person."""
        from engine.case.state import Verdict

        approval = next(
            a
            for a in self.case(case_id).approvals.values()
            if a.state == "open" and by in {k.person for k in a.asks}
        )
        decision = cmd.RecordDecision(
            case_id=CaseId(case_id), approval=approval.id, verdict=Verdict(verdict), comment=comment
        )
        return self.do(decision, by=by)

    def away(self, principal: str, stand_in: str, *, days: float = 7, **parts: Any) -> None:
        """From now on somebody stands in, for so many days."""
        now = self.clock.now()
        row = StandIn(
            principal=PersonId(principal),
            stand_in=PersonId(stand_in),
            begins=now,
            ends=now + timedelta(days=days),
            **parts,
        )
        self.store.stand_ins = (*self.store.stand_ins, row)

    def sweep(self, case_id: str = "c1") -> Answer:
        return self.do(cmd.Sweep(case_id=CaseId(case_id)), by="rule")

    def last(self, kind: type[E], case_id: str = "c1") -> E:
        """The newest event of this kind."""
        return [e.event for e in self.store.events[case_id] if isinstance(e.event, kind)][-1]

    def kinds(self, case_id: str = "c1") -> list[str]:
        return [recorded.event.kind for recorded in self.store.events[case_id]]


def a_desk(sop: Mapping[str, Any] | None = None, *more: Mapping[str, Any], **settings: Any) -> Desk:
    store = MemoryStore(settings=settings)
    for raw in (sop or a_sop(), *more):
        store.publish(a_definition(raw))
    clock = FixedClock(MONDAY)
    return Desk(store, clock, Service(store, clock, lambda _: a_calendar()))
