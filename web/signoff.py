"""Signing off from a message. GET shows, POST decides; whatever else a mail gateway tries changes nothing.

The link names one person's part in one approval; what it may do is read off the case each time.
"""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from engine.case import commands as cmd
from engine.case.refusal import Refusal, Why
from engine.case.state import Verdict
from engine.case.wording import refusal_sentences
from engine.case.work import LONGEST_TEXT
from notifications.links import LinkState
from web.acts_typed import Kept
from web.evidence import client_of, read_token
from web.files import file_answer, view_answer
from web.limits import within_bounds
from web.ports import Wiring
from web.signoff_acts import act, offered
from web.signoff_code import barred
from web.signoff_link import BadLink, Link, digest_of, open_link, opened_again
from web.signoff_page import barred_page, link_page, refused
from web.signoff_view import SignView
from web.visitor import Wired, from_our_page

router = APIRouter(include_in_schema=False, dependencies=[Depends(within_bounds)])
LONGEST_TYPED = (
    24 * LONGEST_TEXT
)  # a character is sent as up to 12 bytes; twice too many still get a sentence
MOST_TYPED = 60


@router.get("/s/{token}")
@router.head("/s/{token}")
def show(request: Request, wiring: Wired, token: str, said: str = "") -> Response:
    """Never changes anything, whoever looks: people, scanners, previews, prefetching browsers."""
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    return link_page(wiring, link, offered(wiring, link), said=said)


@router.get("/s/{token}/file/{digest}")
@router.head("/s/{token}/file/{digest}")
def download(request: Request, wiring: Wired, token: str, digest: str, view: str = "") -> Response:
    """A file the approver signs, while the link is live; with `view`, to look at where that is safe."""
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    if link.state in (LinkState.LIVE, LinkState.LOOKING):
        for paper in SignView.of(link.at, link.approval, link.visitor, link.events).papers:
            if paper.hash == digest:
                return (view_answer if view else file_answer)(wiring, paper.hash, paper.name)
    return refused(request)


async def typed_form(request: Request) -> FormData:
    """An urlencoded form of a few short fields; anything else reads as an empty one."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return FormData()
    return await request.form(max_files=0, max_fields=MOST_TYPED, max_part_size=LONGEST_TYPED)


@router.post("/s/{token}")
def press(
    request: Request, wiring: Wired, token: str, form: Annotated[FormData, Depends(typed_form)]
) -> Response:
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    typed = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    verdict = next((v for v in Verdict if v == typed.get("verdict")), None)
    acts = "act" in typed and verdict is None
    if link.earlier is not None and not acts:
        return _again(wiring, link, verdict)
    if link.state is not LinkState.LIVE and not acts:
        return link_page(wiring, link, offered(wiring, link), status=409)
    page = read_token(wiring, link.token, typed.get("token", ""))
    if page is None or not from_our_page(request):
        notice = link.visitor.t(
            "Please check once more and press again: this page had been open for too long."
        )
        return _back(wiring, link, form, 403, notice)
    if acts:
        return act(wiring, link, form)
    if verdict is None:
        return _back(wiring, link, form, 422, link.visitor.t("Choose approve or reject."))
    known = replace(page, issue=link.claim.issue, client=client_of(request))
    return _decide(wiring, replace(link, evidence=known), verdict, form)


def _back(wiring: Wiring, link: Link, form: FormData, status: int, notice: str) -> Response:
    """The page again, with what was typed and why nothing was done."""
    return link_page(wiring, link, offered(wiring, link), status=status, notice=notice, kept=Kept(form))


def _again(wiring: Wiring, link: Link, verdict: Verdict | None) -> Response:
    """A second press: the same answer is already recorded, another one comes too late."""
    assert link.earlier is not None  # noqa: S101 - asked for only where there is one
    t, here = link.visitor.t, offered(wiring, link)
    if verdict in (None, link.earlier.verdict):
        return link_page(wiring, link, here, notice=t("Your decision was already recorded."))
    too_late = t("You decided otherwise before; that decision stands.")
    return link_page(wiring, link, here, status=409, notice=too_late)


def _decide(wiring: Wiring, link: Link, verdict: Verdict, form: FormData) -> Response:
    typed = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    comment = typed.get("comment", "")
    notice = _comment_fault(link, verdict, comment)
    if notice:
        return link_page(
            wiring, link, offered(wiring, link), status=422, notice=notice, kept=Kept(form, "decide")
        )
    stop = barred(wiring, link, typed.get("code", ""))
    if stop is not None:
        return barred_page(wiring, link, offered(wiring, link), stop=stop, kept=Kept(form))
    return _record(wiring, link, verdict, comment, form)


def _comment_fault(link: Link, verdict: Verdict, comment: str) -> str:
    """Why the comment does not do, found before the digits are tried; empty where it does."""
    t = link.visitor.t
    spec = SignView.of(link.at, link.approval, link.visitor, link.events).spec
    if not comment and (
        spec.comment == "always" or (spec.comment == "on_reject" and verdict is Verdict.REJECT)
    ):
        return t("Please write why, then press again.")
    if len(comment) > LONGEST_TEXT:
        return t(
            "The comment is too long: {length} of at most {most} characters. Please shorten it.",
            length=len(comment),
            most=LONGEST_TEXT,
        )
    return ""


def _record(wiring: Wiring, link: Link, verdict: Verdict, comment: str, form: FormData) -> Response:
    command = cmd.RecordDecision(
        case_id=link.claim.case,
        approval=link.claim.approval,
        verdict=verdict,
        comment=comment,
        round=link.claim.round,
        content=link.approval.content,
        issue=link.claim.issue,
        assurance=link.approval.assurance,
        evidence=link.evidence,
    )
    key = link.key(verdict, digest_of(comment), link.taken_back)
    answer = wiring.service.handle(command, actor=link.actor, key=key)
    if answer.refusal is None:
        return RedirectResponse(f"/s/{link.token}", 303)
    return _refusal(wiring, link, answer.refusal, form)


def _refusal(wiring: Wiring, link: Link, refusal: Refusal, form: FormData) -> Response:
    """Somebody was faster, or what was typed does not do: the page as it stands now, and why."""
    notice = link.visitor.t("; ").join(refusal_sentences(refusal, link.visitor.language, link.visitor.name))
    status = {Why.BAD_INPUT: 422, Why.FORBIDDEN: 403}.get(refusal.why, 409)
    return _back(wiring, opened_again(wiring, link), form, status, notice)
