"""What happened to a case's clocks, in words: whatever stands in engine.case.time_events."""

from collections.abc import Callable

from engine.case import events as ev
from web.phrases import mark
from web.times import Times


def said(
    event: ev.Event, times: Times, title: Callable[[str], str], deadline: Callable[[str], str]
) -> str | None:
    """`title` names a thing by its id in the SOP, `deadline` one by its own; None for another family."""
    t = times.t
    match event:
        case ev.AnswerNoted():
            return t("“{approval}” is decided", approval=title(event.approval))
        case ev.StageWaits():
            return t(
                "“{stage}” waits for {whom}; its clock stands still",
                stage=title(event.stage),
                whom=event.waits_for,
            )
        case ev.StageGoesOn():
            words = mark("“{stage}” has waited as long as it may; its clock runs on")
            over = mark("the clock of “{stage}” runs on")
            return t(words if event.capped else over, stage=title(event.stage))
        case ev.DeadlineExtended():
            old, new = times.at(event.old), times.at(event.new)
            return t(
                "gave “{subject}” more time: {old} → {new}",
                subject=deadline(event.deadline),
                old=old,
                new=new,
            )
        case _:
            return None
