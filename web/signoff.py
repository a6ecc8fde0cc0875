"""Signing off from a message. GET shows, POST decides; whatever else a mail gateway tries changes nothing.

The link names one person's part in one approval; what it may do is read off the case each time.
"""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Annotated, Any, assert_never

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from starlette.datastructures import FormData

from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.events import Recorded
from engine.case.refusal import Refusal, Why
from engine.case.state import Actor, Approval, Verdict, Via
from engine.case.wording import refusal_sentences
from engine.case.work import LONGEST_TEXT
from engine.definition.model import Assurance
from engine.store.code_attempts import LinkName
from engine.store.people import Person
from notifications.links import MOST_TRIES, LinkClaim, LinkState, check, code_matches, read_link
from web.pages import file_answer
from web.phrases import Phrases
from web.ports import Seen, Wiring
from web.rendering import simple
from web.seeing import NoSuchPage, seen
from web.signoff_view import SignView
from web.visitor import Visitor, Wired, chosen_language, from_our_page, signed, times_for

router = APIRouter(include_in_schema=False)
LONGEST_TYPED = (
    24 * LONGEST_TEXT
)  # a character is sent as up to 12 bytes; twice too many still get a sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A genuine link and what it leads to. `earlier` is the decision this person recorded in this round."""

    token: str
    claim: LinkClaim
    at: Seen
    state: LinkState
    events: tuple[Recorded, ...]
    visitor: Visitor

    @property
    def earlier(self) -> ev.DecisionRecorded | None:
        found = (r.event for r in reversed(self.events))
        return next((e for e in found if isinstance(e, ev.DecisionRecorded) and self._mine(e)), None)

    def _mine(self, decided: ev.DecisionRecorded) -> bool:
        named = (decided.approval, decided.person, decided.round)
        return named == (self.claim.approval, self.claim.person, self.claim.round)

    @property
    def approval(self) -> Approval:
        return self.at.case.approvals[self.claim.approval]

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


class BadLink(Exception):
    """Not a link of ours, or no more. Every reason gets the same page."""


def open_link(request: Request, wiring: Wiring, token: str) -> Link:
    """Raises BadLink."""
    claim = read_link(token, wiring.keys)
    if claim is None:
        raise BadLink
    try:
        at = seen(wiring, claim.case)
    except NoSuchPage:
        raise BadLink from None
    people = {person.id: person for person in wiring.store.people.all()}
    person = people.get(claim.person)
    if person is None or not person.active:
        raise BadLink
    return Link(
        token=token,
        claim=claim,
        at=at,
        state=check(claim, at.case, at.definition),
        events=tuple(wiring.store.history.read_events(at.case.id)),
        visitor=_reader(request, wiring, person, people, token),
    )


