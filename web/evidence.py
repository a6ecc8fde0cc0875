"""What is known of an answer that comes through a page, and the record that is made of it afterwards."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Literal

from fastapi import Request
from fastapi.responses import Response

from engine.case import events as ev
from engine.case.events import Recorded
from engine.case.evidence import Client, Evidence
from engine.ids import ApprovalId
from engine.text import Language
from runtime.signoff.document import as_file
from runtime.signoff.making import Reader, Records
from runtime.signoff.paper import printed
from web.ports import Seen, Wiring
from web.seeing import NoSuchPage
from web.visitor import Visitor, is_signed, signed

FORWARDED: Final = ("x-forwarded-for", "forwarded", "x-real-ip")
LONGEST: Final = 300
Kind = Literal["pdf", "json"]


def client_of(request: Request) -> Client:
    """No forwarded address is believed, so what a proxy says is kept beside the address that asked."""
    claims = [f"{name}: {request.headers[name]}" for name in FORWARDED if name in request.headers]
    return Client(
        address=_clean(request.client.host if request.client else ""),
        forwarded=_clean("; ".join(claims)),
        agent=_clean(request.headers.get("user-agent", "")),
    )


def _clean(text: str) -> str:
    return "".join(c for c in text if c.isprintable())[:LONGEST]


def page_token(wiring: Wiring, link: str, language: Language) -> str:
    """The hidden token of a sign-off form: when this page was shown, in which language, for which link."""
    said = f"{int(wiring.clock.now().timestamp() * 1000)}.{language}"
    return f"{said}.{signed(wiring, _of_page(link, said))}"


def _of_page(link: str, said: str) -> str:
    return f"sign-off:{link}:{said}"


def read_token(wiring: Wiring, link: str, token: str) -> Evidence | None:
    """None for a token that no page of ours carried for this link."""
    said, _, mark = token.rpartition(".")
    if not is_signed(wiring, _of_page(link, said), mark):
        return None
    at, _, language = said.partition(".")
    return Evidence(shown_at=datetime.fromtimestamp(int(at) / 1000, UTC), language=language)


def records_of(wiring: Wiring) -> Records:
    settings = wiring.settings
    return Records(
        store=wiring.store,
        clock=wiring.clock,
        anchor_file=settings.anchor_file,
        public_url=settings.public_url,
        zone=settings.zone,
    )


def record(wiring: Wiring, at: Seen, approval: str, *, reader: Reader | None = None) -> dict[str, Any]:
    """Raises NoSuchPage."""
    made = records_of(wiring).made(at.case, ApprovalId(approval), reader=reader)
    if made is None:
        raise NoSuchPage
    return made


def answered(made: dict[str, Any], kind: Kind, language: Language) -> Response:
    """The record as a file to keep. Raises NoFont."""
    name = f"{made['case']['id']}-{made['approval']['id']}.{kind}"
    kept = {"Content-Disposition": f'attachment; filename="{name}"'}
    if kind == "json":
        return Response(as_file(made), media_type="application/json", headers=kept)
    return Response(printed(made, language), media_type="application/pdf", headers=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedOff:
    """One approval of a case, running or past, of which there is something to record."""

    id: str
    title: str
    at: datetime
    granted: bool | None


def signed_off(at: Seen, events: list[Recorded], visitor: Visitor) -> list[SignedOff]:
    """Newest first; those nobody has answered yet are left out."""
    specs = {
        r.event.approval.id: r.event.approval.spec for r in events if isinstance(r.event, ev.ApprovalOpened)
    }
    found: dict[str, SignedOff] = {}
    for r in events:
        if isinstance(r.event, ev.DecisionRecorded | ev.ApprovalClosed):
            name = r.event.approval
            title = at.definition.title_of(specs.get(name, name)).in_(visitor.language)
            granted = r.event.granted if isinstance(r.event, ev.ApprovalClosed) else None
            found[name] = SignedOff(id=name, title=title, at=r.at, granted=granted)
    return sorted(found.values(), key=lambda one: one.at, reverse=True)
