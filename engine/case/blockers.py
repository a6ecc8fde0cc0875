"""What holds a transition back, who is waited for, how to mend: the one source for errors, pages, messages
and CLI.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from engine.case import extension
from engine.case.awaiting import waited_for
from engine.case.draft import holders
from engine.case.facts import Facts
from engine.case.refusal import Blocker
from engine.case.state import (
    RULE_PERSON,
    Approval,
    ApprovalState,
    Case,
    CaseStatus,
    Request,
    TaskState,
    Visit,
)
from engine.case.view import CaseView
from engine.definition.compiled import Definition
from engine.definition.guard_nodes import Given
from engine.definition.guards import Atom, judge, render
from engine.definition.model import StageSpec, TransitionSpec
from engine.text import Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a transition is judged on. `firing` is the request being fired, whose own approvals no longer
    count.
    """

    definition: Definition
    case: Case
    transition: TransitionSpec
    facts: Facts
    reason: str | None = None
    firing: Request | None = None


def blockers(
    definition: Definition, case: Case, transition: TransitionSpec, facts: Facts
) -> tuple[Blocker, ...]:
    """Everything that stops the transition now, in the order a person would mend it; empty when it can be
    asked for.

    A request already open is answered by whom it waits for. A missing reason is not counted: it is given
    with the request.
    """
    return judged(Judged(definition=definition, case=case, transition=transition, facts=facts))


def judged(subject: Judged) -> tuple[Blocker, ...]:
    """The same for a request being made (`reason` given) or fired (`firing` given)."""
    first: dict[tuple[str, str], Blocker] = {}
    for found in _found(subject):
        key = (found.code, found.detail.get("condition", found.subject))
        first.setdefault(key, found)
    return tuple(first.values())


def leaving(definition: Definition, case: Case, transition: TransitionSpec) -> tuple[Visit, ...]:
    """The visits a transition would leave or act in; empty when the case stands nowhere it starts from."""
    sources = definition.sources(transition)
    found = tuple(v for track, v in sorted(case.positions.items()) if v.stage in sources.get(track, ()))
    return () if definition.is_join(transition) and len(found) < len(sources) else found


def held_tracks(definition: Definition, case: Case, transition: TransitionSpec) -> tuple[str, ...]:
    """The tracks a request keeps to itself. Giving up, and acting without leaving, hold none: work goes on
    meanwhile.
    """
    gives_up = transition.exit is not None and not definition.sop.exits[transition.exit].success
    if gives_up or transition.stay:
        return ()
    return tuple(v.track for v in leaving(definition, case, transition))


def _found(subject: Judged) -> Iterator[Blocker]:
    case, transition = subject.case, subject.transition
    if case.status is CaseStatus.CLOSED:
        yield closed(subject.definition, case)
        return
    if case.status is CaseStatus.HELD and transition.exit is None:
        yield held(case)
        return
    visits = leaving(subject.definition, case, transition)
    if not visits:
        yield _not_here(subject)
        return
    yield from _open_requests(subject)
    yield from _not_for_you(subject)
    complete = needs_checklist(subject.definition, transition, visits)
    if complete:
        for visit in visits:
            yield from _checklist(subject, visit)
    for name in transition.needs:
        if name not in case.values:
            yield _missing_field(subject, name, None)
    yield from extension.stops(subject.definition, case, transition, subject.facts)
    if subject.reason == "" and transition.reason == "required":
        yield Blocker(code="reason_missing", subject=transition.id, title=_title(subject, transition.id))
    yield from _guard(subject, subject.definition.stages[visits[0].stage].owner)
    if complete:
        yield from _children(subject, visits)


def closed(definition: Definition, case: Case) -> Blocker:
    outcome = case.outcome or ""
    return Blocker(code="case_closed", subject=outcome, title=definition.title_of(outcome))


def held(case: Case) -> Blocker:
    return Blocker(code="case_held", subject=case.id, waits_for=(case.hold.by,) if case.hold else ())


