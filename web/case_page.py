"""The page of one case, and the same page again with what was refused and what had been typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse

from engine.case.listed import Milestone, spec_of
from engine.case.milestones import in_order
from engine.case.overdue import is_overdue
from engine.case.refusal import Refusal, Why
from engine.case.signer_events import RequestReturned
from engine.case.state import CaseStatus, DeadlineKind
from engine.case.wording import refusal_sentences
from engine.definition.compiled import Definition
from engine.definition.fields import FieldSpec
from engine.store.mailbox import MailFilter
from web.acts_typed import Kept
from web.case_view import CaseView
from web.evidence import signed_off
from web.field_inputs import Frame, Input, Typed
from web.files import kinds
from web.history import told
from web.message_log import STOPPED, log_of
from web.ports import Wiring
from web.rendering import page
from web.seeing import facts_for, seen
from web.visitor import Visitor

MESSAGES_SHOWN = 30
STATUS: Mapping[Why, int] = {
    Why.NOT_FOUND: 404,
    Why.BAD_INPUT: 422,
    Why.BLOCKED: 409,
    Why.FORBIDDEN: 403,
    Why.CONFLICT: 409,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """The fields one stage asks for. `here`: the case stands in it."""

    title: str
    names: Sequence[str]
    inputs: Sequence[Input]
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Why a form came back: the sentences, and what had been typed in fields or elsewhere. `acts`: what was
    typed beside an approval, by its id.
    """

    status: int = 200
    notice: Sequence[str] = ()
    typed: Typed | None = None
    text: Mapping[str, str] = field(default_factory=dict[str, str])
    acts: Mapping[str, Kept] = field(default_factory=dict[str, Kept])


def slip(refusal: Refusal, visitor: Visitor, typed: Typed | None = None, **text: str) -> Slip:
    notice = refusal_sentences(refusal, visitor.language, visitor.name)
    return Slip(status=STATUS[refusal.why], notice=notice, typed=typed, text=text)


def case_page(
    request: Request, wiring: Wiring, visitor: Visitor, case_id: str, came_back: Slip | None = None
) -> HTMLResponse:
    """Raises NoSuchPage."""
    at = seen(wiring, case_id)
    view = CaseView(seen=at, facts=facts_for(wiring, at, visitor.actor()), visitor=visitor)
    back = came_back or Slip()
    events = wiring.store.history.read_events(at.case.id)
    messages = log_of(wiring, visitor, MailFilter(case_id=at.case.id), limit=MESSAGES_SHOWN)
    context: dict[str, Any] = {
        "view": view,
        "case": at.case,
        "definition": at.definition,
        "groups": groups(view, back.typed),
        "history": told(events, at.definition, visitor),
        "signed_off": signed_off(at, events, visitor),
        "sent_back": {
            e.request: e.comment for e in (r.event for r in events) if isinstance(e, RequestReturned)
        },
        "milestones": milestones(view),
        "children": children(wiring, view),
        "roles": roles(view),
        "picture": wiring.diagram(
            at.definition,
            visitor.language,
            current=frozenset(stage.id for stage in view.here),
            done=frozenset(at.case.left),
        ),
        "prefect_url": wiring.settings.prefect_url,
        "notice": back.notice,
        "typed": back.text,
        "kind_of": kinds(wiring),
        "kept": lambda approval: back.acts.get(approval) or Kept(),
        "closed": at.case.status is CaseStatus.CLOSED,
        "messages": messages,
        "message_trouble": sum(one.mail.state in STOPPED for one in messages),
    }
    return page(request, wiring, visitor, "case.html", status=back.status, **context)


def frame(visitor: Visitor, definition: Definition) -> Frame:
    return Frame(
        language=visitor.language,
        zone=visitor.times.zone,
        currency=definition.sop.currency,
        people=list(visitor.people.values()),
        name=visitor.name,
        yes_no=(visitor.t("yes"), visitor.t("no")),
    )


