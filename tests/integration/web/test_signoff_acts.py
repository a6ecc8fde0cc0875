"""What a link does besides deciding: every act, with the digits, kept when refused, once when doubled."""

import pytest
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.state import Via
from engine.ids import PersonId
from tests.integration.web.test_signoff import POSTER, form_of, phone
from tests.web_site import SOP, one

__all__ = ["phone"]
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 30


def last(site):
    return site.store.history.read_events(POSTER)[-1]


def kinds(site):
    return [recorded.event.kind for recorded in site.store.history.read_events(POSTER)]


def approval(site):
    return next(iter(site.case(POSTER).approvals.values()))


def typed_for(page, act, code, **parts):
    html = LexborHTMLParser(page.text)
    seen = one(html, "form.sign-form input[name=seen]").attributes["value"]
    return {**form_of(page), "seen": seen, "act": act, "code": code, **parts}


def press(phone, link, code, act, **parts):
    return phone.post(link, data=typed_for(phone.get(link), act, code, **parts))


def publish(site, before, after):
    text_now = SOP.replace(before, after)
    site.store.definitions.publish(text_now, "poster.yaml", by="ann", now=site.clock.now())


def text(page):
    html = LexborHTMLParser(page.text)
    return " ".join(one(html, "body").text(separator=" ").split())


ACTS = [
    ("ask", {"ask.text": "报价单？"}, "material_asked", "Not answered yet."),
    ("comment", {"comment.text": "先看看"}, "approval_commented", "Your comment is recorded."),
    (
        "transfer",
        {"transfer.person": "伊芙", "transfer.reason": "休假"},
        "ask_transferred",
        "伊芙 decides in your place.",
    ),
    (
        "delegate",
        {"delegate.person": "伊芙", "delegate.reason": "先看"},
        "ask_delegated",
        "Somebody else looks at it",
    ),
    (
        "add",
        {"add.person": "伊芙", "add.place": "after", "add.reason": "复核"},
        "signers_added",
        "They are asked to sign",
    ),
    ("return", {"return.text": "请改价", "return.way": ""}, "request_returned", "was sent back"),
]


@pytest.mark.parametrize(("act", "parts", "kind", "said"), ACTS)
def test_each_act_is_one_event_by_link_and_pressing_twice_is_once(site, phone, act, parts, kind, said):
    site.asked()
    link, code = site.letter()
    typed = typed_for(phone.get(link), act, code, **parts)
    first, second = phone.post(link, data=typed), phone.post(link, data=typed)
    assert (first.status_code, second.status_code in (303, 409)) == (303, True)
    assert kinds(site).count(kind) == 1
    done = next(r for r in site.store.history.read_events(POSTER) if r.event.kind == kind)
    assert (done.actor.person, done.actor.via) == ("bob", Via.LINK)
    assert said in text(phone.get(first.headers["location"]))


@pytest.mark.parametrize(("act", "parts"), [(act, parts) for act, parts, _, _ in ACTS])
def test_no_act_goes_without_the_digits_and_wrong_ones_count_as_ever(site, phone, act, parts):
    site.asked()
    link, code = site.letter()
    before = kinds(site)
    assert press(phone, link, "", act, **parts).status_code == 422
    wrong = "0000" if code != "0000" else "1111"
    assert "4 tries left" in press(phone, link, wrong, act, **parts).text
    assert kinds(site) == before


def test_right_digits_use_no_tries_up(site, phone):
    site.asked()
    link, code = site.letter()
    for word in "abcdefg":
        assert press(phone, link, code, "comment", **{"comment.text": word}).status_code == 303
    assert kinds(site).count("approval_commented") == 7


def test_five_wrong_digits_on_any_acts_end_the_link(site, phone):
    site.asked()
    link, code = site.letter()
    wrong = "0000" if code != "0000" else "1111"
    acts = ("comment", "ask", "comment", "ask", "comment")
    good = typed_for(phone.get(link), "comment", code, **{"comment.text": "x"})
    answers = [press(phone, link, wrong, act, **{f"{act}.text": "x"}) for act in acts]
    assert [answer.status_code for answer in answers] == [422] * 4 + [403]
    assert "used up" in answers[-1].text
    assert phone.post(link, data=good).status_code == 409
    assert "approval_commented" not in kinds(site)


