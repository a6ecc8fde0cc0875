"""Signing off from a message: looking never decides, pressing decides once, and every late press
gets a kind answer.
"""

from dataclasses import replace

import pytest
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.case.state import Via
from engine.ids import CaseId, PersonId
from tests.web_site import SOP, one

POSTER = CaseId("poster-1")
AGENTS = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) MicroMessenger/8.0.50",
    "Mozilla/5.0 (Linux; Android 14) DingTalk/7.6.0",
    "Mozilla/5.0 (Macintosh) Lark/7.20 Feishu",
    "Mozilla/5.0 (Linux; Android 14) wxwork/4.1.30",
    "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "Slack-ImgProxy (+https://api.slack.com/robots)",
    "Mozilla/5.0 (compatible; MSTeams)",
    "SkypeUriPreview Preview/0.5 skype-url-preview@microsoft.com",
    "facebookexternalhit/1.1",
    "Twitterbot/1.0",
    "LinkedInBot/1.0",
    "WhatsApp/2.23",
    "TelegramBot (like TwitterBot)",
    "Discordbot/2.0",
    "Googlebot/2.1",
    "bingbot/2.0",
    "Baiduspider/2.0",
    "YandexBot/3.0",
    "Applebot/0.1",
    "Mozilla/5.0 Microsoft Office SafeLinks",
    "Mimecast-URL-Protect",
    "Proofpoint URL Defense",
    "BarracudaCentral",
    "Sophos-URL-Scanner",
    "Cisco-IronPort-URL",
    "FortiMail-Scanner",
    "Symantec Email Security.cloud",
    "Mozilla/5.0 HeadlessChrome/140.0",
    "curl/8.7.1",
    "",
)


@pytest.fixture
def phone(site):
    """The lead's telephone, far from the machine that runs it all."""
    return site.another(base_url="http://sign.example", client=("203.0.113.7", 50000))


def form_of(page):
    node = LexborHTMLParser(page.text).css_first("form.sign-form input[name=token]")
    return {"token": node.attributes["value"]} if node else {}


def decision(site, case_id=POSTER):
    case = site.store.board.case(case_id)
    return next(iter(case.approvals.values())).asks[0].decision


def test_page_shows_what_who_until_when_and_the_numbers(site, phone):
    site.asked(price="1288.5")
    link, _ = site.letter()
    page = LexborHTMLParser(phone.get(link).text)
    text = one(page, "body").text(separator=" ")
    for part in (
        "Lead's approval",
        "春季海报",
        "Bob Lee",
        "安娜",
        "赶档期",
        "1,288.50 CNY",
        "印刷",
        "成稿.pdf",
        "left",
        "Submit",
    ):
        assert part in text, part
    assert page.css("script") == []


@pytest.mark.parametrize(("length", "status"), [(10_000, 303), (20_000, 422)])
def test_a_comment_has_the_same_bound_as_everywhere(site, phone, length, status):
    site.asked()
    link, code = site.letter()
    typed = {"verdict": "approve", "code": code, "comment": "字" * length}
    answer = phone.post(link, data={**form_of(phone.get(link)), **typed})
    assert answer.status_code == status
    assert (decision(site) is not None) is (status == 303)
    assert ("20000 of at most 10000 characters" in answer.text) is (status == 422)


def test_persons_inside_records_are_shown_by_name(site, phone):
    site.asked()
    link, _ = site.letter()
    cells = [cell.text() for cell in LexborHTMLParser(phone.get(link).text).css("table.records td")]
    assert cells == ["印刷", "800.00 CNY", "伊芙"]


def test_a_page_that_was_open_while_the_keys_were_rotated_can_still_be_sent(site, visit):
    site.asked()
    path, code = site.letter("bob")
    page = visit(path, client=site.another(client=("203.0.113.9", 4000)))
    site.keys.rotate()
    assert page.form(path, verdict="approve", code=code).status_code == 303


def test_looking_changes_nothing_whoever_looks(site, phone):
    site.asked()
    link, _ = site.letter()
    before = site.tables()
    for agent in AGENTS:
        said = {"User-Agent": agent}
        for method in ("GET", "HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE"):
            phone.request(method, link, headers=said)
        for purpose in ("prefetch", "prefetch;prerender"):
            phone.get(link, headers={**said, "Sec-Purpose": purpose, "Purpose": "prefetch"})
        phone.get(f"{link}?verdict=approve&code=1234", headers=said)
        phone.post(link, headers=said)
        phone.post(link, json={"verdict": "approve"}, headers=said)
    assert site.tables() == before


