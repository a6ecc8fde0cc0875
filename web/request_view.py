"""The open requests of a case as its page shows them: each gate, who stands in it, what was said of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from engine.case.awaiting import asked
from engine.case.facts import Facts
from engine.case.state import Approval, ApprovalState, Ask, Place, Request, RequestState
from engine.definition.approval_model import Mode
from engine.ids import PersonId
from web.acts_offered import Offer, offer, offer_on_request
from web.phrases import mark
from web.ports import Seen
from web.visitor import Visitor

PLACES = {
    Place.BEFORE: mark("added by {person}, signs before"),
    Place.BESIDE: mark("added by {person}, signs as well"),
    Place.AFTER: mark("added by {person}, signs after"),
    Place.ANCHOR: "",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """`turn`: may decide now. `looks`: who looks at it for the person meanwhile; `opinion` is what came of
    it, and `lent` to whom. `how` says how somebody the SOP does not ask came in.
    """

    person: str
    role: str
    verdict: str | None
    at: datetime | None
    comment: str
    turn: bool
    how: str = ""
    looks: str = ""
    lent: str = ""
    opinion: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    approval: Approval
    title: str
    mode: str
    asks: Sequence[Asking]
    unfilled: str
    gone: str
    mine: bool
    returned: bool
    wonders: str
    question: str
    copies: str
    removed: str
    offer: Offer


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenRequest:
    """`returned`: who sent it back; `waits`: who is awaited now."""

    request: Request
    title: str
    by: str
    gates: Sequence[Gate]
    ready: bool
    returned: str
    straight: bool
    acts: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestView:
    seen: Seen
    facts: Facts
    visitor: Visitor

    def all(self) -> list[OpenRequest]:
        return [self._request(request) for request in self.seen.case.requests.values()]

    def _title(self, name: str) -> str:
        return self.seen.definition.title_of(name).in_(self.visitor.language)

    def _names(self, persons: Sequence[PersonId]) -> str:
        return self.visitor.t(", ").join(self.visitor.name(person) for person in persons)

    def _request(self, request: Request) -> OpenRequest:
        back = request.returned
        return OpenRequest(
            request=request,
            title=self._title(request.transition),
            by=self.visitor.name(request.by),
            gates=[self._gate(request, a) for a in self.seen.case.approvals_of(request.id)],
            ready=request.state is RequestState.READY,
            returned=self.visitor.name(back.by) if back else "",
            straight=back is not None and back.straight_back,
            acts=offer_on_request(self.seen, request, self.facts),
        )

    def _gate(self, request: Request, approval: Approval) -> Gate:
        mode = self.seen.definition.approval(request.transition, approval.spec).mode
        found = offer(self.seen, approval, self.facts, self.visitor)
        question = approval.material
        return Gate(
            approval=approval,
            title=self._title(approval.spec),
            mode=mode,
            asks=[self._asking(mode, approval, ask) for ask in approval.asks],
            unfilled=self.visitor.t(", ").join(self._title(role) for role in approval.unfilled),
            gone=self._names(approval.gone),
            mine="decide" in found.acts,
            returned=approval.state is ApprovalState.RETURNED,
            wonders=self.visitor.name(question.by) if question else "",
            question=question.text if question else "",
            copies=self._names(approval.copies),
            removed=self._names([PersonId(part) for part in approval.removed]),
            offer=found,
        )

    def _asking(self, mode: Mode, approval: Approval, ask: Ask) -> Asking:
        lent = ask.delegation
        return Asking(
            person=self.visitor.name(ask.person),
            role=self._title(ask.role),
            verdict=ask.decision.verdict if ask.decision else None,
            at=ask.decision.at if ask.decision else None,
            comment=ask.decision.comment if ask.decision else "",
            turn=ask.person in asked(mode, approval),
            how=self._how(ask),
            looks=self.visitor.name(ask.looks) if ask.looks else "",
            lent=self.visitor.name(lent.to) if lent else "",
            opinion=(lent.opinion or "") if lent else "",
        )

    def _how(self, ask: Ask) -> str:
        return self.visitor.t("; ").join(part for part in (self._came(ask), self._stead(ask)) if part)

    def _stead(self, ask: Ask) -> str:
        """Who may answer in the person's stead, or did."""
        t, said = self.visitor.t, ask.decision
        if said is not None:
            own = said.by == ask.person
            return "" if own else t("by {person} in their stead", person=self.visitor.name(said.by))
        people = self._names(ask.stand_ins)
        return t("or {people} in their stead", people=people) if people else ""

    def _came(self, ask: Ask) -> str:
        t, name = self.visitor.t, self.visitor.name
        if ask.added_by is not None:
            return t(PLACES[ask.place], person=name(ask.added_by)) if PLACES[ask.place] else ""
        if ask.taken_from is not None:
            return t("took it over from {person}", person=name(ask.taken_from))
        return ""
