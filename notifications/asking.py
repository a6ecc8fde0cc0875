"""What an approver is told: who asks for what and why, the values to sign, what changed, and until when."""

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import JsonValue

from engine.case import events as ev
from engine.case.approvals import shown as shown_names
from engine.case.awaiting import ask_of, waited_for
from engine.case.state import Approval, Attachment, DeadlineKind, Request
from engine.definition.approval_model import Mode
from engine.definition.field_people import with_names
from engine.definition.fields import NOT_GIVEN, FieldSpec, shown
from engine.ids import PersonId
from engine.text import Text
from notifications.moments import until
from notifications.one_line import one_line
from notifications.subject import Changed, Row, Subject, Table, Told, approval_of

MOST_ROWS: Final = 12
MOST_RECORDS: Final = 5
LONGEST_CELL: Final = 60
_NO_CELL: Final = "—"
_REST: Final = Text("……另有 {} 条", "…and {} more")
_VERSION: Final = Text("（第 {} 版）", " (version {})")
_EARLIER_FILE: Final = Text("先前的文件", "an earlier file")


def of_approval(subject: Subject, words: Mapping[str, Any]) -> Told:
    """Of an approval that has gone, only its name is left to tell."""
    approval = approval_of(subject.owed, subject.case, subject.event)
    if approval is None:
        return Told(words={**words, **_OVER, "approval": subject.given("approval") or subject.of_deadline()})
    request = subject.case.requests.get(approval.request)
    names = _names(subject, approval, request)
    event = subject.event
    changes = event.changes if isinstance(event, ev.ApprovalOpened) else ()
    return Told(
        words={**words, **_of_request(subject, approval, request)},
        until=_until(subject, approval),
        rows=tuple(_row(subject, name) for name in names[:MOST_ROWS]),
        changes=tuple(_changed(subject, change) for change in changes),
        more=len(names) > MOST_ROWS,
    )


_OVER: Final[Mapping[str, Any]] = {
    "requester": "",
    "transition": "",
    "reason": "",
    "round": 1,
    "waiting": "",
    "unfilled": "",
    "instead_of": "",
}


def _of_request(subject: Subject, approval: Approval, request: Request | None) -> dict[str, Any]:
    words: dict[str, Any] = {
        **_OVER,
        "approval": subject.title(approval.spec),
        "round": approval.round,
        "unfilled": subject.listed(subject.title(role) for role in approval.unfilled),
    }
    if request is not None:
        mode = subject.definition.approval(request.transition, approval.spec).mode
        words |= {
            "requester": subject.name(request.by),
            "transition": subject.title(request.transition),
            "reason": one_line(request.reason, 500),
            "waiting": subject.names(waited_for(mode, approval)),
            "instead_of": _instead_of(subject, approval, mode),
        }
    return words


def _instead_of(subject: Subject, approval: Approval, mode: Mode) -> str:
    """Whom the reader stands in for here; empty where the reader is asked for themselves."""
    ask = ask_of(mode, approval, subject.owed.to)
    return subject.name(ask.person) if ask is not None and ask.person != subject.owed.to else ""


def _until(subject: Subject, approval: Approval) -> str:
    deadline = subject.case.deadlines.get(f"{DeadlineKind.APPROVAL}:{approval.id}")
    return until(deadline.due_at, subject.now, subject.zone, subject.language) if deadline else ""


def _names(subject: Subject, approval: Approval, request: Request | None) -> tuple[str, ...]:
    if request is None:
        return ()
    transition = subject.definition.transitions[request.transition]
    return shown_names(
        subject.definition, transition, subject.definition.approval(transition.id, approval.spec)
    )


def _row(subject: Subject, name: str) -> Row:
    files = subject.case.attachments.get(name)
    held = subject.case.values.get(name)
    value = _file(subject, files[-1]) if files else _value(subject, name, held)
    return Row(label=subject.title(name), value=value, table=_table(subject, name, held))


def _table(subject: Subject, name: str, held: JsonValue) -> Table | None:
    """The first records of a list of them; None for anything else."""
    spec = subject.definition.sop.fields.get(name)
    if spec is None or not spec.columns or not isinstance(held, list) or not held:
        return None
    rest = len(held) - MOST_RECORDS
    records = [cast("dict[str, JsonValue]", record) for record in held[:MOST_RECORDS]]
    return Table(
        head=tuple(one_line(c.title.in_(subject.language) or n, 40) for n, c in spec.columns.items()),
        rows=tuple(_cells(subject, spec, record) for record in records),
        more=_REST.in_(subject.language).format(rest) if rest > 0 else "",
    )


def _cells(subject: Subject, spec: FieldSpec, record: Mapping[str, JsonValue]) -> tuple[str, ...]:
    return tuple(
        _NO_CELL if record.get(n) is None else one_line(_shown(subject, c, record[n]), LONGEST_CELL)
        for n, c in spec.columns.items()
    )


def _changed(subject: Subject, change: ev.Change) -> Changed:
    return Changed(
        label=subject.title(change.what),
        old=_either(subject, change.what, change.old),
        new=_either(subject, change.what, change.new),
    )


def _either(subject: Subject, name: str, value: JsonValue) -> str:
    """A field's value, or the file a deliverable's hash stands for."""
    if name in subject.definition.sop.fields or value is None:
        return _value(subject, name, value)
    files = subject.case.attachments.get(name, ())
    found = next((file for file in files if file.hash == value), None)
    return _file(subject, found) if found else _EARLIER_FILE.in_(subject.language)


def _value(subject: Subject, name: str, value: JsonValue) -> str:
    spec = subject.definition.sop.fields.get(name)
    if spec is None or value is None:
        return NOT_GIVEN.in_(subject.language)
    return one_line(_shown(subject, spec, value))


def _shown(subject: Subject, spec: FieldSpec, value: JsonValue) -> str:
    named = with_names(spec, value, lambda person: subject.name(PersonId(person)))
    return shown(spec, named, subject.language, zone=subject.zone)


def _file(subject: Subject, file: Attachment) -> str:
    return one_line(file.name, 80) + _VERSION.in_(subject.language).format(file.version)
