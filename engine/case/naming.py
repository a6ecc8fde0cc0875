"""What a deadline is called: by what it hangs on."""

from collections.abc import Mapping

from engine.case import waking
from engine.case.state import DeadlineKind
from engine.definition.compiled import Definition
from engine.text import Text


def deadline_title(
    definition: Definition, name: str, *, stages: Mapping[str, str], specs: Mapping[str, str]
) -> Text:
    """Of the deadline of this id. `stages`: by the number of a visit; `specs`: by the id of an approval."""
    kind, _, subject = name.partition(":")
    if kind == DeadlineKind.RESUME:
        return waking.title(subject, definition.title_of(stages.get(waking.visit_of(subject), "")))
    named = stages if kind == DeadlineKind.STAGE else specs
    return definition.title_of(named.get(subject, subject.partition("/")[0]))
