"""What the API gives. Nothing is shown because a name happened to fit."""

from datetime import datetime
from typing import Any, Self

from pydantic import JsonValue

from engine.case.refusal import Blocker
from engine.case.stillness import Still, StillFor
from engine.case.wording import say
from engine.ports import Answer
from engine.store.board import BoardCase
from engine.store.concern_list import OpenConcern
from engine.text import Text
from web.api_requests import DeadlineOut, RequestOut, WaitOut
from web.api_words import Out, Words2, example
from web.case_view import CaseView, Move


class BlockerOut(Out):
    code: str
    subject: str
    title: Words2 | None
    sentence: Words2
    waits_for: list[str]
    role: str | None

    @classmethod
    def of(cls, blocker: Blocker) -> Self:
        return cls(
            code=blocker.code,
            subject=blocker.subject,
            title=Words2.of(blocker.title) if blocker.title else None,
            sentence=Words2(zh=say(blocker, "zh"), en=say(blocker, "en")),
            waits_for=list(blocker.waits_for),
            role=blocker.role,
        )


class EventOut(Out):
    sequence: int
    kind: str


class AnswerOut(Out):
    """`repeated`: this very command was handled before under this key, and this is that answer."""

    case_id: str
    version: int
    repeated: bool
    events: list[EventOut]

    @classmethod
    def of(cls, answer: Answer) -> Self:
        events = [EventOut(sequence=r.sequence, kind=r.event.kind) for r in answer.events]
        return cls(case_id=answer.case_id, version=answer.version, repeated=answer.repeated, events=events)


class ContactAddedOut(AnswerOut):
    """`person` is who now holds the role; `known`: the e-mail was on file already."""

    person: str
    known: bool


class ContactOut(Out):
    role: str
    person: str
    name: str
    email: str
    own: bool


class PositionOut(Out):
    track: str
    stage: str
    visit: int
    entered_at: datetime


class CaseLineOut(Out):
    id: str
    sop: str
    title: str
    status: str
    outcome: str | None
    version: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    parent: str | None
    next_due: datetime | None
    provisional: bool
    overdue: bool
    positions: list[PositionOut]
    waits_for: list[str]

    @classmethod
    def of(cls, line: BoardCase) -> Self:
        kept = {
            name: getattr(line, name) for name in cls.model_fields if name not in {"positions", "waits_for"}
        }
        positions = [
            PositionOut(track=p.track, stage=p.stage, visit=p.visit, entered_at=p.entered_at)
            for p in line.positions
        ]
        return cls(**kept, positions=positions, waits_for=list(line.waits_for))


class BoardOut(Out):
    cases: list[CaseLineOut]
    total: int


class MoveOut(Out):
    id: str
    title: Words2
    possible: bool
    needs_reason: bool
    blockers: list[BlockerOut]


class TaskOut(Out):
    id: str
    title: Words2
    state: str
    by: str | None
    at: datetime | None
    occurrence: int


class AttachmentOut(Out):
    deliverable: str
    version: int
    name: str
    hash: str
    size: int
    media_type: str
    by: str
    at: datetime


class CaseOut(Out):
    id: str
    sop: str
    definition: str
    title: str
    status: str
    outcome: str | None
    version: int
    opened_by: str
    opened_at: datetime
    closed_at: datetime | None
    parent: str | None
    positions: list[PositionOut]
    values: dict[str, JsonValue]
    tasks: list[TaskOut]
    transitions: list[MoveOut]
    requests: list[RequestOut]
    deadlines: list[DeadlineOut]
    waits: list[WaitOut]
    attachments: list[AttachmentOut]
    children: dict[str, str | None]
    roles: dict[str, list[str]]
    counters: dict[str, int]

    @classmethod
    def of(cls, view: CaseView, stops: dict[str, list[BlockerOut]]) -> Self:
        case = view.case
        kept: dict[str, Any] = {
            name: getattr(case, name)
            for name in (
                "id",
                "sop",
                "definition",
                "title",
                "outcome",
                "version",
                "opened_by",
                "opened_at",
                "closed_at",
            )
        }
        return cls(
            **kept,
            status=case.status.value,
            parent=case.parent.id if case.parent else None,
            positions=[
                PositionOut(track=p.track, stage=p.stage, visit=p.number, entered_at=p.entered_at)
                for p in case.positions.values()
            ],
            values=dict(case.values),
            tasks=_tasks(view),
            transitions=[_move(view, move, stops[move.id]) for move in view.moves],
            requests=[RequestOut.of(view.definition, case, r, view.facts) for r in case.requests.values()],
            deadlines=[DeadlineOut.of(d) for d in case.deadlines.values()],
            waits=[WaitOut.of(wait) for wait in case.waits.values() if wait.since is not None],
            attachments=[
                AttachmentOut(**{name: getattr(a, name) for name in AttachmentOut.model_fields})
                for versions in case.attachments.values()
                for a in versions
            ],
            children={child.id: child.outcome for child in case.children.values()},
            roles={role: list(people) for role, people in case.roles.items()},
            counters=dict(case.counters),
        )


