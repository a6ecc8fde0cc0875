"""More time is asked for on the case page and through the API, in one step."""

import pytest

from engine.case import commands as cmd
from engine.case.state import Actor, Via
from engine.ids import CaseId, PersonId

CASE = CaseId("look-1")
SOP = """sop: look
zh: 审看
en: Look
roles: {lead: {zh: 主管, en: Lead}}
fields:
  new_date: {type: date, zh: 新日期, en: New date}
  new_hour: {type: datetime, zh: 新时刻, en: New hour}
exits: {done: {zh: 完成, en: Done, success: true}}
stages:
  - id: look
    zh: 审看
    en: Look
    owner: lead
    deadline: {within: 5 d}
    tasks: [{id: check, zh: 核对, en: Check, deadline: {within: 2 d}}]
transitions:
  - {id: close, zh: 结束, en: Close, from: look, exit: done}
  - id: more_time
    zh: 申请延期
    en: Ask for more time
    from: look
    stay: true
    reason: required
    extends: {until: new_date}
    approvals: [{id: agreed, zh: 同意, en: Agreed, by: [{role: lead}], mode: any, on_reject: stop}]
  - {id: hours_more, zh: 核对延时, en: More hours, from: look, stay: true,
     extends: {deadline: "task:check", until: new_hour}}
"""


@pytest.fixture
def case(site):
    ann = PersonId("ann")
    site.store.definitions.publish(SOP, "look.yaml", by=ann, now=site.clock.now())
    start = cmd.StartCase(case_id=CASE, sop="look", title="样册")
    assert site.service.handle(start, actor=Actor(person=ann, via=Via.WEB)).refusal is None
    return f"/cases/{CASE}"


def standing(site):
    case = site.store.board.case(CASE)
    return case.values, [request.transition for request in case.requests.values()]


def test_the_page_fills_in_the_date_and_asks(site, visit, case):
    page = visit(case)
    sent = page.form(f"{case}/more-time/more_time", reason="印刷厂改期", **{"f.new_date": "2099-01-05"})
    assert sent.status_code == 303
    assert standing(site) == ({"new_date": "2099-01-05"}, ["more_time"])
    assert "已申请延期。" in site.browser.get(sent.headers["location"]).text


def test_an_instant_is_typed_in_the_zone_of_who_asks(site, visit, case):
    visit(case).form(f"{case}/more-time/hours_more", **{"f.new_hour": "2099-01-05T09:30"})
    assert standing(site)[0] == {"new_hour": "2099-01-05T01:30:00Z"}


@pytest.mark.parametrize(
    ("day", "said"), [("2020-01-01", "须晚于现在和原期限"), ("soon", "新日期"), ("", "新日期")]
)
def test_what_cannot_be_asked_for_comes_back_with_the_reason(site, visit, case, day, said):
    answer = visit(case).form(f"{case}/more-time/more_time", reason="改期", **{"f.new_date": day})
    assert answer.status_code in (409, 422)
    assert said in answer.text
    assert standing(site) == ({}, [])


def test_the_api_does_the_same_and_wants_a_name_where_several_extend(site, case):
    client, me = site.another(), {"X-Guanka-Person": "ann"}
    url, body = f"/api/v1{case}/more-time", {"until": "2099-01-05", "reason": "改期"}
    several = client.post(url, json=body, headers=me)
    assert (several.status_code, several.json()["blockers"][0]["code"]) == (422, "which_extension")
    named = client.post(url, json=body | {"transition": "more_time"}, headers=me)
    assert named.status_code == 200
    assert standing(site) == ({"new_date": "2099-01-05"}, ["more_time"])


def test_where_nothing_extends_the_api_says_what_to_do(site):
    site.asked()
    answer = site.another().post(
        "/api/v1/cases/poster-1/more-time", json={"until": "2099-01-05"}, headers={"X-Guanka-Person": "ann"}
    )
    assert answer.status_code == 409
    assert "have the SOP's owner add one with 'extends'" in answer.json()["title"]
