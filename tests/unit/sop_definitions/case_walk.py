"""Walks one case through a shipped SOP, in the pure core: every role is held by a person of the same name."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from pydantic import JsonValue

import sop_definitions
from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.calendar import WorkCalendar
from engine.case.decide import decide
from engine.case.evolve import evolve
from engine.case.facts import Facts
from engine.case.refusal import Refusal
from engine.case.state import RULE, Actor, ApprovalState, Case, RequestState, TaskState, Verdict, Via
from engine.definition.compiled import Definition
from engine.definition.loader import read
from engine.ids import CaseId, PersonId

FOLDER = Path(sop_definitions.__file__).parent
ONLY = CaseId("c1")
START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
MANAGER = Actor(person=PersonId("project_manager"), via=Via.WEB)
WEEKDAYS = WorkCalendar(
    id="cn",
    zone="Asia/Shanghai",
    hours=((time(9), time(12)), (time(13), time(18))),
    week=frozenset(range(5)),
    version="test",
)


def shipped(sop: str) -> Definition:
    return read(FOLDER / f"{sop}.yaml")


class Walk:
    """The case as it stands, and what may be asked of it in one call each."""

    def __init__(
        self,
        sop: str,
        values: Mapping[str, JsonValue] | None = None,
        *,
        settings: Mapping[str, JsonValue] | None = None,
    ) -> None:
        self.definition = shipped(sop)
        self.events: list[ev.Event] = []
        self._case: Case | None = None
        self._facts = Facts(
            now=START,
            actor=MANAGER,
            calendar=WEEKDAYS,
            settings=settings or {},
            people={role: (PersonId(role),) for role in self.definition.sop.roles},
        )
        self.id = ONLY
        self.do(cmd.StartCase(case_id=self.id, sop=sop, title=sop, values=values or {}))

    @property
    def case(self) -> Case:
        assert self._case is not None
        return self._case

    @property
    def now(self) -> datetime:
        return self._facts.now

    @property
    def places(self) -> set[str]:
        return {visit.stage for visit in self.case.positions.values()}

    def wait(self, length: timedelta) -> None:
        """Time passes, and the sweep looks at the case."""
        self._facts = replace(self._facts, now=self._facts.now + length)
        self.do(cmd.Sweep(case_id=self.id), RULE)
        self._fire()

    def answer(self, command: cmd.Command, actor: Actor = MANAGER) -> tuple[ev.Recorded, ...] | Refusal:
        return decide(self.definition, self._case, command, replace(self._facts, actor=actor))

    def do(self, command: cmd.Command, actor: Actor = MANAGER) -> None:
        answer = self.answer(command, actor)
        assert not isinstance(answer, Refusal), [(b.code, b.subject, dict(b.detail)) for b in answer.blockers]
        for recorded in answer:
            self._case = evolve(self._case, recorded)
            self.events.append(recorded.event)

    def blocked(self, command: cmd.Command) -> set[tuple[str, str]]:
        """Why not: code and subject of every blocker."""
        answer = self.answer(command)
        assert isinstance(answer, Refusal)
        return {(blocker.code, blocker.subject) for blocker in answer.blockers}

    def give(self, **values: JsonValue) -> None:
        self.do(cmd.SetFields(case_id=self.id, values=values))
        self._fire()

    def work(self, *stages: str) -> None:
        """Completes every task of these stages, and attaches what they must deliver."""
        for stage in (self.definition.stages[name] for name in stages):
            for task in stage.tasks:
                if self.case.tasks[task.id].state is TaskState.OPEN:
                    self.do(cmd.CompleteTask(case_id=self.id, task=task.id))
            for deliverable in stage.deliverables:
                if deliverable.required:
                    self.attach(deliverable.id)
        self._fire()

    def attach(self, deliverable: str) -> None:
        name = f"{deliverable}.pdf"
        made = cmd.AttachDeliverable(
            case_id=self.id,
            deliverable=deliverable,
            name=name,
            hash="a" * 64,
            size=1,
            media_type="application/pdf",
        )
        self.do(made)

    def request(self, transition: str, reason: str = "") -> cmd.RequestTransition:
        return cmd.RequestTransition(case_id=self.id, transition=transition, reason=reason)

    def ask(self, transition: str, reason: str = "because") -> set[str]:
        """Requests the transition; the approvals that are asked for it."""
        self.do(self.request(transition, reason))
        return {
            approval.spec for approval in self.case.approvals.values() if approval.state is ApprovalState.OPEN
        }

    def decide_all(self, verdict: Verdict = Verdict.APPROVE) -> None:
        """Everybody asked answers, and what is ready is carried out."""
        for approval in tuple(self.case.approvals.values()):
            for ask in approval.asks:
                if (
                    approval.id in self.case.approvals
                    and self.case.approvals[approval.id].state is ApprovalState.OPEN
                ):
                    said = cmd.RecordDecision(
                        case_id=self.id, approval=approval.id, verdict=verdict, comment="as seen"
                    )
                    self.do(said, Actor(person=ask.person, via=Via.WEB))
        self._fire()

    def take(self, transition: str, reason: str = "because") -> None:
        self.ask(transition, reason)
        self.decide_all()

    def open_child(self, child: str) -> CaseId:
        self.do(cmd.OpenChild(case_id=self.id, child=child, title=child))
        return CaseId(tuple(self.case.children)[-1])

    def close_child(self, child: CaseId, outcome: str, **values: JsonValue) -> None:
        self.do(cmd.RecordChildClosed(case_id=self.id, child=child, outcome=outcome, values=values), RULE)
        self._fire()

    def _fire(self) -> None:
        for request in tuple(self.case.requests.values()):
            if request.state is RequestState.READY:
                self.do(cmd.FireTransition(case_id=self.id, request=request.id), RULE)
                self._fire()
