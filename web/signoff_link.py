"""A sign-off link as it was opened: whose it is, what it leads to, and what it is worth at this moment."""

import hashlib
from dataclasses import dataclass

from fastapi import Request

from engine.case import events as ev
from engine.case import signer_events as se
from engine.case.awaiting import answering, issue_of
from engine.case.events import Recorded
from engine.case.evidence import NOTHING_KNOWN, Evidence
from engine.case.state import Actor, Approval, Via
from engine.ids import CaseId, PersonId
from engine.store.code_attempts import LinkName
from engine.store.people import Person
from notifications.links import LinkClaim, LinkState, check, read_link
from web.evidence import page_token
from web.phrases import Phrases
from web.ports import Seen, Wiring
from web.seeing import NoSuchPage, active_person, seen
from web.visitor import Visitor, chosen_language, times_for

NOBODY, NO_CASE = PersonId(""), CaseId("")  # looked for in vain, so that every bad link costs the same


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
    evidence: Evidence = NOTHING_KNOWN

    @property
    def earlier(self) -> ev.DecisionRecorded | None:
        for recorded in reversed(self.events):
            if not self._own(recorded):
                continue
            event = recorded.event
            if isinstance(event, ev.DecisionRecorded):
                return event if event.round == self.claim.round else None
            return None
        return None

    def _own(self, recorded: Recorded) -> bool:
        """An answer this person gave, standing in or not, or took back; or one carried over from another."""
        event = recorded.event
        if not isinstance(event, ev.DecisionRecorded | se.DecisionTakenBack):
            return False
        carried = isinstance(event, ev.DecisionRecorded) and event.carried_from is not None
        by = event.person if carried else recorded.actor.person
        return (event.approval, by) == (self.claim.approval, self.claim.person)

    @property
    def taken_back(self) -> int:
        """How often this person took an answer back: what is decided afterwards is another decision."""
        return sum(isinstance(r.event, se.DecisionTakenBack) and self._own(r) for r in self.events)

    @property
    def approval(self) -> Approval:
        return self.at.case.approvals[self.claim.approval]

    @property
    def newest(self) -> bool:
        """Whether no newer link was given out; a decided approval no longer asks that of `state`."""
        approval = self.at.case.approvals.get(self.claim.approval)
        person = self.claim.person
        if approval is None or not any(person in (*answering(a), a.looks) for a in approval.asks):
            return False
        return issue_of(approval, person) == self.claim.issue

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
    """Raises BadLink, after the same reads whatever is wrong: one person, and one case that is not there."""
    claim = read_link(token, wiring.keys)
    person = active_person(wiring, claim.person if claim else NOBODY)
    try:
        at = seen(wiring, claim.case if claim and person else NO_CASE)
    except NoSuchPage:
        raise BadLink from None
    if claim is None or person is None:
        raise BadLink
    people = {person.id: person for person in wiring.store.people.all()}
    return _link(wiring, token, claim, at, _reader(request, wiring, person, people, token))


def opened_again(wiring: Wiring, link: Link) -> Link:
    """The same link, with the case as it stands now."""
    return _link(wiring, link.token, link.claim, seen(wiring, link.claim.case), link.visitor)


def _link(wiring: Wiring, token: str, claim: LinkClaim, at: Seen, visitor: Visitor) -> Link:
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
        form_token=page_token(wiring, token, t.language),
    )


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
