"""What the messages say: an approval in full, every other kind in its main sentences, all of them with
bad data.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from engine.case import commands as cmd
from engine.definition.durations import parse_duration
from engine.groups import What
from engine.ids import ApprovalId, CaseId, PersonId
from engine.outbox import MessageKind, OwedMessage
from engine.text import Language
from notifications.composing import Composer
from notifications.keys import Keys
from notifications.messages import Message
from notifications.routing import Contact
from tests.factories import MONDAY, a_desk, a_sop, an_approval
from tests.unit.notifications.office import Office, a_composer, a_contact, an_office, asking, keys_in

EVIL = "<script>alert(1)</script>\r\nBcc: all@x.cn\u202e{{ 7*7 }}"
TWO_DAYS = {"within": "2 wd", "on_timeout": {"remind": True}}


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return keys_in(tmp_path_factory.mktemp("keys"))


def told(office: Office, keys: Keys, kind: MessageKind, to: str | None = None, **settings: Any) -> Message:
    message = a_composer(office, keys, **settings).mailbox_text(office.owed(kind, to))
    assert message is not None
    return message


def in_english(office: Office, person: str) -> Office:
    office.contacts[person] = a_contact(person, language="en")
    return office


def test_an_approver_reads_what_is_asked_by_whom_until_when_with_one_link_and_the_code(keys: Keys) -> None:
    message = told(asking(an_office(review=TWO_DAYS)), keys, MessageKind.APPROVAL_REQUESTED)
    link, code = message.secrets
    assert message.subject == "请审批：主管同意｜新品上线"
    assert message.text.split("\n") == [
        "华敏，您好：",
        "",
        "裴文 为案例“新品上线”提请“上线”，请您审批“主管同意”。",
        "",
        "申请说明：客户已确认档期",
        "",
        "截止时间：2026年11月25日 周三 18:00（还有 2 天 9 小时）",
        "",
        "审批内容：",
        "- 预算：120,000.00 元",
        "- 简报：新品发布会",
        "",
        "接下来：您同意，本项审批即通过。本次申请的审批全部通过后，案例进入“上线”。若驳回，本次申请即结束，之后可重新提交。",
        "",
        "审批链接：",
        link,
        f"验证码：{code}",
        "提交时请输入这四位数字。请勿转发本消息。",
        "",
        "案例：新品上线 (c1)",
        "本消息由关卡自动发出。",
    ]
    assert link.startswith("https://gate.example/s/")


def test_after_a_change_the_approver_reads_what_it_was_and_what_it_is(keys: Keys) -> None:
    office = in_english(asking(an_office(review=TWO_DAYS)), "hua")
    office.desk.set(budget={"amount": "150000", "currency": "CNY"})
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED)
    assert message.subject == "Please approve: Head agrees | 新品上线"
    assert "You are asked for the 2nd time." in message.text
    assert "- Budget: 120,000.00 CNY → 150,000.00 CNY" in message.text
    office.desk.set(brief=None)
    assert "- Brief: 新品发布会 → not given" in told(office, keys, MessageKind.APPROVAL_REQUESTED).text


def test_plain_text_and_html_say_the_same(keys: Keys) -> None:
    office = asking(an_office(review=TWO_DAYS))
    office.desk.set(budget={"amount": "150000", "currency": "CNY"})
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED)
    page = LexborHTMLParser(message.html)
    words = "".join(page.body.text().split()) if page.body else ""
    for line in message.text.split("\n"):
        assert "".join(line.removeprefix("- ").removesuffix("：").split()) in words
    assert [a.attributes["href"] for a in page.css("a")] == [message.secrets[0]]


@pytest.mark.parametrize(("assurance", "secrets"), [("link", 1), ("code", 2), ("login", 1)])
def test_only_at_assurance_code_do_digits_stand_in_the_message(
    keys: Keys, assurance: str, secrets: int
) -> None:
    message = told(asking(an_office(review={"assurance": assurance})), keys, MessageKind.APPROVAL_REQUESTED)
    assert len(message.secrets) == secrets
    assert ("验证码" in message.text) is (secrets == 2)


def test_where_others_read_along_neither_link_nor_code_is_written(keys: Keys) -> None:
    office = asking(an_office())
    owed = office.owed(MessageKind.APPROVAL_REQUESTED)
    draft = a_composer(office, keys).draft(owed)
    assert draft is not None
    message = draft.write(personal=False)
    assert message.secrets == ()
    assert "https://gate.example" not in message.text + message.html
    assert "请在站内信箱中打开审批链接。" in message.text
    assert "请在站内信箱中打开审批链接。" in message.html


def test_what_is_decided_is_still_told_in_the_mailbox_but_without_a_link(keys: Keys) -> None:
    office = asking(an_office())
    office.desk.sign("hua")
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED)
    assert message.secrets == ()
    assert "此事目前不需要您操作。" in message.text
    office.desk.run()
    assert "案例“新品上线”的审批“主管同意”。" in told(office, keys, MessageKind.APPROVAL_REQUESTED).text


def test_a_held_request_keeps_its_link_for_when_the_case_goes_on(keys: Keys) -> None:
    office = asking(an_office())
    office.desk.do(cmd.HoldCase(case_id=CaseId("c1"), reason="等客户"))
    assert len(told(office, keys, MessageKind.APPROVAL_REQUESTED).secrets) == 2


def test_the_page_of_the_case_is_linked_where_the_operator_says_it_can_be_opened(keys: Keys) -> None:
    message = told(asking(an_office()), keys, MessageKind.APPROVAL_REQUESTED, case_path="/cases/{id}")
    assert "\nhttps://gate.example/cases/c1\n" in message.text
    assert 'href="https://gate.example/cases/c1"' in message.html


def test_files_are_told_by_name_and_version(keys: Keys) -> None:
    sop = a_sop()
    sop["stages"][1]["deliverables"] = [{"id": "plan", "zh": "方案", "en": "Plan"}]
    sop["transitions"][1]["approvals"] = [an_approval(shows=["plan", "brief"])]
    office = asking(Office(a_desk(sop)))
    for name in ("a.pdf", "b.pdf"):
        attach = cmd.AttachDeliverable(
            case_id=CaseId("c1"),
            deliverable="plan",
            name=name,
            hash=name[0] * 64,
            size=1,
            media_type="application/pdf",
        )
        assert office.desk.do(attach).refusal is None
    text = told(office, keys, MessageKind.APPROVAL_REQUESTED).text
    assert "- 方案：b.pdf（第 2 版）" in text
    assert "- 方案：a.pdf（第 1 版） → b.pdf（第 2 版）" in text
    case = office.desk.case()
    kept = {"plan": (case.attachments["plan"][-1],)}
    office.desk.store.cases[case.id] = replace(case, attachments=kept)
    assert "- 方案：先前的文件 → b.pdf（第 2 版）" in told(office, keys, MessageKind.APPROVAL_REQUESTED).text


def test_persons_in_fields_are_called_by_name_and_long_lists_of_values_are_cut(keys: Keys) -> None:
    sop = a_sop()
    sop["fields"] |= {f"f{n}": {"type": "text"} for n in range(15)} | {
        "lead": {"type": "person", "zh": "负责人"}
    }
    names = ["lead", *(f"f{n}" for n in range(15))]
    sop["transitions"][1]["approvals"] = [an_approval(shows=names)]
    office = Office(a_desk(sop))
    asking(office)
    office.desk.set(lead="bo")
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED)
    assert "- 负责人：柏总" in message.text
    assert message.text.count("\n- ") == 12 + 1  # and the one change
    assert "其余内容见审批页。" in message.text
    assert "其余内容见审批页。" in message.html


def test_the_owner_of_the_sop_is_told_which_role_nobody_holds_and_how_to_mend_it(keys: Keys) -> None:
    office = an_office()
    office.desk.store.people["head"] = ()
    message = told(asking(office), keys, MessageKind.APPROVAL_UNFILLED)
    assert message.subject == "无人可审批：主管同意｜新品上线"
    assert "角色“主管”没有人担任，或只有申请人本人担任。" in message.text
    assert "可为全公司、为流程“上线”，或只为此案例指定" in message.text


def test_a_refused_request_comes_back_with_reason_and_comment(keys: Keys) -> None:
    office = asking(an_office())
    office.desk.sign("hua", "reject", comment="预算\n过高")
    message = told(office, keys, MessageKind.TRANSITION_DROPPED, "pei")
    assert message.subject == "上线 未通过｜新品上线"
    assert "审批“主管同意”未通过" in message.text
    assert "意见：预算 过高" in message.text


def test_an_agreed_request_says_where_the_case_stands_now(keys: Keys) -> None:
    office = asking(an_office())
    office.desk.sign("hua")
    office.desk.run()
    message = told(office, keys, MessageKind.TRANSITION_FIRED, "pei")
    assert (message.subject, "案例现处于：上线。" in message.text) == ("已通过：上线｜新品上线", True)


def test_who_owns_a_stage_reads_what_is_to_do_there_and_until_when(keys: Keys) -> None:
    sop = a_sop()
    sop["stages"][1]["tasks"] = [{"id": f"t{n}", "zh": f"任务{n}"} for n in range(10)]
    office = Office(a_desk(sop, review_time="3 wd"))
    office.desk.start(brief="x")
    office.desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="write_brief"))
    office.desk.advance("submit")
    office.desk.run()
    message = told(office, keys, MessageKind.STAGE_ENTERED)
    assert message.subject == "进入阶段“评审”｜新品上线"
    assert "待办：任务0、任务1、任务2、任务3、任务4、任务5、任务6、任务7，另有 2 项。" in message.text
    assert "截止时间：2026年11月26日 周四 18:00（还有 3 天 9 小时）" in message.text


def test_reminder_overdue_and_escalation_say_when_how_late_and_whose_it_is(keys: Keys) -> None:
    office = asking(an_office())
    clock, desk = office.desk.clock, office.desk
    clock.set(MONDAY + timedelta(days=2, hours=9))
    desk.sweep()
    reminder = told(office, keys, MessageKind.DEADLINE_REMINDER)
    assert reminder.subject == "即将到期：评审｜新品上线"
    assert "截止时间：2026年11月26日 周四 18:00（还有 1 天）" in reminder.text
    clock.set(MONDAY + timedelta(days=3, hours=10))
    desk.sweep()
    overdue = told(office, keys, MessageKind.DEADLINE_OVERDUE)
    assert "案例“新品上线”的“评审”已逾期 1 小时，请尽快完成。" in overdue.text
    clock.set(MONDAY + timedelta(days=4, hours=9))
    desk.sweep()
    escalated = told(office, keys, MessageKind.DEADLINE_ESCALATED)
    assert escalated.subject == "逾期上报（第 1 级）：评审｜新品上线"
    assert "负责人：策划 裴文。" in escalated.text
    assert "已逾期 1 天" in escalated.text


def test_an_approval_that_is_late_is_reminded_of_with_its_link(keys: Keys) -> None:
    office = asking(an_office(review=TWO_DAYS))
    office.desk.clock.advance(timedelta(days=2, hours=9))
    office.desk.sweep()
    office.desk.clock.advance(timedelta(hours=15))
    late = told(office, keys, MessageKind.DEADLINE_OVERDUE, "hua")
    assert "“主管同意”已逾期 15 小时，请尽快审批。" in late.text
    assert len(late.secrets) == 2
    reminder = told(office, keys, MessageKind.APPROVAL_REMINDER, "hua")
    assert reminder.subject == "提醒：主管同意 等您审批｜新品上线"
    assert reminder.secrets == late.secrets


def test_after_downtime_whoever_is_late_with_an_approval_gets_one_message_and_not_two(keys: Keys) -> None:
    office = asking(an_office(review=TWO_DAYS))
    office.desk.clock.advance(timedelta(days=30))
    office.desk.sweep()
    owed = [o for o in office.desk.store.owed if isinstance(o, OwedMessage) and o.data.get("catch_up")]
    kinds = [o.kind for o in owed if o.to == "hua"]
    assert kinds == [MessageKind.APPROVAL_REMINDER]
    reminder = told(office, keys, MessageKind.APPROVAL_REMINDER, "hua")
    assert len(reminder.secrets) == 2
    late = "本消息晚于应发的时刻：当时系统没有运行，或期限定在了过去，现予补发。"
    assert [late in form for form in (reminder.text, reminder.html, str(reminder.blocks))] == [True] * 3
    office.contacts["hua"] = a_contact("hua", language="en")
    assert (
        "This comes later than it was due:" in told(office, keys, MessageKind.APPROVAL_REMINDER, "hua").text
    )


def test_what_comes_in_time_says_nothing_of_being_late(keys: Keys) -> None:
    office = asking(an_office(review=TWO_DAYS))
    office.desk.clock.advance(timedelta(days=2, hours=9))
    office.desk.sweep()
    office.desk.clock.advance(timedelta(hours=15))
    assert "晚于应发" not in told(office, keys, MessageKind.DEADLINE_OVERDUE, "hua").text


def test_an_escalated_approval_asks_the_added_and_tells_the_others_who_is_waited_for(keys: Keys) -> None:
    escalate = {"within": "2 wd", "on_timeout": {"escalate": "boss"}}
    office = asking(an_office(review=escalate))
    office.desk.clock.advance(timedelta(days=3))
    office.desk.sweep()
    assert "按流程规定，现请您审批。" in told(office, keys, MessageKind.APPROVAL_ESCALATED, "bo").text
    office = asking(an_office(review={**escalate, "mode": "all"}))
    office.desk.clock.advance(timedelta(days=3))
    office.desk.sweep()
    text = told(office, keys, MessageKind.APPROVAL_ESCALATED, "bo").text
    assert "目前等待：华敏。请您督促处理。" in text


def test_hold_resume_and_close_are_told_with_who_and_why(keys: Keys) -> None:
    office = asking(an_office())
    desk = office.desk
    held = cmd.HoldCase(case_id=CaseId("c1"), reason="等客户", resume_on=date(2026, 12, 1))
    desk.do(held, by="bo")
    text = told(office, keys, MessageKind.CASE_HELD).text
    assert "柏总 已暂停案例“新品上线”" in text
    assert "原因：等客户" in text
    assert "预定恢复日期：2026-12-01。" in text
    desk.do(cmd.ResumeCase(case_id=CaseId("c1")), by="bo")
    assert "柏总 已恢复案例“新品上线”" in told(office, keys, MessageKind.CASE_RESUMED).text
    desk.advance("cancel", reason="不做了", by="bo")
    desk.run()
    assert told(office, keys, MessageKind.CASE_CLOSED).subject == "已结束（取消）：新品上线"


def test_what_the_rules_did_is_never_told_as_a_persons_act(keys: Keys) -> None:
    office = asking(an_office())
    hold = cmd.HoldCase(case_id=CaseId("c1"), reason="等客户", resume_on=date(2026, 11, 24))
    office.desk.do(hold, by="bo")
    office.desk.clock.advance(timedelta(days=2))
    office.desk.sweep()
    assert "系统按规则 已恢复案例“新品上线”" in told(office, keys, MessageKind.CASE_RESUMED).text


# Every kind, in both languages, with names that try to break out, and with what it speaks of gone.

DATA: dict[str, Any] = {
    "approval": "a99",
    "deadline": "",
    "level": 2,
    "transition": "go_live",
    "why": "blocked",
    "stage": "review",
    "task": "write_brief",
    "missed": True,
    "outcome": "done",
    "person": "pei",
}


def an_evil_office(language: Language) -> Office:
    sop = a_sop()
    sop["zh"] = sop["en"] = EVIL
    for thing in (*sop["stages"], *sop["transitions"], *sop["roles"].values(), *sop["fields"].values()):
        thing["zh"] = thing["en"] = EVIL
    sop["transitions"][1]["approvals"] = [an_approval(zh=EVIL, en=EVIL, **TWO_DAYS)]
    office = Office(a_desk(sop, review_time="3 wd"))
    office.contacts = {
        p: Contact(person=PersonId(p), name=EVIL, language=language) for p in ("pei", "hua", "bo", "ou")
    }
    desk = office.desk
    start = cmd.StartCase(case_id=CaseId("c1"), sop="launch", title=EVIL, values={"brief": EVIL})
    desk.service.handle(start, actor=_pei())
    case = desk.case() if "c1" in desk.store.cases else desk.start(brief="x")
    desk.store.cases[case.id] = replace(case, title=EVIL, values={"brief": EVIL})
    desk.do(cmd.CompleteTask(case_id=CaseId("c1"), task="write_brief"))
    desk.advance("submit")
    desk.run()
    desk.advance("go_live", reason=EVIL.replace("\u202e", ""))
    return office


def _pei() -> Any:
    from tests.factories import person

    return person("pei")


def variants(office: Office, kind: MessageKind) -> Iterator[OwedMessage]:
    """The kind about what stands, and about what has gone."""
    approval = next(iter(office.desk.case().approvals), ApprovalId("a99"))
    about = [
        "stage:2",
        "stage:77",
        "milestone:signed/1",
        f"approval:{approval}",
        "approval:a98",
        "cycle:main",
        "",
    ]
    for deadline in about:
        for named in ("", approval, "a98"):
            for sequence in (*range(1, office.desk.case().version + 1), 999):
                data = {**DATA, "deadline": deadline, "approval": named, **_of_group(kind, sequence)}
                key = f"c1/{sequence}/{kind}/hua"
                yield OwedMessage(
                    key=key, kind=kind, to=PersonId("hua"), case_id=CaseId("c1"), sequence=sequence, data=data
                )


def _of_group(kind: MessageKind, sequence: int) -> dict[str, Any]:
    """One thing that happened after the other."""
    whats = list(What)
    told = {"what": whats[sequence % len(whats)].value, "persons": ["pei", "hua"]}
    return told if kind is MessageKind.GROUP_NEWS else {}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", MessageKind)
def test_every_kind_is_told_whole_and_nothing_breaks_out_of_it(
    keys: Keys, kind: MessageKind, language: Language
) -> None:
    office = an_evil_office(language)
    composer: Composer = a_composer(office, keys, case_path="/cases/{id}")
    for owed in variants(office, kind):
        message = composer.mailbox_text(owed)
        assert message is not None
        assert message.subject
        assert len(message.subject) <= 120
        assert not set("\r\n\u202e") & set(message.subject)
        assert "<script" not in message.html
        assert "\nBcc" not in message.text
        assert "\u202e" not in message.text + message.html
        assert "49" not in message.subject


def test_a_message_about_an_unknown_case_or_to_an_unknown_person_cannot_be_told(keys: Keys) -> None:
    office = asking(an_office())
    composer = a_composer(office, keys)
    owed = office.owed(MessageKind.APPROVAL_REQUESTED)
    assert composer.mailbox_text(replace(owed, case_id=CaseId("c9"))) is None
    assert composer.mailbox_text(replace(owed, to=PersonId("xia"))) is None


def test_a_person_no_longer_known_is_called_by_id(keys: Keys) -> None:
    office = asking(an_office())
    case = office.desk.case()
    (request,) = case.requests.values()
    requests = {request.id: replace(request, by=PersonId("p77"))}
    office.desk.store.cases[case.id] = replace(case, requests=requests)
    assert told(office, keys, MessageKind.APPROVAL_REQUESTED).text.split("\n")[2].startswith("p77 为案例")


def test_a_milestone_of_a_list_is_called_by_its_own_name(keys: Keys) -> None:
    from engine.case.listed import Milestone
    from engine.case.state import Deadline, DeadlineKind

    office = asking(an_office())
    case = office.desk.case()
    due = Deadline(
        id="milestone:signed/1",
        kind=DeadlineKind.MILESTONE,
        subject="signed/1",
        due_at=MONDAY,
        unit=parse_duration("1 d").unit,
        provisional=True,
    )
    milestones = {"signed/1": Milestone(id="signed/1", name="首批交付")}
    office.desk.store.cases[case.id] = replace(case, deadlines={due.id: due}, milestones=milestones)
    owed = OwedMessage(
        key="k",
        kind=MessageKind.DEADLINE_OVERDUE,
        to=PersonId("hua"),
        case_id=case.id,
        sequence=1,
        data={"deadline": due.id},
    )
    message = a_composer(office, keys).mailbox_text(owed)
    assert message is not None
    assert message.subject == "已逾期：signed 首批交付｜新品上线"
    assert "（已逾期 1 分钟），预计" in message.text


def with_a_plan(rows: int) -> Office:
    """What is signed holds a person and a list of records, each with a person of its own."""
    sop = a_sop()
    columns = {
        "what": {"type": "text", "zh": "事项", "en": "What"},
        "who": {"type": "person", "zh": "成员", "en": "Who"},
    }
    plan = {"type": "list", "zh": "计划", "en": "Plan", "of": {"type": "record", "fields": columns}}
    sop["fields"] |= {"lead": {"type": "person", "zh": "负责人", "en": "Lead"}, "plan": plan}
    sop["transitions"][1]["approvals"] = [an_approval(shows=["lead", "plan"])]
    office = asking(Office(a_desk(sop, review_time="3 wd")))
    listed = [{"what": f"第{n}步", "who": "ou"} for n in range(1, rows)]
    office.desk.set(lead="pei", plan=[*listed, {"what": "收尾"}])
    return office


def test_records_to_sign_are_shown_row_by_row_with_persons_by_name(keys: Keys) -> None:
    message = told(with_a_plan(2), keys, MessageKind.APPROVAL_REQUESTED)
    start = message.text.index("审批内容：")
    assert message.text[start : message.text.index("\n\n", start)].split("\n") == [
        "审批内容：",
        "- 负责人：裴文",
        "- 计划：2 条",
        "  事项 | 成员",
        "  第1步 | 欧阳",
        "  收尾 | —",
    ]
    cells = [cell.text() for cell in LexborHTMLParser(message.html).css("th, td")]
    assert cells == ["事项", "成员", "第1步", "欧阳", "收尾", "—"]


def test_of_many_records_the_first_five_are_shown_and_the_rest_counted(keys: Keys) -> None:
    office = in_english(with_a_plan(8), "hua")
    message = told(office, keys, MessageKind.APPROVAL_REQUESTED)
    assert "  第5步 | 欧阳\n  …and 3 more\n" in message.text
    assert "第6步" not in message.text + message.html
    assert "…and 3 more" in message.html
