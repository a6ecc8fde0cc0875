"""Opening another case, and the values that go over to it."""

from collections.abc import Mapping

from pydantic import JsonValue

from engine.case import events as ev
from engine.case.draft import Draft
from engine.case.facts import child_id
from engine.case.view import CaseView
from engine.definition.fields import Money
from engine.definition.guards import evaluate
from engine.ids import PersonId


def open_case(
    draft: Draft,
    *,
    spec: str,
    sop: str,
    title: str,
    values: Mapping[str, JsonValue],
    roles: Mapping[str, tuple[PersonId, ...]] | None = None,
) -> None:
    """Owes a new case its start; the case's own assignments of roles go with it, under `roles`."""
    opened = ev.ChildOpened(
        child=child_id(draft.case_id, draft.sequence),
        spec=spec,
        sop=sop,
        title=title,
        values=values,
        roles={**draft.case.roles, **(roles or {})},
    )
    draft.add(opened)


def passed(draft: Draft, expressions: Mapping[str, str]) -> dict[str, JsonValue]:
    """The values the SOP hands over; what is not known yet is left out."""
    given = {name: value_of(draft, text) for name, text in expressions.items()}
    return {name: value for name, value in given.items() if value is not None}


def value_of(draft: Draft, text: str) -> JsonValue:
    """A field of ours goes over as it is stored; any other expression is computed first."""
    if text in draft.definition.sop.fields:
        return draft.case.values.get(text)
    expression = draft.definition.expression(text)
    view = CaseView(draft.definition, draft.case, draft.facts)
    value = evaluate(expression, view, currency=draft.definition.sop.currency)
    return None if value is None else _plain(value)


def _plain(value: object) -> JsonValue:
    """A computed value as JSON that a field reads back; money, dates and decimals as text."""
    match value:
        case bool() | int() | str():
            return value
        case Money():
            return f"{value.amount} {value.currency}"
        case _:
            return str(value)
