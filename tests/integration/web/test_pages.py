"""Every page opens, in both languages, and says what it should."""

import re

import pytest
from selectolax.lexbor import LexborHTMLParser as HTMLParser

from tests.web_site import one

PAGES = ("/", "/work", "/sops", "/sops/poster", "/cases/poster-1", "/mailbox", "/operations", "/nowhere")


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_page_speaks_one_language_only(site, visit, path, language):
    site.asked()
    page = visit(f"{path}?lang={language}")
    assert page.status == (404 if path == "/nowhere" else 200)
    assert page.html.css_first("html").attributes["lang"] == {"zh": "zh-CN", "en": "en"}[language]
    words = _own_words(page.html)
    if language == "en":
        assert not re.search(r"[\u4e00-\u9fff]", words), re.findall(r"[^ ]*[\u4e00-\u9fff]+[^ ]*", words)
    else:
        assert not re.findall(r"\b(?:the|is|are|open|needs|Start|Save|asked|Reason|Title)\b", words)


THEIRS = (
    ".languages, .switch, .people, .letter, .letters header, q, code, h1, pre, option, .brand, script, title"
)


def _own_words(page: HTMLParser) -> str:
    """The page without what people wrote themselves, their names, messages, and the other language's name."""
    for each in page.css(THEIRS):
        each.decompose()
    text = one(page, "body").text(separator=" ")
    theirs = (
        "春季海报",
        "安娜",
        "Bob Lee",
        "伊芙",
        "Zed Agency",
        "春日上新",
        "印刷",
        "成稿.pdf",
        "赶档期",
        "沿用",
    )
    for own in theirs:
        text = text.replace(own, "")
    return text


def test_board_shows_where_a_case_stands_and_who_is_waited_for(site, visit):
    site.asked()
    assert "Bob Lee" in visit("/").html.css_first(".card").text()


def test_board_filters_and_pages(site, visit):
    for number in range(30):
        site.start(f"case-{number:02}", f"海报 {number:02}")
    assert len(visit("/").html.css(".card")) == 25
    assert len(visit("/?page=2").html.css(".card")) == 5
    assert len(visit("/?text=07").html.css(".card")) == 1
    assert visit("/?status=closed").html.css_first(".card") is None
    assert visit("/?overdue=1").html.css_first(".card") is None
    assert len(visit("/?sop=poster&mine=1").html.css(".card")) == 25


def test_case_page_names_each_blocker_and_leads_to_where_it_is_mended(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    links = {a.attributes["href"] for a in page.html.css(".moves .hindrances a")}
    assert links == {
        "#task-sketch",
        "#task-pick_font",
        "#field-headline",
        "#field-price",
        "#deliverable-artwork",
    }
    for link in links:
        assert page.html.css_first(f'[id="{link[1:]}"]') is not None


def test_overdue_case_is_marked_on_every_list(site, visit):
    from engine.case import commands as cmd
    from engine.case.state import RULE

    case = site.start()
    site.clock.advance(9 * __import__("datetime").timedelta(days=1))
    site.service.handle(cmd.Sweep(case_id=case), actor=RULE)
    for path in ("/", "/work", "/cases/poster-1"):
        assert visit(path).html.css_first(".late") is not None, path


def test_every_page_warns_when_the_clockwork_stands_still(site, visit):
    from datetime import timedelta

    assert visit("/").html.css_first(".banner.bad") is None
    site.clock.advance(timedelta(minutes=3))
    for path in ("/", "/work", "/sops", "/mailbox", "/operations"):
        assert visit(path).html.css_first(".banner.bad") is not None, path


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", ("上次到期扫描在 03-02 09:00（2 天前）", "逾期标记、提醒和上报可能缺失")),
        ("en", ("the last sweep was at 03-02 09:00 (2 days ago)", "Overdue marks, reminders")),
    ],
)
def test_the_warning_says_since_when_how_long_and_what_it_means(site, visit, language, words):
    from datetime import timedelta

    site.store.heartbeats.beat("sweep", now=site.clock.now())
    site.clock.advance(timedelta(days=2))
    banner = visit(f"/?lang={language}").html.css_first("#sweep").text()
    assert all(part in banner for part in words), banner


def test_every_page_warns_when_the_clockwork_is_paused(site, visit):
    site.store.heartbeats.beat("sweep", now=site.clock.now(), paused=True)
    assert "暂停" in visit("/").html.css_first(".banner.bad").text()


