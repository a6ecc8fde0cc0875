"""The pages about messages: each in every channel; the company's own words tried, kept and taken back."""

import re

import pytest

from engine.outbox import MessageKind, NoticeKind
from notifications.sample_digests import digest_samples
from notifications.samples import samples, samples_of
from notifications.wording_names import KINDS
from web.gallery import CHANNELS

NAME = "approval_requested.zh"
ADDRESS = f"/templates/{NAME}"
ENGLISH = "/templates/approval_requested.en"  # whom the site asks reads English


def test_every_kind_is_listed_in_both_languages(visit):
    page = visit("/templates")
    links = {a.attributes["href"] for a in page.html.css("th a")}
    assert links == {f"/templates/{kind}.{language}" for kind in KINDS for language in ("zh", "en")}


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_gallery_shows_every_sample_in_every_channel(visit, language):
    page = visit(f"/templates/gallery?speaks={language}&lang=zh")
    shown = len(samples()) + len(digest_samples())
    assert len(page.html.css(".exhibit")) == shown
    for channel in CHANNELS:
        assert len(page.html.css(f".shown.{channel}")) == shown
    assert page.html.css_first(".bubble script, .bubble img") is None
    one_thing = ".exhibit:not([id^='digest']) .bubble a[href^='http']:not(.wecom a)"
    assert page.html.css_first(one_thing) is None
    asked = page.html.css_first("#approval_requested-0 .dingtalk")
    assert asked is not None
    assert ("请勿转发" in asked.text()) is (language == "zh")


def test_a_digest_is_shown_alone_with_its_mail_and_what_a_small_card_leaves_out_is_counted(site, visit):
    page = visit("/templates/gallery?kind=digest&speaks=zh")
    assert [node.text().split("：")[0] for node in page.html.css(".exhibit > h3")] == [
        "关卡摘要",
        "关卡今日待办",
        "关卡今日待办",
    ]
    *_, long = page.html.css(".exhibit .wecom .said")
    assert "件没有列在这里" in long.text()
    frames = [frame.attributes["src"] for frame in page.html.css("iframe")]
    assert "推广方案审批" in site.browser.get(frames[0]).text
    assert site.browser.get("/templates/digest.zh/mail/3").status_code == 404


def test_a_group_reads_neither_digits_nor_a_sign_off_button(visit):
    page = visit("/templates/gallery?readers=many&speaks=zh")
    read = "".join(node.text() for node in page.html.css(".exhibit:not([id^='digest'])"))
    assert "请在站内信箱中打开审批链接" in read
    assert "验证码" not in read
    assert "打开审批页" not in read
    assert "/s/" not in (page.html.body.html or "")


def test_a_mail_stands_in_a_frame_that_can_do_nothing_and_only_ours_may_hold_it(site, visit):
    page = visit("/templates/gallery?kind=approval_requested&channel=email")
    frames = page.html.css("iframe")
    assert [frame.attributes["sandbox"] for frame in frames] == [None] * len(
        samples_of(MessageKind.APPROVAL_REQUESTED)
    )
    answer = site.browser.get(frames[0].attributes["src"])
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"
    assert "陈静，您好" in answer.text
    assert site.browser.get("/templates").headers["x-frame-options"] == "DENY"


def test_a_wording_is_tried_kept_sent_and_taken_back(site, visit):
    words = {"subject": "[Launch] {{ approval }}", "body": "{{ requester }} asks you."}
    tried = visit(ENGLISH).form(ENGLISH, **words, act="try")
    assert tried.status_code == 200
    assert "Liu Fang asks you." in tried.text
    assert site.store.wordings.all() == []
    frame = re.search(r'iframe src="([^"]+draft=[^"]+)"', tried.text)
    assert frame is not None
    assert "Liu Fang asks you." in site.browser.get(frame[1].replace("&amp;", "&")).text
    assert visit(ENGLISH).form(ENGLISH, **words, act="save").status_code == 303
    site.asked()
    (letter, *_) = [m for m in site.store.mailbox.page() if m.kind == "approval_requested"]
    message = site.wiring.mailbox_text(letter.owed)
    assert message.subject.startswith("[Launch] ")
    assert "Please do not forward" in message.text
    assert visit(ENGLISH).form(ENGLISH, act="reset").status_code == 303
    assert not site.wiring.mailbox_text(letter.owed).subject.startswith("[Launch] ")
    page = visit(f"{ENGLISH}?version=1")
    assert "[Launch] {{ approval }}" in page.html.css_first("#subject").text()
    assert [one.changed_by for one in site.store.wordings.history("approval_requested", "en")] == [
        "ann",
        "ann",
    ]


