"""A real browser and the whole web application behind a real port; both are this machine's own."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.served_site import behind_a_port, chromium_running
from tests.web_site import Site, keys, site, visit

__all__ = ["keys", "site", "visit"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with chromium_running() as browser:
        yield browser


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
    with behind_a_port(site) as address:
        made = Served(site=site, address=address, browser=chromium)
        yield made
        for context in made.contexts:
            context.close()
