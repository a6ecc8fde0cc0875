"""What became of messages, on the pages and through the API; and how people want to be told."""

from dataclasses import replace
from datetime import timedelta

import pytest

from engine.delivering import Delivery, Manner, Preferences, TargetState
from engine.ids import PersonId
from engine.outbox import MessageGroup
from engine.ports import Outcome
from engine.store.people import Person
from notifications.shown import channel_names
from runtime.absences import owners
from tests.web_site import defaults

BAD_SIGN = Delivery(
    target="dingtalk:1",
    channel="dingtalk",
    address="",
    place=1,
    state=TargetState.REJECTED,
    attempts=1,
    code="310000",
    detail="签名错误",
)
API, OWNER = {"X-Guanka-Person": "ann"}, {"X-Guanka-Person": "eve"}


def failed(site, *rows, state="rejected", retry_at=None):
    """Everything owed so far ends, or waits, like this; the numbers of the messages."""
    now = site.clock.now()
    claimed = site.store.queues.claim_messages(limit=50, holder="t", lease_seconds=60)
    last = (rows or (BAD_SIGN,))[-1]
    outcome = Outcome(
        state=state, channel=last.channel, code=last.code, detail=last.detail, retry_at=retry_at
    )
    for row in claimed:
        site.store.deliveries.record(row, rows or (BAD_SIGN,), outcome, now=now)
    return [row.id for row in claimed]


@pytest.fixture
def asked(site):
    site.asked()
    return site


def test_a_case_tells_what_became_of_its_messages_with_the_providers_reason(asked, visit):
    number = failed(asked)[-1]
    asked.browser.cookies.set("guanka_person", "eve")
    page = visit("/cases/poster-1")
    text = page.html.css_first("#messages").text()
    assert "失败" in text
    assert "签名错误 310000" in text
    answer = page.form(f"/messages/{number}/again")
    assert answer.headers["location"] == "/cases/poster-1?said=replayed#messages"
    assert asked.store.mailbox.get(number).state.value == "retry"


def test_page_and_api_tell_how_a_message_stands_by_its_targets_and_name_the_channel(asked, visit):
    ann = replace(asked.store.people.get(PersonId("bob")), channels={"组里": "dingtalk://t0ken/"})
    asked.store.people.put(ann)
    (target,) = channel_names(ann.channels)
    begun = replace(BAD_SIGN, target=target, state=TargetState.UNKNOWN, code="under_way", detail="")
    failed(asked, begun, state="retry", retry_at=asked.clock.now())
    (shown, *_) = asked.browser.get("/api/v1/messages?person=bob", headers=API).json()
    assert (shown["state"], shown["fate"], shown["targets"][0]["name"]) == ("retry", "unknown", "组里")
    line = visit("/messages?person=bob").html.css_first(".messages li").text()
    assert "待重试" not in line
    assert "组里" in line
    assert "已开始发送，还没有结果" in line
    assert "under_way" not in line


def test_page_and_api_say_what_only_lay_in_the_mailbox(asked, visit):
    for row in asked.store.queues.claim_messages(limit=50, holder="t", lease_seconds=60):
        only = Outcome(state="sent", channel="mailbox")
        asked.store.deliveries.record(row, (), only, now=asked.clock.now())
    (shown, *_) = asked.browser.get("/api/v1/messages", headers=API).json()
    assert (shown["state"], shown["fate"]) == ("sent", "mailbox")
    for page in ("/messages", "/mailbox"):
        assert "仅站内信箱" in visit(page).text


def test_operators_filter_messages_by_state_reader_case_and_day(asked, visit):
    numbers = failed(asked)
    (bobs,) = [n for n in numbers if asked.store.mailbox.get(n).kind == "approval_requested"]
    assert f"#{bobs}" in visit("/messages?state=rejected&person=bob&case=poster-1&since=2026-03-02").text
    for other in ("state=sent", "person=eve", "case=other", "since=2026-03-03"):
        assert f"#{bobs}" not in visit(f"/messages?{other}").text
    assert visit("/messages?since=yesterday&state=odd").status == 200


def test_a_message_that_waits_can_be_stopped_and_one_that_was_sent_cannot(asked, visit):
    number = failed(asked, state="retry", retry_at=asked.clock.now())[0]
    page = visit("/messages")
    assert page.form(f"/messages/{number}/cancel").headers["location"] == "/messages?said=message_stopped"
    assert asked.store.mailbox.get(number).state.value == "cancelled"
    assert asked.store.deliveries.again(number, by=None, now=asked.clock.now())
    done = failed(asked, replace(BAD_SIGN, state=TargetState.SENT), state="sent")
    assert number in done
    assert f"/messages/{number}/again" not in visit("/messages").text