def needs_checklist(definition: Definition, transition: TransitionSpec, visits: tuple[Visit, ...]) -> bool:
    """Whether the left stages' work must be done: as written, else when going forward or out through
    success.
    """
    if transition.checklist is not None:
        return transition.checklist
    if transition.exit is not None:
        return definition.sop.exits[transition.exit].success
    if transition.to is None:
        return False
    return all(definition.order[transition.to] > definition.order[v.stage] for v in visits)


def _title(subject: Judged, name: str) -> Text:
    return subject.definition.title_of(name)


def _not_here(subject: Judged) -> Blocker:
    sources = [s for names in subject.definition.sources(subject.transition).values() for s in names]
    titles = [subject.definition.title_of(s) for s in sources]
    here = [subject.definition.title_of(v.stage) for v in subject.case.positions.values()]
    detail = {
        "from_zh": "、".join(t.zh for t in titles),
        "from_en": ", ".join(t.en for t in titles),
        "here_zh": "、".join(t.zh for t in here),
        "here_en": ", ".join(t.en for t in here),
    }
    return Blocker(
        code="not_in_stage",
        subject=subject.transition.id,
        title=_title(subject, subject.transition.id),
        detail=detail,
    )


def _not_for_you(subject: Judged) -> Iterator[Blocker]:
    actor, roles = subject.facts.actor.person, subject.transition.by
    if not roles or subject.firing is not None or actor == RULE_PERSON:
        return
    allowed = tuple(p for role in roles for p in holders(subject.case, subject.facts, role))
    if actor not in allowed:
        titles = [subject.definition.title_of(role) for role in roles]
        detail = {"zh": "、".join(t.zh for t in titles), "en": ", ".join(t.en for t in titles)}
        title = _title(subject, subject.transition.id)
        yield Blocker(
            code="not_for_you", subject=subject.transition.id, title=title, detail=detail, waits_for=allowed
        )


def _open_requests(subject: Judged) -> Iterator[Blocker]:
    tracks = set(held_tracks(subject.definition, subject.case, subject.transition))
    for request in subject.case.requests.values():
        if subject.firing is not None and request.id == subject.firing.id:
            continue
        if tracks & set(request.tracks) or request.transition == subject.transition.id:
            yield from waiting(subject.definition, subject.case, request)


def waiting(definition: Definition, case: Case, request: Request) -> Iterator[Blocker]:
    """What an open request waits for: each open approval and its people, or the runner when all have
    agreed.
    """
    title = definition.title_of(request.transition)
    if request.returned is not None:
        waits = (case.opened_by if request.by == RULE_PERSON else request.by,)
        yield Blocker(code="request_returned", subject=request.id, title=title, waits_for=waits)
        return
    pending = [a for a in case.approvals_of(request.id) if a.state is ApprovalState.OPEN]
    if not pending:
        yield Blocker(code="transition_under_way", subject=request.transition, title=title)
    for approval in pending:
        detail = {"transition_zh": title.zh, "transition_en": title.en}
        if approval.unfilled:
            detail |= {"role_" + lang: _roles(definition, approval, lang) for lang in ("zh", "en")}
        yield Blocker(
            code="approval_unfilled"
            if approval.unfilled
            else "approval_deserted"
            if approval.gone
            else "approval_pending",
            subject=approval.id,
            title=definition.title_of(approval.spec),
            detail=detail,
            waits_for=waited_for(definition.approval(request.transition, approval.spec).mode, approval),
        )


def _roles(definition: Definition, approval: Approval, lang: str) -> str:
    titles = [definition.title_of(role) for role in approval.unfilled]
    return "、".join(t.zh for t in titles) if lang == "zh" else ", ".join(t.en for t in titles)


