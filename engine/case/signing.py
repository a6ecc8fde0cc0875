"""Requests and decisions: asking, answering, taking back, asking again when what was signed has changed."""

from engine.case import back, deadlines, milestones, moves, work
from engine.case import commands as cmd
from engine.case import events as ev
from engine.case.approvals import fallen, may_sign, needed, open_approval, outcome, own_ask, signed_elsewhere
from engine.case.awaiting import issue_of, waited_for
from engine.case.blockers import held_tracks
from engine.case.draft import Draft, Refused
from engine.case.gate import Gate, gate, tell_new
from engine.case.refusal import Blocker, Why
from engine.case.signer_commands import ReturnRequest
from engine.case.state import RULE, Actor, Approval, ApprovalState, Ask, DeadlineKind, Request, Verdict
from engine.definition.approval_model import ApprovalSpec, Assurance, OnReject
from engine.definition.guards import Guard
from engine.ids import RequestId

STRENGTH = {Assurance.LINK: 0, Assurance.CODE: 1, Assurance.LOGIN: 2}


def request_transition(draft: Draft, command: cmd.RequestTransition) -> None:
    moves.request(draft, command.transition, work.words(command.reason, "reason"))


def withdraw(draft: Draft, command: cmd.WithdrawRequest) -> None:
    request = may_withdraw(draft, command.request)
    dropped = ev.TransitionDropped(
        request=request.id,
        transition=request.transition,
        why="withdrawn",
        comment=work.words(command.reason, "reason"),
    )
    moves.drop(draft, request, dropped)


def may_withdraw(draft: Draft, name: RequestId) -> Request:
    request = draft.case.requests.get(name)
    if request is None:
        raise Refused(Why.CONFLICT, Blocker(code="request_over", subject=name))
    if request.by != draft.facts.actor.person:
        raise Refused(
            Why.FORBIDDEN, Blocker(code="not_your_request", subject=request.id, waits_for=(request.by,))
        )
    return request


def fire_transition(draft: Draft, command: cmd.FireTransition) -> None:
    moves.fire(draft, command.request, command.flow_run)


def answering(draft: Draft, command: cmd.RecordDecision | ReturnRequest) -> tuple[Gate, Ask]:
    """The approval whoever sends this may answer now, on what was seen, by a way that is strong enough; and
    whose ask it answers.
    """
    at = gate(draft, command.approval)
    approval, request, spec = at.approval, at.request, at.spec
    if command.round not in (None, approval.round) or command.content not in (None, approval.content):
        raise Refused(Why.CONFLICT, Blocker(code="content_changed", subject=approval.id))
    person = draft.facts.actor.person
    ask = own_ask(spec, approval, person)
    if command.issue not in (None, issue_of(approval, person)):
        raise Refused(Why.CONFLICT, Blocker(code="link_replaced", subject=approval.id))
    if draft.facts.same(person, request.by) and not spec.own_request:
        raise Refused(Why.FORBIDDEN, Blocker(code="own_request", subject=approval.id))
    if not may_sign(signed_elsewhere(draft.definition, draft.case, spec), draft.facts, person):
        raise Refused(Why.FORBIDDEN, Blocker(code="signed_elsewhere", subject=approval.id, title=at.title))
    if STRENGTH[command.assurance] < STRENGTH[spec.assurance]:
        raise Refused(Why.FORBIDDEN, Blocker(code="assurance_too_weak", subject=approval.id))
    return at, ask


def record_decision(draft: Draft, command: cmd.RecordDecision) -> None:
    """The answer is the person's who was asked, also when somebody standing in gives it."""
    at, ask = answering(draft, command)
    if command.together:
        _may_together(at, command)
    approval, spec = at.approval, at.spec
    comment = work.words(command.comment, "comment")
    if not comment and _comment_needed(spec, command.verdict):
        raise Refused(Why.BAD_INPUT, Blocker(code="comment_missing", subject=approval.id))
    decided = ev.DecisionRecorded(
        approval=approval.id,
        round=approval.round,
        person=ask.person,
        verdict=command.verdict,
        comment=comment,
        assurance=command.assurance,
        content=approval.content,
        shown_at=command.evidence.shown_at,
        language=command.evidence.language,
        issue=command.evidence.issue,
        client=command.evidence.client,
    )
    before = waited_for(spec.mode, approval)
    draft.add(decided)
    if approval.material is not None and draft.case.approvals[approval.id].material is None:
        deadlines.start(draft, f"{DeadlineKind.APPROVAL}:{approval.id}")
    conclude(draft, approval.id, comment)
    tell_new(draft, approval.id, before)


def _may_together(at: Gate, command: cmd.RecordDecision) -> None:
    """Several at once only where the SOP says so, and each of them seen."""
    if not at.spec.batch:
        raise Refused(Why.FORBIDDEN, Blocker(code="one_at_a_time", subject=at.approval.id, title=at.title))
    if command.round is None or command.content is None:
        raise Refused(Why.BAD_INPUT, Blocker(code="not_seen", subject=at.approval.id, title=at.title))


