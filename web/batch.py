"""Several approvals of one kind decided at once, where the SOP allows it: each set out in full, and ticked by
hand. Never through a link, for the digits of a message belong to one approval.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from engine.case import commands as cmd
from engine.case.state import Verdict
from engine.case.wording import refusal_sentences
from engine.definition.approval_model import ApprovalSpec, Assurance
from engine.ids import ApprovalId, CaseId
from engine.store.inbox import OpenAsk
from web.files import kinds
from web.ports import Wiring
from web.posted import Form
from web.rendering import page
from web.seeing import NoSuchPage, seen
from web.signoff_view import SignView
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)
MOST_TOGETHER = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """An approval as the SOP names it."""

    sop: str
    transition: str
    approval: str

    @property
    def address(self) -> str:
        named = {"sop": self.sop, "transition": self.transition, "approval": self.approval}
        return f"/batch?{urlencode(named)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Approvals of one kind that wait for the visitor and may be decided at once."""

    kind: Kind
    title: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One of them, with what is signed. `value` says which, and in which state it was seen."""

    view: SignView
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one that was ticked; `reasons` where it was not decided."""

    case_id: str
    title: str
    reasons: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Back:
    """Why the page came back, and what had been ticked and written."""

    status: int = 200
    notice: Sequence[str] = ()
    ticked: frozenset[str] = frozenset()
    comment: str = ""
    results: Sequence[Result] = field(default_factory=tuple)
    verdict: str = ""


def groups(wiring: Wiring, visitor: Visitor, asks: Sequence[OpenAsk]) -> list[Together]:
    """Of the asks of this visitor, the kinds of which there are several."""
    found: dict[Kind, list[OpenAsk]] = {}
    for ask in asks:
        if _spec(wiring, ask).batch:
            kind = Kind(sop=ask.sop, transition=ask.transition, approval=ask.spec)
            found.setdefault(kind, []).append(ask)
    return [
        Together(kind=kind, title=_title(wiring, asks[0], visitor), count=len(asks))
        for kind, asks in found.items()
        if len(asks) > 1
    ]


def _spec(wiring: Wiring, ask: OpenAsk) -> ApprovalSpec:
    return wiring.store.definitions.by_digest(ask.digest).approval(ask.transition, ask.spec)


def _title(wiring: Wiring, ask: OpenAsk, visitor: Visitor) -> str:
    return wiring.store.definitions.by_digest(ask.digest).title_of(ask.spec).in_(visitor.language)


@router.get("/batch")
def batch(
    request: Request, wiring: Wired, visitor: Visits, sop: str = "", transition: str = "", approval: str = ""
) -> HTMLResponse:
    kind = Kind(sop=sop, transition=transition, approval=approval)
    return _page(request, wiring, visitor, kind, Back())


@router.post("/batch")
def decide(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    kind = Kind(sop=form.text("sop"), transition=form.text("transition"), approval=form.text("approval"))
    ticked, comment = form.texts("item")[:MOST_TOGETHER], form.text("comment")
    verdict = next((one for one in Verdict if one == form.text("verdict")), None)
    back = Back(status=422, ticked=frozenset(ticked), comment=comment)
    if verdict is None:
        return _again(request, wiring, visitor, kind, back, visitor.t("Choose approve or reject."))
    if not ticked:
        said = visitor.t("Tick those you have looked at.")
        return _again(request, wiring, visitor, kind, back, said)
    results = [
        _one(wiring, visitor, named, (verdict, comment), f"{form.key}:{place}" if form.key else None)
        for place, named in enumerate(ticked)
    ]
    undecided = {named for named, result in zip(ticked, results, strict=True) if result.reasons}
    kept = comment if undecided else ""
    done = Back(results=results, verdict=verdict, ticked=frozenset(undecided), comment=kept)
    return _page(request, wiring, visitor, kind, done)


def _one(
    wiring: Wiring, visitor: Visitor, named: str, answer: tuple[Verdict, str], key: str | None
) -> Result:
    """Each in a command of its own: one that has changed meanwhile leaves the others as they are."""
    case_id, approval, number, content = [*named.split("|"), "", "", ""][:4]
    line = wiring.store.board.line(CaseId(case_id))
    command = cmd.RecordDecision(
        case_id=CaseId(case_id),
        approval=ApprovalId(approval),
        verdict=answer[0],
        comment=answer[1],
        round=int(number) if number.isascii() and number.isdigit() and len(number) < 10 else 0,  # noqa: PLR2004
        content=content,
        assurance=Assurance.LOGIN,
        together=True,
    )
    refusal = wiring.service.handle(command, actor=visitor.actor(), key=key).refusal
    reasons = refusal_sentences(refusal, visitor.language, visitor.name) if refusal else []
    return Result(case_id=case_id, title=line.title if line else case_id, reasons=reasons)


def _again(
    request: Request, wiring: Wiring, visitor: Visitor, kind: Kind, back: Back, notice: str
) -> HTMLResponse:
    came = Back(status=back.status, notice=[notice], ticked=back.ticked, comment=back.comment)
    return _page(request, wiring, visitor, kind, came)


def _page(request: Request, wiring: Wiring, visitor: Visitor, kind: Kind, back: Back) -> HTMLResponse:
    """Raises NoSuchPage for an approval that is decided one at a time, or that nobody declared."""
    asks = [
        ask
        for ask in wiring.store.inbox.asks(visitor.person.id)
        if (ask.sop, ask.transition, ask.spec) == (kind.sop, kind.transition, kind.approval)
    ]
    items = [_item(wiring, visitor, ask) for ask in asks[:MOST_TOGETHER] if _spec(wiring, ask).batch]
    if not items and not back.results:
        raise NoSuchPage
    return page(
        request,
        wiring,
        visitor,
        "batch.html",
        status=back.status,
        kind=kind,
        items=items,
        more=max(len(asks) - MOST_TOGETHER, 0),
        back=back,
        kind_of=kinds(wiring),
        notice=back.notice,
    )


def _item(wiring: Wiring, visitor: Visitor, ask: OpenAsk) -> Item:
    at = seen(wiring, ask.case_id)
    events = tuple(wiring.store.history.read_events(ask.case_id))
    now = at.case.approvals[ask.approval]
    value = f"{ask.case_id}|{now.id}|{now.round}|{now.content}"
    return Item(view=SignView.of(at, now, visitor, events), value=value)
