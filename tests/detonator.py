"""A robot as mail security keeps them: it opens a link in a real browser and tries everything there is.

Knows roles and kinds of controls, and nothing of our pages. With `presses` it also presses what it finds and
fills fields with rubbish; without, it fetches, follows, runs scripts and sends forms as it found them.
"""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urljoin, urlsplit

import httpx
from playwright.sync_api import Browser, BrowserContext, Error, Locator, Page
from selectolax.lexbor import LexborHTMLParser

from tests.integration.web.test_signoff import AGENTS
from tests.local_http import NO_TLS

PATIENCE = 1500  # milliseconds for what a touch leads to
TOUCH = 200  # and for the touch: what cannot be touched by then is covered, or only a script could
PRESSED = (
    "button, input[type=submit], input[type=button], input[type=image], input[type=reset], summary,"
    " [role=button], [role=tab], [role=menuitem], [role=switch], [onclick], label"
)
TYPED = (
    "input:not([type=hidden], [type=submit], [type=button], [type=image], [type=reset], [type=checkbox],"
    " [type=radio], [type=file]), textarea, [contenteditable], [role=textbox], [role=searchbox]"
)
TICKED = "input[type=checkbox], input[type=radio], [role=checkbox], [role=radio]"
EVERYTHING = f"a[href], {PRESSED}, {TYPED}, {TICKED}, select, option"
WORDS = ("test", "approve", "yes", "1", "同意", "<b>x</b>", "' or 1=1 --", "0000-00-00", "a@example.com")


