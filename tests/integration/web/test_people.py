"""The people page and its API: stand-ins, and a leaver's work."""

from dataclasses import replace

import pytest

from engine.ids import CaseId, PersonId
from engine.ports import Outcome
from runtime.desertions import Desertions

ANN = {"X-Guanka-Person": "eve"}  # who owns the SOP
API = "/api/v1"
DAYS = {"first": "2020-01-01", "last": "2099-12-31"}


def eve(site):
    """The browser of the SOP's owner."""
    return site.another(person="eve")


def asked(site):
    """Who decides in the case that waits for bob."""
    return [ask.person for ask in site.store.inbox.asks(case_id=CaseId("poster-1"))]


def test_somebody_away_is_stood_in_for_from_the_page_and_it_can_be_ended(site, visit):
    site.asked()
    page = visit("/people", client=eve(site))
    again = [
        page.form("/people/stand-ins", principal="bob", stand_in="eve", reason="出差", **DAYS).status_code
        for _ in range(2)
    ]
    assert again == [303, 303]
    assert asked(site) == ["bob", "eve"]
    (period,) = site.store.stand_ins.periods(now=site.clock.now())
    shown = visit("/people", client=eve(site))
    assert "伊芙 代 Bob Lee" in shown.text
    assert shown.form(f"/people/stand-ins/{period.id}/end").status_code == 303
    assert asked(site) == ["bob"]


def test_the_stand_in_signs_from_their_own_message(site, visit):
    site.asked()
    visit("/people", client=eve(site)).form("/people/stand-ins", principal="bob", stand_in="eve", **DAYS)
    path, code = site.letter("eve")
    page = visit(path, client=site.another(client=("203.0.113.9", 4000)))
    assert page.form(path, verdict="approve", code=code).status_code == 303
    assert asked(site) == []
    assert "伊芙（代 Bob Lee）" in visit("/cases/poster-1").text


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"stand_in": "eve"}, "不能请自己代理"),
        ({"stand_in": "zed"}, "外部人员"),
        ({"stand_in": ""}, "请选择代理人"),
        ({"stand_in": "bob", "last": "2019-01-01"}, "代理的结束须晚于开始"),
    ],
)
def test_a_stand_in_that_does_not_do_comes_back_with_the_reason(site, visit, typed, said):
    answer = visit("/people", client=eve(site)).form(
        "/people/stand-ins", **{**DAYS, "reason": "出差", **typed}
    )
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="出差"' in answer.text


def test_a_leavers_work_is_looked_at_first_and_then_handed_over(site, visit):
    site.asked()
    typed = {"leaver": "bob", "successor": "eve", "why": "离职"}
    tried = visit("/people", client=eve(site)).form("/people/hand-over#leaving", act="try", **typed)
    assert "将交接 1 个案例" in tried.text
    assert asked(site) == ["bob"]
    done = visit("/people", client=eve(site)).form("/people/hand-over#leaving", act="carry_out", **typed)
    assert "已全部交接，此人已停用" in done.text
    assert asked(site) == ["eve"]


def test_a_case_the_successor_may_not_take_is_named_with_the_reason(site, visit):
    site.asked()
    typed = {"leaver": "bob", "successor": "ann", "why": "离职"}
    done = visit("/people", client=eve(site)).form("/people/hand-over#leaving", act="carry_out", **typed)
    assert "以下案例未交接" in done.text
    assert "本人是申请人" in done.text
    assert site.store.people.get("bob").active


def test_the_api_does_the_same(site):
    site.asked()
    api = site.another()
    body = {"principal": "bob", "stand_in": "eve", **DAYS, "sops": ["poster"], "reason": "出差"}
    made = api.post(f"{API}/stand-ins", json=body, headers=ANN)
    assert made.status_code == 201
    assert [p["stand_in"] for p in api.get(f"{API}/stand-ins?person=bob", headers=ANN).json()] == ["eve"]
    assert asked(site) == ["bob", "eve"]
    assert api.post(f"{API}/stand-ins/{made.json()['id']}/end", headers=ANN).status_code == 204
    over = {"to": "eve", "reason": "离职"}
    foreseen = api.post(f"{API}/people/bob/hand-over", json={**over, "dry_run": True}, headers=ANN).json()
    assert (foreseen["cases"], foreseen["gone"]) == (["poster-1"], False)
    done = api.post(f"{API}/people/bob/hand-over", json=over, headers=ANN).json()
    assert (done["cases"], done["stays"], done["gone"]) == (["poster-1"], {}, True)


