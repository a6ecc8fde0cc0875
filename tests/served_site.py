"""The web application behind a real port, and a real browser; both are this machine's own."""

import os
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, sync_playwright

from engine.clock import FixedClock
from engine.ids import PersonId, SequentialIds
from engine.store.store import open_store
from notifications.composing import Composer
from notifications.keys import Keys
from notifications.routing import ChannelSettings
from runtime.records import StoreRecords
from tests.waiting import eventually
from tests.web_site import SOP, Site, a_site
from web.app import create_app
from web.ports import Allowance, SignOffLimits

CHROMIUM = "/usr/bin/chromium"
QUIET = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
NO_LIMITS = SignOffLimits(  # so that nothing but what is being tried stands in the way
    bad_links=Allowance(burst=10**9, seconds=1),
    posts=Allowance(burst=10**9, seconds=1),
    link_posts=Allowance(burst=10**9, seconds=1),
)
T = TypeVar("T")


@contextmanager
def chromium_running() -> Iterator[Browser]:
    """Skips where there is none; where a machine checks for everybody, a skipped test has failed."""
    if not Path(CHROMIUM).exists():
        said = f"there is no browser at {CHROMIUM}"
        if os.environ.get("CI") == "true":
            raise AssertionError(f"{said}, and continuous integration may leave nothing out")
        pytest.skip(said)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def listening(app: Any) -> Iterator[str]:
    """The address at which this application answers."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the web application listening")
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


@contextmanager
def behind_a_port(site: Site) -> Iterator[str]:
    """The site's address. Its letters lead there, which is known only once it listens."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await inner[0](scope, receive, send)

    inner: list[Any] = []
    with listening(app) as address:
        settings = ChannelSettings(public_url=address, smtp_url=None, webhook_url=None, case_path=None)
        records = StoreRecords(site.store, "zh")
        composer = Composer(records=records, keys=site.keys, clock=site.clock, settings=settings)
        site.wiring = replace(site.wiring, mailbox_text=composer.mailbox_text)
        inner.append(create_app(site.wiring))
        yield address


@dataclass(frozen=True, kw_only=True)
class Attacked:
    """A site of its own for a campaign. `call`: in the browser's thread."""

    site: Site
    address: str
    browser: Browser
    call: Callable[..., Any]


@contextmanager
def under_attack(folder: Path) -> Iterator[Attacked]:
    """Playwright gets a thread of its own: in this one, another may already be at work."""
    with ExitStack() as stack:
        pool = stack.enter_context(ThreadPoolExecutor(1))

        def call(act: Callable[..., T], *given: Any) -> T:
            return pool.submit(act, *given).result()

        chromium = chromium_running()
        browser = call(chromium.__enter__)
        stack.callback(call, chromium.__exit__, None, None, None)
        site = stack.enter_context(a_site_in(folder))
        address = stack.enter_context(behind_a_port(site))
        yield Attacked(site=site, address=address, browser=browser, call=call)


@contextmanager
def a_site_in(folder: Path) -> Iterator[Site]:
    """Where `poster` is signed with the digits of the message, and `leaflet` by a press."""
    folder.mkdir(parents=True, exist_ok=True)
    store = open_store(f"sqlite:///{folder / 'guanka.db'}", folder, migrate=True)
    try:
        clock = FixedClock(datetime(2026, 3, 2, 1, 0, tzinfo=UTC))
        site = a_site(store, clock, SequentialIds(), Keys.open(folder / "keys.json"))
        text = SOP.replace("sop: poster", "sop: leaflet").replace(
            "mode: any", "mode: any\n        assurance: link"
        )
        store.definitions.publish(text, "leaflet.yaml", by=PersonId("ann"), now=clock.now())
        site.wiring = replace(site.wiring, settings=replace(site.wiring.settings, limits=NO_LIMITS))
        yield site
        for client in site.made:
            client.close()
    finally:
        store.close()
