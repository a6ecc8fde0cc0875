"""What is overdue is so on every face alike, and is cleared everywhere by the same event."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast
from urllib.parse import urlsplit

import icalendar
import pytest
from selectolax.lexbor import LexborHTMLParser

from cli.lookup import Found, Names
from cli.report import Reporter
from engine.case import commands as cmd
from engine.case.state import RULE, Verdict
from engine.case.time_commands import GoOn, WaitOutside
from engine.ids import CaseId, PersonId, RequestId
from runtime.wiring import Parts
from tests.web_site import Site, one

WALK = """
sop: walk
zh: 走查
en: Walk
roles: {designer: {zh: 设计}, lead: {zh: 主管}}
fields: {new_date: {type: date, zh: 新日期}}
exits: {done: {zh: 完成, success: true}}
stages:
  - id: make
    zh: 制作
    owner: designer
    deadline: {within: 1 wd}
    pausable: {}
    tasks: [{id: check, zh: 核对, optional: true, deadline: {within: 1 wd}}]
  - {id: end, zh: 收尾, owner: designer}
milestones: [{id: up, zh: 上线, entered: end, owner: designer, deadline: {within: 1 wd}}]
transitions:
  - id: go
    zh: 完成制作
    from: make
    to: end
    approvals:
      - id: sign
        zh: 签字
        by: [{role: lead}]
        mode: any
        on_reject: stop
        within: 1 wd
        on_timeout: {remind: true}
  - {id: more, zh: 延期, from: make, stay: true, clears: [new_date], extends: {until: new_date}}
  - {id: finish, zh: 结束, from: end, exit: done}
"""
CASE = CaseId("walk-1")
ALL = {"stage:1": "制作", "task:check": "核对", "milestone:up": "上线", "approval:a": "签字"}


@pytest.fixture
def walk(site: Site) -> Site:
    site.store.definitions.publish(WALK, "walk.yaml", by=PersonId("ann"), now=site.clock.now())
    site.start(CASE, "走查一", sop="walk")
    return site


def asked(site: Site, path: str, person: str = "ann") -> Any:
    answer = site.another().get(f"/api/v1{path}", headers={"X-Guanka-Person": person})
    assert answer.status_code == 200, answer.text
    return answer.json()


def text(html: LexborHTMLParser, selector: str) -> str:
    return one(html, selector).text()


def opened(site: Site, path: str, person: str = "ann") -> LexborHTMLParser:
    answer = site.another(person=person).get(path)
    assert answer.status_code == 200, answer.text
    return LexborHTMLParser(answer.text)


def texts(html: LexborHTMLParser, selector: str, within: str = "span") -> set[str]:
    found = (node.css_first(within) for node in html.css(selector))
    return {node.text().strip() for node in found if node is not None}


def fed(site: Site) -> set[str]:
    """The titles the case's calendar feed marks as late."""
    made = (
        site.another().post("/api/v1/feeds", json={"case": CASE}, headers={"X-Guanka-Person": "ann"}).json()
    )
    content = site.another().get(urlsplit(made["address"]).path).content
    events = cast("Any", icalendar.Calendar.from_ical(content)).walk("VEVENT")
    late = (
        str(event["summary"])
        for event in events
        if "Overdue" in event["summary"] or "逾期" in event["summary"]
    )
    return {one.rpartition("] ")[2].partition(" · ")[0].strip() for one in late}


def reported(site: Site) -> set[str]:
    """What `guanka show` calls overdue."""
    case = site.case(CASE)
    definition = site.store.definitions.by_digest(case.definition)
    facts = site.service.facts(definition, site.store.people.company(case.sop), RULE)
    names = Names(cast("Parts", site), "zh")
    found = Found(case=case, definition=definition, facts=facts)
    document = Reporter(found=found, names=names, language="zh").document()
    assert document["overdue"] == any(one["overdue"] for one in document["deadlines"])
    return {one["title"] for one in document["deadlines"] if one["overdue"]}


def faces(site: Site) -> dict[str, set[str]]:
    """By face, the names of what it shows as overdue; those of the whole case."""
    titles = {name: title for name, title in ALL.items() if not name.startswith("approval")}
    titles |= {f"approval:{name}": "签字" for name in site.case(CASE).approvals}
    page = opened(site, f"/cases/{CASE}")
    lines = page.css("#deadlines li")
    return {
        "api": {titles[one["deadline"]] for one in asked(site, "/overdue")},
        "page": texts(opened(site, "/overdue"), ".late-list li"),
        "board list": texts(opened(site, "/"), ".late-list li"),
        "case": {line.css("strong")[0].text() for line in lines if line.css_first(".due.late")},
        "case feed": fed(site),
        "show": reported(site),
        "inboxes": {
            titles[one["deadline"]]
            for person in ("ann", "bob")
            for one in asked(site, "/inbox", person)["overdue"]
        },
        "my work": {
            title
            for person in ("ann", "bob")
            for title in texts(opened(site, "/work", person), ".late-list li")
        },
    }


