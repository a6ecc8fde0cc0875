"""A case as its page shows it: where it stands, what it may do next, what holds it back, and who
is waited for.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine.case.blockers import blockers, leaving, waiting
from engine.case.contacts import external_roles, not_on_case
from engine.case.draft import holders
from engine.case.extension import extended_by
from engine.case.facts import Facts
from engine.case.more_time import offered
from engine.case.overdue import answers_for, is_overdue, stands_still
from engine.case.refusal import Blocker
from engine.case.standing_still import Wait
from engine.case.state import Case, CaseStatus, Deadline, DeadlineKind, Task, Visit
from engine.case.waking import wake_of
from engine.case.wording import say
from engine.definition.compiled import Definition
from engine.definition.fields import FieldType
from engine.definition.model import MAIN_TRACK, StageSpec, TransitionSpec
from engine.ids import PersonId
from engine.text import Text
from web.case_parts import Clock, Hindrance, Line, MoreTime, Move, Paper, Step, StepState, Waiting, Work
from web.ports import Seen
from web.request_view import OpenRequest, RequestView
from web.visitor import Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseView:
    """Everything about one case that a page may show; made afresh for each look."""

    seen: Seen
    facts: Facts
    visitor: Visitor

    @property
    def case(self) -> Case:
        return self.seen.case

    @property
    def definition(self) -> Definition:
        return self.seen.definition

    def title(self, name: str) -> str:
        return self.definition.title_of(name).in_(self.visitor.language)

    def names(self, people: Sequence[PersonId]) -> str:
        return self.visitor.t(", ").join(self.visitor.name(person) for person in people)

    def holders(self, role: str | None) -> str:
        return self.names(holders(self.case, self.facts, role))

    @property
    def no_contacts(self) -> str:
        """Why the visitor may not add contacts to this case; empty for whoever may."""
        stop = not_on_case(self.definition, self.case, self.facts)
        return say(stop, self.visitor.language, self.visitor.name) if stop else ""

    def may_assign(self, role: str) -> bool:
        return role not in external_roles(self.definition) or not self.no_contacts

    @property
    def sop_title(self) -> str:
        return self.definition.sop.title.in_(self.visitor.language)

    @property
    def here(self) -> list[StageSpec]:
        """The stages the case stands in, in file order."""
        stages = [self.definition.stages[visit.stage] for visit in self.case.positions.values()]
        return sorted(stages, key=lambda stage: self.definition.order[stage.id])

    @property
    def overdue(self) -> bool:
        return self.case.status is not CaseStatus.CLOSED and any(c.late for c in self.clocks)

    @property
    def stuck(self) -> frozenset[str]:
        """The stages no way leads on from, as things stand."""
        return frozenset(stage.id for stage in self.here if not self._way_on(stage))

    def _way_on(self, stage: StageSpec) -> bool:
        ways = [m for m in self.moves if m.forward and stage.id in self._sources(m.id)]
        return not ways or any(m.possible for m in ways)

    def _sources(self, transition: str) -> set[str]:
        sources = self.definition.sources(self.definition.transitions[transition])
        return {stage for stages in sources.values() for stage in stages}

    @property
    def lines(self) -> list[Line]:
        found: list[Line] = []
        stuck = self.stuck
        for track, spec in self.definition.tracks.items():
            stages = [s for s in self.definition.sop.stages if s.track == track]
            title = "" if track == MAIN_TRACK else spec.title.in_(self.visitor.language) or track
            found.append(Line(title=title, steps=[self._step(s, stuck) for s in stages]))
        return found

    def _step(self, stage: StageSpec, stuck: frozenset[str]) -> Step:
        visit = self.case.at(stage.id)
        if visit is not None:
            state = StepState.BLOCKED if stage.id in stuck else StepState.CURRENT
        else:
            state = StepState.DONE if stage.id in self.case.left else StepState.FUTURE
        return Step(
            title=self.title(stage.id),
            state=state,
            entered_at=visit.entered_at if visit else None,
            owner=self.holders(stage.owner),
        )

    @property
    def moves(self) -> list[Move]:
        """What starts from here; ways on first."""
        if self.case.status is CaseStatus.CLOSED:
            return []
        found = [t for t in self.definition.transitions.values() if leaving(self.definition, self.case, t)]
        return sorted((self._move(t) for t in found), key=lambda move: not move.forward)

    def _move(self, transition: TransitionSpec) -> Move:
        stops = blockers(self.definition, self.case, transition, self.facts)
        return Move(
            id=transition.id,
            title=self.title(transition.id),
            target=self._target(transition),
            hindrances=[self.hindrance(stop) for stop in stops],
            needs_reason=transition.reason == "required",
            forward=self._forward(transition),
            approvals=[self.title(a.id) for a in transition.approvals],
        )

    def _target(self, transition: TransitionSpec) -> str:
        if transition.to is not None:
            return self.title(transition.to)
        return self.title(transition.exit) if transition.exit is not None else ""

    def _forward(self, transition: TransitionSpec) -> bool:
        if transition.exit is not None:
            return self.definition.sop.exits[transition.exit].success
        if transition.to is None:
            return False
        visits = leaving(self.definition, self.case, transition)
        return all(self.definition.order[transition.to] > self.definition.order[v.stage] for v in visits)

    def hindrance(self, blocker: Blocker) -> Hindrance:
        return Hindrance(
            text=say(blocker, self.visitor.language),
            mend=_mend(blocker),
            who=self.names(blocker.waits_for),
        )

    @property
    def waits(self) -> list[Hindrance]:
        """What the open requests wait for; where there is none, the first thing that stops the way on."""
        found = [
            self.hindrance(b)
            for request in self.case.requests.values()
            for b in waiting(self.definition, self.case, request)
        ]
        if found or self.case.status is not CaseStatus.OPEN:
            return found
        return [move.hindrances[0] for move in self.moves if move.forward and move.hindrances][:1]

    @property
    def requests(self) -> list[OpenRequest]:
        return RequestView(seen=self.seen, facts=self.facts, visitor=self.visitor).all()

    @property
    def work(self) -> list[Work]:
        return [self._work(stage, task) for stage, task in self._tasks()]

    def _tasks(self) -> Iterator[tuple[StageSpec, Task]]:
        for stage in self.here:
            for spec in stage.tasks:
                task = self.case.tasks.get(spec.id)
                if task is not None:
                    yield stage, task

    def _work(self, stage: StageSpec, task: Task) -> Work:
        spec = next(t for t in stage.tasks if t.id == task.id)
        return Work(
            id=task.id,
            title=self.title(task.id),
            stage=self.title(stage.id),
            state=task.state,
            optional=spec.optional,
            waivable=spec.waivable,
            recurring=spec.every is not None,
            who=self.holders(spec.role or stage.owner),
            by=self.visitor.name(task.by) if task.by else "",
            at=task.at,
            missing=[self.title(name) for name in spec.requires if name not in self.case.values],
        )

    @property
    def papers(self) -> list[Paper]:
        """Deliverables of the stages the case stands in, and whatever was attached before."""
        here = {stage.id for stage in self.here}
        found = [
            Paper(
                id=paper.id,
                title=self.title(paper.id),
                stage=self.title(stage.id),
                required=paper.required,
                versions=self.case.attachments.get(paper.id, ())[::-1],
                here=stage.id in here,
            )
            for stage in self.definition.sop.stages
            for paper in stage.deliverables
        ]
        return [paper for paper in found if paper.here or paper.versions]

    @property
    def waiting(self) -> list[Waiting]:
        """The stages here whose clock stands still for somebody outside, or may."""
        found: list[Waiting] = []
        for visit in self.case.positions.values():
            wait = self.case.waits.get(str(visit.number))
            if wait is not None and wait.since is not None:
                found.append(self._waiting(visit, wait))
            elif self.definition.stages[visit.stage].pausable is not None:
                found.append(Waiting(stage=visit.stage, title=self.title(visit.stage)))
        return found

    def _waiting(self, visit: Visit, wait: Wait) -> Waiting:
        clock = self.case.deadlines.get(f"{DeadlineKind.STAGE}:{visit.number}")
        wakes = self.case.deadlines.get(wake_of(visit.number))
        stopped = None if clock is None else clock.stopped_at
        return Waiting(
            stage=visit.stage,
            title=self.title(visit.stage),
            since=wait.since,
            by=self.visitor.name(wait.by) if wait.by else "",
            whom=wait.waits_for,
            reason=wait.reason,
            until=wait.until,
            provisional=wakes is not None and wakes.provisional,
            left=self.visitor.times.between(stopped, clock.due_at) if clock and stopped else "",
        )

    @property
    def more_time(self) -> list[MoreTime]:
        """Only where a deadline runs that it would move."""
        definition, case = self.definition, self.case
        running = (t for t in offered(definition, case) if extended_by(definition, case, t) is not None)
        return [self._more_time(t) for t in running]

    def _more_time(self, transition: TransitionSpec) -> MoreTime:
        name = transition.extends.until if transition.extends else ""
        day = self.definition.sop.fields[name].type is FieldType.DATE
        return MoreTime(
            id=transition.id,
            title=self.title(transition.id),
            name=f"f.{name}",
            label=self.title(name),
            kind="date" if day else "datetime-local",
            needs_reason=transition.reason == "required",
        )

    @property
    def clocks(self) -> list[Clock]:
        unseen = (DeadlineKind.WAKE, DeadlineKind.RESUME)
        found = [self._clock(d) for d in self.case.deadlines.values() if d.kind not in unseen]
        return sorted(found, key=lambda clock: clock.due)

    def _clock(self, deadline: Deadline) -> Clock:
        return Clock(
            title=self.deadline_title(deadline.kind, deadline.subject),
            kind=deadline.kind,
            due=deadline.due_at,
            late=is_overdue(deadline, self.facts.now),
            provisional=deadline.provisional,
            paused=stands_still(deadline),
            who=self.names(answers_for(self.definition, self.case, self.facts, deadline)),
        )

    def deadline_title(self, kind: DeadlineKind, subject: str) -> str:
        return self.deadline_text(kind, subject).in_(self.visitor.language)

    def deadline_text(self, kind: DeadlineKind, subject: str) -> Text:
        """The name of what falls due: a stage's subject is its visit, an approval's its id."""
        title = self.definition.title_of
        match kind:
            case DeadlineKind.STAGE:
                visits = {str(v.number): v.stage for v in self.case.positions.values()}
                return title(visits.get(subject, subject))
            case DeadlineKind.APPROVAL:
                approval = self.case.approvals.get(subject)
                return title(approval.spec if approval else subject)
            case DeadlineKind.MILESTONE:
                milestone = self.case.milestones.get(subject)
                name = milestone.name if milestone else ""
                return Text(name, name) if name else title(subject.partition("/")[0])
            case _:
                return title(subject)


def _mend(blocker: Blocker) -> str:
    """Where on the case page the blocker is mended; empty where the page has nothing to offer."""
    match blocker.code:
        case "task_open" | "task_open_waivable":
            return f"#task-{blocker.subject}"
        case "field_missing":
            return f"#field-{blocker.subject}"
        case "deliverable_missing":
            return f"#deliverable-{blocker.subject}"
        case "approval_pending" | "approval_deserted":
            return "#requests"
        case "approval_unfilled":
            return "#roles"
        case "child_open":
            return f"/cases/{blocker.subject}"
        case "case_held":
            return "#more"
        case _:
            return ""