def test_the_api_refuses_in_its_own_words(site):
    api = site.another()
    own = api.post(f"{API}/stand-ins", json={"stand_in": "eve", **DAYS}, headers=ANN)
    assert (own.status_code, own.json()["code"]) == (409, "stand_in_self")
    assert api.post(f"{API}/stand-ins/none/end", headers=ANN).status_code == 404
    ghost = api.post(f"{API}/people/ghost/hand-over", json={"to": "eve", "reason": "x"}, headers=ANN)
    assert ghost.status_code == 404


def test_whoever_left_is_named_where_a_case_waits_for_them_and_can_be_handed_over_from_the_page(site, visit):
    site.asked()
    bob = site.store.people.get(PersonId("bob"))
    site.store.people.put(replace(bob, active=False))
    Desertions(site.store, site.service).tell()
    assert "Bob Lee 已离开，没有其答复就通不过" in visit("/cases/poster-1").text
    assert "发现“主管审批”请的 Bob Lee 已离开" in visit("/cases/poster-1").text
    page = visit("/people", client=eve(site))
    assert "Bob Lee（已离开）" in page.text
    over = {"leaver": "bob", "successor": "eve", "why": "离职", "act": "carry_out"}
    assert page.form("/people/hand-over#leaving", **over).status_code in {200, 303}
    assert asked(site) == ["eve"]
    assert "已离开，没有其答复" not in visit("/cases/poster-1").text


def test_a_notice_of_no_case_stands_in_the_mailbox_and_in_the_operators_list(site, visit):
    page = visit("/people")
    assert page.form("/people/stand-ins", principal="ann", stand_in="eve", **DAYS).status_code == 303
    shown = visit("/mailbox").text
    assert "请您代 " in shown
    assert "guanka stand-in end " in shown
    now = site.clock.now()
    (claimed,) = site.store.queues.claim_messages(limit=9, holder="t", lease_seconds=60)
    site.store.queues.finish(claimed, Outcome(state="dead", code="x"), now=now)
    listed = visit("/operations")
    assert "代理已安排" in listed.text
    assert listed.html.css_first('a[href="/cases/None"]') is None


@pytest.mark.parametrize(
    ("body", "where", "said"),
    [
        ({"stand_in": "ghost"}, "body.stand_in", "nobody has the id ghost"),
        ({"stand_in": "bob", "principal": "ghost"}, "body.principal", "nobody has the id ghost"),
        ({"stand_in": "bob", "sops": ["poster", "ghost"]}, "body.sops", "SOP ghost is not published"),
    ],
)
def test_a_name_nobody_knows_is_not_found_and_its_field_is_named(site, body, where, said):
    answer = site.another().post(f"{API}/stand-ins", json={**DAYS, **body}, headers=ANN)
    (fault,) = answer.json()["faults"]
    assert (answer.status_code, answer.json()["code"], fault["where"]) == (404, "not_found", where)
    assert said in fault["fault"]
    assert "ghost" in fault["fault_zh"]


def test_a_hand_over_names_which_of_both_is_unknown_and_refuses_as_itself(site):
    api = site.another()
    where = [
        api.post(f"{API}/people/{who}/hand-over", json={"to": to, "reason": "x"}, headers=ANN).json()
        for who, to in (("ghost", "eve"), ("bob", "ghost"))
    ]
    assert [one["faults"][0]["where"] for one in where] == ["path.person", "body.to"]
    itself = api.post(f"{API}/people/bob/hand-over", json={"to": "bob", "reason": "x"}, headers=ANN)
    assert (itself.status_code, itself.json()["code"]) == (409, "successor_is_leaver")
