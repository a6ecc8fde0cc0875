"""Approvals: who is asked about what, and what happens when nobody answers or somebody says no."""

from engine.definition.approval_model import ApprovalSpec, Assurance
from engine.definition.checks_names import once
from engine.definition.findings import hint, joined, quoted
from engine.definition.judge import Judge
from engine.definition.model import TransitionSpec
from engine.definition.tree import Step
from engine.text import Text


def check_approvals(judge: Judge) -> None:
    for place, transition in enumerate(judge.sop.transitions):
        path = ("transitions", place, "approvals")
        once(judge, (((*path, n, "id"), a.id) for n, a in enumerate(transition.approvals)))
        for number, approval in enumerate(transition.approvals):
            _others(judge, approval, (*path, number, "not_same_person_as"))
            _approval(judge, approval, (*path, number))
            _returns(judge, transition, approval, (*path, number, "returns"))


def _approval(judge: Judge, approval: ApprovalSpec, path: tuple[Step, ...]) -> None:
    for place, approver in enumerate(approval.by):
        judge.known(approver.role, "roles", (*path, "by", place, "role"))
    for place, role in enumerate(approval.cc):
        judge.known(role, "roles", (*path, "cc", place))
    if approval.when is not None:
        judge.reads(approval.when, judge.definition.guard, (*path, "when"))
    for place, name in enumerate(approval.shows or ()):
        _shown(judge, name, (*path, "shows", place))
    if approval.assurance is Assurance.LOGIN:
        judge.fault(
            (*path, "assurance"),
            Text(
                "login 要等有了账号才能用；请写 code 或 link",
                "login needs accounts, which do not exist yet; write code or link",
            ),
        )
    _in_time(judge, approval, path)
    _together(judge, approval, path)


def _together(judge: Judge, approval: ApprovalSpec, path: tuple[Step, ...]) -> None:
    """People outside have links only, and a link is about one approval."""
    roles = [judge.sop.roles.get(approver.role) for approver in approval.by]
    if approval.batch and all(role is not None and role.external for role in roles):
        judge.fault(
            (*path, "batch"),
            Text(
                "这里只请外部人员审批，他们用链接逐项作答；请删去 batch",
                "only people outside are asked here, by link, one at a time; take 'batch' out",
            ),
            key=True,
        )


def _others(judge: Judge, approval: ApprovalSpec, path: tuple[Step, ...]) -> None:
    names = [a.id for t in judge.sop.transitions for a in t.approvals if a.id != approval.id]
    for place, name in enumerate(approval.not_same_person_as):
        if name not in names:
            said = Text(f"没有别的审批叫 {quoted(name)}", f"there is no other approval {quoted(name)}")
            judge.fault((*path, place), joined(said, hint(name, names)))


def _shown(judge: Judge, name: str, path: tuple[Step, ...]) -> None:
    names = (*judge.declared["fields"], *judge.tree.broken.get("fields", ()), *judge.declared["deliverables"])
    if name not in names and not judge.tree.lost(name):
        said = Text(f"没有声明字段或交付物 {quoted(name)}", f"unknown field or deliverable {quoted(name)}")
        judge.fault(path, joined(said, hint(name, names)))


def _in_time(judge: Judge, approval: ApprovalSpec, path: tuple[Step, ...]) -> None:
    judge.duration(approval.within, (*path, "within"))
    for place, written in enumerate(approval.remind):
        judge.duration(written, (*path, "remind", place))
    if approval.remind and approval.within is None:
        judge.fault(
            (*path, "remind"),
            Text(
                "没有 within 就没有到期时间，无从提前提醒；请补上 within",
                "without 'within' nothing is due, so nothing can be reminded of; add 'within'",
            ),
            key=True,
        )
    if approval.on_timeout is not None:
        judge.known(approval.on_timeout.escalate, "roles", (*path, "on_timeout", "escalate"))
        judge.known(approval.on_timeout.transfer, "roles", (*path, "on_timeout", "transfer"))


def _returns(
    judge: Judge, transition: TransitionSpec, approval: ApprovalSpec, path: tuple[Step, ...]
) -> None:
    """The way back must be open wherever the request can have been made."""
    name = approval.returns
    if name is None or not judge.known(name, "transitions", path) or not judge.faultless:
        return
    back = judge.definition.sources(judge.definition.transitions[name])
    lacking = [
        next((stage for stage in stages if stage not in back.get(track, ())), None)
        for track, stages in judge.definition.sources(transition).items()
    ]
    if None not in lacking:  # from a join it is enough that one of its tracks can go back
        at = quoted(str(lacking[0]))
        judge.fault(
            path,
            Text(
                f"流转 {quoted(name)} 不从阶段 {at} 出发，无法从那里退回",
                f"transition {quoted(name)} does not start at stage {at}, so nothing returns from there",
            ),
        )
