"""A thread that holds a Prefect client open and runs flows through it, one after the other.

Everything that speaks to Prefect happens in a lane. A lane that hangs is left behind, and the next takes its
place: no other thread of the runner ever waits for Prefect longer than it chose to.
"""

import functools
import queue
import ssl
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from contextvars import copy_context
from typing import TypeVar

import httpx
from prefect.client.orchestration import SyncPrefectClient
from prefect.context import SyncClientContext
from prefect.settings import (
    PREFECT_API_REQUEST_TIMEOUT,
    PREFECT_CLIENT_MAX_RETRIES,
    PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED,
    PREFECT_FLOWS_HEARTBEAT_FREQUENCY,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)

Answer = TypeVar("Answer")
Job = Callable[[SyncPrefectClient], Answer]

REQUEST_TIMEOUT_SECONDS = 2.0
# Shorter than the server keeps it, so that it never closes a connection while a request is on its way.
IDLE_CONNECTION_SECONDS = 25.0


class Lane:
    """Begins with its first job. Not for use from within its own jobs."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._jobs: queue.SimpleQueue[tuple[Job[object], Future[object]] | None] | None = None

    def submit(self, job: Job[Answer]) -> "Future[Answer]":
        """Have `job` done with this lane's client; the future never cancels what has begun."""
        if self._jobs is None:
            self._jobs = _start(self._name)
        answer: Future[Answer] = Future()
        self._jobs.put((job, answer))  # pyright: ignore[reportArgumentType] - job and answer belong together
        return answer

    def ask(self, job: Job[Answer], *, within: float) -> Answer:
        """The answer of `job`. Raises TimeoutError after `within` seconds, and leaves the hanging thread
        behind.
        """
        answer = self.submit(job)
        try:
            return answer.result(within)
        except TimeoutError:
            self.abandon()
            raise

    def abandon(self) -> None:
        """Let the present thread end by itself, whenever that may be; the next job gets a new one."""
        if self._jobs is not None:
            self._jobs.put(None)
            self._jobs = None


def _start(name: str) -> "queue.SimpleQueue[tuple[Job[object], Future[object]] | None]":
    jobs: queue.SimpleQueue[tuple[Job[object], Future[object]] | None] = queue.SimpleQueue()
    # The context carries Prefect's settings over; without one it reads the environment at every look.
    threading.Thread(target=copy_context().run, args=(_work, jobs), name=f"lane-{name}", daemon=True).start()
    return jobs


def _work(jobs: "queue.SimpleQueue[tuple[Job[object], Future[object]] | None]") -> None:
    first = jobs.get()
    try:
        with open_client() as client:
            _do(first, client)
            while (item := jobs.get()) is not None:
                _do(item, client)
    except BaseException as fault:  # noqa: BLE001 - every job fails then, and nobody waits in vain
        _fail_all(first, jobs, fault)


def _do(item: "tuple[Job[object], Future[object]] | None", client: SyncPrefectClient) -> None:
    if item is None:
        return
    job, answer = item
    try:
        answer.set_result(job(client))
    except BaseException as fault:  # noqa: BLE001 - Prefect ends runs with BaseException too
        answer.set_exception(fault)


def _fail_all(
    first: "tuple[Job[object], Future[object]] | None",
    jobs: "queue.SimpleQueue[tuple[Job[object], Future[object]] | None]",
    fault: BaseException,
) -> None:
    item = first
    while item is not None:
        if not item[1].done():
            item[1].set_exception(fault)
        item = jobs.get()


@contextmanager
def open_client() -> Iterator[SyncPrefectClient]:
    """Prefect's client with the settings this product needs, for everything done in this thread within.

    The heartbeat of a flow can be turned off in process only; with it every flow takes a second to end.
    """
    # The transport of our own is for its one difference: it does not try a refused connection again for 1.5
    # s.
    limits = httpx.Limits(max_connections=4, keepalive_expiry=IDLE_CONNECTION_SECONDS)
    tls = _certificates()
    transport = httpx.HTTPTransport(verify=tls, retries=0, limits=limits)
    with (
        temporary_settings(
            updates={
                PREFECT_FLOWS_HEARTBEAT_FREQUENCY: None,
                PREFECT_CLIENT_MAX_RETRIES: 0,
                PREFECT_CLIENT_SERVER_VERSION_CHECK_ENABLED: False,
                PREFECT_LOGGING_TO_API_ENABLED: False,
                PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,  # without an address no server starts by itself
                PREFECT_API_REQUEST_TIMEOUT: REQUEST_TIMEOUT_SECONDS,
            }
        ),
        SyncClientContext(httpx_settings={"transport": transport, "verify": tls}) as context,
    ):
        yield context.client


@functools.cache
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a flow run."""
    return ssl.create_default_context()
