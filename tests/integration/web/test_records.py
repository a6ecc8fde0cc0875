"""Evidence of an answer that came by a link, the record made of it, and who may have it."""

import copy
import dataclasses
import json

import pytest
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.case.evidence import Client
from engine.case.state import Verdict
from engine.ids import CaseId, PersonId
from engine.store.people import Person
from runtime.signoff import fonts
from runtime.signoff.checking import NoRecord, check, read_record
from runtime.signoff.proof import sealed
from tests.signer import AGENT, ANN, RECORD, sign, told
from tests.web_site import one

POSTER = CaseId("poster-1")


@pytest.fixture
def approval(site):
    site.asked()
    return next(iter(site.case(POSTER).approvals))


def decided(site):
    kinds = site.store.history.read_events(POSTER)
    return next(r.event for r in reversed(kinds) if r.event.kind == "decision_recorded")


def faults(record):
    try:
        read_record(json.dumps(record), "record.json")
    except NoRecord as fault:
        return [fault.message.en]
    return [fault.en for step in check(record) for fault in step.faults]


def test_a_decision_keeps_when_its_page_was_shown_and_where_it_came_from(site, phone, approval):
    shown = site.clock.now()
    _, answer = sign(site, phone, path="?lang=zh")
    assert answer.status_code == 303
    made = decided(site)
    assert (made.shown_at, made.language, made.issue) == (shown, "zh", 1)
    assert made.client == Client(address="203.0.113.7", agent=AGENT)


def test_what_a_proxy_says_is_kept_as_a_claim_beside_the_address_that_asked(site, phone, approval):
    sign(site, phone, headers={"X-Forwarded-For": "198.51.100.4, 10.0.0.1" + "x" * 900})
    client = decided(site).client
    assert client.address == "203.0.113.7"
    assert client.forwarded.startswith("x-forwarded-for: 198.51.100.4, 10.0.0.1")
    assert len(client.forwarded) == 300


@pytest.mark.parametrize("change", ["earlier", "language", "mark", "cut", "other link"])
def test_a_page_token_that_was_tampered_with_decides_nothing(site, phone, approval, change):
    link, code = site.letter()
    token = one(LexborHTMLParser(phone.get(link).text), "form.sign-form input[name=token]")
    at, language, mark = str(token.attributes["value"]).split(".")
    forged = {
        "earlier": f"{int(at) - 60_000}.{language}.{mark}",
        "language": f"{at}.fr.{mark}",
        "mark": f"{at}.{language}.{mark[::-1]}",
        "cut": mark,
        "other link": "",
    }[change]
    answer = phone.post(link, data={"token": forged, "verdict": "approve", "code": code})
    assert answer.status_code == 403
    assert site.case(POSTER).approvals[approval].asks[0].decision is None


def test_a_double_press_from_another_address_is_still_one_answer(site, phone, approval):
    link, code = site.letter()
    token = one(LexborHTMLParser(phone.get(link).text), "form.sign-form input[name=token]")
    typed = {"token": token.attributes["value"], "verdict": "approve", "code": code}
    elsewhere = site.another(base_url="http://sign.example", client=("198.51.100.9", 1))
    assert [phone.post(link, data=typed).status_code, elsewhere.post(link, data=typed).status_code] == [
        303,
        200,
    ]
    assert decided(site).client.address == "203.0.113.7"


def test_answers_through_page_and_api_keep_what_is_known(site, approval):
    answer = site.browser.post(
        f"/api/v1/cases/poster-1/approvals/{approval}/decision",
        json={"verdict": "approve"},
        headers={"X-Guanka-Person": "bob", "User-Agent": "script/1"},
    )
    assert answer.status_code == 200
    made = decided(site)
    assert (made.shown_at, made.client) == (None, Client(address="127.0.0.1", agent="script/1"))


def test_the_record_says_who_was_shown_what_and_hashes_to_what_was_signed(site, phone, approval):
    sign(site, phone)
    record = told(site, approval)
    (last,) = record["rounds"]
    assert last["content"] == decided(site).content
    assert [f["reads"]["zh"] for f in last["fields"]][:2] == ["春日上新", "1,200.00 元"]
    assert last["fields"][2]["rows"][0][2] == {"zh": "伊芙", "en": "伊芙"}
    assert [(d["file"], d["size"]) for d in last["documents"]] == [("成稿.pdf", 7)]
    (decision,) = last["decisions"]
    assert decision["person"]["name"] == decision["by"]["name"] == "Bob Lee"
    assert decision["client"]["address"] == "203.0.113.7"
    assert (record["approval"]["state"], record["check"]["url"]) == ("granted", None)
    assert faults(record) == []


def test_a_past_approval_still_has_its_record(site, phone, approval):
    sign(site, phone)
    site.fire(POSTER)
    site.act(cmd.RequestTransition(case_id=POSTER, transition="finish"))
    site.fire(POSTER)
    assert faults(told(site, approval)) == []
    page = site.browser.get("/cases/poster-1").text
    assert f"/cases/poster-1/approvals/{approval}/record.json" in page
    assert site.browser.get(f"/cases/poster-1/approvals/{approval}/record.json").json()["seal"]