def _checklist(subject: Judged, visit: Visit) -> Iterator[Blocker]:
    stage = subject.definition.stages[visit.stage]
    for spec in stage.tasks:
        task = subject.case.tasks.get(spec.id)
        if spec.optional or spec.every is not None or (task is not None and task.state is not TaskState.OPEN):
            continue
        role = spec.role or stage.owner
        yield Blocker(
            code="task_open" if not spec.waivable else "task_open_waivable",
            subject=spec.id,
            title=_title(subject, spec.id),
            role=role,
            waits_for=holders(subject.case, subject.facts, role),
        )
    for name in dict.fromkeys(
        (*stage.requires, *(f for t in stage.tasks if not t.optional for f in t.requires))
    ):
        if name not in subject.case.values and not _excused(subject, stage, name):
            yield _missing_field(subject, name, stage.owner)
    for deliverable in stage.deliverables:
        if deliverable.required and not subject.case.attachments.get(deliverable.id):
            yield Blocker(
                code="deliverable_missing",
                subject=deliverable.id,
                title=_title(subject, deliverable.id),
                role=stage.owner,
                waits_for=holders(subject.case, subject.facts, stage.owner),
            )


def _excused(subject: Judged, stage: StageSpec, name: str) -> bool:
    """A field only a waived task asks for need not be given."""
    if name in stage.requires:
        return False
    asking = [t.id for t in stage.tasks if name in t.requires and not t.optional]
    tasks = [subject.case.tasks.get(t) for t in asking]
    return all(t is not None and t.state is TaskState.WAIVED for t in tasks)


def _missing_field(subject: Judged, name: str, role: str | None) -> Blocker:
    waits = holders(subject.case, subject.facts, role)
    title = _field_title(subject.definition, name)
    return Blocker(code="field_missing", subject=name, title=title, role=role, waits_for=waits)


def _field_title(definition: Definition, name: str) -> Text:
    """The title of a field, or of "list.column", which some record of the list lacks."""
    field, _, column = name.partition(".")
    title = definition.title_of(field)
    if not column:
        return title
    inner = definition.sop.fields[field].columns[column]
    return Text(f"{title.zh}·{inner.zh or column}", f"{title.en}: {inner.en or column}")


def _guard(subject: Judged, owner: str | None) -> Iterator[Blocker]:
    if subject.transition.guard is None:
        return
    guard = subject.definition.guard(subject.transition.guard)
    verdict = judge(guard, CaseView(subject.definition, subject.case, subject.facts))
    if verdict.holds is True:
        return
    for atom in verdict.atoms:
        for name in atom.missing_fields:
            # A condition that is plainly false names itself; filling a column would not always mend it.
            if "." not in name or atom.holds is not False:
                yield _missing_field(subject, name, owner)
        for name in atom.missing_settings:
            yield Blocker(code="setting_unset", subject=name, title=_title(subject, name))
        if _only_asks_for_a_field(atom):
            continue  # said already, as the field that is missing
        if atom.holds is False or not (atom.missing_fields or atom.missing_settings):
            titles = subject.definition.titles
            detail = {
                "condition": atom.text,
                "zh": render(atom, "zh", titles),
                "en": render(atom, "en", titles),
            }
            yield Blocker(code="guard_false", subject=subject.transition.id, detail=detail)


def _only_asks_for_a_field(atom: Atom) -> bool:
    return isinstance(atom.node, Given) and bool(atom.missing_fields)


def _children(subject: Judged, visits: tuple[Visit, ...]) -> Iterator[Blocker]:
    stages = {v.stage for v in visits}
    for child in subject.case.children.values():
        spec = subject.definition.sop.children.get(child.spec)
        if (
            child.outcome is None
            and spec is not None
            and spec.mandatory
            and stages & _places(spec.at, stages)
        ):
            yield Blocker(code="child_open", subject=child.id, title=_title(subject, child.spec))


def _places(at: tuple[str, ...] | str | None, everywhere: set[str]) -> set[str]:
    if at is None:
        return everywhere
    return {at} if isinstance(at, str) else set(at)
