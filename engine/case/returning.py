"""退回: an approver sends a request back to who made it, or with the case to a stage it has left."""

from engine.case import back, deadlines, moves, signing, work
from engine.case import events as ev
from engine.case import signer_commands as cmd
from engine.case import signer_events as se
from engine.case.approvals import needed, open_approval
from engine.case.blockers import Judged, judged, leaving
from engine.case.draft import Draft, Refused
from engine.case.gate import Gate, allowed, tell_new
from engine.case.refusal import Blocker, Why
from engine.case.state import RULE_PERSON, ApprovalState, Case, DeadlineKind, Request, Visit
from engine.definition.approval_model import Act, ApprovalSpec, ReturnTo
from engine.definition.compiled import Definition
from engine.definition.model import TransitionSpec
from engine.ids import RequestId
from engine.text import Text

_REQUESTER = Text("申请人", "the requester")


def send_back(draft: Draft, command: cmd.ReturnRequest) -> None:
    at = may_return(draft, command)
    comment = work.words(command.comment, "comment")
    if not comment:
        raise Refused(Why.BAD_INPUT, Blocker(code="comment_missing", subject=at.approval.id))
    if command.to:
        _to_stage(draft, at, command, comment)
    else:
        _to_requester(draft, at, command, comment)


def may_return(draft: Draft, command: cmd.ReturnRequest) -> Gate:
    at, _ = signing.answering(draft, command)
    allowed(at, Act.RETURN)
    return at


def ways_of(draft: Draft, at: Gate) -> tuple[str, ...]:
    """Where this approval may be sent back to; the requester is the empty one."""
    transition = draft.definition.transitions[at.request.transition]
    own = ("",) if ReturnTo.REQUESTER in at.spec.return_to else ()
    return (*own, *ways_back(draft.definition, draft.case, transition, at.spec))


def _to_requester(draft: Draft, at: Gate, command: cmd.ReturnRequest, comment: str) -> None:
    if ReturnTo.REQUESTER not in at.spec.return_to:
        raise _no_way(draft, at, "requester")
    for approval in draft.case.approvals_of(at.request.id):
        if approval.state is ApprovalState.OPEN:
            deadlines.stop(draft, f"{DeadlineKind.APPROVAL}:{approval.id}")
    returned = se.RequestReturned(
        request=at.request.id,
        approval=at.approval.id,
        person=draft.facts.actor.person,
        straight_back=command.straight_back,
        comment=comment,
        notify=moves.told(at.request.by) or moves.told(draft.case.opened_by),
    )
    draft.add(returned)


def _to_stage(draft: Draft, at: Gate, command: cmd.ReturnRequest, comment: str) -> None:
    """The request ends; the case moves there by rule, as if it had come to the stage again."""
    transition = draft.definition.transitions[at.request.transition]
    possible = ways_back(draft.definition, draft.case, transition, at.spec)
    visit = possible.get(command.to)
    if visit is None:
        raise _no_way(draft, at, command.to)
    dropped = ev.TransitionDropped(
        request=at.request.id,
        transition=transition.id,
        why="returned",
        comment=comment,
        notify=moves.told(at.request.by),
        straight_back=at.approval.id if command.straight_back else None,
    )
    moves.drop(draft, at.request, dropped)
    moves.go_back(draft, visit, command.to)


def ways_back(
    definition: Definition, case: Case, transition: TransitionSpec, spec: ApprovalSpec
) -> dict[str, Visit]:
    """The stages the case may be sent back to from this approval, each with the visit it would leave."""
    found: dict[str, Visit] = {}
    for visit in leaving(definition, case, transition):
        here = definition.order[visit.stage]
        left = [
            stage.id
            for stage in definition.sop.stages
            if stage.track == visit.track and stage.id in case.left and definition.order[stage.id] < here
        ]
        wanted = left if ReturnTo.EARLIER in spec.return_to else left[-1:]
        if {ReturnTo.EARLIER, ReturnTo.PREVIOUS} & set(spec.return_to):
            found |= dict.fromkeys(wanted, visit)
    return found


def _no_way(draft: Draft, at: Gate, to: str) -> Refused:
    transition = draft.definition.transitions[at.request.transition]
    stages = ways_back(draft.definition, draft.case, transition, at.spec)
    titles = [draft.definition.title_of(stage) for stage in stages]
    if ReturnTo.REQUESTER in at.spec.return_to:
        titles.insert(0, _REQUESTER)
    detail = {"zh": "、".join(t.zh for t in titles) or "—", "en": ", ".join(t.en for t in titles) or "—"}
    return Refused(Why.FORBIDDEN, Blocker(code="no_such_way_back", subject=to, detail=detail))


def resubmit(draft: Draft, command: cmd.ResubmitRequest) -> None:
    request = may_resubmit(draft, command.request)
    transition = draft.definition.transitions[request.transition]
    subject = Judged(
        definition=draft.definition,
        case=draft.case,
        transition=transition,
        facts=draft.facts,
        firing=request,
    )
    stops = judged(subject)
    if stops:
        raise Refused(Why.BLOCKED, *stops)
    sent = request.returned
    back_to = draft.case.approvals[sent.approval].spec if sent and sent.straight_back else None
    reason = work.words(command.reason, "reason")
    draft.add(se.RequestResubmitted(request=request.id, back_to=back_to, reason=reason))
    for spec in transition.approvals:
        _ask_anew(draft, request, spec, straight=back_to is not None)
    back.ask_last(draft, request.id)
    moves.ready_if_granted(draft, request.id)


def may_resubmit(draft: Draft, name: RequestId) -> Request:
    request = draft.case.requests.get(name)
    if request is None:
        raise Refused(Why.CONFLICT, Blocker(code="request_over", subject=name))
    if request.returned is None:
        raise Refused(Why.CONFLICT, Blocker(code="not_returned", subject=request.id))
    if request.by not in (draft.facts.actor.person, RULE_PERSON):
        waits = (request.by,)
        raise Refused(Why.FORBIDDEN, Blocker(code="not_your_request", subject=request.id, waits_for=waits))
    return request


def _ask_anew(draft: Draft, request: Request, spec: ApprovalSpec, *, straight: bool) -> None:
    """Everything again; or, coming straight back, only what is new or shows something else than before."""
    request = draft.case.requests[request.id]
    before = next((a for a in draft.case.approvals_of(request.id) if a.spec == spec.id), None)
    if not needed(draft.definition, draft.case, spec, draft.facts):
        if before is not None and before.state is not ApprovalState.GRANTED:
            signing.conclude(draft, before.id, by_rule=True)
    elif before is None or not straight:
        open_approval(draft, request, spec, before=before)
    elif spec.id == request.back_to:
        return
    elif not back.same_content(draft, request, spec, before):
        open_approval(draft, request, spec, before=before)
    elif before.state is ApprovalState.OPEN:
        deadlines.start(draft, f"{DeadlineKind.APPROVAL}:{before.id}")
        tell_new(draft, before.id, ())
