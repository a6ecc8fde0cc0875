"""Pages say things as people say them: by name, in one language, without words of the machinery."""

from datetime import UTC, datetime, timedelta

import pytest

from engine.case import commands as cmd
from engine.case.state import RULE
from engine.ids import CaseId, PersonId
from engine.outbox import MessageKind
from runtime.public_holidays import chinese_notices
from tests.web_site import one

CREW = """
sop: crew
zh: 小组
en: Crew
roles: {lead: {zh: 组长, en: Lead}}
fields:
  members: {type: list, of: person, zh: 组员, en: Members}
  skills: {type: list, zh: 技能, en: Skills, of: {type: enum, values: {draw_it: {zh: 画图, en: Drawing}}}}
  price: {type: money, zh: 报价, en: Price}
exits: {done: {zh: 完成, en: Done, success: true}}
stages:
  - {id: form, zh: 组队, en: Form it, owner: lead, requires: [members, skills, price],
     pausable: {}, deadline: {within: 3 wd}}
transitions: [{id: go, zh: 出发, en: Go, from: form, exit: done}]
"""
CASE = CaseId("crew-1")


@pytest.fixture
def crew(site):
    site.store.definitions.publish(CREW, "crew.yaml", by=PersonId("ann"), now=site.clock.now())
    site.start(CASE, "小组一", sop="crew")
    return site


def ticked(page, name):
    return [box.attributes["value"] for box in page.html.css(f"[name='f.{name}'][checked]")]


def test_lists_of_people_and_choices_are_ticked_by_name(crew, visit):
    crew.act(cmd.SetFields(case_id=CASE, values={"members": ["bob"]}))
    page = visit(f"/cases/{CASE}")
    assert ticked(page, "members") == ["bob"]
    said = one(page.html, "#fields").text()
    assert "伊芙" in said
    assert "画图" in said
    page.form(f"/cases/{CASE}/fields", **{"f.members": ["eve", "ann"], "f.skills": ["draw_it"]})
    assert crew.case(CASE).values == {"members": ["eve", "ann"], "skills": ["draw_it"]}
    page.form(f"/cases/{CASE}/fields", **{"f.members": [], "f.skills": []})
    assert crew.case(CASE).values == {}


def test_whoever_left_stays_ticked_until_taken_out(crew, visit):
    from dataclasses import replace

    crew.act(cmd.SetFields(case_id=CASE, values={"members": ["eve"]}))
    crew.store.people.put(replace(crew.store.people.get("eve"), active=False))
    page = visit(f"/cases/{CASE}")
    assert ticked(page, "members") == ["eve"]
    assert "伊芙" in one(page.html, "#fields").text()


@pytest.mark.parametrize(("language", "unit"), [("zh", "元"), ("en", "CNY")])
def test_money_is_asked_for_with_its_currency(crew, visit, language, unit):
    page = visit(f"/cases/{CASE}?lang={language}")
    assert one(page.html, "[name='f.price'] + span").text() == unit


def test_the_head_of_a_case_says_whom_it_waits_for(crew, visit):
    from engine.case.time_commands import WaitOutside

    assert visit(f"/cases/{CASE}").html.css_first(".case-head .banner") is None
    crew.act(WaitOutside(case_id=CASE, stage="form", waits_for="印厂", reason="等样"))
    assert "等印厂" in one(visit(f"/cases/{CASE}").html, ".case-head .banner").text()


def test_history_says_which_deadline_and_that_it_is_estimated(crew, visit):
    crew.clock.advance(datetime(chinese_notices().last.year, 12, 30, 2, tzinfo=UTC) - crew.clock.now())
    crew.start("crew-2", "小组二", sop="crew")
    said = one(visit("/cases/crew-2").html, "#history").text()
    assert "“组队”的时限定为" in said
    assert "（预计）" in said
    assert "预计" not in one(visit(f"/cases/{CASE}").html, "#history").text()


def test_a_late_approval_is_listed_under_who_is_asked(site, visit):
    case = site.asked()
    site.clock.advance(timedelta(days=9))
    site.service.handle(cmd.Sweep(case_id=case), actor=RULE)
    groups = {h.text().split()[0]: h.parent.text() for h in visit("/overdue?lang=en").html.css("h2")}
    assert "Lead's approval" in groups["Bob"]


def test_less_than_a_working_day_late_is_not_told_in_working_days(site, visit):
    case = site.asked()
    approval = next(d for d in site.case(case).deadlines.values() if d.kind == "approval")
    site.clock.advance(approval.due_at - site.clock.now() + timedelta(minutes=5))
    said = one(visit("/overdue").html, "main").text()
    assert "5 分钟" in said
    assert "个工作日" not in said


def test_operations_name_each_job(site, visit):
    assert "到期扫描" in one(visit("/operations").html, "main").text()


def test_messages_name_their_case(site, visit):
    site.asked()
    mail = next(m for m in site.store.mailbox.page() if m.kind == MessageKind.APPROVAL_REQUESTED)
    links = [a.text() for a in visit("/messages").html.css(f'.messages a[href="/cases/{mail.case_id}"]')]
    assert set(links) == {"春季海报"}


@pytest.mark.parametrize(
    ("path", "title"), [("/cases/none", "没有找到此页 · 关卡"), ("/s/abc.def", "链接无效 · 关卡")]
)
def test_pages_of_refusal_have_a_title(site, visit, path, title):
    assert one(visit(f"{path}?lang=zh").html, "title").text() == title


@pytest.mark.parametrize(
    ("zone", "said"), [("Asia/Shanghai", "UTC+8"), ("America/St_Johns", "UTC-3:30"), ("Etc/UTC", "UTC+0")]
)
def test_every_page_says_in_which_zone_its_times_are(site, visit, zone, said):
    from dataclasses import replace

    site.store.people.put(replace(site.store.people.get("ann"), zone=zone))
    foot = one(visit("/work").html, "footer").text()
    assert zone in foot
    assert f"（{said}）" in foot


def test_the_sign_off_page_says_it_too(site, visit):
    site.asked()
    path, _ = site.letter()
    assert "Asia/Shanghai (UTC+8)" in one(visit(path).html, "footer").text()


def test_a_refusal_names_people_and_answers_as_people_do(site, visit):
    site.asked()
    fields = {"transfer.person": "Bob Lee", "transfer.reason": "外出"}
    approval = next(iter(site.case("poster-1").approvals))
    page = visit("/cases/poster-1?lang=zh", client=site.another(person="bob"))
    answer = page.form(f"/cases/poster-1/approvals/{approval}/acts", act="transfer", **fields)
    assert "Bob Lee 已在此审批中" in answer.text


def test_half_a_period_is_refused_as_that(site, visit):
    site.start()
    page = visit("/cases/poster-1")
    answer = page.form("/cases/poster-1/fields", name="run", **{"f.run.start": "2026-03-05", "f.run.end": ""})
    assert "投放期：请写起止日期" in answer.text


def test_a_wish_that_cannot_be_meant_is_named_as_on_the_form(site, visit):
    answer = visit("/preferences").form("/preferences", digest_at="25")
    assert "钟点（按本人时区）：要写 0 到 23 的整点" in answer.text
