"""Whether the calendars a definition names are there, before it is published; the loader reads no files."""

import re

from engine.definition.compiled import Definition
from engine.errors import BrokenDefinition, Fault
from runtime.calendars import Calendars, UnknownCalendar


def refuse_unknown_calendars(definition: Definition, text: str, file: str, calendars: Calendars) -> None:
    """Raises BrokenDefinition naming each with its place, and CalendarFault for one that cannot be used."""
    faults: list[Fault] = []
    for name in sorted(definition.calendars):
        try:
            calendars(name)
        except UnknownCalendar as unknown:
            faults += [Fault(file, *place, unknown.message) for place in _places(text, name)]
    if faults:
        raise BrokenDefinition(tuple(sorted(faults)))


def _places(text: str, name: str) -> list[tuple[int, int]]:
    """Lines and columns, from 1, at which the file names this calendar."""
    named = re.compile(rf"calendar:\s*[\"']?({re.escape(name)})\b")
    lines = enumerate(text.splitlines(), start=1)
    return [(number, found.start(1) + 1) for number, line in lines for found in named.finditer(line)] or [
        (1, 1)
    ]
