"""Records of sign-offs as files, for colleagues and for whoever signed; and the page that compares one."""

from typing import Annotated

from fastapi import APIRouter, Path, Request
from fastapi.responses import HTMLResponse, Response

from engine.ids import CaseId
from runtime.signoff.making import Reader
from web.evidence import Kind, answered, record
from web.phrases import Phrases
from web.rendering import simple
from web.seeing import NoSuchPage, seen
from web.signoff_link import BadLink, open_link
from web.signoff_page import refused
from web.visitor import Visits, Wired, chosen_language, times_for

router = APIRouter(include_in_schema=False)
Digest = Annotated[str, Path(pattern="^[0-9a-f]{64}$")]


@router.get("/cases/{case_id}/approvals/{approval}/record.{kind}")
def colleague_record(case_id: str, approval: str, kind: Kind, visitor: Visits, wiring: Wired) -> Response:
    return answered(record(wiring, seen(wiring, case_id), approval), kind, visitor.language)


@router.get("/s/{token}/record.{kind}")
def own_record(request: Request, wiring: Wired, token: str, kind: Kind) -> Response:
    """For whoever answered through this link, and of the round that was answered."""
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    if link.earlier is None:
        return refused(request)
    reader = Reader(person=link.claim.person, round=link.claim.round)
    try:
        made = record(wiring, link.at, link.claim.approval, reader=reader)
    except NoSuchPage:
        return refused(request)
    return answered(made, kind, link.visitor.language)


@router.get("/check/{case_id}/{sequence}/{digest}")
def compare(
    request: Request, wiring: Wired, case_id: str, sequence: Annotated[int, Path(ge=1)], digest: Digest
) -> HTMLResponse:
    """Says to a stranger whether the chain holds this hash here, and nothing else."""
    at = wiring.store.history.has(CaseId(case_id), sequence, digest)
    t = Phrases(chosen_language(request, None))
    times = times_for(wiring, None, t)
    facts = {"t": t, "times": times, "at": at, "hash": digest}
    return simple("record_check.html", status=404 if at is None else 200, **facts)
