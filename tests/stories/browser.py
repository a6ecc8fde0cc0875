"""A browser without JavaScript: opens pages, reads them, fills in their forms and sends them."""

from dataclasses import dataclass
from urllib.parse import urljoin

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from tests.local_http import NO_TLS

Files = dict[str, tuple[str, bytes, str]]


class Browser:
    """Keeps cookies between pages, as a person's own browser does."""

    def __init__(self, address: str, *, language: str = "zh", person: str = "") -> None:
        self._client = httpx.Client(
            base_url=address,
            follow_redirects=True,
            trust_env=False,
            verify=NO_TLS,
            timeout=20,
            headers={"Accept-Language": "zh-CN" if language == "zh" else "en-GB"},
            cookies={"guanka_person": person} if person else None,
        )

    def open(self, address: str) -> "Page":
        return self._page(self._client.get(address))

    def send(self, address: str, data: dict[str, list[str]], files: Files | None = None) -> "Page":
        return self._page(self._client.post(address, data=data, files=files))

    def close(self) -> None:
        self._client.close()

    def _page(self, response: httpx.Response) -> "Page":
        return Page(
            browser=self,
            address=str(response.url),
            status=response.status_code,
            tree=LexborHTMLParser(response.text),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    browser: Browser
    address: str
    status: int
    tree: LexborHTMLParser

    @property
    def text(self) -> str:
        """What a person reads, in one line."""
        return _read(self.tree.css_first("body"))

    def part(self, selector: str, about: str = "") -> str:
        """The parts chosen by `selector` in which `about` stands; empty where there are none."""
        return " ".join(text for text in map(_read, self.tree.css(selector)) if about in text)

    def form(self, action: str, having: str = "") -> "Form":
        """The form that is sent to an address ending in `action`, and has a place for `having`."""
        forms = [Form(page=self, node=node) for node in self.tree.css("form")]
        for each in forms:
            if each.address.endswith(action) and (not having or having in each.names):
                return each
        raise AssertionError(
            f"no form for {action} {having} on {self.address}, only {[each.address for each in forms]}"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    page: Page
    node: LexborNode

    @property
    def address(self) -> str:
        return urljoin(self.page.address, self.node.attributes.get("action") or self.page.address)

    @property
    def names(self) -> set[str]:
        """What may be filled in or pressed."""
        controls = self.node.css("input, select, textarea, button")
        return {str(each.attributes["name"]) for each in controls if each.attributes.get("name")}

    def send(self, typed: dict[str, str], files: Files | None = None) -> Page:
        """As its page stands, with what is typed; the page must have a place for each of it."""
        missing = {*typed, *(files or {})} - self.names
        assert not missing, f"no place for {missing} on {self.page.address}"
        written = self._standing() | {name: [value] for name, value in typed.items()}
        return self.page.browser.send(self.address, written, files)

    def _standing(self) -> dict[str, list[str]]:
        """What the form would send untouched."""
        standing: dict[str, list[str]] = {}
        for each in self.node.css("input, textarea, select"):
            name, value = each.attributes.get("name"), _standing_value(each)
            if name and value is not None:
                standing.setdefault(name, []).append(value)
        return standing


def _standing_value(control: LexborNode) -> str | None:
    """None for what sends nothing unless it is chosen or pressed."""
    match control.tag, control.attributes.get("type"):
        case "textarea", _:
            return control.text()
        case "select", _:
            chosen = control.css_first("option[selected]")
            return None if chosen is None else chosen.attributes.get("value") or ""
        case _, "radio" | "checkbox":
            return control.attributes.get("value") if "checked" in control.attributes else None
        case _, "submit" | "button" | "file":
            return None
        case _:
            return control.attributes.get("value") or ""


def _read(node: LexborNode | None) -> str:
    return " ".join(node.text(separator=" ").split()) if node is not None else ""
