"""Approvals nobody could sign, on the SOP's page and in the API."""

from dataclasses import replace

import pytest

from engine.case import commands as cmd
from engine.ids import PersonId
from tests.web_site import one

ANN = {"X-Guanka-Person": "ann"}
CHECK = "/api/v1/sops/poster/people-check"


@pytest.fixture
def check(site):
    client = site.another()
    return lambda: client.get(CHECK, headers=ANN).json()


def codes(found):
    return [one["code"] for one in found["findings"]]


def test_what_hangs_on_one_person_is_noted(check):
    found = check()
    assert (found["ok"], codes(found)) == (True, ["only_one_not_own"])
    assert found["findings"][0]["persons"] == ["bob"]


def test_a_role_whose_people_are_gone_is_told_with_how_to_mend_it(site, check, visit):
    site.store.people.put(replace(site.store.people.get(PersonId("bob")), active=False))
    found = check()
    assert (found["ok"], codes(found)) == (False, ["role_inactive"])
    assert found["findings"][0]["path"] == "transitions.publish.approvals.sign.by"
    assert found["findings"][0]["what"]["zh"] == "“主管审批”无人可签：担任角色“主管”的 Bob Lee 都已停用"
    page = visit("/sops/poster?lang=zh")
    assert "本流程有 1 项审批无人可签" in one(page.html, "#people-check").text()
    banner = one(page.html, "#transitions .banner.bad").text()
    assert "Bob Lee 都已停用" in banner
    assert "guanka role lead 人员编号" in banner


def test_a_case_with_people_of_its_own_is_named(site, check):
    case = site.start()
    site.act(cmd.AssignRoles(case_id=case, roles={"lead": (PersonId("zed"),)}))
    held = check()["cases"]
    assert [(one["case_id"], one["findings"][0]["code"]) for one in held] == [("poster-1", "out_of_reach")]
    site.store.people.put(replace(site.store.people.get(PersonId("zed")), email="zed@example.com"))
    assert check()["cases"] == []


def test_a_case_held_up_by_what_is_told_of_the_sop_is_counted(site, check):
    site.start()
    site.store.people.set_holders("lead", [])
    found = check()
    assert (codes(found), found["cases"], found["cases_held_up_too"]) == (["role_empty"], [], 1)


def test_an_sop_that_is_not_there_is_a_problem(site):
    answer = site.another().get("/api/v1/sops/none/people-check", headers=ANN)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
