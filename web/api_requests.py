"""What the API gives of open requests: everything there is about each approval, in the words of
engine.case.state.
"""

from datetime import datetime
from typing import Any, Self

from engine.case.awaiting import waited_for
from engine.case.blockers import waiting
from engine.case.facts import Facts
from engine.case.open_acts import OpenActs, open_acts, open_on_request
from engine.case.standing_still import Wait
from engine.case.state import (
    Approval,
    Ask,
    Case,
    Deadline,
    DeadlineKind,
    Delegation,
    Question,
    Request,
    Returned,
)
from engine.definition.compiled import Definition
from web.api_words import Out, Words2, example

_AT = "2026-11-24T01:30:00Z"
_DELEGATION = {"to": "xia", "reason": "条款你更熟", "opinion": "可以，第三条请改"}
_QUESTION = {"by": "bob", "text": "请补充印刷报价明细"}
_ASK: dict[str, Any] = {
    "person": "bob",
    "role": "lead",
    "weight": 1,
    "part": "bob",
    "place": "anchor",
    "added_by": None,
    "taken_from": "liu",
    "delegation": _DELEGATION,
    "looks": None,
    "stand_ins": ["yan"],
    "issue": 1,
    "verdict": "approve",
    "by": "yan",
    "at": _AT,
    "comment": "同意",
    "via": "link",
}
_OPEN_ACTS: dict[str, Any] = {
    "acts": ["add", "comment", "copy", "decide", "return", "transfer"],
    "to": ["eve", "xia"],
    "out": [],
    "ways": ["", "draft"],
}
_APPROVAL: dict[str, Any] = {
    "id": "a9",
    "spec": "sign",
    "title": {"zh": "主管审批", "en": "Lead's approval"},
    "mode": "all",
    "round": 2,
    "opened_at": _AT,
    "state": "open",
    "content": "5b1f0c…",
    "assurance": "code",
    "threshold": None,
    "unfilled": [],
    "gone": [],
    "removed": [],
    "copies": ["ann"],
    "material": _QUESTION,
    "nudged_at": None,
    "due_at": "2026-11-25T10:00:00Z",
    "provisional": False,
    "stopped_at": _AT,
    "waits_for": ["eve"],
    "open_acts": _OPEN_ACTS,
    "asks": [_ASK],
}
_RETURNED = {"by": "bob", "approval": "a9", "straight_back": True}


class DelegationOut(Out):
    """`opinion` is null until it is handed back."""

    model_config = example(**_DELEGATION)
    to: str
    reason: str
    opinion: str | None

    @classmethod
    def of(cls, lent: Delegation) -> Self:
        return cls(to=lent.to, reason=lent.reason, opinion=lent.opinion)


class QuestionOut(Out):
    """Material an approver asks for; the approval's clock stands still until it is given."""

    model_config = example(**_QUESTION)
    by: str
    text: str

    @classmethod
    def of(cls, question: Question) -> Self:
        return cls(by=question.by, text=question.text)


class AskOut(Out):
    """One person asked. `place` is where they stand in their `part`: anchor (whom the SOP asks), or added
    before, beside or after. `looks` is who looks at it for them now, `stand_ins` may answer in their stead.
    `verdict`, `at`, `comment` and `via` are their decision, given `by` themselves or a stand-in.
    """

    model_config = example(**_ASK)
    person: str
    role: str
    weight: int
    part: str
    place: str
    added_by: str | None
    taken_from: str | None
    delegation: DelegationOut | None
    looks: str | None
    stand_ins: list[str]
    issue: int
    verdict: str | None
    by: str | None
    at: datetime | None
    comment: str
    via: str | None

    @classmethod
    def of(cls, ask: Ask) -> Self:
        said = ask.decision
        return cls(
            person=ask.person,
            role=ask.role,
            weight=ask.weight,
            part=ask.of_part,
            place=ask.place.value,
            added_by=ask.added_by,
            taken_from=ask.taken_from,
            delegation=DelegationOut.of(ask.delegation) if ask.delegation else None,
            looks=ask.looks,
            stand_ins=list(ask.stand_ins),
            issue=ask.issue,
            verdict=said.verdict.value if said else None,
            by=said.by if said else None,
            at=said.at if said else None,
            comment=said.comment if said else "",
            via=said.via.value if said else None,
        )


class OpenActsOut(Out):
    """What the caller may do now, judged by what the commands themselves ask. `to`: who may be handed it, be
    added, or look at it. `out`: whom the caller may take out. `ways`: where it may be sent back to, by stage;
    the empty one is the requester.
    """

    model_config = example(**_OPEN_ACTS)
    acts: list[str]
    to: list[str]
    out: list[str]
    ways: list[str]

    @classmethod
    def of(cls, found: OpenActs) -> Self:
        acts = sorted(act.value for act in found.acts)
        return cls(acts=acts, to=list(found.to), out=list(found.out), ways=list(found.ways))