def test_mistakes_keep_what_was_typed_and_save_nothing(site, visit):
    answer = visit(ADDRESS).form(ADDRESS, subject="{{ nix }}", body="<b>{{ case.x }}", act="save")
    assert answer.status_code == 422
    assert "标题第 1 行第 4 列：没有名称 nix" in answer.text
    assert "正文第 1 行第 11 列" in answer.text
    assert "&lt;b&gt;{{ case.x }}" in answer.text
    assert site.store.wordings.all() == []


def test_a_message_of_no_case_is_worded_like_any_other_and_says_what_is_added_to_it(site, visit):
    page = visit("/templates/stand_in_arranged.zh?lang=zh")
    assert "这种消息不属于任何案例" in page.text
    assert "{{ stand_in }}" in page.html.css_first("#names").text()
    assert len(page.html.css(".exhibit")) == len(samples_of(NoticeKind.STAND_IN_ARRANGED)) == 2
    address = "/templates/stand_in_arranged.zh"
    assert page.form(address, subject="{{ case }}", body="x", act="save").status_code == 422
    assert page.form(address, subject="代理：{{ principal }}", body="x", act="save").status_code == 303
    assert "代理：陈静" in visit("/templates/gallery?kind=stand_in_arranged&speaks=zh").text


def test_a_double_click_saves_once(site, visit):
    page = visit(ADDRESS)
    answers = [page.form(ADDRESS, subject="一", body="一", act="save") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [303, 303]
    assert len(site.store.wordings.history("approval_requested", "zh")) == 1


def test_of_two_who_edit_the_second_is_told_and_keeps_what_was_typed(site, visit):
    first, second = visit(ADDRESS), visit(ADDRESS)
    assert first.form(ADDRESS, subject="一", body="一", act="save").status_code == 303
    answer = second.form(ADDRESS, subject="二", body="二二二", act="save")
    assert answer.status_code == 409
    assert "刚被他人改动" in answer.text
    assert "二二二" in answer.text
    assert len(site.store.wordings.history("approval_requested", "zh")) == 1


@pytest.mark.parametrize(
    "path",
    ["/templates/nix.zh", "/templates/approval_requested.fr", f"{ADDRESS}/mail/99", "/templates/%2e%2e"],
)
def test_what_is_not_there_is_a_page_that_says_so(visit, path):
    assert visit(path).status == 404


def test_a_draft_that_is_none_of_ours_shows_the_shipped_words(site):
    for draft in ("x", "A" * 9_000, "eJwrSS0uAQAEXQHB"):
        assert "陈静，您好" in site.browser.get(f"{ADDRESS}/mail/0", params={"draft": draft}).text


def test_a_wording_that_no_longer_fits_is_shown_where_people_look(site, visit):
    """As after an upgrade that took a name away."""
    from engine.ids import PersonId
    from engine.store.wordings import WordingVersion

    for language in ("zh", "en"):
        version = WordingVersion(
            kind="approval_requested",
            language=language,
            number=1,
            subject="{{ name_that_has_gone }}",
            body="x",
            changed_by=PersonId("ann"),
            changed_at=site.clock.now(),
        )
        site.store.wordings.add(version)
    site.asked()
    asked = MessageKind.APPROVAL_REQUESTED
    said = "The company’s own wording does not fit; ours is sent."
    assert said in visit("/mailbox?lang=en").text
    assert visit("/templates/gallery?kind=approval_requested&lang=en").text.count(said) == len(
        samples_of(asked)
    )
    assert visit("/templates?lang=en").text.count("own, but it does not fit") == 2
    page = visit(f"{ADDRESS}?lang=en").text
    assert "there is no name name_that_has_gone" in page
