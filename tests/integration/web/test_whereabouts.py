"""Where and when somebody works, set on the people page and through the API."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.ids import PersonId
from runtime.calendars import Calendars
from tests.web_site import Site

API = "/api/v1/people"
EVE = {"X-Guanka-Person": "eve"}
DUTY = "extends: cn\nweek: [mon, tue, wed, thu, fri, sat]\n"


@pytest.fixture
def office(site: Site, tmp_path: Path) -> Site:
    """With a calendar `duty` of the company's own beside the shipped one, and one that is broken."""
    (tmp_path / "duty.yaml").write_text(DUTY, encoding="utf-8")
    (tmp_path / "broken.yaml").write_text("hours: noon\n", encoding="utf-8")
    wiring = replace(site.wiring, calendars=Calendars(tmp_path))
    moved = Site(store=site.store, service=site.service, clock=site.clock, keys=site.keys, wiring=wiring)
    moved.browser = moved.another(person="eve")
    return moved


def bob(site: Site) -> tuple[str, str]:
    person = site.store.people.get(PersonId("bob"))
    return person.calendar, person.zone


def test_the_page_sets_both_and_offers_the_calendars_there_are(office, visit):
    page = visit("/people", client=office.browser)
    assert "<option>duty</option>" in page.html.html
    sent = page.form("/people/bob/hours", calendar="duty", zone="Europe/Berlin")
    assert sent.status_code == 303
    assert bob(office) == ("duty", "Europe/Berlin")
    assert "Europe/Berlin" in visit("/people", client=office.browser).text


def test_a_person_goes_back_to_the_calendar_of_each_sop(office, visit):
    office.store.people.settle(PersonId("bob"), calendar="duty", zone="Europe/Berlin")
    visit("/people", client=office.browser).form("/people/bob/hours", calendar="")
    assert bob(office) == ("", "Europe/Berlin")


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"zone": "Beijing"}, "不是时区名；例如 Asia/Shanghai"),
        ({"calendar": "dutty"}, "没有日历 'dutty'；是否想写 'duty'？；可用：broken、cn、duty"),
        ({"calendar": "broken"}, "broken.yaml"),
    ],
)
def test_what_cannot_be_used_comes_back_with_the_reason_and_what_was_typed(office, visit, typed, said):
    before = bob(office)
    answer = visit("/people", client=office.browser).form("/people/bob/hours", **typed)
    assert answer.status_code == 422
    assert said in answer.text.replace("&#39;", "'")
    assert next(iter(typed.values())) in answer.text
    assert bob(office) == before


def test_the_api_changes_what_is_given_and_leaves_the_rest(office):
    client = office.another()
    answer = client.patch(f"{API}/bob", json={"calendar": "duty"}, headers=EVE)
    assert (answer.status_code, answer.json()["calendar"]) == (200, "duty")
    assert bob(office) == ("duty", "Asia/Shanghai")
    assert client.patch(f"{API}/bob", json={"zone": "Europe/Berlin"}, headers=EVE).status_code == 200
    assert bob(office) == ("duty", "Europe/Berlin")
    listed = client.get(API, headers=EVE).json()
    assert {"id": "bob", "calendar": "duty", "zone": "Europe/Berlin"}.items() <= next(
        one for one in listed if one["id"] == "bob"
    ).items()


@pytest.mark.parametrize(
    ("body", "where", "said"),
    [
        ({"calendar": "dutty"}, "body.calendar", "did you mean 'duty'?; known: broken, cn, duty"),
        ({"zone": "Beijing"}, "body.zone", "'Beijing' is no time zone"),
        ({"zone": ""}, "body.zone", "'' is no time zone"),
        ({"zoen": "Europe/Berlin"}, "body.zoen", ""),
    ],
)
def test_the_api_names_the_field_and_what_there_is(office, body, where, said):
    before = bob(office)
    answer = office.another().patch(f"{API}/bob", json={"calendar": "", **body}, headers=EVE)
    assert answer.status_code == 422
    (fault,) = answer.json()["faults"]
    assert fault["where"] == where
    assert said in fault["fault"]
    assert bob(office) == before


def test_somebody_not_on_file_is_not_found(office):
    answer = office.another().patch(f"{API}/nobody", json={"zone": "Europe/Berlin"}, headers=EVE)
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