def _tasks(view: CaseView) -> list[TaskOut]:
    return [
        TaskOut(
            id=task.id,
            title=Words2.of(view.definition.title_of(task.id)),
            state=task.state.value,
            by=task.by,
            at=task.at,
            occurrence=task.occurrence,
        )
        for task in view.case.tasks.values()
    ]


def _move(view: CaseView, move: Move, stops: list[BlockerOut]) -> MoveOut:
    title = Words2.of(view.definition.title_of(move.id))
    return MoveOut(
        id=move.id, title=title, possible=move.possible, needs_reason=move.needs_reason, blockers=stops
    )


class SopOut(Out):
    sop: str
    title: Words2
    number: int
    digest: str


class AskedOut(Out):
    """`principal` is who is asked: the caller, or whoever the caller stands in for."""

    case_id: str
    case_title: str
    approval: str
    spec: str
    principal: str
    round: int
    due_at: datetime | None
    provisional: bool


class StillOut(Out):
    """Why a clock stands still: `outside` (waiting for that name outside the company), `material` (asked for
    by `person`), `returned` (by `person`) or `hold` (the case, by `person`).
    """

    why: StillFor
    since: datetime
    outside: str
    person: str | None

    @classmethod
    def of(cls, still: Still | None) -> Self | None:
        if still is None:
            return None
        return cls(why=still.why, since=still.since, outside=still.outside, person=still.person)


class TaskLineOut(Out):
    """`stopped`: the clock it is due by stands still, and `still` says why."""

    case_id: str
    case_title: str
    task: str
    stage: str
    optional: bool
    due_at: datetime | None
    provisional: bool
    stopped: bool
    still: StillOut | None


class LateOut(Out):
    """`owner` is the role it belongs to, `owners` who holds it in this case, or who is asked where an
    approval is late. `working_days`: so many
    whole ones it is late. `escalated` counts the rungs used up.
    """

    case_id: str
    case_title: str
    sop: str
    deadline: str
    kind: str
    title: Words2
    owner: str | None
    owners: list[str]
    due_at: datetime
    provisional: bool
    missed_at: datetime | None
    working_days: int
    escalated: int


class ConcernOut(Out):
    """What an approval wants of the person who asks, beside a decision. `kind`: look (delegated to them),
    material (a question for them), returned (their request, to be put forward again), waiting (their request
    waits for `waits_for`) or copy (for information). `other` is who delegated, asked, returned or requested
    it, `words` what they said. `stopped`: the clock stands still.
    """

    model_config = example(
        case_id="poster-1",
        case_title="春季海报",
        kind="material",
        approval="a9",
        spec="sign",
        title={"zh": "主管审批", "en": "Lead's approval"},
        request="r8",
        transition="publish",
        other="bob",
        words="请补充印刷报价明细",
        waits_for=[],
        since="2026-11-24T01:30:00Z",
        nudged_at=None,
        due_at="2026-11-25T10:00:00Z",
        provisional=False,
        stopped=True,
        still={"why": "material", "since": "2026-11-24T01:30:00Z", "outside": "", "person": "bob"},
    )
    case_id: str
    case_title: str
    kind: str
    approval: str
    spec: str
    title: Words2
    request: str
    transition: str
    other: str
    words: str
    waits_for: list[str]
    since: datetime
    nudged_at: datetime | None
    due_at: datetime | None
    provisional: bool
    stopped: bool
    still: StillOut | None

    @classmethod
    def of(cls, one: OpenConcern, title: Text, still: Still | None) -> Self:
        same = ("approval", "spec", "request", "transition", "other", "words", "since", "nudged_at", "due_at")
        return cls(
            **{name: getattr(one, name) for name in (*same, "case_id", "stopped", "provisional")},
            case_title=one.title,
            kind=one.kind.value,
            title=Words2.of(title),
            waits_for=list(one.waits_for),
            still=StillOut.of(still),
        )


class InboxOut(Out):
    """Everything is in order of what is due: late first, what has no date last."""

    approvals: list[AskedOut]
    tasks: list[TaskLineOut]
    concerns: list[ConcernOut]
    overdue: list[LateOut]


class HappenedOut(Out):
    """One line of the history; `text` is the sentence people read, in both languages."""

    sequence: int
    at: datetime
    person: str
    via: str
    kind: str
    text: Words2
    flow_run: str | None
