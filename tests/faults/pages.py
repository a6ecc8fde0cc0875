"""The pages of a station, asked without a network: the application that is served, called directly."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, TypeVar
from urllib.parse import urlencode

from selectolax.lexbor import LexborHTMLParser
from starlette.types import ASGIApp, Message

from engine.definition.diagram import svg
from engine.ids import CaseId, PersonId
from notifications.links import claim_for, code_for, issue_link
from runtime.wiring import Parts
from tests.faults.places import PUBLIC
from web.app import create_app
from web.ports import WebSettings, Wiring

ELSEWHERE: Final = ("203.0.113.7", 50000)  # a telephone, far from the machine that runs it all
BUSY, MOST_TRIES = 503, 10
T = TypeVar("T")


def app_of(parts: Parts) -> ASGIApp:
    """As the process that serves the pages makes it."""
    wiring = Wiring(
        service=parts.service,
        store=parts.store,
        keys=parts.keys,
        clock=parts.clock,
        ids=parts.ids,
        mailbox_text=parts.composer.mailbox_text,
        diagram=svg,
        settings=WebSettings(),
    )
    return create_app(wiring)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """What stands in a person's message: the path of the link, and the digits beside it."""

    path: str
    code: str


def letter(parts: Parts, case_id: CaseId, person: str) -> Letter:
    """The link this person should hold now for the case's first approval that asks them."""
    case = parts.store.board.case(case_id)
    assert case is not None
    claims = (claim_for(a, PersonId(person), case_id, parts.keys) for a in case.approvals.values())
    claim = next(claim for claim in claims if claim is not None)
    link = issue_link(PUBLIC, parts.keys, claim)
    return Letter(path=link.removeprefix(PUBLIC), code=code_for(parts.keys, claim))


@dataclass(kw_only=True)
class Reply:
    status: int = 0
    headers: list[tuple[bytes, bytes]] = field(default_factory=list)
    body: bytes = b""

    @cached_property
    def text(self) -> str:
        return self.body.decode(errors="replace")


async def call(
    app: ASGIApp,
    method: str,
    target: str,
    *,
    headers: Mapping[str, str] | None = None,
    body: bytes = b"",
    client: tuple[str, int] = ELSEWHERE,
) -> Reply:
    """One request, its answer complete."""
    path, _, query = target.partition("?")
    given = {"host": PUBLIC.partition("://")[2], "content-length": str(len(body)), **(headers or {})}
    scope: dict[str, Any] = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": client,
        "server": ("sign.example", 80),
        "state": {},
    }
    reply, sent = Reply(), False

    async def receive() -> Message:
        nonlocal sent
        if sent:
            await asyncio.Event().wait()  # nobody hangs up
        sent = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status, reply.headers = message["status"], list(message["headers"])
        elif message["type"] == "http.response.body":
            reply.body += message.get("body", b"")

    await app(scope, receive, send)
    return reply


def get(app: ASGIApp, target: str) -> Reply:
    return _answered(lambda: call(app, "GET", target))


def press(app: ASGIApp, path: str, typed: Mapping[str, str]) -> Reply:
    """Sends the form of a sign-off page, as a browser does."""
    form = {"content-type": "application/x-www-form-urlencoded"}
    return _answered(lambda: call(app, "POST", path, headers=form, body=urlencode(typed).encode()))


def _answered(ask: Callable[[], Coroutine[Any, Any, Reply]]) -> Reply:
    """Asked again where the database was busy, as the page asks its reader to."""
    reply = in_a_loop(ask())
    for _ in range(MOST_TRIES):
        if reply.status != BUSY:
            break
        reply = in_a_loop(ask())
    return reply


def in_a_loop(work: Coroutine[Any, Any, T]) -> T:
    """In a thread of its own: a browser that runs beside may have left a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def form_token(page: Reply) -> str:
    """The hidden field of the page's form; empty where the page has none."""
    node = LexborHTMLParser(page.text).css_first("form.sign-form input[name=token]")
    return (node.attributes.get("value") or "") if node else ""
