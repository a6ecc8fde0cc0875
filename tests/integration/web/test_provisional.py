"""A due instant that rests on days off not yet published says so on every page and in the API."""

from datetime import UTC, datetime

import pytest

from runtime.public_holidays import chinese_notices
from tests.web_site import one

LAST = chinese_notices().last
MARK = "estimated"


@pytest.fixture
def late_in_the_year(site):
    """Bob is asked on 28 December, within one working day."""
    site.clock.advance(datetime(LAST.year, 12, 28, 2, tzinfo=UTC) - site.clock.now())
    return site.asked()


@pytest.mark.parametrize(
    ("person", "path"), [("ann", "/"), ("ann", "/cases/poster-1"), ("ann", "/work"), ("bob", "/work")]
)
def test_on_the_pages(site, visit, late_in_the_year, person, path):
    page = visit(f"{path}?lang=en", client=site.another(person=person))
    assert MARK in one(page.html, "main").text()


def test_on_the_sign_off_page_and_in_its_message(site, visit, late_in_the_year):
    path, _ = site.letter()
    assert MARK in one(visit(path).html, "main").text()
    mail = next(mail for mail in site.store.mailbox.page() if mail.to_person == "bob")
    assert ", provisional" in site.wiring.mailbox_text(mail.owed).text


def test_in_every_list_of_the_api(site, late_in_the_year):
    api = site.another(person="bob")
    (line,) = api.get("/api/v1/cases").json()["cases"]
    inbox = api.get("/api/v1/inbox").json()
    waiting = site.another(person="ann").get("/api/v1/inbox").json()["concerns"]
    case = api.get(f"/api/v1/cases/{late_in_the_year}").json()
    assert line["provisional"]
    assert [ask["provisional"] for ask in inbox["approvals"]] == [True]
    assert [one["provisional"] for one in waiting] == [True]
    assert {due["provisional"] for due in case["deadlines"]} == {True}
    assert case["requests"][0]["approvals"][0]["provisional"]


def test_a_settled_date_says_nothing(site, visit):
    site.asked()
    assert MARK not in one(visit("/work?lang=en", client=site.another(person="bob")).html, "main").text()
    assert not site.browser.get("/api/v1/cases").json()["cases"][0]["provisional"]
