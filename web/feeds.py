"""Calendar feeds: given out and ended on a page, read by calendars under an address nobody guesses."""

from datetime import datetime
from hashlib import sha256
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Header, Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response

from engine.errors import GuankaError
from engine.ids import CaseId
from engine.store.feeds import Feed
from runtime.feeds import PATH, FeedDesk
from web import limits
from web.feed_entries import FeedEntries
from web.icalendar_text import calendar_text
from web.posted import Form
from web.rendering import back_to, page
from web.seeing import NoSuchPage, seen
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)
GONE = "此日历地址无效或已停用。\nThis calendar address is not valid, or has ended.\n"


class FeedLine(NamedTuple):
    id: str
    title: str
    case_id: CaseId | None
    made_at: datetime


def desk(wiring: Wired) -> FeedDesk:
    return FeedDesk(store=wiring.store, clock=wiring.clock, epoch=wiring.keys.epoch)


def address_of(wiring: Wired, token: str) -> str:
    return wiring.settings.public_url.rstrip("/") + PATH.format(token=token)


@router.get("/calendar")
def feeds(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return feeds_page(request, wiring, visitor)


def feeds_page(
    request: Request, wiring: Wired, visitor: Visitor, *, fresh: str = "", about: str = "", notice: str = ""
) -> HTMLResponse:
    """`fresh` is the address just given out; it is shown this once. `about`: of what."""
    return page(
        request,
        wiring,
        visitor,
        "calendar.html",
        status=422 if notice else 200,
        notice=(notice,) if notice else (),
        lines=[_line(feed, title) for feed, title in _mine(wiring, visitor)],
        fresh=fresh,
        about=about,
    )


def _mine(wiring: Wired, visitor: Visitor) -> list[tuple[Feed, str]]:
    return wiring.store.feeds.of(visitor.person.id, epoch=wiring.keys.epoch)


def _line(feed: Feed, title: str) -> FeedLine:
    return FeedLine(id=feed.id, title=title, case_id=feed.case_id, made_at=feed.made_at)


@router.post("/calendar")
def give(request: Request, wiring: Wired, visitor: Visits, form: Form) -> HTMLResponse:
    case = form.text("case")
    title = seen(wiring, case).case.title if case else ""
    key = form.key or wiring.ids.token()
    try:
        _, token = desk(wiring).give(visitor.person.id, key=key, case_id=CaseId(case) if case else None)
    except GuankaError as fault:
        return feeds_page(request, wiring, visitor, notice=fault.message.in_(visitor.language))
    return feeds_page(request, wiring, visitor, fresh=address_of(wiring, token), about=title)


@router.post("/calendar/{feed}/end")
def end(request: Request, wiring: Wired, visitor: Visits, feed: str, form: Form) -> Response:  # noqa: ARG001 - read for its token
    try:
        desk(wiring).end(feed, person=visitor.person.id)
    except GuankaError as fault:
        return feeds_page(request, wiring, visitor, notice=fault.message.in_(visitor.language))
    return back_to("/calendar", "feed_ended")


@router.api_route("/cal/{token}.ics", methods=["GET", "HEAD"])
def read(
    request: Request, wiring: Wired, token: str, if_none_match: Annotated[str, Header()] = ""
) -> Response:
    """Changes nothing, however often it is fetched. Every address that does not work gets the same answer."""
    feed = desk(wiring).read(token)
    if feed is None:
        limits.bad_link(request)
        return PlainTextResponse(GONE, 404)
    try:
        text = _text(wiring, feed)
    except NoSuchPage:
        return PlainTextResponse(GONE, 404)
    tag = f'"{sha256(text).hexdigest()[:32]}"'
    if tag in if_none_match:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(text, media_type="text/calendar; charset=utf-8", headers={"ETag": tag})


def _text(wiring: Wired, feed: Feed) -> bytes:
    entries = FeedEntries.of(wiring, wiring.store.people.get(feed.person))
    visitor = entries.visitor
    if feed.case_id is None:
        name = visitor.t("Guanka: {person}", person=visitor.person.name)
        return calendar_text(name, entries.mine())
    title = entries.view(feed.case_id).case.title
    return calendar_text(visitor.t("Guanka: {person}", person=title), entries.of_case(feed.case_id))
