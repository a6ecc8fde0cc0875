"""A mail server that follows a script: its answer to any command, a cut, or silence. It notes what it
heard.
"""

import socketserver
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

CUT: Final = "cut"
HANG: Final = "hang"
FINE: Final[Mapping[str, str]] = {
    "CONNECT": "220 sink ESMTP",
    "EHLO": "250-sink\r\n250-AUTH PLAIN LOGIN\r\n250 SIZE 10000000",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 OK",
    "RCPT": "250 OK",
    "DATA": "354 go on",
    ".": "250 2.0.0 taken",
    "QUIT": "221 bye",
}


@dataclass
class ScriptedMail:
    """`script` by command, `.` for the end of the message. `kept`: mails it answered for with a 250, or
    stored before it fell silent.
    """

    script: Mapping[str, str]
    port: int = 0
    heard: list[str] = field(default_factory=list)
    kept: list[bytes] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)

    def answer(self, command: str) -> str:
        return self.script.get(command, FINE.get(command, "502 unknown"))


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        sink: ScriptedMail = self.server.sink  # pyright: ignore[reportAttributeAccessIssue]
        if not self._say(sink, "CONNECT"):
            return
        while line := self.rfile.readline():
            word = line.split()[0].decode().upper() if line.split() else ""
            sink.heard.append(line.decode(errors="replace").strip())
            if not self._say(sink, word) or word == "QUIT":
                return
            if word == "DATA" and sink.answer("DATA").startswith("354") and not self._content(sink):
                return

    def _content(self, sink: ScriptedMail) -> bool:
        content = b""
        while (line := self.rfile.readline()) and line != b".\r\n":
            content += line
        if sink.answer(".")[:1] in ("2", CUT[0], HANG[0]):
            sink.kept.append(content)
        return self._say(sink, ".")

    def _say(self, sink: ScriptedMail, command: str) -> bool:
        told = sink.answer(command)
        if told == HANG:
            sink.end.wait(20)
        if told in (CUT, HANG):
            return False
        self.wfile.write(told.encode() + b"\r\n")
        return True


@contextmanager
def a_scripted_server(**script: str) -> Generator[ScriptedMail]:
    """`END` stands for the answer to the message."""
    sink = ScriptedMail(script={("." if name == "END" else name): told for name, told in script.items()})

    class Quiet(socketserver.ThreadingTCPServer):
        daemon_threads = True
        allow_reuse_address = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that went away is part of the script."""

    server = Quiet(("127.0.0.1", 0), _Handler)
    server.sink = sink  # pyright: ignore[reportAttributeAccessIssue]
    sink.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield sink
    finally:
        sink.end.set()
        server.shutdown()
        server.server_close()
        thread.join()