def test_mailbox_shows_the_link_and_the_code(site, visit):
    site.asked()
    path, code = site.letter()
    page = visit("/mailbox")
    assert page.html.css_first(f'a[href="http://sign.example{path}"]') is not None
    assert code in page.text


def test_a_refused_message_says_what_to_do_about_the_channel(site, visit):
    from engine.ports import Outcome

    site.asked()
    for claimed in site.store.queues.claim_messages(limit=10, holder="t", lease_seconds=60):
        refused = Outcome(state="rejected", channel="dingtalk", code="310000", detail="sign not match")
        site.store.queues.finish(claimed, refused, now=site.clock.now())
    said = visit("/mailbox").html.css_first(".fault").text()
    assert said.startswith("310000 sign not match")
    assert "检查加签密钥" in said


def test_history_tells_who_when_what_and_through_which_face(site, visit):
    site.asked()
    lines = [line.text() for line in visit("/cases/poster-1").html.css(".history > li")]
    assert any("安娜" in line and "完成了任务“出草图”" in line and "命令行" in line for line in lines)


def test_history_names_the_person_a_field_was_set_to(site, visit):
    from engine.case import commands as cmd

    case = site.start()
    site.act(cmd.SetFields(case_id=case, values={"owner": "bob"}))
    assert [q.text() for q in visit("/cases/poster-1").html.css(".history q")] == ["负责人：Bob Lee"]


def test_hostile_text_is_shown_and_not_run(site, visit):
    from engine.case import commands as cmd

    evil = "<script>alert(1)</script><img src=x onerror=alert(1)>"
    case = site.start("evil-1", evil)
    site.act(cmd.SetFields(case_id=case, values={"headline": evil, "notes": evil, "channels": [evil]}))
    site.act(cmd.AddComment(case_id=case, text=evil))
    for path in ("/", "/work", "/cases/evil-1"):
        raw = site.browser.get(path).text
        assert "<script>alert" not in raw
        assert "<img src=x" not in raw


def test_nothing_inline_and_nothing_from_elsewhere(site, visit):
    """The content policy forbids both; a page that needs them would be broken."""
    site.asked()
    link, _ = site.letter()
    for path in (*PAGES, link):
        page = visit(path).html
        assert page.css("[style], style, script:not([src])") == []
        handlers = [n for n in page.css("*") for name in n.attributes if name.startswith("on")]
        assert handlers == []
        for node in page.css("link[href], script[src], img[src]"):
            assert (node.attributes.get("href") or node.attributes["src"]).startswith("/static/")


def test_a_page_without_people_says_what_to_do(sqlite_store, site):
    for person in sqlite_store.people.all():
        sqlite_store.people.put(__import__("dataclasses").replace(person, active=False))
    answer = site.browser.get("/", headers={"Accept-Language": "en"})
    assert (answer.status_code, "guanka person add" in answer.text) == (503, True)


def test_times_are_those_of_the_persons_zone(site, visit):
    from dataclasses import replace

    ann = site.store.people.get("ann")
    site.store.people.put(replace(ann, zone="Europe/Berlin"))
    site.start()
    assert (
        visit("/cases/poster-1").html.css_first("time").attributes["datetime"] == "2026-03-02T02:00:00+01:00"
    )


def test_language_is_the_one_chosen_here_then_the_persons_then_the_browsers(site, visit):
    assert visit("/").html.css_first("html").attributes["lang"] == "zh-CN"
    assert visit("/", client=site.another(person="bob")).html.css_first("html").attributes["lang"] == "en"
    chosen = site.another(person="bob")
    visit("/?lang=zh", client=chosen)
    assert visit("/", client=chosen).html.css_first("html").attributes["lang"] == "zh-CN"
    stranger = site.another()
    english = stranger.get("/s/x", headers={"Accept-Language": "fr, en;q=0.8, zh;q=0.2"}).text
    assert 'lang="en"' in english


def test_just_after_a_start_nobody_is_missed_yet(site, visit):
    from datetime import timedelta

    site.clock.advance(timedelta(hours=10))
    fresh = site.another(person="ann")
    assert visit("/", client=fresh).html.css_first(".banner.bad") is None
    site.clock.advance(timedelta(minutes=3))
    assert visit("/", client=fresh).html.css_first(".banner.bad") is not None
