"""The work inside a case: starting it, fields, tasks, deliverables, comments, roles."""

import unicodedata
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import cast

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import following, milestones, moves
from engine.case.contacts import external_roles, not_on_case
from engine.case.draft import Draft, Refused
from engine.case.filling import fill_roles
from engine.case.refusal import Blocker, Why, unknown
from engine.case.state import Task, TaskState
from engine.case.written import unusable
from engine.definition.field_people import persons_in
from engine.definition.fields import FieldFault, canonical
from engine.definition.model import TaskSpec
from engine.ids import PersonId

LONGEST_TITLE = 200
LONGEST_TEXT = 10_000


def start(draft: Draft, command: cmd.StartCase) -> None:
    title = readable(command.title, "title", LONGEST_TITLE)
    values = checked(
        draft, {k: v for k, v in command.values.items() if v is not None}, strict=command.parent is None
    )
    started = ev.CaseStarted(
        sop=command.sop,
        definition=draft.definition.digest,
        title=title,
        values=values,
        roles=_known_roles(draft, command.roles, strict=command.parent is None),
        parent=command.parent,
    )
    draft.add(started)
    for track in draft.definition.tracks.values():
        if track.opened_by is None:
            moves.enter(draft, track.start)
    milestones.follow_fields(draft, frozenset(values))


def readable(text: str, what: str, longest: int) -> str:
    """The text, trimmed; refused when empty, too long, or with characters that do not print."""
    trimmed = text.strip()
    if not trimmed:
        raise Refused(Why.BAD_INPUT, unusable(code="text_missing", what=what))
    if len(trimmed) > longest:
        blocker = unusable(code="text_too_long", what=what, longest=str(longest), length=str(len(trimmed)))
        raise Refused(Why.BAD_INPUT, blocker)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\t\r" for c in trimmed):
        raise Refused(Why.BAD_INPUT, unusable(code="text_unprintable", what=what))
    return trimmed


def words(text: str, what: str) -> str:
    """Text that may be left out: trimmed, and readable where there is any."""
    return readable(text, what, LONGEST_TEXT) if text.strip() else ""


def checked(draft: Draft, values: Mapping[str, JsonValue], *, strict: bool = True) -> dict[str, JsonValue]:
    """The values in canonical form; every fault at once. Not strict: what the SOP does not know is left
    out.
    """
    faults: list[Blocker] = []
    good: dict[str, JsonValue] = {}
    for name, raw in values.items():
        spec = draft.definition.sop.fields.get(name)
        if spec is None:
            if strict:
                faults.append(unknown(name, draft.definition.sop.fields, code="no_such_field"))
            continue
        if raw is None:
            good[name] = None
            continue
        try:
            good[name] = canonical(spec, raw, currency=draft.definition.sop.currency)
        except FieldFault as fault:
            faults += [_bad_value(draft, name, one) for one in fault.faults]
        else:
            faults += _strangers(draft, name, good[name])
    if faults:
        raise Refused(Why.BAD_INPUT, *faults)
    return good


def _strangers(draft: Draft, name: str, value: JsonValue) -> list[Blocker]:
    """The persons in a value whom nobody has added yet; in lists and records too."""
    known = draft.facts.known
    if known is None:
        return []
    title = draft.definition.title_of(name)
    named = dict.fromkeys(persons_in(draft.definition.sop.fields[name], value))
    return [Blocker(code="no_such_person_in", subject=p, title=title) for p in named if p not in known]


def _bad_value(draft: Draft, name: str, fault: FieldFault) -> Blocker:
    where = fault.where
    detail = {"zh": fault.message.zh, "en": fault.message.en, "where": where and f" {where}"}
    return Blocker(code="bad_value", subject=name, title=draft.definition.title_of(name), detail=detail)


def _known_roles(
    draft: Draft, roles: Mapping[str, tuple[PersonId, ...]], *, strict: bool
) -> dict[str, tuple[PersonId, ...]]:
    known = draft.definition.sop.roles
    if not strict:
        return {role: persons for role, persons in roles.items() if role in known}
    for role, persons in roles.items():
        if role not in known and role != draft.definition.sop.owner:
            raise Refused(Why.NOT_FOUND, unknown(role, known, code="no_such_role"))
        for person in persons:
            if draft.facts.known is not None and person not in draft.facts.known:
                raise Refused(Why.NOT_FOUND, Blocker(code="no_such_person", subject=person))
    return {role: tuple(dict.fromkeys(persons)) for role, persons in roles.items()}


def set_fields(draft: Draft, command: cmd.SetFields) -> None:
    values = checked(draft, command.values)
    changed = {name: value for name, value in values.items() if draft.case.values.get(name) != value}
    if not changed:
        return
    bound = [name for name in changed if name in draft.case.locked]
    stops = [_locked(draft, name) for name in bound if not _says_done(draft, name, values[name])]
    if stops:
        raise Refused(Why.BLOCKED, *stops)
    draft.add(ev.FieldsSet(values=changed))


