"""What was done around a running approval besides its answers, in words."""

from collections.abc import Callable, Sequence

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.state import Place
from engine.ids import PersonId
from web.phrases import Phrases, mark

ADDED = {
    Place.BEFORE: mark("added {people} to sign “{approval}” before"),
    Place.BESIDE: mark("added {people} to sign “{approval}” as well"),
    Place.AFTER: mark("added {people} to sign “{approval}” after"),
    Place.ANCHOR: mark("added {people} to sign “{approval}” as well"),
}


def said(
    event: ev.Event, t: Phrases, names: Callable[[Sequence[PersonId]], str], title: Callable[[str], str]
) -> str | None:
    """`title` names an approval by its id; None when the event is of another family."""
    match event:
        case se.AskTransferred():
            words, people = mark("handed “{approval}” over to {people}"), names([event.to])
        case se.SignersAdded():
            words, people = ADDED[event.place], names(event.persons)
        case se.SignersRemoved():
            words, people = mark("took {people} out of “{approval}”"), names(event.persons)
        case se.AskDelegated():
            words, people = mark("asked {people} to look at “{approval}” first"), names([event.to])
        case se.AskHandedBack():
            words, people = mark("handed “{approval}” back to {people}"), names([event.person])
        case se.StandInsSet() | se.SignersGone():
            return _by_rule(event, t, names, title)
        case se.WorkHandedOver():
            return t(
                "handed the work of {leaver} over to {people}",
                leaver=names([event.person]),
                people=names([event.to]),
            )
        case se.ApprovalCopied():
            words, people = mark("copied “{approval}” to {people}"), names(event.persons)
        case se.ApprovalNudged():
            words, people = mark("reminded {people} of “{approval}”"), names(event.notify)
        case _:
            return _without_people(event, t, title)
    return t(words, approval=title(event.approval), people=people)


def _by_rule(
    event: se.StandInsSet | se.SignersGone,
    t: Phrases,
    names: Callable[[Sequence[PersonId]], str],
    title: Callable[[str], str],
) -> str:
    """Who left; or each person asked with those who stand in from now on, nobody where that has ended."""
    if isinstance(event, se.SignersGone):
        left = mark("found that {people}, asked to sign “{approval}”, left")
        words = left if event.persons else mark("found that “{approval}” can be signed again")
        return t(words, approval=title(event.approval), people=names(event.persons))
    began = mark("{people} may answer “{approval}” in the stead of {person}")
    ended = mark("nobody may answer “{approval}” in the stead of {person} any more")
    told = [
        t(
            began if standing else ended,
            approval=title(event.approval),
            people=names(standing),
            person=names([person]),
        )
        for person, standing in event.stand_ins.items()
    ]
    return t("; ").join(told)


def _without_people(event: ev.Event, t: Phrases, title: Callable[[str], str]) -> str | None:
    match event:
        case se.DecisionTakenBack():
            words = mark("took the answer to “{approval}” back")
        case se.MaterialAsked():
            words = mark("asked for material before deciding “{approval}”")
        case se.MaterialGiven():
            words = mark("gave the material for “{approval}”")
        case se.ApprovalCommented():
            words = mark("commented on “{approval}”")
        case se.RequestResubmitted():
            return t("resubmitted the request")
        case se.RequestReturned():
            words = mark("sent the request back: “{approval}”")
        case se.AskCalledBack():
            words = mark("called “{approval}” back")
        case _:
            return None
    return t(words, approval=title(event.approval))


def note(event: ev.Event) -> str:
    """What was written with it."""
    match event:
        case se.MaterialAsked() | se.MaterialGiven() | se.ApprovalCommented() | se.AskHandedBack():
            return event.text
        case se.AskTransferred() | se.SignersAdded() | se.SignersRemoved() | se.WorkHandedOver():
            return event.reason
        case se.DecisionTakenBack() | se.AskDelegated() | se.RequestResubmitted():
            return event.reason
        case se.RequestReturned():
            return event.comment
        case _:
            return ""
