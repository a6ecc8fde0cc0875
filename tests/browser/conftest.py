"""A real browser and the whole web application behind a real port; both are this machine's own."""

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from notifications.composing import Composer
from notifications.routing import ChannelSettings
from runtime.records import StoreRecords
from tests.waiting import eventually
from tests.web_site import Site, keys, site, visit
from web.app import create_app

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
__all__ = ["keys", "site", "visit"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.skip(f"there is no browser at {CHROMIUM}")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@dataclass
class Served:
    """The application at an address. `complaints`: what browsers said on their consoles."""

    site: Site
    address: str
    browser: Browser
    complaints: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, path: str, *, person: str = "ann", width: int = 1280, script: bool = True) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 844}, java_script_enabled=script, locale="zh-CN"
        )
        context.add_cookies([{"name": "guanka_person", "value": person, "url": self.address}])
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.goto(self.address + path)
        return page


@pytest.fixture
def served(site: Site, chromium: Browser) -> Iterator[Served]:
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    settings = ChannelSettings(public_url=address, smtp_url=None, webhook_url=None, case_path=None)
    composer = Composer(
        records=StoreRecords(site.store, "zh"), keys=site.keys, clock=site.clock, settings=settings
    )
    site.wiring = replace(site.wiring, mailbox_text=composer.mailbox_text)
    server = uvicorn.Server(uvicorn.Config(create_app(site.wiring), log_config=None, access_log=False))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    thread.start()
    eventually(lambda: server.started, "the web application listening")
    made = Served(site=site, address=address, browser=chromium)
    yield made
    for context in made.contexts:
        context.close()
    server.should_exit = True
    thread.join()
    listener.close()
