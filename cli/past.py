"""The history of a case in words, and the whole of it as a document."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cli.lookup import Found, Names
from cli.report import Reporter
from cli.screen import plain
from engine.case import events as ev
from engine.case.events import ApprovalOpened, Recorded
from engine.case.naming import deadline_title
from engine.case.state import DeadlineKind
from engine.store.history import Entry
from engine.text import Text
from runtime.wiring import Parts

_WORDS: dict[str, Text] = {
    "case_started": Text("开始案例", "started the case"),
    "stage_entered": Text("进入阶段", "entered"),
    "stage_left": Text("离开阶段", "left"),
    "fields_set": Text("填写", "filled in"),
    "fields_locked": Text("锁定字段", "fields are fixed"),
    "task_completed": Text("完成任务", "did"),
    "task_reopened": Text("重开任务", "reopened"),
    "task_waived": Text("豁免任务", "waived"),
    "task_recurred": Text("任务再次到来", "is due again"),
    "deliverable_attached": Text("上传", "attached"),
    "transition_requested": Text("申请", "asked for"),
    "transition_ready": Text("审批齐备", "all agreed"),
    "transition_fired": Text("流转", "took"),
    "transition_dropped": Text("未成行", "dropped"),
    "approval_opened": Text("请审批", "approval asked"),
    "approval_asked": Text("轮到审批", "approval asked"),
    "approval_closed": Text("审批结束", "approval closed"),
    "approval_timed_out": Text("审批超时", "approval timed out"),
    "decision_recorded": Text("作出决定", "decided"),
    "ask_transferred": Text("转交", "handed over for good"),
    "signers_added": Text("加签", "added signers"),
    "signers_removed": Text("减签", "took a signer out"),
    "decision_taken_back": Text("拿回决定", "took the answer back"),
    "approval_nudged": Text("催办", "reminded"),
    "material_asked": Text("要求补充材料", "asked for material"),
    "material_given": Text("补充材料", "gave material"),
    "approval_copied": Text("抄送", "copied"),
    "approval_commented": Text("审批意见", "commented on the approval"),
    "ask_delegated": Text("委派", "delegated"),
    "ask_handed_back": Text("交回委派", "handed back"),
    "request_returned": Text("退回申请", "sent the request back"),
    "request_resubmitted": Text("重新提交", "put it forward again"),
    "ask_called_back": Text("收回委派", "called back"),
    "stand_ins_set": Text("代理变动", "stand-ins changed"),
    "signers_gone": Text("被请审批的人离开", "whoever was asked has left"),
    "work_handed_over": Text("离职转办", "a leaver's work handed over"),
    "link_reissued": Text("重发链接", "sent a new link"),
    "deadline_reminded": Text("到期提醒", "reminded"),
    "deadline_missed": Text("逾期", "OVERDUE"),
    "deadline_escalated": Text("上报", "escalated"),
    "deadlines_recounted": Text("日历更新，期限重算", "deadlines recounted after a calendar update"),
    "counter_bumped": Text("版本加一", "counted up"),
    "milestone_planned": Text("里程碑计划", "milestone planned"),
    "milestone_reached": Text("达成里程碑", "milestone reached"),
    "milestone_not_reached": Text("里程碑未达成（实际日期已取消）", "milestone not reached after all"),
    "milestone_dropped": Text("里程碑已从列表删除", "milestone left its list"),
    "answer_noted": Text("审批有结论", "an approval was decided"),
    "deadline_extended": Text("延期", "more time given"),
    "stage_waits": Text("等外部，停住时间", "waits for somebody outside"),
    "stage_goes_on": Text("继续计时", "the clock runs on"),
    "case_held": Text("暂停", "put on hold"),
    "case_resumed": Text("恢复", "resumed"),
    "case_closed": Text("结束", "ended"),
    "commented": Text("评论", "commented"),
    "roles_assigned": Text("指定角色", "assigned roles"),
    "child_opened": Text("发起子案例", "opened a child"),
    "child_closed": Text("子案例结束", "a child ended"),
}
_NAMED = ("stage", "task", "transition", "deliverable", "spec", "milestone", "outcome", "child", "counter")
_SAID = ("title", "text", "waits_for", "reason", "comment")
_ABOUT_PEOPLE = (
    "ask_transferred", "signers_added", "signers_removed", "approval_copied", "ask_delegated",
    "request_returned", "approval_timed_out",
)  # fmt: skip
_HOW = {
    "before": Text("（前）", "(before)"),
    "beside": Text("（并）", "(beside)"),
    "after": Text("（后）", "(after)"),
    "remind": Text("提醒", "reminded"),
    "escalate": Text("上报", "escalated"),
    "transfer": Text("转交", "handed on"),
    "approve": Text("按规则同意", "approved by rule"),
    "reject": Text("按规则驳回", "refused by rule"),
}
_STRAIGHT = Text("（之后直接回到退回的人）", "(then straight back)")
_VERDICTS = {"approve": Text("同意", "yes"), "reject": Text("驳回", "no")}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    """What ids of approvals and numbers of visits stand for."""

    specs: Mapping[str, str]
    stages: Mapping[str, str]


def past(parts: Parts, names: Names, found: Found) -> list[dict[str, Any]]:
    entries = parts.store.history.entries(found.case.id)
    opened = (e.recorded.event for e in entries if isinstance(e.recorded.event, ApprovalOpened))
    entered = (e.recorded.event.visit for e in entries if isinstance(e.recorded.event, ev.StageEntered))
    known = _Known(
        specs={str(event.approval.id): event.approval.spec for event in opened},
        stages={str(visit.number): visit.stage for visit in entered},
    )
    return [_entry(names, found, entry, known) for entry in entries]


def _entry(names: Names, found: Found, entry: Entry, known: _Known) -> dict[str, Any]:
    recorded = entry.recorded
    event = plain(recorded.event)
    return {
        "sequence": recorded.sequence,
        "at": recorded.at,
        "person": recorded.actor.person,
        "who": names.person(recorded.actor.person),
        "via": recorded.actor.via.value,
        "os_user": recorded.actor.os_user,
        "flow_run": entry.flow_run,
        "hash": entry.hash,
        "text": " ".join([_text(found, event, names, known), *_instead_of(names, recorded)]),
        "event": event,
    }


def _text(found: Found, event: dict[str, Any], names: Names, known: _Known) -> str:
    language, clock = names.language, _deadline(found, event, names, known)
    if event["kind"] in ("deadline_set", "deadline_closed"):
        return _clock(event, clock, names)
    word = _WORDS.get(event["kind"], Text(event["kind"], event["kind"].replace("_", " "))).in_(language)
    named = [known.specs.get(str(event.get("approval")), ""), *_subjects(event)]
    about = [clock, *(found.title(name, language) for name in named if name)]
    verdict = _VERDICTS.get(str(event.get("verdict")), Text("", "")).in_(language)
    said = [str(event[key]) for key in _SAID if event.get(key)]
    return " ".join(
        part for part in [word, *dict.fromkeys(about), verdict, _people(event, names), *said] if part
    )


def _people(event: dict[str, Any], names: Names) -> str:
    """Whom an act on an approval was about, and where a signer stands or how a request comes back."""
    if event["kind"] not in _ABOUT_PEOPLE:
        return ""
    persons = [event.get("to"), *(event.get("persons") or ())]
    told = names.persons(p for one in persons for p in (one if isinstance(one, list) else [one]) if p)
    how = [_HOW[key].in_(names.language) for key in (event.get("place"), event.get("action")) if key in _HOW]
    straight = [_STRAIGHT.in_(names.language)] if event.get("straight_back") else []
    return " ".join(part for part in [told, *how, *straight] if part)


def _instead_of(names: Names, recorded: Recorded) -> list[str]:
    """Whose answer it is, where somebody standing in gave it."""
    event = recorded.event
    if not isinstance(event, ev.DecisionRecorded) or event.person == recorded.actor.person:
        return []
    name = names.person(event.person)
    if event.carried_from is not None:
        told = Text(f"（{name} 已同意另一项审批）", f"({name} agreed to another approval)")
        return [told.in_(names.language)]
    return [Text(f"（代 {name}）", f"(for {name})").in_(names.language)]


def _subjects(event: dict[str, Any]) -> list[str]:
    """What the event is about, by id; a visit and an approval name it inside."""
    first = [_inner(event, "visit", "stage"), _inner(event, "approval", "spec")]
    named = [event.get(key) for key in _NAMED if isinstance(event.get(key), str)]
    fields = list(event.get("values") or {}) if event["kind"] == "fields_set" else []
    return [name for name in [*first, *named, *fields] if name]


def _inner(event: dict[str, Any], part: str, name: str) -> str:
    inner = event.get(part)
    return str(inner.get(name) or "") if isinstance(inner, dict) else ""


def _deadline(found: Found, event: dict[str, Any], names: Names, known: _Known) -> str:
    """What the deadline hangs on that the event is about; empty where it is about none."""
    name = _deadline_id(event)
    title = deadline_title(found.definition, name, stages=known.stages, specs=known.specs)
    return title.in_(names.language) if name else ""


def _deadline_id(event: dict[str, Any]) -> str:
    if isinstance(event.get("deadline"), str):
        return str(event["deadline"])
    kind, subject = _inner(event, "deadline", "kind"), _inner(event, "deadline", "subject")
    return f"{kind}:{subject}" if kind else ""


def _clock(event: dict[str, Any], subject: str, names: Names) -> str:
    """A deadline that begins or ends, in the words of the case page."""
    by_itself = _deadline_id(event).partition(":")[0] in (DeadlineKind.WAKE, DeadlineKind.RESUME)
    if event["kind"] == "deadline_closed":
        over = Text(f"“{subject}”的时限结束", f"deadline of “{subject}” over")
        done = Text("不再自动处理", "will not be looked at by itself any more")
        return (done if by_itself else over).in_(names.language)
    deadline = event["deadline"]
    instant = names.due(datetime.fromisoformat(deadline["due_at"]), provisional=deadline["provisional"])
    told = Text(f"“{subject}”的时限定为 {instant}", f"deadline of “{subject}” set: {instant}")
    looked = Text(f"届时自动处理：{instant}", f"will be looked at by itself: {instant}")
    return (looked if by_itself else told).in_(names.language)


def exported(parts: Parts, names: Names, found: Found) -> dict[str, Any]:
    """Everything kept about one case: its state, the SOP version's text, every event with its place in
    the chain.
    """
    return {
        "format": "guanka-case/1",
        "exported_at": parts.clock.now(),
        "report": Reporter(found=found, names=names, language=names.language).document(),
        "case": found.case,
        "definition": {
            "sop": found.case.sop,
            "hash": found.case.definition,
            "text": parts.store.definitions.text(found.case.definition),
        },
        "history": past(parts, names, found),
    }
