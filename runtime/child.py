"""One process under the supervisor: its own process group, ended with it, and never left behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from runtime.folder import make_folder, writing_to

MOST_LOG_BYTES: Final = 10_000_000
_PR_SET_PDEATHSIG: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """How a process is started. `log` None: it speaks on our standard error. `go`: it waits for a word
    before it begins.
    """

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(repr=False)
    log: Path | None
    go: bool = False


class Child:
    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self._process: subprocess.Popen[bytes] | None = None
        self._go: int | None = None

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process else None

    def start(self) -> None:
        waits, self._go = os.pipe() if self.spec.go else (None, None)
        command = [*self.spec.command, *(["--go", str(waits)] if waits is not None else [])]
        with _log_file(self.spec.log) as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell
                command,
                env=dict(self.spec.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[waits] if waits is not None else [],
                preexec_fn=_dies_with(os.getpid()),  # noqa: PLW1509 - the supervisor has one thread
            )
        if waits is not None:
            os.close(waits)

    def let_go(self) -> None:
        """The word it waits for; without one it ends when we do."""
        if self._go is not None:
            with contextlib.suppress(OSError):
                os.write(self._go, b"1")
            os.close(self._go)
            self._go = None

    def exit_code(self) -> int | None:
        """None while it runs."""
        return self._process.poll() if self._process else None

    def signal(self, number: int) -> None:
        """To its whole process group, also when the first process of it has ended already."""
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within that time."""
        if self._process is None:
            return True
        try:
            self._process.wait(max(seconds, 0.01))
        except subprocess.TimeoutExpired:
            return False
        return True

    def last_words(self, lines: int = 3) -> list[str]:
        """The end of its log, for whoever must find out why it stopped."""
        if self.spec.log is None or not self.spec.log.exists():
            return []
        with self.spec.log.open("rb") as file:
            file.seek(max(file.seek(0, os.SEEK_END) - 4000, 0))
            return file.read().decode("utf-8", "replace").splitlines()[-lines:]


def _log_file(path: Path | None) -> contextlib.AbstractContextManager[IO[bytes] | None]:
    """Appends; a large one is first moved aside, so that two are kept at most. Raises
    FolderUnwritable.
    """
    if path is None:
        return contextlib.nullcontext()
    make_folder(path.parent)
    with writing_to(path.parent):
        if path.exists() and path.stat().st_size > MOST_LOG_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    return os.fdopen(descriptor, "wb", buffering=0)


def _dies_with(parent: int) -> Any:
    """Has Linux end the new process when its parent ends, however that came about."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:  # it ended before we could ask
            os._exit(1)

    return ask