class ApprovalOut(Out):
    """`waits_for` is who has to act now; `unfilled` are the roles nobody could sign for; `gone` are those
    asked who have left and without whom it cannot pass; `removed` are the parts taken out by hand.
    `threshold` is the weight a vote needs. `stopped_at` is when its clock was stopped.
    """

    model_config = example(**_APPROVAL)
    id: str
    spec: str
    title: Words2
    mode: str
    round: int
    opened_at: datetime
    state: str
    content: str
    assurance: str
    threshold: int | None
    unfilled: list[str]
    gone: list[str]
    removed: list[str]
    copies: list[str]
    material: QuestionOut | None
    nudged_at: datetime | None
    due_at: datetime | None
    provisional: bool
    stopped_at: datetime | None
    waits_for: list[str]
    open_acts: OpenActsOut
    asks: list[AskOut]

    @classmethod
    def of(cls, definition: Definition, case: Case, approval: Approval, facts: Facts) -> Self:
        transition = case.requests[approval.request].transition
        mode = definition.approval(transition, approval.spec).mode
        clock = case.deadlines.get(f"{DeadlineKind.APPROVAL}:{approval.id}")
        return cls(
            id=approval.id,
            spec=approval.spec,
            title=Words2.of(definition.title_of(approval.spec)),
            mode=mode.value,
            round=approval.round,
            opened_at=approval.opened_at,
            state=approval.state.value,
            content=approval.content,
            assurance=approval.assurance.value,
            threshold=approval.threshold,
            unfilled=list(approval.unfilled),
            gone=list(approval.gone),
            removed=list(approval.removed),
            copies=list(dict.fromkeys(approval.copies)),
            material=QuestionOut.of(approval.material) if approval.material else None,
            nudged_at=approval.nudged_at,
            due_at=clock.due_at if clock else None,
            provisional=clock is not None and clock.provisional,
            stopped_at=clock.stopped_at if clock else None,
            waits_for=list(waited_for(mode, approval)),
            open_acts=OpenActsOut.of(open_acts(definition, case, approval.id, facts)),
            asks=[AskOut.of(ask) for ask in approval.asks],
        )


class ReturnedOut(Out):
    """The request lies with its requester. `straight_back`: then only whoever returned it is asked again."""

    model_config = example(**_RETURNED)
    by: str
    approval: str
    straight_back: bool

    @classmethod
    def of(cls, returned: Returned) -> Self:
        return cls(by=returned.by, approval=returned.approval, straight_back=returned.straight_back)


class LastOut(Out):
    """The answer nobody has acted after: it may still be taken back."""

    approval: str
    person: str


class RequestOut(Out):
    """`waits_for` is who has to act now: those asked, or the requester when it was returned. `back_to` names
    the approval, as the SOP does, that returned it and is asked last. `skipped` are approvals not needed.
    `open_acts` are those on the request itself: the caller may withdraw it, or put it forward again.
    """

    model_config = example(
        id="r8",
        transition="publish",
        title={"zh": "提交发布", "en": "Submit"},
        tracks=["main"],
        by="ann",
        at=_AT,
        reason="赶档期",
        state="pending",
        skipped=[],
        last=None,
        returned=_RETURNED,
        back_to=None,
        waits_for=["ann"],
        open_acts=["resubmit", "withdraw"],
        approvals=[_APPROVAL],
    )
    id: str
    transition: str
    title: Words2
    tracks: list[str]
    by: str
    at: datetime
    reason: str
    state: str
    skipped: list[str]
    last: LastOut | None
    returned: ReturnedOut | None
    back_to: str | None
    waits_for: list[str]
    open_acts: list[str]
    approvals: list[ApprovalOut]

    @classmethod
    def of(cls, definition: Definition, case: Case, request: Request, facts: Facts) -> Self:
        approvals = [ApprovalOut.of(definition, case, a, facts) for a in case.approvals_of(request.id)]
        waits = [blocker.waits_for for blocker in waiting(definition, case, request)]
        return cls(
            id=request.id,
            transition=request.transition,
            title=Words2.of(definition.title_of(request.transition)),
            tracks=list(request.tracks),
            by=request.by,
            at=request.at,
            reason=request.reason,
            state=request.state.value,
            skipped=list(request.skipped),
            last=LastOut(approval=request.last[0], person=request.last[1]) if request.last else None,
            returned=ReturnedOut.of(request.returned) if request.returned else None,
            back_to=request.back_to,
            waits_for=list(dict.fromkeys(person for persons in waits for person in persons)),
            open_acts=sorted(a.value for a in open_on_request(definition, case, request.id, facts)),
            approvals=approvals,
        )


class WaitOut(Out):
    """A stage that waits for somebody outside. `until`: its clock runs on by itself then."""

    stage: str
    since: datetime | None
    by: str | None
    waits_for: str
    reason: str
    until: datetime | None

    @classmethod
    def of(cls, wait: Wait) -> Self:
        return cls(**{name: getattr(wait, name) for name in cls.model_fields})


class DeadlineOut(Out):
    """`paused`: the case is on hold. `stopped_at`: this clock alone stands still since then."""

    id: str
    kind: str
    subject: str
    track: str | None
    owner: str | None
    due_at: datetime
    missed_at: datetime | None
    provisional: bool
    paused: bool
    stopped_at: datetime | None
    reminded: int
    escalated: int

    @classmethod
    def of(cls, deadline: Deadline) -> Self:
        return cls(
            **{**{name: getattr(deadline, name) for name in cls.model_fields}, "kind": deadline.kind.value}
        )
