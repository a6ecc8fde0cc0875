"""One real Prefect server per test run, on a loopback port of its own, and runners beside it."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context
from pathlib import Path

import httpx
import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.settings import (
    PREFECT_API_AUTH_STRING,
    PREFECT_API_URL,
    PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

from flows.runner import Runner
from runtime.prefect_server import prefect_environment, server_command
from tests.waiting import eventually


class Server:
    """A Prefect server process that a test may kill and start again on the same port and data."""

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
        try:
            return httpx.get(f"{self.url}/health", auth=self.auth, timeout=2).status_code == 200
        except httpx.HTTPError:
            return False

    def ensure_up(self) -> None:
        if self._process is None or self._process.poll() is not None:
            self.start()
        eventually(self.is_up, "the Prefect server to answer", limit=90)

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(10)


@pytest.fixture(scope="session")
def _one_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("prefect"))
    try:
        yield server
    finally:
        server.kill()


@pytest.fixture
def server(_one_server: Server) -> Iterator[Server]:
    """Up at the beginning of every test; the settings of this process point at it."""
    _one_server.ensure_up()
    with temporary_settings(
        updates={
            PREFECT_API_URL: _one_server.url,
            PREFECT_API_AUTH_STRING: _one_server.environment["PREFECT_API_AUTH_STRING"],
            PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True,
            PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
        }
    ):
        yield _one_server


@pytest.fixture
def client(server: Server) -> Iterator[SyncPrefectClient]:
    """The test's own eyes on Prefect; patient, since a busy SQLite answers 503 now and then."""
    with get_client(sync_client=True) as opened:
        yield opened


@pytest.fixture
def running() -> Iterator[Callable[[Runner], None]]:
    """Starts runners in threads of their own, and stops them at the end."""
    started: list[tuple[Runner, threading.Thread]] = []

    def start(runner: Runner) -> None:
        thread = threading.Thread(target=copy_context().run, args=(runner.run,), daemon=True)
        started.append((runner, thread))
        thread.start()

    yield start
    for runner, thread in started:
        runner.stop()
        thread.join(15)
        assert not thread.is_alive(), "the runner did not stop within its time"
