"""A web server on loopback that imitates one provider: it answers as told, else as the provider would."""

import json
import socket
import threading
from collections import deque
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, kw_only=True)
class Say:
    """One answer. `hang`: wait for the end of the sink before it; `cut`: close the connection without one;
    `missing`: so many bytes of it are promised and never come.
    """

    status: int = 200
    body: Any = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    missing: int = 0

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return (self.body if isinstance(self.body, str) else json.dumps(self.body)).encode()


@dataclass(frozen=True, kw_only=True)
class Asked:
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: dict[str, Any]
    size: int


@dataclass(kw_only=True)
class Sink:
    """`told`: what to answer next, before the provider's own rules are asked. `arrived`: what it took."""

    judge: Callable[[Asked], Say | None]
    fine: Say
    port: int = 0
    told: deque[Say] = field(default_factory=deque)
    always: Say | None = None
    asked: list[Asked] = field(default_factory=list)
    arrived: list[dict[str, Any]] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, asked: Asked) -> Say:
        with self.lock:
            self.asked.append(asked)
            if self.told:
                return self.told.popleft()
            if self.always is not None:
                return self.always
            refused = self.judge(asked)
            if refused is None:
                self.arrived.append(asked.body)
            return refused or self.fine

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def listening(sink: Sink) -> Generator[Sink]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            parts = urlsplit(self.path)
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            said = sink.answer(
                Asked(
                    path=parts.path,
                    query=query,
                    headers=dict(self.headers.items()),
                    body=json.loads(content),
                    size=len(content),
                )
            )
            if said.hang:
                sink.end.wait(20)
            self.close_connection = True
            if said.cut or said.hang:
                self.connection.shutdown(socket.SHUT_RDWR)
                return
            self.send_response(said.status)
            for name, value in said.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(said.content) + said.missing))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said.content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            pass

    class Quiet(ThreadingHTTPServer):
        request_queue_size = 64
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A reader that went away is what some tests are about."""

    server = Quiet(("127.0.0.1", 0), Handler)
    sink.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.end.set()
        server.shutdown()
        server.server_close()
        thread.join()
