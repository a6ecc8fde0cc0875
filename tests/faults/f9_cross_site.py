"""F9: pages of a stranger that know a link, and even its digits, act with it and look into it, in vain."""

import itertools
import random
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, Frame, Page
from selectolax.lexbor import LexborHTMLParser

from engine.ids import CaseId
from tests.hostile_pages import LEAVES, TRICKS, Stranger, page_of
from tests.served_site import Attacked, listening, under_attack
from tests.web_site import defaults, one

NAME = "F9"
SUBJECT = "Pages of another origin that know a link and its digits neither act with it nor see into it."
GOAL = 50
QUICK = 1
AT_ONCE = 6  # scenarios in one round
HOSTS = ("127.0.0.1", "localhost")  # the same site at another port, and another site
PATIENCE = 5000


@dataclass(frozen=True, kw_only=True)
class Scene:
    """Somebody has the sign-off page open and visits a stranger, who knows all that would be typed there."""

    at: Attacked
    stranger: Stranger
    port: int
    case: CaseId
    link: str
    fields: Mapping[str, str]

    @property
    def events(self) -> list[str]:
        return [each.event.kind for each in self.at.site.store.history.read_events(self.case)]


def rounds(folder: Path, rng: random.Random) -> Iterator[Mapping[str, int]]:
    scenarios = [(name, host) for name in (*TRICKS, *LEAVES) for host in HOSTS]
    rng.shuffle(scenarios)
    endless = itertools.cycle(scenarios)
    stranger = Stranger()
    with under_attack(folder) as at, listening(stranger) as address:
        for number in itertools.count():
            scene = a_scene(at, stranger, int(address.rpartition(":")[2]), f"w{number}")
            at.call(one_round, scene, list(itertools.islice(endless, AT_ONCE)))
            yield {"scenarios": AT_ONCE, "acts": 0, "leaks": 0}


def a_scene(at: Attacked, stranger: Stranger, port: int, case_id: str) -> Scene:
    case = at.site.asked(case_id)
    link, code = at.site.letters("bob", case)[0]
    page = LexborHTMLParser(at.site.browser.get(link.removeprefix(at.address)).text)
    form = next(form for form in page.css("form") if form.css_first("[name=code]"))
    button = one(page, "form button[name]")
    pressed = {str(button.attributes["name"]): str(button.attributes["value"])}
    typed = {name: values[0] for name, values in defaults(form).items()}
    return Scene(
        at=at, stranger=stranger, port=port, case=case, link=link, fields={**typed, **pressed, "code": code}
    )


def one_round(scene: Scene, scenarios: list[tuple[str, str]]) -> None:
    before = scene.events
    context = scene.at.browser.new_context()
    try:
        ours = context.new_page()
        ours.goto(scene.link)
        for name, host in scenarios:
            attempt(scene, context, name, host)
            nothing_came_of_it(scene, context, before, f"'{name}' from {host}")
            for page in context.pages[1:]:
                page.close()
        the_same_form_from_our_page_decides(scene, ours)
    finally:
        context.close()


def attempt(scene: Scene, context: BrowserContext, name: str, host: str) -> None:
    strange = f"http://{host}:{scene.port}/trick"
    page = context.new_page()
    with suppress(Error):
        if name in LEAVES:
            page.goto(scene.link)
            page.evaluate(LEAVES[name], strange)
        else:
            scene.stranger.pages["/trick"] = page_of(TRICKS[name], scene.link, scene.fields)
            page.goto(strange, timeout=PATIENCE)
    for opened in context.pages[1:]:
        with suppress(Error):
            opened.wait_for_load_state("networkidle", timeout=PATIENCE)


def nothing_came_of_it(scene: Scene, context: BrowserContext, before: list[str], what: str) -> None:
    assert scene.events == before, f"{what} did {scene.events[len(before) :]}"
    token = scene.link.rpartition("/")[2]
    leaked = [one for one in scene.stranger.leaks if one.strip()]
    assert leaked == [], f"{what} saw {leaked[0][:80]!r}"
    assert not any(token in one for one in scene.stranger.headers), f"{what} was told the link in a header"
    framed = [
        frame.url
        for page in context.pages
        for frame in page.frames
        if frame.parent_frame and _ours(scene, frame)
    ]
    assert framed == [], f"{what} showed our page in a frame"


def _ours(scene: Scene, frame: Frame) -> bool:
    try:
        return frame.url.startswith(scene.at.address) and "sign-form" in frame.content()
    except Error:
        return False


def the_same_form_from_our_page_decides(scene: Scene, page: Page) -> None:
    """Or the stranger had got something else wrong, and the refusals would say nothing."""
    page.evaluate(
        "([link, fields]) => fetch(link, {method: 'POST', body: new URLSearchParams(fields)})",
        [scene.link, dict(scene.fields)],
    )
    assert "decision_recorded" in scene.events, "the stranger's form would not even do on our own page"