class Detonator:
    """`unknown`: what it may not type, since nobody told it; a lucky guess is not what is tried here.

    `most`: how many controls of a kind it tries, drawn by chance; None is all of them.
    """

    def __init__(
        self,
        browser: Browser,
        rng: random.Random,
        *,
        presses: bool,
        unknown: str = "",
        most: int | None = None,
    ) -> None:
        self.browser, self.rng, self.presses, self.unknown, self.most = browser, rng, presses, unknown, most
        self.counts: Counter[str] = Counter()

    def detonate(self, address: str) -> None:
        self.fetch(address)
        with self._context() as context:
            page = self._open(context, address)
            self._look_at_everything(page)
            self._follow_links(page, address)
            self._send_untouched(page, address)
            self._press_enter(page, address)
            if self.presses:
                self._press_everything(page, address)
            self._wander(page)

    def _some(self, page: Page, selector: str) -> list[int]:
        """The places of the controls to try, in the order of the page."""
        count = page.locator(selector).count()
        few = count if self.most is None else min(self.most, count)
        return sorted(self.rng.sample(range(count), few))

    def fetch(self, address: str) -> None:
        """Without a browser: under a few names, by every harmless method, and all that the page names."""
        with httpx.Client(follow_redirects=True, trust_env=False, verify=NO_TLS, timeout=20) as client:
            for agent in self.rng.sample(AGENTS, 2):
                for method in ("GET", "HEAD", "OPTIONS"):
                    client.request(method, address, headers={"User-Agent": agent})
                    self.counts["fetches"] += 1
            client.get(address, headers={"Sec-Purpose": "prefetch;prerender"})
            client.post(address)
            for found in _named(client.get(address).text, address):
                client.get(found)
                self.counts["fetches"] += 1

    @contextmanager
    def _context(self) -> Iterator[BrowserContext]:
        context = self.browser.new_context(locale=self.rng.choice(["zh-CN", "en-US"]), accept_downloads=True)
        context.set_default_timeout(PATIENCE)
        context.on("dialog", lambda dialog: dialog.accept())
        try:
            yield context
        finally:
            context.close()

    def _open(self, context: BrowserContext, address: str) -> Page:
        page = context.new_page()
        page.goto(address, timeout=20_000)
        return page

    def _again(self, page: Page, address: str) -> None:
        with suppress(Error):
            page.goto(address, timeout=20_000)
        self.counts["pages"] += 1

    def _look_at_everything(self, page: Page) -> None:
        page.mouse.wheel(0, 5000)
        page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for number in self._some(page, EVERYTHING):
            control = page.locator(EVERYTHING).nth(number)
            if control.is_visible():
                with suppress(Error):
                    control.hover(timeout=TOUCH, force=True)
                    control.focus(timeout=TOUCH)
                self.counts["hovers"] += 1

    def _follow_links(self, page: Page, address: str) -> None:
        for number in self._some(page, "a[href]"):
            with suppress(Error):
                page.locator("a[href]").nth(number).click()
            self.counts["links"] += 1
            self._again(page, address)

    def _send_untouched(self, page: Page, address: str) -> None:
        for number in self._some(page, "form"):
            for how in ("one.requestSubmit()", "HTMLFormElement.prototype.submit.call(one)"):
                form = page.locator("form").nth(number)
                self._act(page, lambda form=form, how=how: form.evaluate(f"(one) => {how}"))
                self.counts["forms"] += 1
                self._again(page, address)

    def _press_enter(self, page: Page, address: str) -> None:
        for number in self._some(page, f"{TYPED}, {TICKED}, select"):
            field = page.locator(f"{TYPED}, {TICKED}, select").nth(number)
            self._act(page, lambda field=field: field.press("Enter"))
            self.counts["enters"] += 1
            self._again(page, address)

    def _press_everything(self, page: Page, address: str) -> None:
        """Each control on a fresh page: as it is, and after rubbish was put wherever something fits."""
        for filled in (False, True):
            for number in self._some(page, PRESSED):
                if filled:
                    self._fill(page)
                control = page.locator(PRESSED).nth(number)
                self._act(page, lambda control=control: _press(control))
                self.counts["presses"] += 1
                self._again(page, address)
        for number in self._some(page, TYPED):
            self._fill(page)
            field = page.locator(TYPED).nth(number)
            self._act(page, lambda field=field: field.press("Enter"))
            self.counts["enters"] += 1
            self._again(page, address)

    def _fill(self, page: Page) -> None:
        with suppress(Error):
            page.wait_for_load_state()
            page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })")
        for field in _all(page, TYPED):
            with suppress(Error):
                field.fill(self._rubbish(field), timeout=TOUCH)
        for box in _all(page, TICKED):
            with suppress(Error):
                box.check(timeout=TOUCH, force=True)
        for select in _all(page, "select"):
            with suppress(Error):
                values = select.evaluate("(one) => [...one.options].map((option) => option.value)")
                select.select_option(self.rng.choice(values), timeout=TOUCH, force=True)
        self.counts["fillings"] += 1

    def _rubbish(self, field: Locator) -> str:
        kind = field.get_attribute("type", timeout=TOUCH) or "text"
        if kind in {"date", "datetime-local", "month", "time"}:
            written = {"date": "2030-01-02", "month": "2030-01", "time": "10:00"}
            return written.get(kind, "2030-01-02T10:00")
        digits = f"{self.rng.randrange(10_000):04d}"
        if digits == self.unknown:
            digits = f"{(int(digits) + 1) % 10_000:04d}"
        numeric = kind in {"number", "tel"} or field.get_attribute("inputmode", timeout=TOUCH) == "numeric"
        return digits if numeric else self.rng.choice((*WORDS, digits))

    def _act(self, page: Page, act) -> None:
        """And whatever it leads to; a page that is sent again by a reload is sent again."""
        with suppress(Error):
            act()
            page.wait_for_load_state()
            if self.rng.random() < 0.3:
                page.reload()
                self.counts["reloads"] += 1

    def _wander(self, page: Page) -> None:
        for step in ("go_back", "go_back", "go_forward", "reload", "go_back"):
            with suppress(Error):
                getattr(page, step)()
            self.counts["steps"] += 1


def _press(control: Locator) -> None:
    """With the mouse; what a person could not press, as a script would."""
    if control.is_visible() and control.is_enabled():
        control.click(force=True)  # it waits for where this leads, or the next step would cut it off
    else:
        control.evaluate("(one) => one.click()")


def _all(page: Page, selector: str) -> list[Locator]:
    return page.locator(selector).all()


def _named(html: str, address: str) -> set[str]:
    """Every address of this origin that stands on the page."""
    found = {
        urljoin(address, str(node.attributes[name]))
        for name in ("href", "src", "action")
        for node in LexborHTMLParser(html).css(f"[{name}]")
        if node.attributes[name]
    }
    return {one for one in found if urlsplit(one).netloc == urlsplit(address).netloc}
