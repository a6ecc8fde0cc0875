"""Several approvals decided at once: where the SOP allows it, each seen, each on its own."""

import pytest

from engine.case import commands as cmd
from engine.ids import CaseId
from tests.integration.web.test_signoff_acts import publish

BATCH = "/batch?sop=poster&transition=publish&approval=sign"
BOB = {"X-Guanka-Person": "bob"}
THREE = ("poster-1", "poster-2", "poster-3")


@pytest.fixture
def three(site):
    publish(site, "mode: any", "mode: any\n        batch: true")
    for number, case in enumerate(THREE):
        site.asked(case, price=f"{number + 1}000")
    return site


@pytest.fixture
def bob(three):
    return three.another(person="bob")


def items(page):
    return [box.attributes["value"] for box in page.html.css("input[name=item]")]


def verdicts(site):
    found = [next(iter(site.case(case).approvals.values())).asks[0].decision for case in THREE]
    return [decision and decision.verdict.value for decision in found]


def test_my_work_leads_to_them_and_each_is_set_out_in_full(three, bob, visit):
    work = visit("/work", client=bob)
    assert work.html.css_first(f'a[href="{BATCH}"]') is not None
    page = visit(BATCH, client=bob)
    assert len(items(page)) == 3
    for part in ("1,000.00 CNY", "2,000.00 CNY", "3,000.00 CNY", "成稿.pdf", "赶档期"):
        assert part in page.text
    assert page.html.css("input[name=item][checked]") == []


def test_only_what_was_ticked_is_decided(three, bob, visit):
    page = visit(BATCH, client=bob)
    answer = page.form("/batch", item=items(page)[:2], verdict="approve")
    assert (answer.status_code, verdicts(three)) == (200, ["approve", "approve", None])


def test_what_changed_meanwhile_is_left_out_and_said_so(three, bob, visit):
    page = visit(BATCH, client=bob)
    three.act(cmd.SetFields(case_id=CaseId("poster-2"), values={"price": "9000"}))
    answer = page.form("/batch", item=items(page), verdict="reject", comment="太贵")
    assert answer.status_code == 200
    assert "what you saw has changed" in answer.text
    assert [case for case in THREE if three.case(case).requests] == ["poster-2"]
    assert verdicts_of("poster-2", three) is None


def verdicts_of(case, site):
    return next(iter(site.case(case).approvals.values())).asks[0].decision


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"verdict": "approve"}, "Tick those you have looked at."),
        ({"verdict": "", "item": "x"}, "Choose approve or reject."),
    ],
)
def test_what_is_missing_is_said(three, bob, visit, typed, said):
    page = visit(BATCH, client=bob)
    answer = page.form("/batch", **{"item": [], **typed})
    assert (answer.status_code, said in answer.text, verdicts(three)) == (422, True, [None] * 3)


def test_a_reject_without_the_words_it_needs_is_said_for_each_and_keeps_the_ticks(three, bob, visit):
    page = visit(BATCH, client=bob)
    answer = page.form("/batch", item=items(page), verdict="reject")
    assert answer.text.count("please say why") == 3
    assert answer.text.count("checked") == 3


def test_pressing_twice_decides_once(three, bob, visit):
    page = visit(BATCH, client=bob)
    typed = {"item": items(page), "verdict": "approve"}
    first, second = page.form("/batch", **typed), page.form("/batch", **typed)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "not decided" not in second.text
    events = [e.event.kind for case in THREE for e in three.store.history.read_events(case)]
    assert events.count("decision_recorded") == 3


def test_where_the_sop_does_not_allow_it_there_is_no_such_page(site, visit):
    for case in THREE:
        site.asked(case)
    bob = site.another(person="bob")
    assert visit(BATCH, client=bob).status == 404
    assert "/batch" not in visit("/work", client=bob).html.html


def body(site, **parts):
    items = []
    for case in THREE:
        now = next(iter(site.case(case).approvals.values()))
        items.append({"case": case, "approval": now.id, "round": now.round, "content": now.content})
    return {"verdict": "approve", "items": items, **parts}


def test_the_api_decides_each_and_says_which_were_not(three):
    api = three.another()
    asked = body(three)
    three.act(cmd.SetFields(case_id=CaseId("poster-1"), values={"price": "9000"}))
    answer = api.post("/api/v1/approvals/decide-together", json=asked, headers=BOB)
    assert answer.status_code == 200
    found = answer.json()["items"]
    assert [one["decided"] for one in found] == [False, True, True]
    assert found[0]["blockers"][0]["code"] == "content_changed"


def test_the_api_answers_a_repeated_key_with_the_same(three):
    api, asked = three.another(), body(three)
    headers = {**BOB, "Idempotency-Key": "k1"}
    first, second = (
        api.post("/api/v1/approvals/decide-together", json=asked, headers=headers).json() for _ in range(2)
    )
    assert [one["repeated"] for one in first["items"]] == [False] * 3
    assert [(one["decided"], one["repeated"]) for one in second["items"]] == [(True, True)] * 3


def test_the_api_wants_what_was_seen_of_each(three):
    asked = body(three)
    del asked["items"][0]["round"]
    answer = three.another().post("/api/v1/approvals/decide-together", json=asked, headers=BOB)
    assert answer.status_code == 422