def groups(view: CaseView, typed: Typed | None) -> list[FieldGroup]:
    """Every field once, under the first stage that asks for it; those of the present stages come first."""
    rest = dict(view.definition.sop.fields)
    found: list[FieldGroup] = []
    here = {stage.id for stage in view.here}
    for stage in sorted(view.definition.sop.stages, key=lambda s: s.id not in here):
        asked_for = (*stage.requires, *(name for task in stage.tasks for name in task.requires))
        moving = [t for t in view.definition.transitions.values() if stage.id in _from(view.definition, t.id)]
        names = dict.fromkeys((*asked_for, *(name for t in moving for name in t.needs)))
        specs = {name: rest.pop(name) for name in names if name in rest}
        if specs:
            found.append(_group(view, view.title(stage.id), specs, typed, here=stage.id in here))
    if rest:
        found.append(_group(view, view.visitor.t("Other fields"), rest, typed, here=not found))
    return found


def _from(definition: Definition, transition: str) -> set[str]:
    return {s for ss in definition.sources(definition.transitions[transition]).values() for s in ss}


def _group(
    view: CaseView, title: str, specs: Mapping[str, FieldSpec], typed: Typed | None, *, here: bool
) -> FieldGroup:
    maker = frame(view.visitor, view.definition)
    back = typed.raw if typed else {}
    faults = typed.faults if typed else {}
    inputs = [
        maker.input_of(
            f"f.{name}",
            spec,
            back[name] if name in back else view.case.values.get(name),
            fault=faults.get(name, ""),
        )
        for name, spec in specs.items()
    ]
    return FieldGroup(
        title=title, names=list(specs), inputs=inputs, here=here or any(n in back for n in specs)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MilestoneLine:
    id: str
    title: str
    planned: str
    forecast: str
    reached: str
    away: str
    late: bool
    by_hand: bool


def milestones(view: CaseView) -> list[MilestoneLine]:
    times, clocks = view.visitor.times, view.case.deadlines
    found: list[MilestoneLine] = []
    declared = {m.id: Milestone(id=m.id) for m in view.definition.milestones.values() if m.each is None}
    known = {stone.id: stone for stone in in_order(view.definition, view.case)}
    for stone in {**declared, **known}.values():
        spec = view.definition.milestones.get(spec_of(stone.id))
        day = stone.forecast or stone.planned
        found.append(
            MilestoneLine(
                id=stone.id,
                title=stone.name or view.title(spec_of(stone.id)),
                planned=stone.planned.isoformat() if stone.planned else "",
                forecast=stone.forecast.isoformat() if stone.forecast else "",
                reached=stone.reached_on.isoformat() if stone.reached_on else "",
                away=times.days_left(day) if day and not stone.reached_on else "",
                late=is_overdue(clocks.get(f"{DeadlineKind.MILESTONE}:{stone.id}"), view.facts.now),
                by_hand=spec is not None and spec.planned is None and spec.each is None,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildLine:
    id: str
    title: str
    kind: str
    state: str
    open: bool


def children(wiring: Wiring, view: CaseView) -> list[ChildLine]:
    found: list[ChildLine] = []
    for child in view.case.children.values():
        line = wiring.store.board.line(child.id)
        found.append(
            ChildLine(
                id=child.id,
                title=line.title if line else view.visitor.t("being opened"),
                kind=view.title(child.spec) if child.spec else child.sop,
                state=child.outcome or (line.status.value if line else ""),
                open=child.outcome is None,
            )
        )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleLine:
    """`own`: chosen for this case, in place of the company's holders."""

    id: str
    title: str
    people: Sequence[str]
    names: str
    own: bool


def roles(view: CaseView) -> list[RoleLine]:
    return [
        RoleLine(
            id=role,
            title=view.title(role),
            people=list(view.case.roles.get(role, ())),
            names=view.holders(role),
            own=bool(view.case.roles.get(role)),
        )
        for role in view.definition.sop.roles
    ]
