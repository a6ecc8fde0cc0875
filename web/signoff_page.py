"""The page of a link: what is to be decided while it is, and afterwards what became of it."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse

from engine.definition.approval_model import Assurance
from notifications.links import MOST_TRIES, LinkState
from web.acts_offered import Offer
from web.acts_typed import Kept
from web.files import kinds
from web.limits import bad_link
from web.phrases import Phrases, mark
from web.ports import Wiring
from web.rendering import simple
from web.signoff_code import Barred
from web.signoff_link import Link
from web.signoff_over import became, decided, outcome, requester
from web.signoff_view import SignView
from web.visitor import chosen_language

SAID: Final[Mapping[str, str]] = {
    "comment": mark("Your comment is recorded."),
    "ask": mark("The requester is asked for it. You can also decide without waiting."),
    "add": mark("They are asked to sign as well."),
    "take_back": mark("Your answer is taken back; you can decide again."),
    "call_back": mark("You have called it back and can decide."),
}
_TO_BE_DONE: Final = frozenset({LinkState.LIVE, LinkState.LOOKING})


def link_page(
    wiring: Wiring,
    link: Link,
    offer: Offer,
    *,
    status: int = 200,
    notice: str = "",
    said: str = "",
    kept: Kept | None = None,
    state: LinkState | None = None,
) -> HTMLResponse:
    shown = state or link.state
    frame = {
        "t": link.visitor.t,
        "times": link.visitor.times,
        "visitor": link.visitor,
        "notice": notice,
        "said": link.visitor.t(SAID[said]) if said in SAID else "",
        "token": link.token,
        "case": link.at.case,
        "sop": link.at.definition.sop.title.in_(link.visitor.language),
        "offer": offer,
        "kept": kept or Kept(),
    }
    if shown in _TO_BE_DONE and link.earlier is None:
        view = SignView.of(link.at, link.approval, link.visitor, link.events)
        page = {"view": view, "looking": shown is LinkState.LOOKING, "kind_of": kinds(wiring)}
        return simple("signoff.html", status=status, **frame, **page)
    return simple("signoff_over.html", status=status, **frame, **_over(wiring, link, shown, offer))


def barred_page(wiring: Wiring, link: Link, offer: Offer, *, stop: Barred, kept: Kept) -> HTMLResponse:
    """The page again, and why the digits did not do."""
    answer = link_page(
        wiring, link, offer, status=stop.status, notice=stop.notice, kept=kept, state=stop.state
    )
    if stop.retry_after is not None:
        answer.headers["Retry-After"] = str(stop.retry_after)
    return answer


def _over(wiring: Wiring, link: Link, shown: LinkState, offer: Offer) -> dict[str, Any]:
    burnt = shown is LinkState.REPLACED
    tries = wiring.store.code_attempts.count(link.name) if burnt else 0
    over = shown is LinkState.DECIDED_BY_OTHERS or link.earlier is not None
    return {
        "state": shown.value,
        "burnt": tries >= MOST_TRIES,
        "earlier": link.earlier,
        "outcome": outcome(link),
        "became": became(link) if over else None,
        "requester": requester(link) if over else "",
        "decided": decided(link),
        "needs_code": bool(offer.acts) and link.approval.assurance is Assurance.CODE,
    }


def refused(request: Request) -> HTMLResponse:
    """One page for every bad link: it tells nothing about why. Raises TooMany."""
    bad_link(request)
    t = Phrases(chosen_language(request, None))
    return simple("signoff_bad.html", status=404, t=t)
