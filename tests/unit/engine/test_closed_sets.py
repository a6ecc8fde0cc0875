"""Every kind of command, event and message is provided for: none can be added and forgotten."""

from typing import Any, get_args, get_type_hints

import pytest
from pydantic import TypeAdapter

from engine.case import commands as cmd
from engine.case import decide, evolve
from engine.case import events as ev
from engine.case.state import Case

COMMANDS: tuple[type, ...] = get_args(get_args(cmd.Command)[0])
EVENTS: tuple[type, ...] = get_args(get_args(ev.Event)[0])


def _takes(handler: Any) -> tuple[type, ...]:
    """The types of a handler's last parameter."""
    hints = {name: hint for name, hint in get_type_hints(handler).items() if name != "return"}
    last = list(hints.values())[-1]
    return get_args(last) or (last,)


def test_every_command_has_a_handler_that_takes_it() -> None:
    assert set(decide._HANDLERS) == set(COMMANDS)
    assert [c for c, handler in decide._HANDLERS.items() if c not in _takes(handler)] == []


def test_every_event_changes_the_case_in_a_way_made_for_it() -> None:
    assert {ev.CaseStarted, *evolve._CHANGES} == set(EVENTS)
    assert [e for e, change in evolve._CHANGES.items() if _takes(change) != (e,)] == []


@pytest.mark.parametrize("kinds", [COMMANDS, EVENTS], ids=["commands", "events"])
def test_each_kind_is_the_name_of_its_class_in_snake_case(kinds: tuple[type, ...]) -> None:
    named = {kind.__name__: get_args(get_type_hints(kind)["kind"])[0] for kind in kinds}
    assert named == {name: TypeAdapter(str).validate_python(_snake(name)) for name in named}


def _snake(name: str) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in name).removeprefix("_")


def test_private_parts_of_an_event_are_parts_it_has() -> None:
    assert [e for e in EVENTS if not set(e.private) <= set(get_type_hints(e))] == []


def test_the_first_event_of_a_case_is_its_start() -> None:
    recorded = TypeAdapter(ev.Recorded).validate_python(
        {
            "case_id": "c1",
            "sequence": 1,
            "at": "2026-11-23T01:00:00Z",
            "actor": {"person": "pei", "via": "web"},
            "event": {"kind": "commented", "text": "好"},
        }
    )
    with pytest.raises(ValueError, match="c1: the first event is commented, not case_started"):
        evolve.evolve(None, recorded)


def test_a_case_of_defaults_survives_its_way_through_json() -> None:
    adapter = TypeAdapter(Case)
    case = adapter.validate_python(
        {
            "id": "c1",
            "sop": "launch",
            "definition": "d",
            "title": "新品",
            "opened_by": "pei",
            "opened_at": "2026-11-23T01:00:00Z",
        }
    )
    assert adapter.validate_json(adapter.dump_json(case)) == case