def test_approving_with_the_code(site, phone):
    site.asked()
    link, code = site.letter()
    answer = phone.post(link, data={**form_of(phone.get(link)), "verdict": "approve", "code": code})
    assert answer.status_code == 303
    made = decision(site)
    assert (made.verdict, made.by, made.via) == ("approve", "bob", Via.LINK)
    assert "You approved." in phone.get(link).text


def test_rejecting_needs_a_comment_and_keeps_the_code_typed(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "reject", "code": code}
    answer = phone.post(link, data=typed)
    assert (answer.status_code, f'value="{code}"' in answer.text) == (422, True)
    assert phone.post(link, data={**typed, "comment": "too dear"}).status_code == 303
    assert "You rejected." in phone.get(link).text


def test_pressing_twice_decides_once(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    first, second = phone.post(link, data=typed), phone.post(link, data=typed)
    assert (first.status_code, second.status_code) == (303, 200)
    assert "already recorded" in second.text
    other = phone.post(link, data={**typed, "verdict": "reject", "comment": "no"})
    assert (other.status_code, "decided otherwise" in other.text) == (409, True)
    decided = [e for e in site.store.history.read_events("poster-1") if e.event.kind == "decision_recorded"]
    assert len(decided) == 1


def test_after_the_move_the_page_still_knows_what_was_decided(site, phone):
    case = site.asked()
    link, code = site.letter()
    phone.post(link, data={**form_of(phone.get(link)), "verdict": "approve", "code": code})
    site.fire(case)
    page = phone.get(link)
    assert (page.status_code, "You approved." in page.text, "is granted" in page.text) == (200, True, True)


def test_five_wrong_codes_burn_the_link_and_owe_a_new_message(site, phone):
    site.asked()
    link, code = site.letter()
    wrong = "0000" if code != "0000" else "1111"
    typed = {**form_of(phone.get(link)), "verdict": "approve"}
    answers = [phone.post(link, data={**typed, "code": wrong}) for _ in range(5)]
    assert [a.status_code for a in answers] == [422, 422, 422, 422, 403]
    assert "4 tries left" in answers[0].text
    assert "1 try left" in answers[3].text
    assert "used up" in answers[4].text
    assert phone.post(link, data={**typed, "code": code}).status_code == 409
    assert decision(site) is None
    fresh, digits = site.letter()
    assert fresh != link
    assert (
        phone.post(
            fresh, data={**form_of(phone.get(fresh)), "verdict": "approve", "code": digits}
        ).status_code
        == 303
    )


class Overtaken:
    """A door at which somebody else always comes first, and replaces the link."""

    def __init__(self, site):
        self.site = site

    def __getattr__(self, name):
        return getattr(self.site.service, name)

    def handle(self, command, **asked):
        if isinstance(command, cmd.RecordDecision):
            again = cmd.ReissueLink(
                case_id=command.case_id, approval=command.approval, person=PersonId("bob")
            )
            self.site.act(again, "bob")
        return self.site.service.handle(command, **asked)


def test_a_link_replaced_while_its_button_is_pressed_decides_nothing(site):
    site.asked()
    link, code = site.letter()
    site.wiring = replace(site.wiring, service=Overtaken(site))
    phone = site.another(base_url="http://sign.example", client=("203.0.113.7", 50000))
    answer = phone.post(link, data={**form_of(phone.get(link)), "verdict": "approve", "code": code})
    assert (answer.status_code, "replaced by a newer one" in answer.text) == (409, True)
    assert decision(site) is None


def test_full_width_digits_are_understood(site, phone):
    site.asked()
    link, code = site.letter()
    wide = "".join(chr(ord(c) + 0xFEE0) for c in code)
    assert (
        phone.post(link, data={**form_of(phone.get(link)), "verdict": "approve", "code": wide}).status_code
        == 303
    )


def test_changed_content_kills_the_link_and_the_new_page_shows_what_changed(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    site.act(cmd.SetFields(case_id=POSTER, values={"price": "1500"}))
    assert phone.post(link, data=typed).status_code == 409
    assert "has changed" in phone.get(link).text
    fresh, _ = site.letter()
    changes = one(LexborHTMLParser(phone.get(fresh).text), ".changes").text()
    assert "1,200.00 CNY" in changes
    assert "1,500.00 CNY" in changes


def test_withdrawn_held_and_ended_cases_get_kind_pages(site, phone):
    site.asked()
    link, _ = site.letter()
    site.act(cmd.HoldCase(case_id=POSTER, reason="等"))
    assert "on hold" in phone.get(link).text
    site.act(cmd.ResumeCase(case_id=POSTER))
    assert "What you sign" in phone.get(link).text
    request = next(iter(site.store.board.case("poster-1").requests))
    site.act(cmd.WithdrawRequest(case_id=POSTER, request=request))
    withdrawn = phone.get(link).text
    assert "The request was withdrawn." in withdrawn
    assert "安娜 took the request back on 03-02 09:00" in withdrawn
    site.act(cmd.RequestTransition(case_id=POSTER, transition="drop", reason="不做了"))
    site.fire("poster-1")
    page = phone.get(link)
    assert (page.status_code, "case has ended" in page.text) == (200, True)


@pytest.mark.parametrize("change", ["cut", "flip", "other", "empty", "long", "foreign"])
def test_every_bad_link_gets_the_same_page(site, phone, change):
    site.asked()
    link, _ = site.letter()
    token = link.removeprefix("/s/")
    bad = {
        "cut": token[:-3],
        "flip": ("B" if token[0] != "B" else "C") + token[1:],
        "other": token.replace(".", "x", 1),
        "empty": "x",
        "long": "a" * 5000,
        "foreign": "eyJhIjoxfQ.aaaa.1",
    }[change]
    answers = [phone.get(f"/s/{bad}"), phone.post(f"/s/{bad}", data={"verdict": "approve"})]
    plain = phone.get("/s/nothing-at-all").text
    assert [(a.status_code, a.text == plain) for a in answers] == [(404, True)] * 2


def test_link_of_somebody_deactivated_opens_nothing(site, phone):
    site.asked()
    link, _ = site.letter()
    site.store.people.put(replace(site.store.people.get("bob"), active=False))
    assert phone.get(link).status_code == 404


def test_form_from_a_foreign_page_decides_nothing(site, phone):
    site.asked()
    link, code = site.letter()
    typed = {**form_of(phone.get(link)), "verdict": "approve", "code": code}
    tries = [
        phone.post(link, data=typed, headers={"Origin": "http://evil.example"}),
        phone.post(link, data=typed, headers={"Sec-Fetch-Site": "cross-site"}),
        phone.post(link, data={**typed, "token": ""}),
    ]
    assert [answer.status_code for answer in tries] == [403] * 3
    assert decision(site) is None


def test_file_comes_down_through_the_link_while_it_is_live(site, phone):
    site.asked()
    link, code = site.letter()
    page = phone.get(link)
    file = one(LexborHTMLParser(page.text), ".papers a").attributes["href"]
    assert phone.get(file).content == b"artwork"
    assert phone.get(f"{link}/file/{'0' * 64}").status_code == 404
    phone.post(link, data={**form_of(page), "verdict": "approve", "code": code})
    assert phone.get(file).status_code == 404


def test_page_comes_in_the_readers_language_or_the_one_asked_for(site, phone):
    site.asked()
    link, _ = site.letter()
    assert 'lang="en"' in phone.get(link).text
    chinese = phone.get(f"{link}?lang=zh").text
    assert 'lang="zh-CN"' in chinese
    assert "审批内容" in chinese


def test_level_link_needs_no_code_but_still_a_press(site, phone):

    text = SOP.replace("mode: any", "mode: any\n        assurance: link")
    site.store.definitions.publish(text, "poster.yaml", by="ann", now=site.clock.now())
    site.asked()
    link, _ = site.letter()
    page = phone.get(link)
    assert 'name="code"' not in page.text
    assert phone.post(link, data=form_of(page)).status_code == 422
    assert phone.post(link, data={**form_of(page), "verdict": "approve"}).status_code == 303


def test_figures_stand_once_and_are_shown_again_when_nothing_else_is_signed(site, phone):
    site.asked(price="1288.5")
    page = LexborHTMLParser(phone.get(site.letter()[0]).text)
    assert "Price" in titles(page, ".figures")
    assert "Price" not in titles(page, ".values")
    text = SOP.replace("shows: [headline, price, lines, artwork]", "shows: [price]")
    site.store.definitions.publish(text, "poster.yaml", by="ann", now=site.clock.now())
    site.asked("poster-2", price="99")
    page = LexborHTMLParser(phone.get(site.letter()[0]).text)
    assert titles(page, ".figures") == titles(page, ".values") == ["Price"]


def titles(page, part):
    return [title.text() for title in page.css(f"{part} dt")]
