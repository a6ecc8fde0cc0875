"""Calendar feeds: what stands in them, who can read them, and their end. Read by two readers not ours."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import icalendar
import pytest
import vobject
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.case.state import Verdict
from engine.ids import CaseId, PersonId
from tests.integration.web.test_overdue_everywhere import WALK
from tests.web_site import one

POSTER = CaseId("poster-1")
PUBLIC = "http://sign.example"
FAR = {"base_url": PUBLIC, "client": ("203.0.113.7", 50000)}


@pytest.fixture(autouse=True)
def _addressed(site):
    settings = replace(site.wiring.settings, public_url=PUBLIC, case_path="/cases/{id}")
    site.wiring = replace(site.wiring, settings=settings)


def subscribed(site, person="bob", **about):
    """The path of a fresh address, as its owner is told it once."""
    made = site.another().post("/api/v1/feeds", json=about, headers={"X-Guanka-Person": person})
    assert made.status_code == 201, made.text
    return made.json()["address"].removeprefix(PUBLIC)


def read(site, path, **headers):
    return site.another(**FAR).get(path, headers=headers)


def events(answer) -> Any:
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def due(site, kind):
    return next(d.due_at for d in site.case(POSTER).deadlines.values() if d.kind == kind)


def test_what_waits_for_a_person_stands_in_the_calendar_until_it_is_done(site):
    case = site.asked()
    path = subscribed(site)
    (event,) = events(read(site, path))
    assert str(event["summary"]) == "To sign: Lead's approval · 春季海报"
    assert event["dtend"].dt == due(site, "approval")
    assert event["url"] == f"{PUBLIC}/cases/poster-1"
    (approval,) = site.case(case).approvals.values()
    decided = cmd.RecordDecision(case_id=case, approval=approval.id, verdict=Verdict.APPROVE)
    site.act(decided, person="bob")
    assert events(read(site, path)) == []


def test_who_owns_a_stage_reads_its_tasks_and_its_deadline_in_their_language(site):
    site.start()
    found = events(read(site, subscribed(site, "ann")))
    assert {str(event["summary"]) for event in found} == {
        "出草图 · 春季海报",
        "选字体 · 春季海报",
        "起草 · 春季海报",
    }
    assert {event["dtend"].dt for event in found} == {due(site, "stage")}


def test_what_is_late_says_so_and_keeps_its_name(site):
    site.asked()
    path = subscribed(site)
    (before,) = events(read(site, path))
    site.clock.advance(timedelta(days=20))
    (after,) = events(read(site, path))
    assert after["uid"] == before["uid"]
    assert str(after["summary"]).startswith("[Overdue] To sign")


def test_the_milestones_of_a_case_are_whole_days_with_planned_forecast_and_reached(site):
    site.start()
    site.act(
        cmd.PlanMilestone(
            case_id=POSTER, milestone="draft_done", planned=date(2026, 3, 9), forecast=date(2026, 3, 11)
        )
    )
    path = subscribed(site, "ann", case="poster-1")
    stone = next(e for e in events(read(site, path)) if "milestone" in e["uid"])
    assert (stone["dtstart"].dt, stone["dtend"].dt) == (date(2026, 3, 11), date(2026, 3, 12))
    assert "计划 2026-03-09" in stone["description"]
    assert stone["status"] == "TENTATIVE"


def test_a_second_reader_finds_the_same_in_long_chinese_titles(site):
    title = "春季；新品，发布\\与\n推广 — " + "长" * 120
    site.start(title=title.replace("\n", " "))
    answer = read(site, subscribed(site, "ann"))
    assert max(len(line) for line in answer.content.split(b"\r\n")) <= 75
    ours = {(str(e["uid"]), str(e["summary"]), e["dtstart"].dt) for e in events(answer)}
    theirs: Any = vobject.readOne(answer.content.decode())
    assert ours == {(e.uid.value, e.summary.value, e.dtstart.value) for e in theirs.vevent_list}


def test_an_ended_address_a_leaver_and_a_raised_epoch_all_get_the_same_answer(site):
    site.asked()
    unknown = read(site, "/cal/nobody-gave-this-out.ics")
    ended, gone, old = (subscribed(site) for _ in range(3))
    (newest, *_) = site.another().get("/api/v1/feeds", headers={"X-Guanka-Person": "bob"}).json()
    first = site.store.feeds.of(PersonId("bob"), epoch=site.keys.epoch)
    assert newest["id"] == first[0][0].id
    for feed, _ in first:
        answer = site.another().post(f"/api/v1/feeds/{feed.id}/end", headers={"X-Guanka-Person": "bob"})
        assert answer.status_code == 204
    kept = subscribed(site)
    assert read(site, kept).status_code == 200
    site.store.people.put(replace(site.store.people.get(PersonId("bob")), active=False))
    answers = [read(site, path) for path in (ended, gone, old, kept)]
    assert {(a.status_code, a.text) for a in answers} == {(unknown.status_code, unknown.text)}
    site.store.people.put(replace(site.store.people.get(PersonId("bob")), active=True))
    assert read(site, kept).status_code == 200
    site.keys.raise_epoch()
    assert read(site, kept).status_code == 404
    assert site.store.feeds.of(PersonId("bob"), epoch=site.keys.epoch) == []


def test_nobody_ends_the_address_of_somebody_else(site):
    path = subscribed(site)
    ((feed, _),) = site.store.feeds.of(PersonId("bob"), epoch=site.keys.epoch)
    answer = site.another().post(f"/api/v1/feeds/{feed.id}/end", headers={"X-Guanka-Person": "eve"})
    assert (answer.status_code, read(site, path).status_code) == (404, 200)


def test_reading_changes_nothing_and_says_when_nothing_changed(site):
    site.asked()
    path = subscribed(site)
    before = site.tables()
    first = read(site, path)
    again = read(site, path, **{"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert site.another(**FAR).head(path).status_code == 200
    assert site.tables() == before


def test_the_address_stands_in_no_table_and_no_log(site, capfd):
    path = subscribed(site)
    read(site, path)
    token = path.removeprefix("/cal/").removesuffix(".ics")
    assert token not in repr(site.tables())
    assert token not in "".join(capfd.readouterr())


def test_who_guesses_addresses_is_slowed_down(site):
    phone = site.another(**FAR)
    answers = [phone.get(f"/cal/{n}.ics").status_code for n in range(70)]
    assert (answers[0], answers[-1]) == (404, 429)


def test_somebody_outside_has_no_calendar(site):
    answer = site.another().post("/api/v1/feeds", json={}, headers={"X-Guanka-Person": "zed"})
    assert answer.status_code == 403


def test_the_page_gives_an_address_out_once_and_ends_it(site, visit):
    site.start()
    page = visit("/calendar", client=site.another(person="ann"))
    fresh = page.form("/calendar")
    shown = one(LexborHTMLParser(fresh.text), "#address").attributes["value"]
    assert shown
    assert events(read(site, shown.removeprefix(PUBLIC)))
    again = visit("/calendar", client=page.client)
    assert shown not in again.text
    ((feed, _),) = site.store.feeds.of(PersonId("ann"), epoch=site.keys.epoch)
    assert again.form(f"/calendar/{feed.id}/end").status_code == 303
    assert read(site, shown.removeprefix(PUBLIC)).status_code == 404


def test_a_case_is_subscribed_to_from_its_page(site, visit):
    site.start()
    page = visit("/cases/poster-1", client=site.another(person="ann"))
    shown = page.form("/calendar", case="poster-1")
    assert "春季海报" in shown.text
    ((feed, title),) = site.store.feeds.of(PersonId("ann"), epoch=site.keys.epoch)
    assert (feed.case_id, title) == ("poster-1", "春季海报")


def test_a_task_that_holds_nothing_back_is_marked_as_the_inbox_marks_it(site):
    site.store.definitions.publish(WALK, "walk.yaml", by=PersonId("ann"), now=site.clock.now())
    site.start(CaseId("walk-1"), "走查", sop="walk")
    titles = {str(event["summary"]) for event in events(read(site, subscribed(site, "ann")))}
    assert "[可选] 核对 · 走查" in titles