def _comment_needed(spec: ApprovalSpec, verdict: Verdict) -> bool:
    return spec.comment == "always" or (spec.comment == "on_reject" and verdict is Verdict.REJECT)


def conclude(draft: Draft, name: str, comment: str = "", *, by_rule: bool | None = None) -> None:
    """Closes the approval if the answers (or a rule) decide it; goes on to the next gate, or the end."""
    at = gate(draft, name)
    approval, request, spec = at.approval, at.request, at.spec
    result = outcome(spec, approval) if by_rule is None else by_rule
    if result is None:
        return
    actor = RULE if by_rule is not None else draft.facts.actor
    closed = ev.ApprovalClosed(
        approval=approval.id, granted=result, by_rule=by_rule is not None, notify=approval.copies
    )
    draft.add(closed, actor=actor)
    if spec.id in draft.definition.dated_approvals:
        draft.add_by_rule(ev.AnswerNoted(approval=spec.id))
    deadlines.close(draft, f"{DeadlineKind.APPROVAL}:{approval.id}")
    if result:
        back.ask_last(draft, request.id)
        moves.ready_if_granted(draft, request.id)
    else:
        _rejected(draft, request, spec, comment=comment, actor=actor)


def _rejected(draft: Draft, request: Request, spec: ApprovalSpec, *, comment: str, actor: Actor) -> None:
    returned = spec.on_reject is OnReject.RETURN
    dropped = ev.TransitionDropped(
        request=request.id,
        transition=request.transition,
        why="returned" if returned else "rejected",
        reasons=(Blocker(code="rejected_by", subject=spec.id, title=draft.definition.title_of(spec.id)),),
        comment=comment,
        notify=moves.told(request.by),
    )
    moves.drop(draft, request, dropped)
    if returned and spec.returns is not None:
        _send_back(draft, spec.returns, comment, actor)


def _send_back(draft: Draft, transition: str, comment: str, actor: Actor) -> None:
    """退回: the loop the SOP names is taken for the approver; it asks nobody, so it is ready at once."""
    spec = draft.definition.transitions[transition]
    back = ev.TransitionRequested(
        request=RequestId(f"r{draft.sequence}"),
        transition=spec.id,
        tracks=held_tracks(draft.definition, draft.case, spec),
        reason=comment,
        skipped=tuple(a.id for a in spec.approvals),
    )
    draft.add(back, actor=actor)
    draft.add(ev.TransitionReady(request=back.request))


def reissue_link(draft: Draft, command: cmd.ReissueLink) -> None:
    at = gate(draft, command.approval)
    lent = any(ask.looks == command.person for ask in at.approval.asks)
    if not lent:
        own_ask(at.spec, at.approval, command.person)
    again = ev.LinkReissued(
        approval=at.approval.id,
        person=command.person,
        issue=issue_of(at.approval, command.person) + 1,
        looks=lent,
    )
    draft.add(again)


def ask_again(draft: Draft) -> None:
    """Sign what you see: after values or files changed, what hangs on them follows, and approvals on them
    are asked again.
    """
    before = draft.before
    if before is None:
        return
    names = {*before.values, *draft.case.values}
    changed = frozenset(name for name in names if before.values.get(name) != draft.case.values.get(name))
    if changed:
        milestones.follow_fields(draft, changed)
    if changed or before.attachments != draft.case.attachments:
        for request, spec, approval, changes in tuple(fallen(draft, before)):
            open_approval(draft, request, spec, before=approval, changes=changes)
    if changed:
        _judge_conditions_again(draft, changed)


def _judge_conditions_again(draft: Draft, changed: frozenset[str]) -> None:
    """An approval's `when` that reads a changed field: what was skipped may now be asked, what is asked no
    longer needed.
    """
    for request in tuple(draft.case.requests.values()):
        if request.returned is not None:
            continue
        running = {a.spec: a for a in draft.case.approvals_of(request.id)}
        for spec in draft.definition.transitions[request.transition].approvals:
            if spec.when is None or not changed & _reads(draft, spec.when):
                continue
            before = running.get(spec.id)
            wanted = needed(draft.definition, draft.case, spec, draft.facts)
            if wanted and (before is None or _opened_by_rule(spec, before)):
                open_approval(draft, request, spec, before=before)
            elif not wanted and before is not None and before.state is ApprovalState.OPEN:
                conclude(draft, before.id, by_rule=True)


def _opened_by_rule(spec: ApprovalSpec, approval: Approval) -> bool:
    """Granted without the answers: nobody may slip past a gate by making its condition false for a moment."""
    return approval.state is ApprovalState.GRANTED and outcome(spec, approval) is not True


def _reads(draft: Draft, when: str) -> frozenset[str]:
    guard: Guard = draft.definition.guard(when)
    return guard.reads
