"""decide(definition, case, command, facts) -> events or Refusal: the only door to the rules. No I/O, no
clock, no chance.
"""

from collections.abc import Callable
from typing import Any

from engine.case import (
    beside,
    children,
    clocks,
    filling,
    following,
    leaving,
    more_time,
    moves,
    once,
    recounting,
    returning,
    rules,
    signers,
    signing,
    stand_ins,
    waiting,
    work,
)
from engine.case import commands as cmd
from engine.case import events as ev
from engine.case import signer_commands as sc
from engine.case import time_commands as tc
from engine.case.blockers import closed, held
from engine.case.draft import Draft, Refused
from engine.case.facts import Facts
from engine.case.refusal import Blocker, Refusal, Why
from engine.case.state import RULE_PERSON, Case, CaseStatus, Via
from engine.definition.compiled import Definition


def decide(
    definition: Definition, case: Case | None, command: cmd.Command, facts: Facts
) -> tuple[ev.Recorded, ...] | Refusal:
    """The events the command makes (perhaps none: there was nothing to do), or why it is refused. Never
    half of it.
    """
    draft = Draft(definition=definition, facts=facts, case_id=command.case_id, before=case)
    try:
        admitted(draft, command)
        if case is not None:
            stand_ins.settle(draft)
        handler: Callable[[Draft, Any], None] = _HANDLERS[type(command)]
        handler(draft, command)
        signing.ask_again(draft)
        once.carry(draft)
        moves.settle(draft)
        once.carry(draft)
        following.follow(draft)
        stand_ins.settle(draft)
        filling.settle(draft)
        rules.keep(draft)
    except Refused as refused:
        return refused.refusal
    return tuple(draft.events)


def admitted(draft: Draft, command: cmd.Command) -> None:
    """Whether this person may send such a command to the case at all, as it stands. Raises Refused."""
    _known_actor(draft, command)
    if isinstance(command, cmd.StartCase):
        if draft.before is not None:
            raise Refused(Why.CONFLICT, Blocker(code="case_exists", subject=command.case_id))
        return
    status = draft.case.status
    if status is CaseStatus.CLOSED and not isinstance(command, _WHEN_CLOSED):
        raise Refused(Why.CONFLICT, closed(draft.definition, draft.case))
    if status is CaseStatus.HELD and not isinstance(command, _WHEN_HELD) and not _on_an_exit(draft, command):
        raise Refused(Why.BLOCKED, held(draft.case))


def _known_actor(draft: Draft, command: cmd.Command) -> None:
    person, facts = draft.facts.actor.person, draft.facts
    rule = person == RULE_PERSON
    by_rule = draft.facts.actor.via in (Via.RULE, Via.RUNNER)
    if rule != by_rule or (not rule and _only_by_rule(command)):
        raise Refused(Why.FORBIDDEN, Blocker(code="only_by_rule", subject=command.kind))
    if rule:
        return
    if facts.known is not None and person not in facts.known:
        raise Refused(Why.FORBIDDEN, Blocker(code="unknown_person", subject=person))
    if person in facts.external and not isinstance(command, _FOR_EXTERNAL):
        raise Refused(Why.FORBIDDEN, Blocker(code="external_person", subject=person))


def _only_by_rule(command: cmd.Command) -> bool:
    """A person would otherwise tell a case that its child has ended, or pass a case off as a child."""
    return isinstance(command, _BY_RULE) or (
        isinstance(command, cmd.StartCase) and command.parent is not None
    )


def _on_an_exit(draft: Draft, command: cmd.Command) -> bool:
    """On hold, giving up is still possible: asking for an exit, deciding on it, firing it."""
    if isinstance(command, _ON_APPROVAL):
        approval = draft.case.approvals.get(command.approval)
        request = draft.case.requests.get(approval.request) if approval else None
        return request is None or draft.definition.transitions[request.transition].exit is not None
    match command:
        case cmd.RequestTransition():
            transition = draft.definition.transitions.get(command.transition)
            return transition is None or transition.exit is not None
        case cmd.FireTransition() | cmd.WithdrawRequest() | sc.ResubmitRequest():
            request = draft.case.requests.get(command.request)
        case _:
            return False
    return request is None or draft.definition.transitions[request.transition].exit is not None


_WHEN_CLOSED = cmd.AddComment | cmd.RecordChildClosed | cmd.CloseByParent | cmd.Sweep | cmd.RecountDeadlines
_WHEN_HELD = (
    cmd.AddComment
    | cmd.ResumeCase
    | cmd.Sweep
    | cmd.RecountDeadlines
    | cmd.RecordChildClosed
    | cmd.CloseByParent
    | cmd.AssignRoles
    | sc.HandOverWork
)
_ON_APPROVAL = cmd.RecordDecision | cmd.ReissueLink | sc.SignerCommand
_FOR_EXTERNAL = (
    cmd.RecordDecision
    | cmd.ReissueLink
    | sc.TakeBackDecision
    | sc.AskForMaterial
    | sc.CommentApproval
    | sc.ReturnRequest
)
_BY_RULE = cmd.FireTransition | cmd.RecordChildClosed | cmd.CloseByParent | cmd.Sweep | cmd.RecountDeadlines

_HANDLERS: dict[type, Callable[..., None]] = {
    cmd.StartCase: work.start,
    cmd.SetFields: work.set_fields,
    cmd.CompleteTask: work.complete_task,
    cmd.ReopenTask: work.reopen_task,
    cmd.WaiveTask: work.waive_task,
    cmd.AttachDeliverable: work.attach,
    cmd.AddComment: work.comment,
    cmd.AssignRoles: work.assign_roles,
    cmd.HoldCase: clocks.hold,
    cmd.ResumeCase: clocks.resume,
    tc.WaitOutside: waiting.wait,
    tc.GoOn: waiting.go_on,
    tc.AskMoreTime: more_time.ask,
    cmd.PlanMilestone: clocks.plan_milestone,
    cmd.Sweep: clocks.sweep,
    cmd.RecountDeadlines: recounting.recount,
    cmd.RequestTransition: signing.request_transition,
    cmd.WithdrawRequest: signing.withdraw,
    cmd.RecordDecision: signing.record_decision,
    cmd.ReissueLink: signing.reissue_link,
    cmd.FireTransition: signing.fire_transition,
    sc.TransferAsk: signers.transfer,
    sc.AddSigners: signers.add,
    sc.RemoveSigner: signers.remove,
    sc.TakeBackDecision: signers.take_back,
    sc.DelegateAsk: signers.delegate,
    sc.HandBack: signers.hand_back,
    sc.CallBack: signers.call_back,
    sc.NudgeApproval: beside.nudge,
    sc.AskForMaterial: beside.ask_for_material,
    sc.GiveMaterial: beside.give_material,
    sc.CopyApproval: beside.copy,
    sc.CommentApproval: beside.comment,
    sc.ReturnRequest: returning.send_back,
    sc.ResubmitRequest: returning.resubmit,
    sc.HandOverWork: leaving.hand_over,
    cmd.OpenChild: children.open_child,
    cmd.RecordChildClosed: children.child_closed,
    cmd.CloseByParent: children.close_by_parent,
}
