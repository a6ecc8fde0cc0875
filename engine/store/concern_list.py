"""What running approvals want of a person beside a decision, and whom this person's requests wait for."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, literal, select

from engine.case.concerns import TO_DO, Concern, words
from engine.case.signer_events import RequestReturned
from engine.case.state import CaseStatus, DeadlineKind
from engine.ids import ApprovalId, CaseId, PersonId, RequestId
from engine.store import mapping
from engine.store.chain import unseal
from engine.store.history import EVENTS
from engine.store.tables import AskRow, CaseRow, ConcernRow, DeadlineRow, EventRow, table

_CASE, _CONCERN, _DEADLINE = table(CaseRow), table(ConcernRow), table(DeadlineRow)
_ASK, _EVENT = table(AskRow), table(EventRow)
_TO_DO = [kind.value for kind in TO_DO]
_TELLING = (Concern.LOOK.value, Concern.MATERIAL.value)  # the snapshot knows what was said


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenConcern:
    """`other` is who delegated, asked or returned it, or made the request; `words` is what they said with it.
    `waits_for` are those a request of this person waits for. `stopped`: the clock stands still.
    """

    case_id: CaseId
    sop: str
    digest: str
    title: str
    kind: Concern
    approval: ApprovalId
    spec: str
    request: RequestId
    transition: str
    person: PersonId
    other: PersonId
    since: datetime
    nudged_at: datetime | None
    due_at: datetime | None
    stopped: bool
    words: str = ""
    waits_for: tuple[PersonId, ...] = ()
    provisional: bool = False


def to_do(person: str) -> ColumnElement[bool]:
    """Whether a row of `concern_row` waits for this person to act."""
    return (_CONCERN.c.person == person) & _CONCERN.c.kind.in_(_TO_DO)


def count_to_do(connection: Connection, person: PersonId) -> int:
    wanted = (
        select(func.count())
        .select_from(_CONCERN.join(_CASE, _CASE.c.id == _CONCERN.c.case_id))
        .where(to_do(person), _CASE.c.status == CaseStatus.OPEN.value)
    )
    return connection.scalar(wanted) or 0


def read_concerns(connection: Connection, person: PersonId) -> list[OpenConcern]:
    """Of running cases, due first."""
    rows = [dict(row) for row in connection.execute(_wanted(person)).mappings()]
    waits = _waits_for(connection, [r["case_id"] for r in rows if r["kind"] == Concern.WAITING])
    comments = _comments(connection, [r["case_id"] for r in rows if r["kind"] == Concern.RETURNED])
    return [_concern(row, waits, comments) for row in rows]


def _wanted(person: PersonId) -> Any:
    clock = literal(f"{DeadlineKind.APPROVAL}:").concat(_CONCERN.c.approval)
    due = and_(_DEADLINE.c.case_id == _CONCERN.c.case_id, _DEADLINE.c.deadline == clock)
    still = _DEADLINE.c.next_at.is_(None) & _DEADLINE.c.missed_at.is_(None) & _DEADLINE.c.due_at.is_not(None)
    own = [_CONCERN.c[f.name] if f.name in _CONCERN.c else _CASE.c[f.name] for f in fields(OpenConcern)[:13]]
    told = case((_CONCERN.c.kind.in_(_TELLING), _CASE.c.snapshot), else_=None)
    return (
        select(
            *own, _DEADLINE.c.due_at, _DEADLINE.c.provisional, still.label("stopped"), told.label("snapshot")
        )
        .join_from(_CONCERN, _CASE, _CASE.c.id == _CONCERN.c.case_id)
        .join(_DEADLINE, due, isouter=True)
        .where(_CONCERN.c.person == person, _CASE.c.status == CaseStatus.OPEN.value)
        .order_by(
            _DEADLINE.c.due_at.asc().nulls_last(), _CONCERN.c.since, _CONCERN.c.case_id, _CONCERN.c.approval
        )
    )


def _concern(
    row: dict[str, Any],
    waits: dict[tuple[str, str], list[PersonId]],
    comments: dict[tuple[str, str], str],
) -> OpenConcern:
    snapshot, kind = row.pop("snapshot"), Concern(row["kind"])
    if kind is Concern.RETURNED:
        said = comments.get((row["case_id"], row["request"]), "")
    elif snapshot is None:
        said = ""
    else:
        said = words(mapping.case_from_text(snapshot), kind, row["approval"], row["person"])
    waiting = waits.get((row["case_id"], row["approval"]), []) if kind is Concern.WAITING else []
    flags = {name: bool(row[name]) for name in ("stopped", "provisional")}
    values: dict[str, Any] = {**row, **flags, "kind": kind}
    return OpenConcern(**values, words=said, waits_for=tuple(waiting))


def _waits_for(connection: Connection, cases: Sequence[str]) -> dict[tuple[str, str], list[PersonId]]:
    """By case and approval: who is asked, and who looks at it for somebody."""
    found: defaultdict[tuple[str, str], list[PersonId]] = defaultdict(list)
    asks = select(_ASK.c.case_id, _ASK.c.approval, _ASK.c.person).order_by(_ASK.c.place)
    looks = select(_CONCERN.c.case_id, _CONCERN.c.approval, _CONCERN.c.person)
    looks = looks.where(_CONCERN.c.kind == Concern.LOOK.value).order_by(_CONCERN.c.person)
    for some in _some(cases):
        for wanted, of in ((asks, _ASK.c.case_id), (looks, _CONCERN.c.case_id)):
            for case_id, approval, person in connection.execute(wanted.where(of.in_(some))):
                found[case_id, approval].append(PersonId(person))
    return found


def _comments(connection: Connection, cases: Sequence[str]) -> dict[tuple[str, str], str]:
    """Why each request was sent back last, by case and request."""
    found: dict[tuple[str, str], str] = {}
    returned = EVENTS.where(_EVENT.c.kind == "request_returned").order_by(_EVENT.c.case_id, _EVENT.c.sequence)
    for some in _some(cases):
        for row in connection.execute(returned.where(_EVENT.c.case_id.in_(some))):
            event = unseal(row.body, row.private).event
            if isinstance(event, RequestReturned):
                found[row.case_id, event.request] = event.comment
    return found


def _some(cases: Sequence[str]) -> list[list[str]]:
    """Few enough at once for any database."""
    wanted = list(dict.fromkeys(cases))
    return [wanted[start : start + 500] for start in range(0, len(wanted), 500)]