def test_earlier_rounds_and_answers_taken_back_are_told(site, phone, approval):
    site.act(cmd.SetFields(case_id=POSTER, values={"price": "1500"}))
    sign(site, phone, verdict="reject")
    record = told(site, approval)
    assert [(r["round"], len(r["decisions"])) for r in record["rounds"]] == [(1, 0), (2, 1)]
    assert (record["approval"]["state"], faults(record)) == ("refused", [])


def test_an_answer_without_evidence_reads_as_before(site, approval):
    site.act(cmd.RecordDecision(case_id=POSTER, approval=approval, verdict=Verdict.APPROVE), "bob")
    record = told(site, approval)
    (decision,) = record["rounds"][0]["decisions"]
    assert (decision["shown_at"], decision["client"], faults(record)) == (None, None, [])


def test_an_erased_case_keeps_a_record_that_says_so(site, phone, approval):
    sign(site, phone)
    site.fire(POSTER)
    site.act(cmd.RequestTransition(case_id=POSTER, transition="drop", reason="不做了"))
    site.fire(POSTER)
    site.store.eraser.erase_private(POSTER)
    record = told(site, approval)
    (last,) = record["rounds"]
    assert (last["text"], last["fields"], last["decisions"][0]["client"]) == (None, [], None)
    assert faults(record) == []


def test_a_forgotten_person_takes_address_and_browser_along(site, phone, approval):
    sign(site, phone)
    site.store.eraser.erase_person("bob")
    assert (decided(site).client, faults(told(site, approval))) == (None, [])
    assert site.store.verify().findings == ()


def test_whoever_signed_by_a_link_gets_the_own_record_and_nobody_else(site, phone, approval):
    link, _ = site.letter()
    assert phone.get(f"{link}/record.json").status_code == 404
    sign(site, phone)
    page = phone.get(link).text
    assert f"{link}/record.json" in page
    record = read_record(phone.get(f"{link}/record.json").text, "r")
    assert faults(record) == []
    assert phone.get(f"{link[:-1]}/record.json").status_code == 404
    assert phone.get(RECORD.format(approval)).status_code == 403


def test_a_reader_outside_sees_neither_addresses_of_others_nor_other_rounds(site, phone, approval):
    link, _ = sign(site, phone)
    outside = phone.get(f"{link}/record.json").json()
    inside = told(site, approval)
    assert {e["sequence"] for e in outside["events"]} < {e["sequence"] for e in inside["events"]}
    from runtime.signoff.making import Reader
    from web.evidence import record as made
    from web.seeing import seen

    reader = Reader(person=PersonId("somebody-else"), round=1)
    other = made(site.wiring, seen(site.wiring, POSTER), approval, reader=reader)
    assert (other["rounds"][0]["decisions"][0]["client"], faults(other)) == (None, [])
    assert "203.0.113.7" not in json.dumps(other)


def leaves(value, path=()):
    if isinstance(value, dict | list) and value:
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(part, (*path, key))
    else:
        yield path


def altered(record, path):
    record = copy.deepcopy(record)
    part = record
    for key in path[:-1]:
        part = part[key]
    old = part[path[-1]]
    match old:
        case bool():
            new = not old
        case int():
            new = old + 1
        case str() if old:
            new = ("0" if old[0] != "0" else "1") + old[1:]
        case _:
            new = "x"
    part[path[-1]] = new
    return record


def test_whatever_single_part_is_changed_is_found(site, phone, approval):
    sign(site, phone)
    record = told(site, approval)
    unnoticed = [path for path in leaves(record) if not faults(altered(record, path))]
    assert unnoticed == []
    assert {path[0] for path in leaves(record)} == set(record)


# What the chain does not know: the issuer's own words and names, and where the chain stood afterwards.
STATED = (
    "title",
    "reads",
    "columns",
    "rows",
    "role",
    "external",
    "made_at",
    "zone",
    "mode",
    "url",
    "version",
)


def test_a_change_of_what_the_chain_knows_is_found_also_when_it_was_sealed_anew(site, phone, approval):
    sign(site, phone)
    record = told(site, approval)
    unnoticed = [
        path
        for path in leaves(record)
        if path != ("seal",)
        and not (set(path) & set(STATED) - {"title" if path[:2] == ("case", "title") else ""})
        and path[-2:] not in (("person", "name"), ("by", "name"))
        and not faults(sealed(altered(record, path)))
    ]
    assert unnoticed == []


@pytest.mark.parametrize("part", ["rounds", "events", "request", "approval", "case", "head", "check"])
def test_a_record_that_lacks_a_part_is_found_incomplete(site, phone, approval, part):
    sign(site, phone)
    record = {name: value for name, value in told(site, approval).items() if name != part}
    assert any("incomplete" in fault for fault in faults(sealed(record)))


def test_a_decision_that_was_left_out_is_found(site, phone, approval):
    sign(site, phone)
    record = copy.deepcopy(told(site, approval))
    record["rounds"][0]["decisions"] = []
    assert "the decisions listed are not those of the events" in faults(sealed(record))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_paper_has_the_record_attached(site, phone, approval, language):
    assert fonts.chinese_font() is not None, f"install {fonts.PACKAGE}"
    sign(site, phone)
    answer = site.browser.get(RECORD.format(approval) + f".pdf?lang={language}", headers=ANN)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    assert b"record.json" in answer.content


