"""Servers on loopback that take what is sent to them, or refuse it as told: one for mail, one for
webhooks.
"""

import json
import socket
import threading
import warnings
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class MailSink:
    """`answers` by SMTP command: the reply to give in place of a friendly one."""

    port: int = 0
    answers: Mapping[str, str] = field(default_factory=dict)
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[list[str]] = field(default_factory=list)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, *_: Any) -> str:  # noqa: N802
        if "RCPT" in self.answers:
            return self.answers["RCPT"]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        if self.answers.get("DATA") == "cut":
            server.transport.abort()
            return "421 gone"
        if "DATA" in self.answers:
            return self.answers["DATA"]
        self.mails.append(cast("EmailMessage", message_from_bytes(envelope.content, policy=policy.default)))
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"


@contextmanager
def a_mail_server(password: str | None = None, **answers: str) -> Generator[MailSink]:
    """A mail server on a free port; with `password`, one that asks for it."""
    sink = MailSink(answers=answers)
    options: dict[str, Any] = {}
    if password is not None:

        def authenticate(
            _server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any
        ) -> AuthResult:
            return AuthResult(success=login.password == password.encode(), handled=False)

        options = {"authenticator": authenticate, "auth_required": True, "auth_require_tls": False}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a password goes unencrypted: it does not leave this machine
        controller = Controller(sink, hostname="127.0.0.1", port=free_port(), **options)
        controller.start()
        sink.port = controller.port
        try:
            yield sink
        finally:
            controller.stop()


@dataclass
class Request:
    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass
class WebSink:
    port: int = 0
    requests: list[Request] = field(default_factory=list)


@contextmanager
def a_web_server(
    answer: int | Callable[[], int] = 200, location: str = "", wait: str = ""
) -> Generator[WebSink]:
    """A web server on a free port; an `answer` of 0 closes the connection without one. `wait` is its
    Retry-After.
    """
    sink = WebSink()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            sink.requests.append(Request(path=self.path, headers=dict(self.headers.items()), body=body))
            status = answer() if callable(answer) else answer
            if status == 0:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            if wait:
                self.send_header("Retry-After", wait)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sink.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
