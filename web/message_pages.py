"""Messages on their way: what became of each, sent again or stopped; and how a person wants to be told."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from engine.delivering import Manner, Preferences
from engine.ids import CaseId, PersonId
from engine.outbox import MessageGroup
from engine.store.mailbox import Mail, MailFilter
from engine.store.tables import OutboxState
from runtime.preferring import HOURLY, PreferenceRefused, Wish, changed, channels_of
from web.message_log import PAGE, hands_of, log_of
from web.ports import Wiring
from web.posted import Form, Posted
from web.rendering import back_to, page
from web.seeing import NoSuchPage
from web.visitor import Visitor, Visits, Wired

router = APIRouter(include_in_schema=False)


@router.get("/messages")
def messages(
    request: Request,
    wiring: Wired,
    visitor: Visits,
    state: str = "",
    person: str = "",
    case: str = "",
    since: str = "",
    before: int | None = None,
) -> HTMLResponse:
    asked = {"state": state, "person": person, "case": case, "since": since}
    wanted = MailFilter(
        person=PersonId(person) if person else None,
        case_id=CaseId(case.strip()) if case.strip() else None,
        states=(OutboxState(state),) if state in tuple(OutboxState) else (),
        since=_day(visitor, since),
        before=before,
    )
    found = log_of(wiring, visitor, wanted)
    return page(
        request,
        wiring,
        visitor,
        "messages.html",
        sent=found,
        titles=titles_of(wiring, [one.mail for one in found]),
        asked=asked,
        states=tuple(OutboxState),
        older=found[-1].mail.id if len(found) == PAGE else None,
    )


def titles_of(wiring: Wiring, mails: Sequence[Mail]) -> dict[CaseId, str]:
    """The titles of the cases these messages are about."""
    lines = [wiring.store.board.line(case) for case in {mail.case_id for mail in mails} if case]
    return {line.id: line.title for line in lines if line is not None}


def _day(visitor: Visitor, written: str) -> datetime | None:
    try:
        return datetime.combine(date.fromisoformat(written), time(), visitor.times.zone)
    except ValueError:
        return None


@router.post("/messages/{message}/again")
def again(wiring: Wired, visitor: Visits, message: int, form: Form) -> Response:
    done = hands_of(wiring, visitor).again(_found(wiring, message))
    return _back(form, "replayed" if done else "not_replayed")


@router.post("/messages/{message}/cancel")
def cancel(wiring: Wired, visitor: Visits, message: int, form: Form) -> Response:
    done = hands_of(wiring, visitor).stop(_found(wiring, message, commands=False))
    return _back(form, "message_stopped" if done else "message_not_stopped")


def _found(wiring: Wiring, message: int, *, commands: bool = True) -> Mail:
    """Commands that failed can be owed again too, on the page of operations."""
    mail = wiring.store.mailbox.get(message)
    if mail is None or (mail.is_command and not commands):
        raise NoSuchPage
    return mail


def _back(form: Posted, said: str) -> Response:
    """To the page the button stood on: the list, the mailbox, operations, or a case."""
    back = form.text("back")
    ours = back in ("/messages", "/mailbox", "/operations") or _is_case(back)
    return back_to(back if ours else "/messages", said, "messages" if _is_case(back) else "")


def _is_case(back: str) -> bool:
    prefix, _, case = back.rpartition("/")
    return prefix == "/cases" and case.replace("-", "").isalnum() and case.isascii()


@router.get("/preferences")
def preferences(request: Request, wiring: Wired, visitor: Visits) -> HTMLResponse:
    return _preferences_page(request, wiring, visitor, wiring.store.preferences.of(visitor.person.id))


@router.post("/preferences")
def set_preferences(request: Request, wiring: Wired, visitor: Visits, form: Form) -> Response:
    """The acting person's own; a form that cannot be meant comes back with what was typed."""
    person, has = visitor.person.id, channels_of(visitor.person)
    before = wiring.store.preferences.of(person)
    wish = Wish(
        manners={group.value: form.text(group.value) for group in MessageGroup if form.text(group.value)},
        channels=",".join(one for one in form.texts("channel") if one) or "-",
        everywhere=bool(form.text("everywhere")),
        digest_at=HOURLY if form.text("rhythm") == HOURLY else form.text("digest_at"),
        per_hour=form.number("per_hour"),
        quiet=bool(form.text("quiet")),
        morning=bool(form.text("morning")),
    )
    try:
        wiring.store.preferences.put(person, changed(before, wish, has=has))
    except PreferenceRefused as fault:
        said = _refused(visitor, fault)
        typed = {"digest_at": form.text("digest_at"), "per_hour": form.text("per_hour")}
        return _preferences_page(request, wiring, visitor, before, notice=said, typed=typed)
    return back_to("/preferences", "saved")


def _refused(visitor: Visitor, fault: PreferenceRefused) -> str:
    """Said of the field as the form calls it."""
    t = visitor.t
    labels = {"digest_at": t("Hours (my own clock)"), "per_hour": t("At most so many messages an hour")}
    return t(": ").join((labels.get(fault.name, fault.name), fault.said.in_(visitor.language)))


def _preferences_page(
    request: Request,
    wiring: Wiring,
    visitor: Visitor,
    chosen: Preferences,
    *,
    notice: str = "",
    typed: Mapping[str, str] | None = None,
) -> HTMLResponse:
    hours = ", ".join(str(hour) for hour in chosen.digest_hours)
    kept: dict[str, Any] = {"digest_at": hours or "9", "per_hour": str(chosen.per_hour or "")}
    return page(
        request,
        wiring,
        visitor,
        "preferences.html",
        status=422 if notice else 200,
        notice=(notice,) if notice else (),
        chosen=chosen,
        groups=tuple(MessageGroup),
        manners=tuple(Manner),
        channels=_channels(visitor, chosen),
        typed={**kept, **(typed or {})},
        company=wiring.settings,
    )


def _channels(visitor: Visitor, chosen: Preferences) -> Sequence[str]:
    """The names of the person's channels, in the order they are tried."""
    rank = {name: place for place, name in enumerate(chosen.channels)}
    return sorted(channels_of(visitor.person), key=lambda name: rank.get(name, len(rank)))