def test_words_people_typed_are_never_read_as_markup(site, phone, approval):
    """Each of these would stop the layout, or put other words in their place, were it read."""
    hostile = '#panic("x") ] } #include "/etc/passwd" \\ $x^2$ @ref <label> `raw` "'
    site.act(cmd.SetFields(case_id=POSTER, values={"headline": hostile}))
    sign(site, phone, comment=hostile)
    answer = site.browser.get(RECORD.format(approval) + ".pdf", headers=ANN)
    assert answer.status_code == 200


def test_without_a_chinese_font_the_paper_is_refused_by_name_and_the_rest_works(
    site, phone, approval, monkeypatch
):
    sign(site, phone)
    monkeypatch.setattr(fonts, "FAMILIES", ())
    answer = site.browser.get(RECORD.format(approval) + ".pdf", headers=ANN)
    assert (answer.status_code, answer.json()["code"]) == (501, "no_font")
    assert "fonts-noto-cjk" in answer.json()["title"]
    assert faults(told(site, approval)) == []


def test_a_stranger_may_compare_a_hash_and_learns_nothing_else(site, phone, approval):
    sign(site, phone)
    settings = dataclasses.replace(site.wiring.settings, public_url="https://sign.example")
    site.wiring = dataclasses.replace(site.wiring, settings=settings)
    site.browser = site.another(person="ann")
    record = told(site, approval)
    path = record["check"]["url"].removeprefix("https://sign.example")
    stranger = site.another(base_url="http://sign.example", client=("198.51.100.9", 1))
    before = site.tables()
    known = stranger.get(path)
    assert (known.status_code, "确由此处出具" in known.text) == (200, True)
    assert "春季海报" not in known.text
    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), path.replace("poster-1", "poster-2")):
        assert stranger.get(wrong).status_code == 404
    assert stranger.get("/check/poster-1/x/y").status_code == 403
    assert site.tables() == before


def test_a_contact_is_added_from_the_case_page(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    typed = {"role": "agency", "name": "林越", "company": "华东精密", "email": "lin@east.example"}
    assert page.form("/cases/poster-1/contacts", **typed).status_code == 303
    assert site.case(POSTER).roles == {"agency": ("agency-east",)}
    assert "林越（华东精密）" in visit("/cases/poster-1").text
    wrong = page.form("/cases/poster-1/contacts", **{**typed, "email": "nobody"})
    assert (wrong.status_code, 'value="nobody"' in wrong.text) == (422, True)


def test_nobody_but_who_works_on_the_case_adds_a_contact(site, visit):
    site.start()
    site.store.people.put(Person(id=PersonId("ivy"), name="艾薇"))
    page = visit("/cases/poster-1", client=site.another(person="ivy"))
    assert page.html.css_first("#contact") is None
    forms = [form.attributes["action"] for form in page.html.css("#roles form")]
    assert ("/cases/poster-1/roles/lead" in forms, "/cases/poster-1/roles/agency" in forms) == (True, False)
    assert "谁代表对方，由在此案例上工作的人指定" in one(page.html, "#roles").text()
    body = {"role": "agency", "name": "Lin", "email": "lin@east.example"}
    ivy = {"X-Guanka-Person": "ivy"}
    answer = site.another().post("/api/v1/cases/poster-1/contacts", json=body, headers=ivy)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_on_case")
    assert "ann" in answer.json()["blockers"][0]["waits_for"]
    assert site.case(POSTER).roles == {}


def test_a_contact_is_added_and_listed_through_the_api(site):
    site.start()
    body = {"role": "agency", "name": "Lin", "email": "lin@east.example", "language": "en"}
    keyed = {**ANN, "Idempotency-Key": "k1"}
    first, again = (
        site.browser.post("/api/v1/cases/poster-1/contacts", json=body, headers=keyed) for _ in "12"
    )
    assert (first.status_code, first.json()["person"], first.json()["known"]) == (200, "agency-east", False)
    assert (again.json()["repeated"], again.json()["person"]) == (True, "agency-east")
    listed = site.browser.get("/api/v1/cases/poster-1/contacts", headers=ANN).json()
    assert listed == [
        {"role": "agency", "person": "agency-east", "name": "Lin", "email": "lin@east.example", "own": True}
    ]
    inside = site.browser.post("/api/v1/cases/poster-1/contacts", json={**body, "role": "lead"}, headers=ANN)
    assert (inside.status_code, inside.json()["code"]) == (422, "role_inside")


def test_somebody_outside_has_no_pages_and_no_api(site):
    site.start()
    zed = site.another(person="zed")
    assert "Zed Agency" not in one(LexborHTMLParser(zed.get("/").text), "header.top").text()
    answer = zed.get("/api/v1/cases/poster-1", headers={"X-Guanka-Person": "zed"})
    assert (answer.status_code, answer.json()["code"]) == (403, "external_person")
