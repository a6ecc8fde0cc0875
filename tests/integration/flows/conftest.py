"""Runners beside the Prefect server of the test run."""

import threading
from collections.abc import Callable, Iterator
from contextvars import copy_context

import pytest
from prefect.client.orchestration import SyncPrefectClient, get_client

from flows.runner import Runner
from tests.prefect_process import PrefectProcess


@pytest.fixture
def server(prefect_process: PrefectProcess) -> Iterator[PrefectProcess]:
    """Up at the beginning of every test; the settings of this process point at it."""
    with prefect_process.in_use():
        yield prefect_process


@pytest.fixture
def client(server: PrefectProcess) -> Iterator[SyncPrefectClient]:
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
