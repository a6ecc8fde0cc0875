"""What an approver needs to see before signing, and nothing else. What matters most comes first."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.approvals import shown as shown_names
from engine.case.awaiting import ask_of
from engine.case.blockers import leaving
from engine.case.events import Recorded
from engine.case.since import asked_at, asked_before, changed_since
from engine.case.state import Approval, Deadline, DeadlineKind, Request
from engine.definition.approval_model import ApprovalSpec
from engine.definition.field_spec import FIGURES
from engine.definition.fields import FieldSpec, FieldType
from notifications.outlook import after_no, after_yes
from web.files import files_in
from web.history import Teller, Told
from web.ports import Seen
from web.visitor import Visitor

MOST_ROWS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """One shown field. A list of records has `columns` and `rows`."""

    title: str
    text: str
    columns: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()
    long: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    title: str
    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A file that is signed. `version` is 0 for one held in a field."""

    hash: str
    name: str
    title: str
    size: int
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinion:
    """What somebody wrote who looked at it for a person asked."""

    by: str
    of: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question to the requester, and the answer where there is one: words, or just that it was given."""

    by: str
    question: str
    answered_by: str = ""
    answer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SignView:
    """`visitor` is who reads it, and what changed is told since this person last knew it."""

    seen: Seen
    approval: Approval
    request: Request
    spec: ApprovalSpec
    visitor: Visitor
    events: tuple[Recorded, ...]

    @classmethod
    def of(cls, seen: Seen, approval: Approval, visitor: Visitor, events: tuple[Recorded, ...]) -> Self:
        request = seen.case.requests[approval.request]
        return cls(
            seen=seen,
            approval=approval,
            request=request,
            spec=seen.definition.approval(request.transition, approval.spec),
            visitor=visitor,
            events=events,
        )

    def _title(self, name: str) -> str:
        return self.seen.definition.title_of(name).in_(self.visitor.language)

    @property
    def title(self) -> str:
        return self._title(self.approval.spec)

    @property
    def transition(self) -> str:
        return self._title(self.request.transition)

    @property
    def asked_by(self) -> str:
        return self.visitor.name(self.request.by)

    @property
    def stages(self) -> str:
        """Where the case stands, as far as this request moves it."""
        transition = self.seen.definition.transitions[self.request.transition]
        visits = leaving(self.seen.definition, self.seen.case, transition)
        return self.visitor.t(", ").join(self._title(visit.stage) for visit in visits)

    @property
    def goal(self) -> str:
        transition = self.seen.definition.transitions[self.request.transition]
        return self._title(transition.to or transition.exit or "") if transition.to or transition.exit else ""

    @property
    def waits_since(self) -> datetime:
        """When this person was asked."""
        return asked_at(self.events, self.approval, self.visitor.person.id) or self.approval.opened_at

    @property
    def _clock(self) -> Deadline | None:
        return self.seen.case.deadlines.get(f"{DeadlineKind.APPROVAL.value}:{self.approval.id}")

    @property
    def due(self) -> datetime | None:
        return self._clock.due_at if self._clock else None

    @property
    def stands_still(self) -> bool:
        """The approval's clock: on hold, or until material is there."""
        return self._clock is not None and (self._clock.paused or self._clock.stopped_at is not None)

    @property
    def needs_code(self) -> bool:
        return self.approval.assurance.value == "code"

    @property
    def needs_login(self) -> bool:
        return self.approval.assurance.value == "login"

    @property
    def _names(self) -> tuple[str, ...]:
        transition = self.seen.definition.transitions[self.request.transition]
        return shown_names(self.seen.definition, transition, self.spec)

    @property
    def figures(self) -> list[Value]:
        """The numbers and dates that matter, as far as they are given."""
        fields, held = self.seen.definition.sop.fields, self.seen.case.values
        names = [n for n in self._names if n in fields and fields[n].type in FIGURES]
        return [self._value(n, fields[n]) for n in names if held.get(n) is not None]

    @property
    def values(self) -> list[Value]:
        """Everything else that is signed, and figures not given; where that is nothing, the figures again."""
        fields, held = self.seen.definition.sop.fields, self.seen.case.values
        names = [n for n in self._names if n in fields]
        rest = [n for n in names if fields[n].type not in FIGURES or held.get(n) is None]
        alone = not (rest or self.papers or self.missing_papers)
        return [self._value(n, fields[n]) for n in (names if alone else rest)]

    def _value(self, name: str, spec: FieldSpec) -> Value:
        held = self.seen.case.values.get(name)
        text = self.visitor.value(spec, held)
        if spec.type is FieldType.LIST and spec.columns and isinstance(held, list):
            rows = [row for row in held[:MOST_ROWS] if isinstance(row, dict)]
            return Value(
                title=self._title(name),
                text=text,
                columns=[c.title.in_(self.visitor.language) or n for n, c in spec.columns.items()],
                rows=[[self._cell(c, row.get(n)) for n, c in spec.columns.items()] for row in rows],
            )
        return Value(title=self._title(name), text=text, long=spec.type is FieldType.LONGTEXT)

    def _cell(self, spec: FieldSpec, value: JsonValue) -> str:
        return "" if value is None else self.visitor.value(spec, value)

    @property
    def papers(self) -> list[Paper]:
        """The newest version of each deliverable that is signed, and the files in the fields."""
        kept, values = self.seen.case.attachments, self.seen.case.values
        found = [(name, kept[name][-1]) for name in self._names if kept.get(name)]
        papers = [
            Paper(hash=one.hash, name=one.name, title=self._title(name), size=one.size, version=one.version)
            for name, one in found
        ]
        inside = [(name, file) for name in self._names for file in files_in(values.get(name))]
        return papers + [
            Paper(hash=one.hash, name=one.name, title=self._title(name), size=one.size)
            for name, one in inside
        ]

    @property
    def missing_papers(self) -> list[str]:
        declared = {d.id for stage in self.seen.definition.sop.stages for d in stage.deliverables}
        return [
            self._title(n) for n in self._names if n in declared and not self.seen.case.attachments.get(n)
        ]

    @property
    def changes(self) -> list[Changed]:
        """What differs from what this person last answered or, if never, was last asked."""
        case, person = self.seen.case, self.visitor.person.id
        if not asked_before(case, self.approval):
            return []
        found = changed_since(self.seen.definition, case, self.approval, events=self.events, person=person)
        return [self._changed(change) for change in found]

    def _changed(self, change: ev.Change) -> Changed:
        spec = self.seen.definition.sop.fields.get(change.what)
        if spec is None:
            old, new = self._file(change.what, change.old), self._file(change.what, change.new)
            return Changed(title=self._title(change.what), old=old, new=new)
        old, new = self.visitor.value(spec, change.old), self.visitor.value(spec, change.new)
        return Changed(title=self._title(change.what), old=old, new=new)

    def _file(self, name: str, digest: JsonValue) -> str:
        if not digest:
            return self.visitor.t("none")
        versions = self.seen.case.attachments.get(name, ())
        found = next((one for one in versions if one.hash == digest), None)
        if found is None:
            return self.visitor.t("an earlier file")
        return f"{found.name} ({self.visitor.t('version {number}', number=found.version)})"

    @property
    def history(self) -> list[Told]:
        """What happened to this approval and its request so far, newest first."""
        teller = Teller(self.seen.definition, self.events, self.visitor)
        outside, me = self.visitor.person.external, self.visitor.person.id
        return [
            teller.line(recorded)
            for recorded in reversed(self.events)
            if self._is_here(recorded.event) and (not outside or recorded.actor.person == me)
        ]

    def _is_here(self, event: ev.Event) -> bool:
        if isinstance(event, ev.ApprovalOpened):
            return event.approval.id == self.approval.id
        if isinstance(event, ev.TransitionRequested | se.RequestResubmitted):
            return event.request == self.request.id
        return getattr(event, "approval", None) == self.approval.id and not isinstance(event, ev.LinkReissued)

    @property
    def opinions(self) -> list[Opinion]:
        lent = [(ask.person, ask.delegation) for ask in self.approval.asks if ask.delegation]
        return [
            Opinion(by=self.visitor.name(d.to), of=self.visitor.name(person), text=d.opinion)
            for person, d in lent
            if d.opinion is not None and not self.visitor.person.external
        ]

    @property
    def instead_of(self) -> str:
        """For whom this person stands in here; empty where it is the person's own ask."""
        ask = ask_of(self.spec.mode, self.approval, self.visitor.person.id)
        me = self.visitor.person.id
        return self.visitor.name(ask.person) if ask is not None and me in ask.stand_ins else ""

    @property
    def asked_to_look(self) -> tuple[str, str]:
        """For whom this person looks at it, and the words that came with it."""
        lent = next((a for a in self.approval.asks if a.looks == self.visitor.person.id), None)
        if lent is None or lent.delegation is None:
            return "", ""
        return self.visitor.name(lent.person), lent.delegation.reason

    @property
    def exchanges(self) -> list[Exchange]:
        """Questions for material in this approval, with their answers."""
        found: list[Exchange] = []
        if self.visitor.person.external:  # what colleagues ask each other stays inside
            return found
        for recorded in self.events:
            event, who = recorded.event, self.visitor.name(recorded.actor.person)
            if isinstance(event, se.MaterialAsked) and event.approval == self.approval.id:
                found.append(Exchange(by=who, question=event.text))
            if isinstance(event, se.MaterialGiven) and event.approval == self.approval.id and found:
                found[-1] = replace(found[-1], answered_by=who, answer=event.text)
        return found

    @property
    def on_yes(self) -> str:
        transition = self.seen.definition.transitions[self.request.transition]
        said = after_yes(self.seen.definition, transition, self.spec, self.approval)
        return said.in_(self.visitor.language)

    @property
    def on_no(self) -> str:
        return after_no(self.spec, self.asked_by).in_(self.visitor.language)

    @property
    def outlook(self) -> str:
        """What a yes and a no lead to."""
        gap = "" if self.visitor.language == "zh" else " "
        return f"{self.on_yes}{gap}{self.on_no}"

    @property
    def comment_rule(self) -> str:
        match self.spec.comment:
            case "always":
                return self.visitor.t("Comment (required)")
            case "on_reject":
                return self.visitor.t("Comment (required when you reject)")
            case _:
                return self.visitor.t("Comment (optional)")
