"""What group chats hear of, on the page and through the API."""

import pytest

from engine.groups import USUAL, Binding, Topic
from engine.store.groups import Group

API = {"X-Guanka-Person": "ann"}
SEALED = "sealed:dingtalk:t0kenCanary"


@pytest.fixture
def grouped(site):
    site.store.groups.put(Group(name="设计群", channel=SEALED))
    return site


def test_without_a_group_the_page_says_how_to_get_one(visit):
    assert "guanka channel add 群名 --group" in visit("/groups").text
    assert "群" in visit("/mailbox").html.css_first("a[href='/groups']").text()


def test_a_group_is_bound_and_unbound_on_the_page_and_no_address_shows(grouped, visit):
    page = visit("/groups")
    assert "t0kenCanary" not in page.html.html
    assert "还不听任何事" in page.text
    done = page.form("/groups/bind", group="设计群", sop="poster", role="lead", about="late")
    assert done.headers["location"] == "/groups?said=saved"
    late = frozenset({Topic.LATE})
    assert grouped.store.groups.bindings() == [
        Binding(group="设计群", sop="poster", role="lead", topics=late)
    ]
    page = visit("/groups")
    line = page.html.css_first("li.line").text()
    assert ("海报发布" in line, "主管" in line, "逾期" in line, "上报" in line) == (True, True, True, False)
    page.form("/groups/unbind")
    assert grouped.store.groups.bindings() == []


def test_the_usual_topics_are_ticked_and_what_cannot_be_meant_comes_back(grouped, visit):
    page = visit("/groups")
    ticked = [node.attributes["value"] for node in page.html.css("input[name=about][checked]")]
    assert {Topic(topic) for topic in ticked} == USUAL
    answer = page.form("/groups/bind", group="设计群", sop="poter")
    assert (answer.status_code, "没有流程 poter；是不是 poster？" in answer.text) == (422, True)


def test_no_topic_at_all_is_not_taken_for_the_usual_ones(grouped, visit):
    answer = visit("/groups").form("/groups/bind", group="设计群", about=[])
    assert (answer.status_code, "至少写一类：stages、late" in answer.text) == (422, True)
    assert grouped.store.groups.bindings() == []


def test_a_group_goes_with_all_it_hears_of(grouped, visit):
    grouped.store.groups.bind(Binding(group="设计群"))
    visit("/groups").form("/groups/remove")
    assert (grouped.store.groups.all(), grouped.store.groups.bindings()) == ([], [])


def test_a_message_to_a_group_is_named_as_one_where_messages_are_shown(grouped, visit):
    grouped.store.groups.bind(Binding(group="设计群", sop="poster"))
    grouped.start()
    assert "群“设计群”" in visit("/messages").text
    assert "群消息" in visit("/messages").text
    assert "各位好" in visit("/mailbox").text


def test_the_api_lists_binds_and_takes_away(grouped):
    api = grouped.browser
    path = "/api/v1/groups/设计群/hears"
    bound = api.put(path, json={"sop": "poster", "about": ["late", "stages"]}, headers=API)
    assert bound.json() == {"sop": "poster", "role": "", "about": ["stages", "late"]}
    (found,) = api.get("/api/v1/groups", headers=API).json()
    assert (found["group"], found["kind"], found["hears"]) == ("设计群", "dingtalk", [bound.json()])
    assert "t0kenCanary" not in str(found)
    assert api.delete(f"{path}?sop=poster", headers=API).status_code == 204
    assert api.delete(f"{path}?sop=poster", headers=API).status_code == 404
    assert api.put(path, json={"role": "leed"}, headers=API).status_code == 422
    assert api.put(path, json={"about": ["everything"]}, headers=API).status_code == 422
    refused = api.put(path, json={"about": []}, headers=API)
    assert (refused.status_code, "name one topic at least: stages, late" in refused.text) == (422, True)
    assert api.put("/api/v1/groups/nobody/hears", json={}, headers=API).status_code == 404
    assert api.delete("/api/v1/groups/设计群", headers=API).status_code == 204
    assert api.get("/api/v1/groups", headers=API).json() == []
