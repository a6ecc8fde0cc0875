"""On a phone: what is pressed is large enough for a thumb, and the stage a case stands in is in sight."""

import pytest

from engine.case import commands as cmd
from engine.ids import CaseId

pytestmark = pytest.mark.browser

UNFOLD = "document.querySelectorAll('details').forEach((one) => { one.open = true; })"
SMALL = """() => [...document.querySelectorAll("button, .button, summary, select, textarea, nav a,"
  + " .languages a, h3 > a, input:not([type=hidden], [type=checkbox]), label:has([type=checkbox])")]
  .filter((one) => !one.matches(":disabled, .skip"))
  .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
  .filter(([, box]) => box.width > 1 && box.height > 1 && box.height < 44)
  .map(([said, box]) => `${said} ${box.height}`)"""
PAGES = (
    "/",
    "/work",
    "/overdue",
    "/sops/poster",
    "/people",
    "/mailbox",
    "/messages",
    "/preferences",
    "/calendar",
)


@pytest.mark.parametrize("language", ["zh", "en"])
def test_whatever_is_pressed_is_large_enough_for_a_thumb(served, language):
    served.site.asked()
    path = served.site.letter()[0].removeprefix(served.address)
    page = served.open("/", width=390)
    found = {}
    for one in (*PAGES, "/cases/poster-1", "/operations", path):
        page.goto(f"{served.address}{one}?lang={language}")
        page.evaluate(UNFOLD)
        found[one] = page.evaluate(SMALL)
    assert {one: small for one, small in found.items() if small} == {}


def test_the_present_stage_of_a_long_sop_is_in_sight(served):
    stages = "\n".join(f"  - {{id: s{n}, zh: 第{n}阶段的名称, owner: lead}}" for n in range(10))
    ways = "\n".join(f"  - {{id: t{n}, zh: 往{n + 1}, from: s{n}, to: s{n + 1}}}" for n in range(9))
    sop = "sop: long\nzh: 长流程\nroles: {lead: {zh: 组长}}\nexits: {end: {zh: 完成, success: true}}\n"
    sop += f"stages:\n{stages}\ntransitions:\n{ways}\n  - {{id: end_it, zh: 结束, from: s9, exit: end}}\n"
    served.site.store.definitions.publish(sop, "long.yaml", by="ann", now=served.site.clock.now())
    served.site.start("long-1", "长案例", sop="long")
    for number in range(6):
        served.site.act(cmd.RequestTransition(case_id=CaseId("long-1"), transition=f"t{number}"))
        served.site.fire("long-1")
    page = served.open("/cases/long-1", width=390)
    box = page.locator(".stepper [aria-current=step] .name").bounding_box()
    assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
    assert page.locator(".stepper [aria-current=step] .name").inner_text() == "第6阶段的名称"
