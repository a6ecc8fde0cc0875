"""Children: known, and knowing, through events only."""

from collections.abc import Mapping

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.draft import Draft, Refused
from engine.case.facts import child_id
from engine.case.moves import close_case, request
from engine.case.refusal import Blocker, Why
from engine.case.state import RULE, CaseStatus
from engine.case.view import CaseView
from engine.definition.fields import FieldFault, canonical
from engine.definition.guards import evaluate
from engine.definition.model import ChildEffect
from engine.ids import CaseId, PersonId

CHILD_PREFIX = "child."


def open_child(draft: Draft, command: cmd.OpenChild) -> None:
    spec = draft.definition.sop.children.get(command.child)
    if spec is None:
        known = ", ".join(draft.definition.sop.children)
        raise Refused(
            Why.NOT_FOUND, Blocker(code="no_such_child", subject=command.child, detail={"known": known})
        )
    places = (spec.at,) if isinstance(spec.at, str) else spec.at
    if places is not None and not any(draft.case.at(stage) for stage in places):
        titles = [draft.definition.title_of(stage) for stage in places]
        detail = {"zh": "、".join(t.zh for t in titles), "en": ", ".join(t.en for t in titles)}
        title = draft.definition.title_of(command.child)
        raise Refused(
            Why.BLOCKED, Blocker(code="child_elsewhere", subject=command.child, title=title, detail=detail)
        )
    if draft.facts.sops and spec.sop not in draft.facts.sops:
        raise Refused(Why.BLOCKED, Blocker(code="sop_not_published", subject=spec.sop))
    roles = {role: draft.holders(ours) for role, ours in spec.roles.items()}
    open_case(
        draft, command.child, spec.sop, command.title, spec.values, command.values, {**roles, **command.roles}
    )


def open_case(
    draft: Draft,
    spec: str,
    sop: str,
    title: str,
    passed: Mapping[str, str],
    values: Mapping[str, JsonValue] | None = None,
    roles: Mapping[str, tuple[PersonId, ...]] | None = None,
) -> CaseId:
    """Owes a new case its start; the SOP's passed values go under those given by hand."""
    given = {name: _passed(draft, text) for name, text in passed.items()}
    opened = ev.ChildOpened(
        child=child_id(draft.case_id, draft.sequence),
        spec=spec,
        sop=sop,
        title=title,
        values={**{k: v for k, v in given.items() if v is not None}, **(values or {})},
        roles={**draft.case.roles, **(roles or {})},
    )
    draft.add(opened)
    return opened.child


def _passed(draft: Draft, text: str) -> JsonValue:
    """A field of ours goes over as it is stored; any other expression is computed first."""
    if text in draft.definition.sop.fields:
        return draft.case.values.get(text)
    expression = draft.definition.expression(text)
    value = evaluate(expression, CaseView(draft.definition, draft.case, draft.facts))
    return None if value is None else plain(value)


def plain(value: object) -> JsonValue:
    """A computed value as JSON that `canonical` reads back; money and numbers as text."""
    if isinstance(value, bool | int | str):
        return value
    amount = getattr(value, "amount", None)
    if amount is not None:
        return f"{amount} {getattr(value, 'currency', '')}".strip()
    return str(value)


def child_closed(draft: Draft, command: cmd.RecordChildClosed) -> None:
    """A child's end, told once; its outcome may change fields or ask for a transition."""
    child = draft.case.children.get(command.child)
    if child is None:
        raise Refused(Why.NOT_FOUND, Blocker(code="no_such_child", subject=command.child))
    if child.outcome is not None:
        return
    draft.add_by_rule(ev.ChildClosed(child=command.child, outcome=command.outcome, values=command.values))
    spec = draft.definition.sop.children.get(child.spec)
    effect = spec.on_child.get(command.outcome) if spec else None
    if effect is not None and draft.case.status is not CaseStatus.CLOSED:
        _apply(draft, effect, command)


def _apply(draft: Draft, effect: ChildEffect, command: cmd.RecordChildClosed) -> None:
    changed: dict[str, JsonValue] = {}
    for name, text in effect.set.items():
        changed[name] = _from_child(draft, text, command)
    for name, columns in effect.append.items():
        record = {column: _from_child(draft, text, command) for column, text in columns.items()}
        filled: dict[str, JsonValue] = {k: v for k, v in record.items() if v is not None}
        before = changed.get(name) or draft.case.values.get(name) or []
        changed[name] = [*before, filled] if isinstance(before, list) else [filled]
    fitting = {
        name: fitted for name, value in changed.items() if (fitted := _fit(draft, name, value)) is not None
    }
    if fitting:
        draft.add_by_rule(ev.FieldsSet(values=fitting))
    if effect.fire is not None:
        _fire(draft, effect.fire)


def _from_child(draft: Draft, text: str, command: cmd.RecordChildClosed) -> JsonValue:
    if text == f"{CHILD_PREFIX}outcome":
        return command.outcome
    if text == f"{CHILD_PREFIX}id":
        return command.child
    if text.startswith(CHILD_PREFIX):
        return command.values.get(text.removeprefix(CHILD_PREFIX))
    return _passed(draft, text)


def _fit(draft: Draft, name: str, value: JsonValue) -> JsonValue:
    """The value in our field's form; one that does not fit is left out: the child is closed either way."""
    try:
        return canonical(draft.definition.sop.fields[name], value, currency=draft.definition.sop.currency)
    except FieldFault:
        return None


def _fire(draft: Draft, transition: str) -> None:
    """Asks for the transition on the rule's behalf; where it is blocked the case stays, and shows why."""
    try:
        request(draft, transition, "by rule", actor=RULE)
    except Refused:
        return


def close_by_parent(draft: Draft, command: cmd.CloseByParent) -> None:
    if draft.case.status is not CaseStatus.CLOSED:
        close_case(draft, command.outcome)
