"""The HTTP API for whoever is outside the company: contacts of a case, and the record of what was signed."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from fastapi.responses import Response

from engine.case.contacts import Wanted
from engine.case.state import Via
from engine.ids import ApprovalId, CaseId
from engine.text import Language
from runtime.contacts import Contacts, OnCase, on_case
from web import api_bodies as b
from web import api_models as m
from web.api_calls import PROBLEMS, Call, caller, finished
from web.evidence import answered, record
from web.seeing import facts_for, seen
from web.visitor import Visitor, Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS)
AnyCall = Annotated[Call, Depends()]
Caller = Annotated[Visitor, Depends(caller)]
RECORD = "/cases/{case_id}/approvals/{approval}/record"


@router.get("/cases/{case_id}/contacts", tags=["cases"])
def list_contacts(wiring: Wired, visitor: Caller, case_id: CaseId) -> list[m.ContactOut]:
    """Who holds the SOP's external roles; `own` when named on this case."""
    at = seen(wiring, case_id)
    facts = facts_for(wiring, at, visitor.actor(Via.API))
    found = on_case(at.case, at.definition, facts, wiring.store.people.all())
    return [_out(one) for one in found]


@router.post("/cases/{case_id}/contacts", response_model=m.ContactAddedOut, tags=["acts"])
def add_contact(call: AnyCall, case_id: CaseId, body: b.ContactIn) -> Response:
    """Registers somebody outside the company and puts this person into an external role of the case. An
    e-mail that is known is the same person; that of a colleague is refused.
    """
    at = seen(call.wiring, case_id)
    wanted = Wanted(**body.model_dump(), zone=call.wiring.settings.zone)
    contacts = Contacts(store=call.wiring.store, door=call.wiring.service)
    actor = call.visitor.actor(Via.API)
    added = contacts.add(at.case, at.definition, wanted, actor=actor, key=call.idempotency_key)
    more = {} if added.person is None else {"person": added.person.id, "known": added.known}
    return finished(added.answer, **more)


def _out(one: OnCase) -> m.ContactOut:
    person = one.person
    return m.ContactOut(role=one.role, person=person.id, name=person.name, email=person.email, own=one.own)


@router.get(RECORD, tags=["approvals"], dependencies=[Depends(caller)])
def get_record(wiring: Wired, case_id: CaseId, approval: ApprovalId) -> dict[str, Any]:
    """The record of an approval, running or past, with all that is needed to check it without us."""
    return record(wiring, seen(wiring, case_id), approval)


@router.get(f"{RECORD}.pdf", tags=["approvals"], response_class=Response, dependencies=[Depends(caller)])
def get_printed_record(
    wiring: Wired, case_id: CaseId, approval: ApprovalId, lang: Language = "zh"
) -> Response:
    """The same on paper; 501 where no Chinese font is installed."""
    return answered(record(wiring, seen(wiring, case_id), approval), "pdf", lang)
