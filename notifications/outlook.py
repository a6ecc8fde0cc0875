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
        f"{first.zh}全部同意后，案例进入「{title.zh}」。",
        f"{first.en} When all is agreed, the case goes on to “{title.en}”.",
    )


def _own_yes(spec: ApprovalSpec, now: Approval) -> Text:
    match spec.mode:
        case Mode.ANY:
            return Text("您同意即可通过本项审批。", "Your yes is enough for this approval.")
        case Mode.ALL:
            return Text("需要所有被请示人同意。", "Everybody asked has to agree.")
        case Mode.SEQUENCE:
            return Text("您同意后，依次请下一位审批。", "After you the next one in turn is asked.")
        case Mode.VOTES:
            return Text(
                f"按票数计算，需要 {now.threshold} 票。", f"Votes are counted; {now.threshold} are needed."
            )
        case _:
            assert_never(spec.mode)


def after_no(spec: ApprovalSpec, requester: str) -> Text:
    match spec.on_reject:
        case OnReject.STOP:
            return Text(
                "若驳回，本次申请即结束，之后可重新提交。",
                "A no ends this request; it can be asked again later.",
            )
        case OnReject.WAIT_ALL:
            return Text("驳回将在所有人答复后一并计算。", "A no is counted when everybody has answered.")
        case OnReject.RETURN:
            return Text(
                f"若驳回，将退回 {requester} 修改。", f"A no sends it back to {requester} for rework."
            )
        case _:
            assert_never(spec.on_reject)
