"""What happens next: what a yes and a no to an approval lead to, in words. The page says the same."""

from typing import assert_never

from engine.case.state import Approval
from engine.definition.approval_model import ApprovalSpec, Mode, OnReject
from engine.definition.compiled import Definition
from engine.definition.model import TransitionSpec
from engine.text import Text


def after_yes(definition: Definition, transition: TransitionSpec, spec: ApprovalSpec, now: Approval) -> Text:
    first = _own_yes(spec, now)
    goal = transition.to or transition.exit
    if goal is None:
        return first
    title = definition.title_of(goal)
    return Text(
        f"{first.zh}本次申请的审批全部通过后，案例进入“{title.zh}”。",
        f"{first.en} Once every approval of this request is granted, the case moves on to “{title.en}”.",
    )


def _own_yes(spec: ApprovalSpec, now: Approval) -> Text:
    match spec.mode:
        case Mode.ANY:
            return Text("您同意，本项审批即通过。", "Your approval alone is enough here.")
        case Mode.ALL:
            return Text("本项审批须所有审批人同意。", "Every approver has to agree.")
        case Mode.SEQUENCE:
            return Text("您同意后，轮到下一位审批人。", "After you, the next approver is asked.")
        case Mode.VOTES:
            return Text(
                f"按票数计算，满 {now.threshold} 票通过。",
                f"Votes are counted; it takes {now.threshold} to pass.",
            )
        case _:
            assert_never(spec.mode)


def after_no(spec: ApprovalSpec, requester: str) -> Text:
    match spec.on_reject:
        case OnReject.STOP:
            return Text(
                "若驳回，本次申请即结束，之后可重新提交。",
                "If you reject, this request ends; it can be made again later.",
            )
        case OnReject.WAIT_ALL:
            return Text(
                "若驳回，等其他审批人答复后才有结果。",
                "If you reject, the other approvers still answer before the outcome is settled.",
            )
        case OnReject.RETURN:
            return Text(
                f"若驳回，将退回 {requester} 修改。",
                f"If you reject, it goes back to {requester} for rework.",
            )
        case _:
            assert_never(spec.on_reject)
