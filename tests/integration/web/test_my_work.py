"""The page "My work": all that waits for a person, and for whom this person waits."""

from datetime import timedelta

import pytest

from engine.case import signer_commands as sc
from engine.ids import PersonId
from tests.web_site import one


@pytest.fixture
def on(site):
    """The approval bob is asked for, for ann; eve is around."""
    case = site.asked()
    return {"case_id": case, "approval": next(iter(site.case(case).approvals))}


def work(visit, site, person):
    return visit("/work?lang=en", client=site.another(person=person)).html


def count(html):
    badge = html.css_first('nav a[href="/work"] .count')
    return int(badge.text()) if badge else 0


def test_a_requester_sees_who_is_waited_for_since_when_and_may_remind(site, visit, on):
    waiting = one(work(visit, site, "ann"), "#waiting")
    assert "Lead's approval" in waiting.text()
    assert "Bob Lee" in waiting.text()
    assert waiting.css_first(f'a[href="/cases/{on["case_id"]}#requests"]') is not None
    assert "remind" in waiting.text()
    site.act(sc.NudgeApproval(**on))
    assert "reminded; again from 03-02 09:30" in " ".join(
        one(work(visit, site, "ann"), "#waiting").text().split()
    )
    site.clock.advance(timedelta(minutes=30))
    assert "again from" not in one(work(visit, site, "ann"), "#waiting").text()


def test_what_was_delegated_is_counted_as_work(site, visit, on):
    assert count(work(visit, site, "eve")) == 0
    site.act(sc.DelegateAsk(**on, to=PersonId("eve"), reason="你更熟"), person="bob")
    page = work(visit, site, "eve")
    assert "你更熟" in one(page, "#look q").text()
    assert "Bob Lee" in one(page, "#look").text()
    assert count(page) == 1
    assert "伊芙" in one(work(visit, site, "ann"), "#waiting").text()


def test_a_question_and_a_returned_request_lie_with_the_requester(site, visit, on):
    before = count(work(visit, site, "ann"))
    site.act(sc.AskForMaterial(**on, text="明细？"), person="bob")
    page = work(visit, site, "ann")
    assert "明细？" in one(page, "#material q").text()
    assert "stands still since" in one(page, "#material").text()
    assert "waiting for material that Bob Lee asked for" in one(page, "#material").text()
    assert count(page) == before + 1
    site.clock.advance(timedelta(days=9))
    assert one(work(visit, site, "ann"), "#material").css_first(".late") is None
    site.act(sc.ReturnRequest(**on, comment="请补合同"), person="bob")
    page = work(visit, site, "ann")
    assert "请补合同" in one(page, "#returned q").text()
    assert page.css_first("#material") is None
    assert "None of your requests is waiting" in one(page, "#waiting .empty").text()


def test_who_is_copied_is_informed_and_asked_for_nothing(site, visit, on):
    site.act(sc.CopyApproval(**on, persons=(PersonId("eve"),)))
    page = work(visit, site, "eve")
    assert "Lead's approval" in one(page, "#copied").text()
    assert count(page) == 0


def test_an_empty_page_says_what_will_be_here(site, visit):
    page = work(visit, site, "eve")
    assert len(page.css(".empty")) == 3
    assert page.css_first("#look, #material, #returned, #copied") is None


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_list_speaks_one_language(site, visit, on, language):
    import re

    site.act(sc.CopyApproval(**on, persons=(PersonId("ann"),)))
    site.act(sc.AskForMaterial(**on, text="?"), person="bob")
    page = visit(f"/work?lang={language}").html
    for each in page.css(".people, q, .switch, .languages, section li > span, section li > a"):
        each.decompose()
    words = one(page, "main").text()
    assert bool(re.search(r"[\u4e00-\u9fff]", words)) is (language == "zh")
    assert bool(re.search(r"\b(?:wait|asked|clock)\b", words)) is (language == "en")


def test_whoever_stands_in_sees_for_whom(site, visit, on):
    visit("/people", client=site.another(person="bob")).form(
        "/people/stand-ins", stand_in="eve", first="2020-01-01", last="2099-12-31", principal="bob"
    )
    assert "for Bob Lee" in one(work(visit, site, "eve"), "#to-decide").text()
    assert "for Bob Lee" not in one(work(visit, site, "bob"), "#to-decide").text()
    for who, principal in (("eve", "bob"), ("bob", "bob")):
        (ask,) = site.another().get("/api/v1/inbox", headers={"X-Guanka-Person": who}).json()["approvals"]
        assert ask["principal"] == principal
