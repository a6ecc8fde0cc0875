"""One case as a document for people and `--json`: what stands where, what blocks it, who is waited for."""

from dataclasses import dataclass, fields
from typing import Any

from cli.lookup import Found, Names
from engine.case.awaiting import waited_for
from engine.case.blockers import blockers, leaving, waiting
from engine.case.draft import holders
from engine.case.milestones import in_order
from engine.case.overdue import is_overdue
from engine.case.refusal import Blocker
from engine.case.standing_still import Wait
from engine.case.state import Approval, Ask, CaseStatus, DeadlineKind, Request
from engine.case.wording import say
from engine.definition.compiled import Definition
from engine.definition.fields import FieldType, shown
from engine.definition.model import MAIN_TRACK, TransitionSpec
from engine.text import Language

Document = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reporter:
    """`document` has all that `guanka show` prints, with ids for programs and titles for people."""

    found: Found
    names: Names
    language: Language

    @property
    def definition(self) -> Definition:
        return self.found.definition

    def title(self, name: str) -> str:
        return self.found.title(name, self.language)

    def document(self) -> Document:
        case, deadlines = self.found.case, self._deadlines()
        return {
            "id": case.id,
            "title": case.title,
            "sop": case.sop,
            "sop_title": self.definition.sop.title.in_(self.language),
            "definition": case.definition,
            "status": case.status.value,
            "overdue": any(deadline["overdue"] for deadline in deadlines),
            "outcome": case.outcome,
            "outcome_title": self.title(case.outcome) if case.outcome else None,
            "version": case.version,
            "opened_by": case.opened_by,
            "opened_at": case.opened_at,
            "closed_at": case.closed_at,
            "parent": case.parent.id if case.parent else None,
            "hold": case.hold,
            "waiting": [self._wait(wait) for wait in case.waits.values() if wait.since is not None],
            "stages": self._stages(),
            "waits": [self._blocker(b) for r in case.requests.values() for b in self._waiting(r)],
            "transitions": self._transitions(),
            "requests": [self._request(r) for r in case.requests.values()],
            "tasks": self._tasks(),
            "fields": self._fields(),
            "deliverables": self._deliverables(),
            "deadlines": deadlines,
            "milestones": self._milestones(),
            "children": [self._child(child.id) for child in case.children.values()],
            "roles": {role: list(persons) for role, persons in case.roles.items()},
        }

    def _wait(self, wait: Wait) -> Document:
        """A stage whose clock stands still for somebody outside."""
        return {**_fields_of(wait), "title": self.title(wait.stage)}

    def _stages(self) -> list[Document]:
        """Where the case stands, in file order of the stages."""
        visits = sorted(self.found.case.positions.values(), key=lambda v: self.definition.order[v.stage])
        return [
            {
                "stage": visit.stage,
                "title": self.title(visit.stage),
                "track": visit.track,
                "track_title": "" if visit.track == MAIN_TRACK else self.title(visit.track),
                "visit": visit.number,
                "entered_at": visit.entered_at,
                "owner": self.definition.stages[visit.stage].owner,
                "owners": list(self._holders(self.definition.stages[visit.stage].owner)),
            }
            for visit in visits
        ]

    def _holders(self, role: str | None) -> tuple[str, ...]:
        return holders(self.found.case, self.found.facts, role)

    def _transitions(self) -> list[Document]:
        if self.found.case.status is CaseStatus.CLOSED:
            return []
        here = [t for t in self.definition.transitions.values() if self._starts_here(t)]
        return [self._transition(t) for t in sorted(here, key=lambda t: not self.is_forward(t))]

    def _starts_here(self, transition: TransitionSpec) -> bool:
        return bool(leaving(self.definition, self.found.case, transition))

    def _transition(self, transition: TransitionSpec) -> Document:
        stops = blockers(self.definition, self.found.case, transition, self.found.facts)
        return {
            "id": transition.id,
            "title": self.title(transition.id),
            "to": transition.to,
            "exit": transition.exit,
            "target": self.title(transition.to or transition.exit or "")
            if transition.to or transition.exit
            else "",
            "forward": self.is_forward(transition),
            "possible": not stops,
            "needs_reason": transition.reason == "required",
            "automatic": transition.auto,
            "approvals": [approval.id for approval in transition.approvals],
            "blockers": [self._blocker(blocker) for blocker in stops],
        }

    def is_forward(self, transition: TransitionSpec) -> bool:
        """Whether it leads on: to a later stage, or out through a good exit."""
        if transition.exit is not None:
            return self.definition.sop.exits[transition.exit].success
        if transition.to is None:
            return False
        here = leaving(self.definition, self.found.case, transition)
        return all(self.definition.order[transition.to] > self.definition.order[v.stage] for v in here)

    def _blocker(self, blocker: Blocker) -> Document:
        return {
            "code": blocker.code,
            "subject": blocker.subject,
            "text": say(blocker, self.language),
            "role": blocker.role,
            "waits_for": list(blocker.waits_for),
        }

    def _waiting(self, request: Request) -> list[Blocker]:
        return list(waiting(self.definition, self.found.case, request))

    def _request(self, request: Request) -> Document:
        """Every word of engine.case.state, and what follows from it."""
        waits = [person for blocker in self._waiting(request) for person in blocker.waits_for]
        return {
            **_fields_of(request),
            "title": self.title(request.transition),
            "waits_for": list(dict.fromkeys(waits)),
            "approvals": [self._approval(a, request) for a in self.found.case.approvals_of(request.id)],
        }

    def _approval(self, approval: Approval, request: Request) -> Document:
        mode = self.definition.approval(request.transition, approval.spec).mode
        clock = self.found.case.deadlines.get(f"{DeadlineKind.APPROVAL}:{approval.id}")
        return {
            **_fields_of(approval),
            "title": self.title(approval.spec),
            "mode": mode.value,
            "waits_for": list(waited_for(mode, approval)),
            "due_at": clock.due_at if clock else None,
            "provisional": clock is not None and clock.provisional,
            "stopped_at": clock.stopped_at if clock else None,
            "asks": [_ask(ask) for ask in approval.asks],
        }

    def _tasks(self) -> list[Document]:
        """Of the stages the case stands in."""
        found: list[Document] = []
        for visit in self.found.case.positions.values():
            stage = self.definition.stages[visit.stage]
            for spec in stage.tasks:
                task = self.found.case.tasks.get(spec.id)
                if task is not None:
                    role = spec.role or stage.owner
                    done = {"state": task.state.value, "by": task.by, "at": task.at}
                    marks = {
                        "optional": spec.optional,
                        "waivable": spec.waivable,
                        "recurs": spec.every is not None,
                    }
                    who = {"role": role, "persons": list(self._holders(role))}
                    needs = [name for name in spec.requires if name not in self.found.case.values]
                    found.append(
                        {
                            "id": spec.id,
                            "title": self.title(spec.id),
                            "stage": stage.id,
                            **done,
                            **marks,
                            **who,
                        }
                        | {"missing_fields": needs}
                    )
        return found

    def _fields(self) -> list[Document]:
        """Those that are given, and those the present stages ask for."""
        case, sop = self.found.case, self.definition.sop
        wanted = {name for stage in self._here() for name in stage}
        return [
            {
                "id": name,
                "title": spec.title.in_(self.language) or name,
                "type": spec.type.value,
                "value": case.values.get(name),
                "shown": self._shown(name),
                "wanted": name in wanted,
            }
            for name, spec in sop.fields.items()
            if name in case.values or name in wanted
        ]

    def _shown(self, name: str) -> str:
        """A person by name; everything else as its type is written."""
        spec, value = self.definition.sop.fields[name], self.found.case.values.get(name)
        if spec.type is FieldType.PERSON and value is not None:
            return self.names.person(str(value))
        return shown(spec, value, self.language, zone=self.names.zone)

    def _here(self) -> list[tuple[str, ...]]:
        stages = [self.definition.stages[v.stage] for v in self.found.case.positions.values()]
        return [(*s.requires, *(f for t in s.tasks for f in t.requires)) for s in stages]

    def _deliverables(self) -> list[Document]:
        case = self.found.case
        here = {visit.stage for visit in case.positions.values()}
        return [
            {
                "id": spec.id,
                "title": self.title(spec.id),
                "stage": stage.id,
                "required": spec.required,
                "versions": list(case.attachments.get(spec.id, ())),
            }
            for stage in self.definition.sop.stages
            for spec in stage.deliverables
            if stage.id in here or case.attachments.get(spec.id)
        ]

    def _deadlines(self) -> list[Document]:
        """Those that people keep; not the instants at which a rule looks again."""
        late = self.found.facts.now
        return [
            {
                "id": deadline.id,
                "kind": deadline.kind.value,
                "title": self.of_deadline(deadline.kind.value, deadline.subject),
                "due_at": deadline.due_at,
                "overdue": is_overdue(deadline, late),
                "provisional": deadline.provisional,
                "paused": deadline.paused,
                "stopped_at": deadline.stopped_at,
            }
            for deadline in sorted(self.found.case.deadlines.values(), key=lambda d: d.due_at)
            if deadline.kind.value not in ("wake", "resume")
        ]

    def of_deadline(self, kind: str, subject: str) -> str:
        case = self.found.case
        match kind:
            case "stage":
                visit = next((v for v in case.positions.values() if str(v.number) == subject), None)
                return self.title(visit.stage) if visit else subject
            case "approval":
                approval = case.approvals.get(subject)
                return self.title(approval.spec) if approval else subject
            case "milestone":
                milestone = case.milestones.get(subject)
                name = milestone.name if milestone else ""
                return " ".join(part for part in (self.title(subject.partition("/")[0]), name) if part)
            case _:
                return self.title(subject)

    def _milestones(self) -> list[Document]:
        return [
            {
                "id": milestone.id,
                "title": self.of_deadline("milestone", milestone.id),
                "planned": milestone.planned,
                "forecast": milestone.forecast,
                "reached_on": milestone.reached_on,
            }
            for milestone in in_order(self.found.definition, self.found.case)
        ]

    def _child(self, child_id: str) -> Document:
        child = next(c for c in self.found.case.children.values() if c.id == child_id)
        outcome = self.title(child.outcome) if child.outcome else None
        return {"id": child.id, "title": self.title(child.spec), "sop": child.sop, "outcome": outcome}


def _fields_of(value: Any) -> Document:
    return {field.name: getattr(value, field.name) for field in fields(value)}


def _ask(ask: Ask) -> Document:
    """With the decision's own words beside it."""
    said = ask.decision
    return {
        **_fields_of(ask),
        "part": ask.of_part,
        "looks": ask.looks,
        "verdict": said.verdict.value if said else None,
        "by": said.by if said else None,
        "at": said.at if said else None,
        "comment": said.comment if said else "",
    }