def _reader(
    request: Request, wiring: Wiring, person: Person, people: dict[Any, Person], token: str
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


@router.get("/s/{token}")
@router.head("/s/{token}")
def show(request: Request, wiring: Wired, token: str) -> Response:
    """Never changes anything, whoever looks: people, scanners, previews, prefetching browsers."""
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    return link_page(wiring, link)


@router.get("/s/{token}/file/{digest}")
def download(request: Request, wiring: Wired, token: str, digest: str) -> Response:
    """A file the approver signs, while the link is live."""
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    if link.state is LinkState.LIVE:
        for paper in SignView.of(link.at, link.approval, link.visitor, link.events).papers:
            if paper.hash == digest:
                return file_answer(wiring, paper.hash, paper.name)
    return refused(request)


async def typed_form(request: Request) -> FormData:
    """An urlencoded form of a few short fields; anything else reads as an empty one."""
    if not request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        return FormData()
    return await request.form(max_files=0, max_fields=20, max_part_size=LONGEST_TYPED)


@router.post("/s/{token}")
def decide(
    request: Request, wiring: Wired, token: str, form: Annotated[FormData, Depends(typed_form)]
) -> Response:
    try:
        link = open_link(request, wiring, token)
    except BadLink:
        return refused(request)
    typed = {name: value.strip() for name, value in form.items() if isinstance(value, str)}
    verdict = next((v for v in Verdict if v == typed.get("verdict")), None)
    if link.earlier is not None:
        return _again(wiring, link, verdict)
    if link.state is not LinkState.LIVE:
        return link_page(wiring, link, status=409)
    t = link.visitor.t
    if not _from_us(request, link, typed.get("token", "")):
        notice = t("Please check once more and press again: this page had been open for too long.")
        return link_page(wiring, link, status=403, notice=notice, typed=typed)
    if verdict is None:
        return link_page(wiring, link, status=422, notice=t("Choose approve or reject."), typed=typed)
    return _decide(wiring, link, verdict, typed)


def _from_us(request: Request, link: Link, token: str) -> bool:
    return from_our_page(request) and hmac.compare_digest(link.visitor.form_token.encode(), token.encode())


def _again(wiring: Wiring, link: Link, verdict: Verdict | None) -> Response:
    """A second press: the same answer is already recorded, another one comes too late."""
    assert link.earlier is not None  # noqa: S101 - asked for only where there is one
    if verdict in (None, link.earlier.verdict):
        return link_page(wiring, link, notice=link.visitor.t("Your decision was already recorded."))
    too_late = link.visitor.t("You decided otherwise before; that decision stands.")
    return link_page(wiring, link, status=409, notice=too_late)


def _decide(wiring: Wiring, link: Link, verdict: Verdict, typed: dict[str, str]) -> Response:
    comment = typed.get("comment", "")
    notice = _comment_fault(link, verdict, comment)
    if notice:
        return link_page(wiring, link, status=422, notice=notice, typed=typed)
    match link.approval.assurance:
        case Assurance.LINK:
            pass
        case Assurance.CODE:
            wrong = _check_code(wiring, link, typed)
            if wrong is not None:
                return wrong
        case Assurance.LOGIN:
            notice = link.visitor.t("This approval needs you to be signed in; open the case instead.")
            return link_page(wiring, link, status=403, notice=notice, typed=typed)
        case unreachable:
            assert_never(unreachable)
    return _record(wiring, link, verdict, comment, typed)


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


def _check_code(wiring: Wiring, link: Link, typed: dict[str, str]) -> Response | None:
    """None when the digits fit. Each try is counted before it is compared, or many at once would be free."""
    t, code = link.visitor.t, typed.get("code", "")
    if not code:
        return link_page(
            wiring, link, status=422, notice=t("Type the four digits of the message."), typed=typed
        )
    tries = wiring.store.code_attempts.add(link.name)
    if tries <= MOST_TRIES and code_matches(wiring.keys, link.claim, code):
        return None
    if tries < MOST_TRIES:
        left = t.count(
            "These are not the digits of the message; {count} try left.",
            "These are not the digits of the message; {count} tries left.",
            MOST_TRIES - tries,
        )
        return link_page(wiring, link, status=422, notice=left, typed={**typed, "code": ""})
    claim = link.claim
    command = cmd.ReissueLink(case_id=claim.case, approval=claim.approval, person=claim.person)
    wiring.service.handle(command, actor=_actor(link), key=f"burnt:{_digest(link.token)}")
    return link_page(wiring, link, status=403, state=LinkState.REPLACED)


def _record(wiring: Wiring, link: Link, verdict: Verdict, comment: str, typed: dict[str, str]) -> Response:
    command = cmd.RecordDecision(
        case_id=link.claim.case,
        approval=link.claim.approval,
        verdict=verdict,
        comment=comment,
        round=link.claim.round,
        content=link.approval.content,
        issue=link.claim.issue,
        assurance=link.approval.assurance,
    )
    key = f"link:{_digest(link.token)}:{verdict}:{_digest(comment)}"
    answer = wiring.service.handle(command, actor=_actor(link), key=key)
    if answer.refusal is None:
        return RedirectResponse(f"/s/{link.token}", 303)
    return _refusal(wiring, link, answer.refusal, typed)


def _refusal(wiring: Wiring, link: Link, refusal: Refusal, typed: dict[str, str]) -> Response:
    """Somebody was faster, or what was typed does not do: the page as it stands now, and why."""
    at = seen(wiring, link.claim.case)
    events = tuple(wiring.store.history.read_events(at.case.id))
    state = check(link.claim, at.case, at.definition)
    now = Link(token=link.token, claim=link.claim, at=at, state=state, events=events, visitor=link.visitor)
    notice = " ".join(refusal_sentences(refusal, link.visitor.language, link.visitor.name))
    status = {Why.BAD_INPUT: 422, Why.FORBIDDEN: 403}.get(refusal.why, 409)
    return link_page(wiring, now, status=status, notice=notice, typed=typed)


def _actor(link: Link) -> Actor:
    return Actor(person=link.claim.person, via=Via.LINK)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def link_page(
    wiring: Wiring,
    link: Link,
    *,
    status: int = 200,
    notice: str = "",
    typed: dict[str, str] | None = None,
    state: LinkState | None = None,
) -> HTMLResponse:
    """The approval while it can be decided; afterwards, kindly, what became of it."""
    shown = state or link.state
    frame = {
        "t": link.visitor.t,
        "times": link.visitor.times,
        "visitor": link.visitor,
        "notice": notice,
        "token": link.token,
        "case": link.at.case,
        "sop": link.at.definition.sop.title.in_(link.visitor.language),
    }
    if shown is LinkState.LIVE and link.earlier is None:
        view = SignView.of(link.at, link.approval, link.visitor, link.events)
        return simple("signoff.html", status=status, **frame, view=view, typed=typed or {})
    burnt = shown is LinkState.REPLACED
    tries = wiring.store.code_attempts.count(link.name) if burnt else 0
    return simple(
        "signoff_over.html",
        status=status,
        **frame,
        state=shown.value,
        burnt=tries >= MOST_TRIES,
        earlier=link.earlier,
        outcome=_outcome(link),
        decided=_decided(link),
    )


def _outcome(link: Link) -> ev.ApprovalClosed | None:
    """How the approval ended, if it did."""
    found = (r.event for r in reversed(link.events))
    return next(
        (e for e in found if isinstance(e, ev.ApprovalClosed) and e.approval == link.claim.approval), None
    )


def _decided(link: Link) -> list[tuple[str, str, str, str]]:
    """Who decided what, and when: name, verdict, time, comment."""
    return [
        (
            link.visitor.name(r.event.person),
            r.event.verdict.value,
            link.visitor.times.at(r.at),
            r.event.comment,
        )
        for r in link.events
        if isinstance(r.event, ev.DecisionRecorded)
        and r.event.approval == link.claim.approval
        and r.event.round == link.claim.round
    ]


def refused(request: Request) -> HTMLResponse:
    """One page for every bad link: it tells nothing about why."""
    t = Phrases(chosen_language(request, None))
    return simple("signoff_bad.html", status=404, t=t)
