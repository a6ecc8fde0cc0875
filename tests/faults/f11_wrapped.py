"""F11: a link that mail programs and gateways have written anew reaches its page in two clicks at most."""

import http.client
import itertools
import random
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

from playwright.sync_api import Browser, Page

from tests.mail_gateways import CODES, WRAPPERS, gateway, ruined, spellings, wrapped
from tests.served_site import listening, under_attack

NAME = "F11"
SUBJECT = "A link rewritten or wrapped on its way opens in two clicks; one that lost a part says what to do."
GOAL = 10_000
QUICK = 1
MOST_CLICKS = 2
MOST_REDIRECTS = 5
TRIPS = 3  # through a gateway, in a browser, each round
MARK = "sign-form"  # stands on the page itself and on no other


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    trips = itertools.cycle([(wrapper, code) for code in CODES for wrapper in WRAPPERS])
    with under_attack(folder) as at, listening(gateway) as outside:
        for number in itertools.count():
            link, _ = at.site.letters("bob", at.site.asked(f"m{number}"))[0]
            before = at.site.tables()
            arrived, kind = spellings(link, rng), ruined(link, rng)
            for how, address in arrived.items():
                status, page = fetched(address)
                assert (status, MARK in page) == (200, True), f"{how}: {address} gave {status}"
            for how, address in kind.items():
                status, page = fetched(address)
                assert (status, "签批链接" in page or "链接无效" in page) == (404, True), f"{how}: {address}"
            clicks = [
                at.call(clicked_through, at.browser, wrapped(outside, *next(trips), link))
                for _ in range(TRIPS)
            ]
            assert max(clicks) <= MOST_CLICKS, f"{max(clicks)} clicks to the page"
            assert at.site.tables() == before, "opening links changed something"
            yield {"links": len(arrived) + TRIPS, "kind_pages": len(kind), "clicks": sum(clicks)}


def fetched(address: str) -> tuple[int, str]:
    """As the browser would ask for it, letter for letter, and through redirects."""
    for _ in range(MOST_REDIRECTS):
        parts = urlsplit(address)
        target = quote(parts.path, safe="/%&;=:@!$'()*+,~") + (f"?{parts.query}" if parts.query else "")
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
        connection.request("GET", target, headers={"Host": parts.netloc, "Accept-Language": "zh-CN"})
        answer = connection.getresponse()
        page = answer.read().decode()
        connection.close()
        if answer.status not in (302, 303, 307):
            return answer.status, page
        address = f"{parts.scheme}://{parts.netloc}{answer.headers['Location']}"
    raise AssertionError(f"redirected without end: {address}")


def clicked_through(browser: Browser, address: str) -> int:
    """How many clicks it takes from the message: one on the link, and one more where the gateway asks."""
    context = browser.new_context()
    try:
        page = context.new_page()
        page.goto(address)
        if page.locator("#on").count() == 0:
            page.locator(f".{MARK}").first.wait_for(state="attached")
            return 1
        return 1 + _pressed_on(page)
    finally:
        context.close()


def _pressed_on(page: Page) -> int:
    if page.locator("#on[target]").count():
        with page.context.expect_page() as opened:
            page.locator("#on").click()
        page = opened.value
    else:
        page.locator("#on").click()
    page.locator(f".{MARK}").first.wait_for(state="attached")
    return 1
