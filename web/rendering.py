"""Templates into pages. Everything is escaped; nothing inline, so that the content policy can forbid it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from notifications.shown import reason
from runtime.pulse import LATE_AFTER, SWEEP, Pulse, Rhythm, pulse
from runtime.signoff.fonts import chinese_font
from web.phrases import mark
from web.ports import Wiring
from web.static_files import static_url
from web.visitor import LANGUAGE_COOKIE, SEAT_COOKIE, Visitor

TEMPLATES = Path(__file__).parent / "templates"
YEAR: Final = 365 * 24 * 3600
SAID: Final[Mapping[str, str]] = {
    "started": mark("The case is started."),
    "saved": mark("Saved."),
    "unchanged": mark("Nothing changed."),
    "asked": mark("Asked for. It goes on as soon as everybody has agreed."),
    "going": mark("Asked for; it goes on at once."),
    "decided": mark("Your decision is recorded."),
    "withdrawn": mark("The request is withdrawn."),
    "resubmit": mark("The request is resubmitted."),
    "return": mark("The request is sent back."),
    "transfer": mark("It is handed over."),
    "delegate": mark("It is delegated; you get it back with an opinion."),
    "hand_back": mark("Your opinion is handed back."),
    "call_back": mark("You have called it back and can decide."),
    "add": mark("They are asked to sign as well."),
    "remove": mark("The signer is out."),
    "take_back": mark("Your answer is taken back; you can decide again."),
    "nudge": mark("They are reminded."),
    "copy": mark("They are told."),
    "ask": mark("The requester is asked for it. You can also decide without waiting."),
    "give": mark("The material is given; the clock runs on."),
    "comment": mark("Your comment is recorded."),
    "attached": mark("The file is attached."),
    "held": mark("The case is on hold."),
    "resumed": mark("The case goes on."),
    "waits": mark("The clock of this stage stands still."),
    "more_time": mark("More time is asked for."),
    "goes_on": mark("The clock of this stage runs on."),
    "contact": mark("The contact is added; sign-off links go to this person from now on."),
    "opened": mark("The child is being opened."),
    "hours_kept": mark("When this person works is on file."),
    "stand_in_begun": mark("The stand-in is on file."),
    "stand_in_ended": mark("The stand-in’s time is over."),
    "feed_ended": mark("The address has ended; calendars that read it get nothing more."),
    "replayed": mark("The message will be sent again."),
    "not_replayed": mark("It was sent, or is under way."),
    "message_stopped": mark("The message is stopped."),
    "message_not_stopped": mark("It has ended, is under way, or lies in a digest."),
}


@cache
def environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals["static"] = static_url
    made.globals["reason"] = reason
    made.globals["can_print"] = lambda: chinese_font() is not None
    made.filters["size"] = _size
    made.filters["svg"] = Markup  # drawn by engine.definition.diagram, which escapes
    return made


def _size(size: int) -> str:
    for unit in ("B", "kB"):
        if size < 1_000:  # noqa: PLR2004 - a step of the unit
            return f"{size} {unit}"
        size //= 1_000
    return f"{size} MB"


def _pulse(request: Request, wiring: Wiring) -> Pulse:
    """Whether deadlines are watched; where not, every page says so, but not just after a start."""
    started: datetime = request.app.state.started
    now = wiring.clock.now()
    seen = pulse(wiring.store.heartbeats.last(SWEEP), now=now, started=started)
    awaited = seen.rhythm is Rhythm.LATE and now - started <= LATE_AFTER
    return replace(seen, rhythm=Rhythm.OK) if awaited else seen


def page(
    request: Request, wiring: Wiring, visitor: Visitor, template: str, *, status: int = 200, **context: Any
) -> HTMLResponse:
    """A page of the local face, with everything its frame needs."""
    said = SAID.get(request.query_params.get("said", ""))
    frame = {
        "visitor": visitor,
        "t": visitor.t,
        "times": visitor.times,
        "key": wiring.ids.token(),
        "new_case_id": wiring.ids.case_id(),
        "pulse": _pulse(request, wiring),
        "no_channel_since": wiring.store.mailbox.all_failing_since(wiring.clock.now()),
        "waiting": len(wiring.store.inbox.asks(visitor.person.id))
        + len(wiring.store.inbox.tasks(visitor.person.id))
        + wiring.store.inbox.to_do(visitor.person.id),
        "said": visitor.t(said) if said else "",
        "path": request.url.path,
        "languages": _languages(request),
        "notice": (),
        **context,
    }
    made = HTMLResponse(environment().get_template(template).render(frame), status)
    return remember(request, visitor, made)


def _languages(request: Request) -> list[tuple[str, str, str]]:
    """Name, label and address of this page in each language."""
    found = (("zh", "中文"), ("en", "English"))
    return [(name, label, str(request.url.include_query_params(lang=name).query)) for name, label in found]


def remember(request: Request, visitor: Visitor, response: HTMLResponse) -> HTMLResponse:
    """Leaves the seat and a language chosen by hand with the browser."""
    secure = request.url.scheme == "https"
    chosen = request.query_params.get("lang")
    if chosen == visitor.language:
        response.set_cookie(LANGUAGE_COOKIE, visitor.language, max_age=YEAR, samesite="lax", secure=secure)
    if request.cookies.get(SEAT_COOKIE) != visitor.seat:
        response.set_cookie(SEAT_COOKIE, visitor.seat, httponly=True, samesite="lax", secure=secure)
    return response


def simple(template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
    """A page without the local frame: sign-off and problems."""
    return HTMLResponse(environment().get_template(template).render(context), status)


def back_to(address: str, said: str, section: str = "") -> RedirectResponse:
    """After a form: look at the page again, so that reloading sends nothing twice."""
    joined = "&" if "?" in address else "?"
    anchor = f"#{section}" if section else ""
    return RedirectResponse(f"{address}{joined}said={said}{anchor}", status_code=303)