def _says_done(draft: Draft, name: str, new: JsonValue) -> bool:
    """Only the dates on which listed milestones were reached differ: what was agreed still stands."""
    listed = [spec.each for spec in draft.definition.sop.milestones if spec.each and spec.each.field == name]
    columns = {each.done for each in listed}
    return bool(columns) and _without(draft.case.values.get(name), columns) == _without(new, columns)


def _without(records: JsonValue, columns: AbstractSet[str]) -> list[dict[str, JsonValue]]:
    rows = cast("list[dict[str, JsonValue]] | None", records) or []
    return [{column: value for column, value in row.items() if column not in columns} for row in rows]


def _locked(draft: Draft, name: str) -> Blocker:
    stages = [draft.definition.title_of(stage) for stage in draft.case.locked[name]]
    detail = {"zh": "、".join(t.zh for t in stages), "en": ", ".join(t.en for t in stages)}
    return Blocker(code="field_locked", subject=name, title=draft.definition.title_of(name), detail=detail)


def _task(draft: Draft, name: str) -> tuple[TaskSpec, Task]:
    for visit in draft.case.positions.values():
        spec = draft.definition.task(visit.stage, name)
        if spec is not None:
            return spec, draft.case.tasks[name]
    declared = any(t.id == name for s in draft.definition.sop.stages for t in s.tasks)
    if declared:
        title = draft.definition.title_of(name)
        raise Refused(Why.BLOCKED, Blocker(code="task_elsewhere", subject=name, title=title))
    raise Refused(Why.NOT_FOUND, unknown(name, draft.case.tasks, code="no_such_task"))


def complete_task(draft: Draft, command: cmd.CompleteTask) -> None:
    spec, task = _task(draft, command.task)
    if task.state is TaskState.DONE:
        return
    missing = [name for name in spec.requires if name not in draft.case.values]
    if missing:
        title = draft.definition.title_of
        raise Refused(
            Why.BLOCKED, *(Blocker(code="field_missing", subject=name, title=title(name)) for name in missing)
        )
    draft.add(ev.TaskCompleted(task=task.id, visit=task.visit, occurrence=task.occurrence))
    following.task_ends(draft, spec)


def reopen_task(draft: Draft, command: cmd.ReopenTask) -> None:
    spec, task = _task(draft, command.task)
    if task.state is not TaskState.OPEN:
        draft.add(ev.TaskReopened(task=task.id, visit=task.visit))
        following.task_begins(draft, spec)


def waive_task(draft: Draft, command: cmd.WaiveTask) -> None:
    spec, task = _task(draft, command.task)
    if not spec.waivable:
        title = draft.definition.title_of(task.id)
        raise Refused(Why.FORBIDDEN, Blocker(code="task_not_waivable", subject=task.id, title=title))
    reason = readable(command.reason, "reason", LONGEST_TEXT)
    if task.state is TaskState.OPEN:
        draft.add(ev.TaskWaived(task=task.id, visit=task.visit, reason=reason))
        following.task_ends(draft, spec)


def attach(draft: Draft, command: cmd.AttachDeliverable) -> None:
    declared = {d.id: s.id for s in draft.definition.sop.stages for d in s.deliverables}
    if command.deliverable not in declared:
        raise Refused(Why.NOT_FOUND, unknown(command.deliverable, declared, code="no_such_deliverable"))
    versions = draft.case.attachments.get(command.deliverable, ())
    if versions and versions[-1].hash == command.hash and versions[-1].name == command.name:
        return
    attached = ev.DeliverableAttached(
        deliverable=command.deliverable,
        version=len(versions) + 1,
        name=readable(command.name, "name", LONGEST_TITLE),
        hash=command.hash,
        size=command.size,
        media_type=command.media_type,
    )
    draft.add(attached)


def comment(draft: Draft, command: cmd.AddComment) -> None:
    draft.add(ev.Commented(text=readable(command.text, "comment", LONGEST_TEXT)))


def assign_roles(draft: Draft, command: cmd.AssignRoles) -> None:
    roles = _known_roles(draft, command.roles, strict=True)
    if command.joining:
        here = draft.case.roles
        roles = {role: tuple(dict.fromkeys((*here.get(role, ()), *new))) for role, new in roles.items()}
    changed = {role: persons for role, persons in roles.items() if draft.case.roles.get(role, ()) != persons}
    if not changed.keys().isdisjoint(external_roles(draft.definition)):
        stop = not_on_case(draft.definition, draft.case, draft.facts)
        if stop is not None:
            raise Refused(Why.FORBIDDEN, stop)
    if changed:
        draft.add(ev.RolesAssigned(roles=changed))
        fill_roles(draft)
