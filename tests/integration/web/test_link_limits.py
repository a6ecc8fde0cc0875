"""Too often is answered kindly, in the reader's language, and never at the cost of who has a genuine link."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.integration.web.test_signoff import POSTER, decision, form_of
from web.ports import Allowance, SignOffLimits

FAR = {"base_url": "http://sign.example", "client": ("203.0.113.7", 50000)}
FEW = Allowance(burst=3, seconds=10)


@pytest.fixture
def phone(site):
    return site.another(**FAR)


def bounded(site, **limits):
    settings = replace(site.wiring.settings, limits=replace(SignOffLimits(), **limits))
    site.wiring = replace(site.wiring, settings=settings)
    return site.another(**FAR)


def test_many_bad_links_from_one_address_are_asked_to_wait(site):
    site.asked()
    link, _ = site.letter()
    phone = bounded(site, bad_links=FEW)
    answers = [phone.get(f"/s/x{n}", headers={"Accept-Language": "en"}) for n in range(5)]
    assert [a.status_code for a in answers] == [404, 404, 404, 429, 429]
    assert answers[4].headers["retry-after"] == "10"
    assert "Wait 10 seconds" in answers[4].text
    assert "请等 10 秒" in phone.post("/s/x").text
    assert phone.get(link).status_code == 200  # the office may share one address with whoever tries
    site.clock.advance(timedelta(seconds=10))
    assert phone.get("/s/x").status_code == 404


def test_forms_by_address_and_by_link_are_bounded_before_they_are_read(site):
    site.asked()
    link, code = site.letter()
    phone = bounded(site, link_posts=FEW)
    typed = {**form_of(phone.get(link)), "verdict": "approve"}
    answers = [phone.post(link, data=typed) for _ in range(4)]
    assert [a.status_code for a in answers] == [422, 422, 422, 429]
    assert "One moment, please" in answers[3].text  # Bob reads English
    assert phone.get(link).status_code == 200
    owner = site.made[-1].__class__(phone.app, base_url=FAR["base_url"], client=("198.51.100.9", 1))
    assert owner.post(link, data=typed).status_code == 422  # whoever has the link does not keep its owner out
    site.clock.advance(timedelta(seconds=10))
    assert phone.post(link, data={**typed, "code": code}).status_code == 303


def test_one_address_may_not_send_forms_without_end(site):
    site.asked()
    link, _ = site.letter()
    phone = bounded(site, posts=FEW)
    assert [phone.post(f"/s/x{n}").status_code for n in range(4)] == [404, 404, 404, 429]
    assert phone.post(link, data={}).status_code == 429
    elsewhere = site.another(**{**FAR, "client": ("198.51.100.9", 1)})
    assert elsewhere.post(link, data={}).status_code != 429


def test_a_file_of_a_bad_link_counts_as_a_bad_link(site):
    phone = bounded(site, bad_links=FEW)
    tried = [phone.get(f"/s/x{n}/file/{'0' * 64}").status_code for n in range(4)]
    assert tried == [404, 404, 404, 429]


def wrong(code):
    return "0000" if code != "0000" else "1111"


def test_a_new_link_for_every_five_wrong_codes_gives_nobody_endless_tries(site, phone):
    site.asked()
    for _ in range(4):
        link, code = site.letter()
        typed = {**form_of(phone.get(link)), "verdict": "approve"}
        burning = [phone.post(link, data={**typed, "code": wrong(code)}).status_code for _ in range(5)]
        assert burning == [422, 422, 422, 422, 403]
        site.clock.advance(timedelta(minutes=1))
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve"}
    answers = [phone.post(link, data={**typed, "code": code}) for _ in range(8)]
    assert {a.status_code for a in answers} == {429}  # neither guessed at nor burnt, by any digits
    answer = answers[-1]
    assert answer.headers["retry-after"] == str(56 * 60)
    assert "10:00" in answer.text
    assert "none count until" in answer.text
    assert len([e for e in site.store.history.read_events(POSTER) if e.event.kind == "link_reissued"]) == 4
    site.clock.advance(timedelta(minutes=56))
    assert phone.post(link, data={**typed, "code": code}).status_code == 303


def test_the_hour_is_the_persons_over_all_cases_and_nobody_elses(site, phone):
    site.store.people.set_holders("lead", ["bob", "eve"])
    cases = [site.asked(f"poster-{n}") for n in range(5)]
    letters = {case: site.letters("bob", case)[-1] for case in cases}
    for case in cases[:4]:
        link, code = letters[case]
        typed = {**form_of(phone.get(link)), "verdict": "approve", "code": wrong(code)}
        for _ in range(5):
            phone.post(link, data=typed)
    link, code = letters[cases[4]]
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    assert phone.post(link, data=typed).status_code == 429
    other, digits = site.letters("eve", cases[4])[-1]
    typed = {**form_of(phone.get(other)), "verdict": "approve", "code": digits}
    assert phone.post(other, data=typed).status_code == 303


def test_right_codes_use_up_no_hour(site, phone):
    for n in range(25):
        case = site.asked(f"poster-{n}")
        link, code = site.letters("bob", case)[-1]
        typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
        assert phone.post(link, data=typed).status_code == 303
        assert decision(site, case) is not None


def test_a_comment_typed_before_the_wait_is_not_lost(site, phone, monkeypatch):
    monkeypatch.setattr("web.digits.MOST_WRONG_IN_AN_HOUR", 0)
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "reject", "code": code, "comment": "太贵了"}
    answer = phone.post(link, data=typed)
    assert (answer.status_code, "太贵了" in answer.text, decision(site)) == (429, True, None)


def test_a_burnt_link_that_is_asked_again_meanwhile_owes_one_message(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": wrong(code)}
    for _ in range(9):
        phone.post(link, data=typed)
    assert len([e for e in site.store.history.read_events(POSTER) if e.event.kind == "link_reissued"]) == 1
