"""Stands before every page: who may reach what, how large a body may be, which headers go out,
what is logged.
"""

import ipaddress
import re
import time
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.ids import IdSource
from web.arriving import early_answer
from web.masking import masked
from web.ports import WebSettings
from web.problems import failed

CSP: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OPEN_PATHS: Final = re.compile(
    r"/+s(/.*)?|/check/[^/]+/\d{1,9}/[0-9a-f]{64}|/static/.+|/cal/[^/]+\.ics|/health(/sweep)?|/favicon\.ico",
    re.DOTALL,
)
# Only what a proxy adds; a browser on this machine sends none of them.
PROXY_HEADERS: Final = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip", "via")
LOCAL_ONLY: Final = (
    "本机以外只开放签批链接；完整页面请在运行关卡的机器上打开。\n"
    "From other machines only sign-off links open; the other pages open on the machine that runs Guanka.\n"
)
TOO_LARGE: Final = "内容过大，请缩减后重试。\nThis is too large; make it smaller and try again.\n"
log = structlog.get_logger("guanka.web")


class Gate:
    """Until people can sign in, who sits at this machine may open everything, everyone else
    sign-off pages only.
    """

    def __init__(self, app: ASGIApp, settings: WebSettings, ids: IdSource) -> None:
        self.app = app
        self.settings = settings
        self.ids = ids

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            else:
                await send({"type": "websocket.close"})
            return None
        answer = _Answer(scope, send)
        if (early := early_answer(scope)) is not None:
            return await early(scope, receive, answer)
        if not OPEN_PATHS.fullmatch(scope["path"]) and not is_local(scope):
            return await PlainTextResponse(LOCAL_ONLY, 403)(scope, receive, answer)
        limit = self._limit(Headers(scope=scope))
        if _declared(Headers(scope=scope)) > limit:
            return await PlainTextResponse(TOO_LARGE, 413)(scope, receive, answer)
        return await self._bounded(scope, receive, answer, limit)

    async def _bounded(self, scope: Scope, receive: Receive, answer: "_Answer", limit: int) -> None:
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise TooLarge
            return message

        try:
            await self.app(scope, counted, answer)
        except TooLarge:
            if not answer.begun:
                await PlainTextResponse(TOO_LARGE, 413)(scope, receive, answer)
        except ClientDisconnect:
            return  # who asked went away before having said what; there is nobody to answer, and no fault
        except Exception as error:  # the last door: whatever it is, people get a sentence
            number = self.ids.token()[-8:]
            if not answer.begun:
                await failed(Request(scope), number, error)(scope, receive, answer)
            else:
                log.exception("failed", id=number, path=masked(scope["path"]))

    def _limit(self, headers: Headers) -> int:
        multipart = headers.get("content-type", "").startswith("multipart/form-data")
        return self.settings.upload_bytes if multipart else self.settings.body_bytes


class TooLarge(Exception):
    pass


class _Answer:
    """Sends an answer with our headers on it, and writes the one line of the access log."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._scope, self._send = scope, send
        self._started = time.perf_counter()
        self.begun = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.begun = True
            _dress(MutableHeaders(scope=message), self._scope["path"])
            log.info(
                "request",
                method=self._scope["method"],
                path=masked(self._scope["path"]),
                status=message["status"],
                milliseconds=round((time.perf_counter() - self._started) * 1000, 1),
            )
        await self._send(message)


def _dress(headers: MutableHeaders, path: str) -> None:
    headers.setdefault("Content-Security-Policy", CSP)
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("X-Frame-Options", "DENY")  # the preview of a mail stands in a frame of our own
    headers["Referrer-Policy"] = "no-referrer"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
    if path.startswith("/static/"):
        headers.setdefault("Cache-Control", "no-cache")
    else:
        headers["Cache-Control"] = "no-store"
        headers["X-Robots-Tag"] = "noindex, nofollow"


def _declared(headers: Headers) -> int:
    length = headers.get("content-length", "0")
    return int(length) if length.isascii() and length.isdigit() else 0


def is_local(scope: Scope) -> bool:
    """Whether a person at this machine asks: from loopback, by a loopback name, through no proxy.

    The name is checked as well, or a foreign page could reach us under its own name (DNS rebinding).
    """
    headers = Headers(scope=scope)
    client = scope.get("client")
    through_proxy = any(name in headers for name in PROXY_HEADERS)
    return client is not None and _loopback(client[0]) and _local_name(headers) and not through_proxy


def _local_name(headers: Headers) -> bool:
    host = headers.get("host", "")
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return name.lower() == "localhost" or _loopback(name)


def _loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
