"""A sign-off link as it was opened: whose it is, what it leads to, and what it is worth at this moment."""

import hashlib
from dataclasses import dataclass

from fastapi import Request

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.events import Recorded
from engine.case.state import Actor, Approval, Via
from engine.ids import PersonId
from engine.store.code_attempts import LinkName
from engine.store.people import Person
from notifications.links import LinkClaim, LinkState, check, read_link
from web.phrases import Phrases
from web.ports import Seen, Wiring
from web.seeing import NoSuchPage, seen
from web.visitor import Visitor, chosen_language, signed, times_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A genuine link and what it leads to. `earlier` is the decision this person recorded in this round and
    did not take back.
    """

    token: str
    claim: LinkClaim
    at: Seen
    state: LinkState
    events: tuple[Recorded, ...]
    visitor: Visitor

    @property
    def earlier(self) -> ev.DecisionRecorded | None:
        for event in (r.event for r in reversed(self.events)):
            if isinstance(event, se.DecisionTakenBack) and self._own(event):
                return None
            if isinstance(event, ev.DecisionRecorded) and self._own(event):
                return event if event.round == self.claim.round else None
        return None

    def _own(self, event: ev.DecisionRecorded | se.DecisionTakenBack) -> bool:
        return (event.approval, event.person) == (self.claim.approval, self.claim.person)

    @property
    def taken_back(self) -> int:
        """How often this person took an answer back: what is decided afterwards is another decision."""
        return sum(isinstance(r.event, se.DecisionTakenBack) and self._own(r.event) for r in self.events)

    @property
    def approval(self) -> Approval:
        return self.at.case.approvals[self.claim.approval]

    @property
    def newest(self) -> bool:
        """Whether no newer link was given out; a decided approval no longer asks that of `state`."""
        approval = self.at.case.approvals.get(self.claim.approval)
        asks = approval.asks if approval else ()
        mine = [ask.issue for ask in asks if self.claim.person in (ask.person, ask.looks)]
        return mine == [self.claim.issue]

    @property
    def actor(self) -> Actor:
        return Actor(person=self.claim.person, via=Via.LINK)

    @property
    def name(self) -> LinkName:
        claim = self.claim
        return LinkName(
            case_id=claim.case,
            approval=claim.approval,
            person=claim.person,
            round=claim.round,
            issue=claim.issue,
        )

    def key(self, *parts: object) -> str:
        """The idempotency key of an act through this link."""
        return f"link:{digest_of(self.token)}:{':'.join(str(part) for part in parts)}"


class BadLink(Exception):
    """Not a link of ours, or no more. Every reason gets the same page."""


def open_link(request: Request, wiring: Wiring, token: str) -> Link:
    """Raises BadLink."""
    claim = read_link(token, wiring.keys)
    if claim is None:
        raise BadLink
    people = {person.id: person for person in wiring.store.people.all()}
    person = people.get(claim.person)
    if person is None or not person.active:
        raise BadLink
    return _link(wiring, token, claim, _reader(request, wiring, person, people, token))


def opened_again(wiring: Wiring, link: Link) -> Link:
    """The same link, with the case as it stands now."""
    return _link(wiring, link.token, link.claim, link.visitor)


def _link(wiring: Wiring, token: str, claim: LinkClaim, visitor: Visitor) -> Link:
    try:
        at = seen(wiring, claim.case)
    except NoSuchPage:
        raise BadLink from None
    return Link(
        token=token,
        claim=claim,
        at=at,
        state=check(claim, at.case, at.definition),
        events=tuple(wiring.store.history.read_events(at.case.id)),
        visitor=visitor,
    )


def _reader(
    request: Request, wiring: Wiring, person: Person, people: dict[PersonId, Person], token: str
) -> Visitor:
    t = Phrases(chosen_language(request, person))
    return Visitor(
        person=person,
        people=people,
        t=t,
        times=times_for(wiring, person, t),
        seat="",
        form_token=signed(wiring, f"sign-off:{token}"),
    )


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
