"""The HTTP API for calendar feeds: given out, listed and ended by whom they belong to."""

from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Depends

from engine.store.feeds import Feed
from web import api_models as m
from web.api_bodies import In, Title
from web.api_calls import PROBLEMS, Call, Caller, new_id
from web.feeds import address_of, desk
from web.seeing import seen
from web.visitor import Wired

router = APIRouter(prefix="/api/v1", responses=PROBLEMS, tags=["calendar feeds"])
AnyCall = Annotated[Call, Depends()]


class FeedIn(In):
    """`case`: its milestones and dates; without it, everything the caller decides, does or answers for."""

    case: Title | None = None


class FeedOut(m.Out):
    id: str
    case: str | None
    made_at: datetime

    @classmethod
    def of(cls, feed: Feed) -> Self:
        return cls(id=feed.id, case=feed.case_id, made_at=feed.made_at)


class FreshFeedOut(FeedOut):
    """`address` is told this once: only a hash of it is kept."""

    address: str


@router.get("/feeds")
def feeds(wiring: Wired, caller: Caller) -> list[FeedOut]:
    """The caller's own, newest first."""
    return [FeedOut.of(feed) for feed, _ in wiring.store.feeds.of(caller.person.id, epoch=wiring.keys.epoch)]


@router.post("/feeds", status_code=201)
def give(call: AnyCall, body: FeedIn) -> FreshFeedOut:
    """Sent again under the same idempotency key it makes a new address, and the one before ends."""
    case = None if body.case is None else seen(call.wiring, body.case).case.id
    feed, token = desk(call.wiring).give(call.visitor.person.id, key=new_id(call), case_id=case)
    return FreshFeedOut(**FeedOut.of(feed).model_dump(), address=address_of(call.wiring, token))


@router.post("/feeds/{feed}/end", status_code=204)
def end(call: AnyCall, feed: str) -> None:
    """Calendars that read it get nothing more."""
    desk(call.wiring).end(feed, person=call.visitor.person.id)
