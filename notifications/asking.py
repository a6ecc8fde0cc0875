"""What an approver is told: who asks for what and why, the values to sign, what changed, and until when."""

from collections.abc import Mapping
from typing import Any, Final, cast

from pydantic import JsonValue

from engine.case import events as ev
from engine.case.approvals import shown as shown_names
from engine.case.awaiting import answering, ask_of, asked, waited_for
from engine.case.since import asked_before, changed_since
from engine.case.state import Approval, Attachment, DeadlineKind, Request
from engine.definition.approval_model import Mode
from engine.definition.field_people import with_names
from engine.definition.field_spec import FIGURES
from engine.definition.fields import NOT_GIVEN, FieldSpec, shown
from engine.ids import PersonId
from engine.text import Text
from notifications.moments import until
from notifications.one_line import one_line
from notifications.outlook import after_no, after_yes
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
    changes = _changes(subject, approval)
    return Told(
        words={**words, **_of_request(subject, approval, request), "changed": bool(changes)},
        until=_until(subject, approval),
        rows=tuple(_row(subject, name) for name in names[:MOST_ROWS]),
        changes=tuple(_changed(subject, change) for change in changes),
        more=len(names) > MOST_ROWS,
        outlook=_outlook(subject, approval, request),
    )


def _changes(subject: Subject, approval: Approval) -> tuple[ev.Change, ...]:
    """Since this reader last answered or was last asked; of an approval that is over, as it was noted."""
    case, event = subject.case, subject.event
    if approval.id in case.approvals:
        if not asked_before(case, approval):
            return ()
        reader = subject.owed.to
        return changed_since(subject.definition, case, approval, events=subject.history(), person=reader)
    return event.changes if isinstance(event, ev.ApprovalOpened) else ()


def _outlook(subject: Subject, approval: Approval, request: Request | None) -> str:
    """For whoever may decide now."""
    if request is None or approval.id not in subject.case.approvals:
        return ""
    transition = subject.definition.transitions[request.transition]
    spec = subject.definition.approval(transition.id, approval.spec)
    if subject.owed.to not in asked(spec.mode, approval):
        return ""
    yes = after_yes(subject.definition, transition, spec, approval).in_(subject.language)
    no = after_no(spec, subject.name(request.by)).in_(subject.language)
    return one_line(f"{yes}{no}" if subject.language == "zh" else f"{yes} {no}", 400)


_OVER: Final[Mapping[str, Any]] = {
    "requester": "",
    "transition": "",
    "reason": "",
    "round": 1,
    "changed": False,
    "looked": "",
    "opinion": "",
    "wonders": "",
    "question": "",
    "waiting": "",
    "unfilled": "",
    "gone": "",
    "instead_of": "",
}


def _of_request(subject: Subject, approval: Approval, request: Request | None) -> dict[str, Any]:
    words: dict[str, Any] = {
        **_OVER,
        "approval": subject.title(approval.spec),
        "round": approval.round,
        "unfilled": subject.listed(subject.title(role) for role in approval.unfilled),
        "gone": subject.listed(subject.name(person) for person in approval.gone),
        **_said_beside(subject, approval),
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


def _said_beside(subject: Subject, approval: Approval) -> dict[str, str]:
    """The opinion of whom the reader had asked to look, and the question that is still open."""
    own = next((ask for ask in approval.asks if subject.owed.to in answering(ask)), None)
    words: dict[str, str] = {}
    if own and own.delegation and own.delegation.opinion is not None:
        words |= {
            "looked": subject.name(own.delegation.to),
            "opinion": one_line(own.delegation.opinion, 500),
        }
    if approval.material is not None:
        question = one_line(approval.material.text, 500)
        words |= {"wonders": subject.name(approval.material.by), "question": question}
    return words


def _until(subject: Subject, approval: Approval) -> str:
    deadline = subject.case.deadlines.get(f"{DeadlineKind.APPROVAL}:{approval.id}")
    return until(deadline.due_at, subject.now, subject.zone, subject.language) if deadline else ""


def _names(subject: Subject, approval: Approval, request: Request | None) -> tuple[str, ...]:
    if request is None:
        return ()
    transition = subject.definition.transitions[request.transition]
    spec = subject.definition.approval(transition.id, approval.spec)
    fields = subject.definition.sop.fields
    names = shown_names(subject.definition, transition, spec)
    return tuple(sorted(names, key=lambda name: name not in fields or fields[name].type not in FIGURES))


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