def late(site: Site) -> set[str]:
    """What is overdue; every face says the same, flagged by the sweep already or not."""
    found = faces(site)
    first = found["api"]
    assert found == dict.fromkeys(found, first)
    board = {bool(opened(site, "/").css(".card.overdue")), bool(asked(site, "/cases?overdue=true")["cases"])}
    assert board == {bool(first)}
    return first


def settled(site: Site) -> None:
    site.service.handle(cmd.Sweep(case_id=CASE), actor=RULE)
    for request in site.case(CASE).requests:
        site.service.handle(cmd.FireTransition(case_id=CASE, request=RequestId(request)), actor=RULE)


def test_each_kind_of_deadline_is_late_everywhere_before_and_after_the_sweep_and_cleared_everywhere(walk):
    walk.act(cmd.RequestTransition(case_id=CASE, transition="go"))
    assert late(walk) == set()
    walk.clock.advance(timedelta(days=4))
    assert late(walk) == set(ALL.values())
    settled(walk)
    assert late(walk) == set(ALL.values())
    walk.act(cmd.CompleteTask(case_id=CASE, task="check"))
    assert late(walk) == {"制作", "上线", "签字"}
    approval = next(iter(walk.case(CASE).approvals))
    walk.act(cmd.RecordDecision(case_id=CASE, approval=approval, verdict=Verdict.APPROVE), "bob")
    assert late(walk) == {"制作", "上线"}
    settled(walk)
    assert late(walk) == set()


def test_what_waits_is_late_nowhere_and_counts_again_once_it_goes_on(walk):
    walk.act(WaitOutside(case_id=CASE, stage="make", waits_for="印厂", reason="等样"))
    walk.clock.advance(timedelta(days=4))
    assert late(walk) == {"上线"}
    assert "印厂" in text(opened(walk, "/"), ".card")
    assert "印厂" in text(opened(walk, f"/cases/{CASE}"), "#deadlines")
    assert [one["waits_for"] for one in asked(walk, f"/cases/{CASE}")["waits"]] == ["印厂"]
    assert [one["stopped"] for one in asked(walk, "/inbox")["tasks"]] == [True]
    walk.act(GoOn(case_id=CASE, stage="make"))
    assert late(walk) == {"上线"}
    walk.clock.advance(timedelta(days=4))
    assert late(walk) == {"制作", "核对", "上线"}


def test_more_time_clears_what_was_late_and_a_hold_makes_nothing_late(walk):
    walk.clock.advance(timedelta(days=4))
    settled(walk)
    assert "制作" in late(walk)
    day = (walk.clock.now() + timedelta(days=7)).date()
    walk.act(cmd.SetFields(case_id=CASE, values={"new_date": day.isoformat()}))
    walk.act(cmd.RequestTransition(case_id=CASE, transition="more", reason="客户改期"))
    settled(walk)
    assert late(walk) == {"核对", "上线"}
    assert "延期" in text(opened(walk, f"/cases/{CASE}"), "#history")
    walk.act(cmd.HoldCase(case_id=CASE, reason="放假"))
    walk.clock.advance(timedelta(days=30))
    assert late(walk) == {"核对", "上线"}


def test_the_list_says_whose_it_is_of_which_sop_and_how_many_working_days_late(walk):
    walk.clock.advance(timedelta(days=7))
    (stage, *_) = [one for one in asked(walk, "/overdue?owner=ann&sop=walk") if one["deadline"] == "stage:1"]
    assert (stage["sop"], stage["owner"], stage["owners"]) == ("walk", "designer", ["ann"])
    assert stage["working_days"] in (3, 4)
    assert asked(walk, "/overdue?sop=poster") == []
    assert text(opened(walk, "/overdue?by=sop"), "h2").startswith("走查")


def test_the_pages_forms_stop_the_clock_and_let_it_run_on(walk, visit: Callable[..., Any]):
    page = visit(f"/cases/{CASE}")
    page.form(f"/cases/{CASE}/stages/make/wait", waits_for="印厂", reason="等样")
    assert "印厂" in walk.case(CASE).waits["1"].waits_for
    visit(f"/cases/{CASE}").form(f"/cases/{CASE}/stages/make/go-on")
    assert walk.case(CASE).waits["1"].since is None


def test_the_api_stops_the_clock_and_lets_it_run_on(walk):
    client, person = walk.another(), {"X-Guanka-Person": "ann"}
    path = f"/api/v1/cases/{CASE}/stages/make"
    body = {"waits_for": "印厂", "reason": "等样"}
    assert client.post(f"{path}/wait", json=body, headers=person).status_code == 200
    assert client.post(f"{path}/wait", json=body, headers=person).status_code == 409
    (still,) = [one["still"] for one in asked(walk, "/inbox")["tasks"]]
    assert (still["why"], still["outside"], still["person"]) == ("outside", "印厂", "ann")
    assert "起停走，等印厂" in text(opened(walk, "/work"), "#to-do")
    assert client.post(f"{path}/go-on", headers=person).status_code == 200
