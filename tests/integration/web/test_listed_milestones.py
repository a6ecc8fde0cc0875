"""Milestones that people list, on every face: what is late is so by its own name, wherever its row stands."""

from typing import Any, cast
from urllib.parse import urlsplit

import icalendar
import pytest
from pydantic import JsonValue
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.case.state import RULE
from engine.ids import CaseId, PersonId
from tests.web_site import Site, one

STEPS = """
sop: steps
zh: 步骤
en: Steps
roles: {designer: {zh: 设计}}
fields:
  plan: {type: list, zh: 计划表, of: {type: record, fields: {name: text, due: date, done_on: date}}}
exits: {done: {zh: 完成, success: true}}
stages: [{id: make, zh: 制作, owner: designer}]
milestones: [{id: step, zh: 步骤, each: {field: plan, name: name, due: due, done: done_on}, owner: designer}]
transitions: [{id: finish, zh: 结束, from: make, exit: done}]
"""
Row = dict[str, JsonValue]
CASE = CaseId("steps-1")
ANN = {"X-Guanka-Person": "ann"}
SAMPLE: Row = {"name": "样稿", "due": "2026-02-20", "done_on": "2026-02-21"}
PRINT: Row = {"name": "印刷", "due": "2026-02-25"}
PERMIT: Row = {"name": "报批", "due": "2026-02-24"}


@pytest.fixture
def steps(site: Site) -> Site:
    site.store.definitions.publish(STEPS, "steps.yaml", by=PersonId("ann"), now=site.clock.now())
    site.start(CASE, "步骤一", sop="steps")
    lists(site, SAMPLE, PRINT)
    return site


def lists(site: Site, *rows: Row) -> None:
    site.act(cmd.SetFields(case_id=CASE, values={"plan": [*rows]}))
    site.service.handle(cmd.Sweep(case_id=CASE), actor=RULE)


def opened(site: Site, path: str) -> LexborHTMLParser:
    return LexborHTMLParser(site.another(person="ann").get(path).text)


def lines(site: Site) -> list[str]:
    """The milestones of the case page, in its order."""
    return [" ".join(node.text().split()) for node in opened(site, f"/cases/{CASE}").css("#milestones li")]


def said(site: Site) -> str:
    return one(opened(site, f"/cases/{CASE}"), "#milestones").text()


def fed(site: Site) -> set[str]:
    made = site.another().post("/api/v1/feeds", json={"case": CASE}, headers=ANN).json()
    content = site.another().get(urlsplit(made["address"]).path).content
    events = cast("Any", icalendar.Calendar.from_ical(content)).walk("VEVENT")
    return {str(event["summary"]).partition(" · ")[0] for event in events}


def test_a_late_record_above_a_done_one_is_late_on_every_face_by_its_own_name(steps: Site) -> None:
    lists(steps, PERMIT, SAMPLE, PRINT)
    page = lines(steps)
    assert [line.split()[0] for line in page] == ["报批", "样稿", "印刷"]
    assert ["达成" in line for line in page] == [False, True, False]
    late = steps.another().get("/api/v1/overdue", headers=ANN).json()
    assert {one["deadline"] for one in late} == {"milestone:step/2", "milestone:step/3"}
    assert {"报批", "印刷"} <= set(one(opened(steps, "/"), ".late-list").text().split())
    assert {title.rpartition(" ")[2]: title[0] for title in fed(steps)} == {
        "报批": "[",
        "印刷": "[",
        "样稿": "✓",
    }


def test_what_history_says_keeps_its_names(steps: Site) -> None:
    lists(steps, {**SAMPLE, "name": "样稿定稿"}, PRINT)
    lists(steps, {"name": "样稿定稿", "due": "2026-02-20"})
    said = one(opened(steps, f"/cases/{CASE}"), "#history").text()
    for words in ("“样稿”于 2026-02-21 达成", "已逾期：“印刷”", "“样稿定稿”未达成", "“印刷”已从列表删除"):
        assert words in said


def test_a_forecast_is_set_and_cleared_on_the_page_and_by_the_api(steps: Site, visit: Any) -> None:
    path = f"/cases/{CASE}"
    assert visit(path).form(f"{path}/milestones/step/2", forecast="2026-04-01").status_code == 303
    assert "2026-04-01" in said(steps)
    address = visit(path).form(f"{path}/milestones/step/2", forecast="").headers["location"]
    assert "said=saved" in address
    assert "2026-04-01" not in said(steps)
    address = visit(path).form(f"{path}/milestones/step/2", forecast="").headers["location"]
    assert "没有变化" in visit(address).text
    api = steps.another()
    put = f"/api/v1/cases/{CASE}/milestones/step/2"
    for body, forecast in (
        ({"forecast": "2026-04-02"}, "2026-04-02"),
        ({}, "2026-04-02"),
        ({"forecast": None}, None),
    ):
        assert api.put(put, json=body, headers=ANN).status_code == 200
        found = steps.case(CASE).milestones["step/2"].forecast
        assert (found and found.isoformat()) == forecast
    refused = api.put(put, json={"planned": "2026-04-01"}, headers=ANN)
    assert (refused.status_code, refused.json()["code"]) == (422, "milestone_by_record")