def test_where_no_channel_takes_anything_every_page_says_so_and_the_mailbox_has_it_all(asked, visit):
    silent = replace(
        BAD_SIGN,
        state=TargetState.RETRY,
        attempts=2,
        code="unreachable",
        first_at=asked.clock.now(),
        last_at=asked.clock.now(),
    )
    assert "没有任何渠道收下消息" not in visit("/").text
    numbers = failed(asked, silent, state="retry", retry_at=asked.clock.now() + timedelta(hours=1))
    assert len(numbers) >= 2
    assert "没有任何渠道收下消息" in visit("/").text
    link = visit("/mailbox").html.css_first("a[href*='/s/']")
    assert link is not None
    sent = replace(silent, state=TargetState.SENT, target="email:1")
    asked.clock.advance(timedelta(hours=1))
    failed(asked, replace(sent, last_at=asked.clock.now()), state="sent")
    assert "没有任何渠道收下消息" not in visit("/").text


def test_somebody_chooses_how_to_be_told_and_nonsense_comes_back(site, visit):
    page = visit("/preferences")
    chosen = {"news": "off", "deadlines": "digest", "digest_at": "9, 16", "per_hour": "2", "quiet": "1"}
    assert page.form("/preferences", **chosen).headers["location"] == "/preferences?said=saved"
    kept = site.store.preferences.of(PersonId("ann"))
    assert kept.manners == {MessageGroup.NEWS: Manner.OFF, MessageGroup.DEADLINES: Manner.DIGEST}
    assert (kept.digest_hours, kept.per_hour, kept.quiet) == ((9, 16), 2, True)
    answer = page.form("/preferences", digest_at="half past nine")
    assert answer.status_code == 422
    assert "0 到 23 的整点" in answer.text
    assert "half past nine" in answer.text
    assert site.store.preferences.of(PersonId("ann")) == kept


def test_the_page_offers_the_persons_own_channels_in_their_order(site, visit):
    channels = {"robot": "dingtalk://t0ken/", "mine": "jsons://hooks.example/x"}
    site.store.people.put(Person(id=PersonId("ann"), name="安娜", email="ann@x.cn", channels=channels))
    site.store.preferences.put(PersonId("ann"), Preferences(channels=("email", "dingtalk")))
    page = visit("/preferences")
    shown = [n.css_first("option[selected]").text() for n in page.html.css("select[name=channel]")]
    assert shown == ["email", "dingtalk", "webhook"]
    assert "t0ken" not in page.text


def test_the_api_lists_shows_sends_again_and_stops(asked):
    number = failed(asked)[-1]
    api = asked.browser
    (found,) = [
        m
        for m in api.get("/api/v1/messages?state=rejected&case=poster-1", headers=API).json()
        if m["id"] == number
    ]
    assert (found["code"], found["targets"][0]["channel"]) == ("310000", "dingtalk")
    assert api.get(f"/api/v1/messages/{number}", headers=API).json() == found
    again, stop = (f"/api/v1/messages/{number}/{act}" for act in ("again", "cancel"))
    assert api.post(again, headers=OWNER).json() == {"id": number, "changed": True}
    assert api.post(stop, headers=OWNER).json()["changed"] is True
    assert api.post(stop, headers=OWNER).json() == {"id": number, "changed": False}
    assert api.get("/api/v1/messages/99999", headers=API).status_code == 404


def test_who_stopped_a_message_or_sent_it_again_is_named_on_the_pages_and_in_the_api(asked, visit):
    bobs = next(n for n in failed(asked) if asked.store.mailbox.get(n).to_person == "bob")
    at = asked.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    assert asked.browser.get(f"/api/v1/messages/{bobs}", headers=OWNER).json()["by_hand"] is None
    asked.browser.post(f"/api/v1/messages/{bobs}/again", headers=OWNER)
    told = asked.browser.get(f"/api/v1/messages/{bobs}", headers=OWNER).json()["by_hand"]
    assert told == {"act": "again", "by": "eve", "at": at}
    for path in ("/messages", "/cases/poster-1", "/mailbox"):
        assert "伊芙于 03-02 09:00 重新发送" in visit(path).text
    assert asked.store.deliveries.cancel(bobs, by=None, now=asked.clock.now())
    assert "运维于 03-02 09:00 取消发送" in visit("/messages").text
    page = visit("/mailbox?lang=en").text
    assert "stopped by the operator, " in page
    assert "Not sent: what it was about is over" not in page


@pytest.mark.parametrize("act", ["again", "cancel"])
def test_nobody_stops_or_sends_again_what_others_are_told(asked, act):
    number = next(n for n in failed(asked) if asked.store.mailbox.get(n).to_person == "bob")
    before = asked.store.mailbox.get(number)
    path = f"/api/v1/messages/{number}/{act}"
    refused = asked.browser.post(path, headers=API)
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "only whoever message" in refused.json()["title"]
    assert "流程负责人" in refused.json()["title_zh"]
    outside = asked.browser.post(path, headers={"X-Guanka-Person": "zed"})
    assert (outside.status_code, outside.json()["code"]) == (403, "external_person")
    assert asked.store.mailbox.get(number) == before
    own = asked.browser.post(path, headers={"X-Guanka-Person": "bob"})
    assert own.json()["changed"] is (act == "again")


