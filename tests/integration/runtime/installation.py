"""A whole installation in a folder of its own, started and killed as its operator's machine would."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engine.ids import PersonId
from engine.store.people import Person
from runtime.settings import Settings, read_settings
from runtime.wiring import Parts, opened
from tests.local_http import serves
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[3]
START_SECONDS = 60.0
TEN_STEPS = "\n".join(
    [
        "sop: ten_steps",
        "zh: 十步",
        "en: Ten steps",
        "roles:",
        "  manager: {zh: 经理, en: Manager}",
        "exits:",
        "  finished: {zh: 完成, en: Finished, success: true}",
        "stages:",
        *(f"  - {{id: s{n}, zh: 第{n}步, en: Step {n}, owner: manager}}" for n in range(11)),
        "transitions:",
        *(f"  - {{id: t{n}, zh: 前进{n}, en: On {n}, from: s{n}, to: s{n + 1}}}" for n in range(10)),
        "  - {id: finish, zh: 结束, en: Finish, from: s10, exit: finished}",
        "",
    ]
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Installation:
    """`guanka` in one folder. `env` is what every command of it finds; nothing of the tester's own comes
    through.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
        self.env = kept | {
            "PYTHONPATH": str(ROOT),
            "GUANKA_DATA_DIR": str(folder / "var"),
            "GUANKA_PORT": str(free_port()),
            "GUANKA_PREFECT_PORT": str(free_port()),
            "GUANKA_LANGUAGE": "en",
        }
        self._service: subprocess.Popen[str] | None = None

    @property
    def settings(self) -> Settings:
        return read_settings(self.env)

    @property
    def url(self) -> str:
        return self.settings.local_url

    def run(self, *arguments: str, code: int | None = 0, **more_env: str) -> subprocess.CompletedProcess[str]:
        """One command in a process of its own."""
        done = subprocess.run(
            [sys.executable, "-m", "cli.main", *arguments],
            env=self.env | more_env,
            cwd=self.folder,
            capture_output=True,
            check=False,
            text=True,
            timeout=60,
        )
        assert code is None or done.returncode == code, (arguments, done.returncode, done.stdout, done.stderr)
        return done

    def json(self, *arguments: str, code: int | None = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)

    @contextmanager
    def opened(self, *, migrate: bool = False) -> Iterator[Parts]:
        with opened(self.settings, migrate=migrate) as parts:
            yield parts

    def with_ten_steps(self) -> None:
        """One SOP of ten free steps, one person, and a case `c1` at its beginning."""
        with self.opened(migrate=True) as parts:
            parts.store.people.put(Person(id=PersonId("ann"), name="Ann"))
            parts.store.people.set_holders("manager", [PersonId("ann")])
            parts.store.definitions.publish(
                TEN_STEPS, "ten_steps.yaml", by=PersonId("ann"), now=parts.clock.now()
            )

    def up(self, *options: str) -> None:
        """Starts the service and returns when its first page is there."""
        self._service = subprocess.Popen(
            [sys.executable, "-m", "cli.main", "up", *options],
            env=self.env,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        eventually(self._is_up, "the first page", limit=START_SECONDS)

    def _is_up(self) -> bool:
        assert self._service is not None
        assert self._service.poll() is None, self._service.stdout.read() if self._service.stdout else ""
        return serves(f"{self.url}/health")

    @property
    def supervisor(self) -> int:
        assert self._service is not None
        return self._service.pid

    def processes(self) -> dict[int, str]:
        """Everything that runs with this installation's data folder in its environment, however it came
        to be.
        """
        mark = f"GUANKA_DATA_DIR={self.env['GUANKA_DATA_DIR']}\0".encode()
        found: dict[int, str] = {}
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    if mark in (entry / "environ").read_bytes() + b"\0" and _lives(entry):
                        found[int(entry.name)] = (
                            (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                        )
                except OSError:
                    continue
        return found

    def await_process(self, word: str) -> int:
        """The process whose command has `word` in it."""
        eventually(
            lambda: any(word in c for c in self.processes().values()), f"the process {word}", START_SECONDS
        )
        return next(pid for pid, command in self.processes().items() if word in command)

    def stop(self, number: int = signal.SIGTERM) -> str:
        """Asks the supervisor to stop; what it had said."""
        assert self._service is not None
        self._service.send_signal(number)
        said, _ = self._service.communicate(timeout=30)
        return said

    def kill_all(self) -> None:
        """As when the machine loses its power: everything at once, nobody may finish a sentence."""
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        if self._service is not None:
            self._service.communicate(timeout=30)
        eventually(lambda: not self.processes(), "every process to be gone")


def _lives(entry: Path) -> bool:
    """A zombie holds nothing any more."""
    return (entry / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
