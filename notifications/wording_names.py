"""The names a wording may use, by kind of message: what each is, and what it may be compared with.

A test holds this list against what notifications.telling hands over; docs/templates.md is made from it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from engine.outbox import MessageKind, NoticeKind
from engine.text import Text


class Form(StrEnum):
    """TEXT may be empty; FLAG, CHOICE and LIST stand in conditions only, a LIST in a loop as well."""

    TEXT = "text"
    NUMBER = "number"
    FLAG = "flag"
    CHOICE = "choice"
    LIST = "list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """`always`: never empty. `choices`: every value a CHOICE may have, with what it means."""

    means: Text
    form: Form = Form.TEXT
    always: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict[str, Text])


Names = Mapping[str, Name]


Kind = MessageKind | NoticeKind
KINDS: Final[tuple[Kind, ...]] = (*MessageKind, *NoticeKind)


def names_of(kind: Kind) -> Names:
    return _NAMES[kind]


def _text(zh: str, en: str, *, always: bool = False) -> Name:
    return Name(means=Text(zh, en), always=always)


def _flag(zh: str, en: str) -> Name:
    return Name(means=Text(zh, en), form=Form.FLAG)


def _number(zh: str, en: str) -> Name:
    return Name(means=Text(zh, en), form=Form.NUMBER, always=True)


_COMMON: Final[Names] = {
    "case": _text("案例的标题", "the case's title", always=True),
    "sop": _text("流程的名称", "the SOP's title", always=True),
    "actor": _text(
        "引起本消息的人；按规则发生的为“系统按规则”",
        "who brought this about; “the rules” where no person did",
    ),
    "stages": _text("案例现处的阶段", "the stages the case stands in"),
    "asked": _flag("读者是否需要审批", "whether the reader is asked to decide"),
}
_APPROVAL: Final[Names] = {
    **_COMMON,
    "approval": _text("审批的名称", "the approval's title", always=True),
    "requester": _text("申请人；审批已过去时为空", "who asks; empty when the approval is over"),
    "transition": _text("申请的流转，例如“上线”", "what is asked for, such as “Go live”"),
    "reason": _text("申请人写的说明", "the reason the requester gave"),
    "round": _number("第几轮审批；内容变动后加一", "the round; one more each time the content changed"),
    "changed": _flag("审批内容自上次以来是否有变动", "whether what is signed has changed since"),
    "instead_of": _text("读者代理的人；不是代理时为空", "whom the reader stands in for; else empty"),
    "looked": _text("受托先看的人", "who was asked to look first"),
    "opinion": _text("此人的意见", "the opinion this person gave"),
    "wonders": _text("要求补充材料的人", "who asked for material"),
    "question": _text("要求补充的内容，尚未答复", "what was asked for and not answered yet"),
    "waiting": _text("还在等谁", "who is waited for"),
    "unfilled": _text("无人担任的角色", "the roles nobody holds"),
    "gone": _text("已离开而仍被请审批的人", "who was asked and has left"),
}
_NEWS: Final[Mapping[str, Text]] = {
    "copied": Text("抄送", "copied for information"),
    "granted": Text("已通过", "granted"),
    "refused": Text("未通过", "refused"),
    "delegated": Text("委派先看", "asked to look first"),
    "released": Text("不再需要处理", "no longer asked"),
    "taken_back": Text("审批人拿回了决定", "an answer was taken back"),
    "material_asked": Text("要求补充材料", "material was asked for"),
    "material_given": Text("材料已补充", "material was given"),
    "returned": Text("申请被退回", "the request was sent back"),
}
_DROPPED: Final[Mapping[str, Text]] = {
    "withdrawn": Text("已撤回", "taken back"),
    "rejected": Text("未通过审批", "refused"),
    "returned": Text("被退回修改", "sent back"),
    "blocked": Text("执行前条件已不满足", "no longer allowed when it was carried out"),
    "closed": Text("案例已结束", "the case has ended"),
}
_DEADLINE: Final[Names] = {
    **_COMMON,
    "what": _text("到期的事项", "what is due", always=True),
    "late": _text("已逾期多久；未逾期为空", "how late it is; empty when it is not"),
    "owners": _text("负责的角色与人", "the role and the people it is up to"),
    "level": _number("上报的级数，从 1 起", "the level of escalation, from 1"),
}
_GROUP: Final[Mapping[str, Text]] = {
    "stage_entered": Text("进入了一个阶段", "a stage was entered"),
    "case_held": Text("案例已暂停", "the case is on hold"),
    "case_resumed": Text("案例已恢复", "the case was resumed"),
    "case_closed": Text("案例已结束", "the case has ended"),
    "overdue": Text("已逾期", "something is overdue"),
    "escalated": Text("逾期已上报", "it was escalated"),
    "unanswered": Text("审批超时已上报", "an approval was not answered in time"),
    "unfilled": Text("没有人可以审批", "nobody can sign"),
    "granted": Text("审批已通过", "granted"),
    "refused": Text("审批未通过", "refused"),
    "requested": Text("等待审批", "an approval waits"),
}
_MOVE: Final[Names] = {
    **_COMMON,
    "transition": _text("申请的流转", "what was asked for", always=True),
}
_TASKS: Final[Names] = {
    "tasks": _text("待办的任务，至多八项", "the tasks to do, eight at most"),
    "more_tasks": _number("另外还有几项", "how many more there are"),
}
_REASON: Final = _text("写明的原因", "the reason given")
_PERIOD: Final[Names] = {
    "actor": _text("安排或结束代理的人", "who arranged or ended it", always=True),
    "principal": _text("被代理的人", "who is stood in for", always=True),
    "stand_in": _text("代理人", "who stands in", always=True),
    "standing": _flag("读者是否就是代理人", "whether the reader is who stands in"),
    "own": _flag("是否由被代理的人自己安排", "whether who is away arranged it themselves"),
    "begins": _text("开始的时刻", "when it begins", always=True),
    "ends": _text("结束的时刻", "when it ends", always=True),
    "begun": _flag("是否已经开始", "whether it has begun"),
    "sops": _text("只适用的流程；全部适用时为空", "the SOPs it is for; empty for all"),
    "over": _flag("是否已经结束", "whether it is over"),
    "period": _text("代理的编号", "the id of the period", always=True),
}
_NAMES: Final[Mapping[Kind, Names]] = {
    NoticeKind.STAND_IN_ARRANGED: _PERIOD,
    NoticeKind.STAND_IN_ENDED: _PERIOD,
    MessageKind.APPROVAL_REQUESTED: _APPROVAL,
    MessageKind.APPROVAL_REMINDER: _APPROVAL,
    MessageKind.APPROVAL_ESCALATED: _APPROVAL,
    MessageKind.APPROVAL_UNFILLED: _APPROVAL,
    MessageKind.APPROVAL_NEWS: {
        **_APPROVAL,
        "what": Name(
            means=Text("发生了什么", "what has happened"), form=Form.CHOICE, always=True, choices=_NEWS
        ),
        "words": _text(
            "随之写下的话：问题、答复或原因", "what was written with it: a question, answer or reason"
        ),
        "asker": _text("委派的人", "who asks to look first"),
    },
    MessageKind.TRANSITION_FIRED: _MOVE,
    MessageKind.TRANSITION_DROPPED: {
        **_MOVE,
        "why": Name(means=Text("为何结束", "why it ended"), form=Form.CHOICE, always=True, choices=_DROPPED),
        "reasons": Name(means=Text("各条原因", "each of the reasons"), form=Form.LIST),
        "comment": _text("审批人的意见", "the approver's comment"),
    },
    MessageKind.STAGE_ENTERED: {
        **_COMMON,
        "stage": _text("进入的阶段", "the stage", always=True),
        **_TASKS,
    },
    MessageKind.CLOCK_GOES_ON: {
        **_COMMON,
        "stage": _text("等候的阶段", "the stage that waited", always=True),
        **_TASKS,
    },
    MessageKind.TASK_DUE: {
        **_COMMON,
        "task": _text("该做的任务", "the task", always=True),
        "missed": _flag("上一次是否没有完成", "whether the time before was missed"),
    },
    MessageKind.DEADLINE_REMINDER: _DEADLINE,
    MessageKind.DEADLINE_OVERDUE: _DEADLINE,
    MessageKind.DEADLINE_ESCALATED: _DEADLINE,
    MessageKind.DEADLINE_MOVED: {
        **_COMMON,
        "what": _text(
            "到期的事项；有几项时为“多项期限”",
            "what is due; “several deadlines” where it is more",
            always=True,
        ),
        "moved": Name(
            means=Text("各项期限由何时改到何时", "a sentence for each deadline that moved"), form=Form.LIST
        ),
    },
    MessageKind.WORK_HANDED_OVER: {
        **_COMMON,
        "leaver": _text("离职或调离的人", "who leaves", always=True),
        "roles": _text("接手的角色", "the roles that are handed over"),
        "reason": _REASON,
    },
    MessageKind.CASE_HELD: {
        **_COMMON,
        "reason": _REASON,
        "resume_on": _text("预定恢复的日期", "the day it is to be resumed"),
    },
    MessageKind.CASE_RESUMED: _COMMON,
    MessageKind.CASE_CLOSED: {
        **_COMMON,
        "outcome": _text("结果的名称", "the outcome's title", always=True),
    },
    MessageKind.GROUP_NEWS: {
        **_COMMON,
        "what": Name(
            means=Text("发生了什么", "what has happened"), form=Form.CHOICE, always=True, choices=_GROUP
        ),
        "item": _text(
            "阶段、到期事项、审批或结果的名称；暂停与恢复时为空",
            "the stage, deadline, approval or outcome; empty of a hold and its end",
        ),
        "people": _text("相关的人", "whom it concerns"),
        "late": _text("已逾期多久；未逾期为空", "how late it is; empty when it is not"),
    },
}