@pytest.mark.parametrize(
    ("act", "parts", "said"),
    [
        ("transfer", {"transfer.reason": "x"}, "Choose a person."),
        ("transfer", {"transfer.person": "谁", "transfer.reason": "x"}, "Nobody here is called “谁”"),
        ("transfer", {"transfer.person": "伊芙"}, "Please give a reason."),
        ("transfer", {"transfer.person": "安娜", "transfer.reason": "x"}, "nobody signs their own request"),
        ("add", {"add.person": "伊芙", "add.reason": "x"}, "Choose before, beside or after you."),
        ("return", {"return.way": ""}, "Please write something first."),
        ("return", {"return.way": "release", "return.text": "x"}, "lets nobody return this to release"),
        ("ask", {"ask.text": "字" * 10_001}, "10001 of at most 10000 characters"),
    ],
)
def test_what_does_not_do_says_why_and_keeps_what_was_typed(site, phone, act, parts, said):
    site.asked()
    link, code = site.letter()
    answer = press(phone, link, code, act, comment="noch etwas", **parts)
    assert answer.status_code in (403, 409, 422)
    page = LexborHTMLParser(answer.text)
    assert said in one(page, "#notice").text()
    assert one(page, "#comment").text() == "noch etwas"
    assert one(page, "details[name=acts][open] button").attributes["value"] == act
    for name, value in parts.items():
        field = one(page, f'[name="{name}"]')
        if field.tag != "select":
            assert value in (field.attributes.get("value"), field.text())


def test_two_of_one_name_are_told_apart(site, phone):
    from engine.store.people import Person

    site.store.people.put(Person(id=PersonId("eve2"), name="伊芙", language="zh"))
    site.asked()
    link, code = site.letter()
    answer = press(phone, link, code, "transfer", **{"transfer.person": "伊芙", "transfer.reason": "x"})
    assert "Several people are called that" in answer.text
    parts = {"transfer.person": "伊芙 (eve2)", "transfer.reason": "x"}
    assert press(phone, link, code, "transfer", **parts).status_code == 303
    assert approval(site).asks[0].person == "eve2"


def test_an_answer_is_taken_back_on_the_page_that_says_it_was_given_and_given_again(site, phone):
    site.asked()
    link, code = site.letter()
    decide = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    phone.post(link, data=decide)
    assert "Take my answer back" in phone.get(link).text
    assert press(phone, link, code, "take_back").status_code == 303
    assert "What you sign" in phone.get(link).text
    assert phone.post(link, data=decide).status_code == 303
    assert kinds(site).count("decision_recorded") == 2
    assert "You approved." in phone.get(link).text


def test_after_somebody_acted_no_answer_is_taken_back(site, phone):
    site.asked()
    link, code = site.letter()
    phone.post(link, data={**form_of(phone.get(link)), "verdict": "approve", "code": code})
    page = phone.get(link)
    site.fire(POSTER)
    assert "Take my answer back" not in phone.get(link).text
    typed = typed_for(page, "take_back", code)
    assert phone.post(link, data=typed).status_code == 409


def test_who_is_asked_to_look_gets_a_link_and_hands_it_back(site, phone):
    site.asked()
    link, code = site.letter()
    press(phone, link, code, "delegate", **{"delegate.person": "伊芙", "delegate.reason": "懂印刷"})
    lent, digits = site.letter("eve")
    page = phone.get(f"{lent}?lang=en")
    assert "Bob Lee asks you to look at it first" in text(page)
    assert "1,200.00" in text(page)
    assert 'name="verdict"' not in page.text
    assert phone.post(lent, data={**form_of(page), "verdict": "approve", "code": digits}).status_code == 409
    assert press(phone, lent, digits, "hand_back").status_code == 422
    assert press(phone, lent, digits, "hand_back", **{"hand_back.text": "价格合理"}).status_code == 303
    assert "You handed it back." in phone.get(f"{lent}?lang=en").text
    assert "价格合理" in text(phone.get(site.letter()[0]))


def test_a_delegation_is_called_back_by_link(site, phone):
    site.asked()
    link, code = site.letter()
    press(phone, link, code, "delegate", **{"delegate.person": "伊芙", "delegate.reason": "x"})
    lent, _ = site.letter("eve")
    assert press(phone, link, code, "call_back").status_code == 303
    assert "What you sign" in phone.get(link).text
    assert "decides without waiting for your opinion" in phone.get(f"{lent}?lang=en").text


