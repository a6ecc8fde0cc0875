"""What happened to a case's clocks, in words: whatever stands in engine.case.time_events."""

from collections.abc import Callable

from engine.case import events as ev
from web.phrases import Phrases


def said(event: ev.Event, t: Phrases, title: Callable[[str], str]) -> str | None:
    """`title` names a thing by its id in the SOP; None when the event is of another family."""
    match event:
        case ev.AnswerNoted():
            return t("“{approval}” is decided", approval=title(event.approval))
        case _:
            return None
