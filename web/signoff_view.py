"""What an approver needs to see before signing, and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from pydantic import JsonValue

from engine.case import events as ev
from engine.case.approvals import shown as shown_names
from engine.case.events import Recorded
from engine.case.state import Approval, Attachment, DeadlineKind, Request
from engine.definition.approval_model import ApprovalSpec, Mode, OnReject
from engine.definition.fields import FieldSpec, FieldType
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
class SignView:
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
    def due(self) -> datetime | None:
        found = self.seen.case.deadlines.get(f"{DeadlineKind.APPROVAL.value}:{self.approval.id}")
        return found.due_at if found else None

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
    def values(self) -> list[Value]:
        fields = self.seen.definition.sop.fields
        return [self._value(name, fields[name]) for name in self._names if name in fields]

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
    def papers(self) -> list[Attachment]:
        """The newest version of each deliverable that is signed."""
        kept = self.seen.case.attachments
        return [kept[name][-1] for name in self._names if kept.get(name)]

    @property
    def missing_papers(self) -> list[str]:
        declared = {d.id for stage in self.seen.definition.sop.stages for d in stage.deliverables}
        return [
            self._title(n) for n in self._names if n in declared and not self.seen.case.attachments.get(n)
        ]

    def paper_title(self, name: str) -> str:
        return self._title(name)

    @property
    def changes(self) -> list[Changed]:
        """What differs from the round before, as recorded when it was asked again."""
        opened = [
            r.event
            for r in self.events
            if isinstance(r.event, ev.ApprovalOpened) and r.event.approval.id == self.approval.id
        ]
        return [self._changed(change) for change in opened[-1].changes] if opened else []

    def _changed(self, change: ev.Change) -> Changed:
        spec = self.seen.definition.sop.fields.get(change.what)
        if spec is None:
            nothing, new = self.visitor.t("none"), self.visitor.t("a new file")
            old = self.visitor.t("an earlier file") if change.old else nothing
            return Changed(title=self._title(change.what), old=old, new=new if change.new else nothing)
        old, new = self.visitor.value(spec, change.old), self.visitor.value(spec, change.new)
        return Changed(title=self._title(change.what), old=old, new=new)

    @property
    def history(self) -> list[Told]:
        """What happened to this approval so far."""
        teller = Teller(self.seen.definition, self.events, self.visitor)
        kinds = (ev.ApprovalOpened, ev.DecisionRecorded, ev.ApprovalClosed, ev.ApprovalTimedOut)
        found: list[Told] = []
        for recorded in self.events:
            event = recorded.event
            if isinstance(event, kinds):
                of = event.approval.id if isinstance(event, ev.ApprovalOpened) else event.approval
                if of == self.approval.id:
                    found.append(teller.line(recorded))
        return found

    @property
    def on_yes(self) -> str:
        t = self.visitor.t
        transition = self.seen.definition.transitions[self.request.transition]
        goal = transition.to or transition.exit
        match self.spec.mode:
            case Mode.ANY:
                first = t("Your yes is enough for this approval.")
            case Mode.ALL:
                first = t("Everybody asked has to agree.")
            case Mode.SEQUENCE:
                first = t("After you the next one in turn is asked.")
            case Mode.VOTES:
                first = t("Votes are counted; {threshold} are needed.", threshold=self.approval.threshold)
        if goal is None:
            return first
        return f"{first} {t('When all is agreed, the case goes on to “{stage}”.', stage=self._title(goal))}"

    @property
    def on_no(self) -> str:
        t = self.visitor.t
        match self.spec.on_reject:
            case OnReject.STOP:
                return t("A no ends this request; it can be asked again later.")
            case OnReject.WAIT_ALL:
                return t("A no is counted when everybody has answered.")
            case OnReject.RETURN:
                return t("A no sends it back to {person} for rework.", person=self.asked_by)

    @property
    def comment_rule(self) -> str:
        match self.spec.comment:
            case "always":
                return self.visitor.t("Comment (required)")
            case "on_reject":
                return self.visitor.t("Comment (required when you reject)")
            case _:
                return self.visitor.t("Comment (optional)")