def test_people_outside_are_offered_only_what_they_may_and_see_no_colleagues(site, phone):
    publish(site, "{role: lead}]\n        mode: any", "{role: agency}, {role: lead}]\n        mode: all")
    site.asked()
    site.act(sc.CommentApproval(case_id=POSTER, approval=approval(site).id, text="内部：底价 1000"))
    link, code = site.letter("zed")
    page = phone.get(link)
    offered = [b.attributes["value"] for b in LexborHTMLParser(page.text).css("details[name=acts] button")]
    assert offered == ["return", "ask", "comment"]
    assert "底价" not in page.text
    assert "<datalist" not in page.text
    parts = {"transfer.person": "伊芙", "transfer.reason": "x"}
    assert press(phone, link, code, "transfer", **parts).status_code == 403


def test_what_the_sop_does_not_allow_is_not_there(site, phone):
    publish(site, "mode: any", "mode: any\n        allows: [material]")
    site.asked()
    link, code = site.letter()
    page = LexborHTMLParser(phone.get(link).text)
    offered = [button.attributes["value"] for button in page.css("details[name=acts] button")]
    assert offered == ["ask", "comment"]
    answer = press(phone, link, code, "return", **{"return.text": "x", "return.way": ""})
    assert (answer.status_code, "does not let you" in answer.text) == (403, True)


@pytest.mark.parametrize("act", ["nudge", "copy", "give", "remove", "decide", "withdraw", "drop table", ""])
def test_nothing_else_goes_through_a_link(site, phone, act):
    site.asked()
    link, code = site.letter()
    before = kinds(site)
    assert press(phone, link, code, act, **{"copy.person": "伊芙"}).status_code == 409
    assert kinds(site) == before


def test_the_change_shown_is_that_since_this_person_decided(site, phone):
    site.asked()
    link, code = site.letter()
    parts = {"return.text": "太贵", "return.way": ""}
    press(phone, link, code, "return", **parts)
    for price in ("1100", "1000"):
        site.act(cmd.SetFields(case_id=POSTER, values={"price": price}))
    request = next(iter(site.case(POSTER).requests))
    site.act(sc.ResubmitRequest(case_id=POSTER, request=request))
    fresh, _ = site.letter()
    changes = one(LexborHTMLParser(phone.get(fresh).text), ".changes").text()
    assert "1,200.00 CNY" in changes
    assert "1,000.00 CNY" in changes
    assert "1,100.00" not in changes


def test_figures_stand_first_and_large(site, phone):
    site.asked()
    link, _ = site.letter()
    figures = one(LexborHTMLParser(phone.get(link).text), ".figures")
    assert " ".join(figures.text(separator=" ").split()) == "Price 1,200.00 CNY"


@pytest.mark.parametrize(
    ("data", "media_type", "how"),
    [
        (PNG, "image/png", "inline"),
        (b"%PDF-1.4 x", "application/pdf", "inline"),
        ("报价单".encode(), "text/plain; charset=utf-8", "inline"),
        (b"<svg onload=alert(1)>", "application/octet-stream", "attachment"),
        (b"<html>", "application/octet-stream", "attachment"),
    ],
)
def test_a_file_is_shown_by_its_bytes_or_saved(site, phone, data, media_type, how):
    site.start()
    site.act(cmd.SetFields(case_id=POSTER, values={"headline": "x", "price": "1"}))
    site.act(cmd.CompleteTask(case_id=POSTER, task="sketch"))
    site.act(cmd.WaiveTask(case_id=POSTER, task="pick_font", reason="x"))
    kept = site.store.blobs.put(data)
    attach = {"name": "a.html", "hash": kept, "size": len(data), "media_type": "text/html"}
    site.act(cmd.AttachDeliverable(case_id=POSTER, deliverable="artwork", **attach))
    site.act(cmd.RequestTransition(case_id=POSTER, transition="publish"))
    link, _ = site.letter()
    page = LexborHTMLParser(phone.get(link).text)
    assert (page.css_first(".papers .open") is not None) is (how == "inline")
    answer = phone.get(f"{link}/file/{kept}?view=1")
    assert answer.headers["content-type"] == media_type
    assert answer.headers["content-disposition"].startswith(how)
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert phone.get(f"{link}/file/{kept}").headers["content-disposition"].startswith("attachment")


def test_looking_with_any_words_in_the_address_changes_nothing(site, phone):
    site.asked()
    link, code = site.letter()
    before = site.tables()
    phone.get(f"{link}?act=transfer&transfer.person=eve&transfer.reason=x&code={code}&said=comment")
    assert site.tables() == before
