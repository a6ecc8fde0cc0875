"""Children: known, and knowing, through events only."""

from pydantic import JsonValue

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import rules
from engine.case.draft import Draft, Refused
from engine.case.moves import close_case, request
from engine.case.passing import open_case, passed, value_of
from engine.case.refusal import Blocker, Why, unknown
from engine.case.state import RULE, CaseStatus
from engine.definition.fields import FieldFault, canonical
from engine.definition.model import ChildEffect

CHILD_PREFIX = "child."


def open_child(draft: Draft, command: cmd.OpenChild) -> None:
    spec = draft.definition.sop.children.get(command.child)
    if spec is None:
        raise Refused(
            Why.NOT_FOUND, unknown(command.child, draft.definition.sop.children, code="no_such_child")
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
        draft,
        spec=command.child,
        sop=spec.sop,
        title=command.title,
        values={**passed(draft, spec.values), **command.values},
        roles={**roles, **command.roles},
    )


def child_closed(draft: Draft, command: cmd.RecordChildClosed) -> None:
    """A child's end, told once; its outcome may change fields or ask for a transition.

    The child has ended either way: fields that would break a rule stay as they are, and a transition that is
    blocked is not asked for.
    """
    child = draft.case.children.get(command.child)
    if child is None:
        raise Refused(Why.NOT_FOUND, Blocker(code="not_a_child", subject=command.child))
    if child.outcome is not None:
        return
    draft.add_by_rule(ev.ChildClosed(child=command.child, outcome=command.outcome, values=command.values))
    spec = draft.definition.sop.children.get(child.spec)
    effect = spec.on_child.get(command.outcome) if spec else None
    if effect is None or draft.case.status is CaseStatus.CLOSED:
        return
    with draft.attempt():
        _set(draft, effect, command)
        rules.keep(draft)
    if effect.fire is not None:
        with draft.attempt():
            request(draft, effect.fire, "by rule", actor=RULE)


def _set(draft: Draft, effect: ChildEffect, command: cmd.RecordChildClosed) -> None:
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


def _from_child(draft: Draft, text: str, command: cmd.RecordChildClosed) -> JsonValue:
    if text == f"{CHILD_PREFIX}outcome":
        return command.outcome
    if text == f"{CHILD_PREFIX}id":
        return command.child
    if text.startswith(CHILD_PREFIX):
        return command.values.get(text.removeprefix(CHILD_PREFIX))
    return value_of(draft, text)


def _fit(draft: Draft, name: str, value: JsonValue) -> JsonValue:
    """The value in our field's form; one that does not fit is left out: the child is closed either way."""
    try:
        return canonical(draft.definition.sop.fields[name], value, currency=draft.definition.sop.currency)
    except FieldFault:
        return None


def close_by_parent(draft: Draft, command: cmd.CloseByParent) -> None:
    if draft.case.status is not CaseStatus.CLOSED:
        close_case(draft, command.outcome)
