"""What became of what a link asked, for a reader who comes too late: kindly, and what there is to do now."""

from dataclasses import dataclass

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.awaiting import answering
from engine.case.events import Recorded
from web.phrases import mark
from web.signoff_link import Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """One decision of the round the link is about."""

    name: str
    verdict: str
    when: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Became:
    headline: str
    sentence: str


WHY_DROPPED = {
    "withdrawn": mark("{who} took the request back on {when}; your answer is no longer needed."),
    "rejected": mark("The request ended on {when}; your answer is no longer needed."),
    "returned": mark("{who} sent the request back on {when}. If it is resubmitted, you get a message."),
    "blocked": mark("The request could no longer be carried out and ended on {when}."),
    "closed": mark("The request ended on {when}, for its stage was left."),
}


def became(link: Link) -> Became:
    """The last thing that took this out of the reader's hands."""
    for recorded in reversed(link.events):
        found = _of_person(link, recorded) or _of_request(link, recorded)
        if found is not None:
            return found
    t = link.visitor.t
    return Became(
        headline=t("This has been decided."),
        sentence=t("Your answer is no longer needed. Thank you all the same."),
    )


def _of_person(link: Link, recorded: Recorded) -> Became | None:
    t, name, me = link.visitor.t, link.visitor.name, link.claim.person
    event = recorded.event
    if getattr(event, "approval", None) != link.claim.approval:
        return None
    match event:
        case se.AskTransferred() if event.person == me:
            said = t("{person} decides in your place.", person=name(event.to))
            return Became(headline=t("You handed this over."), sentence=said)
        case se.SignersRemoved() if me in event.persons:
            said = t("{person} took you out of this approval.", person=name(recorded.actor.person))
            return Became(headline=t("You are no longer asked."), sentence=said)
        case ev.DecisionRecorded() if recorded.actor.person != me and _same_ask(link, event):
            who, when = name(recorded.actor.person), link.visitor.times.at(recorded.at)
            said = t(
                "{person} answered it on {when}; your answer is no longer needed.", person=who, when=when
            )
            return Became(headline=t("This was answered already."), sentence=said)
        case se.StandInsSet() if _no_longer_standing_in(link):
            people = t(", ").join(name(person) for person in event.stand_ins)
            said = t("What is still open here waits for {person}.", person=people)
            return Became(headline=t("You no longer stand in here."), sentence=said)
        case se.AskHandedBack() if recorded.actor.person == me:
            said = t("Thank you. {person} has your opinion and decides.", person=name(event.person))
            return Became(headline=t("You handed it back."), sentence=said)
        case se.AskCalledBack() if me in event.notify:
            said = t("{person} decides without waiting for your opinion.", person=name(event.person))
            return Became(headline=t("Your opinion is no longer needed."), sentence=said)
        case _:
            return None


def _same_ask(link: Link, event: ev.DecisionRecorded) -> bool:
    """Whether that answer is the one the reader was asked for, or could have given in another's stead."""
    approval = link.at.case.approvals.get(link.claim.approval)
    asks = approval.asks if approval and event.carried_from is None else ()
    return any(ask.person == event.person and link.claim.person in answering(ask) for ask in asks)


def _no_longer_standing_in(link: Link) -> bool:
    """Who holds a link and is in nobody's ask can only have stood in."""
    approval = link.at.case.approvals.get(link.claim.approval)
    return approval is not None and not any(link.claim.person in answering(ask) for ask in approval.asks)


def _of_request(link: Link, recorded: Recorded) -> Became | None:
    event, t = recorded.event, link.visitor.t
    match event:
        case ev.TransitionDropped() if event.request == _request_of(link):
            who = link.visitor.name(recorded.actor.person)
            said = t(WHY_DROPPED[event.why], who=who, when=link.visitor.times.at(recorded.at))
            withdrawn = event.why == "withdrawn"
            headline = t("The request was withdrawn.") if withdrawn else t("This has been decided.")
            return Became(headline=headline, sentence=said)
        case ev.ApprovalClosed() if event.approval == link.claim.approval:
            granted = t("The approval is granted.") if event.granted else t("The approval is refused.")
            thanks = t("Your answer is no longer needed. Thank you all the same.")
            return Became(
                headline=t("This has been decided."), sentence=t("{one} {other}", one=granted, other=thanks)
            )
        case _:
            return None


def _request_of(link: Link) -> str:
    opened = (r.event.approval for r in link.events if isinstance(r.event, ev.ApprovalOpened))
    return next((a.request for a in opened if a.id == link.claim.approval), "")


def requester(link: Link) -> str:
    """Whom to talk to about it: who asked, by name; empty where nobody did."""
    asked = (r for r in link.events if isinstance(r.event, ev.TransitionRequested))
    found = next((r for r in asked if r.event.request == _request_of(link)), None)  # type: ignore[union-attr]
    if found is None or found.actor.person in ("rule", link.claim.person):
        return ""
    return link.visitor.name(found.actor.person)


def outcome(link: Link) -> ev.ApprovalClosed | None:
    """How the approval ended, if it did and was not opened again."""
    for event in (r.event for r in reversed(link.events)):
        if isinstance(event, se.DecisionTakenBack) and event.approval == link.claim.approval:
            return None
        if isinstance(event, ev.ApprovalClosed) and event.approval == link.claim.approval:
            return event
    return None


def decided(link: Link) -> list[Decided]:
    """Who decided what, and when. People outside are told of their own answer only."""
    own_only = link.visitor.person.external
    back = {
        (r.event.approval, r.event.person): r.sequence
        for r in link.events
        if isinstance(r.event, se.DecisionTakenBack)
    }
    return [
        Decided(
            name=link.visitor.by_whom(r),
            verdict=r.event.verdict.value,
            when=link.visitor.times.at(r.at),
            comment=r.event.comment,
        )
        for r in link.events
        if isinstance(r.event, ev.DecisionRecorded)
        and (r.event.approval, r.event.round) == (link.claim.approval, link.claim.round)
        and (not own_only or r.event.person == link.claim.person)
        and back.get((r.event.approval, r.event.person), 0) < r.sequence
    ]
