"""A real Prefect server as a process of its own, on a free loopback port; one serves a whole test run."""

import os
import signal
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from runtime.prefect_server import prefect_environment, server_command
from tests.local_http import serves
from tests.waiting import eventually


class PrefectProcess:
    """May be killed and started again, on the same port and data."""

    def __init__(self, data_dir: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.environment = prefect_environment(data_dir, self.port)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return self.environment["PREFECT_API_URL"]

    @property
    def auth(self) -> tuple[str, str]:
        user, _, password = self.environment["PREFECT_API_AUTH_STRING"].partition(":")
        return user, password

    def start(self) -> None:
        inherited = {key: value for key, value in os.environ.items() if not key.startswith("PREFECT")}
        self._process = subprocess.Popen(
            server_command(),
            env=inherited | self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def is_up(self) -> bool:
        return serves(f"{self.url}/health", self.auth)

    def ensure_up(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()
        eventually(self.is_up, "the Prefect server to answer", limit=90)

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)

    @contextmanager
    def in_use(self) -> Generator[None]:
        """Up, and the settings of this process point at it."""
        self.ensure_up()
        with temporary_settings(
            updates={
                PREFECT_API_URL: self.url,
                PREFECT_API_AUTH_STRING: self.environment["PREFECT_API_AUTH_STRING"],
                PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True,
                PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
            }
        ):
            yield