def test_the_pages_show_the_buttons_to_who_may_press_them_only(asked, visit):
    number = next(n for n in failed(asked) if asked.store.mailbox.get(n).to_person == "bob")
    form, paths = f"/messages/{number}/again", ("/messages", "/cases/poster-1", "/mailbox", "/operations")
    shown = {}
    for person in ("ann", "bob", "eve"):
        browser = asked.another(person=person)
        shown[person] = [f'action="{form}"' in visit(path, client=browser).html.html for path in paths]
    assert shown == {"ann": [False] * 4, "bob": [True] * 4, "eve": [True] * 4}


@pytest.mark.parametrize("act", ["again", "cancel"])
def test_a_button_that_is_pressed_all_the_same_is_refused_in_one_sentence(asked, visit, act):
    number = next(n for n in failed(asked) if asked.store.mailbox.get(n).to_person == "bob")
    before, browser = asked.store.mailbox.get(number), asked.another(person="eve")
    token = defaults(visit("/messages", client=browser).html.css_first(f"form[action$='/{number}/again']"))
    browser.cookies.set("guanka_person", "ann")
    answer = browser.post(f"/messages/{number}/{act}", data=token)
    assert answer.status_code == 403
    assert f"消息 {number} 只能由收件人或其案例的流程负责人取消或重发" in answer.text
    assert browser.post(f"/messages/99999/{act}", data=token).status_code == 404
    assert asked.store.mailbox.get(number) == before


def test_the_api_changes_only_the_preferences_that_are_given(site):
    api, path, own = site.browser, "/api/v1/people/bob/preferences", {"X-Guanka-Person": "bob"}
    site.store.people.put(Person(id=PersonId("bob"), name="鲍勃", email="bob@x.cn"))
    body = {"news": "off", "digest_at": [], "channels": ["email"]}
    assert api.patch(path, json=body, headers=own).json()["digest_at"] == []
    after = api.patch(path, json={"per_hour": 3}, headers=own).json()
    assert (after["news"], after["per_hour"], after["channels"]) == ("off", 3, ["email"])
    assert api.get(path, headers=API).json() == after
    refused = api.patch(path, json={"channels": ["nope"]}, headers=own)
    assert (refused.status_code, refused.json()["title"]) == (
        422,
        "channels: this person has no channel nope; there are: email",
    )
    assert api.get("/api/v1/people/nobody/preferences", headers=API).status_code == 404


@pytest.mark.parametrize(("said", "kept"), [("hourly", []), ("9,16", [9, 16]), ([16, 9], [9, 16]), (9, [9])])
def test_the_api_takes_hours_as_a_person_would_write_them(site, said, kept):
    path, own = "/api/v1/people/ann/preferences", {"X-Guanka-Person": "ann"}
    assert site.browser.patch(path, json={"digest_at": said}, headers=own).json()["digest_at"] == kept


@pytest.mark.parametrize("name", ["quiet", "morning", "everywhere"])
def test_yes_and_no_are_true_and_false_and_nothing_else(site, name):
    path = "/api/v1/people/ann/preferences"
    for said in ("no", "false", 0):
        refused = site.browser.patch(path, json={name: said}, headers=API)
        assert (refused.status_code, refused.json()["title_zh"]) == (
            422,
            f"请求不合规：body.{name}：应为 true 或 false",
        )
    assert site.browser.patch(path, json={name: False}, headers=API).json()[name] is False


def test_since_says_how_an_instant_is_written(site):
    refused = site.browser.get("/api/v1/messages?since=yesterday", headers=API)
    assert refused.status_code == 422
    assert "2026-03-31T02:00Z" in refused.json()["title_zh"]
    assert "write an instant such as 2026-03-31T02:00Z, or a day" in refused.json()["title"]
    for said in ("2026-03-31T02:00Z", "2026-03-31"):
        assert site.browser.get(f"/api/v1/messages?since={said}", headers=API).status_code == 200


@pytest.mark.parametrize("said", ["each hour", [24], [-1], 99])
def test_hours_that_are_none_are_refused_in_words_a_person_understands(site, said):
    path, own = "/api/v1/people/ann/preferences", {"X-Guanka-Person": "ann"}
    refused = site.browser.patch(path, json={"digest_at": said}, headers=own)
    assert (refused.status_code, "write hours from 0 to 23" in refused.json()["title"]) == (422, True)


def test_preferences_are_changed_by_the_person_and_by_the_owner_of_an_sop_only(site):
    path, body = "/api/v1/people/bob/preferences", {"news": "off"}
    owner, stranger = min(owners(site.store) - {"bob"}), PersonId("stranger")
    site.store.people.put(Person(id=stranger, name="伊芙"))
    refused = site.browser.patch(path, json=body, headers={"X-Guanka-Person": stranger})
    assert (refused.status_code, refused.json()["code"]) == (403, "forbidden")
    assert "only bob or the owner of an SOP" in refused.json()["title"]
    for by in ("bob", owner):
        assert site.browser.patch(path, json=body, headers={"X-Guanka-Person": by}).status_code == 200
