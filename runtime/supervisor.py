"""Keeps the processes of one installation running: starts them, starts anew what dies, and leaves none
behind.
"""

import fcntl
import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from engine.errors import GuankaError
from engine.text import Text
from runtime.child import Child, Spec
from runtime.folder import writing_to

LOOK_EVERY_SECONDS: Final = 0.2
STOP_WITHIN_SECONDS: Final = 8.0  # then what is left is killed; ten seconds in all
FIRST_PAUSE_SECONDS: Final = 0.5
LONGEST_PAUSE_SECONDS: Final = 30.0
STEADY_AFTER_SECONDS: Final = 60.0
Tell = Callable[[Text], None]


class PortTaken(GuankaError):
    def __init__(self, host: str, port: int, setting: str) -> None:
        super().__init__(
            Text(
                f"端口 {host}:{port} 已被占用；请停止占用它的程序，或用 {setting} 换一个端口",
                f"port {host}:{port} is taken; stop the program that holds it, or choose another with"
                f" {setting}",
            )
        )
        self.host, self.port, self.setting = host, port, setting


class AddressUnusable(GuankaError):
    def __init__(self, host: str, detail: str) -> None:
        super().__init__(
            Text(
                f"无法使用地址 {host}（{detail}）；请改 GUANKA_HOST",
                f"the address {host} cannot be used ({detail}); change GUANKA_HOST",
            )
        )
        self.host = host


class AlreadyRunning(GuankaError):
    def __init__(self, data_dir: Path, pid: str) -> None:
        super().__init__(
            Text(
                f"关卡已在运行（进程 {pid}，数据目录 {data_dir}）；请先停止它，或用 GUANKA_DATA_DIR 另选目录",
                f"Guanka is running already (process {pid}, data in {data_dir});"
                " stop it first, or choose another folder with GUANKA_DATA_DIR",
            )
        )
        self.data_dir, self.pid = data_dir, pid


class CannotStart(GuankaError):
    """A process ended before it was ready; `why` is the end of what it said."""

    def __init__(self, name: str, log: Path | None, why: Sequence[str]) -> None:
        place = f"（{log}）" if log else ""
        said = "\n".join(why)
        super().__init__(
            Text(
                f"进程 {name} 未能启动{place}：\n{said}",
                f"the process {name} did not start{f' ({log})' if log else ''}:\n{said}",
            )
        )
        self.name = name


def check_port(host: str, port: int, setting: str) -> None:
    """Raises PortTaken or AddressUnusable. Asks the way a server would, so a port just left counts as
    free.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except socket.gaierror as fault:
        raise AddressUnusable(host, fault.strerror or str(fault)) from fault
    except OSError as fault:
        if fault.errno in (98, 48):  # EADDRINUSE on Linux and macOS
            raise PortTaken(host, port, setting) from fault
        raise AddressUnusable(f"{host}:{port}", fault.strerror or str(fault)) from fault


def hold_alone(data_dir: Path) -> int:
    """A lock on the data folder until this process ends; its descriptor. Raises AlreadyRunning or
    FolderUnwritable.
    """
    with writing_to(data_dir):
        descriptor = os.open(data_dir / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        pid = os.read(descriptor, 20).decode("ascii", "replace").strip()
        os.close(descriptor)
        raise AlreadyRunning(data_dir, pid or "?") from None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"{os.getpid()}\n".encode())
    return descriptor


def answers(url: str) -> bool:
    """Whether a page is served there."""
    parts = urlsplit(url)
    with suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=2)
        try:
            connection.request("GET", parts.path or "/")
            return connection.getresponse().status < 500  # noqa: PLR2004 - anything it means to say
        finally:
            connection.close()
    return False


class _Kept:
    """A child with the history of its ends."""

    def __init__(self, child: Child, *, monotonic: Callable[[], float]) -> None:
        self.child = child
        self._monotonic = monotonic
        self._ends = 0
        self._started = monotonic()
        self._again_at: float | None = None

    def look(self, tell: Tell) -> None:
        """Starts it anew after it ended, later each time; what has run for a minute begins again from
        the first pause.
        """
        now = self._monotonic()
        if self._again_at is not None:
            if now >= self._again_at:
                self._begin(now)
            return
        code = self.child.exit_code()
        if code is None:
            return
        self.child.signal(signal.SIGKILL)  # what its group left behind would hold the port
        self._ends = 1 if now - self._started > STEADY_AFTER_SECONDS else self._ends + 1
        pause = min(FIRST_PAUSE_SECONDS * 2 ** (self._ends - 1), LONGEST_PAUSE_SECONDS)
        self._again_at = now + pause
        tell(_ended(self.child, code, pause))

    def _begin(self, now: float) -> None:
        self._again_at, self._started = None, now
        self.child.start()
        self.child.let_go()


class Supervisor:
    """Stopped by SIGINT, SIGTERM or SIGHUP; a second one kills at once."""

    def __init__(self, tell: Tell, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._monotonic = monotonic
        self._kept: list[_Kept] = []
        self._stop = threading.Event()
        self._asked = 0

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    def heed_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda _number, _frame: self.stop())

    def stop(self) -> None:
        self._asked += 1
        self._stop.set()

    def start(self, spec: Spec) -> Child:
        child = Child(spec)
        child.start()
        self._kept.append(_Kept(child, monotonic=self._monotonic))
        return child

    def await_page(self, child: Child, url: str, *, seconds: float = 60.0) -> None:
        """Returns when `url` is served, or when we are told to stop. Raises CannotStart."""
        end = self._monotonic() + seconds
        while not self.stopping and not answers(url):
            if child.exit_code() is not None or self._monotonic() > end:
                raise CannotStart(child.spec.name, child.spec.log, child.last_words())
            self._stop.wait(0.05)

    def watch(self) -> None:
        """Until told to stop."""
        while not self._stop.wait(LOOK_EVERY_SECONDS):
            for kept in self._kept:
                kept.look(self._tell)

    def end_all(self) -> None:
        """Ends every child, the last started first, within ten seconds; safe to call twice."""
        children = [kept.child for kept in reversed(self._kept)]
        for child in children:
            child.signal(signal.SIGTERM)
        asked, end = self._asked, self._monotonic() + STOP_WITHIN_SECONDS
        for child in children:
            while not child.wait(0.1) and self._monotonic() < end and self._asked <= max(asked, 1):
                pass
        for child in children:
            child.signal(signal.SIGKILL)
            child.wait(1.0)


def _ended(child: Child, code: int, pause: float) -> Text:
    zh = f"进程 {child.spec.name} 意外结束（{code}），{pause:g} 秒后重新启动"
    en = f"the process {child.spec.name} ended unexpectedly ({code}); starting it anew in {pause:g} s"
    log = child.spec.log
    return Text(f"{zh}；日志：{log}", f"{en}; log: {log}") if log else Text(zh, en)
