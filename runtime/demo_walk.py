"""Takes a demonstration case along its SOP through the one door, with its clock set in the past."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case.draft import holders
from engine.case.state import Actor, ApprovalState, Case, TaskState, Verdict, Via
from engine.clock import FixedClock
from engine.definition.compiled import Definition
from engine.ids import ApprovalId, CaseId, PersonId
from engine.service import Service
from runtime.carrying import RUNNER, Carrying
from runtime.wiring import Parts

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
MORNING: Final = time(10)


class DemoFailed(RuntimeError):
    """A step of the demonstration was refused: the data no longer fit the shipped SOPs."""


class Walk:
    """One case. `days_ago` sets the clock; it only goes forward, and never beyond the present."""

    def __init__(self, parts: Parts, sop: str, title: str, *, days_ago: int) -> None:
        self._real = parts
        self._clock = FixedClock(_instant(parts, days_ago))
        service = Service(parts.store.uow, self._clock, parts.calendars)
        self._parts = replace(parts, service=service, clock=self._clock)
        self._people = parts.store.people.company(sop)
        self.id: CaseId = parts.ids.case_id()
        self._seen: Case | None = None
        first = self._definition(sop).sop.stages[0].owner or "sop_owner"
        self._do(cmd.StartCase(case_id=self.id, sop=sop, title=title), self._people.people[first][0])

    @property
    def case(self) -> Case:
        """As it stands; read once after each change."""
        self._seen = self._seen or self._parts.store.board.case(self.id)
        if self._seen is None:
            raise DemoFailed(self.id)
        return self._seen

    def on(self, days_ago: int) -> "Walk":
        """Goes on so many days before today; steps of one day are ten minutes apart."""
        self._clock.set(max(self._clock.now() + timedelta(minutes=10), _instant(self._real, days_ago)))
        self._clock.set(min(self._clock.now(), self._real.clock.now()))
        return self

    def give(self, values: Mapping[str, JsonValue]) -> "Walk":
        self._do(cmd.SetFields(case_id=self.id, values=dict(values)), self._owner())
        return self

    def work(self, *, but: tuple[str, ...] = ()) -> "Walk":
        """Does the tasks of where the case stands, each by who holds its role, and attaches what must be
        there.
        """
        definition = self._definition_of_case()
        for visit in tuple(self.case.positions.values()):
            stage = definition.stages[visit.stage]
            for spec in stage.tasks:
                task = self.case.tasks.get(spec.id)
                if (
                    task is not None
                    and task.state is TaskState.OPEN
                    and spec.id not in but
                    and spec.every is None
                ):
                    self._do(
                        cmd.CompleteTask(case_id=self.id, task=spec.id),
                        self._holder(spec.role or stage.owner),
                    )
            for deliverable in stage.deliverables:
                if deliverable.required and not self.case.attachments.get(deliverable.id):
                    self.attach(deliverable.id, f"{deliverable.zh}.txt", self._holder(stage.owner))
        return self

    def file(self, name: str) -> dict[str, JsonValue]:
        """A small file with a text in it, kept, as a field's value."""
        data = self._text(name)
        digest = self._parts.store.blobs.put(data)
        return {"name": name, "hash": digest, "size": len(data), "media_type": "text/plain"}

    def sweep(self) -> "Walk":
        """Lets what is due by this case's clock happen, and carries what became ready."""
        self._parts.service.handle(cmd.Sweep(case_id=self.id), actor=RUNNER)
        Carrying(self._parts).fire_ready()
        self._seen = None
        return self

    def _text(self, name: str) -> bytes:
        return f"{self.case.title}\n{name}\n（演示文件）\n".encode()

    def attach(self, deliverable: str, name: str, by: PersonId | None = None) -> "Walk":
        data = self._text(name)
        attaching = cmd.AttachDeliverable(
            case_id=self.id,
            deliverable=deliverable,
            name=name,
            hash=self._parts.store.blobs.put(data),
            size=len(data),
            media_type="text/plain",
        )
        self._do(attaching, by or self._owner())
        return self

    def ask(self, transition: str, reason: str = "", *, by: str | None = None) -> "Walk":
        request = cmd.RequestTransition(case_id=self.id, transition=transition, reason=reason)
        self._do(request, PersonId(by) if by else self._owner())
        return self

    def take(self, transition: str, reason: str = "", *, by: str | None = None) -> "Walk":
        """Asks, has everybody agree who is asked, and carries it out."""
        self.ask(transition, reason, by=by)
        while asked := self._asked():
            approval, person = asked
            yes = cmd.RecordDecision(
                case_id=self.id, approval=approval, verdict=Verdict.APPROVE, comment="同意"
            )
            self._do(yes, person)
        Carrying(self._parts).fire_ready()
        self._seen = None
        return self

    def comment(self, text: str, *, by: str) -> "Walk":
        self._do(cmd.AddComment(case_id=self.id, text=text), PersonId(by))
        return self

    def _asked(self) -> tuple[ApprovalId, PersonId] | None:
        for approval in self.case.approvals.values():
            if approval.state is ApprovalState.OPEN:
                for ask in approval.asks:
                    if ask.decision is None:
                        return approval.id, ask.person
        return None

    def _do(self, command: cmd.Command, person: PersonId) -> None:
        answer = self._parts.service.handle(command, actor=Actor(person=person, via=Via.WEB))
        self._seen = None
        if answer.refusal is not None:
            raise DemoFailed(f"{self.id}: {command}: {answer.refusal}")

    def _definition(self, sop: str) -> Definition:
        version = self._real.store.definitions.latest(sop)
        if version is None:
            raise DemoFailed(f"{sop} is not published")
        return self._real.store.definitions.by_digest(version.digest)

    def _definition_of_case(self) -> Definition:
        return self._real.store.definitions.by_digest(self.case.definition)

    def _owner(self) -> PersonId:
        visit = next(iter(self.case.positions.values()))
        return self._holder(self._definition_of_case().stages[visit.stage].owner)

    def _holder(self, role: str | None) -> PersonId:
        facts = self._parts.service.facts(
            self._definition_of_case(), self._people, Actor(person=PersonId("wangmin"), via=Via.WEB)
        )
        return holders(self.case, facts, role or "sop_owner")[0]


def _instant(parts: Parts, days_ago: int) -> datetime:
    """Ten in the morning so many days ago, in the past in any case."""
    now = parts.clock.now()
    day = now.astimezone(SHANGHAI).date() - timedelta(days=days_ago)
    return min(datetime.combine(day, MORNING, tzinfo=SHANGHAI).astimezone(UTC), now - timedelta(minutes=30))
