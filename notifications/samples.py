"""A sample of every kind of message, from the invented case acted out to where each of them is owed."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Final

from engine.case import commands as cmd
from engine.case import signer_commands as sc
from engine.case.absence import StandIn
from engine.case.state import Verdict
from engine.case.time_commands import WaitOutside
from engine.groups import What
from engine.ids import ApprovalId, PersonId, RequestId
from engine.outbox import MessageKind, NoticeKind, OwedMessage, notices_of_period
from engine.text import Text
from notifications.sample_message import Sample
from notifications.sample_play import ID, LONG_WEEKEND, MONDAY, VALUES, Moment
from notifications.wording_names import KINDS, Kind

TITLE: Final = "秋冬新品社交媒体推广"


@cache
def samples() -> tuple[Sample, ...]:
    """In the order of the kinds; some kinds have several."""
    found = [*_of_approvals(), *_of_endings(), *_of_work(), *_of_case(), *_of_group(), *_of_stand_ins()]
    return tuple(sorted(found, key=lambda sample: KINDS.index(sample.kind)))


def samples_of(kind: Kind) -> tuple[Sample, ...]:
    return tuple(sample for sample in samples() if sample.kind is kind)


@cache
def _asked() -> Moment:
    start = cmd.StartCase(case_id=ID, sop="sample_campaign", title=TITLE, values=VALUES)
    done = cmd.CompleteTask(case_id=ID, task="write_proposal")
    wish = cmd.RequestTransition(
        case_id=ID, transition="start_campaign", reason="客户已确认档期，首批短视频须在周三前排期。"
    )
    return Moment().act("liufang", start, done).after(hours=1).act("liufang", wish).after(minutes=20)


def _approval(moment: Moment) -> ApprovalId:
    return ApprovalId(next(iter(moment.known.approvals)))


def _of(moment: Moment, kind: MessageKind, to: str = "", *, zh: str = "", en: str = "") -> Sample:
    return Sample(kind=kind, note=Text(zh, en), moment=moment, owed=moment.told(kind, to))


def _of_approvals() -> list[Sample]:
    asked = _asked()
    name = _approval(asked)
    more = cmd.SetFields(case_id=ID, values={"budget": "520000 CNY", "discount": "15"})
    again = asked.after(hours=2).act("liufang", more)
    nudged = asked.after(hours=5).act("liufang", sc.NudgeApproval(case_id=ID, approval=name))
    late = asked.after(days=3).act("", cmd.Sweep(case_id=ID))
    contract = cmd.RequestTransition(case_id=ID, transition="sign_partner", reason="合作方已确认条款。")
    alone = Moment(now=asked.now, case=asked.case, events=asked.events)
    withdrawn = cmd.WithdrawRequest(case_id=ID, request=RequestId(next(iter(asked.known.requests))))
    unfilled = alone.act("liufang", withdrawn, contract)
    return [
        _of(asked, MessageKind.APPROVAL_REQUESTED, zh="初次", en="first round"),
        _of(again, MessageKind.APPROVAL_REQUESTED, zh="内容有变动", en="content has changed"),
        _long(again),
        _of(nudged, MessageKind.APPROVAL_REMINDER),
        _of(late, MessageKind.APPROVAL_ESCALATED, "zhaolei"),
        _of(unfilled, MessageKind.APPROVAL_UNFILLED),
        *_of_news(asked, name),
    ]


def _long(moment: Moment) -> Sample:
    """Words at the length at which they are cut."""
    case = moment.known
    words = "客户资料、历次沟通与上季度复盘见附件，请重点核对让利与排期。" * 20
    requests = {name: replace(request, reason=words) for name, request in case.requests.items()}
    values = {**case.values, "audience": words, "content": words, "emergency_plan": words, "place": words}
    stretched = replace(
        case, title=TITLE + "（华东、华南、华北三区联动，含直播专场与会员日）" * 3, values=values
    )
    long = replace(moment, case=replace(stretched, requests=requests))
    told = _of(long, MessageKind.APPROVAL_REQUESTED, zh="标题与内容都很长", en="long title and values")
    return replace(told, extreme=True)


def _of_news(asked: Moment, name: ApprovalId) -> list[Sample]:
    kind = MessageKind.APPROVAL_NEWS
    heping = PersonId("heping")
    copied = asked.act("liufang", sc.CopyApproval(case_id=ID, approval=name, persons=(heping,)))
    lent = asked.act(
        "chenjing",
        sc.DelegateAsk(case_id=ID, approval=name, to=heping, reason="请核对单客成本与上季度数据。"),
    )
    wondered = asked.act(
        "chenjing", sc.AskForMaterial(case_id=ID, approval=name, text="请补充达人报价与去年同期效果。")
    )
    given = wondered.after(hours=1).act(
        "liufang", sc.GiveMaterial(case_id=ID, approval=name, text="报价单已附，去年同期新客 1800 单。")
    )
    sent_back = asked.act(
        "chenjing", sc.ReturnRequest(case_id=ID, approval=name, comment="让利超过底线，请改为 10% 以内。")
    )
    return [
        _of(copied, kind, "heping", zh="抄送", en="copied"),
        _of(lent, kind, "heping", zh="委派先看", en="asked to look first"),
        _of(wondered, kind, zh="要求补充材料", en="material asked for"),
        _of(given, kind, zh="材料已补充", en="material given"),
        _of(sent_back, kind, zh="退回", en="sent back"),
        *(_altered(copied, what, note) for what, note in _OTHER_NEWS.items()),
    ]


_OTHER_NEWS: Final = {
    "granted": Text("通过", "granted"),
    "refused": Text("未通过", "refused"),
    "released": Text("不再需要处理", "no longer asked"),
    "taken_back": Text("拿回决定", "answer taken back"),
}


def _altered(moment: Moment, what: str, note: Text) -> Sample:
    """The same message of another occasion: only what has happened differs."""
    kind = MessageKind.APPROVAL_NEWS
    told = moment.told(kind)
    owed = OwedMessage(
        key=told.key,
        kind=kind,
        to=told.to,
        case_id=told.case_id,
        sequence=told.sequence,
        data={**told.data, "what": what},
    )
    return Sample(kind=kind, note=note, moment=moment, owed=owed)


def _decided(verdict: Verdict, comment: str) -> Moment:
    asked = _asked().after(hours=3)
    answer = cmd.RecordDecision(case_id=ID, approval=_approval(asked), verdict=verdict, comment=comment)
    return asked.act("chenjing", answer)


def _fired(moment: Moment) -> Moment:
    requests = list(moment.known.requests)
    return moment.act("", cmd.FireTransition(case_id=ID, request=RequestId(requests[-1])))


@cache
def _running() -> Moment:
    return _fired(_decided(Verdict.APPROVE, "同意，注意控制让利。").after(minutes=1))


def _of_endings() -> list[Sample]:
    granted = _decided(Verdict.APPROVE, "同意。")
    missing = cmd.SetFields(case_id=ID, values={"materials_ready": False})
    blocked = _fired(granted.act("liufang", missing))
    refused = _decided(Verdict.REJECT, "预算超出季度额度，请压缩信息流投放后再报。")
    dropped = MessageKind.TRANSITION_DROPPED
    return [
        _of(_running(), MessageKind.TRANSITION_FIRED),
        _of(refused, dropped, zh="未通过审批", en="refused"),
        _of(blocked, dropped, zh="条件已不满足", en="no longer allowed"),
    ]


def _of_work() -> list[Sample]:
    running = _running()
    done = cmd.CompleteTask(case_id=ID, task="weekly_figures")
    again = running.after(days=1).act("sunyue", done).after(days=8).act("", cmd.Sweep(case_id=ID))
    late: dict[int, Moment] = {}
    moment = running
    for days in range(1, 16):
        moment = moment.after(days=1).act("", cmd.Sweep(case_id=ID))
        late[days] = moment
    free = replace(running, calendar=LONG_WEEKEND).after(hours=1)
    waits = WaitOutside(case_id=ID, stage="execution", waits_for="星河传媒", reason="等达人档期确认。")
    goes_on = running.after(hours=1).act("sunyue", waits).after(days=7).act("", cmd.Sweep(case_id=ID))
    return [
        _of(goes_on, MessageKind.CLOCK_GOES_ON),
        _of(free.act("", cmd.RecountDeadlines(case_id=ID)), MessageKind.DEADLINE_MOVED),
        _of(running, MessageKind.STAGE_ENTERED),
        _of(again, MessageKind.TASK_DUE),
        *(_of(_first(late, kind), kind) for kind in _DEADLINES),
    ]


_DEADLINES: Final = (
    MessageKind.DEADLINE_REMINDER,
    MessageKind.DEADLINE_OVERDUE,
    MessageKind.DEADLINE_ESCALATED,
)


def _first(moments: dict[int, Moment], kind: MessageKind) -> Moment:
    return next(m for m in moments.values() if any(owed.kind is kind for owed in m.owed))


def _of_case() -> list[Sample]:
    running = _running()
    hold = cmd.HoldCase(case_id=ID, reason="合作方要求推迟一周，等待新的排期。", resume_on=date(2026, 12, 7))
    held = running.after(hours=2).act("chenjing", hold)
    resumed = held.after(days=5).act("chenjing", cmd.ResumeCase(case_id=ID))
    roles = cmd.AssignRoles(case_id=ID, roles={"promotion": (PersonId("sunyue"),)})
    over = sc.HandOverWork(
        case_id=ID, person=PersonId("sunyue"), to=PersonId("heping"), reason="孙悦调往华南区。"
    )
    closing = cmd.RequestTransition(case_id=ID, transition="cancel", reason="新品延期上市。")
    return [
        _of(running.after(hours=1).act("sunyue", roles, over), MessageKind.WORK_HANDED_OVER),
        _of(held, MessageKind.CASE_HELD),
        _of(resumed, MessageKind.CASE_RESUMED),
        _of(_fired(_asked().act("chenjing", closing)), MessageKind.CASE_CLOSED),
    ]


_AWAY: Final = StandIn(
    principal=PersonId("chenjing"),
    stand_in=PersonId("zhaolei"),
    begins=MONDAY.replace(hour=16) + timedelta(days=7),  # midnight in Shanghai
    ends=MONDAY.replace(hour=16) + timedelta(days=12),
)


def _of_stand_ins() -> list[Sample]:
    begun, some = _AWAY.begins + timedelta(days=2), replace(_AWAY, sops=frozenset({"sample_campaign"}))
    arranged, ended = NoticeKind.STAND_IN_ARRANGED, NoticeKind.STAND_IN_ENDED
    return [
        _of_period(arranged, _AWAY, ("chenjing", "zhaolei"), zh="致代理人", en="to who stands in"),
        _of_period(arranged, some, ("heping", "chenjing"), zh="他人安排，致本人", en="arranged by another"),
        _of_period(ended, _AWAY, ("zhaolei", "chenjing"), at=begun, zh="提前结束", en="ended early"),
        _of_period(ended, some, ("chenjing", "zhaolei"), zh="取消", en="called off"),
    ]


def _of_period(
    kind: NoticeKind, rule: StandIn, by_to: tuple[str, str], *, at: datetime = MONDAY, zh: str, en: str
) -> Sample:
    by, to = by_to
    owed = next(one for one in notices_of_period(kind, "P7K2", rule, by=PersonId(by)) if one.to == to)
    return Sample(kind=kind, note=Text(zh, en), moment=Moment(now=at), owed=owed, rule=rule)


def _of_group() -> list[Sample]:
    """What a group chat is told of the same events as the persons."""
    told = [owed for owed in _running().owed if owed.kind is MessageKind.GROUP_NEWS]
    return [
        Sample(
            kind=MessageKind.GROUP_NEWS,
            note=note,
            moment=_running(),
            owed=next(owed for owed in told if owed.data["what"] == what),
        )
        for what, note in _GROUP_NEWS.items()
    ]


_GROUP_NEWS: Final = {
    What.STAGE_ENTERED: Text("群：进入阶段", "a group: stage entered"),
    What.GRANTED: Text("群：审批通过", "a group: granted"),
}
